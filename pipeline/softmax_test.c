#include "pipeline/softmax.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Every step of the C library's nextafter would take too long: a fine grid over the whole range, in units of the last place. */
static void the_exponential_is_within_two_units_of_the_last_place(void **state)
{
    (void)state;
    for (int32_t i = 0; i <= 873000; i++) {
        float x = -0.0001f * (float)i;
        if (x <= -87.3f)
            break;
        float got = lp_exp_negative(x);
        double want = exp((double)x);
        double unit = (double)(nextafterf((float)want, INFINITY) - (float)want);
        assert_true(fabs((double)got - want) <= 2.0 * unit);
    }
}

static void the_ends_of_the_exponential_are_exact(void **state)
{
    (void)state;
    assert_true(lp_exp_negative(0.0f) == 1.0f);
    assert_true(lp_exp_negative(-0.0f) == 1.0f);
    assert_true(lp_exp_negative(3.0f) == 1.0f);
    assert_true(lp_exp_negative(-87.4f) == 0.0f);
    assert_true(lp_exp_negative(-INFINITY) == 0.0f);
    assert_true(lp_exp_negative(NAN) == 0.0f);
    assert_true(lp_exp_negative(-87.2f) > 0.0f);
}

static void probabilities_add_up_to_one_and_keep_the_order(void **state)
{
    (void)state;
    float values[5] = {-2.0f, 1000.0f, 999.0f, -1000.0f, 998.0f};
    lp_softmax(values, 5);
    double sum = 0;
    for (int i = 0; i < 5; i++)
        sum += (double)values[i];
    assert_true(fabs(sum - 1.0) < 1e-6);
    assert_true(values[1] > values[2] && values[2] > values[4] && values[4] > 0.0f);
    assert_true(values[0] == 0.0f && values[3] == 0.0f);
    assert_true(fabs((double)values[1] - 1.0 / (1.0 + exp(-1) + exp(-2))) < 1e-6);
}

static void equal_values_share_and_the_first_one_wins(void **state)
{
    (void)state;
    float values[4] = {7.0f, 7.0f, 7.0f, 7.0f};
    lp_softmax(values, 4);
    for (int i = 0; i < 4; i++)
        assert_true(values[i] == 0.25f);
    assert_int_equal(lp_argmax(values, 4), 0);
    float one = -3.0f;
    lp_softmax(&one, 1);
    assert_true(one == 1.0f);
    const float later[3] = {0.1f, 0.4f, 0.4f};
    assert_int_equal(lp_argmax(later, 3), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exponential_is_within_two_units_of_the_last_place),
        cmocka_unit_test(the_ends_of_the_exponential_are_exact),
        cmocka_unit_test(probabilities_add_up_to_one_and_keep_the_order),
        cmocka_unit_test(equal_values_share_and_the_first_one_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
