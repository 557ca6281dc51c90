#include "compiler/plan/pools_check.h"

/* Memory from `from` to `to` exists without a gap, region by region. */
static bool is_backed(const struct lp_pools_problem *p, uint64_t from, uint64_t to, bool for_writing)
{
    while (from < to) {
        const struct lp_region *found = NULL;
        for (uint32_t i = 0; i < p->region_count; i++) {
            const struct lp_region *r = &p->regions[i];
            bool may = !for_writing || (r->is_writable && (!r->is_slow || p->allow_slow));
            if (may && from >= r->base && from - r->base < r->size_bytes)
                found = r;
        }
        if (found == NULL)
            return false;
        from = found->base + found->size_bytes;
    }
    return true;
}

struct extent {
    uint64_t start, end;
};

static struct extent extent_of(const struct lp_pools_problem *p, const uint64_t *addresses, uint32_t block)
{
    struct extent e = {addresses[block], addresses[block] + p->plan.blocks[block].size_bytes};
    if (p->whole_lines[block])
        e.end = (e.end + LP_CACHE_LINE_BYTES - 1) & ~(uint64_t)(LP_CACHE_LINE_BYTES - 1);
    return e;
}

static bool is_allowed(const struct lp_pools_problem *p, const uint64_t *addresses, uint32_t writer, uint32_t reader)
{
    for (uint32_t i = 0; i < p->plan.overlap_count; i++) {
        const struct lp_overlap *o = &p->plan.overlaps[i];
        if (o->writer == writer && o->reader == reader &&
            p->plan.blocks[reader].last_epoch == p->plan.blocks[writer].first_epoch &&
            addresses[writer] + o->gap_bytes <= addresses[reader])
            return true;
    }
    return false;
}

static bool collide(const struct lp_pools_problem *p, const uint64_t *addresses, uint32_t i, uint32_t k)
{
    const struct lp_block *a = &p->plan.blocks[i], *b = &p->plan.blocks[k];
    struct extent x = extent_of(p, addresses, i), y = extent_of(p, addresses, k);
    if (a->size_bytes == 0 || b->size_bytes == 0 || a->first_epoch > b->last_epoch || b->first_epoch > a->last_epoch)
        return false;
    if (x.start >= y.end || y.start >= x.end)
        return false;
    return !is_allowed(p, addresses, i, k) && !is_allowed(p, addresses, k, i);
}

bool lp_pools_are_sound(const struct lp_pools_problem *p, const uint64_t *addresses)
{
    for (uint32_t i = 0; i < p->plan.block_count; i++) {
        const struct lp_block *b = &p->plan.blocks[i];
        struct extent e = extent_of(p, addresses, i);
        if (b->size_bytes == 0)
            continue;
        if (b->align_bytes == 0 || e.start % b->align_bytes != 0 || (p->whole_lines[i] && e.start % LP_CACHE_LINE_BYTES != 0))
            return false;
        if (!is_backed(p, e.start, e.end, true) || !is_backed(p, e.end, e.end + LP_PREFETCH_BYTES, false))
            return false;
        for (uint32_t k = 0; k < i; k++)
            if (collide(p, addresses, i, k))
                return false;
    }
    return true;
}
