/* Walks the operators once, lets the table of the target lower each, then derives who lives when.
 * needs: SHAPES, operators in an order in which they can run      keeps: the graph, untouched */
#include "compiler/lower/lower.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/rows.h"
#include "compiler/semantics/semantics.h"
#include "contract/kernel_args.h"

#include <string.h>

lp_status lp_lower_temporary(struct lp_lowering *l, uint32_t size_bytes, uint32_t align_bytes, uint32_t *block)
{
    struct lp_program *p = l->program;
    if (p->block_count == p->block_capacity) {
        uint32_t capacity = 2 * p->block_capacity + 8;
        struct lp_block *blocks = LP_NEW_ARRAY(l->arena, capacity, struct lp_block);
        if (blocks == NULL)
            return lp_no_memory(l->diag);
        if (p->block_count != 0)
            memcpy(blocks, p->blocks, p->block_count * sizeof *blocks);
        p->blocks = blocks;
        p->block_capacity = capacity;
    }
    if (align_bytes < p->target->arena_align_bytes)
        align_bytes = p->target->arena_align_bytes;
    *block = p->block_count;
    p->blocks[p->block_count++] = (struct lp_block){
        .size_bytes = size_bytes, .align_bytes = align_bytes, .first_epoch = UINT32_MAX, .last_epoch = 0};
    return LP_OK;
}

/* Every tensor without a block yet has one afterwards. */
static lp_status add_block(struct lp_lowering *l, int32_t tensor)
{
    const struct lp_tensor *t = &l->graph->tensors[tensor];
    uint32_t block = 0;
    lp_status status = lp_lower_temporary(l, (uint32_t)lp_tensor_bytes(t), lp_element_bytes(t->element), &block);
    l->program->block_of_tensor[tensor] = (int32_t)block;
    return status;
}

static lp_status grow_epochs(struct lp_lowering *l)
{
    struct lp_program *p = l->program;
    uint32_t capacity = p->epoch_capacity == 0 ? l->graph->op_count + 1 : p->epoch_capacity * 2;
    struct lp_sw_epoch *epochs = LP_NEW_ARRAY(l->arena, capacity, struct lp_sw_epoch);
    void *takeovers = lp_arena_alloc(l->arena, capacity, sizeof *l->takeovers);
    if (epochs == NULL || takeovers == NULL)
        return lp_no_memory(l->diag);
    if (p->epoch_count != 0) {
        memcpy(epochs, p->epochs, p->epoch_count * sizeof *epochs);
        memcpy(takeovers, l->takeovers, p->epoch_count * sizeof *l->takeovers);
    }
    p->epochs = epochs;
    l->takeovers = takeovers;
    p->epoch_capacity = capacity;
    return LP_OK;
}

static lp_status add_epoch(struct lp_lowering *l, struct lp_sw_epoch epoch, struct lp_sw_epoch **out)
{
    struct lp_program *p = l->program;
    if (p->epoch_count == p->epoch_capacity) {
        lp_status status = grow_epochs(l);
        if (status != LP_OK)
            return status;
    }
    for (int i = 0; i < LP_MAX_TAKEOVERS; i++)
        l->takeovers[p->epoch_count][i].tensor = LP_NO_TENSOR;
    *out = &p->epochs[p->epoch_count++];
    **out = epoch;
    return LP_OK;
}

lp_status lp_lower_epoch(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args, int64_t macs,
                         struct lp_sw_epoch **out)
{
    const struct lp_kernel_info *kernel = lp_kernel_find(symbol);
    if (kernel == NULL)
        return lp_error(l->diag, LP_INTERNAL, "the kernel table has no row for %s", symbol);
    void *copy = lp_arena_alloc(l->arena, kernel->args->size_bytes, 1);
    if (copy == NULL)
        return lp_no_memory(l->diag);
    memcpy(copy, args, kernel->args->size_bytes);
    const struct lp_sw_epoch epoch = {.kernel = kernel, .args = copy, .op = (uint32_t)(op - l->graph->ops), .macs = macs};
    return add_epoch(l, epoch, out);
}

lp_status lp_lower_hw_epoch(struct lp_lowering *l, const struct lp_op *op, const struct lp_hw_epoch *hw, int64_t macs,
                            struct lp_sw_epoch **out)
{
    const struct lp_sw_epoch epoch = {.hw = hw, .op = (uint32_t)(op - l->graph->ops), .macs = macs};
    return add_epoch(l, epoch, out);
}

