/* Making the new graph, private to the folder. */
#ifndef LP_OPTIMIZE_REWRITE_H
#define LP_OPTIMIZE_REWRITE_H

#include "compiler/optimize/channels.h"

struct lp_rewrite {
    const struct lp_channels *channels;
    const struct lp_graph *before;
    struct lp_graph *after;
    uint32_t *readers;        /* by tensor of `before`: operators that need it, and graph outputs */
    uint32_t tensor_capacity; /* of after->tensors */
    struct lp_removed_layer *layers;
    bool is_changed;
    bool only_tflite;
    bool keep_kernels;
};

/* rewrite.c. A copy of the graph without the operators that nobody needs, its activations with the channels that stay. */
lp_status lp_rewrite_graph(struct lp_rewrite *w);

/* The operator's i-th input becomes `tensor`, a changed copy of what it was: in its place when nobody else reads that, else
 * as a further tensor. */
lp_status lp_rewrite_input(struct lp_rewrite *w, struct lp_op *op, uint32_t i, const struct lp_tensor *tensor);

/* Adds a tensor that the graph did not have. */
lp_status lp_rewrite_add_tensor(struct lp_rewrite *w, const struct lp_tensor *tensor, int32_t *index);

/* rewrite_weights.c. Weights, scales and biases of what stays; the biases take over the channels that go. `before` is the
 * operator as it was. */
lp_status lp_rewrite_weighted(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);

/* rewrite_operands.c. A constant summand; the new shape of a RESHAPE; the shape that TRANSPOSE_CONV gives. */
lp_status lp_rewrite_summand(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_new_shape(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_out_shape(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);

/* rewrite_moves.c. Sizes, begins and paddings along the channels; a SPLIT with unequal parts becomes a SPLIT_V. */
lp_status lp_rewrite_slice(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_pads(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_split(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_split_v(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);
lp_status lp_rewrite_squeeze(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);

/* trim.c. Rows and columns at the kernel's edges that are zero in all filters. */
lp_status lp_rewrite_trim(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op);

#endif
