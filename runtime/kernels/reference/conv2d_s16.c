#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/dot_s16.h"

#include <stddef.h>

/* The window of one filter, whose upper left tap lies at row y and column x of the map. `in` is the first channel of the
 * filter's group at the map's origin. */
static int64_t window(const struct lp_conv2d_s16 *p, const int16_t *in, const int8_t *weight, int32_t y, int32_t x)
{
    int64_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int32_t row = y + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t column = x + kx * p->dilation_w;
            if (row >= 0 && row < p->in_h && column >= 0 && column < p->in_w)
                sum += lp_dot_s16(in + (row * p->in_w + column) * p->in_c, weight, p->filter_c);
            weight += p->tap_stride;
        }
    }
    return sum;
}

static int64_t bias_of(const struct lp_conv2d_s16 *p, int32_t o)
{
    if (p->bias == NULL)
        return 0;
    return p->is_wide != 0 ? ((const int64_t *)p->bias)[o] : ((const int32_t *)p->bias)[o];
}

lp_status lp_conv2d_s16__reference(const void *args)
{
    const struct lp_conv2d_s16 *p = args;
    const struct lp_output_s16 output = {p->multiplier,  p->shift,    p->act_min, p->act_max,
                                         p->per_channel, p->rounding, p->is_wide};
    const int32_t filters_per_group = p->out_c / (p->in_c / p->filter_c);
    const int16_t *in = p->in;
    int16_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++) {
                for (int32_t o = 0; o < p->out_c; o++) {
                    int64_t sum = window(p, in + o / filters_per_group * p->filter_c, p->weight + o * p->filter_stride,
                                         y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left);
                    *out++ = lp_output_s16(&output, sum + bias_of(p, o), o);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
    return LP_OK;
}
