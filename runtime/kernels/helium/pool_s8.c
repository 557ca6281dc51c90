#include "runtime/kernels/helium/pool_s8.h"

/* *start becomes the first of `size` taps that lies in 0..limit; returns how many do. */
static int32_t clip(int32_t *start, int32_t size, int32_t limit)
{
    int32_t end = *start + size > limit ? limit : *start + size;
    *start = *start < 0 ? 0 : *start;
    return end - *start;
}

void lp_helium_pool_walk(const struct lp_pool_s8 *p, int32_t channels_at_once, lp_helium_pool_of_window *pool)
{
    struct lp_helium_window window = {.pixel_bytes = p->channels, .row_bytes = p->in_w * p->channels};
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++, in += p->in_h * window.row_bytes) {
        for (int32_t y = 0; y < p->out_h; y++) {
            int32_t top = y * p->stride_h - p->pad_top;
            window.rows = clip(&top, p->kernel_h, p->in_h);
            for (int32_t x = 0; x < p->out_w; x++) {
                int32_t left = x * p->stride_w - p->pad_left;
                window.columns = clip(&left, p->kernel_w, p->in_w);
                window.in = in + top * window.row_bytes + left * window.pixel_bytes;
                for (int32_t rest = p->channels; rest > 0; rest -= channels_at_once) {
                    int32_t channels = rest < channels_at_once ? rest : channels_at_once;
                    pool(p, &window, channels, out);
                    window.in += channels;
                    out += channels;
                }
            }
        }
    }
}
