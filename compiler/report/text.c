#include "compiler/report/choices.h"
#include "compiler/report/memory.h"
#include "compiler/report/removal.h"
#include "compiler/report/report.h"
#include "compiler/report/table.h"
#include "compiler/semantics/semantics.h"

static void describe_tensor(const struct lp_tensor *t, const char *what, struct lp_text *out)
{
    char shape[100];
    lp_text_printf(out, "  %-7s %s %s", what, lp_shape_text(t, shape, sizeof shape), lp_element_name(t->element));
    if (t->quant.count != 0)
        lp_text_printf(out, ", real = %.9g * (integer - %d)", (double)t->quant.scale[0], (int)t->quant.zero_point[0]);
    lp_text_printf(out, "\n");
}

void lp_report_text_model_line(const struct lp_report_model *model, struct lp_text *out)
{
    const struct lp_graph *g = model->graph;
    int64_t macs = 0, constants = 0;
    char a[32], b[32];
    for (uint32_t i = 0; i < g->op_count; i++) {
        macs += lp_op_macs(g, &g->ops[i]);
        constants += lp_op_constants_bytes(g, &g->ops[i]);
    }
    lp_text_printf(out, "%s: %u operators, %s MACs, %s bytes of weights and biases\n", model->file, (unsigned)g->model_op_count,
                   lp_number_text(macs, a), lp_number_text(constants, b));
}

void lp_report_text_model(const struct lp_report_model *model, struct lp_arena *arena, struct lp_text *out)
{
    const struct lp_graph *g = model->graph;
    struct lp_table table = {.arena = arena, .columns = 6, .align = "rlllrr"};
    static const char *const heads[] = {"#", "operator", "name", "output", "MACs", "constants"};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        const struct lp_tensor *t = lp_op_output(g, op, 0);
        char shape[100];
        lp_table_cell(&table, "%u", (unsigned)op->source_index);
        lp_table_cell(&table, "%s", lp_op_kind_table[op->kind].name);
        lp_table_name(&table, "", lp_op_name(g, op), "");
        lp_table_cell(&table, "%s", lp_shape_text(t, shape, sizeof shape));
        lp_table_number(&table, lp_op_macs(g, op));
        lp_table_number(&table, lp_op_constants_bytes(g, op));
    }
    lp_report_text_model_line(model, out);
    for (uint32_t i = 0; i < g->input_count; i++)
        describe_tensor(&g->tensors[g->inputs[i]], "input", out);
    for (uint32_t i = 0; i < g->output_count; i++)
        describe_tensor(&g->tensors[g->outputs[i]], "output", out);
    for (uint32_t i = 0; i < g->state_count; i++)
        describe_tensor(&g->tensors[g->states[i].before], "state", out);
    lp_text_printf(out, "\n");
    lp_table_print(&table, out);
}

static void add_section(struct lp_table *table, const struct lp_section *section, const char *what)
{
    lp_table_cell(table, "%s", what);
    lp_table_number(table, section->size_bytes);
    lp_table_cell(table, "%s", "");
    for (int cause = 0; cause < LP_CAUSE_COUNT; cause++) {
        int64_t bytes = lp_section_cause_bytes(section, (enum lp_cause)cause, LP_ANY_LAYER);
        if (bytes == 0)
            continue;
        lp_table_cell(table, "  %s", lp_cause_name((enum lp_cause)cause));
        lp_table_number(table, bytes);
        lp_table_cell(table, "%s", lp_cause_meaning((enum lp_cause)cause));
    }
}

