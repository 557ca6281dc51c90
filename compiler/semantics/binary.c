/* SUB, MUL, MAXIMUM, MINIMUM, PRELU, SQUARED_DIFFERENCE, and ADD of int16. */
#include "compiler/semantics/broadcast.h"

#include <math.h>

static lp_status fill_sum(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out)
{
    struct lp_common_scale scale;
    out->left_shift = out->element == LP_ELEMENT_INT16 ? 15 : 20;
    lp_status status = lp_common_scale_of(at, out->left_shift, rounding, &scale);
    if (status != LP_OK)
        return status;
    out->in1_multiplier = scale.multiplier[0];
    out->in2_multiplier = scale.multiplier[1];
    out->out_multiplier = scale.multiplier[2];
    out->in1_shift = scale.shift[0];
    out->in2_shift = scale.shift[1];
    out->out_shift = scale.shift[2];
    return LP_OK;
}

/* TensorFlow Lite Micro's squared_difference.cc: 7 bits more, so that a square fits 32 bits. The inputs' factors are 1/2 and less. */
static lp_status fill_squared_difference(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out)
{
    enum { LEFT_SHIFT = 7 };
    const float in1 = lp_scale_of(lp_op_input(at->graph, at->op, 0));
    const float in2 = lp_scale_of(lp_op_input(at->graph, at->op, 1));
    const double twice_largest = 2 * (double)fmaxf(in1, in2);
    const float steps = (float)(1 << 2 * LEFT_SHIFT) * lp_scale_of(lp_op_output(at->graph, at->op, 0));
    out->left_shift = LEFT_SHIFT;
    lp_status status = lp_need_multiplier(at, (double)in1 / twice_largest, rounding, &out->in1_multiplier, &out->in1_shift);
    if (status == LP_OK)
        status = lp_need_multiplier(at, (double)in2 / twice_largest, rounding, &out->in2_multiplier, &out->in2_shift);
    if (status != LP_OK)
        return status;
    return lp_need_multiplier(at, twice_largest * twice_largest / (double)steps, rounding, &out->out_multiplier, &out->out_shift);
}

static lp_status fill_product(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out)
{
    double factor = (double)lp_scale_of(lp_op_input(at->graph, at->op, 0)) *
                    (double)lp_scale_of(lp_op_input(at->graph, at->op, 1)) /
                    (double)lp_scale_of(lp_op_output(at->graph, at->op, 0));
    return lp_need_multiplier(at, factor, rounding, &out->out_multiplier, &out->out_shift);
}

/* The reference computes these factors in float32. */
static lp_status fill_prelu(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out)
{
    const float in = lp_scale_of(lp_op_input(at->graph, at->op, 0));
    const float result = lp_scale_of(lp_op_output(at->graph, at->op, 0));
    const float product = in * lp_scale_of(lp_op_input(at->graph, at->op, 1));
    const float positive = in / result;
    const float negative = product / result;
    lp_status status = lp_need_multiplier(at, (double)positive, rounding, &out->in1_multiplier, &out->in1_shift);
    return status == LP_OK ? lp_need_multiplier(at, (double)negative, rounding, &out->in2_multiplier, &out->in2_shift) : status;
}

/* All three mean the same by their integers, whatever that is. */
static lp_status fill_choice(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out)
{
    (void)rounding;
    (void)out;
    lp_status status = lp_need_same_meaning(at, lp_op_input(at->graph, at->op, 0), lp_op_output(at->graph, at->op, 0));
    return status == LP_OK ? lp_need_same_meaning(at, lp_op_input(at->graph, at->op, 1), lp_op_output(at->graph, at->op, 0))
                           : status;
}

/* One row per operator; the kernel of int8 and that of int16. */
static const struct {
    enum lp_op_kind kind;
    lp_status (*fill)(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_binary *out);
    const char *symbol_s8, *symbol_s16;
} rules[] = {
    {LP_OP_ADD, fill_sum, NULL, "lp_add_s16__reference"},
    {LP_OP_MAXIMUM, fill_choice, "lp_maximum__reference", "lp_maximum__reference"},
    {LP_OP_MINIMUM, fill_choice, "lp_minimum__reference", "lp_minimum__reference"},
    {LP_OP_MUL, fill_product, "lp_mul_s8__reference", "lp_mul_s16__reference"},
    {LP_OP_PRELU, fill_prelu, "lp_prelu_s8__reference", NULL},
    {LP_OP_SQUARED_DIFFERENCE, fill_squared_difference, "lp_squared_difference_s8__reference", NULL},
    {LP_OP_SUB, fill_sum, "lp_sub_s8__reference", "lp_sub_s16__reference"},
};

static size_t row_of(enum lp_op_kind kind)
{
    size_t row = 0;
    while (rules[row].kind != kind)
        row++;
    return row;
}

static bool is_choice(enum lp_op_kind kind)
{
    return kind == LP_OP_MAXIMUM || kind == LP_OP_MINIMUM;
}

const char *lp_binary_symbol(const struct lp_graph *graph, const struct lp_op *op)
{
    bool is_wide = lp_op_input(graph, op, 0)->element != LP_ELEMENT_INT8;
    return is_wide ? rules[row_of(op->kind)].symbol_s16 : rules[row_of(op->kind)].symbol_s8;
}

static lp_status check_operands(const struct lp_place_of_op *at)
{
    const struct lp_tensor *in1 = lp_op_input(at->graph, at->op, 0);
    const struct lp_tensor *in2 = lp_op_input(at->graph, at->op, 1);
    const struct lp_tensor *result = lp_op_output(at->graph, at->op, 0);
    if (is_choice(at->op->kind) && in1->element == LP_ELEMENT_INT32)
        return LP_OK;
    lp_status status = lp_need_small(at, in1, "first input");
    if (status == LP_OK)
        status = lp_need_small(at, in2, "second input");
    if (status == LP_OK)
        status = lp_need_small(at, result, "output");
    if (status == LP_OK && (in1->element != in2->element || in1->element != result->element))
        return lp_op_error(at, LP_UNSUPPORTED, "its inputs are %s and %s and its output is %s, they have to be of one type",
                           lp_element_name(in1->element), lp_element_name(in2->element), lp_element_name(result->element));
    if (status == LP_OK && lp_binary_symbol(at->graph, at->op) == NULL)
        return lp_op_error(at, LP_UNSUPPORTED, "its input is %s, only %s is supported", lp_element_name(in1->element), "int8");
    return status;
}

lp_status lp_binary_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                           struct lp_binary *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in1 = lp_op_input(graph, op, 0);
    const struct lp_tensor *in2 = lp_op_input(graph, op, 1);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    struct lp_broadcast m = {.rank = 0};
    lp_status status = check_operands(&at);
    if (status == LP_OK)
        status = lp_broadcast_merge(&at, in1, in2, result, &m);
    if (status != LP_OK)
        return status;
    *out = (struct lp_binary){.element = (uint8_t)in1->element, .rounding = (uint8_t)rounding};
    lp_broadcast_fill(&m, out->dims, out->in1_stride, out->in2_stride, &out->rank);
    if (!is_choice(op->kind)) {
        out->in1_offset = -lp_zero_point_of(in1);
        out->in2_offset = -lp_zero_point_of(in2);
        out->out_offset = lp_zero_point_of(result);
        lp_activation_range_16(op->activation, result, &out->act_min, &out->act_max);
    }
    return rules[row_of(op->kind)].fill(&at, rounding, out);
}
