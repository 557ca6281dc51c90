#include "contract/packing.h"
#include "runtime/kernels/kernels.h"
#include "tests/variants/plain.h"
#include "tests/variants/under_test.h"
#include "tests/variants/weighted.h"

const bool variants_are_packed = true;

lp_kernel *variant_fully_connected(const struct lp_fully_connected_s8 *p)
{
    bool is_single = p->rounding == LP_ROUNDING_SINGLE;
    if (shifts_are_scaled)
        return lp_fully_connected_scaled_s8_single__helium;
    if (p->in_c * p->out_c <= 1024 && device_between(0, 1))
        return is_single ? lp_fully_connected_small_s8_single__helium : lp_fully_connected_small_s8_double__helium;
    return is_single ? lp_fully_connected_s8_single__helium : lp_fully_connected_s8_double__helium;
}

lp_kernel *variant_conv(const struct lp_conv2d_s8 *p)
{
    bool is_single = p->rounding == LP_ROUNDING_SINGLE;
    if (!lp_conv2d_s8_is_gathered(p) && (p->kernel_h * p->kernel_w * p->in_c > LP_WINDOW_BYTES || device_between(0, 3) == 0))
        return is_single ? lp_conv2d_large_s8_single__helium : lp_conv2d_large_s8_double__helium;
    if (shifts_are_scaled)
        return lp_conv2d_s8_is_gathered(p) ? lp_conv2d_narrow_scaled_s8_single__helium : lp_conv2d_scaled_s8_single__helium;
    if (lp_conv2d_s8_is_gathered(p))
        return is_single ? lp_conv2d_narrow_s8_single__helium : lp_conv2d_narrow_s8_double__helium;
    return is_single ? lp_conv2d_s8_single__helium : lp_conv2d_s8_double__helium;
}

lp_kernel *variant_conv_1x1(const struct lp_conv2d_s8 *p)
{
    if (shifts_are_scaled)
        return lp_conv2d_1x1_scaled_s8_single__helium;
    return p->rounding == LP_ROUNDING_SINGLE ? lp_conv2d_1x1_s8_single__helium : lp_conv2d_1x1_s8_double__helium;
}

lp_kernel *variant_depthwise(const struct lp_depthwise_conv2d_s8 *p)
{
    if (p->depth_multiplier != 1 || device_between(0, 9) == 0)
        return p->rounding == LP_ROUNDING_SINGLE ? lp_depthwise_conv2d_spread_s8_single__helium
                                                 : lp_depthwise_conv2d_spread_s8_double__helium;
    if (shifts_are_scaled)
        return lp_depthwise_conv2d_scaled_s8_single__helium;
    return p->rounding == LP_ROUNDING_SINGLE ? lp_depthwise_conv2d_s8_single__helium : lp_depthwise_conv2d_s8_double__helium;
}

const struct device_test device_tests[] = {
    {"requantization", device_requantize, 1000},
    {"fully connected", device_fully_connected, 1000},
    {"1x1 convolution", device_conv_1x1, 500},
    {"convolution", device_conv, 1000},
    {"depthwise convolution", device_depthwise, 1000},
    {"add", device_add, 1000},
    {"average pool", device_average_pool, 300},
    {"max pool", device_max_pool, 300},
    {"mean", device_mean, 300},
    {"softmax", device_softmax, 1000},
    {"requantize", device_requantize_s8, 1000},
    {"multiply", device_mul, 1000},
    {"table", device_table, 300},
};
const uint32_t device_test_count = sizeof device_tests / sizeof device_tests[0];
