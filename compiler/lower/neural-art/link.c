#include "compiler/lower/neural-art/link.h"

#include <string.h>

#include "compiler/lower/neural-art/hw_epoch.h"
#include "compiler/lower/neural-art/sw_text.h"

struct linking {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *graph;
    const struct lp_program *lowered;
    const struct lp_placement *placement;
    struct lp_npu_program *program;
    struct lp_npu_software *software;
    uint32_t software_count;
};

/* ---- addresses ---- */

static const struct lp_item *item_at(const struct lp_section *section, uint32_t offset)
{
    for (uint32_t i = 0; i < section->item_count; i++)
        if (section->items[i].offset_bytes == offset && section->items[i].data != NULL)
            return &section->items[i];
    return NULL;
}

static uint32_t item_bytes(const struct lp_item *item)
{
    return item->count * lp_element_bytes(item->element);
}

static uint32_t operand_address(const struct linking *k, const struct lp_operand *operand)
{
    return (uint32_t)(operand->place == LP_PLACE_ARENA ? k->placement->plan.addresses[operand->index]
                                                       : lp_weights_address(k->placement, operand->index));
}

static uint32_t operand_bytes(const struct linking *k, const struct lp_operand *operand)
{
    if (operand->place == LP_PLACE_ARENA)
        return k->lowered->blocks[operand->index].size_bytes;
    const struct lp_item *item = item_at(&k->lowered->weights, operand->index);
    return item == NULL ? 0 : item_bytes(item);
}

/* ---- epochs ---- */

static lp_status link_hardware(struct linking *k, const struct lp_sw_epoch *from, struct lp_npu_epoch *to)
{
    static const size_t bytes[LP_NPU_UNIT_TYPES] = {sizeof *to->streng, sizeof *to->convacc, sizeof *to->arith, sizeof *to->pool,
                                                    sizeof *to->activ};
    void *copies[LP_NPU_UNIT_TYPES];
    *to = from->hw->epoch;
    const void *units[LP_NPU_UNIT_TYPES] = {to->streng, to->convacc, to->arith, to->pool, to->activ};
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++) {
        size_t count = to->unit_count[type];
        copies[type] = lp_arena_alloc(k->arena, count, bytes[type]);
        if (copies[type] == NULL)
            return lp_no_memory(k->diag);
        memcpy(copies[type], units[type], count * bytes[type]);
    }
    to->streng = copies[LP_NPU_STRENG];
    to->convacc = copies[LP_NPU_CONVACC];
    to->arith = copies[LP_NPU_ARITH];
    to->pool = copies[LP_NPU_POOL];
    to->activ = copies[LP_NPU_ACTIV];
    for (uint32_t i = 0; i < from->hw->relocation_count; i++) {
        const struct lp_npu_relocation *r = &from->hw->relocations[i];
        uint32_t address = operand_address(k, &from->operands[r->operand]) + r->addend;
        memcpy((char *)copies[r->type] + r->position * bytes[r->type] + r->member_offset, &address, sizeof address);
    }
    return LP_OK;
}

static lp_status link_software(struct linking *k, uint32_t e, struct lp_npu_epoch *to)
{
    const struct lp_sw_epoch *from = &k->lowered->epochs[e];
    struct lp_npu_sw_operand *operands = LP_NEW_ARRAY(k->arena, from->operand_count, struct lp_npu_sw_operand);
    if (operands == NULL)
        return lp_no_memory(k->diag);
    for (uint32_t i = 0; i < from->operand_count; i++)
        operands[i] = (struct lp_npu_sw_operand){.field_offset = from->operands[i].field_offset,
                                                 .is_written = from->operands[i].is_written,
                                                 .address = operand_address(k, &from->operands[i]),
                                                 .size_bytes = operand_bytes(k, &from->operands[i])};
    struct lp_npu_software *software = &k->software[k->software_count++];
    *software = (struct lp_npu_software){
        .epoch = e, .kernel = from->kernel, .args = from->args, .operands = operands, .operand_count = from->operand_count};
    to->kind = LP_NPU_EPOCH_SW;
    to->sw_op = lp_npu_sw_text(k->arena, lp_op_kind_table[k->graph->ops[from->op].kind].name, software);
    return to->sw_op == NULL ? lp_no_memory(k->diag) : LP_OK;
}

