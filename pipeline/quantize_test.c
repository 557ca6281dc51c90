#include "pipeline/quantize.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void halves_go_to_the_even_integer(void **state)
{
    (void)state;
    static const struct {
        float value;
        int8_t want;
    } cases[] = {
        {0.5f, 0},          {1.5f, 2},     {2.5f, 2},     {3.5f, 4},        {-0.5f, 0},
        {-1.5f, -2},        {-2.5f, -2},   {-3.5f, -4},   {0.49999997f, 0}, {0.50000006f, 1},
        {-0.50000006f, -1}, {126.5f, 126}, {127.5f, 127}, {-127.5f, -128},  {-128.5f, -128},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(lp_quantize_s8(cases[i].value, 1.0f, 0), cases[i].want);
}

/* The C library's rint in its default rounding mode is the oracle, over every quarter step and both ends. */
static void agrees_with_rint_everywhere(void **state)
{
    (void)state;
    assert_int_equal(fegetround(), FE_TONEAREST);
    static const float scales[] = {1.0f, 0.032237865f, 0.0078125f, 3.7f, 1e-30f, 1e30f};
    for (size_t s = 0; s < sizeof scales / sizeof scales[0]; s++)
        for (int32_t zero_point = -128; zero_point <= 127; zero_point += 17)
            for (int32_t quarter = -2200; quarter <= 2200; quarter++) {
                float value = 0.25f * (float)quarter * scales[s];
                double want = rint((double)(value / scales[s])) + zero_point;
                want = want > 127 ? 127 : want < -128 ? -128 : want;
                assert_int_equal(lp_quantize_s8(value, scales[s], zero_point), (int)want);
            }
}

static void values_that_are_no_numbers_follow_the_rule(void **state)
{
    (void)state;
    for (int32_t zero_point = -128; zero_point <= 127; zero_point++) {
        assert_int_equal(lp_quantize_s8(NAN, 0.5f, zero_point), zero_point);
        assert_int_equal(lp_quantize_s8(-NAN, 0.5f, zero_point), zero_point);
        assert_int_equal(lp_quantize_s8(INFINITY, 0.5f, zero_point), 127);
        assert_int_equal(lp_quantize_s8(-INFINITY, 0.5f, zero_point), -128);
        assert_int_equal(lp_quantize_s8(FLT_MAX, FLT_MIN, zero_point), 127);
        assert_int_equal(lp_quantize_s8(-FLT_MAX, FLT_MIN, zero_point), -128);
        assert_int_equal(lp_quantize_s8(FLT_TRUE_MIN, FLT_MAX, zero_point), zero_point);
    }
    assert_false(lp_is_finite(NAN));
    assert_false(lp_is_finite(INFINITY));
    assert_false(lp_is_finite(-INFINITY));
    assert_true(lp_is_finite(-FLT_MAX));
    assert_true(lp_is_finite(0.0f));
    assert_true(lp_is_finite(FLT_TRUE_MIN));
}

static void dequantized_integers_quantize_to_themselves(void **state)
{
    (void)state;
    for (int32_t zero_point = -128; zero_point <= 127; zero_point += 5)
        for (int q = -128; q <= 127; q++) {
            float real = lp_dequantize_s8((int8_t)q, 0.0407864414f, zero_point);
            assert_int_equal(lp_quantize_s8(real, 0.0407864414f, zero_point), q);
        }
    assert_true(lp_dequantize_s8(-128, 0.00390625f, -128) == 0.0f);
    assert_true(lp_dequantize_s8(127, 0.00390625f, -128) == 0.99609375f);
}

static void normalizing_overflows_to_a_saturated_integer(void **state)
{
    (void)state;
    assert_true(lp_normalize(5.0f, 3.0f, 4.0f) == 0.5f);
    assert_int_equal(lp_quantize_s8(lp_normalize(FLT_MAX, -FLT_MAX, 1.0f), 0.1f, 0), 127);
    assert_int_equal(lp_quantize_s8(lp_normalize(-FLT_MAX, FLT_MAX, 1.0f), 0.1f, 0), -128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_go_to_the_even_integer),
        cmocka_unit_test(agrees_with_rint_everywhere),
        cmocka_unit_test(values_that_are_no_numbers_follow_the_rule),
        cmocka_unit_test(dequantized_integers_quantize_to_themselves),
        cmocka_unit_test(normalizing_overflows_to_a_saturated_integer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
