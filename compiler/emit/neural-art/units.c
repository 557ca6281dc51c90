/* The shared tables of NAME.c. */
#include "compiler/emit/neural-art/source.h"

#include <inttypes.h>
#include <string.h>

#include "neural-art/fields.h"

/* Bytes of the vendor's structures on a Cortex-M, members in the order of the interface. A test compiles the emitted tables
 * for the target and compares. */
enum {
    STREAM_ENGINE_BYTES = 72,
    CONVACC_BYTES = 60,
    ARITH_BYTES = 56,
    POOL_BYTES = 44,
    ACTIV_BYTES = 48,
    LINK_BYTES = 16,
    UNIT_BYTES = 4,
    STEP_BYTES = 4,
    CACHE_OP_BYTES = 12,
    ROW_BYTES = 14
};

static const struct {
    const char *c_type, *function;
    uint32_t bytes;
} unit_forms[LP_NPU_UNIT_TYPES] = {
    [LP_NPU_STRENG] = {"LL_Streng_TensorInitTypeDef", "LL_Streng_TensorInit", STREAM_ENGINE_BYTES},
    [LP_NPU_CONVACC] = {"LL_Convacc_InitTypeDef", "LL_Convacc_Init", CONVACC_BYTES},
    [LP_NPU_ARITH] = {"LL_Arithacc_InitTypeDef", "LL_Arithacc_Init", ARITH_BYTES},
    [LP_NPU_POOL] = {"LL_Poolacc_InitTypeDef", "LL_Poolacc_Init", POOL_BYTES},
    [LP_NPU_ACTIV] = {"LL_Activacc_InitTypeDef", "LL_Activacc_Init", ACTIV_BYTES},
};

void lp_npu_account(struct lp_npu_source *s, enum lp_cause cause, int32_t layer, uint64_t entries, uint32_t entry_bytes)
{
    const struct lp_item item = {.cause = cause,
                                 .layer = layer,
                                 .element = LP_ELEMENT_UINT8,
                                 .count = (uint32_t)(entries * entry_bytes),
                                 .align_bytes = 1};
    lp_status status = entries == 0 ? LP_OK : lp_section_put(s->account, s->diag, item, NULL);
    if (s->status == LP_OK)
        s->status = status;
}

int32_t lp_npu_layer_of(const struct lp_npu_source *s, uint32_t epoch)
{
    return s->in->epoch_layers == NULL ? LP_NO_LAYER : s->in->epoch_layers[epoch];
}

static const char *enumeration(int type, const char *member)
{
    if (strcmp(member, "afilt_mode") == 0)
        return "AFILT_MODE_";
    if (strcmp(member, "bcast") == 0)
        return "ARITH_BCAST_";
    return type == LP_NPU_ARITH ? "ARITH_" : type == LP_NPU_POOL ? "POOL_" : "ACTIV_";
}

static bool is_pointer(const char *member)
{
    size_t length = strlen(member);
    return strcmp(member, "addr_base") == 0 || (length > 7 && strcmp(member + length - 7, "_vector") == 0);
}

/* Shifts are unsigned bytes in the vendor's structures, and signed in the registers that take their low bits. */
static int64_t as_stored(const char *member, int64_t value)
{
    bool is_byte = strncmp(member, "shift_", 6) == 0 && strcmp(member, "shift_x") != 0 && strcmp(member, "shift_y") != 0;
    return is_byte ? value & 0xff : value;
}

static void put_member(struct lp_text *out, int type, const struct lp_npu_field *field, const void *unit)
{
    int64_t value = lp_npu_field_get(field, unit, 0);
    if (field->kind == LP_NPU_FIELD_INT3)
        lp_text_printf(out, " .%s = {%" PRId64 ", %" PRId64 ", %" PRId64 "},", field->name, value,
                       lp_npu_field_get(field, unit, 1), lp_npu_field_get(field, unit, 2));
    else if (value == 0)
        return;
    else if (field->kind == LP_NPU_FIELD_NAME)
        lp_text_printf(out, " .%s = %s%s,", field->name, enumeration(type, field->name), field->names[value]);
    else if (is_pointer(field->name))
        lp_text_printf(out, " .%s = {(unsigned char *)(0x%08" PRIx64 "UL)},", field->name, (uint64_t)value);
    else if (value == INT32_MIN)
        lp_text_printf(out, " .%s = -2147483647 - 1,", field->name);
    else
        lp_text_printf(out, " .%s = %" PRId64 "%s,", field->name, as_stored(field->name, value), value > INT32_MAX ? "U" : "");
}

