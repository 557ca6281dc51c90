#include "compiler/semantics/multiplier.h"
#include "compiler/semantics/one_op_test.h"

#include <math.h>

static void powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int exponent = -32; exponent < 30; exponent++) {
        for (int rounding = 0; rounding < 2; rounding++) {
            int32_t multiplier = 0;
            int8_t shift = 0;
            assert_true(lp_quantize_multiplier(ldexp(1.0, exponent), (enum lp_rounding)rounding, &multiplier, &shift));
            assert_int_equal(multiplier, 1 << 30);
            assert_int_equal(shift, exponent + 1);
        }
    }
}

static void factors_have_31_bits_with_halves_away_from_zero(void **state)
{
    (void)state;
    uint64_t bits = 12345;
    for (int i = 0; i < 200000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double factor = ldexp((double)(bits >> 11 | (uint64_t)1 << 52), -53 - (int)(bits % 29));
        int32_t multiplier = 0;
        int8_t shift = 0;
        assert_true(lp_quantize_multiplier(factor, LP_ROUNDING_SINGLE, &multiplier, &shift));
        assert_true(multiplier >= 1 << 30);
        /* exact in long double: 53 bits of the factor times a power of two */
        assert_true((long double)multiplier == roundl(ldexpl((long double)factor, 31 - shift)));
    }
}

static void a_mantissa_that_rounds_up_to_one_moves_the_shift(void **state)
{
    (void)state;
    int32_t multiplier = 0;
    int8_t shift = 0;
    assert_true(lp_quantize_multiplier(nextafter(1.0, 0.0), LP_ROUNDING_DOUBLE, &multiplier, &shift));
    assert_int_equal(multiplier, 1 << 30);
    assert_int_equal(shift, 1);
}

static void tiny_factors_become_zero(void **state)
{
    (void)state;
    int32_t multiplier = 1;
    int8_t shift = 1;
    assert_true(lp_quantize_multiplier(ldexp(0.99, -32), LP_ROUNDING_SINGLE, &multiplier, &shift));
    assert_int_equal(multiplier, 0);
    assert_int_equal(shift, 0);
    multiplier = 1;
    assert_true(lp_quantize_multiplier(0.0, LP_ROUNDING_DOUBLE, &multiplier, &shift));
    assert_int_equal(multiplier, 0);
}

static void huge_factors_saturate_or_are_refused(void **state)
{
    (void)state;
    int32_t multiplier = 7;
    int8_t shift = 7;
    assert_false(lp_quantize_multiplier(1073741824.0, LP_ROUNDING_DOUBLE, &multiplier, &shift));
    assert_int_equal(multiplier, 7);
    assert_true(lp_quantize_multiplier(1073741824.0, LP_ROUNDING_SINGLE, &multiplier, &shift));
    assert_int_equal(multiplier, INT32_MAX);
    assert_int_equal(shift, 30);
    assert_true(lp_quantize_multiplier(1e300, LP_ROUNDING_SINGLE, &multiplier, &shift));
    assert_int_equal(multiplier, INT32_MAX);
    const double senseless[] = {-1.0, -1e-300, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < LP_COUNT(senseless); i++)
        assert_false(lp_quantize_multiplier(senseless[i], LP_ROUNDING_SINGLE, &multiplier, &shift));
}

static void check_range(enum lp_activation activation, float scale, int32_t zero_point, int low, int high)
{
    struct one_op o;
    one_op_open(&o, LP_OP_RELU);
    int8_t min = 0;
    int8_t max = 0;
    lp_activation_range(activation, one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1), scale, zero_point), &min, &max);
    assert_int_equal(min, low);
    assert_int_equal(max, high);
}

static void activations_become_ranges(void **state)
{
    (void)state;
    check_range(LP_ACT_NONE, 0.1f, 3, -128, 127);
    check_range(LP_ACT_RELU, 0.1f, 3, 3, 127);
    check_range(LP_ACT_RELU, 0.1f, -128, -128, 127);
    check_range(LP_ACT_RELU6, 0.1f, -20, -20, 40);
    check_range(LP_ACT_RELU6, 0.01f, -128, -128, 127);
    check_range(LP_ACT_RELU_N1_TO_1, 0.02f, -20, -70, 30);
    /* 1 / 0.4 is a half: away from zero on both sides */
    check_range(LP_ACT_RELU_N1_TO_1, 0.4f, 0, -3, 3);
    /* bounds beyond any integer, from a scale that is next to nothing */
    check_range(LP_ACT_RELU6, 1e-44f, 5, 5, 127);
    check_range(LP_ACT_RELU_N1_TO_1, 1e-44f, 5, -128, 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_two_are_exact),
        cmocka_unit_test(factors_have_31_bits_with_halves_away_from_zero),
        cmocka_unit_test(a_mantissa_that_rounds_up_to_one_moves_the_shift),
        cmocka_unit_test(tiny_factors_become_zero),
        cmocka_unit_test(huge_factors_saturate_or_are_refused),
        cmocka_unit_test(activations_become_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
