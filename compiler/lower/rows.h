/* Chains of convolutions and pools that run by rows (struct lp_rows): which there are, and how far behind its input such a chain writes. */
#ifndef LP_LOWER_ROWS_H
#define LP_LOWER_ROWS_H

#include "compiler/lower/lowering.h"
#include "contract/kernel_args.h"

/* Chains of a planned program with a tensor between their operators that is alive where the arena is fullest; the largest such
 * tensors first, for each the longer chain first. Returns how many there are, at most `room`. */
uint32_t lp_lower_find_rows(struct lp_arena *arena, const struct lp_program *program, const struct lp_graph *graph,
                            struct lp_rows_chain *chains, uint32_t room);

/* Makes one epoch of those that the chain's operators have just been lowered to. They stay as they are when one of them took
 * several. */
lp_status lp_lower_rows(struct lp_lowering *l, const struct lp_rows_chain *chain);

/* How far below its first input the output may begin, at least. */
int64_t lp_rows_gap_bytes(const struct lp_rows_shape *stages, uint32_t count);

#endif
