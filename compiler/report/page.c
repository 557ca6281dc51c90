#include "compiler/report/page.h"

#include "compiler/account/section.h"
#include "compiler/report/html.h"
#include "compiler/report/picture.h"
#include "compiler/report/table.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 160 };

static const json_t *targets_of(const json_t *report)
{
    return json_object_get(report, "targets");
}

static const char *target_name(const json_t *report, size_t t)
{
    return lp_json_string(json_array_get(targets_of(report), t), "target");
}

static const char *meaning_of(const char *cause)
{
    for (int c = 0; c < LP_CAUSE_COUNT; c++)
        if (strcmp(lp_cause_name((enum lp_cause)c), cause) == 0)
            return lp_cause_meaning((enum lp_cause)c);
    return "";
}

static void add_head(const json_t *report, struct lp_text *out)
{
    const json_t *model = json_object_get(report, "model");
    struct lp_text title = {0};
    char a[32], b[32];
    lp_text_printf(&title, "%s: what it costs, and why", lp_json_string(model, "file"));
    lp_html_start(out, lp_text_get(&title), "sizes", "To the sizes");
    lp_text_printf(out, "<p class=\"soft\">limpid %s</p><h1>", lp_json_string(json_object_get(report, "limpid"), "version"));
    lp_html_text(out, lp_text_get(&title));
    lp_text_free(&title);
    lp_text_printf(
        out,
        "</h1>\n<p><span data-json=\"model/operators\">%lld</span> operators, <span data-json=\"model/macs\">%s</span> "
        "multiplications (MACs), <span data-json=\"model/constants_bytes\">%s</span> bytes of weights and biases</p>\n",
        (long long)lp_json_number(model, "operators"), lp_number_text(lp_json_number(model, "macs"), a),
        lp_number_text(lp_json_number(model, "constants_bytes"), b));
    lp_text_printf(
        out,
        "<nav aria-label=\"Parts of this page\"><ul><li><a href=\"#sizes\">Sizes</a></li><li><a href=\"#rom\">From the model "
        "to flash</a></li>%s<li><a href=\"#layers\">Layers</a></li><li><a href=\"#memory\">Memory</a></li><li><a "
        "href=\"#epochs\">Epochs</a></li><li><a href=\"#dead\">Dead channels</a></li><li><a "
        "href=\"#ranges\">Ranges</a></li></ul></nav>\n",
        json_object_get(report, "differences") == NULL ? "" : "<li><a href=\"#differences\">Differences</a></li>");
}

/* A row for each size, a column for each target. */
static void add_sizes(const json_t *report, struct lp_text *out)
{
    static const struct {
        const char *name, *member;
    } rows[] = {{"weights, bytes of flash", "weights_bytes"},
                {"program tables, bytes of flash", "program_bytes"},
                {"linked code with its tables, bytes of flash", "code_bytes"},
                {"activations, bytes of RAM", "activations_bytes"},
                {"no plan needs less than", "activations_lower_bound_bytes"},
                {"epochs in hardware", "epochs/hw"},
                {"epochs in software", "epochs/sw"},
                {"multiplications", "macs"}};
    size_t count = json_array_size(targets_of(report));
    lp_text_printf(out, "<h2 id=\"sizes\" tabindex=\"-1\">Sizes</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                        "aria-labelledby=\"sizes\">"
                        "<table><thead><tr><td></td>");
    for (size_t t = 0; t < count; t++) {
        lp_text_printf(out, "<th scope=\"col\" class=\"n\">");
        lp_html_text(out, target_name(report, t));
        lp_text_printf(out, "</th>");
    }
    lp_text_printf(out, "</tr></thead><tbody>\n");
    for (size_t r = 0; r < LP_COUNT(rows); r++) {
        lp_text_printf(out, "<tr><th scope=\"row\">%s</th>", rows[r].name);
        for (size_t t = 0; t < count; t++) {
            char path[PATH_BYTES];
            const json_t *target = json_array_get(targets_of(report), t);
            const char *slash = strchr(rows[r].member, '/');
            const json_t *holder = slash == NULL ? target : json_object_get(target, "epochs");
            const json_t *value = json_object_get(holder, slash == NULL ? rows[r].member : slash + 1);
            snprintf(path, sizeof path, "targets/%zu/%s", t, rows[r].member);
            if (json_is_integer(value))
                lp_html_number(out, path, (int64_t)json_integer_value(value), false);
            else
                lp_text_printf(out, "<td class=\"n soft\">not linked</td>");
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}

static void add_ledger_rows(const json_t *report, size_t t, const char *ledger, const char *section, struct lp_text *out)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(json_array_get(targets_of(report), t), ledger), i, row)
    {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "targets/%zu/%s/%zu/bytes", t, ledger, i);
        lp_text_printf(out, "<tr>");
        lp_html_cell(out, lp_json_string(row, "cause"));
        lp_html_cell(out, section);
        lp_html_number(out, path, lp_json_number(row, "bytes"), false);
        lp_html_cell(out, meaning_of(lp_json_string(row, "cause")));
        lp_text_printf(out, "</tr>\n");
    }
}

