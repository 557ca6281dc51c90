#include "runtime/kernels/kernels.h"

#include <string.h>

lp_status lp_resize_nearest__reference(const void *args)
{
    const struct lp_resize_nearest *p = args;
    const size_t row_bytes = (size_t)p->in_w * p->run_bytes;
    uint8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        const uint8_t *map = (const uint8_t *)p->in + (size_t)b * (size_t)p->in_h * row_bytes;
        for (int32_t y = 0; y < p->out_h; y++) {
            const uint8_t *row = map + (size_t)lp_resize_nearest_index(p, y, p->scale_h, p->in_h) * row_bytes;
            for (int32_t x = 0; x < p->out_w; x++) {
                memcpy(out, row + (size_t)lp_resize_nearest_index(p, x, p->scale_w, p->in_w) * p->run_bytes, p->run_bytes);
                out += p->run_bytes;
            }
        }
    }
    return LP_OK;
}
