#include "cli/monitor/lockstep.h"

#include <stddef.h>

/* Longer than any time-out of a device: the poll itself says when it ends. */
static const int64_t patience_us = 3600000000;

static int64_t now_us(void *ctx)
{
    return ((struct lp_lockstep *)ctx)->now_us;
}

static void sleep_until_us(void *ctx, int64_t time_us)
{
    ((struct lp_lockstep *)ctx)->now_us = time_us;
}

static void sample(void *ctx, uint64_t tick, int64_t deadline_us, float *values)
{
    struct lp_lockstep *l = ctx;
    (void)deadline_us;
    l->source.sample(l->source.ctx, tick, lp_monitor_real_clock.now_us(NULL) + patience_us, values);
}

static void counters(void *ctx, uint32_t device, struct lp_device_counters *out)
{
    struct lp_lockstep *l = ctx;
    l->source.counters(l->source.ctx, device, out);
}

struct lp_monitor_clock lp_lockstep_clock(struct lp_lockstep *lockstep)
{
    return (struct lp_monitor_clock){lockstep, now_us, sleep_until_us};
}

struct lp_monitor_source lp_lockstep_source(struct lp_lockstep *lockstep)
{
    return (struct lp_monitor_source){lockstep, sample, counters};
}
