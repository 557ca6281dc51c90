/* Which layers of a build are which operators of a model. */
#ifndef LP_EXPLAIN_MATCH_H
#define LP_EXPLAIN_MATCH_H

#include "compiler/graph/graph.h"
#include "explain/ledger.h"

struct lp_build_match {
    int32_t *op_of_layer; /* by layer of the ledger: operator of the graph, -1: none */
    uint32_t matched, ops_with_weights;
};

/* Layers in the order of their node numbers and operators with weights in the order of the graph are the same where number of
 * filters and of weights agree; as many pairs as possible, none crossing another. The result lives in `arena`. */
lp_status lp_build_match(struct lp_arena *arena, struct lp_diag *diag, const struct lp_build_ledger *ledger,
                         const struct lp_graph *graph, struct lp_build_match *out);

#endif
