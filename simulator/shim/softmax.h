/* Softmax of int8 values in integer arithmetic, bit-exact with TensorFlow Lite's reference. */
#ifndef LP_SIMULATOR_SHIM_SOFTMAX_H
#define LP_SIMULATOR_SHIM_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/* values: inputs, replaced by outputs in -128..127 (scale 1/256, zero point -128). multiplier and left_shift scale a
 * difference to 5 integer and 26 fraction bits; differences below diff_min count as nothing. */
void lp_shim_softmax_row(int32_t *values, size_t count, int32_t multiplier, int left_shift, int diff_min);

#endif
