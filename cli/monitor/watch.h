/* The monitor's loop: tick, poll, pipeline, network, lines. */
#ifndef LP_CLI_MONITOR_WATCH_H
#define LP_CLI_MONITOR_WATCH_H

#include "cli/monitor/network.h"
#include "cli/monitor/source.h"

struct lp_watch {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_monitor_config *config;
    struct lp_monitor_network network; /* open */
    struct lp_monitor_source source;
    struct lp_monitor_clock clock;
    const volatile int *stop; /* not zero: end cleanly */
    uint64_t max_windows;     /* 0: no limit */
    double max_seconds;       /* 0: no limit */
    bool terminal;            /* what `auto` decides by */
};

/* Checks that configuration and network fit together, and takes over the network's numbers into config->pipeline. */
lp_status lp_watch_fit(const struct lp_watch *watch);

/* Runs until *stop, a limit, or until nothing takes its lines any more. All lines are written when it returns. LP_IO when an
 * output failed (it was said). */
lp_status lp_watch_run(struct lp_watch *watch);

#endif
