/* Softmax and argmax of a few classes, without libm, so that PC and device decide on the same bits. */
#ifndef LP_PIPELINE_SOFTMAX_H
#define LP_PIPELINE_SOFTMAX_H

#include <stdint.h>

/* e^x for x <= 0, within 2 units in the last place of float32; 0 below -87.3, where float32 turns subnormal. x > 0 counts as 0.
 * The bits are the same everywhere when compiled without fused multiply-add (-ffp-contract=off, which -std=c11 implies in
 * gcc). */
float lp_exp_negative(float x);

/* In place: values[i] = e^(values[i] - max) / sum. count is at least 1 and the values are finite. */
void lp_softmax(float *values, uint32_t count);

/* Index of the largest value; of equal ones the lowest index. count is at least 1. */
uint32_t lp_argmax(const float *values, uint32_t count);

#endif
