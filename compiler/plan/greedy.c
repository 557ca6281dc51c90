/* Several fixed orders: what a hand would try. Most networks are done after these. */
#include "compiler/plan/planner.h"

#include <stdlib.h>

struct rank {
    uint64_t major, minor; /* larger ones come first */
    uint32_t block;
};

static int by_rank(const void *left, const void *right)
{
    const struct rank *a = left;
    const struct rank *b = right;
    if (a->major != b->major)
        return a->major > b->major ? -1 : 1;
    if (a->minor != b->minor)
        return a->minor > b->minor ? -1 : 1;
    return a->block < b->block ? -1 : a->block > b->block ? 1 : 0;
}

static uint64_t lifetime(const struct lp_block *b)
{
    return (uint64_t)b->last_epoch - b->first_epoch + 1;
}

static uint64_t bytes_beside(const struct lp_planner *p, uint32_t block)
{
    uint64_t sum = 0;
    for (uint32_t e = p->first_edge[block]; e < p->first_edge[block + 1]; e++)
        sum += p->blocks[p->edges[e].other].size_bytes;
    return sum;
}

static struct rank by_size(const struct lp_planner *p, uint32_t b)
{
    return (struct rank){p->blocks[b].size_bytes, lifetime(&p->blocks[b]), b};
}

static struct rank by_lifetime(const struct lp_planner *p, uint32_t b)
{
    return (struct rank){lifetime(&p->blocks[b]), p->blocks[b].size_bytes, b};
}

static struct rank by_area(const struct lp_planner *p, uint32_t b)
{
    /* At most (2^32 - 1) * 2^32, which fits. */
    return (struct rank){p->blocks[b].size_bytes * lifetime(&p->blocks[b]), p->blocks[b].size_bytes, b};
}

static struct rank by_crowd(const struct lp_planner *p, uint32_t b)
{
    return (struct rank){bytes_beside(p, b) + p->blocks[b].size_bytes, p->blocks[b].size_bytes, b};
}

static struct rank by_time(const struct lp_planner *p, uint32_t b)
{
    return (struct rank){UINT32_MAX - p->blocks[b].first_epoch, p->blocks[b].size_bytes, b};
}

static struct rank by_time_backwards(const struct lp_planner *p, uint32_t b)
{
    return (struct rank){p->blocks[b].last_epoch, p->blocks[b].size_bytes, b};
}

static struct rank (*const orders[])(const struct lp_planner *, uint32_t) = {by_size,     by_area, by_crowd,
                                                                             by_lifetime, by_time, by_time_backwards};

lp_status lp_place_greedily(struct lp_planner *p)
{
    struct rank *ranks = LP_NEW_ARRAY(&p->arena, p->movable_count, struct rank);
    struct lp_layout layout = p->trial;
    if (ranks == NULL)
        return LP_OUT_OF_MEMORY;
    for (size_t k = 0; k < LP_COUNT(orders) && (k == 0 || p->best.peak > p->bound); k++) {
        for (uint32_t i = 0; i < p->movable_count; i++)
            ranks[i] = orders[k](p, p->movable[i]);
        qsort(ranks, p->movable_count, sizeof ranks[0], by_rank);
        for (uint32_t i = 0; i < p->movable_count; i++) {
            layout.order[i] = ranks[i].block;
            layout.position[ranks[i].block] = i;
        }
        lp_place_from(p, &layout, 0, INT64_MAX);
        if (k == 0 || layout.peak < p->best.peak)
            lp_layout_copy(p, &p->best, &layout);
    }
    return LP_OK;
}
