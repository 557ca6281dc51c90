/* Fixed-point arithmetic that compiler, kernels and analysis share, in both roundings of the field.
 *
 * A real factor is an int32 multiplier m with value m * 2^(shift - 31). "Double" rounds twice: after the product and
 * after the shift (TensorFlow Lite Micro, CMSIS-NN). "Single" rounds once, halves upwards (LiteRT, XNNPACK).
 * Source of the formulas: tensorflow/lite/kernels/internal/common.h, with TFLITE_SINGLE_ROUNDING 0 and 1. */
#ifndef LP_CONTRACT_REQUANTIZE_H
#define LP_CONTRACT_REQUANTIZE_H

#include <stdint.h>

enum lp_rounding { LP_ROUNDING_SINGLE = 0, LP_ROUNDING_DOUBLE = 1 };

static inline int32_t lp_clamp_s32(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* a + b with the wrap-around of two's complement. */
static inline int32_t lp_add_wrapping(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* High 32 bits of 2*a*b, halves upwards, saturated in the one case that overflows. The published formula adds a nudge that
 * depends on the sign and divides by 2^31 toward zero; that is this shift, without a 64-bit division. */
static inline int32_t lp_doubling_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* value / 2^exponent, halves away from zero; exponent 0..31. */
static inline int32_t lp_divide_by_pot(int32_t value, int32_t exponent)
{
    int32_t mask = (int32_t)(((int64_t)1 << exponent) - 1);
    int32_t remainder = value & mask;
    int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

/* value << shift with the wrap-around of two's complement instead of undefined behaviour; shift 0..31. */
static inline int32_t lp_shift_left_wrapping(int32_t value, int32_t shift)
{
    return (int32_t)((uint32_t)value << shift);
}

/* value * multiplier * 2^(shift - 31). shift -31..30. */
static inline int32_t lp_requantize_double(int32_t value, int32_t multiplier, int32_t shift)
{
    int32_t left = shift > 0 ? shift : 0;
    int32_t right = shift > 0 ? 0 : -shift;
    return lp_divide_by_pot(lp_doubling_high_mul(lp_shift_left_wrapping(value, left), multiplier), right);
}

static inline int32_t lp_requantize_single(int32_t value, int32_t multiplier, int32_t shift)
{
    int32_t total = 31 - shift;
    int64_t rounded = (int64_t)value * multiplier + ((int64_t)1 << (total - 1));
    return (int32_t)(rounded >> total);
}

static inline int32_t lp_requantize(int32_t value, int32_t multiplier, int32_t shift, uint8_t rounding)
{
    return rounding == LP_ROUNDING_DOUBLE ? lp_requantize_double(value, multiplier, shift)
                                          : lp_requantize_single(value, multiplier, shift);
}

/* Sums of 64 bits, which operators of int16 have: the multiplier loses 16 bits first, then all is rounded once, halves upwards,
 * in both roundings. -2^47 <= value < 2^47, shift -31..7; what does not fit int32 wraps around. */
static inline int32_t lp_requantize_wide(int64_t value, int32_t multiplier, int32_t shift)
{
    int64_t factor = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    int32_t total = 15 - shift;
    int64_t rounded = (value * factor + ((int64_t)1 << (total - 1))) >> total;
    return (int32_t)(uint32_t)(uint64_t)rounded;
}

#endif
