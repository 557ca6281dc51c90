/* Softmax in fixed point, as TensorFlow Lite does it with gemmlowp's formulas. "Qm" below means m integer bits, a sign and
 * 31 - m fractional bits. Products of fixed-point numbers round as lp_doubling_high_mul in both roundings. */
#include "runtime/kernels/kernels.h"

enum {
    INPUT_FRACTION_BITS = 26, /* Q5 */
    SUM_INTEGER_BITS = 12,    /* Q12: up to 4095 exponentials of at most 1 */
    OUTPUT_BITS = 8           /* the output counts in 1/256 */
};

/* e^a for a in [-1/4, 0), Q0: Taylor's series around -1/8. */
static int32_t exp_of_last_quarter(int32_t a)
{
    const int32_t exp_of_minus_one_eighth = 1895147668;
    const int32_t one_third = 715827883;
    int32_t x = a + ((int32_t)1 << 28);
    int32_t x2 = lp_doubling_high_mul(x, x);
    int32_t x3 = lp_doubling_high_mul(x2, x);
    int32_t x4 = lp_doubling_high_mul(x2, x2);
    int32_t tail = lp_doubling_high_mul(lp_divide_by_pot(x4, 2) + x3, one_third) + x2;
    return exp_of_minus_one_eighth + lp_doubling_high_mul(exp_of_minus_one_eighth, x + lp_divide_by_pot(tail, 1));
}

/* e^a as Q0 for a of Q5, a <= 0: the last quarter by the series, the rest one power of two at a time. */
static int32_t exp_of_negative(int32_t a)
{
    /* e^-(2^i) for i = -2..4, Q0 */
    static const int32_t exp_of_minus_power[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t one_quarter = (int32_t)1 << (INPUT_FRACTION_BITS - 2);
    if (a == 0)
        return INT32_MAX;
    int32_t last_quarter = (a & (one_quarter - 1)) - one_quarter;
    int32_t result = exp_of_last_quarter(last_quarter * 32);
    uint32_t rest = (uint32_t)(last_quarter - a);
    for (int32_t i = 0; i < 7; i++)
        if ((rest >> (INPUT_FRACTION_BITS - 2 + i) & 1) != 0)
            result = lp_doubling_high_mul(result, exp_of_minus_power[i]);
    return result;
}

static int32_t shift_left_saturating(int32_t value, int32_t bits)
{
    const int32_t limit = INT32_MAX >> bits;
    if (value > limit)
        return INT32_MAX;
    if (value < -limit)
        return INT32_MIN;
    return lp_shift_left_wrapping(value, bits);
}

/* 1 / (1 + a) as Q0 for a in [0, 1), Q0: three steps of Newton's iteration on Q2 numbers. */
static int32_t one_over_one_plus(int32_t a)
{
    const int32_t q2_48_over_17 = 1515870810;
    const int32_t q2_32_over_17 = 1010580540;
    const int32_t q2_one = (int32_t)1 << 29;
    /* (a + 1) / 2, where 1 is INT32_MAX: never negative, halves upwards */
    int32_t half_denominator = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = q2_48_over_17 + lp_doubling_high_mul(half_denominator, -q2_32_over_17);
    for (int32_t step = 0; step < 3; step++) {
        int32_t error = q2_one - lp_doubling_high_mul(half_denominator, x);
        x += shift_left_saturating(lp_doubling_high_mul(x, error), 2);
    }
    return shift_left_saturating(x, 1);
}

static int32_t leading_zeros(uint32_t value)
{
    int32_t count = 0;
    while ((value & 0x80000000u) == 0) {
        value <<= 1;
        count++;
    }
    return count;
}

static int32_t exp_of_difference(const struct lp_softmax_s8 *p, int32_t difference)
{
    return exp_of_negative(lp_requantize_single(difference, p->multiplier, p->shift));
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
    int32_t zeros = leading_zeros(sum);
    int32_t reciprocal = one_over_one_plus((int32_t)((sum << zeros) - 0x80000000u));
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
