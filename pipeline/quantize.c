#include "pipeline/quantize.h"

#include <string.h>

bool lp_is_finite(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
}

static bool is_nan(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7fffffffu) > 0x7f800000u;
}

float lp_normalize(float value, float mean, float deviation)
{
    return (value - mean) / deviation;
}

/* |value| is at most 1024, so the conversion to an integer and the fraction are exact. */
static int32_t round_half_even(float value)
{
    int32_t whole = (int32_t)value;
    float fraction = value - (float)whole;
    bool odd = (whole & 1) != 0;
    if (fraction > 0.5f || (fraction == 0.5f && odd))
        return whole + 1;
    if (fraction < -0.5f || (fraction == -0.5f && odd))
        return whole - 1;
    return whole;
}

int8_t lp_quantize_s8(float value, float scale, int32_t zero_point)
{
    if (is_nan(value))
        return (int8_t)zero_point;
    float steps = value / scale;
    /* Beyond 1024 steps the result saturates whatever the zero point is. */
    if (steps > 1024.0f)
        steps = 1024.0f;
    if (steps < -1024.0f)
        steps = -1024.0f;
    int32_t quantized = round_half_even(steps) + zero_point;
    if (quantized > INT8_MAX)
        quantized = INT8_MAX;
    if (quantized < INT8_MIN)
        quantized = INT8_MIN;
    return (int8_t)quantized;
}

float lp_dequantize_s8(int8_t value, float scale, int32_t zero_point)
{
    return scale * (float)(value - zero_point);
}