static lp_status add_operand(struct lp_lowering *l, struct lp_sw_epoch *epoch, struct lp_operand operand)
{
    if (epoch->operand_count == LP_MAX_OPERANDS)
        return lp_error(l->diag, LP_INTERNAL, "%s has more than %d operands",
                        epoch->kernel == NULL ? "a hardware epoch" : epoch->kernel->symbol, LP_MAX_OPERANDS);
    epoch->operands[epoch->operand_count++] = operand;
    return LP_OK;
}

lp_status lp_lower_operand(struct lp_lowering *l, struct lp_sw_epoch *epoch, struct lp_operand operand, uint32_t *index)
{
    for (uint32_t i = 0; i < epoch->operand_count; i++) {
        const struct lp_operand *o = &epoch->operands[i];
        if (o->place == operand.place && o->index == operand.index && o->is_written == operand.is_written) {
            *index = i;
            return LP_OK;
        }
    }
    *index = epoch->operand_count;
    return add_operand(l, epoch, operand);
}

lp_status lp_lower_constant(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, struct lp_item item)
{
    uint32_t offset = 0;
    lp_status status = lp_section_put(&l->program->weights, l->diag, item, &offset);
    if (status != LP_OK)
        return status;
    return add_operand(
        l, epoch,
        (struct lp_operand){
            .field_offset = (uint16_t)field_offset, .place = LP_PLACE_WEIGHTS, .index = offset, .tensor = LP_NO_TENSOR});
}

const char *lp_lower_item_name(struct lp_lowering *l, const char *what, const struct lp_op *op)
{
    return lp_arena_printf(l->arena, "%s_%u", what, (unsigned)op->source_index);
}

static lp_status store_constant(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor)
{
    const struct lp_tensor *t = &l->graph->tensors[tensor];
    const char *name = lp_arena_printf(l->arena, "tensor_%d", (int)tensor);
    if (name == NULL)
        return lp_no_memory(l->diag);
    uint32_t align = lp_element_bytes(t->element);
    struct lp_item item = {
        .cause = LP_CAUSE_MODEL_CONSTANTS,
        .layer = (int32_t)l->graph->ops[epoch->op].source_index,
        .name = name,
        .element = t->element,
        .data = t->data,
        .count = (uint32_t)lp_tensor_elements(t),
        .align_bytes = align > l->program->target->blob_align_bytes ? align : l->program->target->blob_align_bytes,
    };
    uint32_t offset = 0;
    lp_status status = lp_section_put(&l->program->weights, l->diag, item, &offset);
    l->constant_offset[tensor] = (int64_t)offset;
    return status;
}

lp_status lp_lower_place(struct lp_lowering *l, struct lp_sw_epoch *epoch, int32_t tensor, struct lp_operand *out)
{
    lp_status status = LP_OK;
    *out = (struct lp_operand){.place = LP_PLACE_ARENA, .tensor = tensor};
    if (l->graph->tensors[tensor].data != NULL) {
        if (l->constant_offset[tensor] < 0)
            status = store_constant(l, epoch, tensor);
        out->place = LP_PLACE_WEIGHTS;
        out->index = (uint32_t)l->constant_offset[tensor];
        return status;
    }
    if (l->program->block_of_tensor[tensor] < 0)
        status = add_block(l, tensor);
    out->index = (uint32_t)l->program->block_of_tensor[tensor];
    return status;
}

static lp_status bind_tensor(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, int32_t tensor,
                             bool is_written)
{
    struct lp_operand operand;
    if (tensor == LP_NO_TENSOR)
        return LP_OK;
    lp_status status = lp_lower_place(l, epoch, tensor, &operand);
    operand.field_offset = (uint16_t)field_offset;
    operand.is_written = is_written;
    return status == LP_OK ? add_operand(l, epoch, operand) : status;
}

lp_status lp_lower_read(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, int32_t tensor)
{
    return bind_tensor(l, epoch, field_offset, tensor, false);
}

lp_status lp_lower_write(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, int32_t tensor)
{
    return bind_tensor(l, epoch, field_offset, tensor, true);
}

void lp_lower_overlap(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor, uint32_t gap_bytes)
{
    struct lp_takeover *of_epoch = l->takeovers[epoch - l->program->epochs];
    int i = of_epoch[0].tensor == LP_NO_TENSOR ? 0 : 1;
    of_epoch[i] = (struct lp_takeover){tensor, gap_bytes};
}

