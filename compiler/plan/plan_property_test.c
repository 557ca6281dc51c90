/* Seeded random problems: every plan is sound, small ones are as small as plain counting says, the same problem gives the
 * same plan, and the checker rejects what breaks a plan. The oracles here share no code with planner or checker. */
#include "compiler/plan/plan.h"
#include "compiler/plan/plan_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_BLOCKS = 64, MOST_OVERLAPS = 64, SMALL = 5, SMALL_ARENA = 24 };

struct problem {
    struct lp_block blocks[MOST_BLOCKS];
    struct lp_overlap overlaps[MOST_OVERLAPS];
    uint32_t block_count, overlap_count;
};

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 32) * limit) >> 32);
}

static void make_problem(struct problem *p, uint32_t seed, uint32_t count, uint32_t most_bytes)
{
    static const uint32_t alignments[] = {1, 1, 2, 4, 3};
    random_state = seed;
    (void)random_below(2);
    *p = (struct problem){.block_count = count};
    uint32_t epochs = 1 + random_below(count);
    uint32_t longest = 1 + random_below(5);
    bool is_uniform = random_below(2) == 0;
    uint32_t align = alignments[random_below(5)];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = random_below(epochs);
        p->blocks[i] = (struct lp_block){.size_bytes = random_below(12) == 0 ? 0 : 1 + random_below(most_bytes),
                                         .align_bytes = is_uniform ? align : alignments[random_below(5)],
                                         .first_epoch = first,
                                         .last_epoch = first + random_below(longest)};
    }
    for (uint32_t w = 0; w < count; w++)
        for (uint32_t r = 0; r < count && p->overlap_count < MOST_OVERLAPS; r++) {
            const struct lp_block *writer = &p->blocks[w];
            const struct lp_block *reader = &p->blocks[r];
            if (writer->first_epoch == reader->last_epoch && writer->first_epoch < writer->last_epoch &&
                reader->first_epoch < reader->last_epoch && random_below(2) == 0)
                p->overlaps[p->overlap_count++] = (struct lp_overlap){w, r,
                                                                      random_below(2) == 0 ? 0 : random_below(most_bytes + 2)};
        }
}

static struct lp_plan_result plan(struct problem *p)
{
    struct lp_diag diag = {0};
    struct lp_plan_problem problem = {p->blocks, p->block_count, p->overlaps, p->overlap_count, &diag};
    struct lp_plan_result result;
    assert_int_equal(lp_plan_make(&problem, &result), LP_OK);
    return result;
}

/* Naive: goes through epochs and bytes one by one. Blocks beyond `count` do not exist yet. */
static bool bytes_are_apart(const struct problem *p, uint32_t a, uint32_t b)
{
    const struct lp_block *x = &p->blocks[a];
    const struct lp_block *y = &p->blocks[b];
    for (uint32_t i = 0; i < p->overlap_count; i++) {
        const struct lp_overlap *o = &p->overlaps[i];
        if (o->writer == a && o->reader == b && y->offset_bytes >= x->offset_bytes + o->gap_bytes)
            return true;
        if (o->writer == b && o->reader == a && x->offset_bytes >= y->offset_bytes + o->gap_bytes)
            return true;
    }
    for (uint32_t epoch = x->first_epoch; epoch <= x->last_epoch; epoch++)
        for (uint32_t byte = 0; byte < x->size_bytes && epoch >= y->first_epoch && epoch <= y->last_epoch; byte++)
            if (x->offset_bytes + byte >= y->offset_bytes && x->offset_bytes + byte < y->offset_bytes + y->size_bytes)
                return false;
    return true;
}

