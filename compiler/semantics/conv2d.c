#include "compiler/semantics/weights.h"

static lp_status check_channels(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    int32_t in_c = w->in->dims[3];
    int32_t filter_c = w->filter->dims[3];
    if (in_c % filter_c != 0 || w->out_c % (in_c / filter_c) != 0)
        return lp_op_error(
            at, LP_BAD_INPUT,
            "%ld input channels, %ld of them in each of %ld filters: the first has to be a multiple of the second, and "
            "the filters have to divide among the groups evenly",
            (long)in_c, (long)filter_c, (long)w->out_c);
    if (w->out->dims[3] != w->out_c || w->out->dims[0] != w->in->dims[0])
        return lp_op_error(at, LP_BAD_INPUT, "%ld filters and %ld batches give an output of %ld channels and %ld batches",
                           (long)w->out_c, (long)w->in->dims[0], (long)w->out->dims[3], (long)w->out->dims[0]);
    return LP_OK;
}

lp_status lp_conv2d_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w)
{
    *w = (struct lp_weighted){.element = element, .filter_axis = 0, .rank = 4};
    lp_status status = lp_weighted_operands(at, w);
    if (status == LP_OK)
        status = check_channels(at, w);
    return status == LP_OK ? lp_need_window(at, w->in, w->out) : status;
}

lp_status lp_conv2d_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                           struct lp_arena *arena, struct lp_diag *diag, struct lp_conv2d_s8 *out,
                           struct lp_channel_scales *scales)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_window *window = &op->as.window;
    struct lp_weighted w;
    lp_status status = lp_conv2d_operands(&at, LP_ELEMENT_INT8, &w);
    if (status == LP_OK)
        status = lp_weighted_sums(&at, &w);
    if (status == LP_OK)
        status = lp_weighted_scales(&at, &w, rounding, arena, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_conv2d_s8){
        .batches = w.in->dims[0],
        .in_h = w.in->dims[1],
        .in_w = w.in->dims[2],
        .in_c = w.in->dims[3],
        .out_h = w.out->dims[1],
        .out_w = w.out->dims[2],
        .out_c = w.out_c,
        .filter_c = w.filter->dims[3],
        .in_offset = -lp_zero_point_of(w.in),
        .out_offset = lp_zero_point_of(w.out),
        .kernel_h = (uint16_t)window->kernel_h,
        .kernel_w = (uint16_t)window->kernel_w,
        .stride_h = (uint16_t)window->stride_h,
        .stride_w = (uint16_t)window->stride_w,
        .dilation_h = (uint16_t)window->dilation_h,
        .dilation_w = (uint16_t)window->dilation_w,
        .pad_top = (uint16_t)window->pad_top,
        .pad_left = (uint16_t)window->pad_left,
        .per_channel = scales->count > 1,
        .rounding = (uint8_t)rounding,
    };
    lp_activation_range(op->activation, w.out, &out->act_min, &out->act_max);
    return LP_OK;
}
