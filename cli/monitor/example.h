/* `monitor --init MODEL`: a configuration that works with `limpid sensor`, to be changed. */
#ifndef LP_CLI_MONITOR_EXAMPLE_H
#define LP_CLI_MONITOR_EXAMPLE_H

#include "cli/monitor/network.h"
#include "compiler/base/text.h"

/* Names, units, means, deviations and resolutions come from MODEL.ini beside MODEL.tflite when there is such a file; else they
 * are placeholders. An error when that file contradicts the network. */
lp_status lp_monitor_example(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                             const struct lp_monitor_network *network, struct lp_text *out);

#endif
