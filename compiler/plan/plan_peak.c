/* What to name when a plan is too large for its target. */
#include "compiler/plan/plan.h"

static bool is_alive(const struct lp_block *b, uint32_t epoch)
{
    return b->size_bytes != 0 && b->first_epoch <= epoch && epoch <= b->last_epoch;
}

/* Sorted insertion: largest first, then lowest index. Only few blocks are alive at once. */
static void insert(const struct lp_block *blocks, uint32_t *indices, uint32_t count, uint32_t block)
{
    uint32_t at = count;
    while (at > 0 && blocks[indices[at - 1]].size_bytes < blocks[block].size_bytes) {
        indices[at] = indices[at - 1];
        at--;
    }
    indices[at] = block;
}

uint32_t lp_plan_peak_blocks(const struct lp_block *blocks, uint32_t block_count, uint32_t *indices, uint32_t *peak_epoch)
{
    uint64_t best_top = 0;
    uint64_t best_alive = 0;
    *peak_epoch = 0;
    /* Both figures are largest in an epoch in which some block is born. */
    for (uint32_t i = 0; i < block_count; i++) {
        uint64_t top = 0;
        uint64_t alive = 0;
        uint32_t epoch = blocks[i].first_epoch;
        for (uint32_t j = 0; j < block_count; j++) {
            if (!is_alive(&blocks[j], epoch))
                continue;
            uint64_t end = (uint64_t)blocks[j].offset_bytes + blocks[j].size_bytes;
            top = end > top ? end : top;
            alive += blocks[j].size_bytes;
        }
        bool is_fuller = top != best_top ? top > best_top : alive > best_alive;
        bool is_earlier = top == best_top && alive == best_alive && epoch < *peak_epoch;
        if (is_fuller || is_earlier) {
            best_top = top;
            best_alive = alive;
            *peak_epoch = epoch;
        }
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < block_count; i++)
        if (is_alive(&blocks[i], *peak_epoch))
            insert(blocks, indices, count++, i);
    return count;
}