static void add_waterfalls(const json_t *report, struct lp_text *out)
{
    size_t count = json_array_size(targets_of(report));
    static const char *const heads[] = {"lcause", "lsection", "nbytes", "lwhat that is"};
    lp_text_printf(
        out, "<h2 id=\"rom\">From the model's constants to flash</h2><p class=\"soft\">Each step is one cause: what it adds, or "
             "saves. The causes add up to the size of the section, byte for byte.</p><div class=\"pair\">\n");
    for (size_t t = 0; t < count; t++) {
        lp_text_printf(out, "<figure>");
        lp_waterfall_svg(report, t, out);
        lp_text_printf(out, "</figure>\n");
    }
    lp_text_printf(out, "</div>\n");
    for (size_t t = 0; t < count; t++) {
        char id[32];
        snprintf(id, sizeof id, "ledger-%zu", t);
        lp_text_printf(out, "<h3 id=\"%s\">Causes on ", id);
        lp_html_text(out, target_name(report, t));
        lp_text_printf(out, "</h3>\n");
        lp_html_table_start(out, id, heads, LP_COUNT(heads));
        add_ledger_rows(report, t, "ledger", "weights", out);
        add_ledger_rows(report, t, "program_ledger", "program tables", out);
        add_ledger_rows(report, t, "code_ledger", "linked code", out);
        lp_html_table_end(out);
    }
}

