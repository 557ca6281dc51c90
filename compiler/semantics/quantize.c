/* QUANTIZE, DEQUANTIZE, and the activations that stand alone: one element in, one element out. */
#include "compiler/semantics/operands.h"

enum lp_quantize_form lp_quantize_form(const struct lp_graph *graph, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *out = lp_op_output(graph, op, 0);
    if (in->element == LP_ELEMENT_FLOAT32)
        return LP_QUANTIZE_FLOAT;
    return in->element == LP_ELEMENT_INT8 && out->element == LP_ELEMENT_INT8 ? LP_QUANTIZE_INT8 : LP_QUANTIZE_INTEGER;
}

static enum lp_activation activation_of(enum lp_op_kind kind)
{
    switch (kind) {
    case LP_OP_RELU: return LP_ACT_RELU;
    case LP_OP_RELU6: return LP_ACT_RELU6;
    case LP_OP_RELU_0_TO_1: return LP_ACT_RELU_0_TO_1;
    case LP_OP_RELU_N1_TO_1: return LP_ACT_RELU_N1_TO_1;
    default: return LP_ACT_NONE;
    }
}

/* RELU and its relatives divide the scales in float32, QUANTIZE in double. RELU6 of its own requantizes and clamps, as TensorFlow
 * Lite means it; TensorFlow Lite Micro only clamps, which is the same where both scales are equal. */
lp_status lp_requantize_s8_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                  struct lp_diag *diag, struct lp_requantize_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, result, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    *out = (struct lp_requantize_s8){
        .count = (int32_t)lp_tensor_elements(in),
        .in_offset = -lp_zero_point_of(in),
        .out_offset = lp_zero_point_of(result),
        .rounding = (uint8_t)rounding,
    };
    enum lp_activation activation = activation_of(op->kind);
    lp_activation_range(activation, result, &out->act_min, &out->act_max);
    const float quotient = lp_scale_of(in) / lp_scale_of(result);
    double factor = activation == LP_ACT_NONE ? (double)lp_scale_of(in) / (double)lp_scale_of(result) : (double)quotient;
    return lp_need_multiplier(&at, factor, rounding, &out->multiplier, &out->shift);
}

/* Any of them into any other. TensorFlow Lite has the pairs that its converter writes; the rest means the same. */
static bool is_requantized(enum lp_element element)
{
    return element == LP_ELEMENT_INT8 || element == LP_ELEMENT_UINT8 || element == LP_ELEMENT_INT16 ||
           element == LP_ELEMENT_INT32;
}

lp_status lp_requantize_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                               struct lp_diag *diag, struct lp_requantize *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    if (!is_requantized(in->element) || !is_requantized(result->element))
        return lp_op_error(&at, LP_UNSUPPORTED,
                           "from %s to %s is not supported; allowed are int8, uint8, int16 and int32, each to any of them",
                           lp_element_name(in->element), lp_element_name(result->element));
    lp_status status = lp_need_scale(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_scale(&at, result, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    if (lp_zero_point_of(in) == INT32_MIN)
        return lp_op_error(&at, LP_BAD_INPUT, "the input's zero point is %ld, which has no opposite", (long)INT32_MIN);
    *out = (struct lp_requantize){
        .count = (int32_t)lp_tensor_elements(in),
        .in_offset = -lp_zero_point_of(in),
        .out_offset = lp_zero_point_of(result),
        .rounding = (uint8_t)rounding,
        .in_element = (uint8_t)in->element,
        .out_element = (uint8_t)result->element,
    };
    return lp_need_multiplier(&at, (double)lp_scale_of(in) / (double)lp_scale_of(result), rounding, &out->multiplier,
                              &out->shift);
}

static bool is_small_integer(enum lp_element element)
{
    return element == LP_ELEMENT_INT8 || element == LP_ELEMENT_UINT8 || element == LP_ELEMENT_INT16;
}

lp_status lp_quantize_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_quantize *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_element(&at, in, "input", LP_ELEMENT_FLOAT32);
    if (status == LP_OK && !is_small_integer(result->element))
        status = lp_op_error(&at, LP_UNSUPPORTED, "from float32 to %s is not supported; allowed are int8, uint8 and int16",
                             lp_element_name(result->element));
    if (status == LP_OK)
        status = lp_need_scale(&at, result, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    *out = (struct lp_quantize){
        .count = (int32_t)lp_tensor_elements(in),
        .zero_point = lp_zero_point_of(result),
        .scale = lp_scale_of(result),
        .out_element = (uint8_t)result->element,
    };
    return LP_OK;
}

lp_status lp_dequantize_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                               struct lp_dequantize *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_element(&at, result, "output", LP_ELEMENT_FLOAT32);
    if (status == LP_OK && !is_small_integer(in->element))
        status = lp_op_error(&at, LP_UNSUPPORTED, "from %s to float32 is not supported; allowed are int8, uint8 and int16",
                             lp_element_name(in->element));
    if (status == LP_OK)
        status = lp_need_scale(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    *out = (struct lp_dequantize){
        .count = (int32_t)lp_tensor_elements(in),
        .zero_point = lp_zero_point_of(in),
        .scale = lp_scale_of(in),
        .in_element = (uint8_t)in->element,
    };
    return LP_OK;
}
