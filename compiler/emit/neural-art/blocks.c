/* The blocks that the run loop walks: software epochs' arguments, start and end functions, the list. */
#include "compiler/emit/neural-art/source.h"

#include <inttypes.h>

#include "compiler/emit/parts.h"
#include "contract/kernel_args.h"
#include "neural-art/ec_encode.h"

enum { ITEM_BYTES = 20, POINTER_BYTES = 4 };

const struct lp_npu_software *lp_npu_software_of(const struct lp_npu_source *s, uint32_t epoch)
{
    for (uint32_t i = 0; i < s->in->software_count; i++)
        if (s->in->software[i].epoch == epoch)
            return &s->in->software[i];
    return NULL;
}

void lp_npu_each_block(struct lp_npu_source *s, void (*visit)(struct lp_npu_source *s, uint32_t first, uint32_t count))
{
    const struct lp_npu_program *p = s->in->program;
    for (uint32_t i = 0, count; i < p->epoch_count; i += count) {
        count = 1;
        while (s->in->as_blobs && p->epochs[i].kind == LP_NPU_EPOCH_HW && i + count < p->epoch_count &&
               p->epochs[i + count].kind == LP_NPU_EPOCH_HW)
            count++;
        visit(s, i, count);
    }
}

/* ---- software epochs ---- */

static void put_pointers(struct lp_npu_source *s, const struct lp_npu_software *sw)
{
    for (uint32_t i = 0; i < sw->kernel->args->field_count; i++) {
        const struct lp_field *field = &sw->kernel->args->fields[i];
        for (uint32_t k = 0; field->type == LP_FIELD_POINTER && k < sw->operand_count; k++)
            if (sw->operands[k].field_offset == field->offset)
                lp_text_printf(s->out, "    .%s = (%s *)0x%08xUL,\n", field->name, field->c_type, sw->operands[k].address);
    }
}

void lp_npu_put_arguments(struct lp_npu_source *s)
{
    for (uint32_t i = 0; i < s->in->software_count; i++) {
        const struct lp_npu_software *sw = &s->in->software[i];
        const struct lp_args_info *info = sw->kernel->args;
        uint32_t bytes = lp_args_target_bytes(info, POINTER_BYTES);
        lp_text_printf(s->out, "\nstatic const %s %s_args_%d = {\n", info->c_name, s->in->name,
                       s->in->program->epochs[sw->epoch].id);
        put_pointers(s, sw);
        for (uint32_t k = 0; k < info->field_count; k++)
            if (info->fields[k].type != LP_FIELD_POINTER)
                lp_emit_field(s->out, &info->fields[k], sw->args);
        lp_text_printf(s->out,
                       "};\n_Static_assert(sizeof(void *) != 4 || sizeof(%s) == %u, \"another layout than was planned\");\n",
                       info->c_name, bytes);
        lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, lp_npu_layer_of(s, sw->epoch), 1, bytes);
    }
}

/* ---- functions ---- */

static void put_function(struct lp_npu_source *s, const char *kind, uint32_t epoch)
{
    lp_text_printf(s->out, "\nstatic void LL_ATON_%s_EpochBlock_%d(LP_BLOCK_PARAMETERS)\n{\n    LP_BLOCK_UNUSED();\n", kind,
                   s->in->program->epochs[epoch].id);
}

static void put_software_function(struct lp_npu_source *s, uint32_t epoch)
{
    const struct lp_npu_software *sw = lp_npu_software_of(s, epoch);
    const char *n = s->in->name;
    int id = s->in->program->epochs[epoch].id;
    bool has_caches = s->tables.rows[epoch].caches > 0;
    if (sw == NULL) {
        s->status = lp_error(s->diag, LP_UNSUPPORTED, "epoch %d is software of another compiler, of which there is no kernel",
                             id);
        return;
    }
    put_function(s, "End", epoch);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(&%s_epochs[%u], 2);\n", n, n, epoch);
    lp_text_printf(s->out, "    %s_note(%d, %s(&%s_args_%d) != LP_OK);\n", n, id, sw->kernel->symbol, n, id);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(&%s_epochs[%u], 3);\n", n, n, epoch);
    lp_text_printf(s->out, "}\n");
}

static uint32_t caches_of(const struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    uint32_t caches = 0;
    for (uint32_t i = first; i < first + count; i++)
        caches += s->tables.rows[i].caches;
    return caches;
}

/* The controller runs the epochs of a program one after the other, without the processor: what the cache has to forget
 * before any of them it forgets before the first. */
