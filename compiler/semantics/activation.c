#include "compiler/semantics/semantics.h"

#include <math.h>

/* zero point + round(value / scale) in float32, kept within int8. */
static int8_t quantized(const struct lp_tensor *output, float value)
{
    float steps = roundf(value / output->quant.scale[0]);
    int32_t bounded = steps > 1000.0f ? 1000 : steps < -1000.0f ? -1000 : (int32_t)steps;
    return (int8_t)lp_clamp_s32(output->quant.zero_point[0] + bounded, INT8_MIN, INT8_MAX);
}

void lp_activation_range(enum lp_activation activation, const struct lp_tensor *output, int8_t *min, int8_t *max)
{
    *min = INT8_MIN;
    *max = INT8_MAX;
    switch (activation) {
    case LP_ACT_NONE: break;
    case LP_ACT_RELU: *min = quantized(output, 0.0f); break;
    case LP_ACT_RELU6: *min = quantized(output, 0.0f), *max = quantized(output, 6.0f); break;
    case LP_ACT_RELU_N1_TO_1: *min = quantized(output, -1.0f), *max = quantized(output, 1.0f); break;
    }
}
