#include "compiler/plan/plan.h"

#include "compiler/base/arena.h"
#include "compiler/plan/plan_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 600 };

static struct lp_plan_result plan(struct lp_block *blocks, uint32_t count, const struct lp_overlap *overlaps,
                                  uint32_t overlap_count)
{
    struct lp_diag diag = {0};
    struct lp_plan_problem problem = {blocks, count, overlaps, overlap_count, &diag};
    struct lp_plan_result result;
    lp_status status = lp_plan_make(&problem, &result);
    assert_string_equal(lp_text_get(&diag.errors), "");
    assert_int_equal(status, LP_OK);
    assert_true(lp_plan_is_sound(blocks, count, overlaps, overlap_count, result.peak_bytes));
    assert_true(result.lower_bound_bytes <= result.peak_bytes);
    assert_int_equal(result.is_optimal, result.lower_bound_bytes == result.peak_bytes);
    uint32_t peak = 0;
    for (uint32_t i = 0; i < count; i++)
        if (blocks[i].size_bytes != 0 && blocks[i].offset_bytes + blocks[i].size_bytes > peak)
            peak = blocks[i].offset_bytes + blocks[i].size_bytes;
    assert_int_equal(result.peak_bytes, peak);
    return result;
}

static void expect_peak(struct lp_block *blocks, uint32_t count, const struct lp_overlap *overlaps, uint32_t overlap_count,
                        uint32_t peak_bytes)
{
    struct lp_plan_result result = plan(blocks, count, overlaps, overlap_count);
    assert_int_equal(result.peak_bytes, peak_bytes);
    assert_true(result.is_optimal);
}

/* Each layer reads the block before its own: two are alive at a time, and the largest neighbours decide. */
static void chain_of_layers(void **state)
{
    (void)state;
    struct lp_block b[] = {{490, 1, 0, 0, 0},  {8000, 1, 0, 1, 0}, {8000, 1, 1, 2, 0},
                           {2000, 1, 2, 3, 0}, {64, 1, 3, 4, 0},   {12, 1, 4, 5, 0}};
    expect_peak(b, 6, NULL, 0, 16000);
}

/* x goes around a, b: when b is computed, x, a and b are alive. Then sum is added in place of b. */
static void residual_block(void **state)
{
    (void)state;
    struct lp_block b[] = {{100, 1, 0, 2, 0}, {300, 1, 0, 1, 0}, {100, 1, 1, 2, 0}, {100, 1, 2, 3, 0}};
    expect_peak(b, 4, NULL, 0, 500);
    b[1].size_bytes = 50;
    expect_peak(b, 4, NULL, 0, 300);
    struct lp_overlap in_place[] = {{3, 2, 0}, {3, 0, 0}};
    expect_peak(b, 4, in_place, 2, 250);
    /* An operand that stands there twice, as in x + x, is no error. */
    struct lp_overlap twice[] = {{3, 2, 100}, {3, 2, 0}, {3, 2, 7}};
    expect_peak(b, 4, twice, 3, 250);
}

/* Three blocks of one epoch that all start below a fourth: only one of them may use its bytes. */
static void overlaps_are_shared_only_once(void **state)
{
    (void)state;
    struct lp_block b[] = {{100, 1, 0, 1, 0}, {60, 1, 1, 2, 0}, {60, 1, 1, 2, 0}};
    struct lp_overlap both[] = {{1, 0, 0}, {2, 0, 0}};
    expect_peak(b, 3, both, 2, 160);
}

static void a_gap_costs_its_bytes(void **state)
{
    (void)state;
    for (uint32_t gap = 0; gap <= 120; gap += 10) {
        struct lp_block b[] = {{100, 1, 0, 1, 0}, {100, 1, 1, 2, 0}};
        struct lp_overlap o = {.writer = 1, .reader = 0, .gap_bytes = gap};
        expect_peak(b, 2, &o, 1, 100 + (gap < 100 ? gap : 100));
    }
}

static void arena_is_exact_and_aligned(void **state)
{
    (void)state;
    struct lp_block b[] = {{13, 16, 0, 1, 0}, {5, 16, 0, 1, 0}, {3, 16, 1, 1, 0}};
    expect_peak(b, 3, NULL, 0, 32 + 3);
    struct lp_block c[] = {{3, 4, 0, 1, 0}, {7, 6, 0, 1, 0}};
    expect_peak(c, 2, NULL, 0, 8 + 3);
}

static void nothing_to_place(void **state)
{
    (void)state;
    expect_peak(NULL, 0, NULL, 0, 0);
    struct lp_block b[] = {{0, 1, 0, 9, 77}, {0, 8, 0, 9, 77}};
    expect_peak(b, 2, NULL, 0, 0);
    assert_int_equal(b[0].offset_bytes, 0);
    struct lp_block c[] = {{0, 1, 0, 9, 0}, {8, 1, 3, 3, 0}, {0, 1, 3, 3, 0}};
    struct lp_overlap o = {.writer = 2, .reader = 1, .gap_bytes = 0};
    expect_peak(c, 3, &o, 1, 8);
}