/* A graph output must not share a block with anything that is written later, and nothing is: each tensor is written once. */
lp_status lp_lower_rename(struct lp_lowering *l, const struct lp_op *op, int32_t in, int32_t out)
{
    struct lp_program *p = l->program;
    if (l->graph->tensors[in].data == NULL) {
        lp_status status = p->block_of_tensor[in] < 0 ? add_block(l, in) : LP_OK;
        p->block_of_tensor[out] = p->block_of_tensor[in];
        return status;
    }
    const struct lp_copy args = {.size_bytes = (uint32_t)lp_tensor_bytes(&l->graph->tensors[in])};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, "lp_copy__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_copy, in), in);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, offsetof(struct lp_copy, out), out);
    return status;
}

lp_status lp_lower_alias(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_copy args;
    lp_status status = lp_copy_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_rename(l, op, op->inputs[0], op->outputs[0]) : status;
}

static void live_at(struct lp_block *block, uint32_t epoch)
{
    if (epoch < block->first_epoch)
        block->first_epoch = epoch;
    if (epoch > block->last_epoch)
        block->last_epoch = epoch;
}

/* The caller writes all inputs before epoch 0, states lie where they are from one inference to the next and reads all outputs after the last one, which counts as one epoch more. */
static void find_lifetimes(struct lp_lowering *l, bool keep_inputs)
{
    struct lp_program *p = l->program;
    for (uint32_t e = 0; e < p->epoch_count; e++)
        for (uint32_t i = 0; i < p->epochs[e].operand_count; i++)
            if (p->epochs[e].operands[i].place == LP_PLACE_ARENA)
                live_at(&p->blocks[p->epochs[e].operands[i].index], e);
    for (uint32_t i = 0; i < l->graph->input_count; i++) {
        struct lp_block *block = &p->blocks[p->block_of_tensor[l->graph->inputs[i]]];
        live_at(block, 0);
        if (keep_inputs)
            live_at(block, p->epoch_count);
    }
    for (uint32_t i = 0; i < l->graph->state_count; i++) {
        live_at(&p->blocks[p->states[i].block], 0);
        live_at(&p->blocks[p->states[i].block], p->epoch_count);
    }
    for (uint32_t i = 0; i < l->graph->output_count; i++)
        live_at(&p->blocks[p->block_of_tensor[l->graph->outputs[i]]], p->epoch_count);
}

static void allow_overlap(struct lp_program *p, uint32_t epoch, int32_t reader_block, uint32_t writer_block, uint32_t gap_bytes)
{
    if (reader_block < 0 || (uint32_t)reader_block == writer_block)
        return;
    const struct lp_block *reader = &p->blocks[reader_block];
    const struct lp_block *writer = &p->blocks[writer_block];
    if (reader->last_epoch == epoch && writer->first_epoch == epoch)
        p->overlaps[p->overlap_count++] = (struct lp_overlap){
            .writer = writer_block, .reader = (uint32_t)reader_block, .gap_bytes = gap_bytes};
}

static lp_status find_overlaps(struct lp_lowering *l)
{
    struct lp_program *p = l->program;
    p->overlaps = LP_NEW_ARRAY(l->arena, LP_MAX_TAKEOVERS * (size_t)p->epoch_count + 1, struct lp_overlap);
    if (p->overlaps == NULL)
        return lp_no_memory(l->diag);
    if (p->move.gap_bytes == LP_ANYWHERE)
        p->overlaps[p->overlap_count++] = p->move;
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        const struct lp_takeover *candidates = l->takeovers[e];
        for (uint32_t i = 0; i < p->epochs[e].operand_count; i++) {
            const struct lp_operand *out = &p->epochs[e].operands[i];
            if (out->place != LP_PLACE_ARENA || !out->is_written)
                continue;
            for (int c = 0; c < LP_MAX_TAKEOVERS; c++)
                if (candidates[c].tensor != LP_NO_TENSOR)
                    allow_overlap(p, e, p->block_of_tensor[candidates[c].tensor], out->index, candidates[c].gap_bytes);
            break;
        }
    }
    return LP_OK;
}

/* The caller looks for outputs in the arena, where no constant is. */
static lp_status refuse_constant_outputs(struct lp_lowering *l)
{
    for (uint32_t i = 0; i < l->graph->output_count; i++)
        if (l->graph->tensors[l->graph->outputs[i]].data != NULL)
            return lp_error(
                l->diag, LP_UNSUPPORTED,
                "output %u ('%s') is a constant of the model file, not the result of an operator: remove it from the outputs",
                (unsigned)i, l->graph->tensors[l->graph->outputs[i]].name);
    return LP_OK;
}

