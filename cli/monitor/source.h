/* Where the samples come from, and what time it is: the two things that tests replace to play an hour in a second. */
#ifndef LP_CLI_MONITOR_SOURCE_H
#define LP_CLI_MONITOR_SOURCE_H

#include "cli/monitor/link.h"

struct lp_monitor_clock {
    void *ctx;
    int64_t (*now_us)(void *ctx); /* never goes back */
    /* Returns at that time, or earlier when a signal asks to stop. */
    void (*sleep_until_us)(void *ctx, int64_t time_us);
};

struct lp_monitor_source {
    void *ctx;
    /* Starts one poll of everything and fills values[feature] with what came until the deadline, NaN for the rest. */
    void (*sample)(void *ctx, uint64_t tick, int64_t deadline_us, float *values);
    /* Counters of one device as they are now. */
    void (*counters)(void *ctx, uint32_t device, struct lp_device_counters *counters);
};

/* CLOCK_MONOTONIC with absolute sleeps, so that polls do not drift. */
extern const struct lp_monitor_clock lp_monitor_real_clock;

/* One thread for each line, so that a line without answers does not delay the others. */
struct lp_poller;

lp_status lp_poller_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_monitor_config *config,
                         struct lp_poller **poller);
struct lp_monitor_source lp_poller_source(struct lp_poller *poller);
/* Ends all waiting and joins the threads. */
void lp_poller_close(struct lp_poller *poller);

#endif
