/* LOGISTIC and TANH of int16, as TensorFlow Lite's reference computes them: one table for every model. */
#include "compiler/semantics/operands.h"

#include <math.h>

/* Table steps: 24 for 1, which the kernel divides by 512. */
enum { STEPS_OF_ONE = 24, FRACTION_OF_STEP = 512, LARGEST_MULTIPLIER = 32767, MOST_SHIFT = 31 };

void lp_sigmoid_table(int16_t table[LP_SIGMOID_TABLE])
{
    /* The published table is the logistic function, rounded, but for these entries, which are larger by one. */
    static const uint32_t larger[LP_SIGMOID_TABLE / 32] = {0xfa7bd110, 0xc0467bae, 0x20440005, 0x00110090,
                                                           0x00000080, 0x00000000, 0x00000000, 0x80000000};
    for (uint32_t i = 0; i < LP_SIGMOID_TABLE; i++) {
        double value = 65536 / (1 + exp(-(double)i / STEPS_OF_ONE));
        table[i] = (int16_t)((int32_t)floor(value + 0.5) + (int32_t)(larger[i / 32] >> i % 32 & 1) - (1 << 16));
    }
}

/* The exponent of a power of two, in float32 and with the tolerance of the reference. */
static bool is_power_of_two(float value, int32_t *exponent)
{
    const float exact = logf(value) * (1.0f / logf(2.0f));
    *exponent = (int32_t)roundf(exact);
    return fabsf(exact - roundf(exact)) < 1e-3f;
}

/* Scales 2^-12, and for TANH 2^-11, need no shift. */
static lp_status fill_factor(const struct lp_place_of_op *at, float scale, struct lp_sigmoid_s16 *out)
{
    int32_t exponent = 0;
    if (is_power_of_two(scale, &exponent) && (exponent == -12 || (out->is_tanh != 0 && exponent == -11))) {
        out->multiplier = 3 << (exponent + 12);
        return LP_OK;
    }
    double factor = (double)scale * STEPS_OF_ONE * FRACTION_OF_STEP;
    if (factor > LARGEST_MULTIPLIER)
        return lp_op_error(at, LP_UNSUPPORTED, "the input's scale %g is too large, at most %g is supported", (double)scale,
                           (double)LARGEST_MULTIPLIER / (STEPS_OF_ONE * FRACTION_OF_STEP));
    while (factor <= LARGEST_MULTIPLIER / 2.0 && out->right_shift < MOST_SHIFT) {
        out->right_shift++;
        factor *= 2;
    }
    out->multiplier = (int32_t)factor;
    return LP_OK;
}

lp_status lp_sigmoid_s16_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                struct lp_sigmoid_s16 *out)
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
    int32_t exponent = 0;
    if (!is_power_of_two(lp_scale_of(result), &exponent) || exponent != -15)
        return lp_op_error(&at, LP_UNSUPPORTED, "the output has scale %g, it has to be 2^-15", (double)lp_scale_of(result));
    *out = (struct lp_sigmoid_s16){.count = (int32_t)lp_tensor_elements(in), .is_tanh = op->kind == LP_OP_TANH};
    return fill_factor(&at, lp_scale_of(in), out);
}
