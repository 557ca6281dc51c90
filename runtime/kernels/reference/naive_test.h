/* What the kernels' unit tests share: random numbers, and the published arithmetic once more, as exact rational numbers
 * rather than shifts and masks. Only tests include this. */
#ifndef LP_KERNELS_REFERENCE_NAIVE_TEST_H
#define LP_KERNELS_REFERENCE_NAIVE_TEST_H

#include "runtime/kernels/kernels.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

__extension__ typedef __int128 wide;

static uint64_t random_state = 0x2545f4914f6cdd1du;

static inline uint32_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 16);
}

/* low..high, both included */
static inline int32_t random_in(int32_t low, int32_t high)
{
    return low + (int32_t)(random_bits() % (uint32_t)(high - low + 1));
}

static inline void random_bytes(int8_t *bytes, int32_t count)
{
    /* One in four fills has extreme values only. */
    bool extreme = random_in(0, 3) == 0;
    for (int32_t i = 0; i < count; i++)
        bytes[i] = (int8_t)(extreme ? random_in(0, 1) * 255 - 128 : random_in(-128, 127));
}

static inline wide naive_power(int32_t exponent)
{
    return exponent == 0 ? 1 : 2 * naive_power(exponent - 1);
}

static inline wide naive_floor(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* value * multiplier * 2^(shift - 31), rounded once halves up, or twice: halves up, then halves away from zero. */
static inline int32_t naive_requantize(int32_t value, int32_t multiplier, int32_t shift, uint8_t rounding)
{
    wide exact = (wide)value * multiplier;
    if (rounding == LP_ROUNDING_SINGLE)
        return (int32_t)naive_floor(2 * exact + naive_power(31 - shift), 2 * naive_power(31 - shift));
    wide first = naive_floor(2 * exact * naive_power(shift > 0 ? shift : 0) + naive_power(31), 2 * naive_power(31));
    wide divisor = naive_power(shift > 0 ? 0 : -shift);
    wide magnitude = first < 0 ? -first : first;
    wide second = naive_floor(2 * magnitude + divisor, 2 * divisor);
    return (int32_t)(first < 0 ? -second : second);
}

static inline int32_t naive_clamp(int32_t value, int32_t low, int32_t high)
{
    if (value > high)
        value = high;
    if (value < low)
        value = low;
    return value;
}

/* A factor that spreads sums of some thousands over the int8 range; sometimes one that saturates, or one above 1. */
static inline void random_factor(int32_t *multiplier, int8_t *shift)
{
    *multiplier = random_in(1 << 30, INT32_MAX);
    *shift = (int8_t)(random_in(0, 7) == 0 ? random_in(-3, 3) : random_in(-11, -4));
}

static inline void random_range(int8_t *low, int8_t *high)
{
    *low = (int8_t)(random_in(0, 2) == 0 ? random_in(-128, 0) : -128);
    *high = (int8_t)(random_in(0, 2) == 0 ? random_in(1, 127) : 127);
}

static inline void assert_same_bytes(const int8_t *found, const int8_t *expected, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        if (found[i] != expected[i])
            fail_msg("element %d is %d, expected %d", (int)i, found[i], expected[i]);
}

#endif
