/* Parameters of a model found in an image by their content, where nothing lists them. */
#ifndef LP_CLI_EXPLAIN_STREAMS_H
#define LP_CLI_EXPLAIN_STREAMS_H

#include "cli/explain/folder.h"

/* Looks for the kernels of the graph's layers in the order in which the NPU's units read them, in every tiling that is known, and
 * for the vectors of factors and constants that its compiler makes of scales and biases. What is found becomes parameters of
 * folder->build, one layer "operator_N" for each operator. */
lp_status lp_streams_find(struct lp_session *session, const struct lp_graph *graph, struct lp_explain_folder *folder);

#endif
