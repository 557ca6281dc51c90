#include "compiler/lower/cpu/channels.h"
#include "compiler/lower/cpu/choose.h"
#include "compiler/lower/cpu/ops.h"
#include "compiler/lower/cpu/slide.h"
#include "compiler/semantics/semantics.h"
#include "contract/packing.h"

#include <stddef.h>

/* A kernel that makes so many pixels of a row at a time. The portable ones finish a pixel before they begin the next. */
#define LP_SLIDE_OF(a, pixels)                                                                                           \
    {                                                                                                                    \
        (a)->batches, (a)->in_h, (a)->in_w, (a)->out_h, (a)->out_w, (a)->in_c, (a)->out_c, (a)->stride_h, (a)->stride_w, \
            (a)->pad_top, (a)->pad_left, pixels                                                                          \
    }

static const int8_t *weights_of(const struct lp_lowering *l, const struct lp_op *op)
{
    return lp_op_input(l->graph, op, 1)->data;
}

/* All variants but the reference make two pixels at a time; where the windows are single pixels side by side, all rows are one
 * for those that read packed constants. */
static void slide_conv_variant(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor,
                               const struct lp_conv2d_s8 *a)
{
    struct lp_slide slide = LP_SLIDE_OF(a, 2);
    bool is_packed = lp_choice_is_packed(epoch->kernel->symbol);
    if (is_packed && a->kernel_h == 1 && a->kernel_w == 1 && a->stride_h == 1 && a->stride_w == 1 && a->out_h == a->in_h &&
        a->out_w == a->in_w) {
        slide.in_w = slide.out_w = a->batches * a->in_h * a->in_w;
        slide.batches = slide.in_h = slide.out_h = 1;
    }
    lp_lower_slide(l, epoch, tensor, &slide);
}

/* A convolution by `symbol`, which reads packed constants; weight k of channel c lies where `layout` says. */
static lp_status lower_packed_conv(struct lp_lowering *l, const struct lp_op *op, const char *symbol,
                                   const struct lp_conv2d_s8 *args, const struct lp_filter_layout *layout,
                                   const struct lp_channel_scales *scales)
{
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, symbol, args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_conv2d_s8 *a = epoch->args;
    bool one_row = lp_conv2d_s8_is_gathered(a);
    struct lp_pack pack = {.channels = a->out_c,
                           .channel_stride = layout->channel_stride,
                           .tap_stride = layout->tap_stride,
                           .rows = one_row ? 1 : a->kernel_h,
                           .row_bytes = one_row ? layout->taps : a->kernel_w * a->in_c};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_conv2d_s8);
    slide_conv_variant(l, epoch, op->inputs[0], a);
    return lp_lower_packed(l, epoch, op, &fields, &pack, scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

static bool is_int16(const struct lp_lowering *l, const struct lp_op *op)
{
    return lp_op_input(l->graph, op, 0)->element == LP_ELEMENT_INT16;
}

/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int16: one kernel for all; zero points are 0, so nothing is folded. */
static lp_status lower_s16(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_conv2d_s16 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_conv2d_s16_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_conv2d_s16__reference", &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_conv2d_s16 *a = epoch->args;
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_conv2d_s16);
    const struct lp_slide slide = {a->batches,   a->in_h,     a->in_w,     a->out_h,   a->out_w,    2 * a->in_c,
                                   2 * a->out_c, a->stride_h, a->stride_w, a->pad_top, a->pad_left, 1};
    int32_t in_offset = 0;
    lp_lower_slide(l, epoch, op->inputs[0], &slide);
    return lp_lower_weighted(l, epoch, op, &fields, NULL, &scales, &in_offset, NULL, &a->per_channel);
}

lp_status lp_lower_conv_2d(struct lp_lowering *l, const struct lp_op *op)
{
    if (is_int16(l, op))
        return lower_s16(l, op);
    struct lp_conv2d_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_conv2d_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status != LP_OK)
        return status;
    struct lp_filter_layout layout = {args.out_c, args.kernel_h * args.kernel_w * args.filter_c,
                                      args.kernel_h * args.kernel_w * args.filter_c, 1};
    const char *variant = lp_choose_kernel(l->program, LP_FAMILY_CONV_2D, NULL, &args, &scales, weights_of(l, op));
    if (variant != NULL && lp_choice_is_packed(variant))
        return lower_packed_conv(l, op, variant, &args, &layout, &scales);
    const char *symbol = variant != NULL ? variant : "lp_conv2d_s8__reference";
    status = lp_lower_epoch(l, op, symbol, &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_conv2d_s8 *a = epoch->args;
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_conv2d_s8);
    const struct lp_slide slide = LP_SLIDE_OF(a, 1);
    if (variant != NULL)
        slide_conv_variant(l, epoch, op->inputs[0], a);
    else
        lp_lower_slide(l, epoch, op->inputs[0], &slide);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

