/* The shape of everything an operator computes, derived from its inputs and options. */
#ifndef LP_ANALYZE_SHAPES_H
#define LP_ANALYZE_SHAPES_H

#include "compiler/graph/graph.h"

/* Recomputes every operator's output shapes, in the graph's order, and fills in kernel_* and pad_* of its window.
 * needs: a graph whose tensor indices are in range (lp_graph_verify).
 * Operators whose result is known already (SHAPE, arithmetic on shapes, constants that are moved) leave the graph: what they
 * computed becomes constant, in the graph's arena. Operators keep their source_index.
 * A shape that the model declares has to be the computed one; a declared rank of 0 is taken as "not said" and replaced.
 * LP_BAD_INPUT: shapes or options contradict each other or are out of range. LP_UNSUPPORTED: a shape operand (axes,
 * paddings, new shape) is not a constant. The message names the operator. Nothing about the graph may be relied on then. */
lp_status lp_analyze_shapes(struct lp_graph *graph, struct lp_diag *diag);

#endif
