#include "evaluate/load.h"

#include "contract/crc32.h"
#include "contract/kernel_args.h"
#include "evaluate/faster.h"
#include "evaluate/kernel_functions.h"
#include "runtime/epoch/states.h"
#include "runtime/ports/port.h"

#include <stdbool.h>
#include <string.h>

static uint8_t *operand_address(const struct lp_loaded *loaded, const struct lp_operand *operand)
{
    if (operand->place == LP_PLACE_ARENA)
        return loaded->desc.arena + loaded->program->blocks[operand->index].offset_bytes;
    /* Kernels only read what lies in the weights; their structures hold pointers to const. */
    return (uint8_t *)(uintptr_t)(loaded->desc.weights + operand->index);
}

/* What the epoch's kernel is called with; the stages of one that calls others as well. */
static lp_status load_epoch(struct lp_arena *arena, struct lp_diag *diag, const struct lp_loaded *loaded,
                            const struct lp_sw_epoch *epoch, struct lp_epoch *out)
{
    uint8_t *args = lp_arena_alloc(arena, epoch->kernel->args->size_bytes, 1);
    if (args == NULL)
        return lp_no_memory(diag);
    memcpy(args, epoch->args, epoch->kernel->args->size_bytes);
    for (uint32_t i = 0; i < epoch->operand_count && epoch->stage_count == 0; i++) {
        void *address = operand_address(loaded, &epoch->operands[i]);
        memcpy(args + epoch->operands[i].field_offset, &address, sizeof address);
    }
    for (uint32_t i = 0; i < epoch->stage_count; i++) {
        struct lp_rows *rows = (struct lp_rows *)(void *)args;
        lp_status status = load_epoch(arena, diag, loaded, &epoch->stages[i], &rows->stage[i]);
        if (status != LP_OK)
            return status;
    }
    *out = (struct lp_epoch){lp_kernel_function(epoch->kernel->symbol), args};
    return out->run != NULL ? LP_OK
                            : lp_error(diag, LP_INTERNAL, "this program was built without the kernel %s", epoch->kernel->symbol);
}

static lp_status load_epochs(struct lp_arena *arena, struct lp_diag *diag, struct lp_loaded *loaded)
{
    const struct lp_program *p = loaded->program;
    struct lp_epoch *epochs = LP_NEW_ARRAY(arena, p->epoch_count, struct lp_epoch);
    lp_status status = epochs == NULL ? lp_no_memory(diag) : LP_OK;
    for (uint32_t e = 0; e < p->epoch_count && status == LP_OK; e++) {
        status = load_epoch(arena, diag, loaded, &p->epochs[e], &epochs[e]);
        if (status == LP_OK)
            status = lp_use_faster(arena, diag, &epochs[e].run, &epochs[e].args);
    }
    loaded->desc.epochs = epochs;
    loaded->desc.epoch_count = (uint16_t)p->epoch_count;
    return status;
}

static struct lp_port_desc *load_ports(struct lp_arena *arena, const struct lp_loaded *loaded, const int32_t *tensors,
                                       uint32_t count)
{
    struct lp_port_desc *ports = LP_NEW_ARRAY(arena, count, struct lp_port_desc);
    for (uint32_t i = 0; ports != NULL && i < count; i++) {
        const struct lp_tensor *t = &loaded->graph->tensors[tensors[i]];
        ports[i] = (struct lp_port_desc){
            .data = loaded->desc.arena + loaded->program->blocks[loaded->program->block_of_tensor[tensors[i]]].offset_bytes,
            .size_bytes = (uint32_t)lp_tensor_bytes(t),
            .element = (uint8_t)t->element,
            .scale = t->quant.count == 0 ? 0.0f : t->quant.scale[0],
            .zero_point = t->quant.count == 0 ? 0 : t->quant.zero_point[0],
        };
    }
    return ports;
}

static struct lp_state_desc *load_states(struct lp_arena *arena, const struct lp_loaded *loaded)
{
    const struct lp_program *p = loaded->program;
    struct lp_state_desc *states = LP_NEW_ARRAY(arena, loaded->graph->state_count, struct lp_state_desc);
    for (uint32_t i = 0; states != NULL && i < loaded->graph->state_count; i++) {
        const struct lp_state_memory *s = &p->states[i];
        states[i] = (struct lp_state_desc){.data = loaded->desc.arena + p->blocks[s->block].offset_bytes,
                                           .initial = s->is_even ? NULL : loaded->desc.weights + s->weights_offset_bytes,
                                           .size_bytes = p->blocks[s->block].size_bytes,
                                           .fill = s->fill};
    }
    return states;
}