/* Every output channel reads the only input channel: a convolution whose filters lie across the weights. */
static struct lp_conv2d_s8 as_convolution(const struct lp_depthwise_conv2d_s8 *p)
{
    return (struct lp_conv2d_s8){
        .batches = p->batches,
        .in_h = p->in_h,
        .in_w = p->in_w,
        .in_c = 1,
        .out_h = p->out_h,
        .out_w = p->out_w,
        .out_c = p->out_c,
        .filter_c = 1,
        .in_offset = p->in_offset,
        .pad_value = p->pad_value,
        .out_offset = p->out_offset,
        .kernel_h = p->kernel_h,
        .kernel_w = p->kernel_w,
        .stride_h = p->stride_h,
        .stride_w = p->stride_w,
        .dilation_h = p->dilation_h,
        .dilation_w = p->dilation_w,
        .pad_top = p->pad_top,
        .pad_left = p->pad_left,
        .act_min = p->act_min,
        .act_max = p->act_max,
        .per_channel = p->per_channel,
        .rounding = p->rounding,
    };
}

/* By a kernel that reads packed constants. */
static lp_status lower_packed_depthwise(struct lp_lowering *l, const struct lp_op *op, struct lp_sw_epoch *epoch,
                                        const struct lp_filter_layout *layout, const struct lp_channel_scales *scales)
{
    struct lp_depthwise_conv2d_s8 *a = epoch->args;
    struct lp_pack pack = {.channels = a->out_c,
                           .channel_stride = layout->channel_stride,
                           .tap_stride = layout->tap_stride,
                           .taps = layout->taps,
                           .repeat = lp_depthwise_s8_repeat(a)};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_depthwise_conv2d_s8);
    return lp_lower_packed(l, epoch, op, &fields, &pack, scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

lp_status lp_lower_depthwise_conv_2d(struct lp_lowering *l, const struct lp_op *op)
{
    if (is_int16(l, op))
        return lower_s16(l, op);
    struct lp_depthwise_conv2d_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_depthwise_conv2d_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status != LP_OK)
        return status;
    const struct lp_filter_layout layout = {args.out_c, args.kernel_h * args.kernel_w, 1, args.out_c};
    const struct lp_conv2d_s8 conv = as_convolution(&args);
    const char *symbol = NULL;
    if (args.in_c == 1)
        symbol = lp_choose_kernel(l->program, LP_FAMILY_CONV_2D, NULL, &conv, &scales, weights_of(l, op));
    /* Only packing turns the weights round. */
    if (symbol != NULL && lp_choice_is_packed(symbol))
        return lower_packed_conv(l, op, symbol, &conv, &layout, &scales);
    symbol = lp_choose_kernel(l->program, LP_FAMILY_DEPTHWISE_CONV_2D, "lp_depthwise_conv2d_s8__reference", &args, &scales,
                              weights_of(l, op));
    status = lp_lower_epoch(l, op, symbol, &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_depthwise_conv2d_s8 *a = epoch->args;
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_depthwise_conv2d_s8);
    /* Neighbours that share a vector are read before either is written. */
    const struct lp_slide slide = LP_SLIDE_OF(a, 1);
    lp_lower_slide(l, epoch, op->inputs[0], &slide);
    if (lp_choice_is_packed(symbol))
        return lower_packed_depthwise(l, op, epoch, &layout, &scales);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, &a->pad_value, &a->per_channel);
}

lp_status lp_lower_fully_connected(struct lp_lowering *l, const struct lp_op *op)
{
    if (is_int16(l, op))
        return lower_s16(l, op);
    struct lp_fully_connected_s8 args = {0};
    struct lp_channel_scales scales = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_fully_connected_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    if (status != LP_OK)
        return status;
    const char *symbol = lp_choose_kernel(l->program, LP_FAMILY_FULLY_CONNECTED, "lp_fully_connected_s8__reference", &args,
                                          &scales, weights_of(l, op));
    status = lp_lower_epoch(l, op, symbol, &args, lp_op_macs(l->graph, op), &epoch);
    if (status != LP_OK)
        return status;
    struct lp_fully_connected_s8 *a = epoch->args;
    struct lp_filter_layout layout = {a->out_c, a->in_c, a->in_c, 1};
    struct lp_pack pack = {.channels = a->out_c, .channel_stride = a->in_c, .tap_stride = 1, .rows = 1, .row_bytes = a->in_c};
    const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_fully_connected_s8);
    if (lp_choice_is_packed(symbol))
        return lp_lower_packed(l, epoch, op, &fields, &pack, &scales, &a->in_offset, NULL, &a->per_channel);
    return lp_lower_weighted(l, epoch, op, &fields, &layout, &scales, &a->in_offset, NULL, &a->per_channel);
}

lp_status lp_lower_svdf(struct lp_lowering *l, const struct lp_op *op)
{
    static const size_t reads[] = {offsetof(struct lp_svdf_s8, in), offsetof(struct lp_svdf_s8, feature_weight),
                                   offsetof(struct lp_svdf_s8, time_weight), offsetof(struct lp_svdf_s8, bias),
                                   offsetof(struct lp_svdf_s8, old_state)};
    struct lp_svdf_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_svdf_params(l->graph, op, l->program->rounding, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_svdf_s8__reference", &args, lp_op_macs(l->graph, op), &epoch);
    for (size_t i = 0; i < LP_COUNT(reads) && status == LP_OK; i++)
        status = lp_lower_read(l, epoch, reads[i], op->inputs[i]);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, offsetof(struct lp_svdf_s8, out), op->outputs[0]);
    return status == LP_OK ? lp_lower_write(l, epoch, offsetof(struct lp_svdf_s8, new_state), op->outputs[1]) : status;
}
