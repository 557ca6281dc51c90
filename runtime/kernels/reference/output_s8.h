/* From an int32 accumulator to an int8 output: the last step that most int8 kernels share. */
#ifndef LP_KERNELS_REFERENCE_OUTPUT_S8_H
#define LP_KERNELS_REFERENCE_OUTPUT_S8_H

#include "contract/requantize.h"

#include <stdint.h>

struct lp_output_s8 {
    const int32_t *multiplier; /* one entry, or one for every channel */
    const int8_t *shift;       /* -31..30, as many entries */
    int32_t offset;            /* plus the output's zero point */
    int8_t min, max;
    uint8_t per_channel; /* 0 or 1 */
    uint8_t rounding;    /* enum lp_rounding */
};

/* clamp(requantize(accumulator) + offset). A function of its own, so that flash holds the arithmetic once. */
int8_t lp_output_s8(const struct lp_output_s8 *output, int32_t accumulator, int32_t channel);

#endif
