/* One page that needs nothing else: no script, no font, no image from elsewhere. */
#include "cli/diagnose/parts.h"
#include "compiler/report/html.h"

#include <math.h>
#include <string.h>

static void add_term(struct lp_text *out, const char *term, const char *text)
{
    lp_text_printf(out, "<dt>%s</dt><dd>", term);
    lp_html_text(out, text);
    lp_text_printf(out, "</dd>\n");
}

static void add_head(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_verdict *v = &r->d->verdict;
    struct lp_text title = {0};
    lp_text_printf(&title, "%s: %s", lp_trouble_texts[v->cause].name, r->model_file);
    lp_html_start(out, lp_text_get(&title), "layers", "To the layers");
    lp_text_free(&title);
    lp_text_printf(out, "<p class=\"soft\">");
    lp_html_text(out, r->model_file);
    lp_text_printf(
        out, ", %zu inferences%s</p>\n<section class=\"verdict%s\" aria-labelledby=\"verdict\"><h1 id=\"verdict\">%s</h1><p>",
        r->c->count, r->c->count < r->all_rows ? " (the first of the log)" : "", v->cause == LP_TROUBLE_HEALTHY ? " healthy" : "",
        lp_trouble_texts[v->cause].name);
    lp_html_text(out, lp_trouble_texts[v->cause].what);
    lp_text_printf(out, ".</p><dl>\n");
    if (v->cause != LP_TROUBLE_HEALTHY)
        add_term(out, "What to do", v->remedy);
    if (lp_trouble_count(v->ties) > 1) {
        struct lp_text ties = {0};
        for (uint32_t i = 0; i < LP_TROUBLES; i++)
            if (lp_trouble_has(v->ties, (enum lp_trouble)i) && (enum lp_trouble)i != v->cause)
                lp_text_printf(&ties, "%s%s", ties.length == 0 ? "" : ", ", lp_trouble_texts[i].name);
        add_term(out, "Looks alike", lp_text_get(&ties));
        lp_text_free(&ties);
    }
    if (v->cause != LP_TROUBLE_HEALTHY)
        add_term(out, "Next", v->experiment);
    lp_text_printf(out, "<dt>Evidence</dt><dd>level %d, confidence %.0f %%</dd></dl></section>\n", v->level, 100 * v->confidence);
}

static void add_list(const struct lp_diagnose_report *r, struct lp_text *out)
{
    if (r->d->findings.evidence_count != 0)
        lp_text_printf(out, "<h2>Evidence</h2><ul>\n");
    for (uint32_t i = 0; i < r->d->findings.evidence_count; i++) {
        lp_text_printf(out, "<li>");
        lp_html_text(out, r->d->findings.evidence[i]);
        lp_text_printf(out, "</li>\n");
    }
    if (r->d->findings.evidence_count != 0)
        lp_text_printf(out, "</ul>\n");
    if (r->d->suggestions.count != 0)
        lp_text_printf(out, "<h2>What would help, each tried on this log</h2><ul>\n");
    for (uint32_t i = 0; i < r->d->suggestions.count; i++) {
        const struct lp_suggestion *s = &r->d->suggestions.items[i];
        lp_text_printf(out, "<li>");
        lp_html_text(out, s->what);
        lp_text_printf(out, ": different outputs %u &rarr; %u, change %.0f &rarr; %.0f LSB</li>\n", (unsigned)s->distinct_before,
                       (unsigned)s->distinct_after, s->change_before, s->change_after);
    }
    if (r->d->suggestions.count != 0)
        lp_text_printf(out, "</ul>\n");
}

static void add_layers(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_layers *l = &r->d->layers;
    lp_text_printf(
        out, "<h2 id=\"layers\" tabindex=\"-1\">Layer by layer: how many of %u different inputs are still told apart</h2>\n",
        (unsigned)l->distinct_inputs);
    static const char *const heads[] = {"n#", "loperator", "ndifferent", "lof all", "nchange, LSB", "nat limit"};
    lp_html_table_start(out, "layers", heads, LP_COUNT(heads));
    for (uint32_t i = 0; i < l->count; i++) {
        const struct lp_layer *y = &l->items[i];
        const struct lp_op *op = &r->c->graph->ops[y->op];
        double share = l->distinct_inputs == 0 ? 0 : 100.0 * y->distinct_outputs / l->distinct_inputs;
        lp_text_printf(out, "<tr%s><td class=\"n\">%u</td><td class=\"w\">%s<br><small class=\"soft\">",
                       i == l->dies_at ? " class=\"dies\"" : "", (unsigned)y->op, lp_op_kind_table[op->kind].name);
        lp_html_name(out, lp_op_name(r->c->graph, op));
        lp_text_printf(out, "</small>");
        if (i == l->dies_at)
            lp_text_printf(out, "<br><span class=\"mark\">the change dies here: %s</span>", lp_death_text(l->death));
        lp_text_printf(out,
                       "</td><td class=\"n\">%u</td><td class=\"bars\"><span class=\"bar\" "
                       "style=\"width:%.1f%%\"></span></td><td class=\"n\">%.0f</td>"
                       "<td class=\"n\">%.0f %%</td></tr>\n",
                       (unsigned)y->distinct_outputs, share > 100 ? 100 : share, y->largest_change, 100 * y->clipped_share);
    }
    lp_html_table_end(out);
}

