/* `monitor --header FILE CONFIG.ini`: the configuration as a C header for firmware, so that device and PC read the same registers
 * and decide by the same rules. */
#ifndef LP_CLI_MONITOR_HEADER_H
#define LP_CLI_MONITOR_HEADER_H

#include "cli/monitor/config.h"

/* The configuration must have been fitted to its network (lp_watch_fit). */
void lp_monitor_header(const struct lp_monitor_config *config, struct lp_text *out);

#endif
