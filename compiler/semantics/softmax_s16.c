/* SOFTMAX of int16: TensorFlow Lite reads the exponential and the reciprocal from tables, which it computes in float32. */
#include "compiler/semantics/operands.h"

#include <math.h>

enum { LARGEST_DEPTH = 65535, STEPS = LP_LOOKUP_S16 - 1, LARGEST_FACTOR = 32768 };

static float exponential(float x)
{
    return expf(x);
}

static float reciprocal(float x)
{
    return 1.0f / (1.0f + x);
}

/* 15 fractional bits of `function` at 513 places. Between two of them the kernel goes straight, so each is moved by half of what
 * the middle is wrong by. */
static void fill_table(float (*function)(float), float low, float high, int16_t *table)
{
    const float one = 32768.0f;
    const float step = (high - low) / STEPS;
    for (int32_t i = 0; i < STEPS; i++) {
        float here = roundf(function(low + (float)i * step) * one);
        float next = function(low + (float)(i + 1) * step) * one;
        float middle = roundf(function(low + (float)i * step + step / 2) * one);
        float error = roundf((next + here) / 2) - middle;
        table[i] = (int16_t)fminf(fmaxf(here - roundf(error / 2), INT16_MIN), INT16_MAX);
    }
    table[STEPS] = (int16_t)fminf(roundf(function(high) * one), INT16_MAX);
}

void lp_softmax_s16_tables(int16_t exp_table[LP_LOOKUP_S16], int16_t reciprocal_table[LP_LOOKUP_S16])
{
    fill_table(exponential, -10.0f, 0.0f, exp_table);
    fill_table(reciprocal, 0.0f, 1.0f, reciprocal_table);
}

lp_status lp_softmax_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                struct lp_diag *diag, struct lp_softmax_s16 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_int16(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int16(&at, result, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    if (fabsf(lp_scale_of(result) - 1.0f / 32768) > 0.001f / 32768)
        return lp_op_error(&at, LP_UNSUPPORTED, "the output has scale %g, it has to be 1/32768", (double)lp_scale_of(result));
    int32_t depth = in->rank == 0 ? 1 : in->dims[in->rank - 1];
    if (depth > LARGEST_DEPTH)
        return lp_op_error(&at, LP_UNSUPPORTED, "the last dimension has %ld elements, at most %d are supported", (long)depth,
                           LARGEST_DEPTH);
    /* A difference of 65535 then stands for 10. */
    double factor = (double)lp_scale_of(in) * (double)op->as.softmax.beta / (10.0 / 65535.0);
    if (!(factor >= 0 && factor < LARGEST_FACTOR))
        return lp_op_error(&at, LP_UNSUPPORTED, "beta %g times the input's scale %g has to be from 0 to below 5",
                           (double)op->as.softmax.beta, (double)lp_scale_of(in));
    *out = (struct lp_softmax_s16){
        .rows = (int32_t)(lp_tensor_elements(in) / depth), .depth = depth, .rounding = (uint8_t)rounding};
    return lp_need_multiplier(&at, factor, rounding, &out->multiplier, &out->shift);
}
