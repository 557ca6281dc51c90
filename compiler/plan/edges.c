/* Which blocks are alive together, and how far apart they have to lie. */
#include "compiler/plan/planner.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 1 << 22 }; /* about 100 MB of edges: a network of 2,900 tensors that are all alive at once */

struct birth {
    uint32_t first_epoch;
    uint32_t block;
};

static int by_birth(const void *left, const void *right)
{
    const struct birth *a = left;
    const struct birth *b = right;
    if (a->first_epoch != b->first_epoch)
        return a->first_epoch < b->first_epoch ? -1 : 1;
    return a->block < b->block ? -1 : a->block > b->block ? 1 : 0;
}

static void add_edge(struct lp_planner *p, uint32_t *next, uint32_t from, uint32_t to)
{
    p->edges[next[from]++] = (struct lp_edge){to, p->blocks[from].size_bytes, p->blocks[to].size_bytes};
}

/* Goes through the births with the list of those still alive. With `next`, stores both edges of each pair; without, counts
 * the edges of each block into first_edge[block + 1]. Returns the number of pairs, more than MAX_PAIRS when it gave up. */
static uint32_t sweep(struct lp_planner *p, const struct birth *births, uint32_t *alive, uint32_t *next)
{
    uint32_t alive_count = 0;
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < p->movable_count && pairs <= MAX_PAIRS; i++) {
        uint32_t kept = 0;
        for (uint32_t k = 0; k < alive_count; k++)
            if (p->blocks[alive[k]].last_epoch >= births[i].first_epoch)
                alive[kept++] = alive[k];
        alive_count = kept;
        pairs += alive_count;
        for (uint32_t k = 0; k < alive_count; k++) {
            if (next == NULL) {
                p->first_edge[births[i].block + 1]++;
                p->first_edge[alive[k] + 1]++;
            } else {
                add_edge(p, next, births[i].block, alive[k]);
                add_edge(p, next, alive[k], births[i].block);
            }
        }
        alive[alive_count++] = births[i].block;
    }
    return pairs;
}

static struct lp_edge *find_edge(struct lp_planner *p, uint32_t from, uint32_t to)
{
    for (uint32_t e = p->first_edge[from]; e < p->first_edge[from + 1]; e++)
        if (p->edges[e].other == to)
            return &p->edges[e];
    return NULL;
}

/* What the pair may share when the written block has to lie `gap` or more below the read one, both in whole grains. */
static int64_t shared_bytes(const struct lp_planner *p, uint32_t writer, uint32_t reader, uint32_t gap)
{
    int64_t written = lp_grains(p, p->blocks[writer].size_bytes) - lp_grains(p, gap);
    int64_t read = lp_grains(p, p->blocks[reader].size_bytes);
    return written < read ? written : read;
}

static lp_status bad_overlap(const struct lp_plan_problem *problem, uint32_t i, const char *why)
{
    return lp_error(problem->diag, LP_BAD_ARGUMENT, "overlap %u of blocks %u (written) and %u (read): %s", (unsigned)i,
                    (unsigned)problem->overlaps[i].writer, (unsigned)problem->overlaps[i].reader, why);
}

/* Shortens the distance of a pair that may overlap. Writer and reader come from different sets in any epoch, which the
 * lower bound relies on: hence the rule about blocks of a single epoch. */
static lp_status permit(struct lp_planner *p, const struct lp_plan_problem *problem, uint32_t i)
{
    const struct lp_overlap *o = &problem->overlaps[i];
    if (o->writer >= p->block_count || o->reader >= p->block_count || o->writer == o->reader)
        return bad_overlap(problem, i, "there are no two such blocks");
    const struct lp_block *writer = &p->blocks[o->writer];
    const struct lp_block *reader = &p->blocks[o->reader];
    if (reader->last_epoch != writer->first_epoch)
        return bad_overlap(problem, i, "the read block has to die in the epoch in which the written one is born");
    if (writer->size_bytes == 0 || reader->size_bytes == 0)
        return LP_OK;
    struct lp_edge *from_writer = find_edge(p, o->writer, o->reader);
    struct lp_edge *from_reader = find_edge(p, o->reader, o->writer);
    const uint32_t gap_bytes = o->gap_bytes == LP_ANYWHERE ? 0 : o->gap_bytes;
    if (o->gap_bytes == LP_ANYWHERE)
        from_writer->over = from_reader->under = 0;
    if (gap_bytes >= from_writer->under)
        return LP_OK;
    int64_t more = shared_bytes(p, o->writer, o->reader, gap_bytes) - shared_bytes(p, o->writer, o->reader, from_writer->under);
    p->saved_as_writer[o->writer] += more;
    p->saved_as_reader[o->reader] += more;
    from_writer->under = gap_bytes;
    from_reader->over = gap_bytes;
    for (int side = 0; side < 2; side++) {
        uint32_t block = side == 0 ? o->writer : o->reader;
        if (p->blocks[block].first_epoch == p->blocks[block].last_epoch && p->saved_as_writer[block] != 0 &&
            p->saved_as_reader[block] != 0)
            return bad_overlap(problem, i, "a block that lives for one epoch can't be both written over another and read");
    }
    return LP_OK;
}

static lp_status permit_overlaps(struct lp_planner *p, const struct lp_plan_problem *problem)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < problem->overlap_count && status == LP_OK; i++)
        status = permit(p, problem, i);
    /* Readers of one epoch lie apart, and writers do: none shares more than its own size. */
    for (uint32_t i = 0; i < p->movable_count; i++) {
        uint32_t block = p->movable[i];
        int64_t size = lp_grains(p, p->blocks[block].size_bytes);
        p->saved_as_writer[block] = p->saved_as_writer[block] < size ? p->saved_as_writer[block] : size;
        p->saved_as_reader[block] = p->saved_as_reader[block] < size ? p->saved_as_reader[block] : size;
    }
    return status;
}

lp_status lp_planner_find_edges(struct lp_planner *p, const struct lp_plan_problem *problem)
{
    struct birth *births = LP_NEW_ARRAY(&p->arena, p->movable_count, struct birth);
    uint32_t *alive = LP_NEW_ARRAY(&p->arena, p->movable_count, uint32_t);
    uint32_t *next = LP_NEW_ARRAY(&p->arena, p->block_count, uint32_t);
    if (births == NULL || alive == NULL || next == NULL)
        return lp_no_memory(problem->diag);
    for (uint32_t i = 0; i < p->movable_count; i++)
        births[i] = (struct birth){p->blocks[p->movable[i]].first_epoch, p->movable[i]};
    qsort(births, p->movable_count, sizeof births[0], by_birth);
    uint32_t pairs = sweep(p, births, alive, NULL);
    if (pairs > MAX_PAIRS)
        return lp_error(problem->diag, LP_OUT_OF_MEMORY,
                        "more than %d pairs of tensors are alive at the same time; the memory planner takes no more", MAX_PAIRS);
    for (uint32_t b = 0; b < p->block_count; b++)
        p->first_edge[b + 1] += p->first_edge[b];
    p->edges = LP_NEW_ARRAY(&p->arena, 2 * (size_t)pairs, struct lp_edge);
    if (p->edges == NULL)
        return lp_no_memory(problem->diag);
    memcpy(next, p->first_edge, p->block_count * sizeof next[0]);
    (void)sweep(p, births, alive, next);
    return permit_overlaps(p, problem);
}
