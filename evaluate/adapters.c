#include "evaluate/adapters.h"

#include "compiler/semantics/semantics.h"
#include "evaluate/kernel_functions.h"
#include "runtime/kernels/kernels.h"

#include <string.h>

/* Memory of the operator's i-th tensor; null for an optional one that is absent. */
static void *in(const struct lp_adapting *a, uint32_t i)
{
    int32_t tensor = i < a->op->input_count ? a->op->inputs[i] : LP_NO_TENSOR;
    return tensor == LP_NO_TENSOR ? NULL : a->evaluation->values[tensor];
}

static void *out(const struct lp_adapting *a)
{
    return a->evaluation->values[a->op->outputs[0]];
}

/* New argument structure of a further step; null, and `status` set, without memory. */
static void *new_args(struct lp_adapting *a, lp_kernel *run, size_t size_bytes, lp_status *status)
{
    void *args = lp_arena_alloc(&a->evaluation->arena, 1, size_bytes);
    *status = args == NULL ? lp_no_memory(a->diag) : lp_evaluate_add_step(a->evaluation, a->op, run, args, a->diag);
    return args;
}

#define NEW_ARGS(a, kernel, type, status) ((struct type *)new_args((a), (kernel), sizeof(struct type), (status)))

/* The operators with weights differ in their structure only, and in which operand is the input. */
#define WEIGHTED_ADAPTER(name, kernel, args_struct, params, input)                            \
    static lp_status name(struct lp_adapting *a)                                              \
    {                                                                                         \
        struct lp_evaluation *e = a->evaluation;                                              \
        struct lp_channel_scales scales = {0, NULL, NULL};                                    \
        lp_status status = LP_OK;                                                             \
        struct args_struct *args = NEW_ARGS(a, kernel, args_struct, &status);                 \
        if (status == LP_OK)                                                                  \
            status = params(e->graph, a->op, e->rounding, &e->arena, a->diag, args, &scales); \
        if (status != LP_OK)                                                                  \
            return status;                                                                    \
        args->in = in(a, input);                                                              \
        args->weight = in(a, 1);                                                              \
        args->bias = in(a, (input) == 0 ? 2 : 3);                                             \
        args->multiplier = scales.multiplier;                                                 \
        args->shift = scales.shift;                                                           \
        args->out = out(a);                                                                   \
        return LP_OK;                                                                         \
    }

WEIGHTED_ADAPTER(conv2d_s16, lp_conv2d_s16__reference, lp_conv2d_s16, lp_conv2d_s16_params, 0)
WEIGHTED_ADAPTER(conv2d_s8, lp_conv2d_s8__reference, lp_conv2d_s8, lp_conv2d_params, 0)
WEIGHTED_ADAPTER(depthwise_conv2d_s8, lp_depthwise_conv2d_s8__reference, lp_depthwise_conv2d_s8, lp_depthwise_conv2d_params, 0)
WEIGHTED_ADAPTER(fully_connected_s8, lp_fully_connected_s8__reference, lp_fully_connected_s8, lp_fully_connected_params, 0)

static bool is_int16(const struct lp_adapting *a)
{
    return lp_op_output(a->evaluation->graph, a->op, 0)->element == LP_ELEMENT_INT16;
}

static lp_status conv2d(struct lp_adapting *a)
{
    return is_int16(a) ? conv2d_s16(a) : conv2d_s8(a);
}

static lp_status depthwise_conv2d(struct lp_adapting *a)
{
    return is_int16(a) ? conv2d_s16(a) : depthwise_conv2d_s8(a);
}

static lp_status fully_connected(struct lp_adapting *a)
{
    return is_int16(a) ? conv2d_s16(a) : fully_connected_s8(a);
}

/* One input, one output. `params` is called with the structure as `args`. */
#define UNARY_ADAPTER(name, kernel, args_struct, params)                      \
    static lp_status name(struct lp_adapting *a)                              \
    {                                                                         \
        lp_status status = LP_OK;                                             \
        struct args_struct *args = NEW_ARGS(a, kernel, args_struct, &status); \
        if (status == LP_OK)                                                  \
            status = params;                                                  \
        if (status != LP_OK)                                                  \
            return status;                                                    \
        args->in = in(a, 0);                                                  \
        args->out = out(a);                                                   \
        return LP_OK;                                                         \
    }
#define ROUNDED(function) function(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args)
#define UNROUNDED(function) function(a->evaluation->graph, a->op, a->diag, args)

