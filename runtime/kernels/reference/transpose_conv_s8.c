#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

/* The sum of one filter at output (y, x), collected from the inputs that reach it. */
static int32_t collect(const struct lp_transpose_conv_s8 *p, const int8_t *in, const int8_t *weight, int32_t y, int32_t x)
{
    int32_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int32_t row = y + p->pad_top - ky;
        if (row < 0 || row % p->stride_h != 0 || row / p->stride_h >= p->in_h)
            continue;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t column = x + p->pad_left - kx;
            if (column < 0 || column % p->stride_w != 0 || column / p->stride_w >= p->in_w)
                continue;
            const int8_t *at = in + (row / p->stride_h * p->in_w + column / p->stride_w) * p->in_c;
            const int8_t *w = weight + (ky * p->kernel_w + kx) * p->in_c;
            for (int32_t i = 0; i < p->in_c; i++)
                sum += (at[i] + p->in_offset) * w[i];
        }
    }
    return sum;
}

lp_status lp_transpose_conv_s8__reference(const void *args)
{
    const struct lp_transpose_conv_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++) {
                for (int32_t o = 0; o < p->out_c; o++) {
                    int32_t sum = collect(p, in, p->weight + o * filter_size, y, x);
                    *out++ = lp_output_s8(&output, p->bias != NULL ? sum + p->bias[o] : sum, o);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
    return LP_OK;
}
