#include "cli/diagnose/parts.h"

#include <math.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *layers_json(const struct lp_diagnose_report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->d->layers.count; i++) {
        const struct lp_layer *l = &r->d->layers.items[i];
        const struct lp_op *op = &r->c->graph->ops[l->op];
        json_t *item = json_pack("{s:i, s:s, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:b}", "index", (int)l->op, "op",
                                 lp_op_kind_table[op->kind].name, "name", lp_report_name_json(lp_op_name(r->c->graph, op)),
                                 "distinct_inputs", (int)l->distinct_inputs, "distinct_outputs", (int)l->distinct_outputs,
                                 "largest_change_lsb", number(l->largest_change), "mean_change_lsb", number(l->mean_change),
                                 "clipped", number(l->clipped_share), "constant_channels", number(l->channels_constant),
                                 "dies_here", (int)(i == r->d->layers.dies_at));
        if (l->moved_before_rounding >= 0)
            json_object_set_new(item, "moved_before_rounding_lsb", number(l->moved_before_rounding));
        if (i == r->d->layers.dies_at)
            json_object_set_new(item, "death", json_string(lp_death_text(r->d->layers.death)));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *change(int32_t lsb)
{
    return lsb == LP_NO_CHANGE ? json_null() : json_integer(lsb);
}

static json_t *sensitivity_json(const struct lp_diagnose_report *r)
{
    const struct lp_sensitivity *s = &r->d->sensitivity;
    json_t *features = json_array(), *losers = json_array();
    for (uint32_t i = 0; i < s->count; i++) {
        const struct lp_feature *f = &s->features[i];
        json_array_append_new(features, json_pack("{s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "feature", (int)f->channel, "dead",
                                                  (int)f->is_dead, "one_step_output_lsb", change(f->one_output),
                                                  "one_step_decision_lsb", change(f->one_decision), "all_steps_output_lsb",
                                                  change(f->all_output), "all_steps_decision_lsb", change(f->all_decision),
                                                  "bound_one_step_lsb", f->gain_one < 0 ? json_null() : number(f->gain_one),
                                                  "bound_all_steps_lsb", f->gain_all < 0 ? json_null() : number(f->gain_all)));
    }
    for (uint32_t i = 0; i < s->class_count; i++)
        if (s->never_wins[i] && s->never_wins_count != 0)
            json_array_append_new(losers, json_integer((json_int_t)i));
    return json_pack("{s:o, s:i, s:o, s:o, s:i, s:b}", "unit_per_lsb", number(s->unit), "tried_inferences", (int)s->rows,
                     "features", features, "classes_never_largest", losers, "constant_outputs", (int)s->constant_outputs,
                     "output_can_change", (int)s->can_change);
}

static json_t *vendor_json(const struct lp_diagnose_report *r)
{
    const struct lp_vendor_study *s = &r->d->study;
    json_t *layers = json_array();
    if (!r->d->has_study) {
        json_decref(layers);
        return json_null();
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct lp_vendor_finding *l = &s->layers[i];
        json_array_append_new(layers,
                              json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "index", (int)l->op, "shift", (int)l->shift,
                                        "safe_shift", (int)l->safe_shift, "inferences", number(l->inferences_share),
                                        "accumulators", number(l->accumulators_share), "inferences_between_stages",
                                        number(l->inferences_between_share), "between_stages", number(l->between_share)));
    }
    return json_pack("{s:b, s:o, s:{s:i, s:i, s:i}, s:{s:o, s:o, s:o}}", "saturates", (int)s->saturates, "layers", layers,
                     "distinct_outputs", "two_stage", (int)s->distinct[LP_VENDOR_TWO_STAGE], "fused",
                     (int)s->distinct[LP_VENDOR_FUSED], "safe", (int)s->distinct_safe, "largest_error_lsb", "two_stage",
                     number(s->largest_error[LP_VENDOR_TWO_STAGE]), "fused", number(s->largest_error[LP_VENDOR_FUSED]), "safe",
                     number(s->largest_error_safe));
}

static json_t *suggestions_json(const struct lp_diagnose_report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->d->suggestions.count; i++) {
        const struct lp_suggestion *s = &r->d->suggestions.items[i];
        json_array_append_new(list, json_pack("{s:s, s:[i,i], s:[i,i], s:[o,o]}", "what", s->what, "distinct_outputs",
                                              (int)s->distinct_before, (int)s->distinct_after, "decisions",
                                              (int)s->decisions_before, (int)s->decisions_after, "change_lsb",
                                              number(s->change_before), number(s->change_after)));
    }
    return list;
}

static json_t *deviation_json(const struct lp_deviation *d)
{
    return d->is_known ? json_pack("{s:i, s:i, s:s, s:s}", "epoch", (int)d->epoch, "inference", (int)d->inference, "when",
                                   d->when, "pools", d->pools)
                       : json_null();
}

static json_t *names(lp_trouble_set set)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        if (lp_trouble_has(set, (enum lp_trouble)i))
            json_array_append_new(list, json_string(lp_trouble_texts[i].name));
    return list;
}

void lp_diagnose_json(const struct lp_diagnose_report *r, struct lp_text *out)
{
    const struct lp_verdict *v = &r->d->verdict;
    json_t *evidence = json_array(), *considered = json_array();
    for (uint32_t i = 0; i < r->d->findings.evidence_count; i++)
        json_array_append_new(evidence, lp_report_name_json(r->d->findings.evidence[i]));
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        json_array_append_new(considered,
                              json_pack("{s:s, s:b, s:o}", "cause", lp_trouble_texts[i].name, "matches",
                                        (int)v->considered[i].matches, "why", lp_report_name_json(v->considered[i].why)));
    json_t *whole = json_pack(
        "{s:{s:s, s:i}, s:{s:o}, s:s, s:i, s:o, s:f, s:o, s:s, s:s, s:o, s:I, s:I, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:f}",
        "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA, "model", "file", lp_report_name_json(r->model_file),
        "verdict", lp_trouble_texts[v->cause].name, "evidence_level", v->level, "ties", names(v->ties), "confidence",
        v->confidence, "evidence", evidence, "remedy", v->remedy, "next_experiment", v->experiment, "considered", considered,
        "inferences", (json_int_t)r->all_rows, "inferences_used", (json_int_t)r->c->count, "distinct_inputs",
        (int)r->d->layers.distinct_inputs, "distinct_outputs", (int)r->d->layers.distinct_outputs, "first_deviation",
        deviation_json(&r->d->findings.deviation), "layers", layers_json(r), "sensitivity", sensitivity_json(r), "vendor_shifts",
        vendor_json(r), "suggestions", suggestions_json(r), "tolerance_lsb", r->c->tolerance);
    lp_report_json_text(whole, out);
    json_decref(whole);
}
