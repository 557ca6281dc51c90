/* The lowering of each operator to CPU kernels; table.c says which serves which. */
#ifndef LP_LOWER_CPU_OPS_H
#define LP_LOWER_CPU_OPS_H

#include "compiler/lower/lowering.h"

lp_lower_op lp_lower_add;
lp_lower_op lp_lower_average_pool_2d;
lp_lower_op lp_lower_conv_2d;
lp_lower_op lp_lower_depthwise_conv_2d;
lp_lower_op lp_lower_dequantize;
lp_lower_op lp_lower_fully_connected;
lp_lower_op lp_lower_max_pool_2d;
lp_lower_op lp_lower_mean;
lp_lower_op lp_lower_pad;
lp_lower_op lp_lower_quantize;
lp_lower_op lp_lower_relu;
lp_lower_op lp_lower_softmax;

#endif