static void add_difference(const json_t *d, size_t number, struct lp_text *out)
{
    static const char *const heads[] = {"lcause", "lsection", "nfrom", "nto", "ndifference"};
    const json_t *from = json_object_get(d, "from"), *to = json_object_get(d, "to"), *row;
    static const char *const members[] = {"from", "to", "difference"};
    char id[32];
    size_t i;
    snprintf(id, sizeof id, "difference-%zu", number);
    lp_text_printf(out, "<h3 id=\"%s\">", id);
    lp_html_text(out, lp_json_string(from, "file"));
    lp_text_printf(out, " on ");
    lp_html_text(out, lp_json_string(from, "target"));
    lp_text_printf(out, " &rarr; ");
    lp_html_text(out, lp_json_string(to, "file"));
    lp_text_printf(out, " on ");
    lp_html_text(out, lp_json_string(to, "target"));
    lp_text_printf(out, "</h3>\n");
    lp_html_table_start(out, id, heads, LP_COUNT(heads));
    json_array_foreach(json_object_get(d, "ledger"), i, row)
    {
        if (lp_json_number(row, "difference") == 0)
            continue;
        lp_text_printf(out, "<tr>");
        lp_html_cell(out, lp_json_string(row, "cause"));
        lp_html_cell(out, lp_json_string(row, "section"));
        for (size_t k = 0; k < LP_COUNT(members); k++) {
            char path[PATH_BYTES];
            snprintf(path, sizeof path, "differences/%zu/ledger/%zu/%s", number, i, members[k]);
            lp_html_number(out, path, lp_json_number(row, members[k]), k == 2);
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}

static void add_differences(const json_t *report, struct lp_text *out)
{
    const json_t *list = json_object_get(report, "differences"), *d, *q;
    size_t i;
    if (list == NULL)
        return;
    lp_text_printf(out, "<h2 id=\"differences\">What makes the difference</h2>\n");
    json_array_foreach(json_object_get(report, "questions"), i, q)
    {
        lp_text_printf(out, "<div class=\"card\"><p><b>%s</b> <span class=\"soft\">(", lp_json_string(q, "question"));
        lp_html_text(out, lp_json_string(q, "target"));
        lp_text_printf(out, ")</span></p><p>");
        lp_html_text(out, lp_json_string(q, "answer"));
        lp_text_printf(out, "</p></div>\n");
    }
    json_array_foreach(list, i, d)
    {
        add_difference(d, i, out);
    }
}

static void add_pools(const json_t *report, size_t t, struct lp_text *out)
{
    static const char *const heads[] = {"lpool", "nbytes", "nweights", "nactivations"};
    static const char *const members[] = {"size_bytes", "weights_bytes", "activations_bytes"};
    const json_t *pool;
    char id[32];
    size_t i;
    snprintf(id, sizeof id, "memory-%zu", t);
    lp_html_table_start(out, id, heads, LP_COUNT(heads));
    json_array_foreach(json_object_get(json_array_get(targets_of(report), t), "memory"), i, pool)
    {
        if (lp_json_number(pool, "weights_bytes") == 0 && lp_json_number(pool, "activations_bytes") == 0)
            continue;
        lp_text_printf(out, "<tr>");
        lp_html_cell(out, lp_json_string(pool, "pool"));
        for (size_t k = 0; k < LP_COUNT(members); k++) {
            char path[PATH_BYTES];
            snprintf(path, sizeof path, "targets/%zu/memory/%zu/%s", t, i, members[k]);
            lp_html_number(out, path, lp_json_number(pool, members[k]), false);
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}

static void add_buffers(const json_t *report, size_t t, struct lp_text *out)
{
    static const char *const heads[] = {"ltensor", "lwhat", "lpool", "noffset", "nbytes", "nfirst epoch", "nlast epoch"};
    static const char *const members[] = {"offset_bytes", "size_bytes", "first_epoch", "last_epoch"};
    const json_t *map = json_object_get(json_array_get(targets_of(report), t), "memory_map"), *b;
    char id[32];
    size_t i;
    snprintf(id, sizeof id, "memory-%zu", t);
    lp_text_printf(out, "<details><summary>Every buffer in numbers</summary>\n");
    lp_html_table_start(out, id, heads, LP_COUNT(heads));
    json_array_foreach(json_object_get(map, "buffers"), i, b)
    {
        lp_text_printf(out, "<tr><td>");
        lp_html_name(out, lp_json_string(b, "name"));
        lp_text_printf(out, "</td>");
        lp_html_cell(out, lp_json_string(b, "kind"));
        lp_html_cell(out, lp_json_string(b, "pool"));
        for (size_t k = 0; k < LP_COUNT(members); k++) {
            char path[PATH_BYTES];
            snprintf(path, sizeof path, "targets/%zu/memory_map/buffers/%zu/%s", t, i, members[k]);
            lp_html_number(out, path, lp_json_number(b, members[k]), false);
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
    lp_text_printf(out, "</details>\n");
}

static void add_memory(const json_t *report, struct lp_text *out)
{
    lp_text_printf(out, "<h2 id=\"memory\">What lies where in memory, and when</h2>\n");
    for (size_t t = 0; t < json_array_size(targets_of(report)); t++) {
        const json_t *target = json_array_get(targets_of(report), t), *peak, *name;
        char number[32];
        size_t i;
        peak = json_object_get(json_object_get(target, "memory_map"), "peak");
        lp_text_printf(out, "<h3 id=\"memory-%zu\">", t);
        lp_html_text(out, target_name(report, t));
        lp_text_printf(out,
                       "</h3><p>Most is alive in epoch <span data-json=\"targets/%zu/memory_map/peak/epoch\">%lld</span>: <span "
                       "data-json=\"targets/%zu/memory_map/peak/alive_bytes\">%s</span> bytes, in ",
                       t, (long long)lp_json_number(peak, "epoch"), t,
                       lp_number_text(lp_json_number(peak, "alive_bytes"), number));
        json_array_foreach(json_object_get(peak, "tensors"), i, name)
        {
            lp_text_printf(out, "%s", i == 0 ? "" : ", ");
            lp_html_name(out, json_string_value(name));
        }
        lp_text_printf(
            out,
            ".</p>\n<figure class=\"wide\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"memory-%zu\">",
            t);
        lp_memory_map_svg(report, t, out);
        lp_text_printf(out, "</div></figure>\n");
        add_pools(report, t, out);
        add_buffers(report, t, out);
    }
}

/* Why an operator runs on the processor; "" when nobody says. */
static void add_reason(const json_t *target, int64_t layer, struct lp_text *out)
{
    size_t i;
    const json_t *l;
    json_array_foreach(json_object_get(target, "layers"), i, l)
    {
        const json_t *reason = json_object_get(l, "reason");
        if (lp_json_number(l, "index") != layer || !json_is_object(reason))
            continue;
        lp_text_printf(out, "rule ");
        lp_html_text(out, lp_json_string(reason, "rule"));
        lp_text_printf(out, ": found ");
        lp_html_text(out, lp_json_string(reason, "found"));
        lp_text_printf(out, "; allowed is ");
        lp_html_text(out, lp_json_string(reason, "allowed"));
        lp_text_printf(out, "; would pass with: ");
        lp_html_text(out, lp_json_string(reason, "change"));
        return;
    }
}

static void add_epochs(const json_t *report, struct lp_text *out)
{
    static const char *const heads[] = {"nepoch",       "noperator",           "l", "lruns on", "ncycles (model)",
                                        "nbytes alive", "lwhy not in hardware"};
    lp_text_printf(out, "<h2 id=\"epochs\">Epochs in hardware and in software</h2>\n");
    for (size_t t = 0; t < json_array_size(targets_of(report)); t++) {
        const json_t *target = json_array_get(targets_of(report), t), *e;
        static const char *const members[] = {"index", "layer"};
        char id[32], path[PATH_BYTES];
        size_t i;
        snprintf(id, sizeof id, "epochs-%zu", t);
        lp_text_printf(out, "<h3 id=\"%s\">", id);
        lp_html_text(out, target_name(report, t));
        lp_text_printf(out, "</h3>\n");
        lp_html_table_start(out, id, heads, LP_COUNT(heads));
        json_array_foreach(json_object_get(json_object_get(target, "memory_map"), "epochs"), i, e)
        {
            lp_text_printf(out, "<tr>");
            for (size_t k = 0; k < LP_COUNT(members); k++) {
                snprintf(path, sizeof path, "targets/%zu/memory_map/epochs/%zu/%s", t, i, members[k]);
                lp_html_number(out, path, lp_json_number(e, members[k]), false);
            }
            lp_html_cell(out, lp_json_string(e, "op"));
            lp_html_cell(out, strcmp(lp_json_string(e, "runs_on"), "npu") == 0 ? "HW" : "SW");
            snprintf(path, sizeof path, "targets/%zu/memory_map/epochs/%zu/cycles", t, i);
            if (lp_json_number(e, "cycles") != 0)
                lp_html_number(out, path, lp_json_number(e, "cycles"), false);
            else
                lp_text_printf(out, "<td></td>");
            snprintf(path, sizeof path, "targets/%zu/memory_map/epochs/%zu/alive_bytes", t, i);
            lp_html_number(out, path, lp_json_number(e, "alive_bytes"), false);
            lp_text_printf(out, "<td class=\"w\">");
            add_reason(target, lp_json_number(e, "layer"), out);
            lp_text_printf(out, "</td></tr>\n");
        }
        lp_html_table_end(out);
    }
}

void lp_report_page(const json_t *report, struct lp_text *out)
{
    add_head(report, out);
    add_sizes(report, out);
    add_waterfalls(report, out);
    add_differences(report, out);
    lp_page_layers(report, out);
    add_memory(report, out);
    add_epochs(report, out);
    /* What is dead, and what can be reached, is the model's own and the same on every target. */
    lp_page_dead(report, 0, out);
    lp_page_ranges(report, 0, out);
    lp_html_end(out);
}
