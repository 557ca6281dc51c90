#include "compiler/lower/neural-art/requant.h"

#include <math.h>

enum { MOST_SHIFT = 30, FACTOR_LIMIT = INT16_MAX, LARGEST_RESULT = 129 /* beyond it all is clamped */ };

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

static int32_t offset_shift(const double *offsets, uint32_t count, int32_t shift, int32_t bits)
{
    const double most = ldexp(1.0, bits - 1) - 1;
    int32_t left = 0;
    for (uint32_t c = 0; c < count; c++)
        while (fabs(rint(ldexp(offsets[c], shift - left))) > most)
            left++;
    return left;
}

/* How many multiples of 2^shift of the bias can go before, without leaving 16 bits. */
static int16_t before_of(const struct lp_npu_channel *channel, int32_t shift)
{
    double whole = rint(ldexp((double)channel->bias, -shift));
    double least = INT16_MIN - floor(ldexp((double)channel->low, -shift));
    double most = INT16_MAX - floor(ldexp((double)channel->high, -shift));
    return (int16_t)fmax(fmin(fmin(whole, most), INT16_MAX), fmax(least, INT16_MIN));
}

/* The factor that the stage has. */
static double factor_of(const struct lp_npu_requant *q, uint32_t c)
{
    return ldexp((double)q->factor[c], -q->shift - q->sum_shift);
}

/* Sums whose results are not clamped, as far as there are any. */
struct span {
    double low, high;
};

static struct span unclamped(const struct lp_npu_channel *channel)
{
    const double low = (double)channel->low, high = (double)channel->high, bias = (double)channel->bias;
    double reach = (LARGEST_RESULT + fabs(channel->offset)) / channel->factor;
    return (struct span){fmin(fmax(low, -bias - reach), high), fmax(fmin(high, reach - bias), low)};
}

/* The constant with which the rounded factor is right in the middle of the sums that matter. */
static double best_offset(const struct lp_npu_channel *channel, const struct lp_npu_requant *q, uint32_t c)
{
    const struct span sums = unclamped(channel);
    double middle = (sums.low + sums.high) / 2;
    double before = q->before == NULL ? 0 : ldexp((double)q->before[c], q->sum_shift);
    return channel->offset + channel->factor * ((double)channel->bias + middle) - factor_of(q, c) * (middle + before);
}

static double channel_deviation(const struct lp_npu_channel *channel, const struct lp_npu_requant *q, uint32_t c, double offset,
                                const struct lp_npu_sums *sums)
{
    const struct span span = unclamped(channel);
    double of_sum = sums->rounding_shift == 0 ? 0.0 : 0.5 * sums->roundings * ldexp(channel->factor, sums->rounding_shift);
    double of_factor = fabs(factor_of(q, c) - channel->factor) * (span.high - span.low) / 2;
    double of_offset = fabs(ldexp((double)q->offset[c], q->offset_shift - q->shift) - offset);
    return of_sum + of_factor + of_offset;
}

static bool make_arrays(struct lp_arena *arena, const struct lp_npu_sums *sums, struct lp_npu_requant *out)
{
    out->factor = LP_NEW_ARRAY(arena, out->count, int16_t);
    out->offset = LP_NEW_ARRAY(arena, out->count, int32_t);
    out->before = sums->adds_before ? LP_NEW_ARRAY(arena, out->count, int16_t) : NULL;
    return out->factor != NULL && out->offset != NULL && (!sums->adds_before || out->before != NULL);
}

bool lp_npu_requant(struct lp_arena *arena, const struct lp_npu_channel *channels, uint32_t count, const struct lp_npu_sums *sums,
                    struct lp_npu_requant *out)
{
    *out = (struct lp_npu_requant){.count = count, .sum_shift = sums->shift, .same_factor = true, .same_offset = true};
    double *offsets = LP_NEW_ARRAY(arena, count, double);
    if (offsets == NULL || !make_arrays(arena, sums, out))
        return false;
    out->shift = stage_shift(channels, count, sums->shift);
    for (uint32_t c = 0; c < count; c++) {
        out->factor[c] = (int16_t)fmin(rint(ldexp(channels[c].factor, sums->shift + out->shift)), FACTOR_LIMIT);
        if (out->before != NULL)
            out->before[c] = before_of(&channels[c], sums->shift);
        offsets[c] = best_offset(&channels[c], out, c);
    }
    out->offset_shift = offset_shift(offsets, count, out->shift, sums->offset_bits);
    bool rounds_up = !sums->adds_before && out->shift - out->offset_shift >= LP_NPU_FINE_BITS;
    for (uint32_t c = 0; c < count; c++) {
        out->offset[c] = (int32_t)rint(ldexp(offsets[c], out->shift - out->offset_shift));
        /* The unit rounds halves away from zero, the reference upwards: a little more is upwards for both. */
        out->offset[c] += rounds_up && out->offset[c] < INT32_MAX;
        out->same_factor = out->same_factor && out->factor[c] == out->factor[0];
        out->same_offset = out->same_offset && out->offset[c] == out->offset[0];
        out->deviation = fmax(out->deviation, channel_deviation(&channels[c], out, c, offsets[c], sums));
    }
    return true;
}
