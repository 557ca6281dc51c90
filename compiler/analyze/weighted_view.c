#include "compiler/analyze/weighted_view.h"

static const int8_t *weights_of(const struct lp_graph *graph, const struct lp_op *op)
{
    return lp_op_input(graph, op, 1)->data;
}

static const void *bias_of(const struct lp_graph *graph, const struct lp_op *op, uint32_t input)
{
    const struct lp_tensor *bias = lp_op_input(graph, op, input);
    return bias == NULL ? NULL : bias->data;
}

static lp_status view_conv_2d(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                              enum lp_rounding rounding, struct lp_weighted_view *out, struct lp_channel_scales *scales)
{
    struct lp_conv2d_s8 p;
    lp_status status = lp_conv2d_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 2),
        .bias_input = 2,
        .filter_stride = (int64_t)p.kernel_h * p.kernel_w * p.filter_c,
        .tap_stride = p.filter_c,
        .filter_c = p.filter_c,
        .in_h = p.in_h,
        .in_w = p.in_w,
        .in_c = p.in_c,
        .out_h = p.out_h,
        .out_w = p.out_w,
        .out_c = p.out_c,
        .group_c = p.out_c / (p.in_c / p.filter_c),
        .kernel_h = p.kernel_h,
        .kernel_w = p.kernel_w,
        .stride_h = p.stride_h,
        .stride_w = p.stride_w,
        .dilation_h = p.dilation_h,
        .dilation_w = p.dilation_w,
        .pad_top = p.pad_top,
        .pad_left = p.pad_left,
        .in_zero = -p.in_offset,
        .out_offset = p.out_offset,
        .act_min = p.act_min,
        .act_max = p.act_max,
    };
    return LP_OK;
}

static lp_status view_depthwise(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                const struct lp_op *op, enum lp_rounding rounding, struct lp_weighted_view *out,
                                struct lp_channel_scales *scales)
{
    struct lp_depthwise_conv2d_s8 p;
    lp_status status = lp_depthwise_conv2d_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 2),
        .bias_input = 2,
        .filter_stride = 1,
        .tap_stride = p.out_c,
        .filter_c = 1,
        .in_h = p.in_h,
        .in_w = p.in_w,
        .in_c = p.in_c,
        .out_h = p.out_h,
        .out_w = p.out_w,
        .out_c = p.out_c,
        .group_c = p.depth_multiplier,
        .kernel_h = p.kernel_h,
        .kernel_w = p.kernel_w,
        .stride_h = p.stride_h,
        .stride_w = p.stride_w,
        .dilation_h = p.dilation_h,
        .dilation_w = p.dilation_w,
        .pad_top = p.pad_top,
        .pad_left = p.pad_left,
        .in_zero = -p.in_offset,
        .out_offset = p.out_offset,
        .act_min = p.act_min,
        .act_max = p.act_max,
    };
    return LP_OK;
}

static lp_status view_fully_connected(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                      const struct lp_op *op, enum lp_rounding rounding, struct lp_weighted_view *out,
                                      struct lp_channel_scales *scales)
{
    struct lp_fully_connected_s8 p;
    lp_status status = lp_fully_connected_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 2),
        .bias_input = 2,
        .filter_stride = p.in_c,
        .tap_stride = p.in_c,
        .filter_c = p.in_c,
        .in_h = 1,
        .in_w = 1,
        .in_c = p.in_c,
        .out_h = 1,
        .out_w = 1,
        .out_c = p.out_c,
        .group_c = p.out_c,
        .kernel_h = 1,
        .kernel_w = 1,
        .stride_h = 1,
        .stride_w = 1,
        .dilation_h = 1,
        .dilation_w = 1,
        .in_zero = -p.in_offset,
        .out_offset = p.out_offset,
        .act_min = p.act_min,
        .act_max = p.act_max,
    };
    return LP_OK;
}

