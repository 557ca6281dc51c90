/* Networks that are compiled here: what the targets have in common. */
#ifndef LP_CLI_MONITOR_NETWORK_COMPILED_H
#define LP_CLI_MONITOR_NETWORK_COMPILED_H

#include "cli/monitor/network.h"
#include "cli/session.h"

struct lp_monitor_compiled {
    struct lp_session session; /* owns all memory, and what went wrong */
    struct lp_unit unit;
};

/* Reads the model, compiles it for a target and describes it in `network`. Messages are in the session. */
lp_status lp_monitor_compile(struct lp_monitor_compiled *compiled, const char *target, const char *model_path,
                             struct lp_monitor_network *network);

/* Repeats the session's errors in `diag`. Returns `status`. */
lp_status lp_monitor_compiled_tell(const struct lp_monitor_compiled *compiled, lp_status status, struct lp_diag *diag);
void lp_monitor_compiled_free(struct lp_monitor_compiled *compiled);

/* The kernels of this program; the NPU's simulator. */
lp_monitor_open_network lp_monitor_open_host, lp_monitor_open_npu;

#endif
