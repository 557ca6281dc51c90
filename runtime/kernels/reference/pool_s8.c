#include "runtime/kernels/reference/pool_s8.h"

/* [*first, *end): `size` taps from `start`, as far as they lie in 0..limit. */
static void clip(int32_t start, int32_t size, int32_t limit, int32_t *first, int32_t *end)
{
    *first = start < 0 ? 0 : start;
    *end = start + size > limit ? limit : start + size;
}

void lp_pool_s8_walk(const struct lp_pool_s8 *p, lp_pool_of_window *pool)
{
    const int8_t *in = p->in;
    int8_t *out = p->out;
    struct lp_pool_window window;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            clip(y * p->stride_h - p->pad_top, p->kernel_h, p->in_h, &window.top, &window.bottom);
            for (int32_t x = 0; x < p->out_w; x++) {
                clip(x * p->stride_w - p->pad_left, p->kernel_w, p->in_w, &window.left, &window.right);
                for (int32_t c = 0; c < p->channels; c++)
                    *out++ = (int8_t)lp_clamp_s32(pool(p, in + c, &window), p->act_min, p->act_max);
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
