#include "compiler/semantics/weights.h"

/* int16 with int8 weights. TensorFlow Lite Micro reads the bias of DEPTHWISE_CONV_2D and FULLY_CONNECTED as int64, and that of
 * CONV_2D as int32 when there is none or when it is one. */
static bool is_wide(const struct lp_op *op, const struct lp_weighted *w)
{
    return w->bias != NULL ? w->bias->element == LP_ELEMENT_INT64 : op->kind != LP_OP_CONV_2D;
}

static lp_status fetch(const struct lp_place_of_op *at, struct lp_weighted *w)
{
    switch (at->op->kind) {
    case LP_OP_CONV_2D: return lp_conv2d_operands(at, LP_ELEMENT_INT16, w);
    case LP_OP_DEPTHWISE_CONV_2D: return lp_depthwise_conv2d_operands(at, LP_ELEMENT_INT16, w);
    default: return lp_fully_connected_operands(at, LP_ELEMENT_INT16, w);
    }
}

/* Every row is a map of one element, every filter a window of one tap. */
static void set_product(const struct lp_weighted *w, struct lp_conv2d_s16 *out)
{
    out->in_c = out->filter_c = out->filter_stride = out->tap_stride = w->filter->dims[1];
    out->batches = (int32_t)(lp_tensor_elements(w->in) / out->in_c);
    out->in_h = out->in_w = out->out_h = out->out_w = 1;
    out->kernel_h = out->kernel_w = out->stride_h = out->stride_w = out->dilation_h = out->dilation_w = 1;
}

static void set_window(const struct lp_op *op, const struct lp_weighted *w, struct lp_conv2d_s16 *out)
{
    const struct lp_window *window = &op->as.window;
    const bool is_depthwise = op->kind == LP_OP_DEPTHWISE_CONV_2D;
    out->batches = w->in->dims[0];
    out->in_h = w->in->dims[1];
    out->in_w = w->in->dims[2];
    out->in_c = w->in->dims[3];
    out->out_h = w->out->dims[1];
    out->out_w = w->out->dims[2];
    out->filter_c = is_depthwise ? 1 : w->filter->dims[3];
    out->filter_stride = is_depthwise ? 1 : window->kernel_h * window->kernel_w * out->filter_c;
    out->tap_stride = is_depthwise ? w->out_c : out->filter_c;
    out->kernel_h = (uint16_t)window->kernel_h;
    out->kernel_w = (uint16_t)window->kernel_w;
    out->stride_h = (uint16_t)window->stride_h;
    out->stride_w = (uint16_t)window->stride_w;
    out->dilation_h = (uint16_t)window->dilation_h;
    out->dilation_w = (uint16_t)window->dilation_w;
    out->pad_top = (uint16_t)window->pad_top;
    out->pad_left = (uint16_t)window->pad_left;
}

lp_status lp_conv2d_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                               struct lp_arena *arena, struct lp_diag *diag, struct lp_conv2d_s16 *out,
                               struct lp_channel_scales *scales)
{
    const struct lp_place_of_op at = {graph, op, diag};
    struct lp_weighted w;
    lp_status status = fetch(&at, &w);
    if (status == LP_OK && op->kind == LP_OP_FULLY_CONNECTED)
        status = lp_fully_connected_scales(&at, &w, rounding, arena, scales);
    else if (status == LP_OK)
        status = lp_weighted_scales(&at, &w, rounding, arena, scales);
    if (status == LP_OK && is_wide(op, &w))
        status = lp_weighted_wide_sums(&at, &w, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_conv2d_s16){
        .out_c = w.out_c, .per_channel = scales->count > 1, .rounding = (uint8_t)rounding, .is_wide = is_wide(op, &w)};
    if (op->kind == LP_OP_FULLY_CONNECTED)
        set_product(&w, out);
    else
        set_window(op, &w, out);
    lp_activation_range_16(op->activation, w.out, &out->act_min, &out->act_max);
    return LP_OK;
}
