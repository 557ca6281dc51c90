/* What every layer's output can reach. */
#include "compiler/report/removal.h"

static void widen(struct lp_wide_interval *all, struct lp_wide_interval one)
{
    all->low = one.low < all->low ? one.low : all->low;
    all->high = one.high > all->high ? one.high : all->high;
}

/* What the accumulators of all channels together reach: whole sums, those away from the border, and parts of them. */
static void add_sums(json_t *layer, const struct lp_op_range *op)
{
    if (op->count == 0)
        return;
    struct lp_accumulator_range all = op->of[0];
    for (uint32_t i = 1; i < op->count; i++) {
        widen(&all.anywhere, op->of[i].anywhere);
        widen(&all.interior, op->of[i].interior);
        widen(&all.partial, op->of[i].partial);
    }
    struct lp_wide_interval features = op->feature_count == 0 ? (struct lp_wide_interval){0} : op->features[0].anywhere;
    for (uint32_t i = 1; i < op->feature_count; i++)
        widen(&features, op->features[i].anywhere);
    const struct {
        const char *key;
        struct lp_wide_interval range;
    } members[] = {{"accumulator", all.anywhere},
                   {"accumulator_interior", all.interior},
                   {"partial_sums", all.partial},
                   {"feature_sums", features}};
    for (size_t i = 0; i < LP_COUNT(members) - (op->feature_count == 0); i++)
        json_object_set_new(layer, members[i].key,
                            json_pack("[I, I]", (json_int_t)members[i].range.low, (json_int_t)members[i].range.high));
}

static json_t *layer_json(const struct lp_ranges *ranges, const struct lp_op *op)
{
    const struct lp_graph *g = ranges->graph;
    const struct lp_tensor *t = &g->tensors[op->outputs[0]];
    uint32_t channels = lp_range_channels(t), constant = 0, low_end = 0, high_end = 0;
    struct lp_interval all = lp_range_at(ranges, op->outputs[0], 0), type = all;
    lp_range_of_element(t->element, &type);
    for (uint32_t c = 0; c < channels; c++) {
        struct lp_interval one = lp_range_at(ranges, op->outputs[0], c);
        all.low = one.low < all.low ? one.low : all.low;
        all.high = one.high > all.high ? one.high : all.high;
        constant += one.low == one.high;
        low_end += one.low == type.low;
        high_end += one.high == type.high;
    }
    json_t *layer = json_pack("{s:I, s:s, s:o, s:[i, i], s:[i, i], s:I, s:I, s:I, s:I}", "index", (json_int_t)op->source_index,
                              "op", lp_op_kind_table[op->kind].name, "name", lp_report_name_json(t->name), "range", (int)all.low,
                              (int)all.high, "type", (int)type.low, (int)type.high, "channels", (json_int_t)channels,
                              "constant_channels", (json_int_t)constant, "channels_at_lowest", (json_int_t)low_end,
                              "channels_at_highest", (json_int_t)high_end);
    add_sums(layer, &ranges->ops[op - g->ops]);
    return layer;
}

json_t *lp_report_ranges_json(const struct lp_ranges *ranges)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < ranges->graph->op_count; i++)
        if (ranges->tensors[ranges->graph->ops[i].outputs[0]].period != 0)
            json_array_append_new(list, layer_json(ranges, &ranges->graph->ops[i]));
    return list;
}
