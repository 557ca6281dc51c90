#include "compiler/graph/graph.h"

#include <math.h>

struct verify {
    const struct lp_graph *graph;
    const char *after;
    struct lp_diag *diag;
    bool *is_known; /* by tensor: constant, graph input, or written by an operator before */
};

static lp_status bad(const struct verify *v, const char *what, uint32_t index, const char *rule)
{
    return lp_error(v->diag, LP_BAD_INPUT, "after %s: %s %u breaks the rule: %s", v->after, what, (unsigned)index, rule);
}

static lp_status bad_tensor(const struct verify *v, uint32_t index, const char *rule)
{
    return lp_error(v->diag, LP_BAD_INPUT, "after %s: tensor %u ('%.100s') breaks the rule: %s", v->after, (unsigned)index,
                    v->graph->tensors[index].name, rule);
}

/* lp_op_name for an operator that may be wrong in any way. */
static const char *name_of(const struct verify *v, const struct lp_op *op)
{
    const struct lp_graph *g = v->graph;
    if (op->outputs == NULL || op->output_count == 0 || op->outputs[0] < 0 || (uint32_t)op->outputs[0] >= g->tensor_count)
        return "";
    return g->tensors[op->outputs[0]].name;
}

static lp_status bad_op(const struct verify *v, uint32_t index, const char *rule)
{
    const struct lp_op *op = &v->graph->ops[index];
    return lp_error(v->diag, LP_BAD_INPUT, "after %s: operator %u (%s '%.100s') breaks the rule: %s", v->after,
                    (unsigned)op->source_index, lp_op_kind_table[op->kind].name, name_of(v, op), rule);
}

static bool zero_point_fits(enum lp_element element, int32_t zero_point)
{
    switch (element) {
    case LP_ELEMENT_INT8: return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
    case LP_ELEMENT_UINT8: return zero_point >= 0 && zero_point <= UINT8_MAX;
    case LP_ELEMENT_INT16: return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    default: return true;
    }
}

static lp_status check_quant(const struct verify *v, uint32_t index)
{
    const struct lp_tensor *t = &v->graph->tensors[index];
    const struct lp_quant *q = &t->quant;
    if (q->count == 0)
        return LP_OK;
    if (q->scale == NULL || q->zero_point == NULL)
        return bad_tensor(v, index, "a quantized tensor has scales and zero points");
    if (q->count > 1 && (q->axis < 0 || q->axis >= t->rank || (uint32_t)t->dims[q->axis] != q->count))
        return bad_tensor(v, index, "one scale, or as many as the quantized dimension is long");
    for (uint32_t i = 0; i < q->count; i++) {
        if (!isfinite(q->scale[i]) || q->scale[i] <= 0)
            return bad_tensor(v, index, "scales are finite and above 0");
        if (!zero_point_fits(t->element, q->zero_point[i]))
            return bad_tensor(v, index, "zero points lie in the range of the element type");
    }
    return LP_OK;
}

static lp_status check_tensor(const struct verify *v, uint32_t index)
{
    const struct lp_tensor *t = &v->graph->tensors[index];
    if (t->name == NULL)
        return bad(v, "tensor", index, "every tensor has a name, which may be empty");
    if ((uint32_t)t->element > LP_ELEMENT_BOOL)
        return bad_tensor(v, index, "the element type is a known one");
    if (t->rank > LP_MAX_RANK)
        return bad_tensor(v, index, "at most 8 dimensions");
    int64_t bytes = lp_element_bytes(t->element);
    for (uint8_t i = 0; i < t->rank; i++) {
        if (t->dims[i] <= 0)
            return bad_tensor(v, index, "every dimension is at least 1");
        bytes *= t->dims[i];
        if (bytes > INT32_MAX)
            return bad_tensor(v, index, "a tensor has at most 2,147,483,647 bytes");
    }
    if (t->data != NULL && (uintptr_t)t->data % lp_element_bytes(t->element) != 0)
        return bad_tensor(v, index, "constants are aligned for their element type");
    return check_quant(v, index);
}

static bool indices_are_sound(const struct verify *v, const int32_t *indices, uint32_t count, bool may_be_absent)
{
    if (count != 0 && indices == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (indices[i] == LP_NO_TENSOR && may_be_absent)
            continue;
        if (indices[i] < 0 || (uint32_t)indices[i] >= v->graph->tensor_count)
            return false;
    }
    return true;
}

/* What is not looked at together with the shapes. */
static lp_status check_parameters(const struct verify *v, uint32_t index)
{
    const struct lp_op *op = &v->graph->ops[index];
    if ((uint32_t)op->activation > LP_ACT_RELU_0_TO_1)
        return bad_op(v, index, "the fused activation is a known one");
    switch (op->kind) {
    case LP_OP_AVERAGE_POOL_2D:
    case LP_OP_CONV_2D:
    case LP_OP_DEPTHWISE_CONV_2D:
    case LP_OP_MAX_POOL_2D:
    case LP_OP_TRANSPOSE_CONV:
        if ((uint32_t)op->as.window.padding > LP_PADDING_EXPLICIT)
            return bad_op(v, index, "the padding is a known one");
        return LP_OK;
    case LP_OP_RESHAPE:
        if (op->as.reshape.rank > LP_MAX_RANK)
            return bad_op(v, index, "the new shape has at most 8 dimensions");
        return LP_OK;
    case LP_OP_SQUEEZE:
        if (op->as.squeeze.count > LP_MAX_RANK)
            return bad_op(v, index, "at most 8 dimensions are squeezed");
        return LP_OK;
    case LP_OP_SOFTMAX:
        if (!isfinite(op->as.softmax.beta) || op->as.softmax.beta <= 0)
            return bad_op(v, index, "beta is finite and above 0");
        return LP_OK;
    case LP_OP_LEAKY_RELU:
        if (!isfinite(op->as.leaky_relu.alpha) || op->as.leaky_relu.alpha < 0)
            return bad_op(v, index, "alpha is finite and not negative");
        return LP_OK;
    default: return LP_OK;
    }
}

