#include "compiler/optimize/rewrite.h"

#include <string.h>

/* Each operator may need a new weight tensor, a new bias, and a new shape. */
enum { MOST_NEW_TENSORS_OF_OP = 3 };

lp_status lp_rewrite_add_tensor(struct lp_rewrite *w, const struct lp_tensor *tensor, int32_t *index)
{
    if (w->after->tensor_count == w->tensor_capacity)
        return lp_error(w->channels->diag, LP_INTERNAL, "a rewrite adds more tensors than it announced");
    *index = (int32_t)w->after->tensor_count;
    w->after->tensors[w->after->tensor_count++] = *tensor;
    return LP_OK;
}

lp_status lp_rewrite_input(struct lp_rewrite *w, struct lp_op *op, uint32_t i, const struct lp_tensor *tensor)
{
    int32_t old = op->inputs[i];
    w->is_changed = true;
    if ((uint32_t)old < w->before->tensor_count && w->readers[old] > 1)
        return lp_rewrite_add_tensor(w, tensor, &op->inputs[i]);
    w->after->tensors[old] = *tensor;
    return LP_OK;
}

static int32_t *copy_list(struct lp_arena *arena, const int32_t *list, uint32_t count)
{
    int32_t *copy = LP_NEW_ARRAY(arena, count, int32_t);
    if (copy != NULL && count != 0)
        memcpy(copy, list, count * sizeof *copy);
    return copy;
}

static lp_status copy_graph(struct lp_rewrite *w)
{
    const struct lp_graph *g = w->before;
    struct lp_arena *arena = w->channels->arena;
    w->tensor_capacity = g->tensor_count + MOST_NEW_TENSORS_OF_OP * g->op_count;
    w->after = LP_NEW(arena, struct lp_graph);
    w->readers = LP_NEW_ARRAY(arena, g->tensor_count, uint32_t);
    if (w->after == NULL || w->readers == NULL)
        return lp_no_memory(w->channels->diag);
    *w->after = *g;
    w->after->arena = arena;
    w->after->op_count = 0;
    w->after->tensors = LP_NEW_ARRAY(arena, w->tensor_capacity, struct lp_tensor);
    w->after->ops = LP_NEW_ARRAY(arena, g->op_count, struct lp_op);
    if (w->after->tensors == NULL || w->after->ops == NULL)
        return lp_no_memory(w->channels->diag);
    memcpy(w->after->tensors, g->tensors, g->tensor_count * sizeof *g->tensors);
    for (uint32_t i = 0; i < g->output_count; i++)
        w->readers[g->outputs[i]]++;
    for (uint32_t i = 0; i < g->state_count; i++)
        w->readers[g->states[i].after]++;
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count && w->channels->is_needed[i]; k++)
            if (g->ops[i].inputs[k] != LP_NO_TENSOR)
                w->readers[g->ops[i].inputs[k]]++;
    return LP_OK;
}

/* All channels of a period stay or go alike, so their dimension shrinks in proportion. */
static void shrink_activations(struct lp_rewrite *w)
{
    for (uint32_t t = 0; t < w->before->tensor_count; t++) {
        uint32_t period = w->channels->period[t];
        uint32_t left = w->channels->left[t];
        if (left == period)
            continue;
        struct lp_tensor *tensor = &w->after->tensors[t];
        int32_t d = lp_channels_dim(tensor, w->channels->inner[t], period);
        tensor->dims[d] = (int32_t)((uint32_t)tensor->dims[d] / period * left);
        w->is_changed = true;
    }
}

static lp_status rewrite_op(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    lp_status status = LP_OK;
    switch (before->kind) {
    case LP_OP_CONV_2D:
    case LP_OP_DEPTHWISE_CONV_2D:
        status = lp_rewrite_weighted(w, before, op);
        return status == LP_OK && !w->keep_kernels ? lp_rewrite_trim(w, before, op) : status;
    case LP_OP_FULLY_CONNECTED: return lp_rewrite_weighted(w, before, op);
    case LP_OP_ADD:
    case LP_OP_MAXIMUM:
    case LP_OP_MINIMUM:
    case LP_OP_MUL:
    case LP_OP_PRELU:
    case LP_OP_SQUARED_DIFFERENCE:
    case LP_OP_SUB: return lp_rewrite_summand(w, before, op);
    case LP_OP_PAD:
    case LP_OP_PADV2: return lp_rewrite_pads(w, before, op);
    case LP_OP_RESHAPE: return lp_rewrite_new_shape(w, before, op);
    case LP_OP_SLICE: return lp_rewrite_slice(w, before, op);
    case LP_OP_SPLIT: return lp_rewrite_split(w, before, op);
    case LP_OP_SPLIT_V: return lp_rewrite_split_v(w, before, op);
    case LP_OP_TRANSPOSE_CONV:
        status = lp_rewrite_weighted(w, before, op);
        return status == LP_OK ? lp_rewrite_out_shape(w, before, op) : status;
    case LP_OP_SQUEEZE: return lp_rewrite_squeeze(w, before, op);
    default: return LP_OK;
    }
}

lp_status lp_rewrite_graph(struct lp_rewrite *w)
{
    lp_status status = copy_graph(w);
    if (status == LP_OK)
        shrink_activations(w);
    for (uint32_t i = 0; i < w->before->op_count && status == LP_OK; i++) {
        const struct lp_op *before = &w->before->ops[i];
        if (!w->channels->is_needed[i]) {
            w->is_changed = true;
            continue;
        }
        struct lp_op *op = &w->after->ops[w->after->op_count++];
        *op = *before;
        op->inputs = copy_list(w->channels->arena, before->inputs, before->input_count);
        op->outputs = copy_list(w->channels->arena, before->outputs, before->output_count);
        if (op->inputs == NULL || op->outputs == NULL)
            return lp_no_memory(w->channels->diag);
        status = rewrite_op(w, before, op);
    }
    return status;
}
