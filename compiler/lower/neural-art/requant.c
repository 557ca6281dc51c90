#include "compiler/lower/neural-art/requant.h"

#include <math.h>

enum { MOST_SHIFT = 30, FACTOR_LIMIT = INT16_MAX };

/* As the unit rounds: halves away from zero. */
static int64_t rounded(int64_t value, int32_t shift)
{
    int64_t half = shift == 0 ? 0 : (int64_t)1 << (shift - 1);
    return value < 0 ? -((-value + half) >> shift) : (value + half) >> shift;
}

int32_t lp_npu_sum_shift(const struct lp_npu_channel *channels, uint32_t count)
{
    int32_t shift = 0;
    for (uint32_t c = 0; c < count; c++)
        while (rounded(channels[c].high, shift) > INT16_MAX || rounded(channels[c].low, shift) < INT16_MIN)
            shift++;
    return shift;
}

/* The largest shift that leaves every factor in 16 bits, and every offset within reach of the shifted constant. */
static int32_t stage_shift(const struct lp_npu_channel *channels, uint32_t count, int32_t sum_shift)
{
    double largest = 0.0;
    int32_t shift = MOST_SHIFT;
    for (uint32_t c = 0; c < count; c++)
        largest = fmax(largest, channels[c].factor);
    while (shift > 0 && rint(ldexp(largest, sum_shift + shift)) > FACTOR_LIMIT)
        shift--;
    return shift;
}

static int32_t offset_shift(const struct lp_npu_channel *channels, uint32_t count, int32_t shift)
{
    int32_t left = 0;
    for (uint32_t c = 0; c < count; c++)
        while (fabs(rint(ldexp(channels[c].offset, shift - left))) > (double)INT32_MAX)
            left++;
    return left;
}

static double channel_deviation(const struct lp_npu_channel *channel, const struct lp_npu_requant *q, uint32_t c,
                                int32_t roundings)
{
    double most = (double)(channel->high > -channel->low ? channel->high : -channel->low);
    double of_sum = q->sum_shift == 0 ? 0.0 : 0.5 * roundings * ldexp(channel->factor, q->sum_shift);
    double of_factor = fabs(ldexp((double)q->factor[c], -q->shift - q->sum_shift) - channel->factor) * most;
    double of_offset = fabs(ldexp((double)q->offset[c], q->offset_shift - q->shift) - channel->offset);
    return of_sum + of_factor + of_offset;
}

bool lp_npu_requant(struct lp_arena *arena, const struct lp_npu_channel *channels, uint32_t count, int32_t sum_shift,
                    int32_t roundings, struct lp_npu_requant *out)
{
    *out = (struct lp_npu_requant){.count = count, .sum_shift = sum_shift, .same_factor = true, .same_offset = true};
    out->factor = LP_NEW_ARRAY(arena, count, int16_t);
    out->offset = LP_NEW_ARRAY(arena, count, int32_t);
    if (out->factor == NULL || out->offset == NULL)
        return false;
    out->shift = stage_shift(channels, count, sum_shift);
    out->offset_shift = offset_shift(channels, count, out->shift);
    for (uint32_t c = 0; c < count; c++) {
        double factor = rint(ldexp(channels[c].factor, sum_shift + out->shift));
        out->factor[c] = (int16_t)fmin(factor, FACTOR_LIMIT);
        out->offset[c] = (int32_t)rint(ldexp(channels[c].offset, out->shift - out->offset_shift));
        out->same_factor = out->same_factor && out->factor[c] == out->factor[0];
        out->same_offset = out->same_offset && out->offset[c] == out->offset[0];
        out->deviation = fmax(out->deviation, channel_deviation(&channels[c], out, c, roundings));
    }
    return true;
}
