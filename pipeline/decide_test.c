#include "pipeline/decide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

/* Votes of "0".."9", "." is a window without confidence; the expected decisions stand below them. */
static void expect_votes(struct lp_decide_config config, const char *votes, const char *wanted)
{
    struct lp_decide decide;
    lp_decide_reset(&decide);
    for (size_t i = 0; votes[i] != '\0'; i++) {
        float confidence = votes[i] == '.' ? 0.2f : 0.9f;
        int16_t voted = votes[i] == '.' ? 3 : (int16_t)(votes[i] - '0');
        int16_t got = lp_decide_vote(&decide, &config, voted, confidence);
        assert_int_equal(got, wanted[i] == '-' ? LP_NO_CLASS : wanted[i] - '0');
    }
}

static void n_of_m_windows_must_agree(void **state)
{
    (void)state;
    struct lp_decide_config two_of_three = {.min_confidence = 0.5f, .needed = 2, .of = 3};
    expect_votes(two_of_three, "11211322233", "-11111-2223");
    expect_votes(two_of_three, "1..1..11", "-------1");
    expect_votes(two_of_three, "11...", "-11--");
    struct lp_decide_config each = {.min_confidence = 0.5f, .needed = 1, .of = 1};
    expect_votes(each, "1234.4", "1234-4");
}

static void a_tie_goes_to_the_newest_vote(void **state)
{
    (void)state;
    struct lp_decide_config config = {.min_confidence = 0.5f, .needed = 1, .of = 4};
    expect_votes(config, "1122112", "1112112");
}

static void the_longest_memory_wraps(void **state)
{
    (void)state;
    struct lp_decide_config config = {.min_confidence = 0.0f, .needed = LP_MAX_VOTES, .of = LP_MAX_VOTES};
    struct lp_decide decide;
    lp_decide_reset(&decide);
    for (int i = 0; i < 200; i++) {
        int16_t got = lp_decide_vote(&decide, &config, i < 100 ? 4 : 5, 0.0f);
        bool agree = (i >= LP_MAX_VOTES - 1 && i < 100) || i >= 100 + LP_MAX_VOTES - 1;
        assert_int_equal(got, !agree ? LP_NO_CLASS : i < 100 ? 4 : 5);
    }
}

static void confidence_that_is_no_number_votes_for_nothing(void **state)
{
    (void)state;
    struct lp_decide_config config = {.min_confidence = 0.0f, .needed = 1, .of = 1};
    struct lp_decide decide;
    lp_decide_reset(&decide);
    assert_int_equal(lp_decide_vote(&decide, &config, 1, NAN), LP_NO_CLASS);
    assert_int_equal(lp_decide_vote(&decide, &config, 1, 0.0f), 1);
}

static void rules_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct lp_decide_config bad[] = {
        {-0.1f, 1, 1}, {1.1f, 1, 1}, {NAN, 1, 1}, {0.5f, 0, 1}, {0.5f, 2, 1}, {0.5f, 1, 0}, {0.5f, 1, LP_MAX_VOTES + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(lp_decide_check(&bad[i]), LP_BAD_ARGUMENT);
    struct lp_decide_config good = {1.0f, LP_MAX_VOTES, LP_MAX_VOTES};
    assert_int_equal(lp_decide_check(&good), LP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(n_of_m_windows_must_agree),      cmocka_unit_test(a_tie_goes_to_the_newest_vote),
        cmocka_unit_test(the_longest_memory_wraps),       cmocka_unit_test(confidence_that_is_no_number_votes_for_nothing),
        cmocka_unit_test(rules_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
