/* Random models in which channels are dead on purpose: the weights and biases of a random model, changed in place. */
#ifndef LP_TESTS_SUPPORT_PLANTED_H
#define LP_TESTS_SUPPORT_PLANTED_H

#include "tests/support/random_model.h"

#include <stdbool.h>

struct planted_counts {
    uint32_t zero_filters, zero_filters_with_bias, saturated, unread_inputs, zero_rows, zero_columns;
};

/* Plants into convolutions and matrix products of the model: filters that are all zero, with a bias or without; biases that
 * drive a channel to the end of its range; input channels that no filter reads; kernel rows and columns of zeros. The same
 * channel numbers all over the model, so that residual sums have dead channels on both sides and chains form. */
void plant_dead(struct random_model *m, struct planted_counts *counts);

/* Runs the model by the published formulas; values[t] has room for every tensor and is zeroed where nothing is computed.
 * kind 0: any inputs; 1: ends of the range at random; 2: all lowest; 3: all highest. planted_free them. */
void planted_run(struct random_model *m, bool is_double_rounding, int kind, int8_t **values);
void planted_free(const struct random_model *m, int8_t **values);

#endif