/* Every fixed order gives 9: the long block of 3 takes the end that the first of 4 should have. */
static void needs_more_than_a_greedy_order(void **state)
{
    (void)state;
    struct lp_block b[] = {{4, 1, 3, 5, 0}, {4, 1, 4, 4, 0}, {3, 1, 0, 1, 0}, {2, 1, 1, 1, 0}, {3, 1, 0, 3, 0}};
    expect_peak(b, 5, NULL, 0, 8);
}

/* 10 bytes are alive together, but one of the two has to start at 6 at least: the search proves what the sum does not. */
static void proves_more_than_the_sum(void **state)
{
    (void)state;
    struct lp_block b[] = {{5, 4, 0, 1, 0}, {5, 3, 1, 2, 0}};
    expect_peak(b, 2, NULL, 0, 11);
}

/* The read block has to rest on the written one, which has to rest on the third, which can't lie anywhere but at 0. */
static void a_read_block_may_rest_on_the_one_written_over_it(void **state)
{
    (void)state;
    struct lp_block b[] = {{6, 1, 1, 2, 0}, {6, 1, 2, 3, 0}, {5, 16, 3, 3, 0}};
    struct lp_overlap o = {.writer = 1, .reader = 0, .gap_bytes = 0};
    expect_peak(b, 3, &o, 1, 11);
    assert_int_equal(b[0].offset_bytes, 5);
    assert_int_equal(b[1].offset_bytes, 5);
}

static void unsound_plans_are_rejected(void **state)
{
    (void)state;
    static const struct lp_block good[] = {{10, 4, 0, 1, 12}, {10, 4, 1, 2, 0}, {8, 4, 2, 3, 12}};
    struct lp_overlap o = {.writer = 1, .reader = 0, .gap_bytes = 4};
    struct lp_block b[3];
    assert_true(lp_plan_is_sound(good, 3, NULL, 0, 22));
    assert_false(lp_plan_is_sound(good, 3, NULL, 0, 21));
    memcpy(b, good, sizeof b);
    b[0].offset_bytes = 8;
    assert_false(lp_plan_is_sound(b, 3, NULL, 0, 22));
    assert_true(lp_plan_is_sound(b, 3, &o, 1, 22));
    b[0].offset_bytes = 4;
    assert_true(lp_plan_is_sound(b, 3, &o, 1, 22));
    b[0].offset_bytes = 0; /* closer than the gap */
    assert_false(lp_plan_is_sound(b, 3, &o, 1, 22));
    b[0].offset_bytes = 4;
    assert_true(lp_plan_is_sound(b, 2, &o, 1, 22));
    b[0].last_epoch = 2; /* the read block lives on after it was overwritten */
    assert_false(lp_plan_is_sound(b, 2, &o, 1, 22));
    memcpy(b, good, sizeof b);
    b[2].offset_bytes = 14;
    assert_false(lp_plan_is_sound(b, 3, NULL, 0, 22)); /* not aligned */
    b[2].offset_bytes = UINT32_MAX - 3;
    assert_false(lp_plan_is_sound(b, 3, NULL, 0, 22)); /* offset + size wraps around */
    memcpy(b, good, sizeof b);
    b[1].align_bytes = 0;
    assert_false(lp_plan_is_sound(b, 3, NULL, 0, 22));
    b[1] = (struct lp_block){10, 4, 2, 1, 0};
    assert_false(lp_plan_is_sound(b, 3, NULL, 0, 22)); /* dies before it is born */
}

static void expect_refusal(struct lp_block *blocks, uint32_t count, const struct lp_overlap *overlaps, uint32_t overlap_count,
                           lp_status expected, const char *part)
{
    struct lp_diag diag = {0};
    struct lp_plan_problem problem = {blocks, count, overlaps, overlap_count, &diag};
    struct lp_plan_result result;
    assert_int_equal(lp_plan_make(&problem, &result), expected);
    assert_int_equal(diag.error_count, 1);
    if (strstr(lp_text_get(&diag.errors), part) == NULL)
        fail_msg("expected \"%s\" in: %s", part, lp_text_get(&diag.errors));
    lp_diag_free(&diag);
}

