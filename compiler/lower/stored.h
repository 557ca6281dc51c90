/* A parameter blob cannot be smaller than what its layers read. */
#ifndef LP_LOWER_STORED_H
#define LP_LOWER_STORED_H

#include "compiler/lower/program.h"

/* Bytes of the kernels of all convolutions and matrix products of the graph; one that several of them share counts once. Every
 * target has to store these at least, however it lays them out. */
int64_t lp_stored_least_bytes(const struct lp_graph *graph);

/* LP_INTERNAL when the program's weights have fewer bytes: its ledger contradicts its layers. */
lp_status lp_stored_check(const struct lp_graph *graph, const struct lp_program *program, struct lp_diag *diag);

#endif