static lp_status check_order(const struct verify *v, uint32_t index)
{
    const struct lp_op *op = &v->graph->ops[index];
    for (uint32_t i = 0; i < op->input_count; i++) {
        if (op->inputs[i] == LP_NO_TENSOR && !lp_op_may_lack(op->kind, i))
            return bad_op(v, index, "inputs that its kind needs are present");
        if (op->inputs[i] != LP_NO_TENSOR && !v->is_known[op->inputs[i]])
            return bad_op(v, index, "what it reads was written before, is an input or a constant");
    }
    for (uint32_t i = 0; i < op->output_count; i++) {
        if (v->is_known[op->outputs[i]])
            return bad_op(v, index, "a tensor is written once, and neither inputs nor constants are");
        v->is_known[op->outputs[i]] = true;
    }
    return LP_OK;
}

static lp_status check_op(const struct verify *v, uint32_t index)
{
    const struct lp_op *op = &v->graph->ops[index];
    if ((uint32_t)op->kind >= LP_OP_KIND_COUNT)
        return bad(v, "operator", index, "the kind is a known one");
    const struct lp_op_kind_info *info = &lp_op_kind_table[op->kind];
    if (op->input_count < info->min_inputs || op->input_count > info->max_inputs)
        return bad_op(v, index, "it has as many inputs as its kind takes");
    if (op->output_count < info->min_outputs || op->output_count > info->max_outputs)
        return bad_op(v, index, "it has as many outputs as its kind gives");
    if (!indices_are_sound(v, op->inputs, op->input_count, true) || !indices_are_sound(v, op->outputs, op->output_count, false))
        return bad_op(v, index, "tensor indices lie in the graph");
    lp_status status = check_parameters(v, index);
    return status == LP_OK ? check_order(v, index) : status;
}

static lp_status check_ends(const struct verify *v)
{
    const struct lp_graph *g = v->graph;
    if (!indices_are_sound(v, g->inputs, g->input_count, false))
        return bad(v, "input list", 0, "tensor indices lie in the graph");
    if (!indices_are_sound(v, g->outputs, g->output_count, false))
        return bad(v, "output list", 0, "tensor indices lie in the graph");
    if (g->output_count == 0)
        return bad(v, "output list", 0, "a network has at least one output");
    for (uint32_t i = 0; i < g->input_count; i++) {
        if (g->tensors[g->inputs[i]].data != NULL)
            return bad_tensor(v, (uint32_t)g->inputs[i], "an input is not a constant");
        if (v->is_known[g->inputs[i]])
            return bad_tensor(v, (uint32_t)g->inputs[i], "a tensor is an input once");
        v->is_known[g->inputs[i]] = true;
    }
    return LP_OK;
}

static lp_status check_states(const struct verify *v)
{
    const struct lp_graph *g = v->graph;
    for (uint32_t i = 0; i < g->state_count; i++) {
        const struct lp_state *s = &g->states[i];
        if (!indices_are_sound(v, &s->before, 1, false) || !indices_are_sound(v, &s->after, 1, false) || s->initial == NULL)
            return bad(v, "state", i, "tensor indices lie in the graph, and there is a first value");
        if (v->is_known[s->before])
            return bad_tensor(v, (uint32_t)s->before, "a state is neither an input nor a constant, and a state once");
        if (g->tensors[s->before].element != g->tensors[s->after].element ||
            lp_tensor_elements(&g->tensors[s->before]) != lp_tensor_elements(&g->tensors[s->after]))
            return bad_tensor(v, (uint32_t)s->after, "a state keeps its type and size");
        v->is_known[s->before] = true;
    }
    return LP_OK;
}

static lp_status check_outputs(const struct verify *v)
{
    for (uint32_t i = 0; i < v->graph->output_count; i++)
        if (!v->is_known[v->graph->outputs[i]])
            return bad_tensor(v, (uint32_t)v->graph->outputs[i], "an output is computed by something");
    for (uint32_t i = 0; i < v->graph->state_count; i++)
        if (!v->is_known[v->graph->states[i].after])
            return bad_tensor(v, (uint32_t)v->graph->states[i].after, "a new state is computed by something");
    return LP_OK;
}

lp_status lp_graph_verify(const struct lp_graph *graph, const char *after, struct lp_diag *diag)
{
    struct lp_arena arena = {0};
    struct verify v = {.graph = graph, .after = after, .diag = diag, .is_known = LP_NEW_ARRAY(&arena, graph->tensor_count, bool)};
    lp_status status = v.is_known == NULL ? lp_no_memory(diag) : LP_OK;
    for (uint32_t i = 0; i < graph->tensor_count && status == LP_OK; i++) {
        status = check_tensor(&v, i);
        v.is_known[i] = graph->tensors[i].data != NULL;
    }
    if (status == LP_OK)
        status = check_ends(&v);
    if (status == LP_OK)
        status = check_states(&v);
    for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++)
        status = check_op(&v, i);
    if (status == LP_OK)
        status = check_outputs(&v);
    lp_arena_free(&arena);
    return status;
}
