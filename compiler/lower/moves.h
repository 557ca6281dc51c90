/* Tensors that change their place between two operators (compiler/plan/lift.h says why), and which could. */
#ifndef LP_LOWER_MOVES_H
#define LP_LOWER_MOVES_H

#include "compiler/lower/lower.h"
#include "compiler/plan/lift.h"

/* The planned program's tensors that could be moved: as blocks and epochs for the planner, and as what lowering is told to do.
 * Both have room for `room`; returns how many there are, at most that. */
uint32_t lp_lower_find_lifts(const struct lp_program *program, const struct lp_graph *graph, uint32_t peak_bytes,
                             struct lp_lift *lifts, struct lp_move_before *moves, uint32_t room);

#endif
