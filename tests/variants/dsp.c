#include "runtime/kernels/kernels.h"
#include "tests/variants/under_test.h"
#include "tests/variants/weighted.h"

const bool variants_are_packed = false;

lp_kernel *variant_fully_connected(const struct lp_fully_connected_s8 *p)
{
    (void)p;
    return lp_fully_connected_s8__dsp;
}

lp_kernel *variant_conv(const struct lp_conv2d_s8 *p)
{
    (void)p;
    return lp_conv2d_s8__dsp;
}

lp_kernel *variant_conv_1x1(const struct lp_conv2d_s8 *p)
{
    (void)p;
    return lp_conv2d_s8__dsp;
}

lp_kernel *variant_depthwise(const struct lp_depthwise_conv2d_s8 *p)
{
    (void)p;
    return lp_depthwise_conv2d_s8__dsp;
}

const struct device_test device_tests[] = {
    {"fully connected", device_fully_connected, 1000},
    {"1x1 convolution", device_conv_1x1, 500},
    {"convolution", device_conv, 1000},
    {"depthwise convolution", device_depthwise, 1000},
};
const uint32_t device_test_count = sizeof device_tests / sizeof device_tests[0];
