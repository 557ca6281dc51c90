#include "compiler/plan/pools.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/plan/pools_check.h"

/* Regions that touch and are alike, or (the last resort) that only touch. */
struct group {
    uint64_t base, size_bytes;
    uint32_t cost, family;
    bool is_slow;
};

struct pools {
    const struct lp_pools_problem *problem;
    struct lp_arena scratch;
    struct group *groups; /* cheapest first */
    uint32_t group_count;
    uint32_t *home;           /* by block: its group */
    struct lp_block *blocks;  /* with sizes and alignments as they have to be placed */
    struct lp_block *members; /* scratch: those of one group */
    uint32_t *member_ids;
    struct lp_overlap *overlaps;
    uint64_t *peaks, *bounds; /* by group */
    uint64_t *addresses;
    lp_status status;
};

static int by_base(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return a->base < b->base ? -1 : a->base > b->base;
}

static int by_cost(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return a->cost != b->cost ? (a->cost < b->cost ? -1 : 1) : by_base(left, right);
}

/* any_speed: a group may hold regions of different speed; it is then as fast as its slowest. */
static void make_groups(struct pools *p, bool any_speed)
{
    const struct lp_pools_problem *q = p->problem;
    p->group_count = 0;
    for (uint32_t i = 0; i < q->region_count; i++)
        if (q->regions[i].is_writable && q->regions[i].size_bytes > 0 && (!q->regions[i].is_slow || q->allow_slow))
            p->groups[p->group_count++] = (struct group){q->regions[i].base, q->regions[i].size_bytes, q->regions[i].cost,
                                                         q->regions[i].family, q->regions[i].is_slow};
    qsort(p->groups, p->group_count, sizeof p->groups[0], by_base);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->group_count; i++) {
        struct group *last = kept == 0 ? NULL : &p->groups[kept - 1], *next = &p->groups[i];
        bool touches = last != NULL && last->base + last->size_bytes == next->base && last->family == next->family;
        if (!touches || (!any_speed && (last->cost != next->cost || last->is_slow != next->is_slow))) {
            p->groups[kept++] = *next;
            continue;
        }
        last->size_bytes += next->size_bytes;
        last->cost = next->cost > last->cost ? next->cost : last->cost;
        last->is_slow = last->is_slow || next->is_slow;
    }
    p->group_count = kept;
    qsort(p->groups, p->group_count, sizeof p->groups[0], by_cost);
}

/* Behind the last block there has to be memory to read ahead in: another region, or the end of this one. */
static uint64_t room_of(const struct pools *p, const struct group *g)
{
    uint64_t end = g->base + g->size_bytes;
    for (uint32_t i = 0; i < p->problem->region_count; i++)
        if (p->problem->regions[i].base == end && p->problem->regions[i].size_bytes >= LP_PREFETCH_BYTES)
            return g->size_bytes;
    return g->size_bytes > LP_PREFETCH_BYTES ? g->size_bytes - LP_PREFETCH_BYTES : 0;
}

static void open_blocks(struct pools *p)
{
    const struct lp_pools_problem *q = p->problem;
    uint32_t n = q->plan.block_count;
    p->groups = LP_NEW_ARRAY(&p->scratch, q->region_count + 1, struct group);
    p->home = LP_NEW_ARRAY(&p->scratch, n + 1, uint32_t);
    p->blocks = LP_NEW_ARRAY(&p->scratch, n + 1, struct lp_block);
    p->members = LP_NEW_ARRAY(&p->scratch, n + 1, struct lp_block);
    p->member_ids = LP_NEW_ARRAY(&p->scratch, n + 1, uint32_t);
    p->overlaps = LP_NEW_ARRAY(&p->scratch, q->plan.overlap_count + 1, struct lp_overlap);
    p->peaks = LP_NEW_ARRAY(&p->scratch, q->region_count + 1, uint64_t);
    p->bounds = LP_NEW_ARRAY(&p->scratch, q->region_count + 1, uint64_t);
    if (!p->groups || !p->home || !p->blocks || !p->members || !p->member_ids || !p->overlaps || !p->peaks || !p->bounds) {
        p->status = lp_no_memory(q->plan.diag);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        p->blocks[i] = q->plan.blocks[i];
        if (!q->whole_lines[i])
            continue;
        p->blocks[i].size_bytes = (p->blocks[i].size_bytes + LP_CACHE_LINE_BYTES - 1) / LP_CACHE_LINE_BYTES * LP_CACHE_LINE_BYTES;
        if (p->blocks[i].align_bytes < LP_CACHE_LINE_BYTES)
            p->blocks[i].align_bytes = LP_CACHE_LINE_BYTES;
    }
}

