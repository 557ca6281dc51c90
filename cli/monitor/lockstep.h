/* A sample after the other as fast as the devices answer, each one period behind the last whatever the clock says: to compare
 * with
 * firmware built for it, and to try hours in minutes with a sensor that steps by request. */
#ifndef LP_CLI_MONITOR_LOCKSTEP_H
#define LP_CLI_MONITOR_LOCKSTEP_H

#include "cli/monitor/source.h"

struct lp_lockstep {
    int64_t now_us;
    struct lp_monitor_source source; /* the real one */
};

struct lp_monitor_clock lp_lockstep_clock(struct lp_lockstep *lockstep);
struct lp_monitor_source lp_lockstep_source(struct lp_lockstep *lockstep);

#endif