static void put_configs(struct lp_npu_source *s, int type)
{
    const struct lp_npu_list *list = &s->tables.configs[type];
    const struct lp_npu_unit_fields *fields = &lp_npu_unit_fields[type];
    if (list->count == 0)
        return;
    lp_text_printf(s->out, "\nstatic const %s %s_%s[] = {\n", unit_forms[type].c_type, s->in->name, fields->key);
    for (uint32_t i = 0; i < list->count; i++) {
        lp_text_printf(s->out, "    {");
        for (size_t f = 1; f < fields->field_count; f++)
            put_member(s->out, type, &fields->fields[f], list->entries + i * list->entry_bytes);
        lp_text_printf(s->out, "},\n");
    }
    lp_text_printf(s->out, "};\n");
}

static void put_port(struct lp_text *out, const char *kind, const struct lp_npu_port *port)
{
    lp_text_printf(out, "ATONN_%sPORT(STRSWITCH, 0, %s, %d, %d)", kind, lp_npu_unit_fields[port->type].type, port->index,
                   port->port);
}

static void put_links(struct lp_npu_source *s)
{
    const struct lp_npu_route *routes = (const struct lp_npu_route *)(const void *)s->tables.links.entries;
    lp_text_printf(s->out, "\nstatic const LL_Switch_InitTypeDef %s_links[] = {\n", s->in->name);
    for (uint32_t i = 0; i < s->tables.links.count; i++) {
        lp_text_printf(s->out, "    {LL_Switch_Init_Dest() = ");
        put_port(s->out, "DST", &routes[i].destination);
        for (uint32_t k = 0; k < routes[i].context_count; k++) {
            const struct lp_npu_context *c = &routes[i].contexts[k];
            lp_text_printf(s->out, ", LL_Switch_Init_Source(%u) = ", k);
            put_port(s->out, "SRC", &c->source);
            lp_text_printf(s->out, ", LL_Switch_Init_Context(%u) = %d, LL_Switch_Init_Frames(%u) = %d", k, c->enable, k,
                           c->frames);
        }
        lp_text_printf(s->out, "},\n");
    }
    lp_text_printf(s->out, "};\n");
}

static void put_unit_lists(struct lp_npu_source *s)
{
    const struct lp_npu_unit_id *units = (const struct lp_npu_unit_id *)(const void *)s->tables.units.entries;
    const struct lp_npu_step *steps = (const struct lp_npu_step *)(const void *)s->tables.steps.entries;
    lp_text_printf(s->out,
                   "\n/* In the order in which they start and stop. */\nstatic const LL_ATON_EnableUnits_InitTypeDef "
                   "%s_units[] = {\n",
                   s->in->name);
    for (uint32_t i = 0; i < s->tables.units.count; i++)
        lp_text_printf(s->out, "    {{%s, %d}},\n", lp_npu_unit_fields[units[i].type].type, units[i].index);
    lp_text_printf(s->out,
                   "};\n\n/* One unit to configure: its type, its number, its entry in the table of that type. */\n"
                   "struct %s_step {\n    uint8_t type, unit;\n    uint16_t config;\n};\n"
                   "static const struct %s_step %s_steps[] = {\n",
                   s->in->name, s->in->name, s->in->name);
    for (uint32_t i = 0; i < s->tables.steps.count; i++)
        lp_text_printf(s->out, "    {%s, %u, %u},\n", lp_npu_unit_fields[steps[i].type].type, steps[i].unit, steps[i].config);
    lp_text_printf(s->out, "};\n");
}

static void put_cache_ops(struct lp_npu_source *s)
{
    const struct lp_npu_cache_op *ops = (const struct lp_npu_cache_op *)(const void *)s->tables.caches.entries;
    const char *n = s->in->name;
    lp_text_printf(s->out,
                   "\n/* `what` of one cache, `when` around an epoch: see %s_maintain. */\nstruct %s_cache_op {\n"
                   "    uintptr_t start;\n    uint32_t bytes;\n    uint8_t when, what;\n};\n"
                   "static const struct %s_cache_op %s_cache_ops[] = {\n",
                   n, n, n, n);
    for (uint32_t i = 0; i < s->tables.caches.count; i++)
        lp_text_printf(s->out, "    {0x%08xUL, %u, %d, %d},\n", ops[i].start, ops[i].bytes, (int)ops[i].when,
                       3 * (int)ops[i].cache + (int)ops[i].op);
    lp_text_printf(s->out, "};\n");
}