static lp_status view_s16(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                          enum lp_rounding rounding, struct lp_weighted_view *out, struct lp_channel_scales *scales)
{
    struct lp_conv2d_s16 p;
    lp_status status = lp_conv2d_s16_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 2),
        .bias_input = 2,
        .filter_stride = p.filter_stride,
        .tap_stride = p.tap_stride,
        .filter_c = p.filter_c,
        .in_h = p.in_h,
        .in_w = p.in_w,
        .in_c = p.in_c,
        .out_h = p.out_h,
        .out_w = p.out_w,
        .out_c = p.out_c,
        .group_c = p.out_c / (p.in_c / p.filter_c),
        .kernel_h = p.kernel_h,
        .kernel_w = p.kernel_w,
        .stride_h = p.stride_h,
        .stride_w = p.stride_w,
        .dilation_h = p.dilation_h,
        .dilation_w = p.dilation_w,
        .pad_top = p.pad_top,
        .pad_left = p.pad_left,
        .act_min = p.act_min,
        .act_max = p.act_max,
        .is_wide = p.is_wide != 0,
    };
    return LP_OK;
}

static lp_status view_transpose_conv_s16(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                         const struct lp_op *op, enum lp_rounding rounding, struct lp_weighted_view *out,
                                         struct lp_channel_scales *scales)
{
    struct lp_transpose_conv_s16 p;
    lp_status status = lp_transpose_conv_s16_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 3),
        .bias_input = 3,
        .input = 2,
        .is_transposed = true,
        .filter_stride = (int64_t)p.kernel_h * p.kernel_w * p.in_c,
        .tap_stride = p.in_c,
        .filter_c = p.in_c,
        .in_h = p.in_h,
        .in_w = p.in_w,
        .in_c = p.in_c,
        .out_h = p.out_h,
        .out_w = p.out_w,
        .out_c = p.out_c,
        .group_c = p.out_c,
        .kernel_h = p.kernel_h,
        .kernel_w = p.kernel_w,
        .stride_h = p.stride_h,
        .stride_w = p.stride_w,
        .dilation_h = 1,
        .dilation_w = 1,
        .pad_top = p.pad_top,
        .pad_left = p.pad_left,
        .act_min = p.act_min,
        .act_max = p.act_max,
        .is_wide = p.is_wide != 0,
    };
    return LP_OK;
}

static lp_status view_transpose_conv(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                     const struct lp_op *op, enum lp_rounding rounding, struct lp_weighted_view *out,
                                     struct lp_channel_scales *scales)
{
    struct lp_transpose_conv_s8 p;
    lp_status status = lp_transpose_conv_params(graph, op, rounding, arena, diag, &p, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_weighted_view){
        .weight = weights_of(graph, op),
        .bias = bias_of(graph, op, 3),
        .bias_input = 3,
        .input = 2,
        .is_transposed = true,
        .filter_stride = (int64_t)p.kernel_h * p.kernel_w * p.in_c,
        .tap_stride = p.in_c,
        .filter_c = p.in_c,
        .in_h = p.in_h,
        .in_w = p.in_w,
        .in_c = p.in_c,
        .out_h = p.out_h,
        .out_w = p.out_w,
        .out_c = p.out_c,
        .group_c = p.out_c,
        .kernel_h = p.kernel_h,
        .kernel_w = p.kernel_w,
        .stride_h = p.stride_h,
        .stride_w = p.stride_w,
        .dilation_h = 1,
        .dilation_w = 1,
        .pad_top = p.pad_top,
        .pad_left = p.pad_left,
        .in_zero = -p.in_offset,
        .out_offset = p.out_offset,
        .act_min = p.act_min,
        .act_max = p.act_max,
    };
    return LP_OK;
}

lp_status lp_weighted_view_of(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                              enum lp_rounding rounding, struct lp_weighted_view *out, struct lp_channel_scales *scales)
{
    if (lp_op_output(graph, op, 0)->element == LP_ELEMENT_INT16)
        return op->kind == LP_OP_TRANSPOSE_CONV ? view_transpose_conv_s16(arena, diag, graph, op, rounding, out, scales)
                                                : view_s16(arena, diag, graph, op, rounding, out, scales);
    switch (op->kind) {
    case LP_OP_CONV_2D: return view_conv_2d(arena, diag, graph, op, rounding, out, scales);
    case LP_OP_DEPTHWISE_CONV_2D: return view_depthwise(arena, diag, graph, op, rounding, out, scales);
    case LP_OP_TRANSPOSE_CONV: return view_transpose_conv(arena, diag, graph, op, rounding, out, scales);
    default: return view_fully_connected(arena, diag, graph, op, rounding, out, scales);
    }
}
