/* Where it pays to move a block up. A chain of operators that each write a little below what they read goes down step by step, and
 * all those steps are room; moving the bytes up again in the middle costs a copy and saves half of it. */
#ifndef LP_PLAN_LIFT_H
#define LP_PLAN_LIFT_H

#include "compiler/plan/plan.h"

/* An epoch of its own, just before `epoch`, which is the last to use `block`, moves the block. */
struct lp_lift {
    uint32_t block;
    uint32_t epoch;
};

/* `result` is the plan of `problem` without a lift. Tries each candidate in a plan of its own and sets *best to the index of the one
 * that makes the arena smallest, or to `count` when none saves a 32nd, and 256 bytes. The problem's own offsets are left as they are. */
lp_status lp_plan_find_lift(const struct lp_plan_problem *problem, const struct lp_plan_result *result,
                            const struct lp_lift *candidates, uint32_t count, uint32_t *best);

#endif
