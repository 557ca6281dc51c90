/* Dead channels and reachable ranges, for people and for programs. */
#include "compiler/report/removal.h"

#include "compiler/report/table.h"

#include <stdio.h>
#include <string.h>

static uint32_t dead_in(const struct lp_removed_layer *layer)
{
    uint32_t dead = 0;
    for (int r = 0; r < LP_DEAD_REASON_COUNT; r++)
        dead += layer->dead[r];
    return dead;
}

/* One row per reason: the key for programs, the remark for people. */
static const struct {
    const char *key, *why;
} kept_reasons[LP_KEPT_REASON_COUNT] = {
    [LP_KEPT_AT_BORDER] = {"border", "padding shows at the border"},
    [LP_KEPT_WITH_OTHER] = {"with_other", "combined with channels that change"},
    [LP_KEPT_AS_LAST] = {"last", "one has to be left"},
    [LP_KEPT_FOR_TILING] = {"tiling", "cycles would rise without them"},
    [LP_KEPT_FOR_ALL] = {"output", "an output or an operator that needs all"},
};

static uint32_t kept_in(const struct lp_removed_layer *layer)
{
    uint32_t kept = 0;
    for (int r = 0; r < LP_KEPT_REASON_COUNT; r++)
        kept += layer->kept[r];
    return kept;
}

static bool has_news(const struct lp_removed_layer *layer)
{
    return dead_in(layer) != 0 || kept_in(layer) != 0 || layer->trimmed_rows != 0 || layer->trimmed_columns != 0 ||
           layer->is_gone;
}

int64_t lp_report_constants_bytes(const struct lp_report_target *target, const struct lp_op *op)
{
    const struct lp_removal *removal = target->removal;
    for (uint32_t i = 0; removal != NULL && i < removal->before->op_count; i++)
        if (removal->before->ops[i].source_index == op->source_index)
            return removal->layers[i].constants_bytes;
    return lp_op_constants_bytes(target->graph, op);
}

json_t *lp_report_layer_removal_json(const struct lp_removed_layer *layer)
{
    json_t *json = json_pack("{s:I, s:I}", "channels", (json_int_t)layer->channels, "dead", (json_int_t)dead_in(layer));
    json_t *reasons = json_pack("{s:I, s:I, s:I}", "zero_filter", (json_int_t)layer->dead[LP_DEAD_ZERO_FILTER], "range",
                                (json_int_t)layer->dead[LP_DEAD_BY_RANGE], "unused", (json_int_t)layer->dead[LP_DEAD_UNUSED]);
    json_object_set_new(json, "reasons", reasons);
    json_t *kept = json_object();
    int64_t kept_bytes = 0;
    for (int r = 0; r < LP_KEPT_REASON_COUNT; r++) {
        json_object_set_new(
            kept, kept_reasons[r].key,
            json_pack("{s:I, s:I}", "channels", (json_int_t)layer->kept[r], "bytes", (json_int_t)layer->kept_bytes[r]));
        kept_bytes += layer->kept_bytes[r];
    }
    json_object_set_new(json, "kept_constants", json_integer((json_int_t)kept_in(layer)));
    json_object_set_new(json, "kept_bytes", json_integer((json_int_t)kept_bytes));
    json_object_set_new(json, "kept", kept);
    json_object_set_new(json, "trimmed_rows", json_integer(layer->trimmed_rows));
    json_object_set_new(json, "trimmed_columns", json_integer(layer->trimmed_columns));
    json_object_set_new(json, "operator_removed", json_boolean(layer->is_gone));
    json_object_set_new(json, "constants_bytes_removed",
                        json_integer((json_int_t)(layer->constants_bytes - layer->constants_bytes_after)));
    json_object_set_new(json, "macs_removed", json_integer((json_int_t)(layer->macs - layer->macs_after)));
    return json;
}

