#include "runtime/kernels/helium/blocks_s8.h"
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>
#include <stddef.h>

struct depthwise {
    const struct lp_depthwise_conv2d_s8 *p;
    const int8_t *in; /* of the batch */
    lp_helium_blocks_run *blocks;
    int32_t taps;
    int32_t lanes;      /* channels times those that repeat them */
    const int8_t *pad;  /* LP_PAD_CHANNELS times the value outside the map */
    const int8_t **tap; /* first channel of each tap of one place, null outside the map */
    struct lp_helium_blocks run;
};

static inline int32x4_t requantize(int32x4_t sum, const int8_t *head, int32_t quarter, uint8_t rounding)
{
    int32x4_t multiplier = vldrwq_s32((const int32_t *)(const void *)(head + 80) + 4 * quarter);
    int32x4_t shift = vldrbq_s32(head + 4 * quarter);
    if (rounding == LP_ROUNDING_SINGLE)
        return vrshlq_s32(vmulhq_s32(sum, multiplier), shift);
    int32x4_t product = vqrdmulhq_s32(sum, multiplier);
    return vrshlq_s32(vqaddq_s32(product, vshrq_n_s32(vandq_s32(product, shift), 31)), shift);
}

/* Up to 16 channels of one place, from `first` on: any window, any number of lanes. `stride`: bytes of weights a tap. */
static void one_block(const struct depthwise *d, const int8_t *head, int32_t stride, int32_t first, int32_t lanes, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const mve_pred16_t active = vctp8q((uint32_t)lanes);
    const int32_t *bias = (const int32_t *)(const void *)(head + LP_LANES);
    const int8_t *weight = head + LP_BLOCK_HEAD_BYTES;
    int32x4_t sum[4] = {vldrwq_s32(bias), vldrwq_s32(bias + 4), vldrwq_s32(bias + 8), vldrwq_s32(bias + 12)};
    for (int32_t k = 0; k < d->taps; k++, weight += stride) {
        const int8_t *in = d->tap[k] == NULL ? d->pad : d->tap[k] + first;
        int8x16_t value = vldrbq_z_s8(in, active);
        int8x16_t factor = vldrbq_z_s8(weight, active);
        int16x8_t even = vmullbq_int_s8(value, factor);
        int16x8_t odd = vmulltq_int_s8(value, factor);
        sum[0] = vaddq_s32(sum[0], vmovlbq_s16(even));
        sum[1] = vaddq_s32(sum[1], vmovltq_s16(even));
        sum[2] = vaddq_s32(sum[2], vmovlbq_s16(odd));
        sum[3] = vaddq_s32(sum[3], vmovltq_s16(odd));
    }
    for (int32_t i = 0; i < 4; i++)
        sum[i] = requantize(sum[i], head, i, p->rounding);
    int16x8_t even = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), sum[0]), sum[1]);
    int16x8_t odd = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), sum[2]), sum[3]);
    even = vqaddq_n_s16(even, (int16_t)p->out_offset);
    odd = vqaddq_n_s16(odd, (int16_t)p->out_offset);
    int8x16_t result = vqmovntq_s16(vqmovnbq_s16(vdupq_n_s8(0), even), odd);
    result = vminq_s8(vmaxq_s8(result, vdupq_n_s8(p->act_min)), vdupq_n_s8(p->act_max));
    vstrbq_p_s8(out, result, active);
}

/* Addresses of the taps of the window whose first tap lies in row y and column x. */
static void find_taps(const struct depthwise *d, int32_t y, int32_t x)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const int8_t **tap = d->tap;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h) {
        const int8_t *row = y >= 0 && y < p->in_h ? d->in + y * p->in_w * p->in_c : NULL;
        int32_t column = x;
        for (int32_t kx = 0; kx < p->kernel_w; kx++, column += p->dilation_w)
            *tap++ = row != NULL && column >= 0 && column < p->in_w ? row + column * p->in_c : NULL;
    }
}

static bool has_whole_blocks(const struct depthwise *d)
{
    return d->lanes >= LP_LANES && d->taps == 9;
}

/* Whole blocks of `places` places that lie side by side, from the place whose taps were found. `channels` of each place. */
static void run_whole_blocks(struct depthwise *d, int8_t *out, int32_t places, int32_t channels, int32_t in_step_bytes)
{
    struct lp_helium_blocks *run = &d->run;
    for (int32_t k = 0; k < 9; k++)
        run->taps[k] = d->tap[k] == NULL ? d->pad : d->tap[k];
    run->out = out;
    run->block_count = channels / LP_LANES;
    run->places = places;
    run->in_step_bytes = in_step_bytes - run->block_count * LP_LANES;
    run->out_step_bytes = channels - run->block_count * LP_LANES;
    d->blocks(run);
}

