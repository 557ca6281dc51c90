#include "simulator/neural-art/arithmetic.h"

/* The form that nearly every unit of every program uses, without a branch in the loop. */
static uint64_t half_away_saturating(const struct lp_sim_output *stage, const int64_t *results, size_t count, int32_t *words)
{
    const int shift = stage->shift;
    const int64_t half = INT64_C(1) << (shift - 1);
    const int64_t high = (INT64_C(1) << (8 * stage->bytes - 1)) - 1;
    uint64_t saturations = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t sign = -(int64_t)(results[i] < 0);
        int64_t v = ((((results[i] ^ sign) - sign) + half) >> shift ^ sign) - sign;
        int64_t clamped = v > high ? high : v < -high - 1 ? -high - 1 : v;
        saturations += (uint64_t)(clamped != v);
        words[i] = (int32_t)clamped;
    }
    return saturations;
}

uint64_t lp_sim_output_stage(const struct lp_sim_output *stage, const int64_t *results, size_t count, int32_t *words)
{
    if (!stage->relu && stage->saturates && stage->shift > 0 && stage->rounding == LP_SIM_ROUND_HALF_AWAY)
        return half_away_saturating(stage, results, count, words);
    uint64_t saturations = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t v = stage->relu && results[i] < 0 ? 0 : results[i];
        v = lp_sim_round_shift(v, stage->shift, stage->rounding);
        if (stage->saturates)
            v = lp_sim_saturate(v, stage->bytes, &saturations);
        words[i] = lp_sim_signed((int32_t)(uint32_t)((uint64_t)v & UINT32_MAX), stage->bytes);
    }
    return saturations;
}
