/* Every kernel variant that exists. The compiler writes the symbol and the source into what it emits; who runs kernels on
 * the PC makes a table of function pointers from the same rows. */
#ifndef LP_CONTRACT_KERNEL_TABLE_H
#define LP_CONTRACT_KERNEL_TABLE_H

/* What a kernel needs from the processor. REFERENCE is portable C and exists for every family. */
enum lp_isa { LP_ISA_REFERENCE, LP_ISA_DSP, LP_ISA_HELIUM, LP_ISA_X86 };

/* X(symbol, argument structure, family, source file, enum lp_isa without its prefix).
 * Variants of one family take the same structure and give the same bytes; the reference is the oracle of the others.
 * Those of LP_KERNELS exist everywhere; a variant for one instruction set stands in a list of its own.
 * What a PC does faster is not listed: it is decided when a program is loaded there (runtime/kernels/x86/x86.h). */
#define LP_KERNELS(X)                                                                                                           \
    X(lp_add_s16__reference, lp_binary, ADD_S16, "runtime/kernels/reference/binary_sum.c", REFERENCE)                           \
    X(lp_add_s8__reference, lp_add_s8, ADD, "runtime/kernels/reference/add_s8.c", REFERENCE)                                    \
    X(lp_arg_max__reference, lp_arg_max, ARG_MAX, "runtime/kernels/reference/arg_max.c", REFERENCE)                             \
    X(lp_average_pool_s8__reference, lp_pool_s8, AVERAGE_POOL, "runtime/kernels/reference/average_pool_s8.c", REFERENCE)        \
    X(lp_batch_matmul_s16__reference, lp_batch_matmul, BATCH_MATMUL_S16, "runtime/kernels/reference/batch_matmul_s16.c",        \
      REFERENCE)                                                                                                                \
    X(lp_batch_matmul_s8__reference, lp_batch_matmul, BATCH_MATMUL, "runtime/kernels/reference/batch_matmul_s8.c", REFERENCE)   \
    X(lp_batch_to_space__reference, lp_space_batch, BATCH_TO_SPACE, "runtime/kernels/reference/batch_to_space.c", REFERENCE)    \
    X(lp_cast__reference, lp_cast, CAST, "runtime/kernels/reference/cast.c", REFERENCE)                                         \
    X(lp_conv2d_s16__reference, lp_conv2d_s16, CONV_2D_S16, "runtime/kernels/reference/conv2d_s16.c", REFERENCE)                \
    X(lp_conv2d_s8__reference, lp_conv2d_s8, CONV_2D, "runtime/kernels/reference/conv2d_s8.c", REFERENCE)                       \
    X(lp_copy__reference, lp_copy, COPY, "runtime/kernels/reference/copy.c", REFERENCE)                                         \
    X(lp_copy_rows__reference, lp_copy_rows, COPY_ROWS, "runtime/kernels/reference/copy_rows.c", REFERENCE)                     \
    X(lp_depthwise_conv2d_s8__reference, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                                             \
      "runtime/kernels/reference/depthwise_conv2d_s8.c", REFERENCE)                                                             \
    X(lp_dequantize__reference, lp_dequantize, DEQUANTIZE, "runtime/kernels/reference/dequantize.c", REFERENCE)                 \
    X(lp_expect__reference, lp_expect, EXPECT, "runtime/kernels/reference/expect.c", REFERENCE)                                 \
    X(lp_fully_connected_s8__reference, lp_fully_connected_s8, FULLY_CONNECTED,                                                 \
      "runtime/kernels/reference/fully_connected_s8.c", REFERENCE)                                                              \
    X(lp_gather__reference, lp_gather, GATHER, "runtime/kernels/reference/gather.c", REFERENCE)                                 \
    X(lp_l2_normalization_s8__reference, lp_l2_normalization_s8, L2_NORMALIZATION,                                              \
      "runtime/kernels/reference/l2_normalization_s8.c", REFERENCE)                                                             \
    X(lp_leaky_relu_s16__reference, lp_leaky_relu_s16, LEAKY_RELU_S16, "runtime/kernels/reference/leaky_relu_s16.c", REFERENCE) \
    X(lp_log_softmax_s8__reference, lp_log_softmax_s8, LOG_SOFTMAX, "runtime/kernels/reference/log_softmax_s8.c", REFERENCE)    \
    X(lp_max_pool_s8__reference, lp_pool_s8, MAX_POOL, "runtime/kernels/reference/max_pool_s8.c", REFERENCE)                    \
    X(lp_maximum__reference, lp_binary, MAXIMUM, "runtime/kernels/reference/binary_choice.c", REFERENCE)                        \
    X(lp_mean_s8__reference, lp_mean_s8, MEAN, "runtime/kernels/reference/mean_s8.c", REFERENCE)                                \
    X(lp_minimum__reference, lp_binary, MINIMUM, "runtime/kernels/reference/binary_choice.c", REFERENCE)                        \
    X(lp_mirror_pad__reference, lp_mirror_pad, MIRROR_PAD, "runtime/kernels/reference/mirror_pad.c", REFERENCE)                 \
    X(lp_move__reference, lp_move, MOVE, "runtime/kernels/reference/move.c", REFERENCE)                                         \
    X(lp_mul_s16__reference, lp_binary, MUL_S16, "runtime/kernels/reference/binary_product.c", REFERENCE)                       \
    X(lp_mul_s8__reference, lp_binary, MUL, "runtime/kernels/reference/binary_product.c", REFERENCE)                            \
    X(lp_pad__reference, lp_pad, PAD, "runtime/kernels/reference/pad.c", REFERENCE)                                             \
    X(lp_prelu_s8__reference, lp_binary, PRELU, "runtime/kernels/reference/binary_product.c", REFERENCE)                        \
    X(lp_quantize__reference, lp_quantize, QUANTIZE, "runtime/kernels/reference/quantize.c", REFERENCE)                         \
    X(lp_reduce__reference, lp_reduce, REDUCE, "runtime/kernels/reference/reduce.c", REFERENCE)                                 \
    X(lp_requantize__reference, lp_requantize, REQUANTIZE, "runtime/kernels/reference/requantize.c", REFERENCE)                 \
    X(lp_requantize_s8__reference, lp_requantize_s8, REQUANTIZE_S8, "runtime/kernels/reference/requantize_s8.c", REFERENCE)     \
    X(lp_resize_bilinear_s8__reference, lp_resize_bilinear_s8, RESIZE_BILINEAR,                                                 \
      "runtime/kernels/reference/resize_bilinear_s8.c", REFERENCE)                                                              \
    X(lp_resize_nearest__reference, lp_resize_nearest, RESIZE_NEAREST, "runtime/kernels/reference/resize_nearest.c", REFERENCE) \
    X(lp_sigmoid_s16__reference, lp_sigmoid_s16, SIGMOID_S16, "runtime/kernels/reference/sigmoid_s16.c", REFERENCE)             \
    X(lp_softmax_s16__reference, lp_softmax_s16, SOFTMAX_S16, "runtime/kernels/reference/softmax_s16.c", REFERENCE)             \
    X(lp_softmax_s8__reference, lp_softmax_s8, SOFTMAX, "runtime/kernels/reference/softmax_s8.c", REFERENCE)                    \
    X(lp_space_to_batch__reference, lp_space_batch, SPACE_TO_BATCH, "runtime/kernels/reference/space_to_batch.c", REFERENCE)    \
    X(lp_squared_difference_s8__reference, lp_binary, SQUARED_DIFFERENCE, "runtime/kernels/reference/binary_sum.c", REFERENCE)  \
    X(lp_sub_s16__reference, lp_binary, SUB_S16, "runtime/kernels/reference/binary_sum.c", REFERENCE)                           \
    X(lp_sub_s8__reference, lp_binary, SUB, "runtime/kernels/reference/binary_sum.c", REFERENCE)                                \
    X(lp_svdf_s8__reference, lp_svdf_s8, SVDF, "runtime/kernels/reference/svdf_s8.c", REFERENCE)                                \
    X(lp_table_s8__reference, lp_table_s8, TABLE, "runtime/kernels/reference/table_s8.c", REFERENCE)                            \
    X(lp_transpose_conv_s16__reference, lp_transpose_conv_s16, TRANSPOSE_CONV_S16,                                              \
      "runtime/kernels/reference/transpose_conv_s16.c", REFERENCE)                                                              \
    X(lp_transpose_conv_s8__reference, lp_transpose_conv_s8, TRANSPOSE_CONV, "runtime/kernels/reference/transpose_conv_s8.c",   \
      REFERENCE)

