/* How far a tensor is from what it should be, over many inferences. */
#ifndef LP_CLI_COMPARE_H
#define LP_CLI_COMPARE_H

#include "compiler/graph/graph.h"

#include <jansson.h>

struct lp_compare {
    uint64_t elements, exact;
    double max_abs_diff; /* in steps of the integer (LSB); in real units for float32 */
    double sum_diff, sum_abs, sum_square;
    double sum_ab, sum_aa, sum_bb, sum_a; /* a: reference, b: seen */
    uint64_t inferences, argmax_agreed;
};

/* Adds one inference. A NaN equals a NaN. */
void lp_compare_add(struct lp_compare *compare, const struct lp_tensor *tensor, const void *reference, const void *seen);

static inline bool lp_compare_is_exact(const struct lp_compare *compare)
{
    return compare->exact == compare->elements;
}

/* exact (share), max_abs_diff, bias, rmse, mae, cosine, nse (Nash-Sutcliffe efficiency), argmax_agreement. Null: has no finite
 * value, as the efficiency of a constant that was missed. */
void lp_compare_json(const struct lp_compare *compare, json_t *into);

/* The i-th element as a number. */
double lp_element_value(enum lp_element element, const void *data, int64_t i);

#endif