static void put_blob_functions(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    static const struct {
        const char *kind;
        int from, to; /* `when` */
    } sides[2] = {{"Start", 0, 1}, {"End", 2, 3}};
    for (int side = 0; side < 2 && caches_of(s, first, count) > 0; side++) {
        put_function(s, sides[side].kind, first);
        for (uint32_t i = first; i < first + count; i++)
            for (int when = sides[side].from; when <= sides[side].to && s->tables.rows[i].caches > 0; when++)
                lp_text_printf(s->out, "    %s_maintain(&%s_epochs[%u], %d);\n", s->in->name, s->in->name, i, when);
        lp_text_printf(s->out, "}\n");
    }
}

static void put_block_functions(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    const char *n = s->in->name;
    if (s->in->program->epochs[first].kind == LP_NPU_EPOCH_SW) {
        put_software_function(s, first);
        return;
    }
    if (s->in->as_blobs) {
        put_blob_functions(s, first, count);
        return;
    }
    put_function(s, "Start", first);
    lp_text_printf(s->out, "    %s_start(&%s_epochs[%u]);\n}\n", n, n, first);
    put_function(s, "End", first);
    lp_text_printf(s->out, "    %s_end(&%s_epochs[%u]);\n}\n", n, n, first);
}

/* ---- the list ---- */

static void put_debug_members(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    uint32_t masks[2] = {0, 0};
    int64_t npu = 0, total = 0;
    for (uint32_t i = first; i < first + count; i++) {
        const struct lp_npu_epoch *e = &s->in->program->epochs[i];
        for (uint32_t k = 0; k < e->unit_count[LP_NPU_STRENG]; k++)
            masks[e->streng[k].dir] |= 1u << e->streng[k].unit;
        npu += e->estimated_npu_cycles;
        total += e->estimated_total_cycles;
    }
    lp_text_printf(s->out, " LP_DEBUG(%d, %d, 0x%x, 0x%x, %" PRId64 ", %" PRId64 ")},\n", s->in->program->epochs[first].id,
                   s->in->program->epochs[first + count - 1].id, masks[0], masks[1], npu, total);
}

static void put_item(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    const struct lp_npu_epoch *e = &s->in->program->epochs[first];
    bool is_blob = s->in->as_blobs && e->kind == LP_NPU_EPOCH_HW;
    bool has_start = e->kind == LP_NPU_EPOCH_HW && (!is_blob || caches_of(s, first, count) > 0);
    bool has_end = !is_blob || caches_of(s, first, count) > 0;
    lp_text_printf(s->out, "    {");
    if (has_start)
        lp_text_printf(s->out, ".start_epoch_block = LL_ATON_Start_EpochBlock_%d, ", e->id);
    if (has_end)
        lp_text_printf(s->out, ".end_epoch_block = LL_ATON_End_EpochBlock_%d, ", e->id);
    if (is_blob)
        lp_text_printf(s->out, ".blob_address = (uintptr_t)_ec_blob_%s_%d, ", s->in->name, e->id);
    lp_text_printf(s->out, ".wait_mask = 0x%x, .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | %s,",
                   is_blob || e->kind != LP_NPU_EPOCH_HW ? 0 : e->wait_mask,
                   is_blob                      ? "EpochBlock_Flags_blob"
                   : e->kind == LP_NPU_EPOCH_HW ? "EpochBlock_Flags_pure_hw"
                                                : "EpochBlock_Flags_pure_sw");
    put_debug_members(s, first, count);
    lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, lp_npu_layer_of(s, first), 1, ITEM_BYTES);
}

void lp_npu_put_blocks(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_npu_each_block(s, put_block_functions);
    lp_text_printf(s->out,
                   "\n#ifdef LL_ATON_EB_DBG_INFO\n#define LP_DEBUG(first, last, in, out, npu, total) \\\n"
                   "    .epoch_num = (first), .last_epoch_num = (last), .in_streng_mask = (in), .out_streng_mask = (out), \\\n"
                   "    .estimated_npu_cycles = (npu), .estimated_tot_cycles = (total)\n#else\n"
                   "#define LP_DEBUG(first, last, in, out, npu, total)\n#endif\n\n"
                   "static const LP_BLOCK_ITEM %s_items[] = {\n",
                   n);
    lp_npu_each_block(s, put_item);
    lp_text_printf(
        s->out,
        "    {.flags = EpochBlock_Flags_last_eb},\n};\n\nconst LP_BLOCK_ITEM *LL_ATON_EpochBlockItems_%s(void)\n{\n    "
        "return %s_items;\n}\n",
        n, n);
    lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, LP_NO_LAYER, 1, ITEM_BYTES);
}
