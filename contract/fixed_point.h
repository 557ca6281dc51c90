/* Functions of fixed-point numbers, as gemmlowp and TensorFlow Lite compute them. "Qm" means m integer bits, a sign and 31 - m
 * fractional bits. Products round as lp_doubling_high_mul in both roundings. Compiler and kernels share them: a function of
 * one byte is a table that the compiler fills in. */
#ifndef LP_CONTRACT_FIXED_POINT_H
#define LP_CONTRACT_FIXED_POINT_H

#include "contract/requantize.h"

static inline int32_t lp_fixed_saturate(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* e^a for a in [-1/4, 0), Q0: Taylor's series around -1/8. */
static inline int32_t lp_fixed_exp_of_last_quarter(int32_t a)
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

/* e^a as Q0 for a <= 0 with 4 or 5 integer bits: the last quarter by the series, the rest one power of two at a time. */
static inline int32_t lp_fixed_exp_of_negative(int32_t a, int32_t integer_bits)
{
    /* e^-(2^i) for i = -2..4, Q0 */
    static const int32_t exp_of_minus_power[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter_bit = 31 - integer_bits - 2;
    const int32_t one_quarter = (int32_t)1 << quarter_bit;
    if (a == 0)
        return INT32_MAX;
    int32_t last_quarter = (a & (one_quarter - 1)) - one_quarter;
    int32_t result = lp_fixed_exp_of_last_quarter(lp_shift_left_wrapping(last_quarter, integer_bits));
    uint32_t rest = (uint32_t)(last_quarter - a);
    for (int32_t i = 0; i < integer_bits + 2; i++)
        if ((rest >> (quarter_bit + i) & 1) != 0)
            result = lp_doubling_high_mul(result, exp_of_minus_power[i]);
    return result;
}

static inline int32_t lp_fixed_shift_left(int32_t value, int32_t bits)
{
    const int32_t limit = INT32_MAX >> bits;
    if (value > limit)
        return INT32_MAX;
    if (value < -limit)
        return INT32_MIN;
    return lp_shift_left_wrapping(value, bits);
}

/* 2 / (1 + a) as Q2 for a of Q0: three steps of Newton's iteration. */
static inline int32_t lp_fixed_two_over_one_plus(int32_t a)
{
    const int32_t q2_48_over_17 = 1515870810;
    const int32_t q2_32_over_17 = 1010580540;
    const int32_t q2_one = (int32_t)1 << 29;
    /* (a + 1) / 2, where 1 is INT32_MAX: not negative, halves upwards */
    int32_t half_denominator = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = q2_48_over_17 + lp_doubling_high_mul(half_denominator, -q2_32_over_17);
    for (int32_t step = 0; step < 3; step++) {
        int32_t error = q2_one - lp_doubling_high_mul(half_denominator, x);
        x += lp_fixed_shift_left(lp_doubling_high_mul(x, error), 2);
    }
    return x;
}

/* 1 / (1 + a) as Q0 for a in [0, 1), Q0. */
static inline int32_t lp_fixed_one_over_one_plus(int32_t a)
{
    return lp_fixed_shift_left(lp_fixed_two_over_one_plus(a), 1);
}

static inline int32_t lp_fixed_leading_zeros(uint32_t value)
{
    int32_t count = 0;
    while ((value & 0x80000000u) == 0) {
        value <<= 1;
        count++;
    }
    return count;
}

/* 1 / sqrt(sum) as multiplier and shift, for a sum of 0 that of 1: the sum is brought to 1/4 to 1 by powers of four, then five steps of Newton's
 * iteration on Q3 numbers, begun at 1. */
static inline void lp_fixed_inverse_root(int32_t sum, int32_t *multiplier, int32_t *shift)
{
    const int32_t q3_half_three = 3 << 27;
    const int32_t half_root_of_two = 1518500250;
    int32_t right = 11;
    int32_t x = (int32_t)1 << 28; /* 1 */
    *multiplier = INT32_MAX;
    *shift = 0;
    if (sum <= 1)
        return;
    while (sum >= (int32_t)1 << 29) {
        sum /= 4;
        right++;
    }
    int32_t pairs = (lp_fixed_leading_zeros((uint32_t)sum) - 1) / 2 - 1;
    right -= pairs;
    int32_t half = lp_divide_by_pot((sum << (2 * pairs)) >> 1, 1);
    for (int32_t step = 0; step < 5; step++) {
        int32_t cube = lp_fixed_shift_left(lp_doubling_high_mul(lp_doubling_high_mul(x, x), x), 6);
        x = lp_fixed_shift_left(lp_doubling_high_mul(q3_half_three, x) - lp_doubling_high_mul(half, cube), 3);
    }
    x = lp_doubling_high_mul(x, half_root_of_two);
    *multiplier = right < 0 ? lp_shift_left_wrapping(x, -right) : x;
    *shift = right < 0 ? 0 : -right;
}

/* 1 / (1 + e^-a) as Q0 for a of Q4. */
static inline int32_t lp_fixed_logistic(int32_t a)
{
    if (a == 0)
        return (int32_t)1 << 30;
    int32_t positive = lp_fixed_one_over_one_plus(lp_fixed_exp_of_negative(a > 0 ? -a : a, 4));
    return a > 0 ? positive : INT32_MAX - positive;
}

/* tanh(a) as Q0 for a of Q4: (1 - e^-2a) / (1 + e^-2a). */
static inline int32_t lp_fixed_tanh(int32_t a)
{
    if (a == 0)
        return 0;
    int32_t x = lp_fixed_two_over_one_plus(lp_fixed_exp_of_negative(a > 0 ? -a : a, 5));
    int32_t positive = lp_fixed_shift_left(x - ((int32_t)1 << 29), 2);
    return a > 0 ? positive : -positive;
}

/* ln(a) as Q5 for a of Q12, 1 or more: ln(2) times the power of two, and a fraction of polynomials for the rest. */
static inline int32_t lp_fixed_log(int32_t a)
{
    const int32_t ln_2 = 1488522236, root_of_half = 1518500250, fourth_root_of_half = 1805811301;
    const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769, alpha_f = 638450708;
    const int32_t quarter = (int32_t)1 << 23; /* Q6 */
    int32_t zeros = lp_fixed_leading_zeros((uint32_t)a);
    int32_t rest_a = lp_fixed_shift_left(lp_doubling_high_mul(lp_fixed_shift_left(a, zeros - 1), root_of_half), 1);
    int32_t power_a = lp_fixed_saturate((int64_t)lp_fixed_shift_left(12 - zeros, 25) + quarter);
    int32_t room_b = lp_fixed_leading_zeros((uint32_t)lp_doubling_high_mul(a, root_of_half)) - 1;
    int32_t rest_b = lp_fixed_shift_left(a, room_b);
    int32_t power_b = lp_fixed_saturate((int64_t)lp_fixed_shift_left(12 - room_b, 25) - quarter);
    int32_t r = rest_a < rest_b ? rest_a : rest_b;
    int32_t power = power_a > power_b ? power_a : power_b;
    int32_t p = (int32_t)(((int64_t)r + fourth_root_of_half + 1) >> 1);
    int32_t q = 2 * (r - fourth_root_of_half);
    int32_t q2 = lp_doubling_high_mul(q, q);
    int32_t numerator = lp_doubling_high_mul(q, r) + lp_doubling_high_mul(lp_doubling_high_mul(q, q2), alpha_n);
    int32_t denominator = lp_doubling_high_mul(p, alpha_i + q + lp_doubling_high_mul(alpha_d, q2)) +
                          lp_doubling_high_mul(alpha_f, q);
    int32_t fraction = lp_doubling_high_mul(lp_divide_by_pot(numerator, 6), lp_fixed_one_over_one_plus(denominator));
    return lp_fixed_shift_left(lp_doubling_high_mul(power, ln_2) + fraction, 1);
}

#endif
