#include "runtime/kernels/reference/dot_s16.h"

/* So many products of int16 and int8 fit an int32. */
enum { MOST_TERMS = 511 };

int64_t lp_dot_s16(const int16_t *in, const int8_t *weight, int32_t count)
{
    int64_t sum = 0;
    while (count > 0) {
        const int32_t terms = count < MOST_TERMS ? count : MOST_TERMS;
        int32_t part = 0;
        for (int32_t i = 0; i < terms; i++)
            part += in[i] * weight[i];
        sum += part;
        in += terms;
        weight += terms;
        count -= terms;
    }
    return sum;
}

int16_t lp_output_s16(const struct lp_output_s16 *output, int64_t sum, int32_t channel)
{
    int32_t i = output->per_channel != 0 ? channel : 0;
    int32_t scaled;
    if (output->is_wide != 0)
        scaled = lp_requantize_wide(sum, output->multiplier[i], output->shift[i]);
    else
        scaled = lp_requantize((int32_t)(uint32_t)(uint64_t)sum, output->multiplier[i], output->shift[i], output->rounding);
    return (int16_t)lp_clamp_s32(scaled, output->min, output->max);
}