UNARY_ADAPTER(average_pool, lp_average_pool_s8__reference, lp_pool_s8, UNROUNDED(lp_pool_params))
UNARY_ADAPTER(max_pool, lp_max_pool_s8__reference, lp_pool_s8, UNROUNDED(lp_pool_params))
UNARY_ADAPTER(mean, lp_mean_s8__reference, lp_mean_s8, ROUNDED(lp_mean_params))
UNARY_ADAPTER(pad, lp_pad__reference, lp_pad, UNROUNDED(lp_pad_params))
UNARY_ADAPTER(softmax_s8, lp_softmax_s8__reference, lp_softmax_s8, ROUNDED(lp_softmax_params))
UNARY_ADAPTER(requantize_s8, lp_requantize_s8__reference, lp_requantize_s8, ROUNDED(lp_requantize_s8_params))
UNARY_ADAPTER(requantize, lp_requantize__reference, lp_requantize, ROUNDED(lp_requantize_params))
UNARY_ADAPTER(quantize_float, lp_quantize__reference, lp_quantize, UNROUNDED(lp_quantize_params))
UNARY_ADAPTER(dequantize, lp_dequantize__reference, lp_dequantize, UNROUNDED(lp_dequantize_params))
UNARY_ADAPTER(copy, lp_copy__reference, lp_copy, UNROUNDED(lp_copy_params))

static lp_status quantize(struct lp_adapting *a)
{
    switch (lp_quantize_form(a->evaluation->graph, a->op)) {
    case LP_QUANTIZE_INT8: return requantize_s8(a);
    case LP_QUANTIZE_FLOAT: return quantize_float(a);
    default: return requantize(a);
    }
}

static lp_status binary(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    /* Without a symbol lp_binary_params says why. */
    const char *symbol = lp_binary_symbol(a->evaluation->graph, a->op);
    struct lp_binary *args = NEW_ARGS(a, symbol == NULL ? NULL : lp_kernel_function(symbol), lp_binary, &status);
    if (status == LP_OK)
        status = lp_binary_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args);
    if (status != LP_OK)
        return status;
    args->in1 = in(a, 0);
    args->in2 = in(a, 1);
    args->out = out(a);
    return LP_OK;
}

static lp_status batch_matmul(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    lp_kernel *run = lp_kernel_function(lp_batch_matmul_symbol(a->evaluation->graph, a->op));
    struct lp_batch_matmul *args = NEW_ARGS(a, run, lp_batch_matmul, &status);
    if (status == LP_OK)
        status = lp_batch_matmul_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args);
    if (status != LP_OK)
        return status;
    args->in1 = in(a, 0);
    args->in2 = in(a, 1);
    args->out = out(a);
    return LP_OK;
}

static lp_status table(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    struct lp_table_s8 *args = NEW_ARGS(a, lp_table_s8__reference, lp_table_s8, &status);
    int8_t *values = LP_NEW_ARRAY(&a->evaluation->arena, LP_TABLE_BYTES, int8_t);
    if (status == LP_OK && values == NULL)
        status = lp_no_memory(a->diag);
    if (status == LP_OK)
        status = lp_table_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, values, args);
    if (status != LP_OK)
        return status;
    args->in = in(a, 0);
    args->table = values;
    args->out = out(a);
    return LP_OK;
}

WEIGHTED_ADAPTER(transpose_conv_s8, lp_transpose_conv_s8__reference, lp_transpose_conv_s8, lp_transpose_conv_params, 2)
WEIGHTED_ADAPTER(transpose_conv_s16, lp_transpose_conv_s16__reference, lp_transpose_conv_s16, lp_transpose_conv_s16_params, 2)

static lp_status transpose_conv(struct lp_adapting *a)
{
    return is_int16(a) ? transpose_conv_s16(a) : transpose_conv_s8(a);
}

static lp_status sigmoid(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    if (!is_int16(a))
        return table(a);
    struct lp_sigmoid_s16 *args = NEW_ARGS(a, lp_sigmoid_s16__reference, lp_sigmoid_s16, &status);
    int16_t *values = LP_NEW_ARRAY(&a->evaluation->arena, LP_SIGMOID_TABLE, int16_t);
    if (status == LP_OK && values == NULL)
        status = lp_no_memory(a->diag);
    if (status == LP_OK)
        status = lp_sigmoid_s16_params(a->evaluation->graph, a->op, a->diag, args);
    if (status != LP_OK)
        return status;
    lp_sigmoid_table(values);
    args->in = in(a, 0);
    args->table = values;
    args->out = out(a);
    return LP_OK;
}