static void add_code(const struct lp_report_target *target, struct lp_table *table)
{
    static const char *const meanings[LP_REPORT_CODE_CAUSES] = {"code of the operators, of this network only",
                                                                "the program tables above, as the compiler laid them out",
                                                                "code that walks the epochs, and the C library behind it"};
    struct lp_report_code causes[LP_REPORT_CODE_CAUSES];
    lp_report_code(target, causes);
    lp_table_cell(table, "code (flash)");
    lp_table_number(table, target->code_bytes);
    lp_table_cell(table, "of the linked program, without weights and start-up");
    for (size_t i = 0; i < LP_REPORT_CODE_CAUSES; i++) {
        lp_table_cell(table, "  %s", causes[i].cause);
        lp_table_number(table, causes[i].bytes);
        lp_table_cell(table, "%s", meanings[i]);
    }
}

static void add_sections(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    struct lp_table table = {.arena = arena, .columns = 3, .align = "lrl"};
    char number[32];
    lp_table_cell(&table, "section and cause");
    lp_table_cell(&table, "bytes");
    lp_table_cell(&table, "what that is");
    add_section(&table, &target->program->weights, "weights (flash)");
    add_section(&table, &target->program->tables, "program tables (flash)");
    if (target->code_bytes >= 0)
        add_code(target, &table);
    lp_table_cell(&table, "activations (RAM)");
    lp_table_number(&table, target->plan->peak_bytes);
    if (target->plan->is_optimal)
        lp_table_cell(&table, "with inputs and outputs; proved: no plan needs less");
    else
        lp_table_cell(&table, "with inputs and outputs; no plan needs less than %s",
                      lp_number_text(target->plan->lower_bound_bytes, number));
    lp_table_print(&table, out);
}

uint64_t lp_report_pool_weights(const struct lp_report_target *target, uint32_t pool)
{
    uint64_t bytes = 0;
    if (target->placement == NULL)
        return target->program->target->pools[pool].writable ? 0 : target->program->weights.size_bytes;
    for (uint32_t i = 0; i < target->placement->chunk_count; i++)
        bytes += target->placement->chunks[i].region == pool ? target->placement->chunks[i].size_bytes : 0;
    return bytes;
}

uint64_t lp_report_pool_activations(const struct lp_report_target *target, uint32_t pool)
{
    if (target->placement != NULL)
        return target->placement->plan.used_bytes[pool];
    return target->program->target->pools[pool].writable ? target->plan->peak_bytes : 0;
}

static void add_pools(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    const struct lp_program *p = target->program;
    struct lp_table table = {.arena = arena, .columns = 4, .align = "lrrl"};
    static const char *const heads[] = {"memory of the target", "bytes", "used", ""};
    /* The code of a linked program has the tables in it. */
    bool is_linked = target->code_bytes >= 0;
    uint64_t flash = p->weights.size_bytes + (is_linked ? (uint64_t)target->code_bytes : p->tables.size_bytes);
    if (p->target->pool_count == 0)
        return;
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < p->target->pool_count; i++) {
        const struct lp_pool *pool = &p->target->pools[i];
        uint64_t weights = lp_report_pool_weights(target, i), activations = lp_report_pool_activations(target, i);
        uint64_t used = weights + activations + (weights != 0 && target->placement == NULL ? flash - p->weights.size_bytes : 0);
        if (used == 0 && target->placement != NULL)
            continue;
        lp_table_cell(&table, "%s", pool->name);
        lp_table_number(&table, (int64_t)pool->size_bytes);
        lp_table_number(&table, (int64_t)used);
        lp_table_cell(&table, "%s",
                      used > pool->size_bytes            ? "DOES NOT FIT"
                      : weights != 0 && activations != 0 ? "by weights and activations"
                      : weights == 0                     ? "by activations"
                      : target->placement != NULL        ? "by weights"
                      : is_linked                        ? "by weights and code"
                                                         : "by weights and tables");
    }
    lp_text_printf(out, "\n");
    lp_table_print(&table, out);
}

uint32_t lp_report_hw_epochs(const struct lp_program *program, int64_t op)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < program->epoch_count; e++)
        count += program->epochs[e].hw != NULL && (op < 0 || program->epochs[e].op == (uint32_t)op);
    return count;
}

