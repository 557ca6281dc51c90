/* The report for people: the verdict first, then why. */
#include "cli/diagnose/parts.h"

#include "compiler/report/table.h"

#include <math.h>

/* A sentence, broken at 100 columns, behind a heading. */
static void add_paragraph(struct lp_text *out, const char *heading, const char *text)
{
    enum { WIDTH = 100 };
    size_t column = 0;
    lp_text_printf(out, "  %-12s", heading);
    while (*text != '\0') {
        size_t word = 0;
        while (text[word] != '\0' && text[word] != ' ')
            word++;
        if (column != 0 && column + word > WIDTH) {
            lp_text_printf(out, "\n%14s", "");
            column = 0;
        }
        lp_text_printf(out, "%s%.*s", column == 0 ? "" : " ", (int)word, text);
        column += word + 1;
        text += word + (text[word] == ' ');
    }
    lp_text_printf(out, "\n");
}

static void add_verdict(const struct lp_diagnose_report *r, struct lp_text *out)
{
    static const char *const levels[] = {"", "inputs and outputs", "with the run loop's trace", "with the device log"};
    const struct lp_verdict *v = &r->d->verdict;
    const struct lp_trouble_text *text = &lp_trouble_texts[v->cause];
    bool has_outputs = r->c->observed_values != NULL;
    lp_text_printf(out, "%s: %s\n\n", r->model_file, text->name);
    add_paragraph(out, "what", text->what);
    if (v->cause != LP_TROUBLE_HEALTHY)
        add_paragraph(out, "what to do", v->remedy);
    if (lp_trouble_count(v->ties) > 1) {
        struct lp_text ties = {0};
        for (uint32_t i = 0; i < LP_TROUBLES; i++)
            if (lp_trouble_has(v->ties, (enum lp_trouble)i) && (enum lp_trouble)i != v->cause)
                lp_text_printf(&ties, "%s%s", ties.length == 0 ? "" : ", ", lp_trouble_texts[i].name);
        add_paragraph(out, "looks alike", lp_text_get(&ties));
        lp_text_free(&ties);
    }
    if (v->cause != LP_TROUBLE_HEALTHY)
        add_paragraph(out, "next", v->experiment);
    lp_text_printf(out, "  %-12slevel %d (%s%s), confidence %.0f %%\n", "evidence", v->level,
                   has_outputs || v->level > 1 ? levels[v->level] : "model and inputs only",
                   r->has_program ? ", device's own program" : "", 100 * v->confidence);
    for (uint32_t i = 0; i < r->d->findings.evidence_count; i++)
        add_paragraph(out, "", r->d->findings.evidence[i]);
}

static void add_layers(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_layers *l = &r->d->layers;
    struct lp_table table = {.arena = r->c->arena, .columns = 7, .align = "rllrrrl"};
    lp_text_printf(out, "\nWhat the model makes of %zu inferences%s, %u of them different\n\n", r->c->count,
                   r->c->count < r->all_rows ? " (the first of the log)" : "", (unsigned)l->distinct_inputs);
    static const char *const heads[] = {"#", "operator", "name", "different", "change LSB", "at limit", ""};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct lp_layer *y = &l->items[i];
        const struct lp_op *op = &r->c->graph->ops[y->op];
        lp_table_cell(&table, "%u", (unsigned)y->op);
        lp_table_cell(&table, "%s", lp_op_kind_table[op->kind].name);
        lp_table_name(&table, "", lp_op_name(r->c->graph, op), "");
        lp_table_number(&table, y->distinct_outputs);
        lp_table_cell(&table, "%.0f", y->largest_change);
        lp_table_cell(&table, "%.0f %%", 100 * y->clipped_share);
        lp_table_cell(&table, "%s%s", i == l->dies_at ? "<- the change dies here: " : "",
                      i == l->dies_at ? lp_death_text(l->death) : "");
    }
    lp_table_print(&table, out);
}

static void add_lsb(struct lp_table *table, int32_t lsb, double unit, bool searched)
{
    if (!searched)
        lp_table_cell(table, "not tried");
    else if (lsb == LP_NO_CHANGE)
        lp_table_cell(table, "none");
    else
        lp_table_cell(table, "%d (%.3g)", (int)lsb, lsb * unit);
}

