#include "compiler/plan/pools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/plan/pools_check.h"

enum { FAST_A = 0x1000, FAST_B = 0x1400, BANK = 0x400, MIDDLE = 0x8000, SLOW = 0x20000, ROM = 0x40000 };

/* Two fast banks side by side, a slower memory, an external one, a read-only one. */
static const struct lp_region regions[] = {
    {FAST_A, BANK, 150, false, true, false, 0},   {FAST_B, BANK, 150, false, true, false, 0},
    {MIDDLE, 0x2000, 300, false, true, false, 0}, {SLOW, 0x10000, 2500, true, true, true, 0},
    {ROM, 0x1000, 6000, true, false, true, 0},
};

enum { MOST = 40 };
struct problem {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_block blocks[MOST];
    uint64_t traffic[MOST];
    bool whole_lines[MOST];
    struct lp_bank_pair pairs[MOST];
    struct lp_pools_problem problem;
    struct lp_pools_result result;
};

static void open(struct problem *p, uint32_t count)
{
    *p = (struct problem){0};
    for (uint32_t i = 0; i < MOST; i++)
        p->traffic[i] = 1000;
    p->problem = (struct lp_pools_problem){.plan = {p->blocks, count, NULL, 0, &p->diag},
                                           .traffic_bytes = p->traffic,
                                           .whole_lines = p->whole_lines,
                                           .regions = regions,
                                           .region_count = LP_COUNT(regions),
                                           .pairs = p->pairs};
}

static void close(struct problem *p)
{
    lp_arena_free(&p->arena);
    lp_diag_free(&p->diag);
}

static struct lp_block block(uint32_t size, uint32_t first, uint32_t last)
{
    return (struct lp_block){.size_bytes = size, .align_bytes = 16, .first_epoch = first, .last_epoch = last};
}

static void the_fastest_memory_comes_first_and_is_one(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 2);
    p.blocks[0] = block(1500, 0, 1); /* larger than a bank: it crosses into the next */
    p.blocks[1] = block(400, 1, 2);
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    for (int i = 0; i < 2; i++)
        assert_in_range(p.result.addresses[i], FAST_A, FAST_B + BANK - 1);
    assert_int_equal(p.result.spilled_bytes, 0);
    assert_int_equal(p.result.spill_cost, 0);
    assert_int_equal(p.result.used_bytes[0], BANK);
    close(&p);
}

static void what_is_read_ahead_of_stays_inside(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 1);
    p.blocks[0] = block(2 * BANK - LP_PREFETCH_BYTES, 0, 1);
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    assert_int_equal(p.result.addresses[0], FAST_A);
    p.blocks[0].size_bytes++;
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    assert_int_equal(p.result.addresses[0], MIDDLE);
    close(&p);
}

/* The block with least traffic for its size goes first, and its cost is the difference of the speeds. */
static void what_does_not_fit_goes_to_the_next_memory(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 3);
    for (int i = 0; i < 3; i++)
        p.blocks[i] = block(900, 0, 5);
    p.traffic[1] = 500;
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    assert_in_range(p.result.addresses[1], MIDDLE, MIDDLE + 0x2000);
    assert_int_equal(p.result.spilled_bytes, 900);
    assert_int_equal(p.result.spill_cost, 500 * (300 - 150) / 1000);
    close(&p);
}

static void slow_memory_only_when_allowed(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 3);
    p.blocks[0] = block(9000, 0, 3);
    p.blocks[1] = block(1000, 2, 5);
    p.blocks[2] = block(2000, 2, 2);
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_DOES_NOT_FIT);
    assert_int_equal(p.diag.error_count, 0);
    /* 12,000 bytes and one gap of 8, against the largest memory without what is kept to read ahead. */
    assert_int_equal(p.result.missing_bytes, 12008 - (0x2000 - LP_PREFETCH_BYTES));
    assert_int_equal(p.result.peak_epoch, 2);
    assert_int_equal(p.result.alive_count, 3);
    assert_int_equal(p.result.alive[0], 0);
    assert_int_equal(p.result.alive[1], 2);
    p.problem.allow_slow = true;
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    assert_in_range(p.result.addresses[0], SLOW, SLOW + 0x10000);
    assert_in_range(p.result.addresses[2], FAST_A, MIDDLE + 0x2000);
    close(&p);
}

static void the_processor_owns_whole_lines(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 4);
    for (int i = 0; i < 4; i++) {
        p.blocks[i] = block(10, 0, 3);
        p.whole_lines[i] = i % 2 == 0;
    }
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    for (int i = 0; i < 4; i += 2)
        for (int k = 0; k < 4; k++)
            if (k != i)
                assert_int_not_equal(p.result.addresses[i] / LP_CACHE_LINE_BYTES, p.result.addresses[k] / LP_CACHE_LINE_BYTES);
    close(&p);
}

static void blocks_of_one_epoch_lie_in_different_banks(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 4);
    for (uint32_t i = 0; i < 4; i++)
        p.blocks[i] = block(300, i, i + 1);
    for (uint32_t i = 0; i < 3; i++)
        p.pairs[i] = (struct lp_bank_pair){i, i + 1, 100 + i};
    p.problem.pair_count = 3;
    p.problem.spread = true;
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    for (int i = 0; i < 3; i++)
        assert_int_not_equal(p.result.addresses[i] / BANK, p.result.addresses[i + 1] / BANK);
    /* Where two banks are not enough it falls back to what fits. */
    p.blocks[0].size_bytes = 1200;
    assert_int_equal(lp_pools_plan(&p.arena, &p.problem, &p.result), LP_OK);
    assert_int_equal(p.result.spilled_bytes, 0);
    close(&p);
}

