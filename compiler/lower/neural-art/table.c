/* Which family of files lowers an operator. No row: it becomes software epochs, or moves no byte. */
#include "compiler/lower/neural-art/work.h"

const struct lp_npu_row lp_npu_table[LP_OP_KIND_COUNT] = {
    [LP_OP_ADD] = {lp_npu_lower_sum, NULL},
    [LP_OP_AVERAGE_POOL_2D] = {lp_npu_lower_average_pool, lp_npu_pool_can_follow},
    [LP_OP_CONCATENATION] = {lp_npu_lower_moves, NULL},
    [LP_OP_CONV_2D] = {lp_npu_lower_weighted, NULL},
    [LP_OP_DEPTHWISE_CONV_2D] = {lp_npu_lower_weighted, NULL},
    [LP_OP_DEPTH_TO_SPACE] = {lp_npu_lower_moves, NULL},
    [LP_OP_FULLY_CONNECTED] = {lp_npu_lower_weighted, NULL},
    [LP_OP_MAX_POOL_2D] = {lp_npu_lower_max_pool, lp_npu_pool_can_follow},
    [LP_OP_MEAN] = {lp_npu_lower_mean, lp_npu_pool_can_follow},
    [LP_OP_PACK] = {lp_npu_lower_moves, NULL},
    [LP_OP_PAD] = {lp_npu_lower_pad, NULL},
    [LP_OP_PADV2] = {lp_npu_lower_pad, NULL},
    [LP_OP_QUANTIZE] = {lp_npu_lower_scale, NULL},
    [LP_OP_RELU] = {lp_npu_lower_scale, NULL},
    [LP_OP_RELU6] = {lp_npu_lower_scale, NULL},
    [LP_OP_SLICE] = {lp_npu_lower_moves, NULL},
    [LP_OP_SPACE_TO_DEPTH] = {lp_npu_lower_moves, NULL},
    [LP_OP_SPLIT] = {lp_npu_lower_moves, NULL},
    [LP_OP_SPLIT_V] = {lp_npu_lower_moves, NULL},
    [LP_OP_STRIDED_SLICE] = {lp_npu_lower_moves, NULL},
    [LP_OP_TRANSPOSE] = {lp_npu_lower_moves, NULL},
    [LP_OP_UNPACK] = {lp_npu_lower_moves, NULL},
};
