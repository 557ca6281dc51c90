#include "compiler/report/html.h"
#include "compiler/report/picture.h"
#include "compiler/report/table.h"

#include <string.h>

int64_t lp_json_number(const json_t *object, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(object, key));
}

const char *lp_json_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

struct stairs {
    struct lp_step *steps;
    size_t count;
    int64_t sum;
};

static void add_total(struct stairs *s, const char *name, const char *section)
{
    if (s->count < LP_MOST_STEPS)
        s->steps[s->count++] = (struct lp_step){name, section, LP_STEP_TOTAL, s->sum, s->sum};
}

static void add_change(struct stairs *s, const char *name, const char *section, int64_t bytes)
{
    if (bytes != 0 && s->count < LP_MOST_STEPS)
        s->steps[s->count++] = (struct lp_step){name, section, LP_STEP_CHANGE, bytes, s->sum};
    s->sum += bytes;
}

/* The stairs start at the model's constants: their cause is a step only where the two differ. */
static void add_ledger(struct stairs *s, const json_t *ledger, const char *section, int64_t start)
{
    size_t i;
    const json_t *row;
    json_array_foreach(ledger, i, row)
    {
        const char *cause = lp_json_string(row, "cause");
        bool is_start = start != 0 && strcmp(cause, "model-constants") == 0;
        add_change(s, cause, section, lp_json_number(row, "bytes") - (is_start ? start : 0));
    }
}

size_t lp_steps(const json_t *report, size_t target, struct lp_step steps[LP_MOST_STEPS])
{
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    const json_t *code = json_object_get(t, "code_bytes");
    struct stairs s = {.steps = steps, .sum = lp_json_number(json_object_get(report, "model"), "constants_bytes")};
    add_total(&s, "constants of the model", "model");
    add_ledger(&s, json_object_get(t, "ledger"), "weights", s.sum);
    add_total(&s, "weights", "weights");
    if (json_is_integer(code))
        add_ledger(&s, json_object_get(t, "code_ledger"), "code", 0);
    else
        add_ledger(&s, json_object_get(t, "program_ledger"), "program", 0);
    add_total(&s, json_is_integer(code) ? "flash" : "weights and tables", "sum");
    return s.count;
}

int64_t lp_waterfall_most(const json_t *report)
{
    struct lp_step steps[LP_MOST_STEPS];
    int64_t most = 1;
    for (size_t t = 0; t < json_array_size(json_object_get(report, "targets")); t++) {
        size_t count = lp_steps(report, t, steps);
        for (size_t i = 0; i < count; i++) {
            int64_t top = steps[i].kind == LP_STEP_CHANGE && steps[i].bytes > 0 ? steps[i].before + steps[i].bytes
                                                                                : steps[i].before;
            most = top > most ? top : most;
        }
    }
    return most;
}

enum { ROW = 38, TOP = 34, TEXT_RISE = 13, BAR_HEIGHT = 12, BAR_DOWN = 19, WIDTH = LP_WATERFALL_WIDTH - 10 };

static void add_bar(const struct lp_step *step, double y, int64_t most, struct lp_text *out)
{
    int64_t low = step->kind == LP_STEP_TOTAL ? 0 : step->bytes < 0 ? step->before + step->bytes : step->before;
    int64_t size = step->bytes < 0 ? -step->bytes : step->bytes;
    double scale = (double)WIDTH / (double)most, width = scale * (double)size;
    const char *kind = step->kind == LP_STEP_TOTAL ? "total" : step->bytes < 0 ? "less" : "more";
    char number[32];
    lp_text_printf(out, "<text class=\"t%s\" x=\"0\" y=\"%.0f\">", step->kind == LP_STEP_TOTAL ? " b" : "", y + TEXT_RISE);
    lp_html_text(out, step->name);
    lp_text_printf(out, "</text><text class=\"t%s\" x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s%s</text>",
                   step->kind == LP_STEP_TOTAL ? " b" : "", WIDTH, y + TEXT_RISE,
                   step->kind == LP_STEP_CHANGE && step->bytes > 0 ? "+" : "", lp_number_text(step->bytes, number));
    lp_text_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%d\"/>\n", kind, scale * (double)low,
                   y + BAR_DOWN, width < 1.5 ? 1.5 : width, BAR_HEIGHT);
}

double lp_waterfall_group(const json_t *report, size_t target, int64_t most, double x, struct lp_text *out)
{
    struct lp_step steps[LP_MOST_STEPS];
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    size_t count = lp_steps(report, target, steps);
    lp_text_printf(out, "<g transform=\"translate(%.0f,0)\"><text class=\"t b\" x=\"0\" y=\"18\">", x);
    lp_html_text(out, lp_json_string(t, "target"));
    lp_text_printf(out, "</text><text class=\"s\" x=\"%d\" y=\"18\" text-anchor=\"end\">bytes of flash</text>\n", WIDTH);
    for (size_t i = 0; i < count; i++)
        add_bar(&steps[i], TOP + (double)i * ROW, most, out);
    lp_text_printf(out, "</g>\n");
    return TOP + (double)count * ROW;
}

void lp_waterfall_svg(const json_t *report, size_t target, struct lp_text *out)
{
    struct lp_step steps[LP_MOST_STEPS];
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    size_t count = lp_steps(report, target, steps);
    char from[32], to[32];
    lp_text_printf(out, "<svg role=\"img\" viewBox=\"-2 0 %d %zu\" width=\"%d\" aria-label=\"Waterfall for ", LP_WATERFALL_WIDTH,
                   TOP + count * ROW, LP_WATERFALL_WIDTH);
    lp_html_text(out, lp_json_string(t, "target"));
    lp_text_printf(out, ": from %s bytes of constants to %s bytes of flash; the table has each step\">\n",
                   lp_number_text(steps[0].bytes, from), lp_number_text(steps[count - 1].bytes, to));
    lp_waterfall_group(report, target, lp_waterfall_most(report), 0, out);
    lp_text_printf(out, "</svg>\n");
}
