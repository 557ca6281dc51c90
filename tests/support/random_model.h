/* Random small int8 models: chains with branches of all operators that the naive evaluation knows. */
#ifndef LP_TESTS_SUPPORT_RANDOM_MODEL_H
#define LP_TESTS_SUPPORT_RANDOM_MODEL_H

#include "tests/support/tflite_writer.h"

struct random_model {
    struct lp_tw file;
    uint64_t state;    /* of the random numbers */
    void *blocks[512]; /* constants, freed with the model */
    size_t block_count;
};

/* Codes of the public schema's BuiltinOperator. */
enum {
    TW_ADD = 0,
    TW_AVERAGE_POOL_2D = 1,
    TW_CONCATENATION = 2,
    TW_CONV_2D = 3,
    TW_DEPTHWISE_CONV_2D = 4,
    TW_DEPTH_TO_SPACE = 5,
    TW_FULLY_CONNECTED = 9,
    TW_LOGISTIC = 14,
    TW_MAX_POOL_2D = 17,
    TW_MUL = 18,
    TW_RELU = 19,
    TW_RESHAPE = 22,
    TW_RESIZE_BILINEAR = 23,
    TW_SPACE_TO_DEPTH = 26,
    TW_TANH = 28,
    TW_PAD = 34,
    TW_GATHER = 36,
    TW_BATCH_TO_SPACE_ND = 37,
    TW_SPACE_TO_BATCH_ND = 38,
    TW_TRANSPOSE = 39,
    TW_MEAN = 40,
    TW_SUB = 41,
    TW_SQUEEZE = 43,
    TW_STRIDED_SLICE = 45,
    TW_EXP = 47,
    TW_SPLIT = 49,
    TW_PRELU = 54,
    TW_MAXIMUM = 55,
    TW_MINIMUM = 57,
    TW_PADV2 = 60,
    TW_SLICE = 65,
    TW_TRANSPOSE_CONV = 67,
    TW_TILE = 69,
    TW_EXPAND_DIMS = 70,
    TW_LOG = 73,
    TW_SQRT = 75,
    TW_RSQRT = 76,
    TW_REDUCE_MAX = 82,
    TW_PACK = 83,
    TW_UNPACK = 88,
    TW_REDUCE_MIN = 89,
    TW_RESIZE_NEAREST_NEIGHBOR = 97,
    TW_LEAKY_RELU = 98,
    TW_SQUARED_DIFFERENCE = 99,
    TW_MIRROR_PAD = 100,
    TW_ABS = 101,
    TW_SPLIT_V = 102,
    TW_REVERSE_V2 = 105,
    TW_ELU = 111,
    TW_QUANTIZE = 114,
    TW_HARD_SWISH = 117,
    TW_BATCH_MATMUL = 126,
    TW_BROADCAST_TO = 130,
    TW_GELU = 150
};

/* One input; one output, or two: the last one computed, and one from the middle. The same seed gives the same model. random_model_free it. */
struct random_model *random_model_make(uint64_t seed);
/* No operators yet, for who builds them. */
struct random_model *random_model_empty(uint64_t seed);
void random_model_free(struct random_model *m);

uint32_t random_bits(struct random_model *m);
/* low..high, both included */
int32_t random_between(struct random_model *m, int32_t low, int32_t high);
size_t tw_tensor_elements(const struct lp_tw_tensor *t);

#endif
