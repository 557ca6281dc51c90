#define _POSIX_C_SOURCE 200809L
#include "cli/values/element.h"
#include "cli/values/test_support.h"

#include <math.h>

static int64_t quantized(enum lp_element element, double value)
{
    struct lp_tensor tensor = test_tensor(element, 1, 1, 0, 0, 0);
    _Alignas(8) uint8_t bytes[8] = {0};
    assert_int_equal(lp_value_store_real(&tensor, value, bytes), LP_VALUE_OK);
    return lp_value_load_raw(&tensor, bytes);
}

static void real_values_round_to_even_and_saturate(void **state)
{
    (void)state;
    /* round(value / 0.5) - 3 */
    static const struct {
        double value;
        int64_t expected;
    } cases[] = {
        {0.0, -3},     {0.25, -3},   {0.75, -1},     {1.25, -1},      {-0.25, -3},       {-0.75, -5},
        {0.26, -2},    {-0.26, -4},  {65.0, 127},    {65.2, 127},     {66.0, 127},       {-62.5, -128},
        {-63.0, -128}, {1e300, 127}, {-1e300, -128}, {INFINITY, 127}, {-INFINITY, -128},
    };
    for (size_t i = 0; i < LP_COUNT(cases); i++)
        assert_int_equal(quantized(LP_ELEMENT_INT8, cases[i].value), cases[i].expected);
    assert_int_equal(quantized(LP_ELEMENT_UINT8, 1e9), 255);
    assert_int_equal(quantized(LP_ELEMENT_UINT8, 0.0), 0);
    assert_int_equal(quantized(LP_ELEMENT_INT16, -1e9), -32768);
    assert_int_equal(quantized(LP_ELEMENT_INT32, 1e30), INT32_MAX);
    assert_int_equal(quantized(LP_ELEMENT_INT32, -INFINITY), INT32_MIN);
}

static void nan_is_refused_everywhere(void **state)
{
    (void)state;
    static const enum lp_element elements[] = {LP_ELEMENT_INT8, LP_ELEMENT_INT32, LP_ELEMENT_FLOAT32};
    for (size_t i = 0; i < LP_COUNT(elements); i++) {
        struct lp_tensor tensor = test_tensor(elements[i], 1, 1, 0, 0, 0);
        uint8_t bytes[8];
        assert_int_equal(lp_value_store_real(&tensor, (double)NAN, bytes), LP_VALUE_NOT_A_NUMBER);
    }
}

static void raw_values_keep_to_the_range_of_the_type(void **state)
{
    (void)state;
    static const struct {
        enum lp_element element;
        int64_t low, high;
    } types[] = {{LP_ELEMENT_INT8, -128, 127},
                 {LP_ELEMENT_UINT8, 0, 255},
                 {LP_ELEMENT_INT16, -32768, 32767},
                 {LP_ELEMENT_INT32, -2147483648LL, 2147483647LL},
                 {LP_ELEMENT_BOOL, 0, 1}};
    for (size_t i = 0; i < LP_COUNT(types); i++) {
        struct lp_tensor tensor = test_tensor(types[i].element, 1, 1, 0, 0, 0);
        _Alignas(8) uint8_t bytes[8];
        const int64_t ends[] = {types[i].low, types[i].high};
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(lp_value_store_raw(&tensor, ends[k], bytes), LP_VALUE_OK);
            assert_true(lp_value_load_raw(&tensor, bytes) == ends[k]);
        }
        assert_int_equal(lp_value_store_raw(&tensor, types[i].low - 1, bytes), LP_VALUE_OUT_OF_RANGE);
        assert_int_equal(lp_value_store_raw(&tensor, types[i].high + 1, bytes), LP_VALUE_OUT_OF_RANGE);
    }
}

static void float32_is_kept_and_its_range_checked(void **state)
{
    (void)state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_FLOAT32, 1, 1, 0, 0, 0);
    uint8_t bytes[4];
    assert_int_equal(lp_value_store_real(&tensor, 0.1, bytes), LP_VALUE_OK);
    assert_true(lp_value_load_real(&tensor, bytes) == 0.1f);
    assert_int_equal(lp_value_store_real(&tensor, 1e39, bytes), LP_VALUE_OUT_OF_RANGE);
    assert_int_equal(lp_value_store_raw(&tensor, 1, bytes), LP_VALUE_OUT_OF_RANGE);
}

static void dequantization_uses_scale_and_zero_point(void **state)
{
    (void)state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 1, 0, 0, 0);
    const uint8_t lowest = 0x80;
    assert_true(lp_value_load_real(&tensor, &lowest) == -62.5f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_values_round_to_even_and_saturate),   cmocka_unit_test(nan_is_refused_everywhere),
        cmocka_unit_test(raw_values_keep_to_the_range_of_the_type), cmocka_unit_test(float32_is_kept_and_its_range_checked),
        cmocka_unit_test(dequantization_uses_scale_and_zero_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
