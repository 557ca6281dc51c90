#include "simulator/neural-art/units.h"

#include <string.h>

enum { BLOCK = 256 }; /* elements worked on at a time: their inputs and indices stay in the first cache */

/* One input port's conversion. */
struct input {
    int bytes, shift;
    enum lp_sim_rounding rounding;
    bool saturates;
    int out_bytes;
};

static void convert(const struct input *in, const int32_t *words, size_t count, int32_t *values, uint64_t *saturations)
{
    bool is_plain = in->shift == 0 && in->out_bytes >= in->bytes;
    if (is_plain && in->bytes == 1) {
        for (size_t i = 0; i < count; i++)
            values[i] = (int8_t)words[i];
    } else if (is_plain && in->bytes == 2) {
        for (size_t i = 0; i < count; i++)
            values[i] = (int16_t)words[i];
    } else {
        for (size_t i = 0; i < count; i++) {
            int64_t v = lp_sim_round_shift(lp_sim_signed(words[i], in->bytes), in->shift, in->rounding);
            if (in->saturates)
                v = lp_sim_saturate(v, in->out_bytes, saturations);
            values[i] = lp_sim_signed((int32_t)(uint32_t)((uint64_t)v & UINT32_MAX), in->out_bytes);
        }
    }
}

uint64_t lp_sim_arith_coefficient_count(const struct lp_npu_arith *c)
{
    if (c->scalar)
        return 1;
    switch (c->bcast) {
    case LP_NPU_BCAST_CHAN: return (uint64_t)c->fChannels;
    case LP_NPU_BCAST_HEIGHT: return (uint64_t)c->fHeight;
    case LP_NPU_BCAST_WIDTH: return (uint64_t)c->fWidth;
    case LP_NPU_BCAST_HEIGHT_WIDTH: return (uint64_t)c->fHeight * (uint64_t)c->fWidth;
    default: return 1;
    }
}

static int32_t table_entry(const uint8_t *table, uint32_t i, int bits)
{
    if (bits == 8)
        return (int8_t)table[i];
    if (bits == 16)
        return (int16_t)(table[2 * i] | table[2 * i + 1] << 8);
    uint32_t value = 0;
    for (uint32_t k = 0; k < 4; k++)
        value |= (uint32_t)table[4 * i + k] << (8 * k);
    return (int32_t)value;
}

void lp_sim_arith_coefficients(const struct lp_npu_arith *c, const uint8_t *const tables[3], struct lp_sim_coefficients *out)
{
    const int32_t scalars[3] = {c->A_scalar, c->B_scalar, c->C_scalar};
    int32_t *const rows[3] = {out->a, out->b, out->c};
    bool c_is_table = tables[2] != NULL;
    out->count = (uint32_t)lp_sim_arith_coefficient_count(c);
    for (uint32_t i = 0; i < out->count; i++) {
        for (int j = 0; j < 3; j++)
            rows[j][i] = tables[j] != NULL ? table_entry(tables[j], i, c->vec_precision[j]) : scalars[j];
        bool is_wide = c_is_table && c->vec_precision[2] == 32;
        int64_t value = rows[2][i];
        if (c_is_table && c->C_scalar == -1)
            value = -value;
        out->bc[i] = is_wide ? value : (int64_t)out->b[i] * 65536 + (value & 0xffff);
        if (!is_wide)
            out->c[i] = (int32_t)value;
    }
}

/* Which coefficient element e takes. */
static uint32_t coefficient_of(const struct lp_npu_arith *c, uint64_t e)
{
    uint64_t bd = (uint64_t)c->batchDepth, w = (uint64_t)c->fWidth, h = (uint64_t)c->fHeight;
    switch (c->bcast) {
    case LP_NPU_BCAST_CHAN: {
        uint64_t groups = (uint64_t)c->fChannels / bd;
        return (uint32_t)(e / (w * h * bd) % (groups != 0 ? groups : 1) * bd + e % bd);
    }
    case LP_NPU_BCAST_HEIGHT: return (uint32_t)(e / (w * bd) % h);
    case LP_NPU_BCAST_WIDTH: return (uint32_t)(e / bd % w);
    case LP_NPU_BCAST_HEIGHT_WIDTH: return (uint32_t)(e / bd % (h * w));
    default: return 0;
    }
}

/* The coefficient index along the stream without a division per element. Within a pixel of `depth` elements it counts up
 * (CHAN) or stands still (the others); the pixel's base changes after `pixels` pixels. */
struct index_walk {
    uint32_t base, in_pixel, depth, step;
    uint64_t pixels_left, pixels;
    uint64_t element;
};

