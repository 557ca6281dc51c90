#include "cli/analyze/budget.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void limits_are_read(void **state)
{
    (void)state;
    struct lp_diag diag = {0};
    struct lp_budget budget = {0};
    assert_int_equal(lp_budget_parse(&diag, "weights=100,ram=3K,flash=1M", &budget), LP_OK);
    assert_int_equal(budget.limit_bytes[LP_BUDGET_WEIGHTS], 100);
    assert_int_equal(budget.limit_bytes[LP_BUDGET_RAM], 3072);
    assert_int_equal(budget.limit_bytes[LP_BUDGET_FLASH], 1048576);
    static const char *const wrong[] = {"",
                                        "weights",
                                        "weights=",
                                        "weights=-1",
                                        "weights=1x",
                                        "weights=1KK",
                                        "rom=1",
                                        "weights=1,",
                                        "weights= 1",
                                        "weights=0x1",
                                        "weights=1,,ram=1",
                                        "ram=1.5K",
                                        "flash=99999999999999999999",
                                        "flash=9999999999999M"};
    for (size_t i = 0; i < LP_COUNT(wrong); i++)
        if (lp_budget_parse(&diag, wrong[i], &budget) != LP_BAD_ARGUMENT)
            fail_msg("'%s' was taken", wrong[i]);
    lp_diag_free(&diag);
}

static void what_exceeds_is_said(void **state)
{
    (void)state;
    struct lp_diag diag = {0};
    struct lp_budget budget = {0};
    struct lp_text out = {0};
    json_t *json = json_array();
    const struct lp_cost costs[] = {
        {.target = "small", .weights_bytes = 100, .program_bytes = 20, .code_bytes = -1, .activations_bytes = 50},
        {.target = "large", .weights_bytes = 101, .program_bytes = 20, .code_bytes = 30, .activations_bytes = 50}};
    assert_int_equal(lp_budget_parse(&diag, "weights=100,flash=120,ram=50", &budget), LP_OK);
    assert_int_equal(lp_budget_check(&budget, costs, 1, &out, NULL), 0);
    assert_non_null(strstr(lp_text_get(&out), "flash on small: 120 of 120 bytes, 0 to spare (without code"));
    assert_int_equal(lp_budget_check(&budget, costs, 2, &out, json), 2);
    assert_non_null(strstr(lp_text_get(&out), "weights on large: 101 of 100 bytes, 1 TOO MANY"));
    assert_non_null(strstr(lp_text_get(&out), "flash on large: 131 of 120 bytes, 11 TOO MANY\n"));
    assert_int_equal(json_array_size(json), 6);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json, 5), "exceeded_bytes")), 11);
    json_decref(json);
    lp_text_free(&out);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits_are_read), cmocka_unit_test(what_exceeds_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
