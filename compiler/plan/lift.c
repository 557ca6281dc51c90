#include "compiler/plan/lift.h"

#include "compiler/base/arena.h"

#include <string.h>

/* Each candidate is a plan of its own: a large network would take seconds. The epoch and its kernel take a few hundred bytes. */
enum { MOST_CANDIDATES = 48, MOST_BLOCKS = 200, LEAST_PART = 32, LEAST_BYTES = 256 };

/* The epoch of the move takes the number of the one that it precedes; everything from there on is one later. */
static void add_lift(struct lp_plan_problem *p, struct lp_overlap *overlaps, struct lp_lift lift)
{
    const uint32_t moved = p->block_count++;
    for (uint32_t b = 0; b < moved; b++) {
        p->blocks[b].first_epoch += p->blocks[b].first_epoch >= lift.epoch ? 1 : 0;
        p->blocks[b].last_epoch += p->blocks[b].last_epoch >= lift.epoch ? 1 : 0;
    }
    p->blocks[moved] = p->blocks[lift.block];
    p->blocks[moved].first_epoch = lift.epoch;
    p->blocks[lift.block].last_epoch = lift.epoch;
    for (uint32_t i = 0; i < p->overlap_count; i++)
        if (overlaps[i].reader == lift.block)
            overlaps[i].reader = moved;
    overlaps[p->overlap_count++] = (struct lp_overlap){.writer = moved, .reader = lift.block, .gap_bytes = LP_ANYWHERE};
}

static lp_status peak_with(const struct lp_plan_problem *problem, struct lp_lift lift, uint32_t *peak_bytes)
{
    struct lp_arena arena = {0};
    struct lp_plan_problem trial = *problem;
    struct lp_plan_result result = {0};
    struct lp_overlap *overlaps = LP_NEW_ARRAY(&arena, (size_t)problem->overlap_count + 1, struct lp_overlap);
    trial.blocks = LP_NEW_ARRAY(&arena, (size_t)problem->block_count + 1, struct lp_block);
    trial.overlaps = overlaps;
    lp_status status = LP_OK;
    if (overlaps == NULL || trial.blocks == NULL) {
        status = lp_no_memory(problem->diag);
    } else {
        memcpy(trial.blocks, problem->blocks, problem->block_count * sizeof *trial.blocks);
        if (problem->overlap_count != 0)
            memcpy(overlaps, problem->overlaps, problem->overlap_count * sizeof *overlaps);
        add_lift(&trial, overlaps, lift);
        status = lp_plan_make(&trial, &result);
    }
    *peak_bytes = result.peak_bytes;
    lp_arena_free(&arena);
    return status;
}

lp_status lp_plan_find_lift(const struct lp_plan_problem *problem, const struct lp_plan_result *result,
                            const struct lp_lift *candidates, uint32_t count, uint32_t *best)
{
    const uint32_t part = result->peak_bytes / LEAST_PART, least = part > LEAST_BYTES ? part : LEAST_BYTES;
    lp_status status = LP_OK;
    *best = count;
    if (count > MOST_CANDIDATES || problem->block_count > MOST_BLOCKS || result->peak_bytes - result->bound_bytes < least)
        return LP_OK;
    uint32_t smallest = result->peak_bytes - least + 1;
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        uint32_t peak = 0;
        status = peak_with(problem, candidates[i], &peak);
        if (status == LP_OK && peak < smallest) {
            smallest = peak;
            *best = i;
        }
    }
    return status;
}