static struct index_walk walk_from(const struct lp_npu_arith *c, uint64_t first)
{
    bool is_fixed = c->scalar || c->bcast == LP_NPU_BCAST_NONE || c->bcast == LP_NPU_BCAST_SCALAR;
    struct index_walk walk = {.depth = UINT32_MAX, .pixels = 1, .pixels_left = 1, .element = first};
    if (is_fixed)
        return walk;
    walk.depth = (uint32_t)c->batchDepth;
    walk.in_pixel = (uint32_t)(first % walk.depth);
    walk.base = coefficient_of(c, first - walk.in_pixel);
    if (c->bcast == LP_NPU_BCAST_CHAN) {
        walk.step = 1;
        walk.pixels = (uint64_t)c->fWidth * (uint64_t)c->fHeight;
        walk.pixels_left = walk.pixels - first / walk.depth % walk.pixels;
    }
    return walk;
}

static inline uint32_t walk_step(const struct lp_npu_arith *c, struct index_walk *walk)
{
    uint32_t index = walk->base + walk->in_pixel * walk->step;
    walk->element++;
    if (++walk->in_pixel == walk->depth) {
        walk->in_pixel = 0;
        if (--walk->pixels_left == 0) {
            walk->pixels_left = walk->pixels;
            walk->base = coefficient_of(c, walk->element);
        }
    }
    return index;
}

static void affine(const struct lp_npu_arith *c, const struct lp_sim_coefficients *k, const uint32_t *index, const int32_t *x,
                   const int32_t *y, size_t count, int64_t *results)
{
    for (size_t e = 0; e < count; e++)
        results[e] = (int64_t)k->a[index[e]] * x[e];
    if (c->Ax_shift != 0)
        for (size_t e = 0; e < count; e++)
            results[e] = lp_sim_floor_shift(results[e], c->Ax_shift);
    if (c->combinebc) {
        for (size_t e = 0; e < count; e++)
            results[e] += k->bc[index[e]] * (INT64_C(1) << c->C_shift);
        return;
    }
    for (size_t e = 0; e < count; e++)
        results[e] += lp_sim_floor_shift((int64_t)k->b[index[e]] * y[e], c->By_shift) +
                      (int64_t)k->c[index[e]] * (INT64_C(1) << c->C_shift);
}

static void pairwise(const struct lp_npu_arith *c, const int32_t *x, const int32_t *y, size_t count, int64_t *results)
{
    for (size_t e = 0; e < count; e++)
        results[e] = c->operation == LP_NPU_ARITH_MUL   ? (int64_t)x[e] * y[e]
                     : c->operation == LP_NPU_ARITH_MIN ? (x[e] < y[e] ? x[e] : y[e])
                                                        : (x[e] > y[e] ? x[e] : y[e]);
}

static void clip(const struct lp_npu_arith *c, int32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = words[i] < c->clipmin ? c->clipmin : words[i] > c->clipmax ? c->clipmax : words[i];
}

void lp_sim_arith_frame(const struct lp_npu_arith *c, const struct lp_sim_coefficients *k, uint64_t first, const int32_t *x,
                        const int32_t *y, size_t count, int64_t *results, int32_t *out, uint64_t *saturations)
{
    const struct input port_x = {c->inbytes_x, c->shift_x, lp_sim_rounding_of(c->rounding_x, c->round_mode_x),
                                 c->saturation_x != 0, c->outbytes_x};
    const struct input port_y = {c->inbytes_y, c->shift_y, lp_sim_rounding_of(c->rounding_y, c->round_mode_y),
                                 c->saturation_y != 0, c->outbytes_y};
    const struct lp_sim_output stage = {.relu = c->relu_mode_o != 0,
                                        .shift = c->shift_o,
                                        .rounding = lp_sim_rounding_of(c->rounding_o, c->round_mode_o),
                                        .saturates = c->saturation_o != 0,
                                        .bytes = c->outbytes_o};
    struct index_walk walk = walk_from(c, first);
    int32_t vx[BLOCK], vy[BLOCK] = {0};
    uint32_t index[BLOCK];
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t n = count - start < BLOCK ? count - start : BLOCK;
        convert(&port_x, x + start, n, vx, saturations);
        if (y != NULL)
            convert(&port_y, y + start, n, vy, saturations);
        for (size_t e = 0; e < n; e++)
            index[e] = walk_step(c, &walk);
        if (c->operation == LP_NPU_ARITH_AFFINE)
            affine(c, k, index, vx, vy, n, results);
        else
            pairwise(c, vx, vy, n, results);
        *saturations += lp_sim_output_stage(&stage, results, n, out + start);
    }
    if (c->clipout)
        clip(c, out, count);
}