/* Plans the blocks whose home is `group`; their addresses are as low as the planner gets them. */
static void plan_group(struct pools *p, uint32_t group)
{
    const struct lp_pools_problem *q = p->problem;
    uint32_t count = 0, overlaps = 0;
    uint32_t *position = p->member_ids; /* first by member, then the other way round */
    for (uint32_t i = 0; i < q->plan.block_count; i++)
        if (p->home[i] == group)
            p->members[count++] = p->blocks[i];
    count = 0;
    for (uint32_t i = 0; i < q->plan.block_count; i++)
        position[i] = p->home[i] == group ? count++ : UINT32_MAX;
    for (uint32_t i = 0; i < q->plan.overlap_count; i++) {
        const struct lp_overlap *o = &q->plan.overlaps[i];
        if (position[o->writer] != UINT32_MAX && position[o->reader] != UINT32_MAX)
            p->overlaps[overlaps++] = (struct lp_overlap){position[o->writer], position[o->reader], o->gap_bytes};
    }
    struct lp_plan_problem problem = {p->members, count, p->overlaps, overlaps, q->plan.diag};
    struct lp_plan_result result;
    p->status = lp_plan_make(&problem, &result);
    if (p->status != LP_OK)
        return;
    p->peaks[group] = result.peak_bytes;
    p->bounds[group] = result.lower_bound_bytes;
    for (uint32_t i = 0; i < q->plan.block_count; i++)
        if (position[i] != UINT32_MAX)
            p->addresses[i] = p->members[position[i]].size_bytes == 0
                                  ? 0
                                  : p->groups[group].base + p->members[position[i]].offset_bytes;
}

/* ---- what has to leave a group that is too small ---- */

/* Of the blocks alive where the group is fullest, the one whose bytes cost least elsewhere for the room that they free. */
static uint32_t cheapest_to_move(struct pools *p, uint32_t group)
{
    const struct lp_pools_problem *q = p->problem;
    uint32_t best = UINT32_MAX, worst_epoch = 0;
    uint64_t most_alive = 0;
    for (uint32_t i = 0; i < q->plan.block_count; i++) {
        uint64_t alive = 0;
        uint32_t epoch = p->blocks[i].first_epoch;
        for (uint32_t k = 0; k < q->plan.block_count; k++)
            if (p->home[k] == group && p->blocks[k].first_epoch <= epoch && epoch <= p->blocks[k].last_epoch)
                alive += p->blocks[k].size_bytes;
        if (alive > most_alive) {
            most_alive = alive;
            worst_epoch = epoch;
        }
    }
    for (uint32_t i = 0; i < q->plan.block_count; i++) {
        const struct lp_block *b = &p->blocks[i];
        if (p->home[i] != group || b->size_bytes == 0 || b->first_epoch > worst_epoch || b->last_epoch < worst_epoch)
            continue;
        /* traffic / size, compared without dividing; the larger one of two equals. */
        if (best == UINT32_MAX ||
            (double)q->traffic_bytes[i] * p->blocks[best].size_bytes < (double)q->traffic_bytes[best] * b->size_bytes)
            best = i;
    }
    return best;
}

/* Fills the groups from the cheapest on. False when even the last is too small. */
static bool fill_groups(struct pools *p)
{
    memset(p->home, 0, p->problem->plan.block_count * sizeof *p->home);
    for (uint32_t g = 0; g < p->group_count && p->status == LP_OK; g++) {
        plan_group(p, g);
        while (p->status == LP_OK && p->peaks[g] > room_of(p, &p->groups[g])) {
            uint32_t block = g + 1 < p->group_count ? cheapest_to_move(p, g) : UINT32_MAX;
            if (block == UINT32_MAX)
                return false;
            p->home[block] = g + 1;
            plan_group(p, g);
        }
    }
    return p->status == LP_OK && p->group_count > 0;
}

/* ---- different banks for what one epoch touches ---- */

