/* The same network with another quantization of one tensor: what a converter would have made of another calibration. */
#ifndef LP_DIAGNOSE_RESCALE_H
#define LP_DIAGNOSE_RESCALE_H

#include "compiler/graph/graph.h"

/* A copy of the graph in which `tensor`, and all that only renames its bytes, has this scale and zero point; biases of the
 * layers that read it are rounded anew. *out null: an operator around it ties its scale to another tensor's. */
lp_status lp_rescale(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, int32_t tensor, float scale,
                     int32_t zero_point, struct lp_graph **out);

/* A copy in which input channel i of the first layer with weights is larger by factors[i]: the input holds value / factor.
 * *out null: the input is not read by a layer with weights of that many channels. */
lp_status lp_rescale_channels(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const float *factors,
                              struct lp_graph **out);

#endif
