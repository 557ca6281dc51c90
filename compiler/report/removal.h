/* What of a model is dead, layer by layer, and what its outputs can reach. */
#ifndef LP_REPORT_REMOVAL_H
#define LP_REPORT_REMOVAL_H

#include "compiler/report/report.h"

/* Adds "dead_channels": one object for each layer with dead, kept or trimmed channels; "input_range_declared"; and
 * "reachable_outputs": for each output of integers its ranges by channel, the channels that are never the largest, and those
 * that never change. Nothing without a removal. */
void lp_report_removal_json(const struct lp_report_target *target, struct lp_arena *arena, json_t *out);

/* One layer: {"channels", "dead", "reasons": {"zero_filter", "range", "unused"}, "kept_constants", "kept_bytes",
 * "kept": {"border", "with_other", "last", "output", "tiling": {"channels", "bytes"}}, "trimmed_rows", "trimmed_columns",
 * "operator_removed", "constants_bytes_removed", "macs_removed"}. A new reference. */
json_t *lp_report_layer_removal_json(const struct lp_removed_layer *layer);

/* Of every operator whose output has ranges: [{"index", "op", "name", "range": [lowest, highest], "type": [the same of its
 * element type], "channels", "constant_channels", "channels_at_lowest", "channels_at_highest"}], and of those that sum
 * "accumulator", "accumulator_interior" (inside the map), "partial_sums", SVDF also "feature_sums": [lowest, highest] of all
 * channels. A new reference. */
json_t *lp_report_ranges_json(const struct lp_ranges *ranges);

void lp_report_removal_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out);

/* Weights and biases of the operator as in the model file, before removal. */
int64_t lp_report_constants_bytes(const struct lp_report_target *target, const struct lp_op *op);

#endif
