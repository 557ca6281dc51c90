/* Runs a model as it was handed to the writer, by the published integer formulas and nothing else: exact integers, one loop
 * per index, no shared code with reader, semantics or kernels. Slow, plain, the oracle of the property tests.
 * Operators: those that tests/support/random_model.c makes. */
#ifndef LP_TESTS_SUPPORT_NAIVE_H
#define LP_TESTS_SUPPORT_NAIVE_H

#include "tests/support/tflite_writer.h"

/* values[t]: bytes of tensor t; the inputs are given, everything computed is written (room is the caller's). */
void naive_run(const struct lp_tw *model, int is_double_rounding, int8_t *const *values);

#endif
