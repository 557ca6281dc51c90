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

static bool zero_point_fits(enum lp_element element, int32_t zero_point)
{
    switch (element) {
    case LP_ELEMENT_INT8:
        return zero_point >= -128 && zero_point <= 127;
    case LP_ELEMENT_UINT8:
        return zero_point >= 0 && zero_point <= 255;
    case LP_ELEMENT_INT16:
        return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    default:
        return true;
    }
}

static lp_status check_quant(const struct verify *v, uint32_t index)
{
    const struct lp_tensor *t = &v->graph->tensors[index];
    const struct lp_quant *q = &t->quant;
    if (q->count == 0)
        return LP_OK;
    if (q->scale == NULL || q->zero_point == NULL)
        return bad(v, "tensor", index, "a quantized tensor has scales and zero points");
    if (q->count > 1 && (q->axis < 0 || q->axis >= t->rank || (uint32_t)t->dims[q->axis] != q->count))
        return bad(v, "tensor", index, "one scale, or as many as the quantized dimension is long");
    for (uint32_t i = 0; i < q->count; i++) {
        if (!isfinite(q->scale[i]) || q->scale[i] <= 0)
            return bad(v, "tensor", index, "scales are finite and above 0");
        if (!zero_point_fits(t->element, q->zero_point[i]))
            return bad(v, "tensor", index, "zero points lie in the range of the element type");
    }
    return LP_OK;
}

static lp_status check_tensor(const struct verify *v, uint32_t index)
{
    const struct lp_tensor *t = &v->graph->tensors[index];
    if (t->name == NULL)
        return bad(v, "tensor", index, "every tensor has a name, which may be empty");
    if ((uint32_t)t->element > LP_ELEMENT_BOOL)
        return bad(v, "tensor", index, "the element type is a known one");
    if (t->rank > LP_MAX_RANK)
        return bad(v, "tensor", index, "at most 8 dimensions");
    int64_t bytes = lp_element_bytes(t->element);
    for (uint8_t i = 0; i < t->rank; i++) {
        if (t->dims[i] <= 0)
            return bad(v, "tensor", index, "every dimension is at least 1");
        bytes *= t->dims[i];
        if (bytes > INT32_MAX)
            return bad(v, "tensor", index, "a tensor has at most 2,147,483,647 bytes");
    }
    if (t->data != NULL && (uintptr_t)t->data % lp_element_bytes(t->element) != 0)
        return bad(v, "tensor", index, "constants are aligned for their element type");
    return check_quant(v, index);
}

static lp_status check_indices(const struct verify *v, const int32_t *indices, uint32_t count, bool may_be_absent, const char *what, uint32_t place)
{
    if (count != 0 && indices == NULL)
        return bad(v, what, place, "lists that are not empty exist");
    for (uint32_t i = 0; i < count; i++) {
        if (indices[i] == LP_NO_TENSOR && may_be_absent)
            continue;
        if (indices[i] < 0 || (uint32_t)indices[i] >= v->graph->tensor_count)
            return bad(v, what, place, "tensor indices lie in the graph");
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
        return bad(v, "operator", index, "it has as many inputs as its kind takes");
    if (op->output_count < info->min_outputs || op->output_count > info->max_outputs)
        return bad(v, "operator", index, "it has as many outputs as its kind gives");
    lp_status status = check_indices(v, op->inputs, op->input_count, true, "operator", index);
    if (status == LP_OK)
        status = check_indices(v, op->outputs, op->output_count, false, "operator", index);
    for (uint32_t i = 0; i < op->input_count && status == LP_OK; i++) {
        if (op->inputs[i] == LP_NO_TENSOR && i < info->min_inputs)
            status = bad(v, "operator", index, "inputs that its kind needs are present");
        else if (op->inputs[i] != LP_NO_TENSOR && !v->is_known[op->inputs[i]])
            status = bad(v, "operator", index, "what it reads was written before, is an input or a constant");
    }
    for (uint32_t i = 0; i < op->output_count && status == LP_OK; i++) {
        if (v->is_known[op->outputs[i]])
            status = bad(v, "operator", index, "a tensor is written once, and neither inputs nor constants are");
        v->is_known[op->outputs[i]] = true;
    }
    return status;
}

static lp_status check_ends(const struct verify *v)
{
    const struct lp_graph *g = v->graph;
    lp_status status = check_indices(v, g->inputs, g->input_count, false, "input list", 0);
    if (status == LP_OK)
        status = check_indices(v, g->outputs, g->output_count, false, "output list", 0);
    if (status == LP_OK && g->output_count == 0)
        status = bad(v, "output list", 0, "a network has at least one output");
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++) {
        if (g->tensors[g->inputs[i]].data != NULL)
            status = bad(v, "input", i, "an input is not a constant");
        else if (v->is_known[g->inputs[i]])
            status = bad(v, "input", i, "a tensor is an input once");
        v->is_known[g->inputs[i]] = true;
    }
    return status;
}

static lp_status check_outputs(const struct verify *v)
{
    for (uint32_t i = 0; i < v->graph->output_count; i++)
        if (!v->is_known[v->graph->outputs[i]])
            return bad(v, "output", i, "something computes it");
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
    for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++)
        status = check_op(&v, i);
    if (status == LP_OK)
        status = check_outputs(&v);
    lp_arena_free(&arena);
    return status;
}
