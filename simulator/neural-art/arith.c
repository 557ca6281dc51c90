#include "simulator/neural-art/units.h"

#include <string.h>

static int32_t input(int32_t word, int bytes, int shift, enum lp_sim_rounding rounding, bool saturates, int out_bytes,
                     uint64_t *saturations)
{
    int64_t v = lp_sim_round_shift(lp_sim_signed(word, bytes), shift, rounding);
    if (saturates)
        v = lp_sim_saturate(v, out_bytes, saturations);
    return lp_sim_signed((int32_t)(uint32_t)((uint64_t)v & UINT32_MAX), out_bytes);
}

uint64_t lp_sim_arith_coefficient_count(const struct lp_npu_arith *c)
{
    if (c->scalar)
        return 1;
    switch (c->bcast) {
    case LP_NPU_BCAST_CHAN:
        return (uint64_t)c->fChannels;
    case LP_NPU_BCAST_HEIGHT:
        return (uint64_t)c->fHeight;
    case LP_NPU_BCAST_WIDTH:
        return (uint64_t)c->fWidth;
    case LP_NPU_BCAST_HEIGHT_WIDTH:
        return (uint64_t)c->fHeight * (uint64_t)c->fWidth;
    default:
        return 1;
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
    case LP_NPU_BCAST_HEIGHT:
        return (uint32_t)(e / (w * bd) % h);
    case LP_NPU_BCAST_WIDTH:
        return (uint32_t)(e / bd % w);
    case LP_NPU_BCAST_HEIGHT_WIDTH:
        return (uint32_t)(e / bd % (h * w));
    default:
        return 0;
    }
}

/* The coefficient index along the stream without a division per element: within a pixel of bd elements it counts up
 * (CHAN) or stands still (the others). */
struct index_walk {
    uint32_t base, in_pixel, depth;
    uint64_t element;
};

static struct index_walk walk_from(const struct lp_npu_arith *c, uint64_t first)
{
    bool fixed = c->scalar || c->bcast == LP_NPU_BCAST_NONE || c->bcast == LP_NPU_BCAST_SCALAR;
    struct index_walk walk = {.depth = fixed ? UINT32_MAX : (uint32_t)c->batchDepth, .element = first};
    if (!fixed) {
        walk.in_pixel = (uint32_t)(first % walk.depth);
        walk.base = coefficient_of(c, first - walk.in_pixel);
    }
    return walk;
}

static inline uint32_t walk_step(const struct lp_npu_arith *c, struct index_walk *walk)
{
    uint32_t index = walk->base + (c->bcast == LP_NPU_BCAST_CHAN && !c->scalar ? walk->in_pixel : 0);
    walk->element++;
    if (++walk->in_pixel == walk->depth) {
        walk->in_pixel = 0;
        walk->base = coefficient_of(c, walk->element);
    }
    return index;
}

static inline int64_t affine(const struct lp_npu_arith *c, const struct lp_sim_coefficients *k, uint32_t i, int32_t x, int32_t y)
{
    int64_t r = lp_sim_floor_shift((int64_t)k->a[i] * x, c->Ax_shift);
    if (c->combinebc)
        return r + k->bc[i] * (INT64_C(1) << c->C_shift);
    return r + lp_sim_floor_shift((int64_t)k->b[i] * y, c->By_shift) + (int64_t)k->c[i] * (INT64_C(1) << c->C_shift);
}

static void clip(const struct lp_npu_arith *c, int32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = words[i] < c->clipmin ? c->clipmin : words[i] > c->clipmax ? c->clipmax : words[i];
}

void lp_sim_arith_frame(const struct lp_npu_arith *c, const struct lp_sim_coefficients *k, uint64_t first, const int32_t *x,
                        const int32_t *y, size_t count, int64_t *results, int32_t *out, uint64_t *saturations)
{
    enum lp_sim_rounding round_x = lp_sim_rounding_of(c->rounding_x, c->round_mode_x);
    enum lp_sim_rounding round_y = lp_sim_rounding_of(c->rounding_y, c->round_mode_y);
    struct index_walk walk = walk_from(c, first);
    for (size_t e = 0; e < count; e++) {
        int32_t vx = input(x[e], c->inbytes_x, c->shift_x, round_x, c->saturation_x != 0, c->outbytes_x, saturations);
        int32_t vy = 0;
        if (y != NULL)
            vy = input(y[e], c->inbytes_y, c->shift_y, round_y, c->saturation_y != 0, c->outbytes_y, saturations);
        uint32_t i = walk_step(c, &walk);
        switch (c->operation) {
        case LP_NPU_ARITH_MUL:
            results[e] = (int64_t)vx * vy;
            break;
        case LP_NPU_ARITH_MIN:
            results[e] = vx < vy ? vx : vy;
            break;
        case LP_NPU_ARITH_MAX:
            results[e] = vx > vy ? vx : vy;
            break;
        default:
            results[e] = affine(c, k, i, vx, vy);
            break;
        }
    }
    const struct lp_sim_output stage = {.relu = c->relu_mode_o != 0,
                                        .shift = c->shift_o,
                                        .rounding = lp_sim_rounding_of(c->rounding_o, c->round_mode_o),
                                        .saturates = c->saturation_o != 0,
                                        .bytes = c->outbytes_o};
    *saturations += lp_sim_output_stage(&stage, results, count, out);
    if (c->clipout)
        clip(c, out, count);
}
