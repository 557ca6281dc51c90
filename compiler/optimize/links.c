/* Which channels of an operator's inputs and outputs can only stay or go together. */
#include "compiler/optimize/links.h"

#include "compiler/semantics/semantics.h"

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t lp_link_number(const struct lp_tensor *numbers, int64_t i)
{
    return numbers->element == LP_ELEMENT_INT64 ? ((const int64_t *)numbers->data)[i] : ((const int32_t *)numbers->data)[i];
}

/* Slot k of the input becomes slot k of the output. */
static void tie_slots(struct lp_channels *c, int32_t in, int32_t out)
{
    for (uint32_t k = 0; k < c->period[in]; k++)
        lp_channels_tie(c, c->first[in] + k, c->first[out] + k % c->period[out]);
}

static lp_status open_free(struct lp_channels *c, const struct lp_op *op)
{
    lp_channels_open(c, op->outputs[0], lp_last_dim(lp_op_output(c->graph, op, 0)));
    return LP_OK;
}

lp_status lp_link_all(struct lp_channels *c, const struct lp_op *op)
{
    for (uint32_t i = 0; i < op->output_count; i++)
        lp_channels_open_whole(c, op->outputs[i]);
    for (uint32_t i = 0; i < op->input_count; i++)
        if (op->inputs[i] != LP_NO_TENSOR)
            lp_channels_pin(c, op->inputs[i]);
    return LP_OK;
}

/* Activations, requantization, and all changes of shape: what counts is the order of the elements, which stays. */
static lp_status link_elements(struct lp_channels *c, const struct lp_op *op)
{
    int32_t in = op->inputs[0];
    int32_t out = op->outputs[0];
    const struct lp_tensor *t = &c->graph->tensors[out];
    if (c->period[in] == 0)
        return lp_link_all(c, op);
    if (lp_channels_dim(t, c->inner[in], c->period[in]) >= 0)
        lp_channels_open_at(c, out, c->inner[in], c->period[in]);
    else if (c->inner[in] == 1)
        lp_channels_open(c, out, common_divisor(c->period[in], lp_last_dim(t)));
    else
        return lp_link_all(c, op);
    tie_slots(c, in, out);
    return LP_OK;
}

/* A SQUEEZE that finds nothing to squeeze, and has no list of dimensions, becomes a RESHAPE when its channels are few enough
 * to be squeezed; a .tflite has no room for that. */
static lp_status link_squeeze(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    bool finds_any = op->as.squeeze.count != 0;
    for (uint32_t d = 0; d < in->rank; d++)
        finds_any = finds_any || in->dims[d] == 1;
    return finds_any || !c->only_tflite ? link_elements(c, op) : lp_link_all(c, op);
}

/* Pools work on maps, and leave every channel where it is. */
static lp_status link_map(struct lp_channels *c, const struct lp_op *op)
{
    if (c->period[op->inputs[0]] == 0)
        return lp_link_all(c, op);
    lp_channels_open(c, op->outputs[0], c->period[op->inputs[0]]);
    tie_slots(c, op->inputs[0], op->outputs[0]);
    return LP_OK;
}

/* Both summands have their channels alike, wherever they lie. */
static bool are_alike(const struct lp_channels *c, const struct lp_op *op)
{
    int32_t a = op->inputs[0];
    int32_t b = op->inputs[1];
    return c->period[a] != 0 && c->period[a] == c->period[b] && c->inner[a] == c->inner[b] &&
           lp_tensors_same_shape(&c->graph->tensors[a], &c->graph->tensors[b]);
}

