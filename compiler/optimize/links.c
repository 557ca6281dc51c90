/* Which channels of an operator's inputs and outputs can only stay or go together. */
#include "compiler/optimize/channels.h"

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Element i of the input becomes element i of the output. */
static void tie_elements(struct lp_channels *c, int32_t in, int32_t out)
{
    for (uint32_t i = 0; i < c->period[in]; i++)
        lp_channels_tie(c, c->first[in] + i, c->first[out] + i % c->period[out]);
}

static lp_status open_free(struct lp_channels *c, const struct lp_op *op)
{
    lp_channels_open(c, op->outputs[0], lp_last_dim(lp_op_output(c->graph, op, 0)));
    return LP_OK;
}

/* All channels are seen together: none may go, neither in nor out. */
static lp_status link_all(struct lp_channels *c, const struct lp_op *op)
{
    for (uint32_t i = 0; i < op->output_count; i++) {
        lp_channels_open(c, op->outputs[i], lp_last_dim(lp_op_output(c->graph, op, i)));
        lp_channels_pin(c, op->outputs[i]);
    }
    for (uint32_t i = 0; i < op->input_count; i++)
        if (op->inputs[i] != LP_NO_TENSOR)
            lp_channels_pin(c, op->inputs[i]);
    return LP_OK;
}

/* Pools, activations, requantization, and all changes of shape: what counts is the order of the elements, which stays. */
static lp_status link_elements(struct lp_channels *c, const struct lp_op *op)
{
    int32_t in = op->inputs[0];
    if (c->period[in] == 0)
        return link_all(c, op);
    lp_channels_open(c, op->outputs[0], common_divisor(c->period[in], lp_last_dim(lp_op_output(c->graph, op, 0))));
    tie_elements(c, in, op->outputs[0]);
    return LP_OK;
}

static lp_status link_add(struct lp_channels *c, const struct lp_op *op)
{
    uint32_t channels = lp_last_dim(lp_op_output(c->graph, op, 0));
    uint32_t period = channels;
    bool is_tied[2];
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
            tie_elements(c, op->inputs[i], op->outputs[0]);
    return LP_OK;
}

/* The paddings of the last dimension, or all of it seen together by MEAN. */
static int64_t number_at(const struct lp_tensor *numbers, int64_t i)
{
    return numbers->element == LP_ELEMENT_INT64 ? ((const int64_t *)numbers->data)[i] : ((const int32_t *)numbers->data)[i];
}

static lp_status link_pad(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    const struct lp_tensor *pads = lp_op_input(c->graph, op, 1);
    int64_t last = in->rank - 1;
    bool pads_channels = in->rank != 0 && (number_at(pads, 2 * last) != 0 || number_at(pads, 2 * last + 1) != 0);
    return pads_channels ? link_all(c, op) : link_elements(c, op);
}

static lp_status link_mean(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    const struct lp_tensor *axes = lp_op_input(c->graph, op, 1);
    bool sums_channels = in->rank == 0;
    for (int64_t i = 0; i < lp_tensor_elements(axes); i++)
        sums_channels = sums_channels || number_at(axes, i) == in->rank - 1 || number_at(axes, i) == -1;
    return sums_channels ? link_all(c, op) : link_elements(c, op);
}

static const struct lp_weighted_view *view_of(const struct lp_channels *c, const struct lp_op *op)
{
    return c->ranges->ops[op - c->graph->ops].view;
}

/* Filters stay or go by themselves. Groups have to keep equal sizes, so nothing is touched there. */
static lp_status link_conv_2d(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_weighted_view *v = view_of(c, op);
    if (v->filter_c != v->in_c || c->period[op->inputs[0]] == 0)
        return link_all(c, op);
    return open_free(c, op);
}

static lp_status link_fully_connected(struct lp_channels *c, const struct lp_op *op)
{
    uint32_t period = c->period[op->inputs[0]];
    if (period == 0 || (uint32_t)view_of(c, op)->in_c % period != 0)
        return link_all(c, op);
    return open_free(c, op);
}

/* Every input channel keeps as many output channels as the others. A single one may keep any number. */
static lp_status link_depthwise(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_weighted_view *v = view_of(c, op);
    int32_t in = op->inputs[0];
    if (c->period[in] == 0)
        return link_all(c, op);
    lp_status status = open_free(c, op);
    if (v->in_c == 1)
        return status;
    for (int32_t o = 0; o < v->out_c; o++)
        lp_channels_tie(c, c->first[in] + (uint32_t)(o / v->group_c) % c->period[in], c->first[op->outputs[0]] + (uint32_t)o);
    return status;
}

/* One row per operator. An operator without one keeps all channels. */
static lp_link_rule *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ADD] = link_add,
    [LP_OP_AVERAGE_POOL_2D] = link_elements,
    [LP_OP_CONV_2D] = link_conv_2d,
    [LP_OP_DEPTHWISE_CONV_2D] = link_depthwise,
    [LP_OP_DEQUANTIZE] = link_elements,
    [LP_OP_EXPAND_DIMS] = link_elements,
    [LP_OP_FULLY_CONNECTED] = link_fully_connected,
    [LP_OP_MAX_POOL_2D] = link_elements,
    [LP_OP_MEAN] = link_mean,
    [LP_OP_PAD] = link_pad,
    [LP_OP_QUANTIZE] = link_elements,
    [LP_OP_RELU] = link_elements,
    [LP_OP_RELU6] = link_elements,
    [LP_OP_RESHAPE] = link_elements,
    [LP_OP_SOFTMAX] = link_all,
    [LP_OP_SQUEEZE] = link_elements,
};

lp_status lp_channels_link(struct lp_channels *c, const struct lp_op *op)
{
    return rules[op->kind] == NULL ? link_all(c, op) : rules[op->kind](c, op);
}
