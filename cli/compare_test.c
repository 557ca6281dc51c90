#include "cli/compare.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

static const float scale = 0.5f;
static const int32_t zero_point = 10;

static struct lp_tensor tensor_of(enum lp_element element, int32_t elements)
{
    struct lp_tensor t = {.name = "", .element = element, .rank = 1, .dims = {elements}};
    if (element != LP_ELEMENT_FLOAT32)
        t.quant = (struct lp_quant){.count = 1, .scale = &scale, .zero_point = &zero_point};
    return t;
}

static double number(const struct lp_compare *c, const char *key)
{
    json_t *json = json_object();
    lp_compare_json(c, json);
    json_t *value = json_object_get(json, key);
    assert_non_null(value);
    double result = json_is_null(value) ? (double)NAN : json_number_value(value);
    json_decref(json);
    return result;
}

static struct lp_compare compare_int8(const int8_t *reference, const int8_t *seen, int32_t elements)
{
    struct lp_compare c = {0};
    struct lp_tensor t = tensor_of(LP_ELEMENT_INT8, elements);
    lp_compare_add(&c, &t, reference, seen);
    return c;
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-12;
}

/* By hand: differences 1, -2, 0, 0; real values (without zero point) 0 2 4 6 against 1 0 4 6. */
static void measures_are_those_of_the_textbook(void **state)
{
    (void)state;
    const int8_t reference[4] = {10, 12, 14, 16};
    const int8_t seen[4] = {11, 10, 14, 16};
    struct lp_compare c = compare_int8(reference, seen, 4);
    assert_false(lp_compare_is_exact(&c));
    assert_true(near(number(&c, "exact"), 0.5));
    assert_true(near(number(&c, "max_abs_diff"), 2));
    assert_true(near(number(&c, "bias"), -0.25));
    assert_true(near(number(&c, "mae"), 0.75));
    assert_true(near(number(&c, "rmse"), sqrt(5.0 / 4)));
    assert_true(near(number(&c, "cosine"), 52 / (sqrt(56.0) * sqrt(53.0))));
    assert_true(near(number(&c, "nse"), 1 - 5.0 / 20)); /* mean 3: squares 9 1 1 9 */
    assert_true(near(number(&c, "argmax_agreement"), 1));
}

static void equal_values_are_exact_even_without_variance(void **state)
{
    (void)state;
    const int8_t flat[3] = {10, 10, 10};
    struct lp_compare c = compare_int8(flat, flat, 3);
    assert_true(lp_compare_is_exact(&c));
    assert_true(near(number(&c, "cosine"), 1));
    assert_true(near(number(&c, "nse"), 1));
}

static void a_missed_constant_has_no_efficiency(void **state)
{
    (void)state;
    const int8_t reference[3] = {10, 10, 10};
    const int8_t seen[3] = {10, 90, 10};
    struct lp_compare c = compare_int8(reference, seen, 3);
    assert_true(isnan(number(&c, "nse")));
    assert_true(isnan(number(&c, "cosine")));
    assert_true(near(number(&c, "argmax_agreement"), 0));
}

static void classes_are_counted_over_inferences(void **state)
{
    (void)state;
    const int8_t a[2] = {1, 2};
    const int8_t b[2] = {2, 1};
    struct lp_compare c = compare_int8(a, a, 2);
    struct lp_tensor t = tensor_of(LP_ELEMENT_INT8, 2);
    lp_compare_add(&c, &t, a, b);
    assert_int_equal(c.elements, 4);
    assert_int_equal(c.exact, 2);
    assert_true(near(number(&c, "argmax_agreement"), 0.5));
}

static void a_nan_equals_a_nan_and_nothing_else(void **state)
{
    (void)state;
    const float nan_first[2] = {NAN, 1};
    const float numbers[2] = {0, 1};
    struct lp_compare same = {0};
    struct lp_compare other = {0};
    struct lp_tensor t = tensor_of(LP_ELEMENT_FLOAT32, 2);
    lp_compare_add(&same, &t, nan_first, nan_first);
    assert_true(lp_compare_is_exact(&same));
    assert_true(near(number(&same, "nse"), 1));
    lp_compare_add(&other, &t, nan_first, numbers);
    assert_int_equal(other.exact, 1);
    assert_true(isinf(other.max_abs_diff));
    assert_true(isnan(number(&other, "max_abs_diff"))); /* null in JSON */
    assert_true(isnan(number(&other, "rmse")));
}

static void elements_of_every_type_are_read(void **state)
{
    (void)state;
    const int8_t s8 = -128;
    const uint8_t u8 = 255;
    const int16_t s16 = -32768;
    const int32_t s32 = INT32_MIN;
    const int64_t s64 = -(1LL << 50);
    const float f32 = 0.25f;
    assert_true(lp_element_value(LP_ELEMENT_INT8, &s8, 0) == -128);
    assert_true(lp_element_value(LP_ELEMENT_UINT8, &u8, 0) == 255);
    assert_true(lp_element_value(LP_ELEMENT_BOOL, &u8, 0) == 255);
    assert_true(lp_element_value(LP_ELEMENT_INT16, &s16, 0) == -32768);
    assert_true(lp_element_value(LP_ELEMENT_INT32, &s32, 0) == INT32_MIN);
    assert_true(lp_element_value(LP_ELEMENT_INT64, &s64, 0) == -(double)(1LL << 50));
    assert_true(lp_element_value(LP_ELEMENT_FLOAT32, &f32, 0) == 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_are_those_of_the_textbook),  cmocka_unit_test(equal_values_are_exact_even_without_variance),
        cmocka_unit_test(a_missed_constant_has_no_efficiency), cmocka_unit_test(classes_are_counted_over_inferences),
        cmocka_unit_test(a_nan_equals_a_nan_and_nothing_else), cmocka_unit_test(elements_of_every_type_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
