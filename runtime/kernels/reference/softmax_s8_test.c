/* Softmax against the mathematical one. Exact bytes are the golden vectors' business; what is checked here are the laws that
 * hold for every row: the distance to the true value, the order of the inputs, and rows that repeat. */
#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 40, ROUNDS = 3000 };

/* beta * scale = step: multiplier, shift and diff_min as the compiler makes them. */
static struct lp_softmax_s8 softmax_of(double step, uint8_t rounding)
{
    int exponent = 0;
    double mantissa = frexp(step * 67108864.0, &exponent);
    struct lp_softmax_s8 p = {.multiplier = (int32_t)(mantissa * 2147483647.0), .shift = (int8_t)exponent, .rounding = rounding};
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
        struct lp_softmax_s8 p = softmax_of(step, (uint8_t)random_in(0, 1));
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

static void rows_stand_alone_and_may_be_overwritten(void **state)
{
    (void)state;
    int8_t in[6 * 5];
    int8_t whole[6 * 5];
    int8_t single[5];
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_softmax_s8 p = softmax_of(0.1, (uint8_t)random_in(0, 1));
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
    struct lp_softmax_s8 p = softmax_of(0.1, LP_ROUNDING_DOUBLE);
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
        cmocka_unit_test(no_output_is_farther_than_one_from_the_truth),
        cmocka_unit_test(rows_stand_alone_and_may_be_overwritten),
        cmocka_unit_test(extreme_depths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
