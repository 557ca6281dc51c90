/* Depthwise convolution, four channels of a pixel at a time. */
#include "runtime/kernels/dsp/simd.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stdbool.h>
#include <stddef.h>

/* Four channels of a pixel whose window begins in row y and column x of the map: `in` and `weight` are those channels at the map's
 * origin and at the first tap. Taps outside the map have the pad value. */
__attribute__((noinline)) static void add_four(const struct lp_depthwise_conv2d_s8 *p, const int8_t *in, const int8_t *weight,
                                               int32_t y, int32_t x, int32_t sums[4])
{
    const int32_t channels = p->in_c, dilation_w = p->dilation_w, end = x + p->kernel_w * dilation_w;
    const uint32_t pad = (uint32_t)(uint8_t)p->pad_value * 0x01010101u;
    int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    in += (y * p->in_w + x) * channels;
    for (int32_t ky = p->kernel_h; ky > 0; ky--) {
        /* In a row outside the map every column is outside. */
        const uint32_t limit = (uint32_t)y < (uint32_t)p->in_h ? (uint32_t)p->in_w : 0;
        const int8_t *at = in;
        for (int32_t column = x; column != end; column += dilation_w) {
            const uint32_t four = (uint32_t)column < limit ? lp_dsp_load(at) : pad;
            const uint32_t factors = lp_dsp_load(weight);
            const int16x2_t even = lp_dsp_even(four), even_factors = lp_dsp_even(factors);
            a = __smlabb(even, even_factors, a);
            c = __smlatt(even, even_factors, c);
            const int16x2_t odd = lp_dsp_odd(four), odd_factors = lp_dsp_odd(factors);
            b = __smlabb(odd, odd_factors, b);
            d = __smlatt(odd, odd_factors, d);
            at += dilation_w * channels;
            weight += channels;
        }
        y += p->dilation_h;
        in += p->dilation_h * p->in_w * channels;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/* The same for one channel. */
static int32_t add_one(const struct lp_depthwise_conv2d_s8 *p, const int8_t *in, const int8_t *weight, int32_t y, int32_t x,
                       int32_t sum)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h) {
        int32_t column = x;
        for (int32_t kx = 0; kx < p->kernel_w; kx++, column += p->dilation_w, weight += p->in_c) {
            bool is_inside = y >= 0 && y < p->in_h && column >= 0 && column < p->in_w;
            sum += (is_inside ? in[(y * p->in_w + column) * p->in_c] : p->pad_value) * *weight;
        }
    }
    return sum;
}

/* One pixel, whose window begins in row y and column x. */
static void make_pixel(const struct lp_depthwise_conv2d_s8 *p, const int8_t *in, int32_t y, int32_t x,
                       const struct lp_output_s8 *output, int8_t *out)
{
    for (int32_t first = 0; first < p->in_c; first += 4) {
        const int32_t count = p->in_c - first < 4 ? p->in_c - first : 4;
        int32_t sums[4];
        for (int32_t c = 0; c < count; c++)
            sums[c] = p->bias != NULL ? p->bias[first + c] : 0;
        if (count == 4)
            add_four(p, in + first, p->weight + first, y, x, sums);
        for (int32_t c = 0; c < count; c++) {
            if (count != 4)
                sums[c] = add_one(p, in + first + c, p->weight + first + c, y, x, sums[c]);
            out[first + c] = lp_output_s8(output, sums[c], first + c);
        }
    }
}

lp_status lp_depthwise_conv2d_s8__dsp(const void *args)
{
    const struct lp_depthwise_conv2d_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++, in += p->in_h * p->in_w * p->in_c)
        for (int32_t y = 0; y < p->out_h; y++)
            for (int32_t x = 0; x < p->out_w; x++, out += p->out_c)
                make_pixel(p, in, y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left, &output, out);
    return LP_OK;
}
