/* What SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND share: the walk over all elements of all parts. */
#ifndef LP_KERNELS_REFERENCE_SPACE_BATCH_H
#define LP_KERNELS_REFERENCE_SPACE_BATCH_H

#include "runtime/kernels/kernels.h"

#include <stddef.h>

/* One run: its offset among the parts, and in the whole map, or LP_OUTSIDE. */
typedef void lp_space_batch_run(const struct lp_space_batch *p, size_t part_bytes, size_t whole_bytes);

#define LP_OUTSIDE ((size_t)-1)

static inline size_t lp_space_batch_whole(const struct lp_space_batch *p, int32_t batch, int32_t y, int32_t x)
{
    if (y < 0 || y >= p->whole_h || x < 0 || x >= p->whole_w)
        return LP_OUTSIDE;
    return (((size_t)batch * (size_t)p->whole_h + (size_t)y) * (size_t)p->whole_w + (size_t)x) * p->run_bytes;
}

static inline void lp_space_batch_walk(const struct lp_space_batch *p, lp_space_batch_run *run)
{
    size_t part_bytes = 0;
    for (int32_t i = 0; i < p->block_h; i++)
        for (int32_t j = 0; j < p->block_w; j++)
            for (int32_t b = 0; b < p->batches; b++)
                for (int32_t y = 0; y < p->part_h; y++)
                    for (int32_t x = 0; x < p->part_w; x++, part_bytes += p->run_bytes)
                        run(p, part_bytes, lp_space_batch_whole(p, b, y * p->block_h + i - p->top, x * p->block_w + j - p->left));
}

#endif