static lp_status softmax(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    if (!is_int16(a))
        return softmax_s8(a);
    struct lp_softmax_s16 *args = NEW_ARGS(a, lp_softmax_s16__reference, lp_softmax_s16, &status);
    int16_t *tables = LP_NEW_ARRAY(&a->evaluation->arena, 2 * LP_LOOKUP_S16, int16_t);
    if (status == LP_OK && tables == NULL)
        status = lp_no_memory(a->diag);
    if (status == LP_OK)
        status = lp_softmax_s16_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args);
    if (status != LP_OK)
        return status;
    lp_softmax_s16_tables(tables, tables + LP_LOOKUP_S16);
    args->in = in(a, 0);
    args->exp_table = tables;
    args->reciprocal_table = tables + LP_LOOKUP_S16;
    args->out = out(a);
    return LP_OK;
}

UNARY_ADAPTER(leaky_relu_s16, lp_leaky_relu_s16__reference, lp_leaky_relu_s16, ROUNDED(lp_leaky_relu_s16_params))

static lp_status leaky_relu(struct lp_adapting *a)
{
    return is_int16(a) ? leaky_relu_s16(a) : table(a);
}

UNARY_ADAPTER(arg_max, lp_arg_max__reference, lp_arg_max, UNROUNDED(lp_arg_max_params))
UNARY_ADAPTER(reduce, lp_reduce__reference, lp_reduce, UNROUNDED(lp_reduce_params))
UNARY_ADAPTER(resize_bilinear, lp_resize_bilinear_s8__reference, lp_resize_bilinear_s8, ROUNDED(lp_resize_bilinear_params))
UNARY_ADAPTER(l2_normalization, lp_l2_normalization_s8__reference, lp_l2_normalization_s8, ROUNDED(lp_l2_normalization_params))
UNARY_ADAPTER(log_softmax, lp_log_softmax_s8__reference, lp_log_softmax_s8, ROUNDED(lp_log_softmax_params))

static lp_status add(struct lp_adapting *a)
{
    if (lp_op_input(a->evaluation->graph, a->op, 0)->element != LP_ELEMENT_INT8)
        return binary(a);
    lp_status status = LP_OK;
    struct lp_add_s8 *args = NEW_ARGS(a, lp_add_s8__reference, lp_add_s8, &status);
    if (status == LP_OK)
        status = lp_add_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args);
    if (status != LP_OK)
        return status;
    args->in1 = in(a, 0);
    args->in2 = in(a, 1);
    args->out = out(a);
    return LP_OK;
}

UNARY_ADAPTER(cast, lp_cast__reference, lp_cast, UNROUNDED(lp_cast_params))
UNARY_ADAPTER(mirror_pad, lp_mirror_pad__reference, lp_mirror_pad, UNROUNDED(lp_mirror_pad_params))
UNARY_ADAPTER(resize_nearest, lp_resize_nearest__reference, lp_resize_nearest, UNROUNDED(lp_resize_nearest_params))
UNARY_ADAPTER(space_to_batch, lp_space_to_batch__reference, lp_space_batch, UNROUNDED(lp_space_batch_params))
UNARY_ADAPTER(batch_to_space, lp_batch_to_space__reference, lp_space_batch, UNROUNDED(lp_space_batch_params))

static lp_status gather(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    struct lp_gather *args = NEW_ARGS(a, lp_gather__reference, lp_gather, &status);
    if (status == LP_OK)
        status = lp_gather_params(a->evaluation->graph, a->op, a->diag, args);
    if (status != LP_OK)
        return status;
    args->in = in(a, 0);
    args->indices = in(a, 1);
    args->out = out(a);
    return LP_OK;
}

static lp_status svdf(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    struct lp_svdf_s8 *args = NEW_ARGS(a, lp_svdf_s8__reference, lp_svdf_s8, &status);
    if (status == LP_OK)
        status = lp_svdf_params(a->evaluation->graph, a->op, a->evaluation->rounding, a->diag, args);
    if (status != LP_OK)
        return status;
    args->in = in(a, 0);
    args->feature_weight = in(a, 1);
    args->time_weight = in(a, 2);
    args->bias = in(a, 3);
    args->old_state = in(a, 4);
    args->out = out(a);
    args->new_state = a->evaluation->values[a->op->outputs[1]];
    return LP_OK;
}

static lp_status moves(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < lp_move_part_count(a->op) && status == LP_OK; i++) {
        struct lp_move_part part;
        struct lp_move *args = NEW_ARGS(a, lp_move__reference, lp_move, &status);
        if (status == LP_OK)
            status = lp_move_params(a->evaluation->graph, a->op, i, a->diag, &part, args);
        if (status != LP_OK)
            return status;
        args->in = in(a, part.input);
        args->out = a->evaluation->values[a->op->outputs[part.output]];
    }
    return status;
}

