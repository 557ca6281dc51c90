/* A real factor as the int32 multiplier and shift of contract/requantize.h. */
#ifndef LP_SEMANTICS_MULTIPLIER_H
#define LP_SEMANTICS_MULTIPLIER_H

#include "contract/requantize.h"

#include <stdbool.h>
#include <stdint.h>

/* As TensorFlow Lite's QuantizeMultiplier: 31 bits, halves away from zero; a factor below 2^-32 becomes 0.
 * Single rounding saturates factors of 2^30 and more to the largest one; double rounding has no meaning for them.
 * False, and nothing is written, when the factor is negative, infinite or a NaN, or for double rounding 2^30 and more. */
bool lp_quantize_multiplier(double factor, enum lp_rounding rounding, int32_t *multiplier, int8_t *shift);

#endif