/* The tensor in which classes compete: what goes into a SOFTMAX, else the output itself. */
static int32_t contest_of(const struct lp_graph *g, uint32_t output)
{
    for (uint32_t i = 0; i < g->op_count; i++)
        if (g->ops[i].outputs[0] == g->outputs[output] && g->ops[i].kind == LP_OP_SOFTMAX)
            return g->ops[i].inputs[0];
    return g->outputs[output];
}

/* Channels of output `output` that can't win, and those that never change; both have room for its last dimension. */
static void judge_output(const struct lp_ranges *ranges, uint32_t output, bool *never, bool *constant)
{
    const struct lp_graph *g = ranges->graph;
    int32_t tensor = g->outputs[output];
    const struct lp_tensor *t = &g->tensors[tensor];
    uint32_t channels = lp_range_channels(t);
    lp_range_never_largest(ranges, contest_of(g, output), never);
    for (uint32_t c = 0; c < channels; c++) {
        struct lp_interval range = lp_range_at(ranges, tensor, c);
        constant[c] = ranges->tensors[tensor].period != 0 && channels % ranges->tensors[tensor].period == 0 &&
                      range.low == range.high;
    }
}

static json_t *flags_json(const bool *flags, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        if (flags[i])
            json_array_append_new(list, json_integer((json_int_t)i));
    return list;
}

static json_t *outputs_json(const struct lp_ranges *ranges, struct lp_arena *arena)
{
    json_t *outputs = json_array();
    for (uint32_t o = 0; o < ranges->graph->output_count; o++) {
        const struct lp_tensor *t = &ranges->graph->tensors[ranges->graph->outputs[o]];
        uint32_t channels = lp_range_channels(t);
        bool *never = LP_NEW_ARRAY(arena, channels, bool);
        bool *constant = LP_NEW_ARRAY(arena, channels, bool);
        json_t *list = json_array();
        if (never == NULL || constant == NULL || ranges->tensors[ranges->graph->outputs[o]].period == 0) {
            json_decref(list);
            continue;
        }
        judge_output(ranges, o, never, constant);
        for (uint32_t c = 0; c < channels; c++) {
            struct lp_interval range = lp_range_at(ranges, ranges->graph->outputs[o], c);
            json_array_append_new(list, json_pack("[i, i]", (int)range.low, (int)range.high));
        }
        json_array_append_new(outputs, json_pack("{s:I, s:o, s:o, s:o}", "index", (json_int_t)o, "ranges", list, "never_largest",
                                                 flags_json(never, channels), "constant", flags_json(constant, channels)));
    }
    return outputs;
}

void lp_report_removal_json(const struct lp_report_target *target, struct lp_arena *arena, json_t *out)
{
    const struct lp_removal *r = target->removal;
    if (r == NULL)
        return;
    json_t *layers = json_array();
    for (uint32_t i = 0; i < r->before->op_count; i++) {
        if (!has_news(&r->layers[i]))
            continue;
        json_t *layer = lp_report_layer_removal_json(&r->layers[i]);
        json_object_set_new(layer, "index", json_integer((json_int_t)r->before->ops[i].source_index));
        json_array_append_new(layers, layer);
    }
    json_object_set_new(out, "dead_channels", layers);
    if (target->ranges == NULL)
        return;
    json_object_set_new(out, "input_range_declared", json_boolean(target->ranges->is_narrowed));
    json_object_set_new(out, "ranges", lp_report_ranges_json(target->ranges));
    json_object_set_new(out, "reachable_outputs", outputs_json(target->ranges, arena));
}

static void add_remark(struct lp_table *table, const struct lp_removed_layer *layer)
{
    char remark[400] = "";
    size_t used = 0;
    if (layer->is_gone)
        used += (size_t)snprintf(remark, sizeof remark, "nobody needs its output");
    for (int r = 0; r < LP_KEPT_REASON_COUNT && !layer->is_gone; r++)
        if (layer->kept[r] != 0)
            used += (size_t)snprintf(remark + used, sizeof remark - used, "%s%u constant, %lld bytes, kept: %s",
                                     used == 0 ? "" : "; ", (unsigned)layer->kept[r], (long long)layer->kept_bytes[r],
                                     kept_reasons[r].why);
    if (layer->trimmed_rows + layer->trimmed_columns != 0)
        snprintf(remark + used, sizeof remark - used, "%skernel: %d rows, %d columns of zeros less", used == 0 ? "" : "; ",
                 (int)layer->trimmed_rows, (int)layer->trimmed_columns);
    lp_table_cell(table, "%s", remark);
}

