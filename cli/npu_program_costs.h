/* What the simulator counted in one inference, as JSON. */
#ifndef LP_CLI_NPU_PROGRAM_COSTS_H
#define LP_CLI_NPU_PROGRAM_COSTS_H

#include <jansson.h>

#include "simulator/neural-art/executor.h"

/* An array by epoch: cycles, bytes by pool and direction, and for each unit cycles, products, clamped values, words and frames.
 * A new reference; null without memory. */
json_t *lp_npu_program_costs(const struct lp_sim_report *report);

#endif
