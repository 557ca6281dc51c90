#include "runtime/kernels/helium/blocks_s8.h"
#include "runtime/kernels/helium/inside.h"
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>
#include <stddef.h>

struct depthwise {
    const struct lp_depthwise_conv2d_s8 *p;
    const int8_t *in; /* of the batch */
    lp_helium_blocks_run *blocks;
    int32_t taps;
    bool is_scaled;     /* some shifts are above -2, in one rounding */
    int32_t repeat;     /* neighbours that share a block */
    const int8_t *pad;  /* LP_PAD_CHANNELS times the value outside the map */
    const int8_t **tap; /* first channel of each tap of one place, `pad` outside the map */
    struct lp_helium_blocks run;
};

static inline int32x4_t requantize(int32x4_t sum, const int8_t *head, int32_t quarter, uint8_t rounding, bool is_scaled)
{
    int32x4_t multiplier = vldrwq_s32((const int32_t *)(const void *)(head + 80) + 4 * quarter);
    int32x4_t shift = vldrbq_s32(head + 4 * quarter);
    if (is_scaled) {
        sum = vqshlq_s32(sum, vaddq_n_s32(vmaxq_s32(shift, vdupq_n_s32(-1)), 1));
        shift = vminq_s32(shift, vdupq_n_s32(-1));
    }
    if (rounding == LP_ROUNDING_SINGLE)
        return vrshlq_s32(vmulhq_s32(sum, multiplier), shift);
    int32x4_t product = vqrdmulhq_s32(sum, multiplier);
    return vrshlq_s32(vqaddq_s32(product, vshrq_n_s32(vandq_s32(product, shift), 31)), shift);
}

/* Sums of 16 channels in the order of a block's head. */
struct sums {
    int32x4_t of[4];
};

static inline struct sums biases_of(const int8_t *head)
{
    const int32_t *bias = (const int32_t *)(const void *)(head + LP_LANES);
    return (struct sums){{vldrwq_s32(bias), vldrwq_s32(bias + 4), vldrwq_s32(bias + 8), vldrwq_s32(bias + 12)}};
}

static inline struct sums add_tap(struct sums s, int8x16_t value, int8x16_t factor)
{
    int16x8_t even = vmullbq_int_s8(value, factor);
    int16x8_t odd = vmulltq_int_s8(value, factor);
    return (struct sums){{vaddq_s32(s.of[0], vmovlbq_s16(even)), vaddq_s32(s.of[1], vmovltq_s16(even)),
                          vaddq_s32(s.of[2], vmovlbq_s16(odd)), vaddq_s32(s.of[3], vmovltq_s16(odd))}};
}

static inline int8x16_t results_of(const struct depthwise *d, const int8_t *head, struct sums s)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    for (int32_t i = 0; i < 4; i++)
        s.of[i] = requantize(s.of[i], head, i, p->rounding, d->is_scaled);
    int16x8_t even = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), s.of[0]), s.of[1]);
    int16x8_t odd = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), s.of[2]), s.of[3]);
    even = vqaddq_n_s16(even, (int16_t)p->out_offset);
    odd = vqaddq_n_s16(odd, (int16_t)p->out_offset);
    int8x16_t result = vqmovntq_s16(vqmovnbq_s16(vdupq_n_s8(0), even), odd);
    return vminq_s8(vmaxq_s8(result, vdupq_n_s8(p->act_min)), vdupq_n_s8(p->act_max));
}

/* Up to 16 channels of one place, from `first` on: any window, any number of lanes. `stride`: bytes of weights a tap. */
static void one_block(const struct depthwise *d, const int8_t *head, int32_t stride, int32_t first, int32_t lanes, int8_t *out)
{
    const mve_pred16_t active = vctp8q((uint32_t)lanes);
    const int8_t *weight = head + LP_BLOCK_HEAD_BYTES;
    struct sums sums = biases_of(head);
    for (int32_t k = 0; k < d->taps; k++, weight += stride) {
        const int8_t *in = d->tap[k] == d->pad ? d->pad : d->tap[k] + first;
        sums = add_tap(sums, vldrbq_z_s8(in, active), vldrbq_z_s8(weight, active));
    }
    vstrbq_p_s8(out, results_of(d, head, sums), active);
}

