#include "compiler/optimize/channels.h"

uint32_t lp_channels_class(const struct lp_channels *c, uint32_t slot)
{
    while (c->parent[slot] != slot) {
        c->parent[slot] = c->parent[c->parent[slot]];
        slot = c->parent[slot];
    }
    return slot;
}

void lp_channels_tie(struct lp_channels *c, uint32_t a, uint32_t b)
{
    a = lp_channels_class(c, a);
    b = lp_channels_class(c, b);
    if (a == b)
        return;
    uint32_t next = c->next[a];
    c->next[a] = c->next[b];
    c->next[b] = next;
    c->need[a] |= c->need[b];
    c->parent[b] = a;
}

void lp_channels_pin(struct lp_channels *c, int32_t tensor)
{
    for (uint32_t i = 0; i < c->period[tensor]; i++)
        c->need[lp_channels_class(c, c->first[tensor] + i)] |= LP_NEED_OF_GRAPH;
}

void lp_channels_open(struct lp_channels *c, int32_t tensor, uint32_t period)
{
    c->period[tensor] = period;
    c->first[tensor] = c->slot_count;
    for (uint32_t i = 0; i < period; i++) {
        uint32_t slot = c->slot_count++;
        c->tensor_of[slot] = tensor;
        c->parent[slot] = slot;
        c->next[slot] = slot;
    }
    /* Scales by channel would have to follow; only weights have them. */
    if (c->graph->tensors[tensor].quant.count > 1)
        lp_channels_pin(c, tensor);
}

bool lp_channels_stays(const struct lp_channels *c, int32_t tensor, uint32_t i)
{
    uint32_t period = c->period[tensor];
    return period == 0 || c->need[lp_channels_class(c, c->first[tensor] + i % period)] != 0;
}

/* From the outputs backwards. */
static lp_status find_needed_ops(struct lp_channels *c)
{
    const struct lp_graph *g = c->graph;
    bool *is_read = LP_NEW_ARRAY(c->arena, g->tensor_count, bool);
    if (is_read == NULL)
        return lp_no_memory(c->diag);
    for (uint32_t i = 0; i < g->output_count; i++)
        is_read[g->outputs[i]] = true;
    for (uint32_t i = g->op_count; i-- > 0;) {
        const struct lp_op *op = &g->ops[i];
        for (uint32_t k = 0; k < op->output_count; k++) {
            c->producer[op->outputs[k]] = (int32_t)i;
            c->is_needed[i] = c->is_needed[i] || is_read[op->outputs[k]];
        }
        for (uint32_t k = 0; k < op->input_count && c->is_needed[i]; k++)
            if (op->inputs[k] != LP_NO_TENSOR)
                is_read[op->inputs[k]] = true;
    }
    return LP_OK;
}

/* No tensor has more slots than its last dimension is long. */
static lp_status make_room(struct lp_channels *c)
{
    const struct lp_graph *g = c->graph;
    size_t most = 1;
    for (uint32_t i = 0; i < g->input_count; i++)
        most += lp_last_dim(&g->tensors[g->inputs[i]]);
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].output_count; k++)
            most += lp_last_dim(&g->tensors[g->ops[i].outputs[k]]);
    if (most > UINT32_MAX)
        return lp_error(c->diag, LP_UNSUPPORTED, "the tensors have %zu channels together; use --keep-dead", most);
    c->is_needed = LP_NEW_ARRAY(c->arena, g->op_count, bool);
    c->producer = LP_NEW_ARRAY(c->arena, g->tensor_count, int32_t);
    c->period = LP_NEW_ARRAY(c->arena, g->tensor_count, uint32_t);
    c->first = LP_NEW_ARRAY(c->arena, g->tensor_count, uint32_t);
    c->tensor_of = LP_NEW_ARRAY(c->arena, most, int32_t);
    c->parent = LP_NEW_ARRAY(c->arena, most, uint32_t);
    c->next = LP_NEW_ARRAY(c->arena, most, uint32_t);
    c->need = LP_NEW_ARRAY(c->arena, most, uint8_t);
    if (c->is_needed == NULL || c->producer == NULL || c->period == NULL || c->first == NULL || c->tensor_of == NULL ||
        c->parent == NULL || c->next == NULL || c->need == NULL)
        return lp_no_memory(c->diag);
    for (uint32_t t = 0; t < g->tensor_count; t++)
        c->producer[t] = -1;
    return LP_OK;
}

lp_status lp_channels_make(struct lp_channels *c)
{
    const struct lp_graph *g = c->graph;
    lp_status status = make_room(c);
    if (status == LP_OK)
        status = find_needed_ops(c);
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++) {
        lp_channels_open(c, g->inputs[i], lp_last_dim(&g->tensors[g->inputs[i]]));
        lp_channels_pin(c, g->inputs[i]);
    }
    for (uint32_t i = 0; i < g->op_count && status == LP_OK; i++)
        if (c->is_needed[i])
            status = lp_channels_link(c, &g->ops[i]);
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++)
        lp_channels_pin(c, g->outputs[i]);
    return status;
}
