#include "compiler/semantics/weights.h"

static lp_status check_side(const struct lp_place_of_op *at, const char *side, const int32_t values[3], int32_t in, int32_t out)
{
    const int32_t kernel = values[0], stride = values[1], pad = values[2];
    if (kernel < 1 || kernel > UINT16_MAX || stride < 1 || stride > UINT16_MAX || pad < 0 || pad > UINT16_MAX)
        return lp_op_error(at, LP_UNSUPPORTED, "%s: kernel %ld, stride %ld, padding %ld; allowed is up to %d for each", side,
                           (long)kernel, (long)stride, (long)pad, UINT16_MAX);
    if (out > INT32_MAX - UINT16_MAX || in > INT32_MAX - UINT16_MAX)
        return lp_op_error(at, LP_UNSUPPORTED, "%s: the window reaches beyond 2^31 elements", side);
    return LP_OK;
}

static lp_status check_shapes(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    const struct lp_window *window = &at->op->as.window;
    const int32_t vertical[3] = {window->kernel_h, window->stride_h, window->pad_top};
    const int32_t horizontal[3] = {window->kernel_w, window->stride_w, window->pad_left};
    if (w->in->dims[3] != w->filter->dims[3] || w->out->dims[3] != w->out_c || w->out->dims[0] != w->in->dims[0])
        return lp_op_error(at, LP_BAD_INPUT,
                           "%ld filters of %ld channels and an input of %ld channels and %ld batches don't give an output of "
                           "%ld channels and %ld batches",
                           (long)w->out_c, (long)w->filter->dims[3], (long)w->in->dims[3], (long)w->in->dims[0],
                           (long)w->out->dims[3], (long)w->out->dims[0]);
    lp_status status = check_side(at, "height", vertical, w->in->dims[1], w->out->dims[1]);
    return status == LP_OK ? check_side(at, "width", horizontal, w->in->dims[2], w->out->dims[2]) : status;
}

lp_status lp_transpose_conv_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w)
{
    *w = (struct lp_weighted){.element = element, .filter_axis = 0, .rank = 4, .first = 1};
    lp_status status = lp_weighted_operands(at, w);
    return status == LP_OK ? check_shapes(at, w) : status;
}

lp_status lp_transpose_conv_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                   struct lp_arena *arena, struct lp_diag *diag, struct lp_transpose_conv_s8 *out,
                                   struct lp_channel_scales *scales)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_window *window = &op->as.window;
    struct lp_weighted w;
    lp_status status = lp_transpose_conv_operands(&at, LP_ELEMENT_INT8, &w);
    if (status == LP_OK)
        status = lp_weighted_sums(&at, &w);
    if (status == LP_OK)
        status = lp_weighted_scales(&at, &w, rounding, arena, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_transpose_conv_s8){
        .batches = w.in->dims[0],
        .in_h = w.in->dims[1],
        .in_w = w.in->dims[2],
        .in_c = w.in->dims[3],
        .out_h = w.out->dims[1],
        .out_w = w.out->dims[2],
        .out_c = w.out_c,
        .in_offset = -lp_zero_point_of(w.in),
        .out_offset = lp_zero_point_of(w.out),
        .kernel_h = (uint16_t)window->kernel_h,
        .kernel_w = (uint16_t)window->kernel_w,
        .stride_h = (uint16_t)window->stride_h,
        .stride_w = (uint16_t)window->stride_w,
        .pad_top = (uint16_t)window->pad_top,
        .pad_left = (uint16_t)window->pad_left,
        .per_channel = scales->count > 1,
        .rounding = (uint8_t)rounding,
    };
    lp_activation_range(op->activation, w.out, &out->act_min, &out->act_max);
    return LP_OK;
}

lp_status lp_transpose_conv_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                       struct lp_arena *arena, struct lp_diag *diag, struct lp_transpose_conv_s16 *out,
                                       struct lp_channel_scales *scales)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_window *window = &op->as.window;
    struct lp_weighted w;
    lp_status status = lp_transpose_conv_operands(&at, LP_ELEMENT_INT16, &w);
    const bool is_wide = status == LP_OK && (w.bias == NULL || w.bias->element == LP_ELEMENT_INT64);
    if (status == LP_OK)
        status = lp_weighted_scales(&at, &w, rounding, arena, scales);
    if (status == LP_OK && is_wide)
        status = lp_weighted_wide_sums(&at, &w, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_transpose_conv_s16){
        .batches = w.in->dims[0],
        .in_h = w.in->dims[1],
        .in_w = w.in->dims[2],
        .in_c = w.in->dims[3],
        .out_h = w.out->dims[1],
        .out_w = w.out->dims[2],
        .out_c = w.out_c,
        .kernel_h = (uint16_t)window->kernel_h,
        .kernel_w = (uint16_t)window->kernel_w,
        .stride_h = (uint16_t)window->stride_h,
        .stride_w = (uint16_t)window->stride_w,
        .pad_top = (uint16_t)window->pad_top,
        .pad_left = (uint16_t)window->pad_left,
        .per_channel = scales->count > 1,
        .rounding = (uint8_t)rounding,
        .is_wide = is_wide,
    };
    lp_activation_range_16(op->activation, w.out, &out->act_min, &out->act_max);
    return LP_OK;
}
