/* States: what an inference leaves for the next one lies in the arena and is never anybody else's. */
#include "compiler/lower/lowering.h"

#include "contract/kernel_args.h"

#include <stddef.h>
#include <string.h>

static lp_status copy_block(struct lp_lowering *l, const struct lp_operand *from, uint32_t to_block, int32_t to_tensor,
                            uint32_t size_bytes)
{
    const struct lp_copy args = {.size_bytes = size_bytes};
    struct lp_sw_epoch *epoch = NULL;
    struct lp_operand in = *from;
    uint32_t index = 0;
    const struct lp_operand out = {.field_offset = (uint16_t)offsetof(struct lp_copy, out),
                                   .place = LP_PLACE_ARENA,
                                   .is_written = true,
                                   .index = to_block,
                                   .tensor = to_tensor};
    in.field_offset = (uint16_t)offsetof(struct lp_copy, in);
    lp_status status = lp_lower_epoch(l, &l->graph->ops[l->graph->op_count - 1], "lp_copy__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_operand(l, epoch, in, &index);
    return status == LP_OK ? lp_lower_operand(l, epoch, out, &index) : status;
}

/* The new value lies where another state's old one does, which is about to be overwritten. */
static bool is_old_value(const struct lp_lowering *l, const struct lp_operand *place)
{
    if (place->place != LP_PLACE_ARENA)
        return false;
    for (uint32_t i = 0; i < l->graph->state_count; i++)
        if (l->program->states[i].block == place->index)
            return true;
    return false;
}

/* First values that would be overwritten move aside, then all of them move into place. */
static lp_status move_states(struct lp_lowering *l, struct lp_operand *places)
{
    const struct lp_graph *g = l->graph;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->state_count && status == LP_OK; i++) {
        const uint32_t bytes = (uint32_t)lp_tensor_bytes(&g->tensors[g->states[i].before]);
        uint32_t aside = 0;
        struct lp_sw_epoch none = {0};
        status = lp_lower_place(l, &none, g->states[i].after, &places[i]);
        if (status != LP_OK || !is_old_value(l, &places[i]))
            continue;
        status = lp_lower_temporary(l, bytes, lp_element_bytes(g->tensors[g->states[i].before].element), &aside);
        if (status == LP_OK)
            status = copy_block(l, &places[i], aside, LP_NO_TENSOR, bytes);
        places[i] = (struct lp_operand){.place = LP_PLACE_ARENA, .index = aside, .tensor = LP_NO_TENSOR};
    }
    for (uint32_t i = 0; i < g->state_count && status == LP_OK; i++)
        status = copy_block(l, &places[i], l->program->states[i].block, LP_NO_TENSOR,
                            (uint32_t)lp_tensor_bytes(&g->tensors[g->states[i].before]));
    return status;
}

/* An output that is a state's old value gets memory of its own. */
static lp_status copy_outputs(struct lp_lowering *l)
{
    const struct lp_graph *g = l->graph;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++) {
        const int32_t tensor = g->outputs[i];
        const struct lp_operand from = {
            .place = LP_PLACE_ARENA, .index = (uint32_t)l->program->block_of_tensor[tensor], .tensor = tensor};
        const uint32_t bytes = (uint32_t)lp_tensor_bytes(&g->tensors[tensor]);
        uint32_t block = 0;
        if (!is_old_value(l, &from))
            continue;
        status = lp_lower_temporary(l, bytes, lp_element_bytes(g->tensors[tensor].element), &block);
        if (status == LP_OK)
            status = copy_block(l, &from, block, LP_NO_TENSOR, bytes);
        l->program->block_of_tensor[tensor] = (int32_t)block;
    }
    return status;
}

static lp_status add_memory(struct lp_lowering *l, uint32_t i)
{
    const struct lp_state *s = &l->graph->states[i];
    const struct lp_tensor *t = &l->graph->tensors[s->before];
    const uint8_t *bytes = s->initial;
    struct lp_state_memory *first = &l->program->states[i];
    const size_t count = (size_t)lp_tensor_bytes(t);
    first->block = (uint32_t)l->program->block_of_tensor[s->before];
    first->fill = bytes[0];
    first->is_even = memcmp(bytes, bytes + 1, count - 1) == 0;
    if (first->is_even)
        return LP_OK;
    const struct lp_item item = {.cause = LP_CAUSE_MODEL_CONSTANTS,
                                 .layer = LP_NO_LAYER,
                                 .name = lp_arena_printf(l->arena, "state_%u", (unsigned)i),
                                 .element = LP_ELEMENT_UINT8,
                                 .data = s->initial,
                                 .count = (uint32_t)count,
                                 .align_bytes = l->program->target->blob_align_bytes};
    return item.name == NULL ? lp_no_memory(l->diag)
                             : lp_section_put(&l->program->weights, l->diag, item, &first->weights_offset_bytes);
}

lp_status lp_lower_states(struct lp_lowering *l)
{
    const uint32_t count = l->graph->state_count;
    if (count == 0)
        return LP_OK;
    l->program->states = LP_NEW_ARRAY(l->arena, count, struct lp_state_memory);
    struct lp_operand *places = LP_NEW_ARRAY(l->arena, count, struct lp_operand);
    if (l->program->states == NULL || places == NULL)
        return lp_no_memory(l->diag);
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < count && status == LP_OK; i++)
        status = add_memory(l, i);
    if (status == LP_OK)
        status = copy_outputs(l);
    return status == LP_OK ? move_states(l, places) : status;
}