/* Addresses of the taps of the window whose first tap lies in row y and column x. */
static void find_taps(const struct depthwise *d, int32_t y, int32_t x)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const int32_t in_w = p->in_w, in_c = p->in_c, dilation_w = p->dilation_w, kernel_w = p->kernel_w;
    const int8_t *row = d->in + (y * in_w + x) * in_c;
    const int8_t *const pad = d->pad;
    const int8_t **tap = d->tap;
    for (int32_t ky = p->kernel_h; ky > 0; ky--) {
        /* In a row outside the map every column is outside. */
        const uint32_t limit = (uint32_t)y < (uint32_t)p->in_h ? (uint32_t)in_w : 0;
        const int8_t *at = row;
        const int32_t end = x + kernel_w * dilation_w;
        for (int32_t column = x; column != end; column += dilation_w, at += dilation_w * in_c)
            *tap++ = (uint32_t)column < limit ? at : pad;
        y += p->dilation_h;
        row += p->dilation_h * in_w * in_c;
    }
}

/* Places from x on of row y, by the assembly for 3 x 3: `places` times all channels of so many neighbours (1, or those that share
 * a block), or the first channels of one place. */
static void run_3x3(struct depthwise *d, int32_t y, int32_t x, int8_t *out, int32_t places, int32_t channels)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    struct lp_helium_blocks *run = &d->run;
    const int32_t tail = channels % LP_LANES;
    d->tap = run->taps;
    find_taps(d, y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left);
    run->out = out + x * p->in_c;
    run->block_count = channels / LP_LANES;
    run->places = places;
    run->in_step_bytes = p->stride_w * channels - (channels - tail);
    run->out_step_bytes = tail;
    run->tail_lanes = tail;
    run->tail_stride = d->repeat > 1 ? LP_LANES : tail;
    d->blocks(run);
}

/* One place with more channels than padding is there for: so many at a time. */
static void run_slices(struct depthwise *d, int32_t y, int32_t x, int8_t *out)
{
    const int8_t *const in = d->in;
    for (int32_t left = d->p->in_c; left > 0; left -= LP_PAD_CHANNELS, d->in += LP_PAD_CHANNELS, out += LP_PAD_CHANNELS) {
        const int32_t channels = left < LP_PAD_CHANNELS ? left : LP_PAD_CHANNELS;
        run_3x3(d, y, x, out, 1, channels);
        d->run.blocks += channels * (9 + 9);
    }
    d->in = in;
    d->run.blocks = d->p->weight;
}

/* One place, any window. */
static void run_place(struct depthwise *d, int32_t y, int32_t x, int8_t *out)
{
    const int32_t channels = d->p->in_c;
    find_taps(d, y * d->p->stride_h - d->p->pad_top, x * d->p->stride_w - d->p->pad_left);
    out += x * channels;
    for (int32_t first = 0; first < channels; first += LP_LANES) {
        int32_t lanes = channels - first < LP_LANES ? channels - first : LP_LANES;
        one_block(d, d->p->weight + first * (9 + d->taps), lanes, first, lanes, out + first);
    }
}

/* Rows and columns whose windows lie inside the map go in runs, the others one by one, all in their order in memory. */
static void run_map_3x3(struct depthwise *d, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const struct lp_helium_range rows = lp_helium_inside(p->in_h, p->out_h, p->stride_h, p->pad_top, 2 * p->dilation_h + 1);
    const struct lp_helium_range columns = lp_helium_inside(p->in_w, p->out_w, p->stride_w, p->pad_left, 2 * p->dilation_w + 1);
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->in_c) {
        const bool is_inside = y >= rows.first && y < rows.end;
        for (int32_t x = 0; x < p->out_w;) {
            int32_t neighbours = d->repeat;
            int32_t places = is_inside && x >= columns.first ? (columns.end - x) / neighbours : 0;
            if (places <= 0)
                neighbours = places = 1;
            if (p->in_c > LP_PAD_CHANNELS && (!is_inside || x < columns.first || x >= columns.end))
                run_slices(d, y, x, out);
            else
                run_3x3(d, y, x, out, places, neighbours * p->in_c);
            x += places * neighbours;
        }
    }
}

static void run_map(struct depthwise *d, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->in_c)
        for (int32_t x = 0; x < p->out_w; x++)
            run_place(d, y, x, out);
}

