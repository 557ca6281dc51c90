/* Random models of one operator: every rank, broadcast, option and type of elements that it has, where random_model.h builds
 * chains of int8 maps of four dimensions. */
#ifndef LP_TESTS_SUPPORT_SINGLE_OP_H
#define LP_TESTS_SUPPORT_SINGLE_OP_H

#include "tests/support/random_model.h"

/* Codes of the public schema's BuiltinOperator that chains do not have. */
enum {
    TW_DEQUANTIZE = 6,
    TW_L2_NORMALIZATION = 11,
    TW_RELU_N1_TO_1 = 20,
    TW_RELU6 = 21,
    TW_SOFTMAX = 25,
    TW_LOG_SOFTMAX = 50,
    TW_CAST = 53,
    TW_ARG_MAX = 56,
    TW_ARG_MIN = 79
};

/* The same seed gives the same model, and seeds in a row give all kinds of operators in turn. random_model_free it. */
struct random_model *single_op_make(uint64_t seed);

#endif
