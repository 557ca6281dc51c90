#include "compiler/plan/plan.h"

#include "compiler/plan/plan_check.h"
#include "compiler/plan/planner.h"

/* Counted in edges looked at, some nanoseconds each. */
static const int64_t exhaustive_steps = 2000000;
static const int64_t climbing_steps = 1500000;

static lp_status check_blocks(const struct lp_plan_problem *problem)
{
    for (uint32_t i = 0; i < problem->block_count; i++) {
        const struct lp_block *b = &problem->blocks[i];
        if (b->align_bytes == 0)
            return lp_error(problem->diag, LP_BAD_ARGUMENT, "block %u has an alignment of 0; it has to be at least 1",
                            (unsigned)i);
        if (b->first_epoch > b->last_epoch)
            return lp_error(problem->diag, LP_BAD_ARGUMENT, "block %u is born in epoch %u, after it dies in epoch %u",
                            (unsigned)i, (unsigned)b->first_epoch, (unsigned)b->last_epoch);
    }
    return LP_OK;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static lp_status open_planner(struct lp_planner *p, const struct lp_plan_problem *problem)
{
    size_t n = problem->block_count;
    p->blocks = problem->blocks;
    p->block_count = problem->block_count;
    p->movable = LP_NEW_ARRAY(&p->arena, n, uint32_t);
    p->first_edge = LP_NEW_ARRAY(&p->arena, n + 1, uint32_t);
    p->saved_as_writer = LP_NEW_ARRAY(&p->arena, n, int64_t);
    p->saved_as_reader = LP_NEW_ARRAY(&p->arena, n, int64_t);
    p->intervals = LP_NEW_ARRAY(&p->arena, n, struct lp_interval);
    if (p->movable == NULL || p->first_edge == NULL || p->saved_as_writer == NULL || p->saved_as_reader == NULL ||
        p->intervals == NULL)
        return lp_no_memory(problem->diag);
    for (uint32_t i = 0; i < p->block_count; i++) {
        if (p->blocks[i].size_bytes == 0)
            continue;
        p->movable[p->movable_count++] = i;
        p->grain_bytes = common_divisor(p->blocks[i].align_bytes, p->grain_bytes);
    }
    p->best = lp_layout_new(p);
    p->trial = lp_layout_new(p);
    if (p->best.order == NULL || p->trial.order == NULL)
        return lp_no_memory(problem->diag);
    return lp_planner_find_edges(p, problem);
}

/* Greedy orders first; what they leave above the bound is searched, exhaustively when that can end. */
static lp_status search(struct lp_planner *p, bool *is_proved)
{
    for (uint32_t i = 0; i < p->movable_count; i++)
        p->best.order[i] = p->movable[i];
    p->bound = lp_lower_bound(p, &p->best, 0);
    lp_status status = lp_place_greedily(p);
    *is_proved = status == LP_OK && p->best.peak == p->bound;
    if (status == LP_OK && !*is_proved)
        *is_proved = lp_place_exhaustively(p, exhaustive_steps);
    if (status == LP_OK && !*is_proved)
        status = lp_place_by_climbing(p, climbing_steps);
    return status;
}

static lp_status store(const struct lp_planner *p, struct lp_plan_problem *problem, struct lp_plan_result *result, bool is_proved)
{
    if (p->best.peak > UINT32_MAX)
        return lp_error(problem->diag, LP_DOES_NOT_FIT,
                        "the activations need %lld bytes at once; no target has 4 GiB of memory: use a smaller model",
                        (long long)p->best.peak);
    result->peak_bytes = (uint32_t)p->best.peak;
    result->is_optimal = is_proved || p->best.peak == p->bound;
    result->lower_bound_bytes = result->is_optimal ? result->peak_bytes : (uint32_t)p->bound;
    result->bound_bytes = (uint32_t)(p->bound < p->best.peak ? p->bound : p->best.peak);
    result->plans_tried = p->plans_tried;
    for (uint32_t i = 0; i < problem->block_count; i++)
        problem->blocks[i].offset_bytes = problem->blocks[i].size_bytes == 0 ? 0 : (uint32_t)p->best.offset[i];
    if (!lp_plan_is_sound(problem->blocks, problem->block_count, problem->overlaps, problem->overlap_count, result->peak_bytes))
        return lp_error(problem->diag, LP_INTERNAL,
                        "the memory plan of %u blocks failed its own check: this is an error in limpid, please report the model",
                        (unsigned)problem->block_count);
    return LP_OK;
}

lp_status lp_plan_make(struct lp_plan_problem *problem, struct lp_plan_result *result)
{
    struct lp_planner p = {0};
    bool is_proved = false;
    *result = (struct lp_plan_result){0};
    lp_status status = check_blocks(problem);
    if (status == LP_OK)
        status = open_planner(&p, problem);
    if (status == LP_OK) {
        status = search(&p, &is_proved);
        if (status != LP_OK)
            status = lp_no_memory(problem->diag);
    }
    if (status == LP_OK)
        status = store(&p, problem, result, is_proved);
    lp_arena_free(&p.arena);
    return status;
}
