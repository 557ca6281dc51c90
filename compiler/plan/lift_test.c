#include "compiler/plan/lift.h"

#include "compiler/plan/plan_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAYERS = 9, SIZE = 1000, GAP = 100 };

/* Blocks of one size, each written GAP below the one before. */
struct chain {
    struct lp_block blocks[LAYERS];
    struct lp_overlap overlaps[LAYERS];
    struct lp_lift candidates[LAYERS];
    uint32_t candidate_count;
    struct lp_plan_problem problem;
    struct lp_plan_result result;
    struct lp_diag diag;
};

static void make_chain(struct chain *c, uint32_t gap_bytes)
{
    *c = (struct chain){0};
    for (uint32_t i = 0; i < LAYERS; i++) {
        c->blocks[i] = (struct lp_block){SIZE, 1, i, i + 1, 0};
        if (i > 0)
            c->overlaps[i - 1] = (struct lp_overlap){i, i - 1, gap_bytes};
        if (i > 0 && i + 1 < LAYERS)
            c->candidates[c->candidate_count++] = (struct lp_lift){i, i + 1};
    }
    c->problem = (struct lp_plan_problem){c->blocks, LAYERS, c->overlaps, LAYERS - 1, &c->diag};
    assert_int_equal(lp_plan_make(&c->problem, &c->result), LP_OK);
}

static uint32_t find(struct chain *c)
{
    uint32_t best = 0;
    assert_int_equal(lp_plan_find_lift(&c->problem, &c->result, c->candidates, c->candidate_count, &best), LP_OK);
    return best;
}

/* The chain with one lift, written down by hand: block i, moved, is block LAYERS. */
static uint32_t peak_with_one(uint32_t lifted)
{
    struct lp_diag diag = {0};
    struct lp_block b[LAYERS + 1];
    struct lp_overlap o[LAYERS];
    struct lp_plan_result result;
    for (uint32_t i = 0; i < LAYERS; i++) {
        const uint32_t later = i > lifted ? 1 : 0;
        b[i] = (struct lp_block){SIZE, 1, i + later, i + 1 + later, 0};
        if (i > 0)
            o[i - 1] = (struct lp_overlap){i, i - 1 == lifted ? LAYERS : i - 1, GAP};
    }
    b[LAYERS] = (struct lp_block){SIZE, 1, lifted + 1, lifted + 2, 0};
    o[LAYERS - 1] = (struct lp_overlap){LAYERS, lifted, LP_ANYWHERE};
    struct lp_plan_problem problem = {b, LAYERS + 1, o, LAYERS, &diag};
    assert_int_equal(lp_plan_make(&problem, &result), LP_OK);
    assert_true(lp_plan_is_sound(b, LAYERS + 1, o, LAYERS, result.peak_bytes));
    return result.peak_bytes;
}

static void a_lift_saves_half_of_the_steps(void **state)
{
    (void)state;
    struct chain c;
    make_chain(&c, GAP);
    assert_int_equal(c.result.peak_bytes, SIZE + (LAYERS - 1) * GAP);
    assert_int_equal(c.result.bound_bytes, SIZE + GAP);
    assert_int_equal(peak_with_one(4), SIZE + (LAYERS - 1) / 2 * GAP);
    assert_int_equal(peak_with_one(1), SIZE + (LAYERS - 2) * GAP);
    const uint32_t best = find(&c);
    assert_true(best < c.candidate_count);
    assert_int_equal(c.candidates[best].block, 4);
    /* The caller's plan stays what it was. */
    assert_true(lp_plan_is_sound(c.blocks, LAYERS, c.overlaps, LAYERS - 1, c.result.peak_bytes));
}

static void nothing_is_lifted_where_it_saves_little(void **state)
{
    (void)state;
    struct chain c;
    make_chain(&c, 0);
    assert_int_equal(find(&c), c.candidate_count);
    make_chain(&c, 60); /* a lift would save 240 bytes */
    assert_int_equal(c.result.peak_bytes, SIZE + (LAYERS - 1) * 60);
    assert_int_equal(find(&c), c.candidate_count);
    for (uint32_t i = 0; i < LAYERS; i++)
        c.blocks[i].size_bytes = 100 * SIZE; /* one would save 400 bytes, less than a 32nd */
    for (uint32_t i = 0; i + 1 < LAYERS; i++)
        c.overlaps[i].gap_bytes = GAP;
    assert_int_equal(lp_plan_make(&c.problem, &c.result), LP_OK);
    assert_int_equal(c.result.peak_bytes, 100 * SIZE + (LAYERS - 1) * GAP);
    assert_int_equal(find(&c), c.candidate_count);
}

/* A moved block may lie above, below or over the old one; not over others. */
static void moved_bytes_may_lie_anywhere(void **state)
{
    (void)state;
    struct lp_block b[] = {{100, 1, 0, 1, 0}, {100, 1, 1, 2, 0}, {50, 1, 0, 2, 0}};
    const struct lp_overlap moved = {1, 0, LP_ANYWHERE};
    for (uint32_t offset = 0; offset <= 200; offset += 10) {
        b[0].offset_bytes = 100;
        b[1].offset_bytes = offset;
        b[2].offset_bytes = 300;
        assert_true(lp_plan_is_sound(b, 3, &moved, 1, 400));
        b[2].offset_bytes = offset + 60;
        assert_false(lp_plan_is_sound(b, 3, &moved, 1, 400));
    }
    struct lp_diag diag = {0};
    struct lp_plan_problem problem = {b, 3, &moved, 1, &diag};
    struct lp_plan_result result;
    assert_int_equal(lp_plan_make(&problem, &result), LP_OK);
    assert_int_equal(result.peak_bytes, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lift_saves_half_of_the_steps),
        cmocka_unit_test(nothing_is_lifted_where_it_saves_little),
        cmocka_unit_test(moved_bytes_may_lie_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
