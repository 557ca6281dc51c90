/* What the shape rule of one operator works with. One file per operator family holds the rules; shapes.c has the table. */
#ifndef LP_ANALYZE_SHAPE_RULES_H
#define LP_ANALYZE_SHAPE_RULES_H

#include "compiler/analyze/shapes.h"

/* Kernel, stride, dilation and padding fit the uint16 members of the kernels' argument structures. */
enum { LP_WINDOW_LIMIT = 65535 };

/* Dimensions are wide here, so that sums and products of hostile values stay defined until lp_shape_set judges them. */
struct lp_shape {
    uint32_t rank;
    int64_t dims[LP_MAX_RANK];
};

struct lp_shape_work {
    struct lp_graph *graph;
    struct lp_diag *diag;
    struct lp_op *op;
};

typedef lp_status lp_shape_rule(struct lp_shape_work *w);

lp_shape_rule lp_shape_conv_2d, lp_shape_depthwise_conv_2d, lp_shape_pool_2d, lp_shape_transpose_conv; /* shape_window.c */
lp_shape_rule lp_shape_fully_connected, lp_shape_batch_matmul;                                         /* shape_dense.c */
lp_shape_rule lp_shape_like_input, lp_shape_broadcast;                                                 /* shape_elementwise.c */
lp_shape_rule lp_shape_svdf;
lp_shape_rule lp_shape_mean, lp_shape_arg_max;                          /* shape_reduce.c */
lp_shape_rule lp_shape_pad, lp_shape_mirror_pad;                        /* shape_pad.c */
lp_shape_rule lp_shape_move, lp_shape_gather, lp_shape_resize;          /* shape_move.c */
lp_shape_rule lp_shape_space_to_batch, lp_shape_batch_to_space;         /* shape_space_batch.c */
lp_shape_rule lp_shape_shape, lp_shape_range;                           /* fold.c */
lp_shape_rule lp_shape_reshape, lp_shape_expand_dims, lp_shape_squeeze; /* shape_reshape.c */

/* Reports `operator 3 (CONV_2D 'name'): ...`. */
lp_status lp_shape_error(const struct lp_shape_work *w, lp_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A shape as text, "1x49x10x1" or "scalar". Returns `buffer`. */
enum { LP_SHAPE_TEXT_BYTES = 21 * LP_MAX_RANK };
const char *lp_shape_name(const struct lp_shape *shape, char buffer[LP_SHAPE_TEXT_BYTES]);

/* The shape of a tensor that shapes.c has found to be present and sane: every dimension 1 or more. */
struct lp_shape lp_shape_of(const struct lp_tensor *tensor);

/* The output gets this shape, or the model's declared shape is proved to be the same. */
lp_status lp_shape_set(struct lp_shape_work *w, uint32_t output, const struct lp_shape *shape);

/* Input i must have this rank; `what` names the input in the message ("the input"). */
lp_status lp_shape_need_rank(const struct lp_shape_work *w, uint32_t input, uint32_t rank, const char *what);

/* An optional bias at input i: one value per output channel. */
lp_status lp_shape_check_bias(const struct lp_shape_work *w, uint32_t input, int64_t channels);

/* The integers of a constant shape operand, int32 or int64; at most `limit` of them. */
lp_status lp_shape_constant(const struct lp_shape_work *w, uint32_t input, const char *what, int64_t *values, uint32_t limit,
                            uint32_t *count);

/* The same, or what lp_expected_operand says of an input of the graph; at most LP_MAX_RANK numbers. */
lp_status lp_shape_operand(const struct lp_shape_work *w, uint32_t input, const char *what, int64_t *values, uint32_t *count);

/* An axis of a tensor of that rank, -rank..rank-1, as 0..rank-1. */
lp_status lp_shape_axis(const struct lp_shape_work *w, int64_t axis, uint32_t rank, uint32_t *out);

#endif
