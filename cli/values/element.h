/* One value of a tensor: its range, and the way from a number to the bytes of its element. */
#ifndef LP_CLI_VALUES_ELEMENT_H
#define LP_CLI_VALUES_ELEMENT_H

#include "compiler/graph/graph.h"

#include <stdbool.h>
#include <stdint.h>

enum lp_value_result { LP_VALUE_OK, LP_VALUE_NOT_A_NUMBER, LP_VALUE_OUT_OF_RANGE };

/* Integers that the type can hold; false for float32. */
bool lp_value_range(enum lp_element element, int64_t *low, int64_t *high);

/* Stores the integer itself. Not for float32. */
enum lp_value_result lp_value_store_raw(const struct lp_tensor *tensor, int64_t value, uint8_t *out);

/* Quantizes and stores; float32 is stored as it is. Only for tensors that lp_value_takes_real accepts. */
enum lp_value_result lp_value_store_real(const struct lp_tensor *tensor, double value, uint8_t *out);

/* An error that says why not, for a tensor that has no real values: not quantized, per channel, 64-bit or bool. */
lp_status lp_value_takes_real(struct lp_diag *diag, const char *path, const struct lp_tensor *tensor);

/* The integer of an element; 0 for float32. */
int64_t lp_value_load_raw(const struct lp_tensor *tensor, const uint8_t *element);
/* scale * (integer - zero point), or the float32 itself. Only for tensors that lp_value_takes_real accepts. */
float lp_value_load_real(const struct lp_tensor *tensor, const uint8_t *element);

#endif
