/* The operators that the graph knows. The name is the one of the .tflite format. */
#ifndef LP_GRAPH_OP_KINDS_H
#define LP_GRAPH_OP_KINDS_H

/* X(NAME, fewest inputs, most inputs, fewest outputs, most outputs) */
#define LP_OP_KINDS(X)                     \
    X(ABS, 1, 1, 1, 1)                     \
    X(ADD, 2, 2, 1, 1)                     \
    X(ARG_MAX, 2, 2, 1, 1)                 \
    X(ARG_MIN, 2, 2, 1, 1)                 \
    X(AVERAGE_POOL_2D, 1, 1, 1, 1)         \
    X(BATCH_MATMUL, 2, 2, 1, 1)            \
    X(BATCH_TO_SPACE_ND, 3, 3, 1, 1)       \
    X(BROADCAST_TO, 2, 2, 1, 1)            \
    X(CAST, 1, 1, 1, 1)                    \
    X(CONCATENATION, 1, 255, 1, 1)         \
    X(CONV_2D, 2, 3, 1, 1)                 \
    X(DEPTHWISE_CONV_2D, 2, 3, 1, 1)       \
    X(DEPTH_TO_SPACE, 1, 1, 1, 1)          \
    X(DEQUANTIZE, 1, 1, 1, 1)              \
    X(DIV, 2, 2, 1, 1)                     \
    X(ELU, 1, 1, 1, 1)                     \
    X(EXP, 1, 1, 1, 1)                     \
    X(EXPAND_DIMS, 2, 2, 1, 1)             \
    X(FILL, 2, 2, 1, 1)                    \
    X(FLOOR_DIV, 2, 2, 1, 1)               \
    X(FLOOR_MOD, 2, 2, 1, 1)               \
    X(FULLY_CONNECTED, 2, 3, 1, 1)         \
    X(GATHER, 2, 2, 1, 1)                  \
    X(GELU, 1, 1, 1, 1)                    \
    X(HARD_SWISH, 1, 1, 1, 1)              \
    X(L2_NORMALIZATION, 1, 1, 1, 1)        \
    X(LEAKY_RELU, 1, 1, 1, 1)              \
    X(LOG, 1, 1, 1, 1)                     \
    X(LOGISTIC, 1, 1, 1, 1)                \
    X(LOG_SOFTMAX, 1, 1, 1, 1)             \
    X(MAXIMUM, 2, 2, 1, 1)                 \
    X(MAX_POOL_2D, 1, 1, 1, 1)             \
    X(MEAN, 2, 2, 1, 1)                    \
    X(MINIMUM, 2, 2, 1, 1)                 \
    X(MIRROR_PAD, 2, 2, 1, 1)              \
    X(MUL, 2, 2, 1, 1)                     \
    X(PACK, 1, 255, 1, 1)                  \
    X(PAD, 2, 2, 1, 1)                     \
    X(PADV2, 3, 3, 1, 1)                   \
    X(PRELU, 2, 2, 1, 1)                   \
    X(QUANTIZE, 1, 1, 1, 1)                \
    X(RANGE, 3, 3, 1, 1)                   \
    X(REDUCE_MAX, 2, 2, 1, 1)              \
    X(REDUCE_MIN, 2, 2, 1, 1)              \
    X(RELU, 1, 1, 1, 1)                    \
    X(RELU6, 1, 1, 1, 1)                   \
    X(RELU_0_TO_1, 1, 1, 1, 1)             \
    X(RELU_N1_TO_1, 1, 1, 1, 1)            \
    X(RESHAPE, 1, 2, 1, 1)                 \
    X(RESIZE_BILINEAR, 2, 2, 1, 1)         \
    X(RESIZE_NEAREST_NEIGHBOR, 2, 2, 1, 1) \
    X(REVERSE_V2, 2, 2, 1, 1)              \
    X(RSQRT, 1, 1, 1, 1)                   \
    X(SHAPE, 1, 1, 1, 1)                   \
    X(SLICE, 3, 3, 1, 1)                   \
    X(SOFTMAX, 1, 1, 1, 1)                 \
    X(SPACE_TO_BATCH_ND, 3, 3, 1, 1)       \
    X(SPACE_TO_DEPTH, 1, 1, 1, 1)          \
    X(SPLIT, 2, 2, 1, 255)                 \
    X(SPLIT_V, 3, 3, 1, 255)               \
    X(SQRT, 1, 1, 1, 1)                    \
    X(SQUARED_DIFFERENCE, 2, 2, 1, 1)      \
    X(SQUEEZE, 1, 1, 1, 1)                 \
    X(STRIDED_SLICE, 4, 4, 1, 1)           \
    X(SUB, 2, 2, 1, 1)                     \
    X(SVDF, 5, 5, 2, 2)                    \
    X(TANH, 1, 1, 1, 1)                    \
    X(TILE, 2, 2, 1, 1)                    \
    X(TRANSPOSE, 2, 2, 1, 1)               \
    X(TRANSPOSE_CONV, 3, 4, 1, 1)          \
    X(UNPACK, 1, 1, 1, 255)

enum lp_op_kind {
#define X(name, min_inputs, max_inputs, min_outputs, max_outputs) LP_OP_##name,
    LP_OP_KINDS(X)
#undef X
        LP_OP_KIND_COUNT
};

struct lp_op_kind_info {
    const char *name;
    unsigned char min_inputs, max_inputs, min_outputs, max_outputs;
};

extern const struct lp_op_kind_info lp_op_kind_table[LP_OP_KIND_COUNT];

#endif
