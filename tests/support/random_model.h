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
    TW_CONV_2D = 3,
    TW_DEPTHWISE_CONV_2D = 4,
    TW_FULLY_CONNECTED = 9,
    TW_MAX_POOL_2D = 17,
    TW_RELU = 19,
    TW_RESHAPE = 22,
    TW_PAD = 34,
    TW_MEAN = 40,
    TW_QUANTIZE = 114
};

/* One input; one output, or two: the last one computed, and one from the middle. The same seed gives the same model. random_model_free it. */
struct random_model *random_model_make(uint64_t seed);
void random_model_free(struct random_model *m);

uint32_t random_bits(struct random_model *m);
/* low..high, both included */
int32_t random_between(struct random_model *m, int32_t low, int32_t high);
size_t tw_tensor_elements(const struct lp_tw_tensor *t);

#endif
