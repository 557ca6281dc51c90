/* NAME.c: arena, arguments of every epoch with their final addresses, the epoch table, the network's description. */
#include "compiler/emit/parts.h"

#include <stdio.h>
#include <string.h>

/* Member of the weights structure that starts at an offset. */
static const char *weight_member(const struct lp_section *weights, uint32_t offset_bytes)
{
    for (uint32_t i = 0; i < weights->item_count; i++)
        if (weights->items[i].offset_bytes == offset_bytes && weights->items[i].name != NULL)
            return weights->items[i].name;
    return "missing";
}

static void add_number(struct lp_text *out, const struct lp_field *field, const uint8_t *at)
{
    int32_t s32;
    uint32_t u32;
    int16_t s16;
    uint16_t u16;
    float f32;
    switch ((enum lp_field_type)field->type) {
    case LP_FIELD_U8: lp_text_printf(out, "%u", (unsigned)*at); break;
    case LP_FIELD_S8: lp_text_printf(out, "%d", (int)(int8_t)*at); break;
    case LP_FIELD_U16:
        memcpy(&u16, at, sizeof u16);
        lp_text_printf(out, "%u", (unsigned)u16);
        break;
    case LP_FIELD_S16:
        memcpy(&s16, at, sizeof s16);
        lp_text_printf(out, "%d", (int)s16);
        break;
    case LP_FIELD_U32:
        memcpy(&u32, at, sizeof u32);
        lp_text_printf(out, "%uu", (unsigned)u32);
        break;
    case LP_FIELD_S32:
        memcpy(&s32, at, sizeof s32);
        lp_text_printf(out, s32 == INT32_MIN ? "-2147483647 - 1" : "%d", (int)s32);
        break;
    case LP_FIELD_F32:
        memcpy(&f32, at, sizeof f32);
        lp_emit_float(out, f32);
        break;
    case LP_FIELD_POINTER:
    case LP_FIELD_EPOCH: break;
    }
}

static uint32_t field_size_bytes(const struct lp_field *field)
{
    return field->type <= LP_FIELD_S8 ? 1u : field->type <= LP_FIELD_S16 ? 2u : 4u;
}

void lp_emit_field(struct lp_text *out, const struct lp_field *field, const uint8_t *args)
{
    lp_text_printf(out, "    .%s = %s", field->name, field->count > 1 ? "{" : "");
    for (uint32_t i = 0; i < field->count; i++) {
        if (i != 0)
            lp_text_printf(out, ", ");
        add_number(out, field, args + field->offset + i * field_size_bytes(field));
    }
    lp_text_printf(out, "%s,\n", field->count > 1 ? "}" : "");
}

static void add_pointer(const struct lp_emit_input *in, struct lp_text *out, const struct lp_field *field,
                        const struct lp_sw_epoch *epoch)
{
    for (uint32_t i = 0; i < epoch->operand_count; i++) {
        const struct lp_operand *operand = &epoch->operands[i];
        if (operand->field_offset != field->offset)
            continue;
        if (operand->place == LP_PLACE_WEIGHTS)
            lp_text_printf(out, "    .%s = (%s *)%s_weights.%s,\n", field->name, field->c_type, in->name,
                           weight_member(&in->program->weights, operand->index));
        else
            lp_text_printf(out, "    .%s = (%s *)(%s_arena + %u),\n", field->name, field->c_type, in->name,
                           (unsigned)in->program->blocks[operand->index].offset_bytes);
    }
}

static void add_stages(const struct lp_sw_epoch *epoch, const char *symbol, struct lp_text *out)
{
    lp_text_printf(out, "    .stage = {");
    for (uint32_t i = 0; i < epoch->stage_count; i++)
        lp_text_printf(out, "%s{%s, &%s_%u}", i == 0 ? "" : ", ", epoch->stages[i].kernel->symbol, symbol, (unsigned)i);
    lp_text_printf(out, "},\n");
}

/* The arguments of an epoch, those of its stages before. `symbol`: of the structure. */
static void add_args(const struct lp_emit_input *in, const struct lp_sw_epoch *epoch, const char *symbol, struct lp_text *out)
{
    char comment[LP_COMMENT_BYTES], stage[LP_SYMBOL_BYTES];
    const struct lp_op *op = &in->graph->ops[epoch->op];
    const struct lp_args_info *info = epoch->kernel->args;
    for (uint32_t i = 0; i < epoch->stage_count; i++) {
        snprintf(stage, sizeof stage, "%s_%u", symbol, (unsigned)i);
        add_args(in, &epoch->stages[i], stage, out);
    }
    lp_text_printf(out, "\n/* %s '%s', operator %u of the model. */\n", lp_op_kind_table[op->kind].name,
                   lp_emit_comment(lp_op_name(in->graph, op), comment), (unsigned)op->source_index);
    lp_text_printf(out, "static const %s %s = {\n", info->c_name, symbol);
    for (uint32_t i = 0; i < info->field_count; i++) {
        if (info->fields[i].type == LP_FIELD_POINTER)
            add_pointer(in, out, &info->fields[i], epoch);
        else if (info->fields[i].type == LP_FIELD_EPOCH)
            add_stages(epoch, symbol, out);
        else
            lp_emit_field(out, &info->fields[i], epoch->args);
    }
    lp_text_printf(out, "};\n");
    if (in->program->target->pointer_bytes == 4)
        lp_text_printf(out, "_Static_assert(sizeof(void *) != 4 || sizeof(%s) == %u, \"another layout than was planned\");\n",
                       info->c_name, (unsigned)lp_args_target_bytes(info, 4));
}