/* Lane i of a block from channel `first` on reads this input channel behind that of lane 0. */
static uint8x16_t lanes_from(int32_t first, int32_t multiplier)
{
    uint8_t lane[LP_LANES];
    for (int32_t i = 0; i < LP_LANES; i++)
        lane[i] = (uint8_t)((first % multiplier + i) / multiplier);
    return vldrbq_u8(lane);
}

/* One place where an input channel feeds several outputs, or products do not fit in pairs. */
static void run_place_spread(struct depthwise *d, int32_t y, int32_t x, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    const int32_t channels = p->out_c, multiplier = p->depth_multiplier;
    uint8x16_t lane = lanes_from(0, multiplier);
    find_taps(d, y * p->stride_h - p->pad_top, x * p->stride_w - p->pad_left);
    out += x * channels;
    for (int32_t first = 0; first < channels; first += LP_LANES) {
        const int32_t lanes = channels - first < LP_LANES ? channels - first : LP_LANES;
        const mve_pred16_t active = vctp8q((uint32_t)lanes);
        const int8_t *head = p->weight + first * (9 + d->taps), *weight = head + LP_BLOCK_HEAD_BYTES;
        struct sums sums = biases_of(head);
        if (LP_LANES % multiplier != 0)
            lane = lanes_from(first, multiplier);
        const int32_t stride = d->repeat > 1 ? LP_LANES : lanes;
        for (int32_t k = 0; k < d->taps; k++, weight += stride) {
            const int8_t *in = d->tap[k] == d->pad ? d->pad : d->tap[k] + first / multiplier;
            sums = add_tap(sums, vldrbq_gather_offset_z_s8(in, lane, active), vldrbq_z_s8(weight, active));
        }
        vstrbq_p_s8(out + first, results_of(d, head, sums), active);
    }
}

static void run_map_spread(struct depthwise *d, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = d->p;
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->out_c)
        for (int32_t x = 0; x < p->out_w; x++)
            run_place_spread(d, y, x, out);
}

/* Taken into each of its callers, which know what they do not need. */
static inline __attribute__((always_inline)) void convolve(const struct lp_depthwise_conv2d_s8 *p, lp_helium_blocks_run *blocks,
                                                           bool is_scaled, bool is_spread)
{
    int8_t pad[LP_PAD_CHANNELS];
    const int8_t *taps[LP_MAX_TAPS];
    struct depthwise d;
    d.p = p;
    d.in = p->in;
    d.blocks = blocks;
    d.is_scaled = is_scaled;
    d.pad = pad;
    d.tap = taps;
    d.taps = p->kernel_h * p->kernel_w;
    d.repeat = lp_depthwise_s8_repeat(p);
    d.run.blocks = p->weight;
    d.run.out_offset = p->out_offset;
    vstrbq_s8(d.run.act_min, vdupq_n_s8(p->act_min));
    vstrbq_s8(d.run.act_max, vdupq_n_s8(p->act_max));
    for (int32_t i = 0; i < LP_PAD_CHANNELS; i += LP_LANES)
        vstrbq_s8(pad + i, vdupq_n_s8((int8_t)p->pad_value));
    for (int32_t b = 0; b < p->batches; b++, d.in += p->in_h * p->in_w * p->in_c) {
        int8_t *out = p->out + b * p->out_h * p->out_w * p->out_c;
        if (is_spread)
            run_map_spread(&d, out);
        else if (p->kernel_h == 3 && p->kernel_w == 3)
            run_map_3x3(&d, out);
        else
            run_map(&d, out);
    }
}

lp_status lp_depthwise_conv2d_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_blocks_single, false, false);
    return LP_OK;
}

lp_status lp_depthwise_conv2d_s8_double__helium(const void *args)
{
    convolve(args, lp_helium_blocks_double, false, false);
    return LP_OK;
}

lp_status lp_depthwise_conv2d_scaled_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_blocks_scaled_single, true, false);
    return LP_OK;
}

lp_status lp_depthwise_conv2d_spread_s8_single__helium(const void *args)
{
    convolve(args, NULL, true, true);
    return LP_OK;
}

lp_status lp_depthwise_conv2d_spread_s8_double__helium(const void *args)
{
    convolve(args, NULL, false, true);
    return LP_OK;
}
