/* The variants of one instruction set, which helium.c or dsp.c puts to the test. */
#ifndef LP_TESTS_VARIANTS_UNDER_TEST_H
#define LP_TESTS_VARIANTS_UNDER_TEST_H

#include "contract/kernel_args.h"
#include "contract/network.h"

#include <stdbool.h>

/* Whether those with weights read packed constants. */
extern const bool variants_are_packed;

/* Whether the case at hand has shifts that only variants named "scaled" take. */
extern bool shifts_are_scaled;

/* As the compiler would choose for these arguments. */
lp_kernel *variant_fully_connected(const struct lp_fully_connected_s8 *p);
lp_kernel *variant_conv(const struct lp_conv2d_s8 *p);
lp_kernel *variant_conv_1x1(const struct lp_conv2d_s8 *p);
lp_kernel *variant_depthwise(const struct lp_depthwise_conv2d_s8 *p);

/* Each runs one random case; false when it did not fit. */
struct device_test {
    const char *name;
    bool (*run)(void);
    uint32_t cases;
};
extern const struct device_test device_tests[];
extern const uint32_t device_test_count;

#endif
