#include "compiler/semantics/semantics.h"

#include <math.h>

/* zero point + round(value / scale) in float32, kept within the output's type. */
static int16_t quantized(const struct lp_tensor *output, float value, int32_t least, int32_t most)
{
    float steps = roundf(value / output->quant.scale[0]);
    int32_t bounded = steps > 100000.0f ? 100000 : steps < -100000.0f ? -100000 : (int32_t)steps;
    return (int16_t)lp_clamp_s32(output->quant.zero_point[0] + bounded, least, most);
}

void lp_activation_range_16(enum lp_activation activation, const struct lp_tensor *output, int16_t *min, int16_t *max)
{
    static const struct {
        float low, high; /* infinite where the activation has no such limit */
    } limits[] = {
        [LP_ACT_NONE] = {-INFINITY, INFINITY}, [LP_ACT_RELU] = {0, INFINITY},
        [LP_ACT_RELU_N1_TO_1] = {-1, 1},       [LP_ACT_RELU6] = {0, 6},
        [LP_ACT_RELU_0_TO_1] = {0, 1},
    };
    const int16_t least = output->element == LP_ELEMENT_INT16 ? INT16_MIN : INT8_MIN;
    const int16_t most = output->element == LP_ELEMENT_INT16 ? INT16_MAX : INT8_MAX;
    *min = isinf(limits[activation].low) ? least : quantized(output, limits[activation].low, least, most);
    *max = isinf(limits[activation].high) ? most : quantized(output, limits[activation].high, least, most);
}

void lp_activation_range(enum lp_activation activation, const struct lp_tensor *output, int8_t *min, int8_t *max)
{
    int16_t low, high;
    lp_activation_range_16(activation, output, &low, &high);
    *min = (int8_t)low;
    *max = (int8_t)high;
}
