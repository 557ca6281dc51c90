/* Options of operators that slide a window. Ranges are checked with the shapes, where both are known. */
#include "compiler/import/tflite_reader.h"

lp_status lp_tflite_conv_2d(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { PADDING, STRIDE_W, STRIDE_H, ACTIVATION, DILATION_W, DILATION_H };
    op->as.window.stride_w = (int32_t)lp_fb_int(options, STRIDE_W, 4, 0);
    op->as.window.stride_h = (int32_t)lp_fb_int(options, STRIDE_H, 4, 0);
    op->as.window.dilation_w = (int32_t)lp_fb_int(options, DILATION_W, 4, 1);
    op->as.window.dilation_h = (int32_t)lp_fb_int(options, DILATION_H, 4, 1);
    lp_status status = lp_tflite_padding(r, options, PADDING, op);
    return status == LP_OK ? lp_tflite_activation(r, options, ACTIVATION, op) : status;
}

/* The depth multiplier follows from the filter's shape, as in TensorFlow Lite. */
lp_status lp_tflite_depthwise_conv_2d(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { PADDING, STRIDE_W, STRIDE_H, DEPTH_MULTIPLIER, ACTIVATION, DILATION_W, DILATION_H };
    op->as.window.stride_w = (int32_t)lp_fb_int(options, STRIDE_W, 4, 0);
    op->as.window.stride_h = (int32_t)lp_fb_int(options, STRIDE_H, 4, 0);
    op->as.window.dilation_w = (int32_t)lp_fb_int(options, DILATION_W, 4, 1);
    op->as.window.dilation_h = (int32_t)lp_fb_int(options, DILATION_H, 4, 1);
    lp_status status = lp_tflite_padding(r, options, PADDING, op);
    return status == LP_OK ? lp_tflite_activation(r, options, ACTIVATION, op) : status;
}

lp_status lp_tflite_pool_2d(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { PADDING, STRIDE_W, STRIDE_H, FILTER_W, FILTER_H, ACTIVATION };
    op->as.window.stride_w = (int32_t)lp_fb_int(options, STRIDE_W, 4, 0);
    op->as.window.stride_h = (int32_t)lp_fb_int(options, STRIDE_H, 4, 0);
    op->as.window.kernel_w = (int32_t)lp_fb_int(options, FILTER_W, 4, 0);
    op->as.window.kernel_h = (int32_t)lp_fb_int(options, FILTER_H, 4, 0);
    op->as.window.dilation_w = 1;
    op->as.window.dilation_h = 1;
    lp_status status = lp_tflite_padding(r, options, PADDING, op);
    return status == LP_OK ? lp_tflite_activation(r, options, ACTIVATION, op) : status;
}

lp_status lp_tflite_transpose_conv(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { PADDING, STRIDE_W, STRIDE_H, ACTIVATION };
    op->as.window.stride_w = (int32_t)lp_fb_int(options, STRIDE_W, 4, 0);
    op->as.window.stride_h = (int32_t)lp_fb_int(options, STRIDE_H, 4, 0);
    op->as.window.dilation_w = 1;
    op->as.window.dilation_h = 1;
    lp_status status = lp_tflite_padding(r, options, PADDING, op);
    return status == LP_OK ? lp_tflite_activation(r, options, ACTIVATION, op) : status;
}
