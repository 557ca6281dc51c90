#include "pipeline/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_sample_belongs_to_the_nearest_place(void **state)
{
    (void)state;
    for (uint32_t start = 0; start < 3; start++) {
        uint32_t start_ms = start == 0 ? 0 : start == 1 ? 123456 : UINT32_MAX - 250;
        for (uint32_t period = 1; period <= 101; period += 25)
            for (uint32_t ahead = 0; ahead < 5 * period; ahead++) {
                struct lp_grid grid = {.period_ms = period};
                uint32_t places = 77;
                assert_int_equal(lp_grid_place(&grid, start_ms, &places), LP_GRID_FIRST);
                enum lp_grid_step step = lp_grid_place(&grid, start_ms + ahead, &places);
                uint32_t nearest = (2 * ahead + period) / (2 * period);
                assert_int_equal(step, nearest == 0 ? LP_GRID_REPEATED : LP_GRID_NEXT);
                assert_int_equal(places, nearest == 0 ? 77 : nearest);
                assert_int_equal(grid.last_ms, start_ms + nearest * period);
            }
    }
}

/* Late by up to just under half a period each time, for an hour of 10 ms: never a place more or less. */
static void jitter_never_adds_up(void **state)
{
    (void)state;
    struct lp_grid grid = {.period_ms = 10};
    uint32_t start_ms = UINT32_MAX - 1800000; /* wraps in the middle */
    uint32_t places = 0, random = 1;
    assert_int_equal(lp_grid_place(&grid, start_ms, &places), LP_GRID_FIRST);
    for (uint32_t i = 1; i <= 360000; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t jitter = (random >> 16) % 10; /* 0..9 around 5: -5..4 */
        assert_int_equal(lp_grid_place(&grid, start_ms + i * 10 - 5 + jitter, &places), LP_GRID_NEXT);
        assert_int_equal(places, 1);
    }
    assert_int_equal(grid.last_ms, start_ms + 3600000);
}

static void a_clock_that_goes_back_is_noticed(void **state)
{
    (void)state;
    uint32_t places = 0;
    struct lp_grid grid = {.period_ms = 100};
    assert_int_equal(lp_grid_place(&grid, 1000, &places), LP_GRID_FIRST);
    assert_int_equal(lp_grid_place(&grid, 950, &places), LP_GRID_REPEATED);
    assert_int_equal(lp_grid_place(&grid, 949, &places), LP_GRID_BACKWARDS);
    assert_int_equal(lp_grid_place(&grid, 500, &places), LP_GRID_FIRST);
    assert_int_equal(lp_grid_place(&grid, 600, &places), LP_GRID_NEXT);
    assert_int_equal(lp_grid_place(&grid, 600u + 0x7fffffffu, &places), LP_GRID_NEXT);
    assert_int_equal(places, (0x7fffffffu + 50u) / 100u);
    grid = (struct lp_grid){.period_ms = 100, .last_ms = 0, .started = true};
    assert_int_equal(lp_grid_place(&grid, 0x80000000u, &places), LP_GRID_BACKWARDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_belongs_to_the_nearest_place),
        cmocka_unit_test(jitter_never_adds_up),
        cmocka_unit_test(a_clock_that_goes_back_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
