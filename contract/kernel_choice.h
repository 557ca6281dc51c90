/* Which kernel variant serves an operator: one row a case, the first that fits is taken, and the reference where none does.
 * The compiler reads this table when it lowers for a target; nothing is chosen on the device. */
#ifndef LP_CONTRACT_KERNEL_CHOICE_H
#define LP_CONTRACT_KERNEL_CHOICE_H

#include "contract/kernel_table.h"
#include "contract/requantize.h"

enum lp_kernel_family {
    LP_FAMILY_ADD,
    LP_FAMILY_AVERAGE_POOL,
    LP_FAMILY_CONV_2D,
    LP_FAMILY_DEPTHWISE_CONV_2D,
    LP_FAMILY_FULLY_CONNECTED,
    LP_FAMILY_MAX_POOL,
    LP_FAMILY_MEAN,
    LP_FAMILY_MUL,
    LP_FAMILY_REQUANTIZE_S8,
    LP_FAMILY_SOFTMAX,
    LP_FAMILY_TABLE,
};

/* What a variant demands of shapes and scales. Families with weights have the input's zero point folded into their biases. The first
 * classes, up to LP_SHAPE_MATRIX, read packed constants (contract/packing.h) and take shifts that lp_shift_is_packable; those
 * named "scaled" the same shapes with shifts that lp_shift_is_scalable. */
enum lp_shape_class {
    LP_SHAPE_POINTWISE, /* convolution, 1x1 window, no padding, one group */
    LP_SHAPE_NARROW,    /* convolution, one group; windows are copied (lp_conv2d_s8_is_gathered) and fit into LP_WINDOW_BYTES */
    LP_SHAPE_WINDOW,    /* convolution, one group; windows that reach beyond the map fit into LP_WINDOW_BYTES */
    LP_SHAPE_DEPTHWISE, /* depth multiplier 1, at most LP_MAX_TAPS taps, two neighbouring products fit into int16 */
    LP_SHAPE_SCALED_POINTWISE,
    LP_SHAPE_SCALED_NARROW,
    LP_SHAPE_SCALED_WINDOW,
    LP_SHAPE_LARGE, /* convolution, one group, whole rows of taps side by side; any window. Scaled as well */
    LP_SHAPE_SCALED_DEPTHWISE,
    LP_SHAPE_SPREAD, /* depthwise, any depth multiplier, at most LP_MAX_TAPS taps. Scaled as well */
    LP_SHAPE_SCALED_MATRIX,
    LP_SHAPE_SMALL,      /* fully connected with at most LP_SMALL_WEIGHTS weights: shares a loop with convolutions */
    LP_SHAPE_MATRIX,     /* any fully connected */
    LP_SHAPE_ONE_GROUP,  /* convolution with one group; constants as the model has them */
    LP_SHAPE_ONE_TO_ONE, /* depthwise convolution with depth multiplier 1; constants as the model has them */
    LP_SHAPE_ANY,        /* all; constants, if any, as the model has them */
    LP_SHAPE_ROWS,       /* sum whose last dimension is dense in both inputs and is shifted by -2 or less at the end */
    LP_SHAPE_PRODUCTS,   /* product whose last dimension is dense in both inputs and is shifted by 0 or less at the end */
    LP_SHAPE_POOL,       /* windows of at most LP_POOL_COLUMNS columns */
    LP_SHAPE_CHANNELS,   /* mean that keeps neighbouring elements apart */
    LP_SHAPE_ELEMENTS,   /* change of scale by less than 2^18 */
};

enum { LP_POOL_COLUMNS = 256, LP_SMALL_WEIGHTS = 1024 };

