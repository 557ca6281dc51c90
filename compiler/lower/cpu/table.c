#include "compiler/lower/cpu/ops.h"

/* One row per operator; a missing row is an operator that CPU targets don't take. */
lp_lower_op *const lp_lower_cpu_table[LP_OP_KIND_COUNT] = {
    [LP_OP_ADD] = lp_lower_add,
    [LP_OP_AVERAGE_POOL_2D] = lp_lower_average_pool_2d,
    [LP_OP_CONV_2D] = lp_lower_conv_2d,
    [LP_OP_DEPTHWISE_CONV_2D] = lp_lower_depthwise_conv_2d,
    [LP_OP_DEQUANTIZE] = lp_lower_dequantize,
    [LP_OP_EXPAND_DIMS] = lp_lower_alias,
    [LP_OP_FULLY_CONNECTED] = lp_lower_fully_connected,
    [LP_OP_MAX_POOL_2D] = lp_lower_max_pool_2d,
    [LP_OP_MEAN] = lp_lower_mean,
    [LP_OP_PAD] = lp_lower_pad,
    [LP_OP_QUANTIZE] = lp_lower_quantize,
    [LP_OP_RELU] = lp_lower_relu,
    [LP_OP_RELU6] = lp_lower_relu,
    [LP_OP_RESHAPE] = lp_lower_alias,
    [LP_OP_SOFTMAX] = lp_lower_softmax,
    [LP_OP_SQUEEZE] = lp_lower_alias,
};
