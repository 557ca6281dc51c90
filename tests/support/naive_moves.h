/* Operators that move elements, by their published definitions: for every element of the output, where it comes from. */
#ifndef LP_TESTS_SUPPORT_NAIVE_MOVES_H
#define LP_TESTS_SUPPORT_NAIVE_MOVES_H

#include "tests/support/tflite_writer.h"

#include <stdbool.h>

/* False when the operator is none of them. values[t]: bytes of tensor t. */
bool naive_move(const struct lp_tw *model, const struct lp_tw_op *op, int8_t *const *values);

#endif
