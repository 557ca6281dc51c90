/* The single place where real numbers become integers: an operator of the graph -> the argument structure of its kernel.
 *
 * Every lp_*_params function
 * - needs: the graph verified and its shapes analyzed (lp_analyze_shapes fills in the windows' pads);
 * - checks element types, ranks and quantization of every operand. LP_UNSUPPORTED: understood but not built, the message
 *   says what is allowed. LP_BAD_INPUT: the operands contradict each other. Messages name the operator;
 * - fills in `out` completely except its pointers, which stay null;
 * - takes zero points as they are: folding them into biases is a matter of lowering.
 * Arithmetic follows TensorFlow Lite Micro (see contract/requantize.h), including which factors it computes in float32. */
#ifndef LP_SEMANTICS_SEMANTICS_H
#define LP_SEMANTICS_SEMANTICS_H

#include "compiler/graph/graph.h"
#include "contract/kernel_args.h"

/* What out->multiplier and out->shift are to point to. count is 1, or the number of output channels. */
struct lp_channel_scales {
    uint32_t count;
    int32_t *multiplier;
    int8_t *shift; /* -31..30 */
};

lp_status lp_conv2d_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                           struct lp_arena *arena, struct lp_diag *diag, struct lp_conv2d_s8 *out,
                           struct lp_channel_scales *scales);
lp_status lp_depthwise_conv2d_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                     struct lp_arena *arena, struct lp_diag *diag, struct lp_depthwise_conv2d_s8 *out,
                                     struct lp_channel_scales *scales);
lp_status lp_fully_connected_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                    struct lp_arena *arena, struct lp_diag *diag, struct lp_fully_connected_s8 *out,
                                    struct lp_channel_scales *scales);

/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int16. */
lp_status lp_conv2d_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                               struct lp_arena *arena, struct lp_diag *diag, struct lp_conv2d_s16 *out,
                               struct lp_channel_scales *scales);

lp_status lp_add_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                        struct lp_add_s8 *out);
/* ADD of int16, SUB, MUL, MAXIMUM, MINIMUM, PRELU, SQUARED_DIFFERENCE, and which kernel serves it; null for ADD of int8, which has lp_add_params. */
lp_status lp_binary_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                           struct lp_binary *out);
const char *lp_binary_symbol(const struct lp_graph *graph, const struct lp_op *op);

/* ABS, ELU, EXP, GELU, HARD_SWISH, LEAKY_RELU, LOG, LOGISTIC, RSQRT, SQRT, TANH of int8: the result for every input, beginning
 * at -128. */
enum { LP_TABLE_BYTES = 256 };
lp_status lp_table_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                          int8_t table[LP_TABLE_BYTES], struct lp_table_s8 *out);

/* LOGISTIC and TANH of int16, and the table that all of them read. */
lp_status lp_sigmoid_s16_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                struct lp_sigmoid_s16 *out);
void lp_sigmoid_table(int16_t table[LP_SIGMOID_TABLE]);

/* SOFTMAX of int16, and the tables that all of them read. */
lp_status lp_softmax_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                struct lp_diag *diag, struct lp_softmax_s16 *out);
void lp_softmax_s16_tables(int16_t exp_table[LP_LOOKUP_S16], int16_t reciprocal_table[LP_LOOKUP_S16]);

/* Its inputs: in, weights of the features, weights in time, bias, state; its outputs: out, the next state. */
lp_status lp_svdf_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                         struct lp_svdf_s8 *out);

/* LEAKY_RELU of int16. */
lp_status lp_leaky_relu_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                   struct lp_diag *diag, struct lp_leaky_relu_s16 *out);

lp_status lp_transpose_conv_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                   struct lp_arena *arena, struct lp_diag *diag, struct lp_transpose_conv_s8 *out,
                                   struct lp_channel_scales *scales);
lp_status lp_transpose_conv_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                       struct lp_arena *arena, struct lp_diag *diag, struct lp_transpose_conv_s16 *out,
                                       struct lp_channel_scales *scales);
/* Of int8 or int16, and which kernel serves it. */
const char *lp_batch_matmul_symbol(const struct lp_graph *graph, const struct lp_op *op);
lp_status lp_batch_matmul_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                 struct lp_diag *diag, struct lp_batch_matmul *out);
/* ARG_MAX and ARG_MIN; REDUCE_MAX and REDUCE_MIN. */
lp_status lp_arg_max_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_arg_max *out);
lp_status lp_reduce_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_reduce *out);
lp_status lp_resize_bilinear_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                    struct lp_diag *diag, struct lp_resize_bilinear_s8 *out);
lp_status lp_l2_normalization_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                     struct lp_diag *diag, struct lp_l2_normalization_s8 *out);
lp_status lp_log_softmax_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                struct lp_diag *diag, struct lp_log_softmax_s8 *out);

