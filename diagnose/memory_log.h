/* Parts of the weighing of a device log: what the CRCs say. Internal to diagnose/. */
#ifndef LP_DIAGNOSE_MEMORY_LOG_H
#define LP_DIAGNOSE_MEMORY_LOG_H

#include "diagnose/findings.h"
#include "diagnose/layers.h"

/* Input buffers: type, layout, and whether memory holds what the CPU wrote. */
lp_status lp_weigh_log_inputs(const struct lp_case *c, struct lp_findings *f);

/* The first epoch that deviates; needs the device's own program to know what an epoch should give, else looks for results
 * that do not follow the input. */
lp_status lp_weigh_log_epochs(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f);

/* Whether the CPU reads what the last epoch wrote. */
void lp_weigh_log_outputs(const struct lp_case *c, struct lp_findings *f);

/* Input and output of the network share a cache line. */
bool lp_log_shares_line(const struct lp_device_log *log);

#endif
