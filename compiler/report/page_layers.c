#include "compiler/base/arena.h"
#include "compiler/report/html.h"
#include "compiler/report/page.h"
#include "compiler/report/picture.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 160 };

static int64_t bytes_of(const json_t *layer)
{
    return lp_json_number(layer, "weights_bytes") + lp_json_number(layer, "program_bytes");
}

/* Position of the layer of this operator in the target's list; SIZE_MAX: it has none. */
static size_t find_layer(const json_t *target, int64_t index)
{
    size_t i;
    const json_t *l;
    json_array_foreach(json_object_get(target, "layers"), i, l)
    {
        if (lp_json_number(l, "index") == index)
            return i;
    }
    return SIZE_MAX;
}

static int64_t largest(const json_t *targets)
{
    int64_t most = 1;
    size_t t, i;
    const json_t *target, *l;
    json_array_foreach(targets, t, target)
    {
        json_array_foreach(json_object_get(target, "layers"), i, l)
        {
            most = bytes_of(l) > most ? bytes_of(l) : most;
            most = lp_json_number(l, "constants_bytes") > most ? lp_json_number(l, "constants_bytes") : most;
        }
    }
    return most;
}

/* Operator and name in one cell: columns are scarce. */
static void add_names(const json_t *layer, struct lp_text *out)
{
    lp_text_printf(out, "<td>%s<br><small class=\"soft\">", lp_json_string(layer, "op"));
    lp_html_name(out, lp_json_string(layer, "name"));
    lp_text_printf(out, "</small></td>");
}

/* One target's cells of a layer: weights, program, and a bar for both. */
static void add_target(const json_t *target, size_t t, int64_t index, int64_t most, struct lp_text *out)
{
    size_t at = find_layer(target, index);
    const json_t *layer = json_array_get(json_object_get(target, "layers"), at);
    char path[PATH_BYTES];
    if (layer == NULL) {
        lp_text_printf(out, "<td></td><td></td><td></td>");
        return;
    }
    snprintf(path, sizeof path, "targets/%zu/layers/%zu/weights_bytes", t, at);
    lp_html_number(out, path, lp_json_number(layer, "weights_bytes"), false);
    snprintf(path, sizeof path, "targets/%zu/layers/%zu/program_bytes", t, at);
    lp_html_number(out, path, lp_json_number(layer, "program_bytes"), false);
    lp_html_bar(out, bytes_of(layer), most, strcmp(lp_json_string(layer, "runs_on"), "npu") == 0 ? "npu" : "cpu");
}

static void add_heads(const json_t *targets, struct lp_text *out)
{
    size_t t;
    const json_t *target;
    lp_text_printf(
        out, "<h2 id=\"layers\">Layer by layer</h2><p class=\"soft\">Bytes of flash: weights and program tables of each layer. "
             "All bars have one scale, those of layers in hardware are orange; the constants are those of the model file, before "
             "anything is removed.</p>\n"
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"layers\"><table><thead><tr><td "
             "colspan=\"2\"></td>"
             "<td colspan=\"2\"></td>");
    json_array_foreach(targets, t, target)
    {
        lp_text_printf(out, "<th scope=\"colgroup\" colspan=\"3\">");
        lp_html_text(out, lp_json_string(target, "target"));
        lp_text_printf(out, "</th>");
    }
    lp_text_printf(out, "</tr><tr><th scope=\"col\" class=\"n\">#</th><th scope=\"col\">operator</th>"
                        "<th scope=\"col\" class=\"n\">constants</th><th scope=\"col\">of the model</th>");
    json_array_foreach(targets, t, target)
    {
        lp_text_printf(out, "<th scope=\"col\" class=\"n\">weights</th><th scope=\"col\" class=\"n\">program</th><th "
                            "scope=\"col\">together</th>");
    }
    lp_text_printf(out, "</tr></thead><tbody>\n");
}

