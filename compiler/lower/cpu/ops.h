/* The lowering of each operator to CPU kernels; table.c says which serves which. */
#ifndef LP_LOWER_CPU_OPS_H
#define LP_LOWER_CPU_OPS_H

#include "compiler/lower/lowering.h"

lp_lower_op lp_lower_add;
lp_lower_op lp_lower_arg_max;
lp_lower_op lp_lower_average_pool_2d;
lp_lower_op lp_lower_batch_matmul;
lp_lower_op lp_lower_batch_to_space;
lp_lower_op lp_lower_binary;
lp_lower_op lp_lower_cast;
lp_lower_op lp_lower_conv_2d;
lp_lower_op lp_lower_depthwise_conv_2d;
lp_lower_op lp_lower_dequantize;
lp_lower_op lp_lower_fully_connected;
lp_lower_op lp_lower_gather;
lp_lower_op lp_lower_l2_normalization;
lp_lower_op lp_lower_leaky_relu;
lp_lower_op lp_lower_log_softmax;
lp_lower_op lp_lower_max_pool_2d;
lp_lower_op lp_lower_mean;
lp_lower_op lp_lower_mirror_pad;
lp_lower_op lp_lower_moves;
lp_lower_op lp_lower_pad;
lp_lower_op lp_lower_quantize;
lp_lower_op lp_lower_reduce;
lp_lower_op lp_lower_relu;
lp_lower_op lp_lower_resize_bilinear;
lp_lower_op lp_lower_resize_nearest;
lp_lower_op lp_lower_sigmoid;
lp_lower_op lp_lower_softmax;
lp_lower_op lp_lower_space_to_batch;
lp_lower_op lp_lower_svdf;
lp_lower_op lp_lower_table;
lp_lower_op lp_lower_transpose_conv;

/* Whether the kernel reads each element before it writes at its place, so that the output may take over the input's memory. */
enum lp_unary_memory { LP_UNARY_APART, LP_UNARY_IN_PLACE };

/* An epoch with one input and one output, whose members lie at these offsets of `args`. */
lp_status lp_lower_unary(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args, size_t in_offset,
                         size_t out_offset, enum lp_unary_memory memory);

#endif
