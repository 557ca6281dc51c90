#include "compiler/analyze/fold.h"

#include "compiler/semantics/semantics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One row per operator. */
static lp_shape_rule *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ABS] = lp_shape_like_input,
    [LP_OP_ADD] = lp_shape_broadcast,
    [LP_OP_ARG_MAX] = lp_shape_arg_max,
    [LP_OP_ARG_MIN] = lp_shape_arg_max,
    [LP_OP_AVERAGE_POOL_2D] = lp_shape_pool_2d,
    [LP_OP_BATCH_MATMUL] = lp_shape_batch_matmul,
    [LP_OP_BATCH_TO_SPACE_ND] = lp_shape_batch_to_space,
    [LP_OP_BROADCAST_TO] = lp_shape_move,
    [LP_OP_CAST] = lp_shape_like_input,
    [LP_OP_CONCATENATION] = lp_shape_move,
    [LP_OP_CONV_2D] = lp_shape_conv_2d,
    [LP_OP_DEPTHWISE_CONV_2D] = lp_shape_depthwise_conv_2d,
    [LP_OP_DEPTH_TO_SPACE] = lp_shape_move,
    [LP_OP_DEQUANTIZE] = lp_shape_like_input,
    [LP_OP_DIV] = lp_shape_broadcast,
    [LP_OP_ELU] = lp_shape_like_input,
    [LP_OP_EXP] = lp_shape_like_input,
    [LP_OP_EXPAND_DIMS] = lp_shape_expand_dims,
    [LP_OP_FILL] = lp_shape_move,
    [LP_OP_FLOOR_DIV] = lp_shape_broadcast,
    [LP_OP_FLOOR_MOD] = lp_shape_broadcast,
    [LP_OP_FULLY_CONNECTED] = lp_shape_fully_connected,
    [LP_OP_GATHER] = lp_shape_gather,
    [LP_OP_GELU] = lp_shape_like_input,
    [LP_OP_HARD_SWISH] = lp_shape_like_input,
    [LP_OP_L2_NORMALIZATION] = lp_shape_like_input,
    [LP_OP_LEAKY_RELU] = lp_shape_like_input,
    [LP_OP_LOG] = lp_shape_like_input,
    [LP_OP_LOGISTIC] = lp_shape_like_input,
    [LP_OP_LOG_SOFTMAX] = lp_shape_like_input,
    [LP_OP_MAXIMUM] = lp_shape_broadcast,
    [LP_OP_MAX_POOL_2D] = lp_shape_pool_2d,
    [LP_OP_MEAN] = lp_shape_mean,
    [LP_OP_MINIMUM] = lp_shape_broadcast,
    [LP_OP_MIRROR_PAD] = lp_shape_mirror_pad,
    [LP_OP_MUL] = lp_shape_broadcast,
    [LP_OP_PACK] = lp_shape_move,
    [LP_OP_PAD] = lp_shape_pad,
    [LP_OP_PADV2] = lp_shape_pad,
    [LP_OP_PRELU] = lp_shape_broadcast,
    [LP_OP_QUANTIZE] = lp_shape_like_input,
    [LP_OP_RANGE] = lp_shape_range,
    [LP_OP_REDUCE_MAX] = lp_shape_mean,
    [LP_OP_REDUCE_MIN] = lp_shape_mean,
    [LP_OP_RELU] = lp_shape_like_input,
    [LP_OP_RELU6] = lp_shape_like_input,
    [LP_OP_RELU_0_TO_1] = lp_shape_like_input,
    [LP_OP_RELU_N1_TO_1] = lp_shape_like_input,
    [LP_OP_RESHAPE] = lp_shape_reshape,
    [LP_OP_RESIZE_BILINEAR] = lp_shape_resize,
    [LP_OP_RESIZE_NEAREST_NEIGHBOR] = lp_shape_resize,
    [LP_OP_REVERSE_V2] = lp_shape_move,
    [LP_OP_RSQRT] = lp_shape_like_input,
    [LP_OP_SHAPE] = lp_shape_shape,
    [LP_OP_SLICE] = lp_shape_move,
    [LP_OP_SOFTMAX] = lp_shape_like_input,
    [LP_OP_SPACE_TO_BATCH_ND] = lp_shape_space_to_batch,
    [LP_OP_SPACE_TO_DEPTH] = lp_shape_move,
    [LP_OP_SPLIT] = lp_shape_move,
    [LP_OP_SPLIT_V] = lp_shape_move,
    [LP_OP_SQRT] = lp_shape_like_input,
    [LP_OP_SQUARED_DIFFERENCE] = lp_shape_broadcast,
    [LP_OP_SQUEEZE] = lp_shape_squeeze,
    [LP_OP_STRIDED_SLICE] = lp_shape_move,
    [LP_OP_SUB] = lp_shape_broadcast,
    [LP_OP_SVDF] = lp_shape_svdf,
    [LP_OP_TANH] = lp_shape_like_input,
    [LP_OP_TILE] = lp_shape_move,
    [LP_OP_TRANSPOSE] = lp_shape_move,
    [LP_OP_TRANSPOSE_CONV] = lp_shape_transpose_conv,
    [LP_OP_UNPACK] = lp_shape_move,
};