static bool everything_is_apart(const struct problem *p)
{
    for (uint32_t i = 0; i < p->block_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (!bytes_are_apart(p, i, j))
                return false;
    return true;
}

/* Tries every offset of every block from `next` on. */
static bool can_be_placed(struct problem *p, uint32_t next, uint32_t arena_bytes)
{
    if (next == p->block_count)
        return true;
    struct lp_block *b = &p->blocks[next];
    for (uint32_t at = 0; at + b->size_bytes <= arena_bytes; at += b->align_bytes) {
        b->offset_bytes = at;
        bool is_apart = true;
        for (uint32_t i = 0; i < next && is_apart; i++)
            is_apart = bytes_are_apart(p, i, next);
        if (is_apart && can_be_placed(p, next + 1, arena_bytes))
            return true;
    }
    return false;
}

static void small_plans_are_as_small_as_counting_says(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 3000; seed++) {
        struct problem p;
        make_problem(&p, seed, 1 + seed % SMALL, SMALL_ARENA / SMALL);
        struct lp_plan_result result = plan(&p);
        assert_true(everything_is_apart(&p));
        assert_true(result.is_optimal);
        if (result.peak_bytes != 0 && can_be_placed(&p, 0, result.peak_bytes - 1))
            fail_msg("seed %u: planned in %u bytes, but fewer are enough", (unsigned)seed, (unsigned)result.peak_bytes);
    }
}

/* Not too many epochs, so that more blocks than in the test above get in each other's way. */
static void plans_of_eight_blocks_too(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 300; seed++) {
        struct problem p;
        make_problem(&p, 50000 + seed, 8, 3);
        struct lp_plan_result result = plan(&p);
        assert_true(result.is_optimal);
        assert_false(result.peak_bytes != 0 && can_be_placed(&p, 0, result.peak_bytes - 1));
    }
}

static void large_plans_are_sound(void **state)
{
    (void)state;
    uint32_t optimal = 0;
    for (uint32_t seed = 0; seed < 150; seed++) {
        struct problem p;
        make_problem(&p, seed, 13 + seed * 7 % (MOST_BLOCKS - 12), 300);
        struct lp_plan_result result = plan(&p);
        assert_true(everything_is_apart(&p));
        assert_true(lp_plan_is_sound(p.blocks, p.block_count, p.overlaps, p.overlap_count, result.peak_bytes));
        if (result.peak_bytes != 0)
            assert_false(lp_plan_is_sound(p.blocks, p.block_count, p.overlaps, p.overlap_count, result.peak_bytes - 1));
        optimal += result.is_optimal;
    }
    assert_in_range(optimal, 90, 149);
}

static void the_same_problem_gives_the_same_plan(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        struct problem first;
        struct problem second;
        make_problem(&first, seed, MOST_BLOCKS, 5000);
        make_problem(&second, seed, MOST_BLOCKS, 5000);
        for (uint32_t i = 0; i < MOST_BLOCKS; i++)
            second.blocks[i].offset_bytes = 12345 * i; /* what stands there before has no influence */
        struct lp_plan_result a = plan(&first);
        struct lp_plan_result b = plan(&second);
        assert_int_equal(a.peak_bytes, b.peak_bytes);
        assert_int_equal(a.lower_bound_bytes, b.lower_bound_bytes);
        assert_int_equal(a.plans_tried, b.plans_tried);
        for (uint32_t i = 0; i < MOST_BLOCKS; i++)
            assert_int_equal(first.blocks[i].offset_bytes, second.blocks[i].offset_bytes);
    }
}

/* Moves one block of a sound plan anywhere: the checker has to agree with plain counting each time. */
static void the_checker_sees_what_counting_sees(void **state)
{
    (void)state;
    uint32_t rejected = 0;
    for (uint32_t seed = 0; seed < 400; seed++) {
        struct problem p;
        make_problem(&p, seed, 2 + seed % 9, 9);
        struct lp_plan_result result = plan(&p);
        for (uint32_t i = 0; i < p.block_count; i++) {
            uint32_t kept = p.blocks[i].offset_bytes;
            for (uint32_t at = 0; at <= result.peak_bytes; at++) {
                p.blocks[i].offset_bytes = at;
                bool is_fine = at % p.blocks[i].align_bytes == 0 && at + p.blocks[i].size_bytes <= result.peak_bytes &&
                               everything_is_apart(&p);
                bool is_sound = lp_plan_is_sound(p.blocks, p.block_count, p.overlaps, p.overlap_count, result.peak_bytes);
                assert_int_equal(is_sound, is_fine);
                rejected += !is_sound;
            }
            p.blocks[i].offset_bytes = kept;
        }
    }
    assert_true(rejected > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_plans_are_as_small_as_counting_says),
        cmocka_unit_test(plans_of_eight_blocks_too),
        cmocka_unit_test(large_plans_are_sound),
        cmocka_unit_test(the_same_problem_gives_the_same_plan),
        cmocka_unit_test(the_checker_sees_what_counting_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