/* AVERAGE_POOL_2D and MAX_POOL_2D. */
lp_status lp_pool_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_pool_s8 *out);
lp_status lp_mean_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                         struct lp_mean_s8 *out);
lp_status lp_pad_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_pad *out);
lp_status lp_softmax_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                            struct lp_softmax_s8 *out);

/* Which kernel a QUANTIZE, RELU or RELU6 needs. */
enum lp_quantize_form {
    LP_QUANTIZE_INT8,    /* int8 to int8: lp_requantize_s8 */
    LP_QUANTIZE_INTEGER, /* other integers: lp_requantize */
    LP_QUANTIZE_FLOAT    /* from float32: lp_quantize */
};
enum lp_quantize_form lp_quantize_form(const struct lp_graph *graph, const struct lp_op *op);
/* QUANTIZE of form INT8, RELU, RELU6. */
lp_status lp_requantize_s8_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                  struct lp_diag *diag, struct lp_requantize_s8 *out);
/* QUANTIZE of form INTEGER, refuses pairs of types that TensorFlow Lite does not have. */
lp_status lp_requantize_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                               struct lp_diag *diag, struct lp_requantize *out);
/* QUANTIZE of form FLOAT. */
lp_status lp_quantize_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_quantize *out);
lp_status lp_dequantize_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                               struct lp_dequantize *out);

/* RESHAPE, EXPAND_DIMS, SQUEEZE: the bytes stay as they are. */
lp_status lp_copy_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_copy *out);

/* Operators that only move elements are made of rectangular copies: CONCATENATION and PACK of one for each input, SPLIT,
 * SPLIT_V and UNPACK of one for each output, all others of a single one. */
enum { LP_MOVE_MOST_LOOPS = 2 * LP_MAX_RANK };
struct lp_move_loop {
    int64_t size, in_stride, out_stride; /* elements */
};
struct lp_move_part {
    uint32_t input, output; /* which of the operator's tensors it reads and writes */
    uint32_t rank;          /* the whole shape of that output, as inputs and options give it */
    int64_t dims[LP_MAX_RANK];
    uint32_t loop_count; /* the last one is the innermost */
    struct lp_move_loop loops[LP_MOVE_MOST_LOOPS];
    int64_t in_offset, out_offset; /* elements */
};
bool lp_op_moves(enum lp_op_kind kind);
uint32_t lp_move_part_count(const struct lp_op *op);
/* Needs the shapes of the operator's inputs only. Dimensions of the output may be 0 or too large: whoever sets the shape
 * checks them. */
lp_status lp_move_part_of(const struct lp_graph *graph, const struct lp_op *op, uint32_t part, struct lp_diag *diag,
                          struct lp_move_part *out);
/* Number `part` with as few loops as possible. LP_UNSUPPORTED beyond LP_MOVE_RANK of them. */
lp_status lp_move_params(const struct lp_graph *graph, const struct lp_op *op, uint32_t part, struct lp_diag *diag,
                         struct lp_move_part *shape, struct lp_move *out);

/* Every element that a part moves: where it comes from and where it goes, counted in elements. */
void lp_move_walk(const struct lp_move_part *part, void (*visit)(void *user, int64_t in, int64_t out), void *user);

/* PAD and PADV2 have lp_pad_params. */
lp_status lp_mirror_pad_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                               struct lp_mirror_pad *out);
lp_status lp_gather_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_gather *out);
/* SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND. */
lp_status lp_space_batch_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                struct lp_space_batch *out);
lp_status lp_resize_nearest_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                   struct lp_resize_nearest *out);
lp_status lp_cast_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_cast *out);

/* A shape operand that is an input of the graph: the operator is compiled for the shape that the model declares. The values
 * that the operand must have then, as its element type lays them out, into `values` (room for LP_MAX_RANK numbers of 64
 * bits); 0 bytes for any other operand. */
size_t lp_expected_operand(const struct lp_graph *graph, const struct lp_op *op, uint32_t input, void *values);

/* Made-up values of a graph input become ones that the network takes: shapes as declared, indices in range. */
void lp_fit_input(const struct lp_graph *graph, int32_t tensor, void *values);

/* The fused activation as a range of the int8 output. */
void lp_activation_range(enum lp_activation activation, const struct lp_tensor *output, int8_t *min, int8_t *max);
/* The same of an int8 or int16 output. */
void lp_activation_range_16(enum lp_activation activation, const struct lp_tensor *output, int16_t *min, int16_t *max);

/* Multiplications of weights with inputs, those with padding included; 0 for operators without weights. */
int64_t lp_op_macs(const struct lp_graph *graph, const struct lp_op *op);

/* True for an operand that only says what to do: a shape, axes, paddings. */
bool lp_op_is_instruction(enum lp_op_kind kind, uint32_t input);

/* Bytes of the operator's constant data operands as in the model file: weights, biases, a constant summand. Operands that
 * only say what to do (a shape, axes, paddings) don't count. */
int64_t lp_op_constants_bytes(const struct lp_graph *graph, const struct lp_op *op);

#endif