static void put_rows(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    const char *n = s->in->name;
    lp_text_printf(s->out,
                   "\n/* An epoch's number and its runs of entries in the tables above. */\nstruct %s_epoch {\n"
                   "    uint16_t number, first_step, first_link, first_unit, first_cache;\n"
                   "    uint8_t steps, links, units, caches;\n};\nstatic const struct %s_epoch %s_epochs[] = {\n",
                   n, n, n);
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        const struct lp_npu_row *row = &s->tables.rows[i];
        lp_text_printf(s->out, "    {%d, %u, %u, %u, %u, %u, %u, %u, %u},\n", p->epochs[i].id, row->first_step, row->first_link,
                       row->first_unit, row->first_cache, row->steps, row->links, row->units, row->caches);
    }
    lp_text_printf(s->out, "};\n");
}

/* Shared entries are counted for the first epoch that uses them. */
static void account_for_rows(struct lp_npu_source *s)
{
    struct lp_npu_tables *t = &s->tables;
    uint32_t seen_steps = 0, seen_links = 0, seen_units = 0, seen_caches = 0, seen[LP_NPU_UNIT_TYPES] = {0};
    const struct lp_npu_step *steps = (const struct lp_npu_step *)(const void *)t->steps.entries;
    for (uint32_t i = 0; i < s->in->program->epoch_count; i++) {
        const struct lp_npu_row *row = &t->rows[i];
        int32_t layer = lp_npu_layer_of(s, i);
        for (uint32_t k = row->first_step; k < row->first_step + row->steps; k++)
            if (steps[k].config >= seen[steps[k].type]) {
                lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, layer, 1, unit_forms[steps[k].type].bytes);
                seen[steps[k].type] = steps[k].config + 1u;
            }
        struct {
            uint32_t *seen, end, bytes;
        } runs[] = {{&seen_steps, row->first_step + row->steps, STEP_BYTES},
                    {&seen_links, row->first_link + row->links, LINK_BYTES},
                    {&seen_units, row->first_unit + row->units, UNIT_BYTES},
                    {&seen_caches, row->first_cache + row->caches, CACHE_OP_BYTES}};
        for (size_t k = 0; k < LP_COUNT(runs); k++) {
            if (runs[k].end > *runs[k].seen) {
                lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, layer, runs[k].end - *runs[k].seen, runs[k].bytes);
                *runs[k].seen = runs[k].end;
            }
        }
        lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, layer, 1, ROW_BYTES);
    }
}

static bool fits(struct lp_npu_source *s)
{
    const struct lp_npu_tables *t = &s->tables;
    uint32_t most = t->steps.count;
    const uint32_t counts[] = {t->links.count, t->units.count, t->caches.count};
    for (size_t i = 0; i < LP_COUNT(counts); i++)
        most = counts[i] > most ? counts[i] : most;
    for (uint32_t i = 0; i < s->in->program->epoch_count; i++)
        if (t->rows[i].caches > UINT8_MAX || s->in->program->epochs[i].id < 0 || s->in->program->epochs[i].id > UINT16_MAX)
            most = UINT32_MAX;
    if (most > UINT16_MAX && s->status == LP_OK)
        s->status = lp_error(s->diag, LP_DOES_NOT_FIT,
                             "the program has too many epochs for its tables: %u entries; allowed are %d", most, UINT16_MAX);
    return s->status == LP_OK;
}

void lp_npu_put_tables(struct lp_npu_source *s)
{
    if (!fits(s))
        return;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        put_configs(s, type);
    if (s->tables.steps.count > 0) {
        put_links(s);
        put_unit_lists(s);
    }
    if (s->tables.caches.count > 0)
        put_cache_ops(s);
    if (s->tables.steps.count > 0 || s->tables.caches.count > 0) {
        put_rows(s);
        account_for_rows(s);
    }
}

/* ---- the functions that walk them ---- */

