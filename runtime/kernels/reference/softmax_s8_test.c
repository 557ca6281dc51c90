/* Softmax against the published fixed-point formulas, written with exact division and constants computed from their meaning,
 * and against the mathematical function: the distance to the true value, the order of the inputs, rows that repeat. */
#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 40, ROUNDS = 3000 };

/* beta * scale = step: multiplier, shift and diff_min as the compiler makes them. */
static struct lp_softmax_s8 softmax_of(double step)
{
    int exponent = 0;
    double mantissa = frexp(step * 67108864.0, &exponent);
    struct lp_softmax_s8 p = {.multiplier = (int32_t)(mantissa * 2147483647.0), .shift = (int8_t)exponent};
    p.diff_min = -(int32_t)floor(31.0 * 67108864.0 / exp2(exponent));
    return p;
}

static void no_output_is_farther_than_one_from_the_truth(void **state)
{
    (void)state;
    int8_t in[MAX_DEPTH];
    int8_t out[MAX_DEPTH];
    for (int round = 0; round < ROUNDS; round++) {
        double step = exp2(random_in(-90, 10) / 10.0);
        struct lp_softmax_s8 p = softmax_of(step);
        p.in = in;
        p.out = out;
        p.rows = 1;
        p.depth = random_in(1, MAX_DEPTH);
        random_bytes(in, p.depth);
        assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
        double sum = 0;
        for (int i = 0; i < p.depth; i++)
            sum += exp(in[i] * step);
        for (int i = 0; i < p.depth; i++) {
            double truth = fmin(exp(in[i] * step) / sum * 256 - 128, 127);
            assert_true(fabs(out[i] - truth) < 1.01);
            for (int j = 0; j < p.depth; j++)
                assert_true(in[i] < in[j] ? out[i] <= out[j] : out[i] >= out[j]);
        }
    }
}

/* a * b where 2^31 stands for 1, halves upwards; the one product that does not fit never occurs here. */
static wide fraction_product(wide a, wide b)
{
    return naive_floor(2 * a * b + naive_power(31), naive_power(32));
}

/* a / 2^bits, halves away from zero */
static wide halves_away(wide a, int32_t bits)
{
    wide magnitude = naive_floor(2 * (a < 0 ? -a : a) + naive_power(bits), 2 * naive_power(bits));
    return a < 0 ? -magnitude : magnitude;
}

static wide constant(double value, int32_t fraction_bits)
{
    return (wide)llround(ldexp(value, fraction_bits));
}

/* e^(a / 2^26) in units of 2^-31, a <= 0: e^-1/8 (1 + x + x^2/2 + x^3/6 + x^4/24) of the part in [-1/4, 0), the remaining
 * whole quarters as products of e^-1/4, e^-1/2, e^-1 ... e^-16. */
static wide naive_exp(wide a)
{
    if (a == 0)
        return INT32_MAX;
    const wide quarter = naive_power(24);
    wide quarters = -naive_floor(a, quarter) - 1;
    wide x = (a + quarters * quarter) * 32 + naive_power(28);
    wide x2 = fraction_product(x, x);
    wide x3 = fraction_product(x2, x);
    wide x4 = fraction_product(x2, x2);
    wide sixth = fraction_product(halves_away(x4, 2) + x3, constant(1.0 / 3, 31)) + x2;
    wide base = constant(exp(-0.125), 31);
    wide result = base + fraction_product(base, x + halves_away(sixth, 1));
    for (int i = 0; i < 7; i++)
        if (quarters / naive_power(i) % 2 != 0)
            result = fraction_product(result, constant(exp(-ldexp(0.25, i)), 31));
    return result;
}