/* The members of struct lp_network_desc that hold these numbers. */
static lp_status check_counts(struct lp_lowering *l)
{
    const struct lp_graph *g = l->graph;
    /* Variables are fewer than their member holds: the reader of the format sees to it. */
    if (l->program->epoch_count <= UINT16_MAX && g->input_count <= UINT16_MAX && g->output_count <= UINT16_MAX)
        return LP_OK;
    return lp_error(l->diag, LP_UNSUPPORTED,
                    "the network has %u epochs, %u inputs and %u outputs; at most 65535 of each are possible: split the model",
                    (unsigned)l->program->epoch_count, (unsigned)g->input_count, (unsigned)g->output_count);
}

lp_status lp_lower_on_cpu(struct lp_lowering *l, const struct lp_op *op)
{
    lp_lower_op *lower = lp_lower_cpu_table[op->kind];
    if (lower == NULL)
        return lp_error(l->diag, LP_UNSUPPORTED, "operator %u (%s '%s') can't be compiled for %s yet", (unsigned)op->source_index,
                        lp_op_kind_table[op->kind].name, lp_op_name(l->graph, op), l->program->target->name);
    lp_status status = lp_lower_expected(l, op);
    return status == LP_OK ? lower(l, op) : status;
}

static lp_status lower_ops(struct lp_lowering *l)
{
    const struct lp_lower_backend *backend = l->options->backend;
    void *state = NULL;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < l->graph->input_count && status == LP_OK; i++)
        status = add_block(l, l->graph->inputs[i]);
    for (uint32_t i = 0; i < l->graph->state_count && status == LP_OK; i++)
        status = add_block(l, l->graph->states[i].before);
    if (status == LP_OK && backend != NULL)
        status = backend->begin(l, &state);
    for (uint32_t i = 0; i < l->graph->op_count && status == LP_OK; i++) {
        if (l->options->move != NULL && l->options->move->op == i)
            status = lp_lower_move(l, l->options->move);
        if (status != LP_OK)
            return status;
        status = backend == NULL ? lp_lower_on_cpu(l, &l->graph->ops[i]) : backend->lower(l, state, &l->graph->ops[i]);
        for (uint32_t r = 0; r < l->options->row_count && status == LP_OK; r++)
            if (l->options->rows[r].first + l->options->rows[r].count == i + 1)
                status = lp_lower_rows(l, &l->options->rows[r]);
    }
    if (status == LP_OK && backend != NULL)
        status = backend->end(l, state);
    return status == LP_OK ? lp_lower_states(l) : status;
}

static lp_status make_program(struct lp_lowering *l, const struct lp_target *target, const struct lp_lower_options *options)
{
    size_t tensors = l->graph->tensor_count;
    struct lp_program *p = LP_NEW(l->arena, struct lp_program);
    l->constant_offset = LP_NEW_ARRAY(l->arena, tensors, int64_t);
    if (p == NULL || l->constant_offset == NULL)
        return lp_no_memory(l->diag);
    p->block_of_tensor = LP_NEW_ARRAY(l->arena, tensors, int32_t);
    if (p->block_of_tensor == NULL)
        return lp_no_memory(l->diag);
    for (size_t i = 0; i < tensors; i++) {
        l->constant_offset[i] = -1;
        p->block_of_tensor[i] = -1;
    }
    p->target = target;
    p->rounding = options->rounding;
    p->arena = l->arena;
    p->weights = (struct lp_section){.name = "weights", .arena = l->arena};
    p->tables = (struct lp_section){.name = "program", .arena = l->arena};
    l->program = p;
    return LP_OK;
}

lp_status lp_lower(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_target *target,
                   const struct lp_lower_options *options, struct lp_program **out)
{
    struct lp_lowering l = {.options = options, .arena = arena, .diag = diag, .graph = graph};
    lp_status status = make_program(&l, target, options);
    if (status == LP_OK)
        status = refuse_constant_outputs(&l);
    if (status == LP_OK)
        status = lower_ops(&l);
    if (status == LP_OK)
        status = check_counts(&l);
    if (status == LP_OK) {
        find_lifetimes(&l, options->keep_inputs);
        status = find_overlaps(&l);
    }
    if (status == LP_OK)
        status = lp_section_close(&l.program->weights, diag);
    if (status == LP_OK)
        status = lp_lower_tables(&l);
    if (status == LP_OK)
        status = lp_section_check(&l.program->weights, diag);
    if (status == LP_OK)
        *out = l.program;
    return status;
}
