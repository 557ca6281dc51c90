#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/dot_s16.h"

#include <stddef.h>

/* The sum of one filter at output (y, x), collected from the inputs that reach it. */
static int64_t collect(const struct lp_transpose_conv_s16 *p, const int16_t *in, const int8_t *weight, int32_t y, int32_t x)
{
    int64_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int32_t row = y + p->pad_top - ky;
        if (row < 0 || row % p->stride_h != 0 || row / p->stride_h >= p->in_h)
            continue;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t column = x + p->pad_left - kx;
            if (column < 0 || column % p->stride_w != 0 || column / p->stride_w >= p->in_w)
                continue;
            sum += lp_dot_s16(in + (row / p->stride_h * p->in_w + column / p->stride_w) * p->in_c,
                              weight + (ky * p->kernel_w + kx) * p->in_c, p->in_c);
        }
    }
    return sum;
}

static int64_t bias_of(const struct lp_transpose_conv_s16 *p, int32_t o)
{
    if (p->bias == NULL)
        return 0;
    return p->is_wide != 0 ? ((const int64_t *)p->bias)[o] : ((const int32_t *)p->bias)[o];
}

lp_status lp_transpose_conv_s16__reference(const void *args)
{
    const struct lp_transpose_conv_s16 *p = args;
    const struct lp_output_s16 output = {p->multiplier,  p->shift,    p->act_min, p->act_max,
                                         p->per_channel, p->rounding, p->is_wide};
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    const int16_t *in = p->in;
    int16_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++)
            for (int32_t x = 0; x < p->out_w; x++)
                for (int32_t o = 0; o < p->out_c; o++)
                    *out++ = lp_output_s16(&output, collect(p, in, p->weight + o * filter_size, y, x) + bias_of(p, o), o);
        in += p->in_h * p->in_w * p->in_c;
    }
    return LP_OK;
}