/* How far one element of the input moves over the log, LSB. */
static double moved(const struct lp_case *c, size_t element)
{
    const struct lp_tensor *t = &c->graph->tensors[c->graph->inputs[0]];
    double low = INFINITY, high = -INFINITY;
    for (size_t n = 0; n < c->count; n++) {
        double value = lp_case_element(t->element, c->inputs + n * c->input_bytes, (int64_t)element);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return high - low;
}

/* Features down, steps across; a long axis shows every k-th. */
static void add_heat_map(const struct lp_diagnose_report *r, struct lp_text *out)
{
    enum { MOST_COLUMNS = 100, MOST_LINES = 48, CELL = 10 };
    const struct lp_tensor *t = &r->c->graph->tensors[r->c->graph->inputs[0]];
    size_t features = t->rank < 2 ? 1 : (size_t)t->dims[t->rank - 1], elements = (size_t)lp_tensor_elements(t);
    if (t->rank <= 2) /* a plain vector lies in one line */
        features = 1;
    size_t steps = elements / features, across = (steps + MOST_COLUMNS - 1) / MOST_COLUMNS;
    size_t down = (features + MOST_LINES - 1) / MOST_LINES, columns = (steps + across - 1) / across,
           lines = (features + down - 1) / down;
    double most = 0;
    for (size_t y = 0; y < lines; y++)
        for (size_t x = 0; x < columns; x++)
            most = fmax(most, moved(r->c, x * across * features + y * down));
    lp_text_printf(
        out,
        "<h2>Input: how far each value moves over the log</h2><p class=\"soft\">%zu features down, %zu steps across%s; the "
        "darkest cell moves by %.0f LSB, a pale one not at all.</p>\n"
        "<svg role=\"img\" aria-label=\"Heat map of the input: largest change %.0f LSB\" viewBox=\"0 0 %zu %zu\" "
        "width=\"%zu\">\n",
        features, steps, across * down > 1 ? " (some are left out)" : "", most, most, columns * CELL, lines * CELL,
        columns * CELL < 900 ? columns * CELL : 900);
    for (size_t y = 0; y < lines; y++)
        for (size_t x = 0; x < columns; x++) {
            double value = moved(r->c, x * across * features + y * down);
            lp_text_printf(
                out,
                "<rect x=\"%zu\" y=\"%zu\" width=\"9\" height=\"9\" fill=\"%s\" fill-opacity=\"%.2f\"><title>feature %zu, step "
                "%zu: %.0f LSB</title></rect>\n",
                x * CELL, y * CELL, value == 0 ? "var(--cold)" : "var(--hot)", value == 0 ? 1 : 0.15 + 0.85 * value / most,
                y * down, x * across, value);
        }
    lp_text_printf(out, "</svg>\n");
}

static void add_considered(const struct lp_diagnose_report *r, struct lp_text *out)
{
    lp_text_printf(out, "<h2 id=\"considered\">Every cause considered</h2>\n");
    static const char *const heads[] = {"lcause", "lfits", "lwhy"};
    lp_html_table_start(out, "considered", heads, LP_COUNT(heads));
    for (int matches = 1; matches >= 0; matches--)
        for (uint32_t i = 0; i < LP_TROUBLES; i++) {
            const struct lp_consideration *c = &r->d->verdict.considered[i];
            if (c->matches != (matches == 1))
                continue;
            lp_text_printf(out, "<tr><td>%s</td><td>%s</td><td>", lp_trouble_texts[i].name, matches ? "yes" : "no");
            lp_html_text(out, c->why);
            lp_text_printf(out, "</td></tr>\n");
        }
    lp_html_table_end(out);
}

void lp_diagnose_html(const struct lp_diagnose_report *r, struct lp_text *out)
{
    add_head(r, out);
    add_list(r, out);
    add_layers(r, out);
    add_heat_map(r, out);
    add_considered(r, out);
    lp_html_end(out);
}
