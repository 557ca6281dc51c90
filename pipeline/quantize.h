/* Real values to the network's integers and back. No libm: the same bits on the PC and on every device. */
#ifndef LP_PIPELINE_QUANTIZE_H
#define LP_PIPELINE_QUANTIZE_H

#include <stdbool.h>
#include <stdint.h>

/* (value - mean) / deviation. deviation must be finite and above 0 (lp_pipeline_open checks it). An overflow gives an
 * infinity, which lp_quantize_s8 saturates. */
float lp_normalize(float value, float mean, float deviation);

/* round(value / scale) + zero_point, halves to the even integer, saturated to -128..127, as TensorFlow Lite's converter does.
 * NaN gives zero_point (the integer of 0.0), +infinity 127, -infinity -128. scale is finite and above 0, zero_point -128..127. */
int8_t lp_quantize_s8(float value, float scale, int32_t zero_point);

/* scale * (value - zero_point). */
float lp_dequantize_s8(int8_t value, float scale, int32_t zero_point);

/* Neither NaN nor an infinity; reads the bits, so that no compiler option can remove it. */
bool lp_is_finite(float value);

#endif
