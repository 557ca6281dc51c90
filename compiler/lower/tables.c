/* Sizes of what the emitted C holds besides the weights. Members are aligned to their size, on every target. */
#include "compiler/lower/lowering.h"

static const uint32_t field_bytes[] = {
    [LP_FIELD_U8] = 1,  [LP_FIELD_S8] = 1,  [LP_FIELD_U16] = 2, [LP_FIELD_S16] = 2,
    [LP_FIELD_S32] = 4, [LP_FIELD_U32] = 4, [LP_FIELD_F32] = 4,
};

uint32_t lp_field_align(const struct lp_field *field, uint32_t pointer_bytes)
{
    return field->type >= LP_FIELD_POINTER ? pointer_bytes : field_bytes[field->type];
}

uint32_t lp_field_bytes(const struct lp_field *field, uint32_t pointer_bytes)
{
    return lp_field_align(field, pointer_bytes) * (field->type == LP_FIELD_EPOCH ? 2 : 1);
}

static uint32_t align_up(uint32_t value, uint32_t align)
{
    return (value + align - 1) / align * align;
}

uint32_t lp_args_target_bytes(const struct lp_args_info *info, uint32_t pointer_bytes)
{
    uint32_t size = 0;
    uint32_t widest = 1;
    for (uint32_t i = 0; i < info->field_count; i++) {
        const struct lp_field *field = &info->fields[i];
        uint32_t align = lp_field_align(field, pointer_bytes);
        size = align_up(size, align) + lp_field_bytes(field, pointer_bytes) * field->count;
        widest = align > widest ? align : widest;
    }
    return align_up(size, widest);
}

static lp_status count_table(struct lp_lowering *l, enum lp_cause cause, int32_t layer, uint32_t bytes)
{
    return lp_section_put(
        &l->program->tables, l->diag,
        (struct lp_item){.cause = cause, .layer = layer, .element = LP_ELEMENT_UINT8, .count = bytes, .align_bytes = 1}, NULL);
}

/* Arguments, with those of stages, and what else is stored for the epoch. */
static lp_status count_epoch(struct lp_lowering *l, const struct lp_sw_epoch *epoch, uint32_t more_bytes)
{
    uint32_t pointer = l->program->target->pointer_bytes;
    lp_status status = count_table(l, LP_CAUSE_EPOCH_PROGRAM, (int32_t)l->graph->ops[epoch->op].source_index,
                                   more_bytes + lp_args_target_bytes(epoch->kernel->args, pointer));
    for (uint32_t i = 0; i < epoch->stage_count && status == LP_OK; i++)
        status = count_epoch(l, &epoch->stages[i], 0);
    return status;
}

lp_status lp_lower_tables(struct lp_lowering *l)
{
    const struct lp_program *p = l->program;
    uint32_t pointer = p->target->pointer_bytes;
    lp_status status = LP_OK;
    for (uint32_t e = 0; e < p->epoch_count && status == LP_OK; e++)
        if (p->epochs[e].kernel != NULL)
            status = count_epoch(l, &p->epochs[e], 2 * pointer);
    /* struct lp_port_desc: pointer, uint32_t, uint8_t, float, int32_t.  struct lp_network_desc: contract/network.h. */
    uint32_t port_bytes = align_up(pointer + 16, pointer);
    uint32_t network_bytes = align_up(align_up(8, pointer) + 5 * pointer + 12, pointer) + 2 * pointer;
    /* struct lp_state_desc */
    uint32_t state_bytes = align_up(2 * pointer + 5, pointer);
    if (status == LP_OK)
        status = count_table(l, LP_CAUSE_IO, LP_NO_LAYER, (l->graph->input_count + l->graph->output_count) * port_bytes);
    if (status == LP_OK && l->graph->state_count != 0)
        status = count_table(l, LP_CAUSE_IO, LP_NO_LAYER, l->graph->state_count * state_bytes);
    if (status == LP_OK)
        status = count_table(l, LP_CAUSE_EPOCH_PROGRAM, LP_NO_LAYER, network_bytes);
    return status == LP_OK ? lp_section_check(&l->program->tables, l->diag) : status;
}
