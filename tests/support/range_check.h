/* Are observed values inside their intervals? Accumulators are summed anew from the observed inputs. */
#ifndef LP_TESTS_SUPPORT_RANGE_CHECK_H
#define LP_TESTS_SUPPORT_RANGE_CHECK_H

#include "compiler/analyze/ranges.h"

/* Fails the test when an element of the tensor leaves its interval. Returns the number of elements looked at. */
size_t range_check_tensor(const struct lp_ranges *ranges, int32_t tensor, const void *values, const char *who);

/* The same for all accumulators of an operator: the sums at every position, and partial sums of the terms in memory order, of
 * all and of some. `values`: what was observed, by tensor; constants are looked up in the graph. 0 for an operator without. */
size_t range_check_accumulators(const struct lp_ranges *ranges, uint32_t op, void *const *values, const char *who);

#endif
