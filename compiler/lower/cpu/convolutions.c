#include "compiler/lower/cpu/channels.h"
#include "compiler/lower/cpu/ops.h"
#include "compiler/lower/cpu/slide.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

/* The portable kernels finish a pixel before they begin the next. */
#define LP_SLIDE_OF(a)                                                                                                   \
    {                                                                                                                    \
        (a)->batches, (a)->in_h, (a)->in_w, (a)->out_h, (a)->out_w, (a)->in_c, (a)->out_c, (a)->stride_h, (a)->stride_w, \
            (a)->pad_top, (a)->pad_left, 1                                                                               \
    }

lp_status lp_lower_conv_2d(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_conv2d_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_conv2d_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_conv2d_s8__reference", &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_conv2d_s8 *a = epoch->args;
    struct lp_filter_layout layout = {a->out_c, a->kernel_h * a->kernel_w * a->filter_c, a->kernel_h * a->kernel_w * a->filter_c,
                                      1};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_conv2d_s8);
    const struct lp_slide slide = LP_SLIDE_OF(a);
    lp_lower_slide(l, epoch, op->inputs[0], &slide);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

lp_status lp_lower_depthwise_conv_2d(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_depthwise_conv2d_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_depthwise_conv2d_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_depthwise_conv2d_s8__reference", &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_depthwise_conv2d_s8 *a = epoch->args;
    struct lp_filter_layout layout = {a->out_c, a->kernel_h * a->kernel_w, 1, a->out_c};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_depthwise_conv2d_s8);
    const struct lp_slide slide = LP_SLIDE_OF(a);
    lp_lower_slide(l, epoch, op->inputs[0], &slide);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

lp_status lp_lower_fully_connected(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_fully_connected_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_fully_connected_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_fully_connected_s8__reference", &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_fully_connected_s8 *a = epoch->args;
    struct lp_filter_layout layout = {a->out_c, a->in_c, a->in_c, 1};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_fully_connected_s8);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, NULL, &a->per_channel);
}
