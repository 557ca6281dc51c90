/* The parts of the range analysis by themselves: other periods, requantization against every value, declared ranges. */
#include "compiler/analyze/range_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t state_of_random = 0x9e3779b97f4a7c15u;

static int32_t random_between(int32_t low, int32_t high)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return low + (int32_t)((state_of_random >> 16) % (uint64_t)((int64_t)high - low + 1));
}

/* By its definition: element i lies in of[i % period], for all i up to where both periods begin anew. */
static void refolded_intervals_hold_the_same_elements(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct lp_interval of[24];
        struct lp_interval out[24];
        uint32_t from = (uint32_t)random_between(1, 24);
        uint32_t to = (uint32_t)random_between(1, 24);
        for (uint32_t i = 0; i < from; i++) {
            of[i].low = random_between(-128, 127);
            of[i].high = random_between(of[i].low, 127);
        }
        lp_range_refold(&(struct lp_tensor_range){from, of}, to, out);
        for (uint32_t c = 0; c < to; c++) {
            struct lp_interval hull = {INT32_MAX, INT32_MIN};
            for (uint32_t i = c; i < from * to; i += to)
                hull = lp_range_hull(hull, of[i % from]);
            assert_int_equal(out[c].low, hull.low);
            assert_int_equal(out[c].high, hull.high);
        }
    }
}

static int32_t requantize(const struct lp_range_scaling *s, int32_t value)
{
    int32_t scaled = lp_requantize(value, s->multiplier, s->shift, s->rounding);
    return lp_clamp_s32(lp_add_wrapping(scaled, s->offset), s->min, s->max);
}

/* Every value of the interval, for any factor, also where the device's arithmetic wraps around. */
static void requantization_reaches_its_ends(void **state)
{
    (void)state;
    int wrapped = 0;
    for (int round = 0; round < 4000; round++) {
        const struct lp_range_scaling s = {
            .multiplier = random_between(1 << 30, INT32_MAX),
            .shift = random_between(-20, round % 4 == 0 ? 30 : 4),
            .offset = random_between(-128, 127),
            .min = -128,
            .max = random_between(0, 127),
            .rounding = (uint8_t)(round % 2),
        };
        int32_t middle = random_between(-2000000, 2000000);
        struct lp_wide_interval sum = {middle, middle + random_between(0, 500)};
        struct lp_interval range = lp_range_requantize(&s, sum);
        struct lp_interval seen = {INT32_MAX, INT32_MIN};
        for (int32_t value = (int32_t)sum.low; value <= sum.high; value++) {
            int32_t out = requantize(&s, value);
            seen = lp_range_hull(seen, (struct lp_interval){out, out});
        }
        assert_true(seen.low >= range.low && seen.high <= range.high);
        bool is_tight = seen.low == range.low && seen.high == range.high;
        wrapped += !is_tight;
        /* Only what wraps around is not tight, and it says nothing but the clamp. */
        assert_true(is_tight || (range.low == s.min && range.high == s.max));
    }
    assert_true(wrapped < 800);
    const struct lp_range_scaling s = {1 << 30, 1, 0, -128, 127, LP_ROUNDING_SINGLE};
    struct lp_interval all = lp_range_requantize(&s, (struct lp_wide_interval){0, (int64_t)INT32_MAX + 1});
    assert_true(all.low == -128 && all.high == 127);
}

static lp_status parse(struct lp_arena *arena, struct lp_diag *diag, const char *text, struct lp_input_range *out)
{
    return lp_input_range_parse(arena, diag, "ranges.csv", text, out);
}

static void declared_ranges_are_read(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_input_range r = {0};
    assert_int_equal(parse(&arena, &diag, "-128,127", &r), LP_OK);
    assert_int_equal(r.count, 1);
    assert_true(r.of[0].low == -128 && r.of[0].high == 127);
    assert_int_equal(parse(&arena, &diag, "low;high\r\n -3 ; +4 \r\n\n5,5\n", &r), LP_OK);
    assert_int_equal(r.count, 2);
    assert_true(r.of[0].low == -3 && r.of[0].high == 4 && r.of[1].low == 5 && r.of[1].high == 5);
    static const char *const bad[] = {"",      "1",          "1,",   "1,2,3",   "2,1", "1,x", "1,99999999999",
                                      "0.5,1", "a,b\nc,d\n", "\n\n", "1,2\nx,y"};
    for (size_t i = 0; i < LP_COUNT(bad); i++)
        assert_int_equal(parse(&arena, &diag, bad[i], &r), LP_BAD_ARGUMENT);
    assert_non_null(strstr(lp_text_get(&diag.errors), "ranges.csv, line 2: 'x,y'"));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

/* Channel 1 ends where channel 2 begins: it may be as large. Channel 0 stays below. */
static void what_never_is_the_largest(void **state)
{
    (void)state;
    struct lp_tensor tensor = {.name = "", .element = LP_ELEMENT_INT8, .rank = 2, .dims = {1, 3}};
    const struct lp_graph graph = {.tensors = &tensor, .tensor_count = 1};
    const struct lp_interval of[3] = {{-128, 9}, {0, 10}, {10, 100}};
    struct lp_tensor_range range = {3, of};
    const struct lp_ranges ranges = {.graph = &graph, .tensors = &range};
    bool never[3] = {false};
    assert_int_equal(lp_range_never_largest(&ranges, 0, never), 1);
    assert_true(never[0] && !never[1] && !never[2]);
    range.period = 1;
    assert_int_equal(lp_range_never_largest(&ranges, 0, never), 0);
    assert_false(never[0]);
    assert_int_equal(lp_range_at(&ranges, 0, 2).high, 9);
    range.period = 0;
    assert_int_equal(lp_range_at(&ranges, 0, 2).high, 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refolded_intervals_hold_the_same_elements),
        cmocka_unit_test(requantization_reaches_its_ends),
        cmocka_unit_test(declared_ranges_are_read),
        cmocka_unit_test(what_never_is_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