static lp_status link_add(struct lp_channels *c, const struct lp_op *op)
{
    uint32_t channels = lp_last_dim(lp_op_output(c->graph, op, 0));
    uint32_t period = channels;
    bool is_tied[2];
    if (are_alike(c, op)) {
        lp_channels_open_at(c, op->outputs[0], c->inner[op->inputs[0]], c->period[op->inputs[0]]);
        tie_slots(c, op->inputs[0], op->outputs[0]);
        tie_slots(c, op->inputs[1], op->outputs[0]);
        return LP_OK;
    }
    if (c->inner[op->inputs[0]] != 1 || c->inner[op->inputs[1]] != 1)
        return lp_link_all(c, op);
    for (uint32_t i = 0; i < 2; i++) {
        /* Constants follow the output, and what is repeated along the channels is needed by all of them. */
        is_tied[i] = c->period[op->inputs[i]] != 0 && lp_last_dim(lp_op_input(c->graph, op, i)) == channels;
        if (is_tied[i])
            period = common_divisor(c->period[op->inputs[i]], period);
        else
            lp_channels_pin(c, op->inputs[i]);
    }
    lp_channels_open(c, op->outputs[0], period);
    for (uint32_t i = 0; i < 2; i++)
        if (is_tied[i])
            tie_slots(c, op->inputs[i], op->outputs[0]);
    return LP_OK;
}

static bool is_reduced(const struct lp_op *op, const struct lp_graph *g, int64_t d)
{
    const struct lp_tensor *axes = lp_op_input(g, op, 1);
    int64_t rank = lp_op_input(g, op, 0)->rank;
    for (int64_t i = 0; i < lp_tensor_elements(axes); i++)
        if ((lp_link_number(axes, i) + rank) % rank == d)
            return true;
    return false;
}

/* The channels' dimension stays, others go. */
static lp_status link_mean(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    int32_t from = op->inputs[0];
    int32_t axis = c->period[from] == 0 ? -1 : lp_channels_dim(in, c->inner[from], c->period[from]);
    uint64_t stride = 1;
    uint64_t inner = 1;
    if (axis < 0 || in->rank == 0 || is_reduced(op, c->graph, axis))
        return lp_link_all(c, op);
    for (int32_t d = axis + 1; d < in->rank; d++) {
        stride *= (uint32_t)in->dims[d];
        inner *= is_reduced(op, c->graph, d) ? 1 : (uint32_t)in->dims[d];
    }
    if (stride != c->inner[from])
        return lp_link_all(c, op);
    lp_channels_open_at(c, op->outputs[0], (uint32_t)inner, c->period[from]);
    tie_slots(c, from, op->outputs[0]);
    return LP_OK;
}

static const struct lp_weighted_view *view_of(const struct lp_channels *c, const struct lp_op *op)
{
    return c->ranges->ops[op - c->graph->ops].view;
}

/* Filters stay or go by themselves; groups of them, which DEPTHWISE_CONV_2D has for each input channel, are kept at equal sizes
 * later. */
static lp_status link_convolution(struct lp_channels *c, const struct lp_op *op)
{
    return c->period[op->inputs[view_of(c, op)->input]] == 0 ? lp_link_all(c, op) : open_free(c, op);
}

static lp_status link_fully_connected(struct lp_channels *c, const struct lp_op *op)
{
    uint64_t row = (uint64_t)c->period[op->inputs[0]] * c->inner[op->inputs[0]];
    if (row == 0 || (uint32_t)view_of(c, op)->in_c % row != 0)
        return lp_link_all(c, op);
    return open_free(c, op);
}

/* One row per operator; one without a row keeps all channels. Only rules marked so take channels that are not the last
 * dimension. */
