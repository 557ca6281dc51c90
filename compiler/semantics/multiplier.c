#include "compiler/semantics/multiplier.h"

#include <math.h>

enum { LARGEST_SHIFT = 30, SMALLEST_SHIFT = -31 };

bool lp_quantize_multiplier(double factor, enum lp_rounding rounding, int32_t *multiplier, int8_t *shift)
{
    if (!isfinite(factor) || factor < 0)
        return false;
    int exponent = 0;
    int64_t mantissa = (int64_t)round(frexp(factor, &exponent) * 2147483648.0);
    if (mantissa == (int64_t)1 << 31) {
        mantissa /= 2;
        exponent++;
    }
    if (exponent < SMALLEST_SHIFT) {
        exponent = 0;
        mantissa = 0;
    }
    if (exponent > LARGEST_SHIFT) {
        if (rounding == LP_ROUNDING_DOUBLE)
            return false;
        exponent = LARGEST_SHIFT;
        mantissa = INT32_MAX;
    }
    *multiplier = (int32_t)mantissa;
    *shift = (int8_t)exponent;
    return true;
}
