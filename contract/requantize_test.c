/* The fixed-point arithmetic against its published definition, written with wide integers and plain division. */
#include "contract/requantize.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

__extension__ typedef __int128 wide;

static uint64_t random_state = 88172645463325252u;

static uint32_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 16);
}

/* Any magnitude is as likely as any other, and so are values beside powers of two. */
static int32_t random_s32(void)
{
    uint32_t bits = random_bits() >> (random_bits() % 32);
    if (random_bits() % 4 == 0)
        bits = ((uint32_t)1 << (random_bits() % 32)) + random_bits() % 3 - 1;
    return (int32_t)(random_bits() % 2 != 0 ? bits : 0u - bits);
}

static const int32_t edges[] = {INT32_MIN, INT32_MIN + 1, -(1 << 30), -3, -2, -1, 0, 1, 2, 3, 1 << 30, INT32_MAX - 1, INT32_MAX};
enum { EDGES = sizeof edges / sizeof edges[0], RANDOM_ROUNDS = 2000000 };

static wide power(int32_t exponent)
{
    wide result = 1;
    while (exponent-- > 0)
        result *= 2;
    return result;
}

static wide floor_divide(wide a, wide b)
{
    wide quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static wide divide_half_away(wide a, wide b)
{
    wide magnitude = a < 0 ? -a : a;
    wide quotient = (magnitude + b / 2) / b;
    return a < 0 ? -quotient : quotient;
}

/* As the reference has it: a nudge by sign, then a division toward zero. */
static wide published_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    wide product = (wide)a * b;
    wide nudge = product >= 0 ? power(30) : 1 - power(30);
    return (product + nudge) / power(31);
}

static void check_high_mul(int32_t a, int32_t b)
{
    assert_true(lp_doubling_high_mul(a, b) == published_high_mul(a, b));
}

static void high_mul_is_the_published_one(void **state)
{
    (void)state;
    for (int i = 0; i < EDGES; i++)
        for (int j = 0; j < EDGES; j++)
            check_high_mul(edges[i], edges[j]);
    for (int i = 0; i < RANDOM_ROUNDS; i++)
        check_high_mul(random_s32(), random_s32());
    /* exact halves on both sides of zero go upwards */
    assert_int_equal(lp_doubling_high_mul(1 << 30, 1), 1);
    assert_int_equal(lp_doubling_high_mul(-(1 << 30), 1), 0);
    assert_int_equal(lp_doubling_high_mul(-3 * (1 << 28), 4), -1);
}

static void divide_by_pot_rounds_halves_away_from_zero(void **state)
{
    (void)state;
    for (int32_t exponent = 0; exponent <= 31; exponent++) {
        for (int i = 0; i < EDGES; i++)
            assert_true(lp_divide_by_pot(edges[i], exponent) == divide_half_away(edges[i], power(exponent)));
        for (int i = 0; i < RANDOM_ROUNDS / 32; i++) {
            int32_t value = random_s32();
            assert_true(lp_divide_by_pot(value, exponent) == divide_half_away(value, power(exponent)));
        }
    }
    assert_int_equal(lp_divide_by_pot(-3, 1), -2);
    assert_int_equal(lp_divide_by_pot(3, 1), 2);
    assert_int_equal(lp_divide_by_pot(INT32_MIN, 31), -1);
}

static int32_t wrapped(wide value)
{
    return (int32_t)(uint32_t)value;
}

static void check_both_roundings(int32_t value, int32_t multiplier, int32_t shift)
{
    wide halves_up = floor_divide((wide)value * multiplier + power(30 - shift), power(31 - shift));
    assert_int_equal(lp_requantize_single(value, multiplier, shift), wrapped(halves_up));
    assert_int_equal(lp_requantize(value, multiplier, shift, LP_ROUNDING_SINGLE), wrapped(halves_up));

    int32_t shifted = wrapped((wide)value * power(shift > 0 ? shift : 0));
    wide twice = divide_half_away(published_high_mul(shifted, multiplier), power(shift > 0 ? 0 : -shift));
    assert_int_equal(lp_requantize_double(value, multiplier, shift), wrapped(twice));
    assert_int_equal(lp_requantize(value, multiplier, shift, LP_ROUNDING_DOUBLE), wrapped(twice));
}

static void requantize_rounds_once_or_twice(void **state)
{
    (void)state;
    for (int32_t shift = -31; shift <= 30; shift++) {
        for (int i = 0; i < EDGES; i++) {
            check_both_roundings(edges[i], 1 << 30, shift);
            check_both_roundings(edges[i], INT32_MAX, shift);
            check_both_roundings(edges[i], 0, shift);
        }
        for (int i = 0; i < RANDOM_ROUNDS / 64; i++)
            check_both_roundings(random_s32(), (int32_t)(random_bits() & INT32_MAX), shift);
    }
}

/* 1.5 in units of the output: once rounded it stays 2 upwards and -1 downwards, twice rounded it goes away from zero. */
static void ties_tell_the_roundings_apart(void **state)
{
    (void)state;
    assert_int_equal(lp_requantize(3, 1 << 30, 0, LP_ROUNDING_SINGLE), 2);
    assert_int_equal(lp_requantize(-3, 1 << 30, 0, LP_ROUNDING_SINGLE), -1);
    assert_int_equal(lp_requantize(-6, 1 << 30, -1, LP_ROUNDING_SINGLE), -1);
    assert_int_equal(lp_requantize(-6, 1 << 30, -1, LP_ROUNDING_DOUBLE), -2);
}

static void wrapping_and_clamping(void **state)
{
    (void)state;
    assert_int_equal(lp_add_wrapping(INT32_MAX, 1), INT32_MIN);
    assert_int_equal(lp_add_wrapping(INT32_MIN, -1), INT32_MAX);
    assert_int_equal(lp_shift_left_wrapping(-1, 31), INT32_MIN);
    assert_int_equal(lp_shift_left_wrapping(3, 30), -(1 << 30));
    assert_int_equal(lp_clamp_s32(-129, -128, 127), -128);
    assert_int_equal(lp_clamp_s32(128, -128, 127), 127);
    assert_int_equal(lp_clamp_s32(5, -128, 127), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(high_mul_is_the_published_one),   cmocka_unit_test(divide_by_pot_rounds_halves_away_from_zero),
        cmocka_unit_test(requantize_rounds_once_or_twice), cmocka_unit_test(ties_tell_the_roundings_apart),
        cmocka_unit_test(wrapping_and_clamping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