/* Channels from `first` on of one place whose taps were found. */
static void run_blocks_one_by_one(const struct depthwise *d, int32_t first, int8_t *out)
{
    const int32_t channels = d->p->in_c;
    for (; first < channels; first += LP_LANES) {
        int32_t lanes = channels - first < LP_LANES ? channels - first : LP_LANES;
        int32_t stride = d->lanes - first < LP_LANES ? d->lanes - first : LP_LANES;
        one_block(d, d->p->weight + first * (9 + d->taps), stride, first, lanes, out + first);
    }
}

/* Places that have taps outside the map, or any when there is no faster way. */
static void run_places(struct depthwise *d, int32_t y, int32_t first, int32_t end, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    bool whole = has_whole_blocks(d) && p->in_c >= LP_LANES && p->in_c <= LP_PAD_CHANNELS;
    for (int32_t x = first; x < end; x++) {
        find_taps(d, y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left);
        if (whole)
            run_whole_blocks(d, out + x * p->in_c, 1, p->in_c, 0);
        run_blocks_one_by_one(d, whole ? p->in_c / LP_LANES * LP_LANES : 0, out + x * p->in_c);
    }
}

/* Places [first, end) of row y, none of whose taps lies outside the map. */
static void run_inside(struct depthwise *d, int32_t y, int32_t first, int32_t end, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const int32_t repeat = d->lanes / p->in_c;
    /* The output may slide over the input: channels that fill no block come before the next place. */
    const int32_t times = d->lanes % LP_LANES == 0 ? (end - first) / repeat : 0;
    if (times > 0) {
        find_taps(d, y * p->stride_h - p->pad_top, first * p->stride_w - p->pad_left);
        run_whole_blocks(d, out + first * p->in_c, times, d->lanes, repeat * p->stride_w * p->in_c);
    }
    run_places(d, y, first + times * repeat, end, out);
}

static inline int32_t ceiling(int32_t a, int32_t b)
{
    return (a + b - 1) / b;
}

/* [*first, *end): places all of whose taps lie inside `size`; *first = *end when there are none. */
static void inside(int32_t size, int32_t count, int32_t stride, int32_t pad, int32_t reach, int32_t *first, int32_t *end)
{
    *first = ceiling(pad, stride);
    *end = size + pad - reach < 0 ? 0 : (size + pad - reach) / stride + 1;
    if (*end > count)
        *end = count;
    if (*first > *end)
        *first = *end;
}

static void run_map(struct depthwise *d, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    int32_t first = 0, end = 0, top = 0, bottom = 0;
    if (has_whole_blocks(d)) {
        inside(p->in_h, p->out_h, p->stride_h, p->pad_top, (p->kernel_h - 1) * p->dilation_h + 1, &top, &bottom);
        inside(p->in_w, p->out_w, p->stride_w, p->pad_left, (p->kernel_w - 1) * p->dilation_w + 1, &first, &end);
    }
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->out_c) {
        bool is_inside = y >= top && y < bottom && first < end;
        int32_t left = is_inside ? first : p->out_w;
        run_places(d, y, 0, left, out);
        if (!is_inside)
            continue;
        run_inside(d, y, first, end, out);
        run_places(d, y, end, p->out_w, out);
    }
}

static void convolve(const struct lp_depthwise_conv2d_s8 *p, lp_helium_blocks_run *blocks)
{
    int8_t pad[LP_PAD_CHANNELS];
    const int8_t *taps[LP_MAX_TAPS];
    struct depthwise d = {.p = p, .in = p->in, .blocks = blocks, .pad = pad, .tap = taps};
    d.taps = p->kernel_h * p->kernel_w;
    d.lanes = p->in_c * lp_depthwise_s8_repeat(p);
    d.run.blocks = p->weight;
    d.run.out_offset = p->out_offset;
    vstrbq_s8(d.run.act_min, vdupq_n_s8(p->act_min));
    vstrbq_s8(d.run.act_max, vdupq_n_s8(p->act_max));
    for (int32_t i = 0; i < LP_PAD_CHANNELS; i += LP_LANES)
        vstrbq_s8(pad + i, vdupq_n_s8((int8_t)p->pad_value));
    for (int32_t b = 0; b < p->batches; b++, d.in += p->in_h * p->in_w * p->in_c)
        run_map(&d, p->out + b * p->out_h * p->out_w * p->out_c);
}

lp_status lp_depthwise_conv2d_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_blocks_single);
    return LP_OK;
}

lp_status lp_depthwise_conv2d_s8_double__helium(const void *args)
{
    convolve(args, lp_helium_blocks_double);
    return LP_OK;
}