static int by_traffic(const void *left, const void *right)
{
    const struct lp_bank_pair *const *a = left, *const *b = right;
    if ((*a)->traffic_bytes != (*b)->traffic_bytes)
        return (*a)->traffic_bytes > (*b)->traffic_bytes ? -1 : 1;
    return (*a)->a != (*b)->a ? ((*a)->a < (*b)->a ? -1 : 1) : (*a)->b < (*b)->b ? -1 : (*a)->b > (*b)->b;
}

/* Two colours, the pairs with most traffic first. */
static bool colour(struct pools *p)
{
    enum { NONE = 2 };
    const struct lp_pools_problem *q = p->problem;
    const struct lp_bank_pair **order = LP_NEW_ARRAY(&p->scratch, q->pair_count + 1, const struct lp_bank_pair *);
    if (order == NULL) {
        p->status = lp_no_memory(q->plan.diag);
        return false;
    }
    for (uint32_t i = 0; i < q->pair_count; i++)
        order[i] = &q->pairs[i];
    qsort(order, q->pair_count, sizeof *order, by_traffic);
    for (uint32_t i = 0; i < q->plan.block_count; i++)
        p->home[i] = NONE;
    for (uint32_t i = 0; i < q->pair_count; i++) {
        uint32_t *a = &p->home[order[i]->a], *b = &p->home[order[i]->b];
        if (*a == NONE && *b == NONE)
            *a = 0;
        if (*a == NONE)
            *a = 1 - *b;
        if (*b == NONE)
            *b = 1 - *a;
    }
    for (uint32_t i = 0; i < q->plan.block_count; i++)
        p->home[i] = p->home[i] == NONE ? 0 : p->home[i];
    return true;
}

/* The first region boundary in the group at or above `offset`; the group's size when there is none. */
static uint64_t boundary_above(const struct pools *p, const struct group *g, uint64_t offset)
{
    uint64_t best = g->size_bytes;
    for (uint32_t i = 0; i < p->problem->region_count; i++) {
        uint64_t base = p->problem->regions[i].base;
        if (base >= g->base + offset && base < g->base + best)
            best = base - g->base;
    }
    return best;
}

/* One colour from the start of the fastest group, the other from a region of its own on. False when that does not fit. */
static bool spread(struct pools *p)
{
    struct group fastest = p->groups[0];
    if (!colour(p))
        return false;
    plan_group(p, 0);
    if (p->status != LP_OK)
        return false;
    uint64_t start = boundary_above(p, &fastest, p->peaks[0]);
    p->groups[1] = (struct group){fastest.base + start, fastest.size_bytes - start, fastest.cost, fastest.family,
                                  fastest.is_slow};
    p->groups[0].size_bytes = start;
    p->group_count = 2;
    plan_group(p, 1);
    return p->status == LP_OK && p->peaks[0] <= room_of(p, &p->groups[0]) && p->peaks[1] <= room_of(p, &p->groups[1]);
}

/* ---- the result ---- */

static void sum_up(struct pools *p, struct lp_pools_result *out)
{
    const struct lp_pools_problem *q = p->problem;
    uint32_t cheapest = p->groups[0].cost;
    for (uint32_t g = 0; g < p->group_count; g++) {
        out->peak_bytes += p->peaks[g];
        out->lower_bound_bytes += p->bounds[g];
    }
    for (uint32_t i = 0; i < q->plan.block_count; i++) {
        const struct group *home = &p->groups[p->home[i]];
        uint64_t end = p->addresses[i] + p->blocks[i].size_bytes;
        if (home->cost > cheapest) {
            out->spilled_bytes += p->blocks[i].size_bytes;
            out->spill_cost += q->traffic_bytes[i] * (home->cost - cheapest) / 1000;
        }
        for (uint32_t r = 0; r < q->region_count && p->blocks[i].size_bytes > 0; r++) {
            const struct lp_region *region = &q->regions[r];
            if (p->addresses[i] >= region->base + region->size_bytes || end <= region->base)
                continue;
            uint64_t used = (end < region->base + region->size_bytes ? end : region->base + region->size_bytes) - region->base;
            out->used_bytes[r] = used > out->used_bytes[r] ? used : out->used_bytes[r];
        }
    }
}

