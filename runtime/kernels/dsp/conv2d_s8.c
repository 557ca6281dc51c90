/* Convolution, two pixels times two output channels at a time. Rows of the map are read where they lie, but for windows whose
 * rows have a few bytes: those are copied together. */
#include "contract/packing.h"
#include "runtime/kernels/dsp/products.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stdbool.h>
#include <stddef.h>

/* What taps outside the map add, where both pixels see the same value. */
static void add_padding(struct lp_dsp_two_by_two *products, int32_t value, const int8_t *weight1, const int8_t *weight2,
                        int32_t count)
{
    int32_t sum1 = 0, sum2 = 0;
    for (int32_t i = 0; i < count; i++) {
        sum1 += weight1[i];
        sum2 += weight2[i];
    }
    for (int32_t i = 0; i < 2; i++) {
        products->first[i] += value * sum1;
        products->second[i] += value * sum2;
    }
}

enum { WINDOW_BYTES = 256 };

/* Pixels of which the first has its first tap in row y and column x. */
struct pixels {
    const struct lp_conv2d_s8 *p;
    const int8_t *in; /* of the batch */
    int32_t y, x;
    bool is_pair; /* the next one as well; unless windows are copied, all columns of both lie inside the map */
    bool is_copied;
    int8_t windows[2][WINDOW_BYTES];
};

static void copy_window(const struct pixels *at, int32_t x, int8_t *to)
{
    const struct lp_conv2d_s8 *p = at->p;
    int32_t y = at->y;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h) {
        int32_t column = x;
        for (int32_t kx = 0; kx < p->kernel_w; kx++, column += p->dilation_w) {
            const bool is_inside = y >= 0 && y < p->in_h && column >= 0 && column < p->in_w;
            const int8_t *from = is_inside ? at->in + (y * p->in_w + column) * p->in_c : NULL;
            for (int32_t c = 0; c < p->in_c; c++)
                *to++ = from != NULL ? from[c] : (int8_t)p->pad_value;
        }
    }
}

static void add_row(const struct pixels *at, struct lp_dsp_two_by_two *products, const int8_t *row, const int8_t *weight1,
                    const int8_t *weight2)
{
    const struct lp_conv2d_s8 *p = at->p;
    /* So many taps lie side by side. */
    const int32_t taps = p->dilation_w == 1 ? p->kernel_w : 1;
    int32_t x = at->x;
    for (int32_t kx = 0; kx < p->kernel_w; kx += taps, x += p->dilation_w) {
        int32_t before = x < 0 ? -x : 0;
        before = before < taps ? before : taps;
        int32_t end = p->in_w - x < taps ? p->in_w - x : taps;
        end = end > before ? end : before;
        products->count = (end - before) * p->in_c;
        if (end - before < taps) {
            add_padding(products, p->pad_value, weight1, weight2, before * p->in_c);
            add_padding(products, p->pad_value, weight1 + end * p->in_c, weight2 + end * p->in_c, (taps - end) * p->in_c);
        }
        if (end > before) {
            products->in[0] = row + (x + before) * p->in_c;
            products->in[1] = products->in[0] + (at->is_pair ? p->stride_w * p->in_c : 0);
            products->weight[0] = weight1 + before * p->in_c;
            products->weight[1] = weight2 + before * p->in_c;
            lp_dsp_two_by_two(products);
        }
        weight1 += taps * p->in_c;
        weight2 += taps * p->in_c;
    }
}

static void add_windows(const struct pixels *at, struct lp_dsp_two_by_two *products, const int8_t *weight1, const int8_t *weight2)
{
    const struct lp_conv2d_s8 *p = at->p;
    const int32_t row_bytes = p->kernel_w * p->in_c;
    int32_t y = at->y;
    if (at->is_copied) {
        products->in[0] = at->windows[0];
        products->in[1] = at->windows[at->is_pair ? 1 : 0];
        products->weight[0] = weight1;
        products->weight[1] = weight2;
        products->count = p->kernel_h * row_bytes;
        lp_dsp_two_by_two(products);
        return;
    }
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h, weight1 += row_bytes, weight2 += row_bytes) {
        if (y >= 0 && y < p->in_h)
            add_row(at, products, at->in + y * p->in_w * p->in_c, weight1, weight2);
        else
            add_padding(products, p->pad_value, weight1, weight2, row_bytes);
    }
}

/* All channels of one pixel, or of two. */
static void make_pixels(const struct pixels *at, const struct lp_output_s8 *output, int8_t *out)
{
    const struct lp_conv2d_s8 *p = at->p;
    const int32_t filter_bytes = p->kernel_h * p->kernel_w * p->in_c;
    const int8_t *weight = p->weight;
    int8_t *next = at->is_pair ? out + p->out_c : out;
    for (int32_t o = 0; o < p->out_c; o += 2, weight += 2 * filter_bytes) {
        /* The last one of an odd number is computed twice. */
        const int32_t second = o + 1 < p->out_c ? o + 1 : o;
        const int32_t bias1 = p->bias != NULL ? p->bias[o] : 0;
        const int32_t bias2 = p->bias != NULL ? p->bias[second] : 0;
        struct lp_dsp_two_by_two sums;
        sums.first[0] = sums.first[1] = bias1;
        sums.second[0] = sums.second[1] = bias2;
        add_windows(at, &sums, weight, weight + (second - o) * filter_bytes);
        out[o] = lp_output_s8(output, sums.first[0], o);
        out[second] = lp_output_s8(output, sums.second[0], second);
        if (next == out)
            continue;
        next[o] = lp_output_s8(output, sums.first[1], o);
        next[second] = lp_output_s8(output, sums.second[1], second);
    }
}

lp_status lp_conv2d_s8__dsp(const void *args)
{
    const struct lp_conv2d_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int32_t reach = (p->kernel_w - 1) * p->dilation_w;
    struct pixels at;
    at.p = p;
    at.in = p->in;
    at.is_copied = lp_conv2d_s8_is_gathered(p) && p->kernel_h * p->kernel_w * p->in_c <= WINDOW_BYTES;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++, at.in += p->in_h * p->in_w * p->in_c) {
        for (int32_t y = 0; y < p->out_h; y++) {
            at.y = y * p->stride_h - p->pad_top;
            for (int32_t x = 0; x < p->out_w; x += at.is_pair ? 2 : 1) {
                at.x = x * p->stride_w - p->pad_left;
                at.is_pair = x + 1 < p->out_w && (at.is_copied || (at.x >= 0 && at.x + p->stride_w + reach < p->in_w));
                for (int32_t i = 0; at.is_copied && i < (at.is_pair ? 2 : 1); i++)
                    copy_window(&at, at.x + i * p->stride_w, at.windows[i]);
                make_pixels(&at, &output, out);
                out += (at.is_pair ? 2 : 1) * p->out_c;
            }
        }
    }
    return LP_OK;
}