static lp_status link_epochs(struct linking *k, int32_t **layers)
{
    const struct lp_program *p = k->lowered;
    k->program->epochs = LP_NEW_ARRAY(k->arena, p->epoch_count, struct lp_npu_epoch);
    k->software = LP_NEW_ARRAY(k->arena, p->epoch_count, struct lp_npu_software);
    *layers = LP_NEW_ARRAY(k->arena, p->epoch_count, int32_t);
    if (k->program->epochs == NULL || k->software == NULL || *layers == NULL)
        return lp_no_memory(k->diag);
    k->program->epoch_count = p->epoch_count;
    lp_status status = LP_OK;
    for (uint32_t e = 0; e < p->epoch_count && status == LP_OK; e++) {
        struct lp_npu_epoch *to = &k->program->epochs[e];
        status = p->epochs[e].hw != NULL ? link_hardware(k, &p->epochs[e], to) : link_software(k, e, to);
        to->id = (int32_t)e;
        (*layers)[e] = (int32_t)k->graph->ops[p->epochs[e].op].source_index;
    }
    return status;
}

/* ---- buffers ---- */

static const char *dtype_of(enum lp_element element)
{
    return lp_element_name(element);
}

static lp_status describe_tensor(struct linking *k, int32_t tensor, struct lp_npu_buffer *out)
{
    const struct lp_tensor *t = &k->graph->tensors[tensor];
    const struct lp_block *block = &k->lowered->blocks[k->lowered->block_of_tensor[tensor]];
    int64_t *shape = LP_NEW_ARRAY(k->arena, (size_t)t->rank + 1, int64_t);
    double *scale = LP_NEW_ARRAY(k->arena, (size_t)t->quant.count + 1, double);
    if (shape == NULL || scale == NULL)
        return lp_no_memory(k->diag);
    for (uint8_t i = 0; i < t->rank; i++)
        shape[i] = t->dims[i];
    for (uint32_t i = 0; i < t->quant.count; i++)
        scale[i] = (double)t->quant.scale[i];
    *out = (struct lp_npu_buffer){
        .name = t->name,
        .dtype = dtype_of(t->element),
        .address = (uint32_t)k->placement->plan.addresses[k->lowered->block_of_tensor[tensor]],
        .size_bytes = (uint32_t)lp_tensor_bytes(t),
        .bits = (int32_t)(8 * lp_element_bytes(t->element)),
        .is_unsigned = t->element == LP_ELEMENT_UINT8,
        .shape = shape,
        .rank = t->rank,
        .first_epoch = (int32_t)block->first_epoch,
        .live_first_epoch = (int32_t)block->first_epoch,
        .live_last_epoch = (int32_t)block->last_epoch,
        .per_channel = t->quant.count > 1,
        .scale = scale,
        .zero_point = t->quant.zero_point,
        .scale_count = t->quant.count,
        .zero_point_count = t->quant.count,
    };
    return LP_OK;
}

static lp_status describe_tensors(struct linking *k, enum lp_npu_buffer_role role, const int32_t *tensors, uint32_t count)
{
    struct lp_npu_buffers *buffers = &k->program->buffers[role];
    buffers->items = LP_NEW_ARRAY(k->arena, count, struct lp_npu_buffer);
    if (buffers->items == NULL)
        return lp_no_memory(k->diag);
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < count && status == LP_OK; i++)
        status = describe_tensor(k, tensors[i], &buffers->items[buffers->count++]);
    return status;
}