static void constants_fill_one_memory_after_the_other(void **state)
{
    (void)state;
    const uint64_t cuts[] = {0, 2000, 3504, 4208, 5000, 65000};
    struct lp_chunk chunks[LP_COUNT(regions)];
    uint32_t count;
    uint64_t missing;
    assert_int_equal(lp_pools_place_constants(cuts, 6, regions, LP_COUNT(regions), chunks, &count, &missing), LP_OK);
    assert_int_equal(count, 2);
    /* 4,096 bytes without what is read ahead hold the first two runs. */
    assert_int_equal(chunks[0].address, ROM);
    assert_int_equal(chunks[0].size_bytes, 3504);
    assert_int_equal(chunks[1].address, SLOW);
    assert_int_equal(chunks[1].start_bytes, 3504);
    assert_int_equal(chunks[1].size_bytes, 65000 - 3504);
    const uint64_t larger[] = {0, 2000, 80000};
    assert_int_equal(lp_pools_place_constants(larger, 3, regions, LP_COUNT(regions), chunks, &count, &missing), LP_DOES_NOT_FIT);
    assert_int_equal(missing, 78000);
    const uint64_t none[] = {0, 0};
    assert_int_equal(lp_pools_place_constants(none, 2, regions, LP_COUNT(regions), chunks, &count, &missing), LP_OK);
    assert_int_equal(count, 0);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 32) * limit) >> 32);
}

/* Byte by byte and epoch by epoch: who owns it. Shares nothing with planner or checker. */
static bool is_sound_by_counting(const struct problem *p)
{
    enum { EPOCHS = 12, BYTES = 0x40000 };
    static uint8_t owner[BYTES];
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        memset(owner, 0, sizeof owner);
        for (uint32_t i = 0; i < p->problem.plan.block_count; i++) {
            uint64_t start = p->result.addresses[i], end = start + p->blocks[i].size_bytes;
            if (p->blocks[i].size_bytes == 0 || p->blocks[i].first_epoch > epoch || p->blocks[i].last_epoch < epoch)
                continue;
            if (p->whole_lines[i])
                end = (end + 31) / 32 * 32;
            for (uint64_t at = start; at < end; at++)
                if (at >= BYTES || owner[at]++ != 0)
                    return false;
        }
    }
    return true;
}

static void random_problems_are_sound(void **state)
{
    (void)state;
    unsigned fitted = 0, spilled = 0;
    for (random_state = 1; fitted + spilled < 60;) {
        struct problem p;
        open(&p, 1 + random_below(MOST));
        p.problem.allow_slow = random_below(2) == 0;
        p.problem.spread = random_below(3) == 0;
        for (uint32_t i = 0; i < p.problem.plan.block_count; i++) {
            uint32_t first = random_below(10);
            p.blocks[i] = block(random_below(700), first, first + random_below(11 - first));
            p.whole_lines[i] = random_below(4) == 0;
            p.traffic[i] = random_below(5000);
            if (i > 0)
                p.pairs[p.problem.pair_count++] = (struct lp_bank_pair){i, random_below(i), random_below(100)};
        }
        lp_status status = lp_pools_plan(&p.arena, &p.problem, &p.result);
        if (status != LP_OK && status != LP_DOES_NOT_FIT)
            fail_msg("%s", lp_text_get(&p.diag.errors));
        if (status == LP_OK && !is_sound_by_counting(&p))
            fail_msg("an unsound plan");
        fitted += status == LP_OK && p.result.spilled_bytes == 0;
        spilled += status == LP_OK && p.result.spilled_bytes > 0;
        close(&p);
    }
    assert_true(spilled > 5 && fitted > 5);
}

/* The checker finds each way in which a plan can be wrong. */
static void the_checker_finds_faults(void **state)
{
    (void)state;
    struct problem p;
    open(&p, 2);
    p.blocks[0] = block(100, 0, 1);
    p.blocks[1] = block(100, 1, 2);
    p.whole_lines[1] = true;
    uint64_t a[2] = {FAST_A, FAST_A + 128};
    assert_true(lp_pools_are_sound(&p.problem, a));
    const uint64_t wrong[][2] = {
        {FAST_A + 8, FAST_A + 128},     /* not aligned */
        {FAST_A, FAST_A + 112},         /* no whole line */
        {FAST_A, FAST_A + 96},          /* the same bytes */
        {FAST_A + 208, FAST_A + 96},    /* the line's rest */
        {SLOW, FAST_A},                 /* not allowed */
        {ROM, FAST_A},                  /* not writable */
        {0x100, FAST_A},                /* no memory */
        {FAST_B + BANK - 112, FAST_A},  /* nothing to read ahead in */
        {MIDDLE + 0x2000 - 96, FAST_A}, /* beyond the end */
    };
    for (size_t i = 0; i < LP_COUNT(wrong); i++)
        if (lp_pools_are_sound(&p.problem, wrong[i]))
            fail_msg("fault %zu is not found", i);
    close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fastest_memory_comes_first_and_is_one),
        cmocka_unit_test(what_is_read_ahead_of_stays_inside),
        cmocka_unit_test(what_does_not_fit_goes_to_the_next_memory),
        cmocka_unit_test(slow_memory_only_when_allowed),
        cmocka_unit_test(the_processor_owns_whole_lines),
        cmocka_unit_test(blocks_of_one_epoch_lie_in_different_banks),
        cmocka_unit_test(constants_fill_one_memory_after_the_other),
        cmocka_unit_test(random_problems_are_sound),
        cmocka_unit_test(the_checker_finds_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