void lp_page_layers(const json_t *report, struct lp_text *out)
{
    const json_t *targets = json_object_get(report, "targets"), *first = json_array_get(targets, 0), *layer, *target;
    int64_t most = largest(targets);
    size_t i, t;
    add_heads(targets, out);
    json_array_foreach(json_object_get(first, "layers"), i, layer)
    {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "targets/0/layers/%zu/index", i);
        lp_text_printf(out, "<tr>");
        lp_html_number(out, path, lp_json_number(layer, "index"), false);
        add_names(layer, out);
        snprintf(path, sizeof path, "targets/0/layers/%zu/constants_bytes", i);
        lp_html_number(out, path, lp_json_number(layer, "constants_bytes"), false);
        lp_html_bar(out, lp_json_number(layer, "constants_bytes"), most, "model");
        json_array_foreach(targets, t, target)
        {
            add_target(target, t, lp_json_number(layer, "index"), most, out);
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}

void lp_page_dead(const json_t *report, size_t target, struct lp_text *out)
{
    static const char *const heads[] = {"n#",     "lshare",  "nchannels",   "ndead",     "nzero filter",
                                        "nrange", "nunused", "nbytes less", "nMACs less"};
    static const char *const members[] = {
        "channels", "dead", "reasons/zero_filter", "reasons/range", "reasons/unused", "constants_bytes_removed", "macs_removed"};
    const json_t *list = json_object_get(json_array_get(json_object_get(report, "targets"), target), "dead_channels"), *layer;
    char path[PATH_BYTES];
    size_t i;
    lp_text_printf(
        out, "<h2 id=\"dead\">Dead channels</h2><p class=\"soft\">Channels that no input can change, or nobody looks at.</p>\n");
    if (json_array_size(list) == 0) {
        lp_text_printf(out, list == NULL ? "<p>They were not looked for (--keep-dead).</p>\n" : "<p>There are none.</p>\n");
        return;
    }
    lp_html_table_start(out, "dead", heads, LP_COUNT(heads));
    json_array_foreach(list, i, layer)
    {
        lp_text_printf(out, "<tr>");
        snprintf(path, sizeof path, "targets/%zu/dead_channels/%zu/index", target, i);
        lp_html_number(out, path, lp_json_number(layer, "index"), false);
        lp_html_bar(out, lp_json_number(layer, "dead"), lp_json_number(layer, "channels"), "dead");
        for (size_t k = 0; k < LP_COUNT(members); k++) {
            const char *slash = strchr(members[k], '/');
            const json_t *holder = slash == NULL ? layer : json_object_get(layer, "reasons");
            snprintf(path, sizeof path, "targets/%zu/dead_channels/%zu/%s", target, i, members[k]);
            lp_html_number(out, path, lp_json_number(holder, slash == NULL ? members[k] : slash + 1), false);
        }
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}

/* The interval inside all values of its type. */
static void add_interval(const json_t *row, struct lp_text *out)
{
    double low = (double)json_integer_value(json_array_get(json_object_get(row, "range"), 0));
    double high = (double)json_integer_value(json_array_get(json_object_get(row, "range"), 1));
    double lowest = (double)json_integer_value(json_array_get(json_object_get(row, "type"), 0));
    double highest = (double)json_integer_value(json_array_get(json_object_get(row, "type"), 1));
    double all = highest - lowest + 1;
    lp_text_printf(out, "<td class=\"bars\"><span class=\"track\"><span style=\"left:%.1f%%;width:%.1f%%\"></span></span></td>",
                   100 * (low - lowest) / all, 100 * (high - low + 1) / all);
}

void lp_page_ranges(const json_t *report, size_t target, struct lp_text *out)
{
    static const char *const heads[] = {"n#", "loperator", "nlowest", "lreachable", "nhighest", "nchannels", "nconstant"};
    const json_t *list = json_object_get(json_array_get(json_object_get(report, "targets"), target), "ranges"), *row;
    char path[PATH_BYTES];
    size_t i;
    lp_text_printf(
        out,
        "<h2 id=\"ranges\">Reachable ranges</h2><p class=\"soft\">Integers that the output of each layer can take, whatever the "
        "input is. A constant channel has one value only.</p>\n");
    if (json_array_size(list) == 0) {
        lp_text_printf(out, "<p>Nothing is known.</p>\n");
        return;
    }
    lp_html_table_start(out, "ranges", heads, LP_COUNT(heads));
    json_array_foreach(list, i, row)
    {
        lp_text_printf(out, "<tr>");
        snprintf(path, sizeof path, "targets/%zu/ranges/%zu/index", target, i);
        lp_html_number(out, path, lp_json_number(row, "index"), false);
        add_names(row, out);
        snprintf(path, sizeof path, "targets/%zu/ranges/%zu/range/0", target, i);
        lp_html_number(out, path, (int64_t)json_integer_value(json_array_get(json_object_get(row, "range"), 0)), false);
        add_interval(row, out);
        snprintf(path, sizeof path, "targets/%zu/ranges/%zu/range/1", target, i);
        lp_html_number(out, path, (int64_t)json_integer_value(json_array_get(json_object_get(row, "range"), 1)), false);
        snprintf(path, sizeof path, "targets/%zu/ranges/%zu/channels", target, i);
        lp_html_number(out, path, lp_json_number(row, "channels"), false);
        snprintf(path, sizeof path, "targets/%zu/ranges/%zu/constant_channels", target, i);
        lp_html_number(out, path, lp_json_number(row, "constant_channels"), false);
        lp_text_printf(out, "</tr>\n");
    }
    lp_html_table_end(out);
}