static void bad_problems_are_refused(void **state)
{
    (void)state;
    struct lp_block b[] = {{4, 1, 0, 2, 0}, {4, 1, 2, 3, 0}, {4, 1, 2, 2, 0}};
    struct lp_overlap o = {.writer = 1, .reader = 3, .gap_bytes = 0};
    expect_refusal(b, 3, &o, 1, LP_BAD_ARGUMENT, "overlap 0 of blocks 1 (written) and 3 (read): there are no two such blocks");
    o.reader = 1;
    expect_refusal(b, 3, &o, 1, LP_BAD_ARGUMENT, "no two such blocks");
    o.writer = UINT32_MAX;
    expect_refusal(b, 3, &o, 1, LP_BAD_ARGUMENT, "no two such blocks");
    o = (struct lp_overlap){.writer = 0, .reader = 1, .gap_bytes = 0};
    expect_refusal(b, 3, &o, 1, LP_BAD_ARGUMENT, "has to die in the epoch in which the written one is born");
    struct lp_overlap through[] = {{2, 0, 0}, {1, 2, 0}};
    expect_refusal(b, 3, through, 2, LP_BAD_ARGUMENT, "lives for one epoch");
    b[1].align_bytes = 0;
    expect_refusal(b, 3, NULL, 0, LP_BAD_ARGUMENT, "block 1 has an alignment of 0");
    b[1].align_bytes = 1;
    b[1].last_epoch = 1;
    expect_refusal(b, 3, NULL, 0, LP_BAD_ARGUMENT, "block 1 is born in epoch 2, after it dies in epoch 1");
    struct lp_block huge[] = {{UINT32_MAX, 1, 0, 1, 0}, {UINT32_MAX, UINT32_MAX, 1, UINT32_MAX, 0}};
    expect_refusal(huge, 2, NULL, 0, LP_DOES_NOT_FIT, "8589934590 bytes");
    expect_peak(huge, 1, NULL, 0, UINT32_MAX);
}

static int failing_after;

static void *failing_calloc(size_t count, size_t size_bytes)
{
    return failing_after-- > 0 ? calloc(count, size_bytes) : NULL;
}

/* The planner's arena grows by few chunks: enough blocks make several of them. */
static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static struct lp_block b[MANY];
    bool did_end = false;
    for (int after = 0; after < 100 && !did_end; after++) {
        for (uint32_t i = 0; i < MANY; i++)
            b[i] = (struct lp_block){64 + i % 7, 4, i / 8, i / 8 + 3 + i % 5, 0};
        /* The text of a message needs memory too, so only the status tells here. */
        struct lp_diag diag = {0};
        struct lp_plan_problem problem = {b, MANY, NULL, 0, &diag};
        struct lp_plan_result result;
        failing_after = after;
        lp_allocate = failing_calloc;
        lp_status status = lp_plan_make(&problem, &result);
        lp_allocate = calloc;
        did_end = status == LP_OK;
        assert_true(did_end || (status == LP_OUT_OF_MEMORY && after < 50));
        lp_diag_free(&diag);
    }
    assert_true(did_end);
}

static void peak_blocks_are_named(void **state)
{
    (void)state;
    struct lp_block b[] = {{10, 1, 0, 1, 0}, {50, 1, 1, 2, 0}, {40, 1, 2, 3, 0},
                           {0, 1, 2, 2, 0},  {30, 1, 3, 4, 0}, {50, 1, 2, 2, 0}};
    expect_peak(b, 6, NULL, 0, 140);
    uint32_t indices[6];
    uint32_t epoch = 99;
    assert_int_equal(lp_plan_peak_blocks(b, 6, indices, &epoch), 3);
    assert_int_equal(epoch, 2);
    assert_int_equal(indices[0], 1);
    assert_int_equal(indices[1], 5);
    assert_int_equal(indices[2], 2);
    assert_int_equal(lp_plan_peak_blocks(b, 0, indices, &epoch), 0);
}

/* An arena can be fuller than any epoch is, because of holes: then an epoch that uses its highest byte counts. */
static void peak_epoch_is_where_the_arena_ends(void **state)
{
    (void)state;
    struct lp_block b[] = {{60, 1, 0, 0, 0}, {30, 1, 1, 2, 50}, {20, 1, 2, 3, 0}};
    uint32_t indices[3];
    uint32_t epoch = 99;
    assert_int_equal(lp_plan_peak_blocks(b, 3, indices, &epoch), 2);
    assert_int_equal(epoch, 2);
    assert_int_equal(indices[0], 1);
    assert_int_equal(indices[1], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_layers),
        cmocka_unit_test(residual_block),
        cmocka_unit_test(overlaps_are_shared_only_once),
        cmocka_unit_test(a_gap_costs_its_bytes),
        cmocka_unit_test(arena_is_exact_and_aligned),
        cmocka_unit_test(nothing_to_place),
        cmocka_unit_test(needs_more_than_a_greedy_order),
        cmocka_unit_test(proves_more_than_the_sum),
        cmocka_unit_test(a_read_block_may_rest_on_the_one_written_over_it),
        cmocka_unit_test(unsound_plans_are_rejected),
        cmocka_unit_test(bad_problems_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(peak_blocks_are_named),
        cmocka_unit_test(peak_epoch_is_where_the_arena_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
