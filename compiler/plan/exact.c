/* Exhaustive search for few blocks: branch and bound over the orders of placement.
 *
 * Some smallest plan has every block as low as the blocks below it allow: pushing blocks down never makes a plan larger.
 * Placing that plan's blocks from low to high meets each at its lowest fit. So it is enough to try, as the next block, one
 * whose lowest fit is not below the block placed last. */
#include "compiler/plan/planner.h"

enum { MAX_BLOCKS = 24 };

static const uint32_t NO_BLOCK = UINT32_MAX;

struct tree {
    struct lp_planner *planner;
    struct lp_layout layout; /* order[0 .. turn - 1] is placed, the rest waits */
    int64_t step_limit;
    bool is_complete;
};

static void swap_turns(struct lp_layout *layout, uint32_t a, uint32_t b)
{
    uint32_t block = layout->order[a];
    layout->order[a] = layout->order[b];
    layout->order[b] = block;
    layout->position[layout->order[a]] = a;
    layout->position[layout->order[b]] = b;
}

static void keep(struct tree *t)
{
    struct lp_planner *p = t->planner;
    t->layout.peak = 0;
    for (uint32_t i = 0; i < p->movable_count; i++) {
        int64_t end = t->layout.offset[t->layout.order[i]] + p->blocks[t->layout.order[i]].size_bytes;
        t->layout.peak = end > t->layout.peak ? end : t->layout.peak;
    }
    if (t->layout.peak < p->best.peak)
        lp_layout_copy(p, &p->best, &t->layout);
}

/* The lowest place of every waiting block, by turn and in the layout. None may lie below `floor` any more. False when one of
 * them can't end below the best known peak. */
static bool find_fits(struct tree *t, uint32_t turn, int64_t floor, int64_t *fits, int64_t *lowest_end)
{
    struct lp_planner *p = t->planner;
    *lowest_end = INT64_MAX;
    for (uint32_t i = turn; i < p->movable_count; i++) {
        uint32_t block = t->layout.order[i];
        fits[i] = lp_lowest_fit(p, &t->layout, block, turn);
        t->layout.offset[block] = fits[i] < floor ? floor : fits[i];
        int64_t end = fits[i] + p->blocks[block].size_bytes;
        if (end >= p->best.peak)
            return false;
        if (end < *lowest_end)
            *lowest_end = end;
    }
    return true;
}

static bool are_neighbours(const struct lp_planner *p, uint32_t a, uint32_t b)
{
    for (uint32_t e = p->first_edge[a]; e < p->first_edge[a + 1]; e++)
        if (p->edges[e].other == b)
            return true;
    return false;
}

/* Nobody who still waits is in this block's way: its lowest fit is final, and the choice of its turn is none. */
static bool is_free(const struct tree *t, uint32_t turn, uint32_t block)
{
    const struct lp_planner *p = t->planner;
    for (uint32_t e = p->first_edge[block]; e < p->first_edge[block + 1]; e++)
        if (t->layout.position[p->edges[e].other] >= turn)
            return false;
    return true;
}

static void branch(struct tree *t, uint32_t turn, int64_t floor, uint32_t last);

static void place_and_branch(struct tree *t, uint32_t turn, uint32_t i, int64_t fit, int64_t floor, uint32_t last)
{
    swap_turns(&t->layout, turn, i);
    t->layout.offset[t->layout.order[turn]] = fit;
    branch(t, turn + 1, floor, last);
    swap_turns(&t->layout, turn, i);
}

/* `last` is the block that the last choice put at `floor`, NO_BLOCK before the first. */
static void branch(struct tree *t, uint32_t turn, int64_t floor, uint32_t last)
{
    struct lp_planner *p = t->planner;
    p->plans_tried++;
    if (turn == p->movable_count) {
        keep(t);
        return;
    }
    int64_t fits[MAX_BLOCKS];
    int64_t lowest_end;
    if (!find_fits(t, turn, floor, fits, &lowest_end))
        return;
    if (lp_lower_bound(p, &t->layout, turn) >= p->best.peak)
        return;
    for (uint32_t i = turn; i < p->movable_count; i++)
        if (is_free(t, turn, t->layout.order[i])) {
            place_and_branch(t, turn, i, fits[i], floor, last);
            return;
        }
    for (uint32_t i = turn; i < p->movable_count && p->best.peak > p->bound; i++) {
        if (p->steps > t->step_limit) {
            t->is_complete = false;
            return;
        }
        uint32_t block = t->layout.order[i];
        /* From lowest_end on, another block would fit below this one and be out of everybody's way: it can come first. */
        if (fits[i] < floor || fits[i] >= lowest_end)
            continue;
        /* Two blocks of one offset that never meet come in the order of their indices. */
        if (last != NO_BLOCK && fits[i] == floor && block < last && !are_neighbours(p, block, last))
            continue;
        place_and_branch(t, turn, i, fits[i], fits[i], block);
    }
}

bool lp_place_exhaustively(struct lp_planner *p, int64_t step_limit)
{
    if (p->movable_count > MAX_BLOCKS)
        return false;
    struct tree t = {.planner = p, .layout = p->trial, .step_limit = p->steps + step_limit, .is_complete = true};
    for (uint32_t i = 0; i < p->movable_count; i++) {
        t.layout.order[i] = p->movable[i];
        t.layout.position[p->movable[i]] = i;
    }
    branch(&t, 0, 0, NO_BLOCK);
    return t.is_complete;
}