static void put_maintain(struct lp_npu_source *s)
{
    static const char *const calls[6] = {
        "LL_ATON_Cache_MCU_Invalidate_Range(op->start, op->bytes)",
        "LL_ATON_Cache_MCU_Clean_Range(op->start, op->bytes)",
        "LL_ATON_Cache_MCU_Clean_Invalidate_Range(op->start, op->bytes)",
        "LL_ATON_Cache_NPU_Clean_Invalidate_Range(op->start, op->bytes)", /* nothing less exists for a range */
        "LL_ATON_Cache_NPU_Clean_Range(op->start, op->bytes)",
        "LL_ATON_Cache_NPU_Clean_Invalidate_Range(op->start, op->bytes)",
    };
    const struct lp_npu_cache_op *ops = (const struct lp_npu_cache_op *)(const void *)s->tables.caches.entries;
    const char *n = s->in->name;
    bool used[6] = {false};
    for (uint32_t i = 0; i < s->tables.caches.count; i++)
        used[3 * (int)ops[i].cache + (int)ops[i].op] = true;
    lp_text_printf(s->out,
                   "\n/* when: 0 before the units start, 1 after, 2 before the end of the epoch, 3 after. */\n"
                   "static void %s_maintain(const struct %s_epoch *e, uint32_t when)\n{\n"
                   "    for (uint32_t i = 0; i < e->caches; i++) {\n"
                   "        const struct %s_cache_op *op = &%s_cache_ops[e->first_cache + i];\n"
                   "        if (op->when != when)\n            continue;\n        switch (op->what) {\n",
                   n, n, n, n);
    for (int i = 0; i < 6; i++)
        if (used[i])
            lp_text_printf(s->out, "        case %d: %s; break;\n", i, calls[i]);
    lp_text_printf(s->out, "        default: break;\n        }\n    }\n}\n");
}

static void put_configure(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_text_printf(s->out, "\nstatic int %s_configure(const struct %s_step *step)\n{\n    switch (step->type) {\n", n, n);
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        if (s->tables.configs[type].count > 0)
            lp_text_printf(s->out, "    case %s: return %s(step->unit, &%s_%s[step->config]%s);\n", lp_npu_unit_fields[type].type,
                           unit_forms[type].function, n, lp_npu_unit_fields[type].key, type == LP_NPU_STRENG ? ", 1" : "");
    lp_text_printf(s->out, "    default: return -1;\n    }\n}\n");
}

static void put_start_and_end(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    bool has_caches = s->tables.caches.count > 0;
    lp_text_printf(s->out,
                   "\nstatic void %s_start(const struct %s_epoch *e)\n{\n    int failed = 0;\n"
                   "    for (uint32_t i = 0; i < e->steps; i++)\n"
                   "        failed |= %s_configure(&%s_steps[e->first_step + i]);\n"
                   "    failed |= LL_Switch_Init(&%s_links[e->first_link], e->links);\n",
                   n, n, n, n, n);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(e, 0);\n", n);
    lp_text_printf(s->out, "    failed |= LL_ATON_EnableUnits_Init(&%s_units[e->first_unit], e->units);\n", n);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(e, 1);\n", n);
    lp_text_printf(s->out, "    %s_note(e->number, failed);\n}\n\nstatic void %s_end(const struct %s_epoch *e)\n{\n", n, n, n);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(e, 2);\n", n);
    lp_text_printf(s->out,
                   "    int failed = LL_Switch_Deinit((const LL_Switch_DeinitTypeDef *)&%s_links[e->first_link], e->links);\n"
                   "    failed |= LL_ATON_DisableUnits_Init((const LL_ATON_DisableUnits_InitTypeDef *)&%s_units[e->first_unit], "
                   "e->units);\n",
                   n, n);
    if (has_caches)
        lp_text_printf(s->out, "    %s_maintain(e, 3);\n", n);
    lp_text_printf(s->out, "    %s_note(e->number, failed);\n}\n", n);
}

void lp_npu_put_walkers(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_text_printf(
        s->out,
        "\n/* The first epoch in which a call failed, plus 1; 0: none. Whoever runs the network may look and reset it. */\n"
        "extern volatile uint16_t %s_failed_epoch;\nvolatile uint16_t %s_failed_epoch;\n",
        n, n);
    if (s->tables.steps.count > 0 || s->in->software_count > 0)
        lp_text_printf(s->out,
                       "\nstatic void %s_note(uint16_t number, int failed)\n{\n    if (failed != 0 && %s_failed_epoch == 0)\n"
                       "        %s_failed_epoch = (uint16_t)(number + 1);\n}\n",
                       n, n, n);
    if (s->tables.caches.count > 0)
        put_maintain(s);
    if (s->tables.steps.count > 0) {
        put_configure(s);
        put_start_and_end(s);
    }
}
