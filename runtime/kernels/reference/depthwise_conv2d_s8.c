#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

/* One output channel at one place. `in` and `weight` point to the channel at the map's origin and at the first tap; the
 * upper left tap lies at row y and column x of the map. */
static int32_t window(const struct lp_depthwise_conv2d_s8 *p, const int8_t *in, const int8_t *weight, int32_t y, int32_t x)
{
    int32_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int32_t row = y + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t column = x + kx * p->dilation_w;
            int32_t value = p->pad_value;
            if (row >= 0 && row < p->in_h && column >= 0 && column < p->in_w)
                value = in[(row * p->in_w + column) * p->in_c] + p->in_offset;
            sum += value * *weight;
            weight += p->out_c;
        }
    }
    return sum;
}

lp_status lp_depthwise_conv2d_s8__reference(const void *args)
{
    const struct lp_depthwise_conv2d_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++) {
                for (int32_t o = 0; o < p->out_c; o++) {
                    int32_t sum = window(p, in + o / p->depth_multiplier, p->weight + o, y * p->stride_h - p->pad_top,
                                         x * p->stride_w - p->pad_left);
                    if (p->bias != NULL)
                        sum += p->bias[o];
                    *out++ = lp_output_s8(&output, sum, o);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
    return LP_OK;
}