static const struct {
    lp_link_rule *rule;
    bool takes_any_order;
} rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ABS] = {link_elements, true},
    [LP_OP_ADD] = {link_add, true},
    [LP_OP_AVERAGE_POOL_2D] = {link_map, false},
    [LP_OP_BATCH_TO_SPACE_ND] = {lp_link_blocks, false},
    [LP_OP_CAST] = {link_elements, true},
    [LP_OP_CONCATENATION] = {lp_link_concatenation, true},
    [LP_OP_CONV_2D] = {link_convolution, false},
    [LP_OP_DEPTHWISE_CONV_2D] = {link_convolution, false},
    [LP_OP_DEPTH_TO_SPACE] = {lp_link_blocks, false},
    [LP_OP_DEQUANTIZE] = {link_elements, true},
    [LP_OP_ELU] = {link_elements, true},
    [LP_OP_EXP] = {link_elements, true},
    [LP_OP_EXPAND_DIMS] = {link_elements, true},
    [LP_OP_FULLY_CONNECTED] = {link_fully_connected, true},
    [LP_OP_GATHER] = {lp_link_gather, true},
    [LP_OP_GELU] = {link_elements, true},
    [LP_OP_HARD_SWISH] = {link_elements, true},
    [LP_OP_LEAKY_RELU] = {link_elements, true},
    [LP_OP_LOG] = {link_elements, true},
    [LP_OP_LOGISTIC] = {link_elements, true},
    [LP_OP_MAXIMUM] = {link_add, true},
    [LP_OP_MAX_POOL_2D] = {link_map, false},
    [LP_OP_MEAN] = {link_mean, true},
    [LP_OP_MINIMUM] = {link_add, true},
    [LP_OP_MIRROR_PAD] = {lp_link_pad, true},
    [LP_OP_MUL] = {link_add, true},
    [LP_OP_PACK] = {lp_link_pack, true},
    [LP_OP_PAD] = {lp_link_pad, true},
    [LP_OP_PADV2] = {lp_link_pad, true},
    [LP_OP_PRELU] = {link_add, true},
    [LP_OP_QUANTIZE] = {link_elements, true},
    [LP_OP_REDUCE_MAX] = {link_mean, true},
    [LP_OP_REDUCE_MIN] = {link_mean, true},
    [LP_OP_RELU] = {link_elements, true},
    [LP_OP_RELU6] = {link_elements, true},
    [LP_OP_RELU_0_TO_1] = {link_elements, true},
    [LP_OP_RELU_N1_TO_1] = {link_elements, true},
    [LP_OP_RESHAPE] = {link_elements, true},
    [LP_OP_RESIZE_BILINEAR] = {lp_link_blocks, false},
    [LP_OP_RESIZE_NEAREST_NEIGHBOR] = {lp_link_blocks, false},
    [LP_OP_REVERSE_V2] = {lp_link_reverse, true},
    [LP_OP_RSQRT] = {link_elements, true},
    [LP_OP_SLICE] = {lp_link_slice, true},
    [LP_OP_SPACE_TO_BATCH_ND] = {lp_link_blocks, false},
    [LP_OP_SPACE_TO_DEPTH] = {lp_link_blocks, false},
    [LP_OP_SPLIT] = {lp_link_split, true},
    [LP_OP_SPLIT_V] = {lp_link_split, true},
    [LP_OP_SQRT] = {link_elements, true},
    [LP_OP_SQUARED_DIFFERENCE] = {link_add, true},
    [LP_OP_SQUEEZE] = {link_squeeze, true},
    [LP_OP_STRIDED_SLICE] = {lp_link_strided_slice, true},
    [LP_OP_SUB] = {link_add, true},
    [LP_OP_TANH] = {link_elements, true},
    [LP_OP_TILE] = {lp_link_tile, true},
    [LP_OP_TRANSPOSE] = {lp_link_transpose, true},
    [LP_OP_TRANSPOSE_CONV] = {link_convolution, false},
    [LP_OP_UNPACK] = {lp_link_unpack, true},
};

static bool is_in_order(const struct lp_channels *c, const struct lp_op *op)
{
    for (uint32_t i = 0; i < op->input_count; i++) {
        int32_t in = op->inputs[i];
        if (in != LP_NO_TENSOR && c->period[in] != 0 &&
            (c->inner[in] != 1 || lp_last_dim(&c->graph->tensors[in]) % c->period[in] != 0))
            return false;
    }
    return true;
}

/* A shape operand that comes at run time says the shape as the model has it; a size of a map has no channels. */
static bool shape_is_given(const struct lp_channels *c, const struct lp_op *op)
{
    int64_t values[LP_MAX_RANK];
    bool says_map = op->kind == LP_OP_RESIZE_NEAREST_NEIGHBOR || op->kind == LP_OP_RESIZE_BILINEAR;
    for (uint32_t i = 0; i < op->input_count && !says_map; i++)
        if (lp_expected_operand(c->graph, op, i, values) != 0)
            return true;
    return false;
}

lp_status lp_channels_link(struct lp_channels *c, const struct lp_op *op)
{
    lp_link_rule *rule = rules[op->kind].rule;
    if (rule == NULL || shape_is_given(c, op) || (!rules[op->kind].takes_any_order && !is_in_order(c, op)))
        return lp_link_all(c, op);
    return rule(c, op);
}
