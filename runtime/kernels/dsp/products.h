/* Sums of products of bytes, four inputs at a time, with the instructions of Armv7E-M's DSP extension. */
#ifndef LP_KERNELS_DSP_PRODUCTS_H
#define LP_KERNELS_DSP_PRODUCTS_H

#include <stdint.h>

/* Two pixels times two output channels. The order of the members is known to the assembly, as it is below. */
struct lp_dsp_two_by_two {
    const int8_t *in[2];
    const int8_t *weight[2];
    int32_t first[2], second[2]; /* sums of either pixel for the first channel, for the second */
    int32_t count;               /* of inputs and weights, 0 or more */
};
void lp_dsp_two_by_two(struct lp_dsp_two_by_two *products);

/* One pixel times four output channels. */
struct lp_dsp_one_by_four {
    const int8_t *in;
    const int8_t *weight[4];
    int32_t sums[4];
    int32_t count;
};
void lp_dsp_one_by_four(struct lp_dsp_one_by_four *products);

#endif
