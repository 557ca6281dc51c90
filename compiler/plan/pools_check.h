/* Checks where blocks lie in several memories, without knowing how that came about: shares no code with pools.c. */
#ifndef LP_PLAN_POOLS_CHECK_H
#define LP_PLAN_POOLS_CHECK_H

#include "compiler/plan/pools.h"

/* True when every block with bytes is aligned, lies in writable memory that goes on without a gap and is not forbidden, with
 * LP_PREFETCH_BYTES of memory behind it; owns whole lines where it must; and shares no byte (where it owns lines: no line)
 * with a block alive in the same epoch, except where an overlap allows it. */
bool lp_pools_are_sound(const struct lp_pools_problem *problem, const uint64_t *addresses);

#endif
