#include "evaluate/neural-art/simulate.h"

#include <string.h>

#include "evaluate/neural-art/software.h"

lp_status lp_npu_simulation_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                 const struct lp_program *lowered, const struct lp_placement *placement,
                                 const struct lp_npu_linked *linked, struct lp_npu_simulation *out)
{
    *out = (struct lp_npu_simulation){.graph = graph, .lowered = lowered, .linked = linked, .placement = placement, .diag = diag};
    out->saturations = LP_NEW_ARRAY(arena, linked->program->epoch_count, uint64_t);
    out->cycles = LP_NEW_ARRAY(arena, linked->program->epoch_count, uint64_t);
    if (out->saturations == NULL || out->cycles == NULL)
        return lp_no_memory(diag);
    return lp_sim_ram_open(arena, diag, linked->program, &out->ram);
}

static uint32_t tensor_address(const struct lp_npu_simulation *s, int32_t tensor)
{
    return (uint32_t)s->placement->plan.addresses[s->lowered->block_of_tensor[tensor]];
}

static size_t tensor_bytes(const struct lp_npu_simulation *s, int32_t tensor)
{
    return (size_t)lp_tensor_bytes(&s->graph->tensors[tensor]);
}

/* The last stage clamps to the 8 bits of the result: that is the operator's own saturation. Before it nothing may clamp. */
static bool counts(const struct lp_npu_epoch *epoch, const struct lp_sim_unit_report *unit)
{
    const struct lp_npu_arith *arith = unit->unit_type == LP_NPU_ARITH ? lp_npu_epoch_find(epoch, LP_NPU_ARITH, unit->index)
                                                                       : NULL;
    return arith == NULL || arith->outbytes_o > 1;
}

static lp_status run_hardware(struct lp_npu_simulation *s, uint32_t e)
{
    const struct lp_npu_epoch *epoch = &s->linked->program->epochs[e];
    struct lp_arena scratch = {0};
    struct lp_sim_findings findings = {.arena = &scratch};
    struct lp_sim_epoch_report report = {0};
    const struct lp_sim_options options = {0};
    lp_status status = lp_sim_run_epoch(s->linked->program, epoch, &s->ram.memory, &options, &findings, &report);
    if (status != LP_OK) {
        struct lp_text text = {0};
        lp_sim_findings_print(&findings, &text);
        status = lp_error(s->diag, LP_INTERNAL, "the simulator does not run what was compiled: %s", lp_text_get(&text));
        lp_text_free(&text);
    }
    for (uint32_t i = 0; i < report.unit_count; i++)
        if (counts(epoch, &report.units[i]))
            s->saturations[e] += report.units[i].saturations;
    s->cycles[e] = report.cycles;
    lp_arena_free(&scratch);
    return status;
}

static lp_status force_inputs(struct lp_npu_simulation *s, uint32_t e, const struct lp_npu_force *force)
{
    const struct lp_sw_epoch *epoch = &s->lowered->epochs[e];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < epoch->operand_count && status == LP_OK; i++) {
        const struct lp_operand *o = &epoch->operands[i];
        if (o->place != LP_PLACE_ARENA || o->is_written || o->tensor == LP_NO_TENSOR)
            continue;
        const void *value = force->value(force->user, o->tensor);
        if (value != NULL)
            status = lp_sim_ram_put(&s->ram, tensor_address(s, o->tensor), value, tensor_bytes(s, o->tensor));
    }
    return status;
}

/* A tensor is whole when the last epoch that writes to it has run, whichever operator that belongs to. */
static bool writes_later(const struct lp_npu_simulation *s, uint32_t e, int32_t tensor)
{
    const struct lp_program *p = s->lowered;
    for (uint32_t later = e + 1; later < p->epoch_count; later++)
        for (uint32_t i = 0; i < p->epochs[later].operand_count; i++)
            if (p->epochs[later].operands[i].is_written && p->epochs[later].operands[i].tensor == tensor)
                return true;
    return false;
}

static lp_status show_outputs(struct lp_npu_simulation *s, uint32_t e, const struct lp_tensor_watch *watch)
{
    const struct lp_sw_epoch *epoch = &s->lowered->epochs[e];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < epoch->operand_count && status == LP_OK; i++) {
        int32_t tensor = epoch->operands[i].tensor;
        if (!epoch->operands[i].is_written || tensor == LP_NO_TENSOR || writes_later(s, e, tensor))
            continue;
        struct lp_arena scratch = {0};
        uint8_t *bytes = lp_arena_alloc(&scratch, tensor_bytes(s, tensor), 1);
        status = bytes == NULL ? lp_no_memory(s->diag)
                               : lp_sim_ram_get(&s->ram, tensor_address(s, tensor), bytes, tensor_bytes(s, tensor));
        if (status == LP_OK)
            watch->seen(watch->user, tensor, bytes);
        lp_arena_free(&scratch);
    }
    return status;
}

lp_status lp_npu_simulation_run(struct lp_npu_simulation *s, const uint8_t *const *inputs, uint8_t *const *outputs,
                                const struct lp_tensor_watch *watch, const struct lp_npu_force *force)
{
    const struct lp_graph *g = s->graph;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++)
        status = lp_sim_ram_put(&s->ram, tensor_address(s, g->inputs[i]), inputs[i], tensor_bytes(s, g->inputs[i]));
    for (uint32_t e = 0, software = 0; e < s->linked->program->epoch_count && status == LP_OK; e++) {
        if (force != NULL)
            status = force_inputs(s, e, force);
        if (status == LP_OK && s->linked->program->epochs[e].kind == LP_NPU_EPOCH_HW)
            status = run_hardware(s, e);
        else if (status == LP_OK)
            status = lp_npu_software_run(s->diag, &s->linked->software[software++], &s->ram.memory);
        if (status == LP_OK && watch != NULL)
            status = show_outputs(s, e, watch);
    }
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++)
        status = lp_sim_ram_get(&s->ram, tensor_address(s, g->outputs[i]), outputs[i], tensor_bytes(s, g->outputs[i]));
    return status;
}
