/* Networks put together like well-known families for small devices, with random weights: the operators, in the order and with
 * the options in which converters write them; small maps, so that an emulated board runs them in seconds. */
#ifndef LP_TESTS_SUPPORT_FAMILIES_H
#define LP_TESTS_SUPPORT_FAMILIES_H

#include "tests/support/tflite_writer.h"

struct family {
    const char *name;
    void (*make)(struct lp_tw *w);
};

extern const struct family families[];
extern const size_t family_count;

#endif
