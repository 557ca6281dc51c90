#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

/* One tap of the window: its filter_c channels, inside the map or outside (in is null). */
static int32_t tap(const struct lp_conv2d_s8 *p, const int8_t *in, const int8_t *weight)
{
    int32_t sum = 0;
    if (in == NULL) {
        for (int32_t i = 0; i < p->filter_c; i++)
            sum += p->pad_value * weight[i];
    } else {
        for (int32_t i = 0; i < p->filter_c; i++)
            sum += (in[i] + p->in_offset) * weight[i];
    }
    return sum;
}

/* The window of one filter, whose upper left tap lies at row y and column x of the map. `in` is the first channel of the
 * filter's group at the map's origin. */
static int32_t window(const struct lp_conv2d_s8 *p, const int8_t *in, const int8_t *weight, int32_t y, int32_t x)
{
    int32_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int32_t row = y + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t column = x + kx * p->dilation_w;
            const int8_t *at = NULL;
            if (row >= 0 && row < p->in_h && column >= 0 && column < p->in_w)
                at = in + (row * p->in_w + column) * p->in_c;
            sum += tap(p, at, weight);
            weight += p->filter_c;
        }
    }
    return sum;
}

lp_status lp_conv2d_s8__reference(const void *args)
{
    const struct lp_conv2d_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int32_t filters_per_group = p->out_c / (p->in_c / p->filter_c);
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->filter_c;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++) {
                for (int32_t o = 0; o < p->out_c; o++) {
                    int32_t sum = window(p, in + o / filters_per_group * p->filter_c, p->weight + o * filter_size,
                                         y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left);
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