/* X(family, enum lp_isa, enum lp_rounding, shape class, symbol) */
#define LP_KERNEL_CHOICES(X)                                                                             \
    X(ADD, HELIUM, SINGLE, ROWS, lp_add_s8_single__helium)                                               \
    X(ADD, HELIUM, DOUBLE, ROWS, lp_add_s8_double__helium)                                               \
    X(AVERAGE_POOL, HELIUM, SINGLE, POOL, lp_average_pool_s8__helium)                                    \
    X(AVERAGE_POOL, HELIUM, DOUBLE, POOL, lp_average_pool_s8__helium)                                    \
    X(CONV_2D, HELIUM, SINGLE, POINTWISE, lp_conv2d_1x1_s8_single__helium)                               \
    X(CONV_2D, HELIUM, DOUBLE, POINTWISE, lp_conv2d_1x1_s8_double__helium)                               \
    X(CONV_2D, HELIUM, SINGLE, NARROW, lp_conv2d_narrow_s8_single__helium)                               \
    X(CONV_2D, HELIUM, DOUBLE, NARROW, lp_conv2d_narrow_s8_double__helium)                               \
    X(CONV_2D, HELIUM, SINGLE, WINDOW, lp_conv2d_s8_single__helium)                                      \
    X(CONV_2D, HELIUM, DOUBLE, WINDOW, lp_conv2d_s8_double__helium)                                      \
    X(CONV_2D, HELIUM, SINGLE, SCALED_POINTWISE, lp_conv2d_1x1_scaled_s8_single__helium)                 \
    X(CONV_2D, HELIUM, SINGLE, SCALED_NARROW, lp_conv2d_narrow_scaled_s8_single__helium)                 \
    X(CONV_2D, HELIUM, SINGLE, SCALED_WINDOW, lp_conv2d_scaled_s8_single__helium)                        \
    X(CONV_2D, HELIUM, SINGLE, LARGE, lp_conv2d_large_s8_single__helium)                                 \
    X(CONV_2D, HELIUM, DOUBLE, LARGE, lp_conv2d_large_s8_double__helium)                                 \
    X(DEPTHWISE_CONV_2D, HELIUM, SINGLE, DEPTHWISE, lp_depthwise_conv2d_s8_single__helium)               \
    X(DEPTHWISE_CONV_2D, HELIUM, DOUBLE, DEPTHWISE, lp_depthwise_conv2d_s8_double__helium)               \
    X(DEPTHWISE_CONV_2D, HELIUM, SINGLE, SCALED_DEPTHWISE, lp_depthwise_conv2d_scaled_s8_single__helium) \
    X(DEPTHWISE_CONV_2D, HELIUM, SINGLE, SPREAD, lp_depthwise_conv2d_spread_s8_single__helium)           \
    X(DEPTHWISE_CONV_2D, HELIUM, DOUBLE, SPREAD, lp_depthwise_conv2d_spread_s8_double__helium)           \
    X(FULLY_CONNECTED, HELIUM, SINGLE, SMALL, lp_fully_connected_small_s8_single__helium)                \
    X(FULLY_CONNECTED, HELIUM, DOUBLE, SMALL, lp_fully_connected_small_s8_double__helium)                \
    X(FULLY_CONNECTED, HELIUM, SINGLE, MATRIX, lp_fully_connected_s8_single__helium)                     \
    X(FULLY_CONNECTED, HELIUM, DOUBLE, MATRIX, lp_fully_connected_s8_double__helium)                     \
    X(FULLY_CONNECTED, HELIUM, SINGLE, SCALED_MATRIX, lp_fully_connected_scaled_s8_single__helium)       \
    X(MAX_POOL, HELIUM, SINGLE, POOL, lp_max_pool_s8__helium)                                            \
    X(MAX_POOL, HELIUM, DOUBLE, POOL, lp_max_pool_s8__helium)                                            \
    X(MEAN, HELIUM, SINGLE, CHANNELS, lp_mean_s8__helium)                                                \
    X(MEAN, HELIUM, DOUBLE, CHANNELS, lp_mean_s8__helium)                                                \
    X(MUL, HELIUM, SINGLE, PRODUCTS, lp_mul_s8_single__helium)                                           \
    X(MUL, HELIUM, DOUBLE, PRODUCTS, lp_mul_s8_double__helium)                                           \
    X(CONV_2D, DSP, SINGLE, ONE_GROUP, lp_conv2d_s8__dsp)                                                \
    X(CONV_2D, DSP, DOUBLE, ONE_GROUP, lp_conv2d_s8__dsp)                                                \
    X(DEPTHWISE_CONV_2D, DSP, SINGLE, ONE_TO_ONE, lp_depthwise_conv2d_s8__dsp)                           \
    X(DEPTHWISE_CONV_2D, DSP, DOUBLE, ONE_TO_ONE, lp_depthwise_conv2d_s8__dsp)                           \
    X(FULLY_CONNECTED, DSP, SINGLE, ANY, lp_fully_connected_s8__dsp)                                     \
    X(FULLY_CONNECTED, DSP, DOUBLE, ANY, lp_fully_connected_s8__dsp)                                     \
    X(REQUANTIZE_S8, HELIUM, SINGLE, ELEMENTS, lp_requantize_s8_single__helium)                          \
    X(REQUANTIZE_S8, HELIUM, DOUBLE, ANY, lp_requantize_s8_double__helium)                               \
    X(SOFTMAX, HELIUM, SINGLE, ANY, lp_softmax_s8__helium)                                               \
    X(SOFTMAX, HELIUM, DOUBLE, ANY, lp_softmax_s8__helium)                                               \
    X(TABLE, HELIUM, SINGLE, ANY, lp_table_s8__helium)                                                   \
    X(TABLE, HELIUM, DOUBLE, ANY, lp_table_s8__helium)

#endif