static void add_row(struct lp_table *table, const struct lp_removal *r, uint32_t i)
{
    const struct lp_removed_layer *layer = &r->layers[i];
    lp_table_cell(table, "%u", (unsigned)r->before->ops[i].source_index);
    lp_table_cell(table, "%s", lp_op_kind_table[r->before->ops[i].kind].name);
    lp_table_cell(table, layer->is_gone ? "all" : "%u of %u", (unsigned)dead_in(layer), (unsigned)layer->channels);
    for (int k = 0; k < LP_DEAD_REASON_COUNT; k++)
        lp_table_number(table, layer->dead[k]);
    lp_table_number(table, layer->constants_bytes - layer->constants_bytes_after);
    lp_table_number(table, layer->macs - layer->macs_after);
    add_remark(table, layer);
}

static void add_layers(const struct lp_removal *r, struct lp_arena *arena, struct lp_text *out)
{
    static const char *const heads[] = {"#",      "operator",   "dead",      "zero filter", "range",
                                        "unused", "bytes less", "MACs less", "remark"};
    struct lp_table table = {.arena = arena, .columns = LP_COUNT(heads), .align = "rlrrrrrrl"};
    bool is_any = false;
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < r->before->op_count; i++) {
        if (!has_news(&r->layers[i]))
            continue;
        add_row(&table, r, i);
        is_any = true;
    }
    if (!is_any)
        return;
    lp_text_printf(out, "\nDead channels: no input can change them, or nobody looks at them\n\n");
    lp_table_print(&table, out);
}

static void list_flags(const bool *flags, uint32_t count, struct lp_text *out)
{
    enum { MOST_LISTED = 20 };
    uint32_t listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!flags[i])
            continue;
        if (listed < MOST_LISTED)
            lp_text_printf(out, "%s%u", listed == 0 ? "" : ", ", (unsigned)i);
        listed++;
    }
    if (listed > MOST_LISTED)
        lp_text_printf(out, " and %u more", (unsigned)(listed - MOST_LISTED));
}

static bool any(const bool *flags, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (flags[i])
            return true;
    return false;
}

static void add_outputs(const struct lp_ranges *ranges, struct lp_arena *arena, struct lp_text *out)
{
    for (uint32_t o = 0; o < ranges->graph->output_count; o++) {
        uint32_t channels = lp_range_channels(&ranges->graph->tensors[ranges->graph->outputs[o]]);
        bool *never = LP_NEW_ARRAY(arena, channels, bool);
        bool *constant = LP_NEW_ARRAY(arena, channels, bool);
        if (never == NULL || constant == NULL) {
            out->failed = true;
            return;
        }
        judge_output(ranges, o, never, constant);
        if (any(never, channels)) {
            lp_text_printf(out, "\nOutput %u: these channels are never the largest, whatever the input is: ", (unsigned)o);
            list_flags(never, channels, out);
            lp_text_printf(out, "\n");
        }
        if (any(constant, channels)) {
            lp_text_printf(out, "\nOutput %u: these channels never change: ", (unsigned)o);
            list_flags(constant, channels, out);
            lp_text_printf(out, "\n");
        }
    }
}

void lp_report_removal_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    if (target->removal != NULL)
        add_layers(target->removal, arena, out);
    if (target->ranges == NULL)
        return;
    add_outputs(target->ranges, arena, out);
    if (target->ranges->is_narrowed)
        lp_text_printf(out, "\nAll this holds only for inputs within the declared range (--input-range).\n");
}
