/* Checks a plan without knowing how it was made: shares no code with the planner. */
#ifndef LP_PLAN_PLAN_CHECK_H
#define LP_PLAN_PLAN_CHECK_H

#include "compiler/plan/plan.h"

/* True when every block is aligned, ends inside arena_bytes, and shares no byte with a block alive in the same epoch,
 * except where an overlap allows it. False as well for reversed epochs and an alignment of 0. */
bool lp_plan_is_sound(const struct lp_block *blocks, uint32_t block_count, const struct lp_overlap *overlaps,
                      uint32_t overlap_count, uint32_t arena_bytes);

#endif