/* All blocks as if they were in one memory: what that would take, and what fills it. */
static lp_status say_what_lacks(struct pools *p, struct lp_pools_result *out)
{
    uint64_t room = 0;
    make_groups(p, true);
    for (uint32_t g = 0; g < p->group_count; g++) {
        uint64_t here = room_of(p, &p->groups[g]);
        room = here > room ? here : room;
    }
    p->group_count = 1;
    p->groups[0] = (struct group){0};
    memset(p->home, 0, p->problem->plan.block_count * sizeof *p->home);
    plan_group(p, 0);
    if (p->status != LP_OK)
        return p->status;
    out->missing_bytes = p->peaks[0] > room ? p->peaks[0] - room : 0;
    out->peak_bytes = p->peaks[0];
    out->alive_count = lp_plan_peak_blocks(p->members, p->problem->plan.block_count, out->alive, &out->peak_epoch);
    return LP_DOES_NOT_FIT;
}

static lp_status plan(struct pools *p, struct lp_pools_result *out)
{
    open_blocks(p);
    p->addresses = out->addresses;
    bool fits = false;
    for (int attempt = p->problem->spread ? 0 : 1; attempt < 3 && p->status == LP_OK && !fits; attempt++) {
        make_groups(p, attempt == 2);
        fits = p->group_count > 0 && (attempt == 0 ? spread(p) : fill_groups(p));
    }
    if (p->status != LP_OK)
        return p->status;
    if (!fits)
        return say_what_lacks(p, out);
    sum_up(p, out);
    if (!lp_pools_are_sound(p->problem, out->addresses))
        return lp_error(p->problem->plan.diag, LP_INTERNAL,
                        "the plan of %u blocks in %u memories failed its own check: this is an error in limpid, please report "
                        "the model",
                        p->problem->plan.block_count, p->problem->region_count);
    return LP_OK;
}

lp_status lp_pools_plan(struct lp_arena *arena, const struct lp_pools_problem *problem, struct lp_pools_result *result)
{
    struct pools p = {.problem = problem};
    *result = (struct lp_pools_result){.addresses = LP_NEW_ARRAY(arena, problem->plan.block_count + 1, uint64_t),
                                       .used_bytes = LP_NEW_ARRAY(arena, problem->region_count + 1, uint64_t),
                                       .alive = LP_NEW_ARRAY(arena, problem->plan.block_count + 1, uint32_t)};
    lp_status status = LP_OK;
    if (result->addresses == NULL || result->used_bytes == NULL || result->alive == NULL)
        status = lp_no_memory(problem->plan.diag);
    else
        status = plan(&p, result);
    lp_arena_free(&p.scratch);
    return status;
}

/* ---- constants ---- */

/* 0: read-only and made for constants; 1: made for constants; 2: read-only; 3: any. */
static int rank_of(const struct lp_region *r)
{
    return (r->prefers_constants ? 0 : 2) + (r->is_writable ? 1 : 0);
}

/* Memory that a chunk may take, from `start` on. */
static uint64_t room_for_constants(const struct lp_region *r, uint64_t start)
{
    uint64_t end = r->base + r->size_bytes;
    return end < start + LP_PREFETCH_BYTES ? 0 : end - LP_PREFETCH_BYTES - start;
}

lp_status lp_pools_place_constants(const uint64_t *cuts, uint32_t cut_count, const struct lp_region *regions,
                                   uint32_t region_count, struct lp_chunk *chunks, uint32_t *chunk_count, uint64_t *missing_bytes)
{
    enum { RANKS = 4, CHUNK_ALIGN = 64 };
    uint32_t at = 0; /* index of the cut where the rest begins */
    *chunk_count = 0;
    for (int rank = 0; rank < RANKS; rank++)
        for (uint32_t r = 0; r < region_count && at + 1 < cut_count; r++) {
            uint64_t start = (regions[r].base + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN;
            uint64_t room = rank_of(&regions[r]) == rank ? room_for_constants(&regions[r], start) : 0;
            uint32_t end = at;
            while (end + 1 < cut_count && cuts[end + 1] - cuts[at] <= room)
                end++;
            if (cuts[end] == cuts[at])
                continue;
            chunks[(*chunk_count)++] = (struct lp_chunk){r, cuts[at], cuts[end] - cuts[at], start};
            at = end;
        }
    *missing_bytes = cut_count == 0 ? 0 : cuts[cut_count - 1] - cuts[at];
    return *missing_bytes == 0 ? LP_OK : LP_DOES_NOT_FIT;
}