lp_status lp_shape_error(const struct lp_shape_work *w, lp_status status, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return lp_error(w->diag, status, "operator %u (%s '%.100s'): %s", (unsigned)w->op->source_index,
                    lp_op_kind_table[w->op->kind].name, lp_op_name(w->graph, w->op), what);
}

const char *lp_shape_name(const struct lp_shape *shape, char buffer[LP_SHAPE_TEXT_BYTES])
{
    size_t used = 0;
    snprintf(buffer, LP_SHAPE_TEXT_BYTES, "scalar");
    for (uint32_t i = 0; i < shape->rank && used < LP_SHAPE_TEXT_BYTES; i++) {
        int put = snprintf(buffer + used, LP_SHAPE_TEXT_BYTES - used, i == 0 ? "%lld" : "x%lld", (long long)shape->dims[i]);
        used += put < 0 ? 0 : (size_t)put;
    }
    return buffer;
}

struct lp_shape lp_shape_of(const struct lp_tensor *tensor)
{
    struct lp_shape shape = {.rank = tensor->rank};
    for (uint32_t i = 0; i < shape.rank; i++)
        shape.dims[i] = tensor->dims[i];
    return shape;
}

static bool same_shape(const struct lp_shape *a, const struct lp_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (uint32_t i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

/* A few hundred bytes of model could ask for gigabytes of intervals. */
enum { LP_SHAPE_MOST_CHANNELS = 1 << 20 };

/* Every dimension is positive and the whole tensor stays below 2 GiB, so that nobody's products of dimensions overflow. */
static lp_status check_size(const struct lp_shape_work *w, const struct lp_shape *shape, enum lp_element element,
                            const char *what, uint32_t index)
{
    char text[LP_SHAPE_TEXT_BYTES];
    int64_t bytes = lp_element_bytes(element);
    for (uint32_t i = 0; i < shape->rank; i++) {
        if (shape->dims[i] <= 0)
            return lp_shape_error(w, LP_BAD_INPUT, "%s %u has the shape %s; every dimension has to be at least 1", what,
                                  (unsigned)index, lp_shape_name(shape, text));
        if (shape->dims[i] > INT32_MAX / bytes)
            return lp_shape_error(w, LP_BAD_INPUT, "%s %u has the shape %s; a tensor has to be smaller than 2 GiB", what,
                                  (unsigned)index, lp_shape_name(shape, text));
        bytes *= shape->dims[i];
    }
    if (shape->rank != 0 && shape->dims[shape->rank - 1] > LP_SHAPE_MOST_CHANNELS)
        return lp_shape_error(
            w, LP_UNSUPPORTED,
            "%s %u has the shape %s; of the last dimension, which is followed element by element, %d are allowed: "
            "split it in two",
            what, (unsigned)index, lp_shape_name(shape, text), LP_SHAPE_MOST_CHANNELS);
    return LP_OK;
}

lp_status lp_shape_set(struct lp_shape_work *w, uint32_t output, const struct lp_shape *shape)
{
    struct lp_tensor *tensor = lp_op_output(w->graph, w->op, output);
    if (tensor == NULL)
        return lp_shape_error(w, LP_BAD_INPUT, "output %u is missing", (unsigned)output);
    lp_status status = check_size(w, shape, tensor->element, "output", output);
    if (status != LP_OK)
        return status;
    struct lp_shape declared = lp_shape_of(tensor);
    if (declared.rank != 0 && !same_shape(&declared, shape)) {
        char said[LP_SHAPE_TEXT_BYTES];
        char computed[LP_SHAPE_TEXT_BYTES];
        return lp_shape_error(w, LP_BAD_INPUT,
                              "the model file says that its output has the shape %s, but its inputs and options give %s",
                              lp_shape_name(&declared, said), lp_shape_name(shape, computed));
    }
    tensor->rank = (uint8_t)shape->rank;
    for (uint32_t i = 0; i < shape->rank; i++)
        tensor->dims[i] = (int32_t)shape->dims[i];
    return LP_OK;
}

lp_status lp_shape_need_rank(const struct lp_shape_work *w, uint32_t input, uint32_t rank, const char *what)
{
    const struct lp_tensor *tensor = lp_op_input(w->graph, w->op, input);
    if (tensor->rank == rank)
        return LP_OK;
    struct lp_shape shape = lp_shape_of(tensor);
    char text[LP_SHAPE_TEXT_BYTES];
    return lp_shape_error(w, LP_BAD_INPUT, "%s has the shape %s (%u dimensions); it has to have %u", what,
                          lp_shape_name(&shape, text), (unsigned)tensor->rank, (unsigned)rank);
}

lp_status lp_shape_check_bias(const struct lp_shape_work *w, uint32_t input, int64_t channels)
{
    const struct lp_tensor *bias = lp_op_input(w->graph, w->op, input);
    if (bias == NULL || lp_tensor_elements(bias) == channels)
        return LP_OK;
    return lp_shape_error(w, LP_BAD_INPUT, "its bias has %lld values for %lld output channels; it needs one for each",
                          (long long)lp_tensor_elements(bias), (long long)channels);
}

static int64_t number_of(const struct lp_tensor *tensor, int64_t i)
{
    return tensor->element == LP_ELEMENT_INT32 ? ((const int32_t *)tensor->data)[i] : ((const int64_t *)tensor->data)[i];
}

lp_status lp_shape_constant(const struct lp_shape_work *w, uint32_t input, const char *what, int64_t *values, uint32_t limit,
                            uint32_t *count)
{
    const struct lp_tensor *tensor = lp_op_input(w->graph, w->op, input);
    if (tensor->data == NULL)
        return lp_shape_error(w, LP_UNSUPPORTED,
                              "%s is computed at run time; only constants are supported: give the model fixed shapes", what);
    if (tensor->element != LP_ELEMENT_INT32 && tensor->element != LP_ELEMENT_INT64)
        return lp_shape_error(w, LP_BAD_INPUT, "%s is of type %s; int32 and int64 are allowed", what,
                              lp_element_name(tensor->element));
    int64_t elements = lp_tensor_elements(tensor);
    if (elements > limit)
        return lp_shape_error(w, LP_BAD_INPUT, "%s has %lld values; at most %u are allowed here", what, (long long)elements,
                              (unsigned)limit);
    for (int64_t i = 0; i < elements; i++)
        values[i] = number_of(tensor, i);
    *count = (uint32_t)elements;
    return LP_OK;
}

lp_status lp_shape_operand(const struct lp_shape_work *w, uint32_t input, const char *what, int64_t *values, uint32_t *count)
{
    const struct lp_tensor *tensor = lp_op_input(w->graph, w->op, input);
    int64_t expected[LP_MAX_RANK];
    size_t bytes = lp_expected_operand(w->graph, w->op, input, expected);
    if (bytes == 0)
        return lp_shape_constant(w, input, what, values, LP_MAX_RANK, count);
    const struct lp_tensor as_constant = {.element = tensor->element, .rank = 1, .data = expected};
    *count = (uint32_t)(bytes / lp_element_bytes(tensor->element));
    for (uint32_t i = 0; i < *count; i++)
        values[i] = number_of(&as_constant, i);
    return LP_OK;
}

lp_status lp_shape_axis(const struct lp_shape_work *w, int64_t axis, uint32_t rank, uint32_t *out)
{
    if (axis < -(int64_t)rank || axis >= (int64_t)rank)
        return lp_shape_error(w, LP_BAD_INPUT, "axis %lld is out of range for %u dimensions", (long long)axis, (unsigned)rank);
    *out = (uint32_t)(axis < 0 ? axis + rank : axis);
    return LP_OK;
}

/* Rules may dereference every required input, and multiply dimensions of any input. */
static lp_status check_inputs(const struct lp_shape_work *w)
{
    const struct lp_op_kind_info *info = &lp_op_kind_table[w->op->kind];
    if (w->op->input_count < info->min_inputs || w->op->input_count > info->max_inputs)
        return lp_shape_error(w, LP_BAD_INPUT, "it has %u inputs; %u to %u are allowed", (unsigned)w->op->input_count,
                              (unsigned)info->min_inputs, (unsigned)info->max_inputs);
    for (uint32_t i = 0; i < w->op->input_count; i++) {
        const struct lp_tensor *tensor = lp_op_input(w->graph, w->op, i);
        if (tensor == NULL && !lp_op_may_lack(w->op->kind, i))
            return lp_shape_error(w, LP_BAD_INPUT, "input %u is missing", (unsigned)i);
        if (tensor == NULL)
            continue;
        if (tensor->rank > LP_MAX_RANK)
            return lp_shape_error(w, LP_BAD_INPUT, "input %u has %u dimensions; at most %d are allowed", (unsigned)i,
                                  (unsigned)tensor->rank, LP_MAX_RANK);
        struct lp_shape shape = lp_shape_of(tensor);
        lp_status status = check_size(w, &shape, tensor->element, "input", i);
        if (status != LP_OK)
            return status;
    }
    return LP_OK;
}

lp_status lp_analyze_shapes(struct lp_graph *graph, struct lp_diag *diag)
{
    int64_t room = LP_FOLD_ALL_BYTES;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < graph->op_count; i++) {
        bool is_folded = false;
        struct lp_shape_work w = {.graph = graph, .diag = diag, .op = &graph->ops[i]};
        lp_status status = check_inputs(&w);
        if (status == LP_OK)
            status = rules[w.op->kind](&w);
        if (status == LP_OK)
            status = lp_fold(&w, &room, &is_folded);
        if (status != LP_OK)
            return status;
        if (!is_folded)
            graph->ops[kept++] = graph->ops[i];
    }
    graph->op_count = kept;
    return LP_OK;
}
