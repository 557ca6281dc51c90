/* Softmax in fixed point, as TensorFlow Lite does it with gemmlowp's formulas. "Qm" below means m integer bits, a sign and
 * 31 - m fractional bits. Products of fixed-point numbers round as lp_doubling_high_mul in both roundings. */
#include "contract/fixed_point.h"
#include "runtime/kernels/kernels.h"

enum {
    INPUT_INTEGER_BITS = 5,
    SUM_INTEGER_BITS = 12, /* Q12: up to 4095 exponentials of at most 1 */
    OUTPUT_BITS = 8        /* the output counts in 1/256 */
};

static int32_t exp_of_difference(const struct lp_softmax_s8 *p, int32_t difference)
{
    return lp_fixed_exp_of_negative(lp_requantize_single(difference, p->multiplier, p->shift), INPUT_INTEGER_BITS);
}

static int32_t largest(const int8_t *in, int32_t depth)
{
    int32_t max = INT8_MIN;
    for (int32_t i = 0; i < depth; i++)
        max = in[i] > max ? in[i] : max;
    return max;
}

static void softmax_row(const struct lp_softmax_s8 *p, const int8_t *in, int8_t *out)
{
    int32_t max = largest(in, p->depth);
    uint32_t sum = 0; /* Q12; at least one exponential is 1, so never 0 */
    for (int32_t i = 0; i < p->depth; i++)
        if (in[i] - max >= p->diff_min)
            sum += (uint32_t)lp_divide_by_pot(exp_of_difference(p, in[i] - max), SUM_INTEGER_BITS);
    int32_t zeros = lp_fixed_leading_zeros(sum);
    int32_t reciprocal = lp_fixed_one_over_one_plus((int32_t)((sum << zeros) - 0x80000000u));
    int32_t right = SUM_INTEGER_BITS - zeros + 31 - OUTPUT_BITS;
    for (int32_t i = 0; i < p->depth; i++) {
        int32_t value = 0;
        /* Beyond 31 bits nothing is left of any value. */
        if (in[i] - max >= p->diff_min && right <= 31)
            value = lp_divide_by_pot(lp_doubling_high_mul(reciprocal, exp_of_difference(p, in[i] - max)), right);
        out[i] = (int8_t)lp_clamp_s32(value + INT8_MIN, INT8_MIN, INT8_MAX);
    }
}

lp_status lp_softmax_s8__reference(const void *args)
{
    const struct lp_softmax_s8 *p = args;
    for (int32_t r = 0; r < p->rows; r++)
        softmax_row(p, p->in + r * p->depth, p->out + r * p->depth);
    return LP_OK;
}
