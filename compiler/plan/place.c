/* From an order of blocks to offsets, and what no order can beat. */
#include "compiler/plan/planner.h"

#include <stdlib.h>
#include <string.h>

enum { QUICK_PASSES = 8 };

struct lp_layout lp_layout_new(struct lp_planner *p)
{
    struct lp_layout layout = {
        .order = LP_NEW_ARRAY(&p->arena, p->movable_count, uint32_t),
        .position = LP_NEW_ARRAY(&p->arena, p->block_count, uint32_t),
        .offset = LP_NEW_ARRAY(&p->arena, p->block_count, int64_t),
    };
    if (layout.order == NULL || layout.position == NULL || layout.offset == NULL)
        return (struct lp_layout){0};
    return layout;
}

void lp_layout_copy(struct lp_planner *p, struct lp_layout *to, const struct lp_layout *from)
{
    memcpy(to->order, from->order, p->movable_count * sizeof to->order[0]);
    memcpy(to->position, from->position, p->block_count * sizeof to->position[0]);
    memcpy(to->offset, from->offset, p->block_count * sizeof to->offset[0]);
    to->peak = from->peak;
}

static int64_t align_up(int64_t offset, uint32_t align_bytes)
{
    int64_t rest = offset % align_bytes;
    return rest == 0 ? offset : offset + (align_bytes - rest);
}

int64_t lp_grains(const struct lp_planner *p, uint32_t size_bytes)
{
    return align_up(size_bytes, p->grain_bytes);
}

static int by_low_end(const void *left, const void *right)
{
    const struct lp_interval *a = left;
    const struct lp_interval *b = right;
    return a->low < b->low ? -1 : a->low > b->low ? 1 : 0;
}

/* Each neighbour forbids the offsets strictly between low and high. Going up from 0, an offset that is forbidden moves to
 * the end of what forbids it; intervals that end at or below it can never forbid again. A few passes over the unsorted
 * rest are enough nearly always, and cheaper than sorting; what is left after them is sorted, so that no input is slow. */
static int64_t climb_over(struct lp_interval *intervals, uint32_t count, uint32_t align_bytes)
{
    int64_t at = 0;
    bool has_moved = true;
    for (uint32_t pass = 0; has_moved; pass++) {
        if (pass == QUICK_PASSES)
            qsort(intervals, count, sizeof intervals[0], by_low_end);
        uint32_t kept = 0;
        has_moved = false;
        for (uint32_t i = 0; i < count; i++) {
            if (intervals[i].high <= at)
                continue;
            if (intervals[i].low >= at) {
                intervals[kept++] = intervals[i];
                continue;
            }
            at = align_up(intervals[i].high, align_bytes);
            has_moved = true;
        }
        count = kept;
    }
    return at;
}

int64_t lp_lowest_fit(struct lp_planner *p, const struct lp_layout *layout, uint32_t block, uint32_t turn)
{
    uint32_t count = 0;
    const struct lp_edge *end = p->edges + p->first_edge[block + 1];
    for (const struct lp_edge *e = p->edges + p->first_edge[block]; e < end; e++) {
        if (layout->position[e->other] >= turn)
            continue;
        int64_t at = layout->offset[e->other];
        p->intervals[count++] = (struct lp_interval){at - e->under, at + e->over};
    }
    p->steps += 1 + p->first_edge[block + 1] - p->first_edge[block];
    return climb_over(p->intervals, count, p->blocks[block].align_bytes);
}

void lp_place_from(struct lp_planner *p, struct lp_layout *layout, uint32_t turn, int64_t limit)
{
    p->plans_tried++;
    layout->peak = 0;
    for (uint32_t i = 0; i < p->movable_count; i++) {
        uint32_t block = layout->order[i];
        if (i >= turn)
            layout->offset[block] = lp_lowest_fit(p, layout, block, i);
        int64_t end = layout->offset[block] + p->blocks[block].size_bytes;
        if (end > layout->peak)
            layout->peak = end;
        if (end > limit)
            return;
    }
}

/* Blocks of one epoch lie side by side above the lowest of them, but for what its writers may share with its readers: no
 * more than all writers can share, and no more than all readers can. All start at whole grains, so each fills its last grain
 * but the topmost. The sum is largest in an epoch in which some block is born. */
static int64_t end_of_epoch_of(struct lp_planner *p, const struct lp_layout *layout, uint32_t turn, uint32_t born)
{
    uint32_t epoch = p->blocks[born].first_epoch;
    int64_t low = layout->offset[born];
    int64_t sum = lp_grains(p, p->blocks[born].size_bytes);
    int64_t slack = sum - p->blocks[born].size_bytes;
    int64_t by_writers = p->saved_as_writer[born];
    int64_t by_readers = p->blocks[born].last_epoch == epoch ? p->saved_as_reader[born] : 0;
    for (uint32_t e = p->first_edge[born]; e < p->first_edge[born + 1]; e++) {
        uint32_t other = p->edges[e].other;
        const struct lp_block *b = &p->blocks[other];
        if (b->first_epoch > epoch || layout->position[other] < turn)
            continue;
        int64_t filled = lp_grains(p, b->size_bytes);
        low = layout->offset[other] < low ? layout->offset[other] : low;
        slack = filled - b->size_bytes > slack ? filled - b->size_bytes : slack;
        sum += filled;
        by_writers += b->first_epoch == epoch ? p->saved_as_writer[other] : 0;
        by_readers += b->last_epoch == epoch ? p->saved_as_reader[other] : 0;
    }
    p->steps += 1 + p->first_edge[born + 1] - p->first_edge[born];
    return low + sum - (by_writers < by_readers ? by_writers : by_readers) - slack;
}

int64_t lp_lower_bound(struct lp_planner *p, const struct lp_layout *layout, uint32_t turn)
{
    int64_t bound = 0;
    for (uint32_t i = turn; i < p->movable_count; i++) {
        int64_t end = end_of_epoch_of(p, layout, turn, layout->order[i]);
        if (end > bound)
            bound = end;
    }
    return bound;
}
