#include "compiler/import/tflite_reader.h"

lp_status lp_tflite_activation(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op)
{
    static const enum lp_activation activations[] = {LP_ACT_NONE, LP_ACT_RELU, LP_ACT_RELU_N1_TO_1, LP_ACT_RELU6};
    int64_t code = lp_fb_int(options, field, 1, 0);
    if (code < 0 || (size_t)code >= LP_COUNT(activations))
        return lp_tflite_op_error(
            r, op, LP_UNSUPPORTED,
            "its fused activation is %lld; none, RELU, RELU_N1_TO_1 and RELU6 (0 to 3) can be compiled: use one of these",
            (long long)code);
    op->activation = activations[code];
    return LP_OK;
}

lp_status lp_tflite_padding(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op)
{
    int64_t code = lp_fb_int(options, field, 1, 0);
    if (code != 0 && code != 1)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT,
                                  "its padding is %lld, 0 (SAME) and 1 (VALID) exist; convert the model again", (long long)code);
    op->as.window.padding = code == 0 ? LP_PADDING_SAME : LP_PADDING_VALID;
    return LP_OK;
}

lp_status lp_tflite_no_options(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    (void)r;
    (void)options;
    (void)op;
    return LP_OK;
}