/* Blocks that hold no input and no output: tensors, and what lowering needs for itself. */
static lp_status describe_blocks(struct linking *k)
{
    const struct lp_program *p = k->lowered;
    const struct lp_graph *g = k->graph;
    struct lp_npu_buffers *buffers = &k->program->buffers[LP_NPU_INTERMEDIATE];
    int32_t *tensor_of = LP_NEW_ARRAY(k->arena, p->block_count, int32_t);
    buffers->items = LP_NEW_ARRAY(k->arena, p->block_count, struct lp_npu_buffer);
    if (tensor_of == NULL || buffers->items == NULL)
        return lp_no_memory(k->diag);
    enum { NONE = -1, PORT = -2 };
    for (uint32_t b = 0; b < p->block_count; b++)
        tensor_of[b] = NONE;
    for (uint32_t t = g->tensor_count; t-- > 0;)
        if (p->block_of_tensor[t] >= 0)
            tensor_of[p->block_of_tensor[t]] = (int32_t)t;
    for (uint32_t i = 0; i < g->input_count; i++)
        tensor_of[p->block_of_tensor[g->inputs[i]]] = PORT;
    for (uint32_t i = 0; i < g->output_count; i++)
        tensor_of[p->block_of_tensor[g->outputs[i]]] = PORT;
    lp_status status = LP_OK;
    for (uint32_t b = 0; b < p->block_count && status == LP_OK; b++) {
        struct lp_npu_buffer *out = &buffers->items[buffers->count];
        if (tensor_of[b] == PORT || p->blocks[b].size_bytes == 0)
            continue;
        buffers->count++;
        if (tensor_of[b] != NONE)
            status = describe_tensor(k, tensor_of[b], out);
        else
            *out = (struct lp_npu_buffer){.name = lp_arena_printf(k->arena, "sums_%u", (unsigned)b),
                                          .dtype = "int16",
                                          .address = (uint32_t)k->placement->plan.addresses[b],
                                          .size_bytes = p->blocks[b].size_bytes,
                                          .bits = 16,
                                          .first_epoch = (int32_t)p->blocks[b].first_epoch,
                                          .live_first_epoch = (int32_t)p->blocks[b].first_epoch,
                                          .live_last_epoch = (int32_t)p->blocks[b].last_epoch};
        if (out->name == NULL)
            return lp_no_memory(k->diag);
    }
    return status;
}

static lp_status describe_parameters(struct linking *k, struct lp_npu_linked *out)
{
    const struct lp_section *weights = &k->lowered->weights;
    struct lp_npu_buffers *buffers = &k->program->buffers[LP_NPU_PARAMETER];
    struct lp_npu_placed *placed = LP_NEW_ARRAY(k->arena, weights->item_count, struct lp_npu_placed);
    buffers->items = LP_NEW_ARRAY(k->arena, weights->item_count, struct lp_npu_buffer);
    if (placed == NULL || buffers->items == NULL)
        return lp_no_memory(k->diag);
    for (uint32_t i = 0; i < weights->item_count; i++) {
        const struct lp_item *item = &weights->items[i];
        if (item->cause == LP_CAUSE_ALIGNMENT)
            continue;
        uint32_t address = (uint32_t)lp_weights_address(k->placement, item->offset_bytes);
        placed[out->placed_count++] = (struct lp_npu_placed){item->name, address, item_bytes(item), item->cause, item->layer};
        buffers->items[buffers->count++] = (struct lp_npu_buffer){.name = item->name,
                                                                  .dtype = dtype_of(item->element),
                                                                  .address = address,
                                                                  .size_bytes = item_bytes(item),
                                                                  .bits = (int32_t)(8 * lp_element_bytes(item->element)),
                                                                  .is_unsigned = item->element == LP_ELEMENT_UINT8,
                                                                  .first_epoch = -1,
                                                                  .live_first_epoch = -1,
                                                                  .live_last_epoch = -1};
    }
    out->placed = placed;
    return LP_OK;
}