/* Kernels that call others: what their stages are is chosen as for operators of their own. */
#define LP_KERNELS_ROWS(X) X(lp_rows__reference, lp_rows, ROWS, "runtime/kernels/reference/rows.c", REFERENCE)

#define LP_KERNELS_HELIUM(X)                                                                                              \
    X(lp_add_s8_double__helium, lp_add_s8, ADD, "runtime/kernels/helium/add_s8.c", HELIUM)                                \
    X(lp_add_s8_single__helium, lp_add_s8, ADD, "runtime/kernels/helium/add_s8.c", HELIUM)                                \
    X(lp_average_pool_s8__helium, lp_pool_s8, AVERAGE_POOL, "runtime/kernels/helium/average_pool_s8.c", HELIUM)           \
    X(lp_conv2d_1x1_s8_double__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)               \
    X(lp_conv2d_1x1_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)               \
    X(lp_conv2d_large_s8_double__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)             \
    X(lp_conv2d_large_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)             \
    X(lp_conv2d_narrow_s8_double__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)            \
    X(lp_conv2d_narrow_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)            \
    X(lp_conv2d_1x1_scaled_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)        \
    X(lp_conv2d_narrow_scaled_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)     \
    X(lp_conv2d_scaled_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)            \
    X(lp_conv2d_s8_double__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)                   \
    X(lp_conv2d_s8_single__helium, lp_conv2d_s8, CONV_2D, "runtime/kernels/helium/conv2d_s8.c", HELIUM)                   \
    X(lp_depthwise_conv2d_s8_double__helium, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                                   \
      "runtime/kernels/helium/depthwise_conv2d_s8.c", HELIUM)                                                             \
    X(lp_depthwise_conv2d_s8_single__helium, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                                   \
      "runtime/kernels/helium/depthwise_conv2d_s8.c", HELIUM)                                                             \
    X(lp_depthwise_conv2d_spread_s8_double__helium, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                            \
      "runtime/kernels/helium/depthwise_conv2d_s8.c", HELIUM)                                                             \
    X(lp_depthwise_conv2d_spread_s8_single__helium, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                            \
      "runtime/kernels/helium/depthwise_conv2d_s8.c", HELIUM)                                                             \
    X(lp_depthwise_conv2d_scaled_s8_single__helium, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D,                            \
      "runtime/kernels/helium/depthwise_conv2d_s8.c", HELIUM)                                                             \
    X(lp_fully_connected_scaled_s8_single__helium, lp_fully_connected_s8, FULLY_CONNECTED,                                \
      "runtime/kernels/helium/fully_connected_s8.c", HELIUM)                                                              \
    X(lp_fully_connected_s8_double__helium, lp_fully_connected_s8, FULLY_CONNECTED,                                       \
      "runtime/kernels/helium/fully_connected_s8.c", HELIUM)                                                              \
    X(lp_fully_connected_s8_single__helium, lp_fully_connected_s8, FULLY_CONNECTED,                                       \
      "runtime/kernels/helium/fully_connected_s8.c", HELIUM)                                                              \
    X(lp_fully_connected_small_s8_double__helium, lp_fully_connected_s8, FULLY_CONNECTED,                                 \
      "runtime/kernels/helium/fully_connected_s8.c", HELIUM)                                                              \
    X(lp_fully_connected_small_s8_single__helium, lp_fully_connected_s8, FULLY_CONNECTED,                                 \
      "runtime/kernels/helium/fully_connected_s8.c", HELIUM)                                                              \
    X(lp_max_pool_s8__helium, lp_pool_s8, MAX_POOL, "runtime/kernels/helium/max_pool_s8.c", HELIUM)                       \
    X(lp_mean_s8__helium, lp_mean_s8, MEAN, "runtime/kernels/helium/mean_s8.c", HELIUM)                                   \
    X(lp_mul_s8_double__helium, lp_binary, MUL, "runtime/kernels/helium/mul_s8.c", HELIUM)                                \
    X(lp_mul_s8_single__helium, lp_binary, MUL, "runtime/kernels/helium/mul_s8.c", HELIUM)                                \
    X(lp_requantize_s8_double__helium, lp_requantize_s8, REQUANTIZE_S8, "runtime/kernels/helium/requantize_s8.c", HELIUM) \
    X(lp_requantize_s8_single__helium, lp_requantize_s8, REQUANTIZE_S8, "runtime/kernels/helium/requantize_s8.c", HELIUM) \
    X(lp_softmax_s8__helium, lp_softmax_s8, SOFTMAX, "runtime/kernels/helium/softmax_s8.c", HELIUM)                       \
    X(lp_table_s8__helium, lp_table_s8, TABLE, "runtime/kernels/helium/table_s8.c", HELIUM)

#define LP_KERNELS_DSP(X)                                                                                                       \
    X(lp_conv2d_s8__dsp, lp_conv2d_s8, CONV_2D, "runtime/kernels/dsp/conv2d_s8.c", DSP)                                         \
    X(lp_depthwise_conv2d_s8__dsp, lp_depthwise_conv2d_s8, DEPTHWISE_CONV_2D, "runtime/kernels/dsp/depthwise_conv2d_s8.c", DSP) \
    X(lp_fully_connected_s8__dsp, lp_fully_connected_s8, FULLY_CONNECTED, "runtime/kernels/dsp/fully_connected_s8.c", DSP)

#endif