static void add_features(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_sensitivity *s = &r->d->sensitivity;
    struct lp_table table = {.arena = r->c->arena, .columns = 7, .align = "rrrrrrr"};
    enum { SHOWN = 16 };
    if (s->count == 0)
        return;
    lp_text_printf(out,
                   "\nSmallest change of a feature that is seen, LSB (real units); tried on %u inferences of the log.\n"
                   "Bound: LSB before rounding at tensor '",
                   (unsigned)s->rows);
    lp_text_name(out, r->c->graph->tensors[s->gain_tensor].name);
    lp_text_printf(out, "' for one LSB, proved\n\n");
    static const char *const heads[] = {"feature",           "one step: output", "decision", "bound",
                                        "all steps: output", "decision",         "bound"};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < s->count && i < SHOWN; i++) {
        const struct lp_feature *f = &s->features[i];
        bool searched = s->rows != 0 && !f->is_dead;
        lp_table_cell(&table, "%u", (unsigned)f->channel);
        for (int all = 0; all < 2; all++) {
            double gain = all ? f->gain_all : f->gain_one;
            if (f->is_dead)
                lp_table_cell(&table, "never");
            else
                add_lsb(&table, all ? f->all_output : f->one_output, s->unit, searched);
            if (f->is_dead)
                lp_table_cell(&table, "never");
            else
                add_lsb(&table, all ? f->all_decision : f->one_decision, s->unit, searched);
            if (gain < 0)
                lp_table_cell(&table, "-");
            else
                lp_table_cell(&table, "%.3g", gain);
        }
    }
    lp_table_print(&table, out);
    if (s->channels > SHOWN)
        lp_text_printf(out, "  (%u of %u features; --json has %u)\n", (unsigned)SHOWN, (unsigned)s->channels, (unsigned)s->count);
    if (s->never_wins_count != 0)
        lp_text_printf(out, "  %u of %u classes can never be the largest, whatever the input is (proved).\n",
                       (unsigned)s->never_wins_count, (unsigned)s->class_count);
    if (!s->can_change)
        lp_text_printf(out, "  No input whatsoever changes the output (proved).\n");
}

static void add_suggestions(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_suggestions *s = &r->d->suggestions;
    if (s->count == 0)
        return;
    lp_text_printf(out, "\nWhat would help, each tried on this log\n\n");
    for (uint32_t i = 0; i < s->count; i++)
        lp_text_printf(out, "  - %s:\n    different outputs %u -> %u, change %.0f -> %.0f LSB, decisions %u -> %u\n",
                       s->items[i].what, (unsigned)s->items[i].distinct_before, (unsigned)s->items[i].distinct_after,
                       s->items[i].change_before, s->items[i].change_after, (unsigned)s->items[i].decisions_before,
                       (unsigned)s->items[i].decisions_after);
}

static void add_vendor(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_vendor_study *s = &r->d->study;
    struct lp_table table = {.arena = r->c->arena, .columns = 6, .align = "rlrrrr"};
    if (!r->d->has_study || !s->saturates)
        return;
    lp_text_printf(out, "\nWith the vendor's shift rule (from the net weight sum) on this log\n\n");
    static const char *const heads[] = {"#", "operator", "shift", "safe shift", "inputs that saturate", "between stages"};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct lp_vendor_finding *l = &s->layers[i];
        lp_table_cell(&table, "%u", (unsigned)l->op);
        lp_table_cell(&table, "%s", lp_op_kind_table[r->c->graph->ops[l->op].kind].name);
        lp_table_cell(&table, "%d", (int)l->shift);
        lp_table_cell(&table, "%d", (int)l->safe_shift);
        lp_table_cell(&table, "%.0f %%", 100 * l->inferences_share);
        lp_table_cell(&table, "%.0f %%", 100 * l->inferences_between_share);
    }
    lp_table_print(&table, out);
    lp_text_printf(out, "  different outputs: reference %u, two-stage %u, fused %u, safe shifts %u\n",
                   (unsigned)r->d->layers.distinct_outputs, (unsigned)s->distinct[LP_VENDOR_TWO_STAGE],
                   (unsigned)s->distinct[LP_VENDOR_FUSED], (unsigned)s->distinct_safe);
}

static void add_considered(const struct lp_diagnose_report *r, struct lp_text *out)
{
    lp_text_printf(out, "\nEvery cause considered\n\n");
    for (int matches = 1; matches >= 0; matches--)
        for (uint32_t i = 0; i < LP_TROUBLES; i++)
            if (r->d->verdict.considered[i].matches == (matches == 1))
                lp_text_printf(out, "  %s %-22s %s\n", matches ? "yes" : "no ", lp_trouble_texts[i].name,
                               r->d->verdict.considered[i].why);
}

void lp_diagnose_text(const struct lp_diagnose_report *r, struct lp_text *out)
{
    add_verdict(r, out);
    add_suggestions(r, out);
    add_layers(r, out);
    add_vendor(r, out);
    add_features(r, out);
    add_considered(r, out);
}
