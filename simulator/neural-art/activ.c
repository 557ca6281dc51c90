#include "simulator/neural-art/units.h"

/* A piecewise quadratic function: the upper bits of the offset-binary input choose an outer segment, its entry in ROM0 says
 * how many inner segments it owns and where their rows in ROM1 begin. */
static int64_t piecewise(const struct lp_npu_activ *c, const struct lp_sim_activ_tables *t, int64_t q)
{
    uint32_t u = (uint32_t)(((uint64_t)q << c->shift_norm) + 32768) & 0xffff;
    uint32_t entry = t->rom0[u >> (16 - c->bwidth)];
    uint32_t split = entry >> 6;
    uint32_t row = (entry & 63) + ((u >> (16 - (uint32_t)c->bwidth - split)) & ((1u << split) - 1));
    const int16_t *k = t->rom1[row];
    return k[0] * q * q + k[1] * (INT64_C(1) << c->shift_b) * q + k[2] * (INT64_C(1) << c->shift_c);
}

static int64_t value_of(const struct lp_npu_activ *c, const struct lp_sim_activ_tables *t, int32_t word, uint64_t *saturations)
{
    if (c->operation == LP_NPU_ACTIV_LUT)
        return t->lut[(uint32_t)word & 0xff];
    int64_t v = lp_sim_round_shift(lp_sim_signed(word, c->inbytes_f), c->shift_f,
                                   lp_sim_rounding_of(c->rounding_f, c->round_mode_f));
    if (c->saturation_f)
        v = lp_sim_saturate(v, c->outbytes_f, saturations);
    v = lp_sim_signed((int32_t)(uint32_t)((uint64_t)v & UINT32_MAX), c->outbytes_f) - c->fsub;
    int32_t parameter = lp_sim_signed((int32_t)(c->parameter & 0xffff), 2);
    switch (c->operation) {
    case LP_NPU_ACTIV_RELU: return v > 0 ? v : 0;
    case LP_NPU_ACTIV_PRELU: return v > 0 ? v : v * parameter;
    case LP_NPU_ACTIV_TRELU: return v > parameter ? v : lp_sim_signed((int32_t)(c->parameter_2 & 0xffff), 2);
    default: return piecewise(c, t, v);
    }
}

void lp_sim_activ_frame(const struct lp_npu_activ *c, const struct lp_sim_activ_tables *tables, const int32_t *in, size_t count,
                        int64_t *results, int32_t *out, uint64_t *saturations)
{
    for (size_t i = 0; i < count; i++)
        results[i] = value_of(c, tables, in[i], saturations);
    const struct lp_sim_output stage = {.relu = c->relu_mode_o != 0,
                                        .shift = c->shift_o,
                                        .rounding = lp_sim_rounding_of(c->rounding_o, c->round_mode_o),
                                        .saturates = c->saturation_o != 0,
                                        .bytes = c->outbytes_o};
    *saturations += lp_sim_output_stage(&stage, results, count, out);
}
