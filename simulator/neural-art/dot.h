/* Dot products of 16-bit rows: the one loop in which a simulated convolution spends its time. */
#ifndef LP_SIMULATOR_NEURAL_ART_DOT_H
#define LP_SIMULATOR_NEURAL_ART_DOT_H

#include <stddef.h>
#include <stdint.h>

enum {
    LP_SIM_DOT_LANES = 8, /* rows are a multiple of this long, zero-filled */
    LP_SIM_DOT_ROWS = 4   /* weights are a multiple of this many rows, zero-filled */
};

/* sums[x * kernels + k] = columns[x] . weights[k] for x < count, k < kernels; a row is `length` values. The caller knows that
 * no sum leaves int32_t. sums has room for count * (kernels rounded up to LP_SIM_DOT_ROWS) values. */
void lp_sim_dot_rows(const int16_t *columns, size_t count, const int16_t *weights, size_t kernels, size_t length, int64_t *sums);

#endif
