/* What the parts of the planner share. Nothing outside this folder includes it. */
#ifndef LP_PLAN_PLANNER_H
#define LP_PLAN_PLANNER_H

#include "compiler/base/arena.h"
#include "compiler/plan/plan.h"

/* Seen from one block: another block that is alive in a common epoch. Either the block lies low enough,
 * offset + under <= other's offset, or high enough, other's offset + over <= offset. */
struct lp_edge {
    uint32_t other;
    uint32_t under; /* the block's own size, or less where it may be written over the other's bytes */
    uint32_t over; /* the other's size, or less where the other may be written over this block's bytes; both 0 where bytes move */
};

/* An order of placement and the offsets that follow from it: each block lies as low as the ones before it allow. */
struct lp_layout {
    uint32_t *order;    /* blocks by turn */
    uint32_t *position; /* turn by block */
    int64_t *offset;    /* by block; wide, because a bad order may pass 4 GiB on the way to a good one */
    int64_t peak;
};

struct lp_interval {
    int64_t low, high;
};

struct lp_planner {
    struct lp_arena arena;
    const struct lp_block *blocks;
    uint32_t block_count;
    uint32_t *movable; /* blocks that have any bytes, by index */
    uint32_t movable_count;
    uint32_t *first_edge; /* by block, block_count + 1 values: its edges are first_edge[b] .. first_edge[b + 1] - 1 */
    struct lp_edge *edges;
    uint32_t grain_bytes;          /* every offset is a multiple of it: what all alignments have in common */
    int64_t *saved_as_writer;      /* by block: bytes it may share with all its readers together, in whole grains */
    int64_t *saved_as_reader;      /* and with all its writers */
    struct lp_interval *intervals; /* scratch of lp_lowest_fit: one per block */
    struct lp_layout best;
    struct lp_layout trial; /* scratch of whichever search runs */
    int64_t bound;
    int64_t steps; /* edges looked at so far: the clock of all limits */
    uint32_t plans_tried;
};

/* Fills in first_edge, edges and saved_as_*, and refuses overlaps that break the rules of plan.h. */
lp_status lp_planner_find_edges(struct lp_planner *p, const struct lp_plan_problem *problem);
int64_t lp_grains(const struct lp_planner *p, uint32_t size_bytes); /* rounded up to whole grains, in bytes */
struct lp_layout lp_layout_new(struct lp_planner *p);               /* its pointers are null when there is no memory */
void lp_layout_copy(struct lp_planner *p, struct lp_layout *to, const struct lp_layout *from);

/* The lowest offset for `block` beside those blocks whose position is below `turn`. */
int64_t lp_lowest_fit(struct lp_planner *p, const struct lp_layout *layout, uint32_t block, uint32_t turn);

/* Places the blocks from `turn` on; those before it stay. Stops early, with a peak above `limit`, when a block ends there. */
void lp_place_from(struct lp_planner *p, struct lp_layout *layout, uint32_t turn, int64_t limit);

/* No plan ends lower, if no block from `turn` on can lie below the offset that the layout gives it. Only these count. */
int64_t lp_lower_bound(struct lp_planner *p, const struct lp_layout *layout, uint32_t turn);

/* The three searches. Each leaves p->best the best layout known. */
lp_status lp_place_greedily(struct lp_planner *p);
bool lp_place_exhaustively(struct lp_planner *p, int64_t step_limit); /* true when p->best is proved to be the smallest */
lp_status lp_place_by_climbing(struct lp_planner *p, int64_t step_limit);

#endif
