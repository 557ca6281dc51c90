/* A parameter blob cannot be smaller than what its layers read. */
#ifndef LP_LOWER_STORED_H
#define LP_LOWER_STORED_H

#include "compiler/lower/program.h"

/* Bytes of the kernels of all convolutions and matrix products of the graph, without rows and columns that never lie on the
 * map; a kernel that several of them share counts once. Every target has to store these at least, however it lays them out. */
lp_status lp_stored_least_bytes(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, int64_t *out);

/* LP_INTERNAL when the program's weights have fewer bytes, those that equal ones saved included: its ledger contradicts its
 * layers. */
lp_status lp_stored_check(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                          const struct lp_program *program);

#endif