lp_status lp_adapt_expected(struct lp_adapting *a)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < a->op->input_count && status == LP_OK; i++) {
        int64_t values[LP_MAX_RANK];
        size_t bytes = lp_expected_operand(a->evaluation->graph, a->op, i, values);
        if (bytes == 0)
            continue;
        void *expected = lp_arena_alloc(&a->evaluation->arena, 1, bytes);
        if (expected == NULL)
            return lp_no_memory(a->diag);
        memcpy(expected, values, bytes);
        struct lp_expect *args = NEW_ARGS(a, lp_expect__reference, lp_expect, &status);
        if (status == LP_OK)
            *args = (struct lp_expect){.in = in(a, i), .expected = expected, .size_bytes = (uint32_t)bytes};
    }
    return status;
}

lp_adapter *const lp_adapters[LP_OP_KIND_COUNT] = {
    [LP_OP_ABS] = table,
    [LP_OP_ADD] = add,
    [LP_OP_ARG_MAX] = arg_max,
    [LP_OP_ARG_MIN] = arg_max,
    [LP_OP_AVERAGE_POOL_2D] = average_pool,
    [LP_OP_BATCH_MATMUL] = batch_matmul,
    [LP_OP_BATCH_TO_SPACE_ND] = batch_to_space,
    [LP_OP_BROADCAST_TO] = moves,
    [LP_OP_CAST] = cast,
    [LP_OP_CONCATENATION] = moves,
    [LP_OP_CONV_2D] = conv2d,
    [LP_OP_DEPTHWISE_CONV_2D] = depthwise_conv2d,
    [LP_OP_DEPTH_TO_SPACE] = moves,
    [LP_OP_DEQUANTIZE] = dequantize,
    [LP_OP_ELU] = table,
    [LP_OP_EXP] = table,
    [LP_OP_EXPAND_DIMS] = copy,
    [LP_OP_FILL] = moves,
    [LP_OP_FULLY_CONNECTED] = fully_connected,
    [LP_OP_GATHER] = gather,
    [LP_OP_GELU] = table,
    [LP_OP_HARD_SWISH] = table,
    [LP_OP_L2_NORMALIZATION] = l2_normalization,
    [LP_OP_LEAKY_RELU] = leaky_relu,
    [LP_OP_LOG] = table,
    [LP_OP_LOGISTIC] = sigmoid,
    [LP_OP_LOG_SOFTMAX] = log_softmax,
    [LP_OP_MAXIMUM] = binary,
    [LP_OP_MAX_POOL_2D] = max_pool,
    [LP_OP_MEAN] = mean,
    [LP_OP_MINIMUM] = binary,
    [LP_OP_MIRROR_PAD] = mirror_pad,
    [LP_OP_MUL] = binary,
    [LP_OP_PACK] = moves,
    [LP_OP_PAD] = pad,
    [LP_OP_PADV2] = pad,
    [LP_OP_PRELU] = binary,
    [LP_OP_QUANTIZE] = quantize,
    [LP_OP_REDUCE_MAX] = reduce,
    [LP_OP_REDUCE_MIN] = reduce,
    [LP_OP_RELU] = requantize_s8,
    [LP_OP_RELU6] = requantize_s8,
    [LP_OP_RELU_0_TO_1] = requantize_s8,
    [LP_OP_RELU_N1_TO_1] = requantize_s8,
    [LP_OP_RESHAPE] = copy,
    [LP_OP_RESIZE_BILINEAR] = resize_bilinear,
    [LP_OP_RESIZE_NEAREST_NEIGHBOR] = resize_nearest,
    [LP_OP_REVERSE_V2] = moves,
    [LP_OP_RSQRT] = table,
    [LP_OP_SLICE] = moves,
    [LP_OP_SOFTMAX] = softmax,
    [LP_OP_SPACE_TO_BATCH_ND] = space_to_batch,
    [LP_OP_SPACE_TO_DEPTH] = moves,
    [LP_OP_SPLIT] = moves,
    [LP_OP_SPLIT_V] = moves,
    [LP_OP_SQRT] = table,
    [LP_OP_SQUARED_DIFFERENCE] = binary,
    [LP_OP_SQUEEZE] = copy,
    [LP_OP_STRIDED_SLICE] = moves,
    [LP_OP_SUB] = binary,
    [LP_OP_SVDF] = svdf,
    [LP_OP_TANH] = sigmoid,
    [LP_OP_TILE] = moves,
    [LP_OP_TRANSPOSE] = moves,
    [LP_OP_TRANSPOSE_CONV] = transpose_conv,
    [LP_OP_UNPACK] = moves,
};
