/* Walks the windows of a pool; the two pools differ only in what they make of one window. */
#ifndef LP_KERNELS_REFERENCE_POOL_S8_H
#define LP_KERNELS_REFERENCE_POOL_S8_H

#include "contract/kernel_args.h"

/* The part of a window that lies inside the map: rows [top, bottom), columns [left, right), never empty. */
struct lp_pool_window {
    int32_t top, bottom, left, right;
};

/* Value of one channel; `in` points to that channel at the map's origin. */
typedef int32_t lp_pool_of_window(const struct lp_pool_s8 *p, const int8_t *in, const struct lp_pool_window *window);

void lp_pool_s8_walk(const struct lp_pool_s8 *p, lp_pool_of_window *pool);

#endif
