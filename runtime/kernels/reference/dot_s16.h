/* Products of int16 with int8, and the last step to an int16 output: what kernels of int16 share. */
#ifndef LP_KERNELS_REFERENCE_DOT_S16_H
#define LP_KERNELS_REFERENCE_DOT_S16_H

#include "contract/requantize.h"

#include <stdint.h>

int64_t lp_dot_s16(const int16_t *in, const int8_t *weight, int32_t count);

/* Members as those of the argument structures. */
struct lp_output_s16 {
    const int32_t *multiplier; /* one entry, or one for every channel */
    const int8_t *shift;
    int16_t min, max;
    uint8_t per_channel;
    uint8_t rounding;
    uint8_t is_wide; /* 0: the sum wraps around to 32 bits first */
};

int16_t lp_output_s16(const struct lp_output_s16 *output, int64_t sum, int32_t channel);

#endif
