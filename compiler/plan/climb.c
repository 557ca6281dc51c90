/* Local search over orders of placement, in the spirit of hill climbing over permutations: take a block that the peak rests
 * on, give it an earlier turn, keep the new order when it is not worse. When that leads nowhere for long, the best order is
 * shaken and the climb starts again, until many climbs in a row have found nothing better. The random numbers have a fixed seed and the work is counted, so the result depends on
 * nothing but the problem. */
#include "compiler/plan/planner.h"

#include <string.h>

enum { SHAKES = 4, PATIENCE_PER_BLOCK = 5, PATIENCE = 50, MOST_CLIMBS = 60 };

struct climb {
    struct lp_planner *planner;
    struct lp_layout current;
    struct lp_layout trial;
    uint32_t *pillar; /* scratch: the blocks that hold up one block at the peak */
    uint32_t random;
};

static uint32_t random_below(struct climb *c, uint32_t limit)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 17;
    c->random ^= c->random << 5;
    return (uint32_t)(((uint64_t)c->random * limit) >> 32);
}

/* A neighbour with an earlier turn on which `block` rests: it would lie lower without it. UINT32_MAX when it rests on the
 * arena's start. Starts looking at a random edge, as there may be several. */
static uint32_t support_of(struct climb *c, uint32_t block)
{
    struct lp_planner *p = c->planner;
    const struct lp_layout *l = &c->current;
    uint32_t first = p->first_edge[block];
    uint32_t count = p->first_edge[block + 1] - first;
    uint32_t start = count == 0 ? 0 : random_below(c, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct lp_edge *e = &p->edges[first + (start + i < count ? start + i : start + i - count)];
        int64_t needs = l->offset[e->other] + e->over;
        if (l->position[e->other] < l->position[block] && needs <= l->offset[block] &&
            l->offset[block] - needs < p->blocks[block].align_bytes)
            return e->other;
    }
    return UINT32_MAX;
}

/* A random one of the blocks that end at the peak. */
static uint32_t block_at_peak(struct climb *c)
{
    struct lp_planner *p = c->planner;
    uint32_t found = UINT32_MAX;
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->movable_count; i++) {
        uint32_t block = p->movable[i];
        if (c->current.offset[block] + p->blocks[block].size_bytes == c->current.peak && random_below(c, ++count) == 0)
            found = block;
    }
    return found;
}

/* A random block of a random pillar, from the peak down to the arena's start. */
static uint32_t critical_block(struct climb *c)
{
    uint32_t height = 0;
    for (uint32_t block = block_at_peak(c); block != UINT32_MAX; block = support_of(c, block))
        c->pillar[height++] = block; /* ends: each support has an earlier turn */
    return c->pillar[random_below(c, height)];
}

/* To an earlier turn, or its own; those between move one turn back. */
static void move_to_turn(struct lp_layout *l, uint32_t block, uint32_t turn)
{
    for (uint32_t i = l->position[block]; i > turn; i--) {
        l->order[i] = l->order[i - 1];
        l->position[l->order[i]] = i;
    }
    l->order[turn] = block;
    l->position[block] = turn;
}

/* Gives a critical block the turn of an earlier neighbour: of any on nearly every try, else any turn before its own. Returns the
 * first turn that changed, or movable_count when the block is first already. */
static uint32_t change(struct climb *c)
{
    struct lp_planner *p = c->planner;
    uint32_t block = critical_block(c);
    uint32_t own = c->trial.position[block];
    if (own == 0)
        return p->movable_count;
    uint32_t turn = random_below(c, own);
    uint32_t count = p->first_edge[block + 1] - p->first_edge[block];
    if (count != 0 && random_below(c, 16) != 0) {
        uint32_t at = c->trial.position[p->edges[p->first_edge[block] + random_below(c, count)].other];
        turn = at < own ? at : turn;
    }
    move_to_turn(&c->trial, block, turn);
    return turn;
}

/* One try. True when the peak fell. */
static bool step(struct climb *c)
{
    struct lp_planner *p = c->planner;
    p->steps += p->movable_count;
    uint32_t turn = change(c);
    if (turn == p->movable_count)
        return false;
    lp_place_from(p, &c->trial, turn, c->current.peak);
    bool is_better = c->trial.peak < c->current.peak;
    if (c->trial.peak <= c->current.peak)
        lp_layout_copy(p, &c->current, &c->trial);
    else
        lp_layout_copy(p, &c->trial, &c->current);
    return is_better;
}

static void shake(struct climb *c)
{
    struct lp_planner *p = c->planner;
    lp_layout_copy(p, &c->trial, &p->best);
    for (uint32_t i = 0; i < SHAKES; i++) {
        uint32_t block = p->movable[random_below(c, p->movable_count)];
        move_to_turn(&c->trial, block, random_below(c, c->trial.position[block] + 1));
    }
    lp_place_from(p, &c->trial, 0, INT64_MAX);
    lp_layout_copy(p, &c->current, &c->trial);
}

lp_status lp_place_by_climbing(struct lp_planner *p, int64_t step_limit)
{
    struct climb c = {.planner = p, .current = lp_layout_new(p), .trial = p->trial, .random = 2463534242u};
    c.pillar = LP_NEW_ARRAY(&p->arena, p->movable_count, uint32_t);
    if (c.current.order == NULL || c.pillar == NULL)
        return LP_OUT_OF_MEMORY;
    int64_t stop = p->steps + step_limit;
    uint32_t patience = PATIENCE + PATIENCE_PER_BLOCK * p->movable_count;
    uint32_t failures = 0, climbs = 0; /* climbs since the best one */
    lp_layout_copy(p, &c.current, &p->best);
    lp_layout_copy(p, &c.trial, &p->best);
    while (p->best.peak > p->bound && p->steps < stop && climbs < MOST_CLIMBS) {
        failures = step(&c) ? 0 : failures + 1;
        if (c.current.peak < p->best.peak) {
            lp_layout_copy(p, &p->best, &c.current);
            climbs = 0;
        } else if (failures > patience) {
            shake(&c);
            failures = 0;
            climbs++;
        }
    }
    return LP_OK;
}
