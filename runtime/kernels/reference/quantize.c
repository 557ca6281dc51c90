#include "runtime/kernels/kernels.h"

/* More than any output type and zero point can hold, and small enough for exact halves in float32. */
static const float beyond_every_type = 262144.0f;

/* Halves away from zero, without the mathematics library. Clamped; 0 for a NaN. */
static int32_t round_half_away(float value)
{
    if (value >= beyond_every_type)
        return (int32_t)beyond_every_type;
    if (value <= -beyond_every_type)
        return (int32_t)-beyond_every_type;
    if (value != value)
        return 0;
    int32_t whole = (int32_t)value;
    float rest = value - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

lp_status lp_quantize__reference(const void *args)
{
    const struct lp_quantize *p = args;
    for (int32_t i = 0; i < p->count; i++) {
        int32_t value = round_half_away(p->in[i] / p->scale) + p->zero_point;
        switch (p->out_element) {
        case LP_ELEMENT_INT8: ((int8_t *)p->out)[i] = (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX); break;
        case LP_ELEMENT_UINT8: ((uint8_t *)p->out)[i] = (uint8_t)lp_clamp_s32(value, 0, UINT8_MAX); break;
        case LP_ELEMENT_INT16: ((int16_t *)p->out)[i] = (int16_t)lp_clamp_s32(value, INT16_MIN, INT16_MAX); break;
        default: return LP_BAD_ARGUMENT;
        }
    }
    return LP_OK;
}
