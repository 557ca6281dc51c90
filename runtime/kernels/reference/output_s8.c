#include "runtime/kernels/reference/output_s8.h"

int8_t lp_output_s8(const struct lp_output_s8 *output, int32_t accumulator, int32_t channel)
{
    int32_t i = output->per_channel != 0 ? channel : 0;
    int32_t scaled = lp_requantize(accumulator, output->multiplier[i], output->shift[i], output->rounding);
    return (int8_t)lp_clamp_s32(lp_add_wrapping(scaled, output->offset), output->min, output->max);
}