/* 2^31 / (1 + a / 2^31) for 0 <= a < 2^31: Newton's iteration for the half of the divisor in units of 2^-29. */
static wide naive_reciprocal(wide a)
{
    wide half = naive_floor(a + INT32_MAX + 1, 2);
    wide x = constant(48.0 / 17, 29) + fraction_product(half, constant(-32.0 / 17, 29));
    for (int step = 0; step < 3; step++)
        x += 4 * fraction_product(x, naive_power(29) - fraction_product(half, x));
    return 2 * x > INT32_MAX ? INT32_MAX : 2 * x;
}

static void naive_row(const struct lp_softmax_s8 *p, int8_t *out)
{
    int8_t max = INT8_MIN;
    wide exps[MAX_DEPTH];
    wide sum = 0;
    for (int i = 0; i < p->depth; i++)
        max = p->in[i] > max ? p->in[i] : max;
    for (int i = 0; i < p->depth; i++) {
        int32_t difference = p->in[i] - max;
        int32_t scaled = naive_requantize(difference, p->multiplier, p->shift, LP_ROUNDING_SINGLE);
        assert_true(difference < p->diff_min ||
                    scaled == naive_requantize(difference, p->multiplier, p->shift, LP_ROUNDING_DOUBLE));
        exps[i] = difference < p->diff_min ? 0 : naive_exp(scaled);
        sum += halves_away(exps[i], 12);
    }
    int zeros = 0;
    while (sum * naive_power(zeros) < naive_power(31))
        zeros++;
    wide reciprocal = naive_reciprocal(sum * naive_power(zeros) - naive_power(31));
    for (int i = 0; i < p->depth; i++) {
        wide value = halves_away(fraction_product(reciprocal, exps[i]), 12 - zeros + 23) - 128;
        out[i] = (int8_t)naive_clamp((int32_t)value, -128, 127);
    }
}

static void every_row_as_published(void **state)
{
    (void)state;
    int8_t in[MAX_DEPTH];
    int8_t found[MAX_DEPTH];
    int8_t expected[MAX_DEPTH];
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_softmax_s8 p = softmax_of(exp2(random_in(-90, 10) / 10.0));
        p.in = in;
        p.out = found;
        p.rows = 1;
        p.depth = random_in(1, MAX_DEPTH);
        random_bytes(in, p.depth);
        naive_row(&p, expected);
        assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
        assert_same_bytes(found, expected, p.depth);
    }
}

static void rows_stand_alone_and_may_be_overwritten(void **state)
{
    (void)state;
    int8_t in[6 * 5];
    int8_t whole[6 * 5];
    int8_t single[5];
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_softmax_s8 p = softmax_of(0.1);
        random_bytes(in, (int32_t)sizeof in);
        p.in = in;
        p.out = whole;
        p.rows = 6;
        p.depth = 5;
        assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
        p.rows = 1;
        p.out = single;
        for (int r = 0; r < 6; r++) {
            p.in = in + r * 5;
            assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
            assert_same_bytes(single, whole + r * 5, 5);
        }
        p.in = in;
        p.out = in;
        p.rows = 6;
        assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
        assert_same_bytes(in, whole, (int32_t)sizeof in);
    }
}

/* One element has all of the probability: 256/256 does not fit and is clamped. Very many share it: nothing is left. */
static void extreme_depths(void **state)
{
    (void)state;
    static int8_t in[4095];
    static int8_t out[4095];
    struct lp_softmax_s8 p = softmax_of(0.1);
    p.in = in;
    p.out = out;
    p.rows = 1;
    p.depth = 1;
    assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
    assert_int_equal(out[0], 127);
    p.depth = 4095;
    assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
    for (int i = 0; i < 4095; i++)
        assert_int_equal(out[i], -128);
    p.depth = 256;
    assert_int_equal(lp_softmax_s8__reference(&p), LP_OK);
    for (int i = 0; i < 256; i++)
        assert_int_equal(out[i], -127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_as_published),
        cmocka_unit_test(no_output_is_farther_than_one_from_the_truth),
        cmocka_unit_test(rows_stand_alone_and_may_be_overwritten),
        cmocka_unit_test(extreme_depths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
