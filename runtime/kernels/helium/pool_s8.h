/* Walks the windows of a pool, some channels at a time. */
#ifndef LP_KERNELS_HELIUM_POOL_S8_H
#define LP_KERNELS_HELIUM_POOL_S8_H

#include "contract/kernel_args.h"

/* The part of a window that lies inside the map, never empty. `in`: first of its channels, in the window's first pixel. */
struct lp_helium_window {
    const int8_t *in;
    int32_t rows, columns;
    int32_t pixel_bytes, row_bytes; /* from one to the next */
};

/* Writes `channels` results, up to 16. */
typedef void lp_helium_pool_of_window(const struct lp_pool_s8 *p, const struct lp_helium_window *window, int32_t channels,
                                      int8_t *out);

void lp_helium_pool_walk(const struct lp_pool_s8 *p, int32_t channels_at_once, lp_helium_pool_of_window *pool);

#endif
