/* Softmax in fixed point, four elements at a time: the steps of reference/softmax_s8.c, whose comments explain them. Products of
 * fixed-point numbers are VQRDMULH. */
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>

enum { SUM_INTEGER_BITS = 12, OUTPUT_BITS = 8, ONE_QUARTER = 1 << 24 /* Q5 */ };

/* Halves away from zero: a negative number is one less before halves go upwards. */
static inline int32x4_t less_if_negative(int32x4_t value)
{
    return vqaddq_s32(value, vshrq_n_s32(value, 31));
}

/* e^a as Q0 for a of Q5, a <= 0. */
static int32x4_t exp_of_negative(int32x4_t a)
{
    /* e^-(2^i) for i = -2..4, Q0 */
    static const int32_t exp_of_minus_power[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t exp_of_minus_one_eighth = 1895147668;
    const int32_t one_third = 715827883;
    const int32x4_t last_quarter = vsubq_n_s32(vandq_s32(a, vdupq_n_s32(ONE_QUARTER - 1)), ONE_QUARTER);
    const int32x4_t rest = vsubq_s32(last_quarter, a);
    const int32x4_t x = vaddq_n_s32(vshlq_n_s32(last_quarter, 5), 1 << 28);
    const int32x4_t x2 = vqrdmulhq_s32(x, x);
    const int32x4_t x3 = vqrdmulhq_s32(x2, x);
    const int32x4_t x4 = vqrdmulhq_s32(x2, x2); /* never negative */
    int32x4_t tail = vaddq_s32(vqrdmulhq_n_s32(vaddq_s32(vrshrq_n_s32(x4, 2), x3), one_third), x2);
    tail = vaddq_s32(x, vrshrq_n_s32(less_if_negative(tail), 1));
    int32x4_t result = vaddq_n_s32(vqrdmulhq_n_s32(tail, exp_of_minus_one_eighth), exp_of_minus_one_eighth);
    int32_t power = ONE_QUARTER;
    for (int32_t i = 0; i < 7; i++, power *= 2) {
        const mve_pred16_t has_power = vcmpneq_n_s32(vandq_s32(rest, vdupq_n_s32(power)), 0);
        result = vqrdmulhq_m_s32(result, result, vdupq_n_s32(exp_of_minus_power[i]), has_power);
    }
    return vpselq_s32(vdupq_n_s32(INT32_MAX), result, vcmpeqq_n_s32(a, 0));
}

/* 1 / (1 + a) as Q0 for a in [0, 1), Q0, in every lane. */
static int32x4_t one_over_one_plus(int32_t a)
{
    const int32_t q2_48_over_17 = 1515870810;
    const int32_t q2_32_over_17 = 1010580540;
    const int32x4_t q2_one = vdupq_n_s32(1 << 29);
    const int32x4_t half_denominator = vdupq_n_s32((a >> 1) + (1 << 30));
    int32x4_t x = vaddq_n_s32(vqrdmulhq_n_s32(half_denominator, -q2_32_over_17), q2_48_over_17);
    for (int32_t step = 0; step < 3; step++) {
        const int32x4_t error = vsubq_s32(q2_one, vqrdmulhq_s32(half_denominator, x));
        x = vaddq_s32(x, vqshlq_n_s32(vqrdmulhq_s32(x, error), 2));
    }
    return vqshlq_n_s32(x, 1);
}

/* Of the distances to the row's largest; 0 for those beyond diff_min and for lanes that are not there. */
static int32x4_t exponentials(const struct lp_softmax_s8 *p, const int8_t *in, int32_t max, mve_pred16_t lanes)
{
    const int32x4_t difference = vsubq_n_s32(vldrbq_z_s32(in, lanes), max);
    const int32x4_t scaled = vqrdmulhq_n_s32(vshlq_r_s32(difference, p->shift), p->multiplier);
    const mve_pred16_t counts = vcmpgeq_m_n_s32(difference, p->diff_min, lanes);
    return vpselq_s32(exp_of_negative(scaled), vdupq_n_s32(0), counts);
}

static void softmax_row(const struct lp_softmax_s8 *p, const int8_t *in, int8_t *out)
{
    int8_t max = INT8_MIN;
    uint32_t sum = 0; /* Q12; at least one exponential is 1, so never 0 */
    for (int32_t i = 0; i < p->depth; i += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(p->depth - i));
        max = vmaxvq_p_s8(max, vldrbq_z_s8(in + i, lanes), lanes);
    }
    for (int32_t i = 0; i < p->depth; i += 4) {
        const int32x4_t one = exponentials(p, in + i, max, vctp32q((uint32_t)(p->depth - i)));
        sum = vaddvaq_u32(sum, vreinterpretq_u32_s32(vrshrq_n_s32(one, SUM_INTEGER_BITS)));
    }
    const int32_t zeros = __builtin_clz(sum);
    const int32x4_t reciprocal = one_over_one_plus((int32_t)((sum << zeros) - 0x80000000u));
    const int32_t right = SUM_INTEGER_BITS - zeros + 31 - OUTPUT_BITS;
    for (int32_t i = 0; i < p->depth; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(p->depth - i));
        /* Never negative; beyond 31 bits nothing is left of any value. */
        const int32x4_t value = vrshlq_n_s32(vqrdmulhq_s32(reciprocal, exponentials(p, in + i, max, lanes)), -right);
        vstrbq_p_s32(out + i, vminq_s32(vaddq_n_s32(value, INT8_MIN), vdupq_n_s32(INT8_MAX)), lanes);
    }
}

lp_status lp_softmax_s8__helium(const void *args)
{
    const struct lp_softmax_s8 *p = args;
    for (int32_t r = 0; r < p->rows; r++)
        softmax_row(p, p->in + r * p->depth, p->out + r * p->depth);
    return LP_OK;
}