static const char *place_of(const struct lp_program *p, uint32_t op, uint32_t epochs)
{
    uint32_t hw = lp_report_hw_epochs(p, op);
    if (epochs == 0 && p->is_fused[op])
        return "npu, with the next";
    return epochs == 0 ? "" : hw == epochs ? "npu" : hw == 0 ? "cpu" : "both";
}

void lp_report_text_refusals(const struct lp_report_target *target, struct lp_text *out)
{
    const struct lp_program *p = target->program;
    for (uint32_t op = 0; p->refusals != NULL && op < target->graph->op_count; op++) {
        const struct lp_refusal *no = &p->refusals[op];
        if (no->rule != NULL)
            lp_text_printf(out, "operator %u (%s) in software: rule %s: found %s; allowed is %s; would pass with: %s\n",
                           (unsigned)target->graph->ops[op].source_index, lp_op_kind_table[target->graph->ops[op].kind].name,
                           no->rule, no->found, no->allowed, no->change);
    }
}

/* For targets with hardware: who runs which operator in how many epochs, and why not the hardware. */
static void add_hardware(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    const struct lp_program *p = target->program;
    static const char *const heads[] = {"operator", "", "runs on", "epochs", "cycles (model)", "deviation", "evidence"};
    struct lp_table table = {.arena = arena, .columns = LP_COUNT(heads), .align = "rllrrrl"};
    int64_t sum = 0;
    uint32_t hw = lp_report_hw_epochs(p, -1);
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t op = 0; op < target->graph->op_count; op++) {
        uint32_t epochs = 0;
        int64_t cycles = 0;
        for (uint32_t e = 0; e < p->epoch_count; e++)
            if (p->epochs[e].op == op) {
                epochs++;
                cycles += p->epochs[e].cycles;
            }
        lp_table_number(&table, target->graph->ops[op].source_index);
        lp_table_cell(&table, "%s", lp_op_kind_table[target->graph->ops[op].kind].name);
        lp_table_cell(&table, "%s", place_of(p, op, epochs));
        lp_table_number(&table, epochs);
        lp_table_number(&table, cycles);
        if (p->deviation[op] > 0.0 && p->refusals[op].rule == NULL)
            lp_table_cell(&table, "%.3f", p->deviation[op]);
        else
            lp_table_cell(&table, "%s", "");
        lp_table_cell(&table, "%s", p->evidence[op] == NULL ? "" : p->evidence[op]);
        sum += cycles;
    }
    lp_table_print(&table, out);
    lp_text_printf(out,
                   "%u epochs in hardware (%lld cycles), %u in software; deviation: of a result from the exact "
                   "one, in its steps, at most, before it is rounded\n",
                   (unsigned)hw, (long long)sum, (unsigned)(p->epoch_count - hw));
    if (p->weakest_evidence != NULL)
        lp_text_printf(out, "weakest evidence of the program: %s (operator %u, %s); `limpid rules` says what that means\n",
                       p->weakest_evidence, (unsigned)target->graph->ops[p->weakest_op].source_index,
                       lp_op_kind_table[target->graph->ops[p->weakest_op].kind].name);
    lp_report_text_refusals(target, out);
    lp_text_printf(out, "\n");
    lp_choices_text(target, arena, out);
}

void lp_report_text_target(const struct lp_report_model *model, const struct lp_report_target *target, struct lp_arena *arena,
                           struct lp_text *out)
{
    const struct lp_target *t = target->program->target;
    lp_text_printf(out, "\n%s on %s (%s), rounding %s\n\n", model->file, t->name, t->title,
                   target->program->rounding == LP_ROUNDING_DOUBLE ? "double" : "single");
    add_sections(target, arena, out);
    add_pools(target, arena, out);
    lp_text_printf(out, "\n");
    if (target->program->refusals != NULL)
        add_hardware(target, arena, out);
    lp_report_memory_text(target, arena, out);
    lp_report_removal_text(target, arena, out);
}
