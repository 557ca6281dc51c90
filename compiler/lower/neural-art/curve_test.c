#include "compiler/lower/neural-art/curve.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int8_t clamped(double value)
{
    return (int8_t)(value > 127 ? 127 : value < -128 ? -128 : rint(value));
}

/* Off by at most what it says, within 8 bits before anything clamps. Returns the largest error. */
static int check(const int8_t table[256], const struct lp_npu_curve *c)
{
    int largest = 0;
    assert_in_range(c->row_count, 1, LP_NPU_CURVE_ROWS);
    for (int q = -128; q < 128; q++) {
        int32_t got = lp_npu_curve_at(c, q), error = abs(got - table[q + 128]);
        assert_true(got >= -128 && got <= 127);
        largest = error > largest ? error : largest;
    }
    assert_true(largest <= c->largest_error);
    return largest;
}

static void smooth_functions_are_exact(void **state)
{
    (void)state;
    for (int i = 1; i <= 60; i++) {
        const double scale = i / 400.0;
        int8_t logistic[256], tanhs[256], swish[256], elu[256];
        struct lp_npu_curve c;
        for (int q = -128; q < 128; q++) {
            double x = scale * q;
            logistic[q + 128] = clamped(256 / (1 + exp(-x)) - 128);
            tanhs[q + 128] = clamped(128 * tanh(x));
            swish[q + 128] = clamped(q * fmin(fmax(x / 6 + 0.5, 0), 1));
            elu[q + 128] = clamped(x < 0 ? 100 * (exp(x) - 1) : 100 * x);
        }
        int8_t *tables[] = {logistic, tanhs, swish, elu};
        for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
            assert_true(lp_npu_curve_fit(tables[t], &c));
            assert_int_equal(check(tables[t], &c), 0);
        }
    }
}

static void lines_with_a_bend_are_exact(void **state)
{
    (void)state;
    for (int zero = -128; zero < 128; zero += 5)
        for (int slope = 1; slope <= 40; slope++) {
            int8_t table[256];
            struct lp_npu_curve c;
            for (int q = -128; q < 128; q++)
                table[q + 128] = clamped((q - zero) * (q < zero ? 0.01 : 0.1) * slope + 3);
            assert_true(lp_npu_curve_fit(table, &c));
            assert_int_equal(check(table, &c), 0);
        }
}

static void a_constant_takes_one_row(void **state)
{
    (void)state;
    int8_t table[256];
    struct lp_npu_curve c;
    for (int i = 0; i < 256; i++)
        table[i] = -128;
    assert_true(lp_npu_curve_fit(table, &c));
    assert_int_equal(c.row_count, 1);
    assert_int_equal(check(table, &c), 0);
}

/* Anything up and down: most do not fit, and what fits is as near as it says. */
static void no_noise_passes_as_a_curve(void **state)
{
    (void)state;
    uint32_t random = 1;
    int refused = 0;
    for (int i = 0; i < 40; i++) {
        int8_t table[256];
        struct lp_npu_curve c;
        for (int q = 0; q < 256; q++) {
            random = random * 1664525u + 1013904223u;
            table[q] = (int8_t)((int)(random >> 24) % (i + 1) - i / 2);
        }
        if (lp_npu_curve_fit(table, &c))
            (void)check(table, &c);
        else
            refused++;
    }
    assert_in_range(refused, 20, 39);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(smooth_functions_are_exact),
                                       cmocka_unit_test(lines_with_a_bend_are_exact), cmocka_unit_test(a_constant_takes_one_row),
                                       cmocka_unit_test(no_noise_passes_as_a_curve)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
