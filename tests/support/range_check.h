/* Are observed values inside their intervals? Accumulators are summed anew from the observed inputs. */
#ifndef LP_TESTS_SUPPORT_RANGE_CHECK_H
#define LP_TESTS_SUPPORT_RANGE_CHECK_H

#include "compiler/analyze/ranges.h"

/* Fails the test when an element of the tensor leaves its interval. Returns the number of elements looked at. */
size_t range_check_tensor(const struct lp_ranges *ranges, int32_t tensor, const void *values, const char *who);

/* The same for all accumulators of an operator with weights: the sums at every position, and partial sums of some terms in
 * memory order, forwards and backwards. `in`: the observed input, int8 or int16. */
size_t range_check_accumulators(const struct lp_ranges *ranges, uint32_t op, const void *in, const char *who);

#endif
