#include "compiler/lower/lower.h"

static void print_operand(const struct lp_program *p, const struct lp_sw_epoch *epoch, const struct lp_operand *operand,
                          struct lp_text *out)
{
    const char *member = operand->is_written ? "out" : "in";
    for (uint32_t f = 0; epoch->kernel != NULL && f < epoch->kernel->args->field_count; f++)
        if (epoch->kernel->args->fields[f].offset == operand->field_offset)
            member = epoch->kernel->args->fields[f].name;
    if (operand->place == LP_PLACE_WEIGHTS)
        lp_text_printf(out, "  %s=weights+%u", member, (unsigned)operand->index);
    else
        lp_text_printf(out, "  %s=block%u@%u", member, (unsigned)operand->index,
                       (unsigned)p->blocks[operand->index].offset_bytes);
}

void lp_program_print(const struct lp_program *program, const struct lp_graph *graph, struct lp_text *out)
{
    for (uint32_t e = 0; e < program->epoch_count; e++) {
        const struct lp_sw_epoch *epoch = &program->epochs[e];
        lp_text_printf(out, "epoch %u  %s  '%s'", (unsigned)e, epoch->kernel == NULL ? "hardware" : epoch->kernel->symbol,
                       lp_op_name(graph, &graph->ops[epoch->op]));
        for (uint32_t i = 0; i < epoch->operand_count; i++)
            print_operand(program, epoch, &epoch->operands[i], out);
        lp_text_printf(out, "\n");
    }
    for (uint32_t i = 0; i < program->block_count; i++) {
        const struct lp_block *b = &program->blocks[i];
        lp_text_printf(out, "block %u  %u bytes at %u, epochs %u to %u\n", (unsigned)i, (unsigned)b->size_bytes,
                       (unsigned)b->offset_bytes, (unsigned)b->first_epoch, (unsigned)b->last_epoch);
    }
}