static void add_ports(const struct lp_emit_input *in, const char *direction, const int32_t *tensors, uint32_t count,
                      struct lp_text *out)
{
    static const char *const elements[] = {
        [LP_ELEMENT_INT8] = "INT8",   [LP_ELEMENT_UINT8] = "UINT8", [LP_ELEMENT_INT16] = "INT16",
        [LP_ELEMENT_INT32] = "INT32", [LP_ELEMENT_INT64] = "INT64", [LP_ELEMENT_FLOAT32] = "FLOAT32",
        [LP_ELEMENT_BOOL] = "BOOL",
    };
    if (count == 0)
        return; /* a network of constants alone has no input, and C no empty array */
    lp_text_printf(out, "\nstatic const struct lp_port_desc %s_%s[] = {\n", in->name, direction);
    for (uint32_t i = 0; i < count; i++) {
        const struct lp_tensor *t = &in->graph->tensors[tensors[i]];
        const struct lp_block *block = &in->program->blocks[in->program->block_of_tensor[tensors[i]]];
        lp_text_printf(out, "    {.data = %s_arena + %u, .size_bytes = %lld, .element = LP_ELEMENT_%s, .scale = ", in->name,
                       (unsigned)block->offset_bytes, (long long)lp_tensor_bytes(t), elements[t->element]);
        lp_emit_float(out, t->quant.count == 0 ? 0.0f : t->quant.scale[0]);
        lp_text_printf(out, ", .zero_point = %d},\n", t->quant.count == 0 ? 0 : (int)t->quant.zero_point[0]);
    }
    lp_text_printf(out, "};\n");
}

static void add_states(const struct lp_emit_input *in, struct lp_text *out)
{
    if (in->graph->state_count == 0)
        return;
    lp_text_printf(out, "\nstatic const struct lp_state_desc %s_states[] = {\n", in->name);
    for (uint32_t i = 0; i < in->graph->state_count; i++) {
        const struct lp_state_memory *s = &in->program->states[i];
        const struct lp_block *block = &in->program->blocks[s->block];
        lp_text_printf(out, "    {.data = %s_arena + %u, .size_bytes = %u, ", in->name, (unsigned)block->offset_bytes,
                       (unsigned)block->size_bytes);
        if (s->is_even)
            lp_text_printf(out, ".fill = %u},\n", (unsigned)s->fill);
        else
            lp_text_printf(out, ".initial = %s_weights.%s},\n", in->name,
                           weight_member(&in->program->weights, s->weights_offset_bytes));
    }
    lp_text_printf(out, "};\n");
}

static void add_network(const struct lp_emit_input *in, struct lp_arena *arena, struct lp_text *out)
{
    const struct lp_program *p = in->program;
    const uint8_t *weights = lp_section_bytes(&p->weights, arena);
    const char *n = in->name;
    if (weights == NULL)
        out->failed = true;
    if (p->epoch_count != 0) {
        lp_text_printf(out, "\nstatic const struct lp_epoch %s_epochs[] = {\n", n);
        for (uint32_t e = 0; e < p->epoch_count; e++)
            lp_text_printf(out, "    {%s, &%s_args_%u},\n", p->epochs[e].kernel->symbol, n, (unsigned)e);
        lp_text_printf(out, "};\n");
    }
    add_ports(in, "inputs", in->graph->inputs, in->graph->input_count, out);
    add_ports(in, "outputs", in->graph->outputs, in->graph->output_count, out);
    add_states(in, out);
    lp_text_printf(out, "\nconst struct lp_network_desc %s_network = {\n    .abi = LP_ABI,\n    .epoch_count = %u,\n", n,
                   (unsigned)p->epoch_count);
    lp_text_printf(out, "    .input_count = %u,\n    .output_count = %u,\n", (unsigned)in->graph->input_count,
                   (unsigned)in->graph->output_count);
    if (in->graph->state_count != 0)
        lp_text_printf(out, "    .state_count = %u,\n    .states = %s_states,\n    .setup = lp_states_setup,\n",
                       (unsigned)in->graph->state_count, n);
    if (p->epoch_count != 0)
        lp_text_printf(out, "    .epochs = %s_epochs,\n", n);
    if (in->graph->input_count != 0)
        lp_text_printf(out, "    .inputs = %s_inputs,\n", n);
    lp_text_printf(out, "    .outputs = %s_outputs,\n", n);
    if (p->weights.size_bytes != 0 && weights != NULL)
        lp_text_printf(out,
                       "    .weights = (const uint8_t *)&%s_weights,\n    .weights_bytes = %u,\n    .weights_crc32 = 0x%08xu,\n",
                       n, (unsigned)p->weights.size_bytes, (unsigned)lp_emit_crc32(weights, p->weights.size_bytes));
    lp_text_printf(out, "    .arena_bytes = %u,\n    .arena = %s_arena,\n};\n", (unsigned)in->arena_bytes, n);
}

void lp_emit_network(const struct lp_emit_input *in, struct lp_arena *arena, struct lp_text *out)
{
    lp_text_printf(out, "#include \"%s.h\"\n\n#include \"contract/kernel_args.h\"\n#include \"runtime/kernels/kernels.h\"\n",
                   in->name);
    if (in->program->weights.size_bytes != 0)
        lp_text_printf(out, "#include \"%s_weights.h\"\n", in->name);
    lp_text_printf(out, "\nstatic _Alignas(16) uint8_t %s_arena[%u];\n", in->name, (unsigned)in->arena_bytes);
    for (uint32_t e = 0; e < in->program->epoch_count; e++) {
        char symbol[LP_SYMBOL_BYTES];
        snprintf(symbol, sizeof symbol, "%s_args_%u", in->name, (unsigned)e);
        add_args(in, &in->program->epochs[e], symbol, out);
    }
    add_network(in, arena, out);
}
