#include "compiler/plan/plan_check.h"

/* `writer` and `reader` share one epoch at most, and the written block starts low enough, or anywhere. */
static bool allows(const struct lp_overlap *overlap, const struct lp_block *writer, const struct lp_block *reader)
{
    return reader->last_epoch == writer->first_epoch &&
           (overlap->gap_bytes == LP_ANYWHERE || (uint64_t)writer->offset_bytes + overlap->gap_bytes <= reader->offset_bytes);
}

static bool may_share(const struct lp_block *blocks, const struct lp_overlap *overlaps, uint32_t overlap_count, uint32_t a,
                      uint32_t b)
{
    for (uint32_t i = 0; i < overlap_count; i++) {
        const struct lp_overlap *o = &overlaps[i];
        if (o->writer == a && o->reader == b && allows(o, &blocks[a], &blocks[b]))
            return true;
        if (o->writer == b && o->reader == a && allows(o, &blocks[b], &blocks[a]))
            return true;
    }
    return false;
}

static bool is_placed_inside(const struct lp_block *b, uint32_t arena_bytes)
{
    return b->align_bytes != 0 && b->offset_bytes % b->align_bytes == 0 && b->first_epoch <= b->last_epoch &&
           b->size_bytes <= arena_bytes && b->offset_bytes <= arena_bytes - b->size_bytes;
}

static bool collide(const struct lp_block *a, const struct lp_block *b)
{
    bool same_time = a->first_epoch <= b->last_epoch && b->first_epoch <= a->last_epoch;
    bool same_bytes = a->size_bytes != 0 && b->size_bytes != 0 &&
                      (uint64_t)a->offset_bytes < (uint64_t)b->offset_bytes + b->size_bytes &&
                      (uint64_t)b->offset_bytes < (uint64_t)a->offset_bytes + a->size_bytes;
    return same_time && same_bytes;
}

bool lp_plan_is_sound(const struct lp_block *blocks, uint32_t block_count, const struct lp_overlap *overlaps,
                      uint32_t overlap_count, uint32_t arena_bytes)
{
    for (uint32_t i = 0; i < block_count; i++) {
        if (!is_placed_inside(&blocks[i], arena_bytes))
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (collide(&blocks[i], &blocks[j]) && !may_share(blocks, overlaps, overlap_count, i, j))
                return false;
    }
    return true;
}
