#include "simulator/shim/softmax.h"

#include <stdbool.h>

/* Fixed-point numbers of 32 bits; Qn.m has n integer and m = 31 - n fraction bits. */

/* a * b / 2^31, rounded to nearest, saturated at the one product that does not fit. */
static int32_t multiply(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    int64_t product = (int64_t)a * b, nudge = product >= 0 ? (INT64_C(1) << 30) : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

/* a / 2^shift, ties away from zero. */
static int32_t divide_by_power(int32_t a, int shift)
{
    int32_t mask = (int32_t)((INT64_C(1) << shift) - 1), rest = a & mask, threshold = (mask >> 1) + (a < 0);
    int32_t floor = a >= 0 ? a >> shift : ~(~a >> shift);
    return floor + (rest > threshold);
}

static int32_t multiply_by_power(int32_t a, int shift)
{
    int64_t value = (int64_t)a * (INT64_C(1) << shift);
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* exp(a) for a in Q0.31 from -1/4 up to 0: a polynomial around -1/8. */
static int32_t exp_of_quarter(int32_t a)
{
    const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
    int32_t x = a + (1 << 28), x2 = multiply(x, x), x3 = multiply(x2, x), x4 = multiply(x2, x2);
    int32_t tail = divide_by_power(multiply(divide_by_power(x4, 2) + x3, third) + x2, 1);
    int64_t sum = (int64_t)exp_of_minus_eighth + multiply(exp_of_minus_eighth, x + tail);
    return sum > INT32_MAX ? INT32_MAX : (int32_t)sum;
}

/* exp(a) in Q0.31 for a <= 0 in Q5.26: the quarter's polynomial times exp(-2^k) for every bit of the rest. */
static int32_t exp_of_negative(int32_t a)
{
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = 1 << 24;
    if (a == 0)
        return INT32_MAX;
    int32_t below = (a & (quarter - 1)) - quarter, rest = below - a;
    int32_t result = exp_of_quarter(multiply_by_power(below, 5));
    for (int k = 0; k < 7; k++)
        if ((rest >> (24 + k) & 1) != 0)
            result = multiply(result, factors[k]);
    return result;
}

/* 1 / (1 + a) in Q0.31 for a in Q0.31: three steps of Newton in Q2.29. */
static int32_t one_over_one_plus(int32_t a)
{
    int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + multiply(half, -1010580540);
    for (int i = 0; i < 3; i++) {
        int32_t rest = (1 << 29) - multiply(half, x);
        x += multiply_by_power(multiply(x, rest), 2);
    }
    return multiply_by_power(x, 1);
}

static int32_t scaled_difference(int32_t difference, int32_t multiplier, int left_shift)
{
    return multiply(difference * (INT32_C(1) << left_shift), multiplier);
}

void lp_shim_softmax_row(int32_t *values, size_t count, int32_t multiplier, int left_shift, int diff_min)
{
    const int integer_bits = 12; /* of the sum */
    int32_t most = values[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = values[i] > most ? values[i] : most;
    for (size_t i = 0; i < count; i++)
        if (values[i] - most >= diff_min)
            sum += divide_by_power(exp_of_negative(scaled_difference(values[i] - most, multiplier, left_shift)), integer_bits);
    int headroom = 0;
    while (headroom < 31 && ((uint32_t)sum << headroom & UINT32_C(0x80000000)) == 0)
        headroom++;
    int32_t shifted = (int32_t)(((uint32_t)sum << headroom) - UINT32_C(0x80000000));
    int32_t reciprocal = one_over_one_plus(shifted);
    int over_unit = integer_bits - headroom;
    for (size_t i = 0; i < count; i++) {
        int32_t out = 0;
        if (values[i] - most >= diff_min) {
            int32_t e = exp_of_negative(scaled_difference(values[i] - most, multiplier, left_shift));
            int shift = over_unit + 31 - 8;
            out = shift > 31 ? 0 : divide_by_power(multiply(reciprocal, e), shift);
        }
        values[i] = out - 128 > 127 ? 127 : out - 128;
    }
}