static lp_status add_images(struct linking *k)
{
    const struct lp_target *t = k->lowered->target;
    const uint8_t *bytes = lp_section_bytes(&k->lowered->weights, k->arena);
    k->program->images = LP_NEW_ARRAY(k->arena, k->placement->chunk_count, struct lp_npu_image);
    if (k->program->images == NULL || bytes == NULL)
        return lp_no_memory(k->diag);
    for (uint32_t i = 0; i < k->placement->chunk_count; i++) {
        const struct lp_chunk *c = &k->placement->chunks[i];
        const char *pool = t->pools[c->region].name;
        const char *file = lp_arena_printf(k->arena, "%s.%s.bin", k->program->name, pool);
        if (file == NULL)
            return lp_no_memory(k->diag);
        k->program->images[k->program->image_count++] = (struct lp_npu_image){.pool = pool,
                                                                              .base = (uint32_t)c->address,
                                                                              .size_bytes = (uint32_t)c->size_bytes,
                                                                              .file = file,
                                                                              .bytes = bytes + c->start_bytes};
    }
    return LP_OK;
}

/* First values of what the network keeps. Those that are not one repeated byte also lie among the constants. */
static lp_status add_states(struct linking *k)
{
    const struct lp_target *t = k->lowered->target;
    k->program->states = LP_NEW_ARRAY(k->arena, k->graph->state_count, struct lp_npu_image);
    if (k->program->states == NULL)
        return lp_no_memory(k->diag);
    for (uint32_t i = 0; i < k->graph->state_count; i++) {
        const struct lp_state_memory *memory = &k->lowered->states[i];
        const uint64_t base = k->placement->plan.addresses[memory->block];
        const char *pool = "";
        for (uint32_t r = 0; r < t->pool_count; r++)
            if (base >= t->pools[r].base && base - t->pools[r].base < t->pools[r].size_bytes)
                pool = t->pools[r].name;
        k->program->states[i] = (struct lp_npu_image){
            .pool = pool,
            .base = (uint32_t)base,
            .size_bytes = (uint32_t)lp_tensor_bytes(&k->graph->tensors[k->graph->states[i].before]),
            .file = lp_arena_printf(k->arena, "%s.state_%u.bin", k->program->name, (unsigned)i),
            .bytes = k->graph->states[i].initial,
            .same_at = memory->is_even ? 0 : (uint32_t)lp_weights_address(k->placement, memory->weights_offset_bytes)};
        if (k->program->states[i].file == NULL)
            return lp_no_memory(k->diag);
    }
    k->program->state_count = k->graph->state_count;
    return LP_OK;
}

static lp_status add_pools(struct linking *k)
{
    const struct lp_target *t = k->lowered->target;
    k->program->pools = LP_NEW_ARRAY(k->arena, t->pool_count, struct lp_npu_pool_memory);
    if (k->program->pools == NULL)
        return lp_no_memory(k->diag);
    k->program->pool_count = t->pool_count;
    for (uint32_t i = 0; i < t->pool_count; i++)
        k->program->pools[i] = (struct lp_npu_pool_memory){.name = t->pools[i].name,
                                                           .base = (uint32_t)t->pools[i].base,
                                                           .size_bytes = (uint32_t)t->pools[i].size_bytes,
                                                           .is_writable = t->pools[i].writable,
                                                           .is_cacheable = t->pools[i].cacheable};
    return LP_OK;
}

lp_status lp_npu_link(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                      const struct lp_program *lowered, const struct lp_placement *placement, const char *name,
                      struct lp_npu_linked *out)
{
    struct linking k = {arena, diag, graph, lowered, placement, LP_NEW(arena, struct lp_npu_program), NULL, 0};
    int32_t *layers = NULL;
    *out = (struct lp_npu_linked){.program = k.program};
    if (k.program == NULL)
        return lp_no_memory(diag);
    k.program->name = name;
    lp_status status = add_pools(&k);
    if (status == LP_OK)
        status = link_epochs(&k, &layers);
    if (status == LP_OK)
        status = describe_tensors(&k, LP_NPU_INPUT, graph->inputs, graph->input_count);
    if (status == LP_OK)
        status = describe_tensors(&k, LP_NPU_OUTPUT, graph->outputs, graph->output_count);
    if (status == LP_OK)
        status = describe_blocks(&k);
    if (status == LP_OK)
        status = describe_parameters(&k, out);
    if (status == LP_OK)
        status = add_images(&k);
    if (status == LP_OK)
        status = add_states(&k);
    out->software = k.software;
    out->software_count = k.software_count;
    out->epoch_layers = layers;
    return status;
}
