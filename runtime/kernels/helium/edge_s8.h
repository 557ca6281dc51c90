/* Convolution at the edge of a map without a copy of the window, for windows too large to be copied. */
#ifndef LP_KERNELS_HELIUM_EDGE_S8_H
#define LP_KERNELS_HELIUM_EDGE_S8_H

#include "contract/packing.h"

/* All channels of one place, whose window begins in row y and column x of the map `in` of one batch. Constants are groups whose
 * windows are rows of the map; taps of a row lie side by side. */
void lp_helium_edge(const struct lp_conv2d_s8 *p, const int8_t *in, int32_t y, int32_t x, int8_t *out);

#endif
