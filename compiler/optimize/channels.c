#include "compiler/optimize/channels.h"

#include <string.h>

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

void lp_channels_pin_slot(struct lp_channels *c, uint32_t slot)
{
    c->need[lp_channels_class(c, slot)] |= LP_NEED_OF_GRAPH;
}

void lp_channels_pin(struct lp_channels *c, int32_t tensor)
{
    for (uint32_t i = 0; i < c->period[tensor]; i++)
        lp_channels_pin_slot(c, c->first[tensor] + i);
}

int32_t lp_channels_dim(const struct lp_tensor *tensor, uint32_t inner, uint32_t period)
{
    uint64_t stride = 1;
    for (int32_t d = tensor->rank - 1; d >= 0; d--) {
        uint64_t with = stride * (uint32_t)tensor->dims[d];
        if (inner % stride == 0 && with % ((uint64_t)inner * period) == 0)
            return d;
        stride = with;
    }
    return tensor->rank == 0 && period == 1 ? 0 : -1;
}

static void *grown(struct lp_channels *c, const void *old, uint32_t capacity, size_t size_bytes)
{
    void *memory = lp_arena_alloc(c->arena, capacity, size_bytes);
    if (memory == NULL)
        c->is_out_of_memory = true;
    else if (c->slot_count != 0)
        memcpy(memory, old, c->slot_count * size_bytes);
    return memory;
}

static bool make_room_for(struct lp_channels *c, uint32_t more)
{
    if (c->is_out_of_memory || more > UINT32_MAX / 4 - c->slot_count) {
        c->is_out_of_memory = true;
        return false;
    }
    if (c->slot_count + more <= c->slot_capacity)
        return true;
    uint32_t capacity = 2 * c->slot_capacity + more + 1024;
    c->tensor_of = grown(c, c->tensor_of, capacity, sizeof *c->tensor_of);
    c->parent = grown(c, c->parent, capacity, sizeof *c->parent);
    c->next = grown(c, c->next, capacity, sizeof *c->next);
    c->need = grown(c, c->need, capacity, sizeof *c->need);
    c->slot_capacity = capacity;
    return !c->is_out_of_memory;
}

void lp_channels_open_at(struct lp_channels *c, int32_t tensor, uint32_t inner, uint32_t period)
{
    if (!make_room_for(c, period))
        return;
    c->period[tensor] = period;
    c->inner[tensor] = inner;
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

void lp_channels_open(struct lp_channels *c, int32_t tensor, uint32_t period)
{
    lp_channels_open_at(c, tensor, 1, period);
}

void lp_channels_open_whole(struct lp_channels *c, int32_t tensor)
{
    lp_channels_open(c, tensor, 1);
    lp_channels_pin(c, tensor);
}

bool lp_channels_stays(const struct lp_channels *c, int32_t tensor, uint32_t i)
{
    return c->period[tensor] == 0 || c->need[lp_channels_class(c, lp_channels_slot(c, tensor, i))] != 0;
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
    for (uint32_t i = 0; i < g->state_count; i++)
        is_read[g->states[i].after] = true;
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

static lp_status make_room(struct lp_channels *c)
{
    const struct lp_graph *g = c->graph;
    c->is_needed = LP_NEW_ARRAY(c->arena, g->op_count, bool);
    c->producer = LP_NEW_ARRAY(c->arena, g->tensor_count, int32_t);
    c->period = LP_NEW_ARRAY(c->arena, g->tensor_count, uint32_t);
    c->first = LP_NEW_ARRAY(c->arena, g->tensor_count, uint32_t);
    c->inner = LP_NEW_ARRAY(c->arena, g->tensor_count, uint32_t);
    if (c->is_needed == NULL || c->producer == NULL || c->period == NULL || c->first == NULL || c->inner == NULL)
        return lp_no_memory(c->diag);
    for (uint32_t t = 0; t < g->tensor_count; t++) {
        c->producer[t] = -1;
        c->inner[t] = 1;
    }
    return LP_OK;
}

lp_status lp_channels_make(struct lp_channels *c)
{
    const struct lp_graph *g = c->graph;
    lp_status status = make_room(c);
    if (status == LP_OK)
        status = find_needed_ops(c);
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++)
        lp_channels_open_whole(c, g->inputs[i]);
    for (uint32_t i = 0; i < g->state_count && status == LP_OK; i++)
        lp_channels_open_whole(c, g->states[i].before);
    for (uint32_t i = 0; i < g->op_count && status == LP_OK && !c->is_out_of_memory; i++)
        if (c->is_needed[i])
            status = lp_channels_link(c, &g->ops[i]);
    if (c->is_out_of_memory)
        return lp_no_memory(c->diag);
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++)
        lp_channels_pin(c, g->outputs[i]);
    for (uint32_t i = 0; i < g->state_count && status == LP_OK; i++)
        lp_channels_pin(c, g->states[i].after);
    return status;
}