lp_status lp_load(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_program *program,
                  uint32_t arena_bytes, struct lp_loaded *out)
{
    *out = (struct lp_loaded){.program = program, .graph = graph};
    uint8_t *weights = lp_section_bytes(&program->weights, arena);
    out->desc.arena = lp_arena_alloc(arena, arena_bytes, 1);
    if (weights == NULL || out->desc.arena == NULL)
        return lp_no_memory(diag);
    out->desc.abi = LP_ABI;
    out->desc.arena_bytes = arena_bytes;
    if (program->weights.size_bytes != 0) {
        out->desc.weights = weights;
        out->desc.weights_bytes = program->weights.size_bytes;
        out->desc.weights_crc32 = lp_crc32(weights, program->weights.size_bytes);
    }
    out->desc.input_count = (uint16_t)graph->input_count;
    out->desc.output_count = (uint16_t)graph->output_count;
    out->desc.inputs = load_ports(arena, out, graph->inputs, graph->input_count);
    out->desc.outputs = load_ports(arena, out, graph->outputs, graph->output_count);
    out->desc.state_count = (uint8_t)graph->state_count;
    out->desc.states = load_states(arena, out);
    out->desc.setup = graph->state_count == 0 ? NULL : lp_states_setup;
    if (out->desc.inputs == NULL || out->desc.outputs == NULL || out->desc.states == NULL)
        return lp_no_memory(diag);
    lp_status status = load_epochs(arena, diag, out);
    if (status == LP_OK) {
        status = lp_network_open(&out->net, &out->desc, lp_port_default());
        if (status != LP_OK)
            return lp_error(diag, status, "the network does not open: %s", out->net.failure.why);
    }
    return status;
}

static void write_inputs(struct lp_loaded *loaded, const uint8_t *const *inputs)
{
    for (uint32_t i = 0; i < loaded->desc.input_count; i++)
        memcpy(loaded->desc.inputs[i].data, inputs[i], loaded->desc.inputs[i].size_bytes);
}

static void read_outputs(const struct lp_loaded *loaded, uint8_t *const *outputs)
{
    for (uint32_t i = 0; i < loaded->desc.output_count; i++)
        memcpy(outputs[i], loaded->desc.outputs[i].data, loaded->desc.outputs[i].size_bytes);
}

static lp_status epoch_error(const struct lp_loaded *loaded, struct lp_diag *diag, uint32_t epoch, lp_status status)
{
    const struct lp_op *op = &loaded->graph->ops[loaded->program->epochs[epoch].op];
    if (status == LP_BAD_INPUT)
        return lp_error(diag, status,
                        "epoch %u (operator %u, %s '%s'): an input has a value that the model is not compiled for (an index out "
                        "of range, or another shape than the declared one)",
                        (unsigned)epoch, (unsigned)op->source_index, lp_op_kind_table[op->kind].name,
                        lp_op_name(loaded->graph, op));
    return lp_error(diag, status, "epoch %u (operator %u, %s '%s') failed with status %d", (unsigned)epoch,
                    (unsigned)op->source_index, lp_op_kind_table[op->kind].name, lp_op_name(loaded->graph, op), (int)status);
}

lp_status lp_loaded_run(struct lp_loaded *loaded, struct lp_diag *diag, const uint8_t *const *inputs, uint8_t *const *outputs)
{
    write_inputs(loaded, inputs);
    lp_status status = lp_network_run(&loaded->net);
    if (status != LP_OK)
        return epoch_error(loaded, diag, loaded->net.failure.epoch, status);
    read_outputs(loaded, outputs);
    return LP_OK;
}

/* Some operators write their output in several epochs: it is whole behind the last of them. */
static bool is_whole(const struct lp_program *p, uint32_t epoch, int32_t tensor)
{
    for (uint32_t e = epoch + 1; e < p->epoch_count && p->epochs[e].op == p->epochs[epoch].op; e++)
        for (uint32_t i = 0; i < p->epochs[e].operand_count; i++)
            if (p->epochs[e].operands[i].is_written && p->epochs[e].operands[i].tensor == tensor)
                return false;
    return true;
}

lp_status lp_loaded_run_watched(struct lp_loaded *loaded, struct lp_diag *diag, const uint8_t *const *inputs,
                                uint8_t *const *outputs, const struct lp_tensor_watch *watch)
{
    write_inputs(loaded, inputs);
    for (uint32_t e = 0; e < loaded->desc.epoch_count; e++) {
        lp_status status = loaded->desc.epochs[e].run(loaded->desc.epochs[e].args);
        if (status != LP_OK)
            return epoch_error(loaded, diag, e, status);
        const struct lp_sw_epoch *epoch = &loaded->program->epochs[e];
        for (uint32_t i = 0; i < epoch->operand_count; i++)
            if (epoch->operands[i].is_written && epoch->operands[i].tensor != LP_NO_TENSOR &&
                is_whole(loaded->program, e, epoch->operands[i].tensor))
                watch->seen(watch->user, epoch->operands[i].tensor, operand_address(loaded, &epoch->operands[i]));
    }
    read_outputs(loaded, outputs);
    return LP_OK;
}
