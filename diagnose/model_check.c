/* Causes that lie in the model and its inputs: they need no device at all. */
#include "diagnose/evidence.h"

#include <math.h>

struct input_use {
    double clipped_share;    /* real values beyond what the input can represent */
    double widest_lsb;       /* largest minus smallest integer of one element over the log */
    double used_lsb;         /* of all elements together */
    bool real_values_differ; /* some element has two different real values in the log */
    double low, high;        /* real values of the log */
};

static struct input_use use_of(const struct lp_case *c)
{
    const struct lp_tensor *t = &c->graph->tensors[c->graph->inputs[0]];
    size_t elements = (size_t)lp_tensor_elements(t), clipped = 0;
    struct input_use u = {.low = INFINITY, .high = -INFINITY};
    double low = INFINITY, high = -INFINITY, scale = t->quant.count == 1 ? (double)t->quant.scale[0] : 1;
    double zero = t->quant.count == 1 ? t->quant.zero_point[0] : 0;
    double lowest = t->element == LP_ELEMENT_UINT8 ? 0 : INT8_MIN, highest = t->element == LP_ELEMENT_UINT8 ? 255 : INT8_MAX;
    for (size_t i = 0; i < elements; i++) {
        double from = INFINITY, to = -INFINITY;
        for (size_t n = 0; n < c->count; n++) {
            double q = lp_case_element(t->element, c->inputs + n * c->input_bytes, (int64_t)i);
            double real = c->real_inputs != NULL ? (double)c->real_inputs[n * elements + i] : scale * (q - zero);
            from = fmin(from, q);
            to = fmax(to, q);
            clipped += real < scale * (lowest - zero - 0.5) || real > scale * (highest - zero + 0.5);
            u.real_values_differ = u.real_values_differ ||
                                   (c->real_inputs != NULL && c->real_inputs[n * elements + i] != c->real_inputs[i]);
            u.low = fmin(u.low, real);
            u.high = fmax(u.high, real);
        }
        u.widest_lsb = fmax(u.widest_lsb, to - from);
        low = fmin(low, from);
        high = fmax(high, to);
    }
    u.used_lsb = high - low;
    u.clipped_share = (double)clipped / ((double)elements * (double)c->count);
    return u;
}

/* More clipped values than this are no outliers any more. */
static const double most_clipped = 0.25;
enum { FEW_LSB = 4 };

static void weigh_range(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f)
{
    const struct lp_tensor *t = &c->graph->tensors[c->graph->inputs[0]];
    if (t->element != LP_ELEMENT_INT8 && t->element != LP_ELEMENT_UINT8)
        return;
    struct input_use u = use_of(c);
    bool is_lost = layers->distinct_inputs == 1 && u.real_values_differ;
    bool is_narrow = layers->distinct_outputs == 1 && layers->distinct_inputs > 1 && u.widest_lsb <= FEW_LSB;
    double scale = t->quant.count == 1 ? (double)t->quant.scale[0] : 1, zero = t->quant.count == 1 ? t->quant.zero_point[0] : 0;
    double bottom = t->element == LP_ELEMENT_UINT8 ? 0 : INT8_MIN;
    if (u.clipped_share > most_clipped) {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_INPUT_RANGE_MISMATCH, LP_OPINION_CONFIRMED,
                "%.0f %% of the log's values are clipped by the input's quantization", 100 * u.clipped_share);
        lp_tell(f, "The log runs from %.4g to %.4g; the input represents %.4g to %.4g, and clips %.0f %% of the values.", u.low,
                u.high, scale * (bottom - zero), scale * (bottom + 255 - zero), 100 * u.clipped_share);
    } else if (is_lost || is_narrow) {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_INPUT_RANGE_MISMATCH, LP_OPINION_CONFIRMED,
                "no value of the input changes by more than %.0f of 255 steps over the log", u.widest_lsb);
        lp_tell(f,
                "Over the log no value of the input changes by more than %.0f LSB (one LSB is %.4g): it fits its quantization "
                "badly.",
                u.widest_lsb, scale);
    } else {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_INPUT_RANGE_MISMATCH, LP_OPINION_REFUTED,
                "the log uses %.0f of 255 steps of the input, %.1f %% of its values are clipped", u.used_lsb,
                100 * u.clipped_share);
    }
}

/* The layer is the output, or gives the logits of a softmax at the end. */
static bool is_last_layer(const struct lp_graph *g, uint32_t op)
{
    int32_t tensor = g->ops[op].outputs[0];
    for (uint32_t o = 0; o < g->output_count; o++)
        if (g->outputs[o] == tensor)
            return true;
    for (uint32_t i = op + 1; i < g->op_count; i++)
        if (g->ops[i].inputs[0] == tensor)
            return g->ops[i].kind == LP_OP_SOFTMAX;
    return false;
}

static void weigh_insensitive(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f)
{
    const struct lp_layer *l = layers->dies_at == UINT32_MAX ? NULL : &layers->items[layers->dies_at];
    if (l == NULL) {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_MODEL_INSENSITIVE, LP_OPINION_REFUTED,
                "%u different inputs give %u different outputs", layers->distinct_inputs, layers->distinct_outputs);
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_OUTPUT_SATURATED, LP_OPINION_REFUTED, "the model's output changes over the log");
        return;
    }
    const struct lp_op *op = &c->graph->ops[l->op];
    bool is_softmax = op->kind == LP_OP_SOFTMAX;
    bool is_saturated = is_last_layer(c->graph, l->op) && (l->clipped_share >= 0.999 || (is_softmax && l->clipped_share > 0));
    enum lp_trouble cause = is_saturated ? LP_TROUBLE_OUTPUT_SATURATED : LP_TROUBLE_MODEL_INSENSITIVE;
    lp_find(f, LP_SOURCE_MODEL, cause, LP_OPINION_CONFIRMED, "in layer %u (%s) %u different tensors become %u: %s", l->op,
            lp_op_kind_table[op->kind].name, l->distinct_inputs, l->distinct_outputs, lp_death_text(layers->death));
    lp_find(f, LP_SOURCE_MODEL, is_saturated ? LP_TROUBLE_MODEL_INSENSITIVE : LP_TROUBLE_OUTPUT_SATURATED, LP_OPINION_REFUTED,
            is_saturated ? "the change arrives at the last layer" : "the change dies before, and not at a limit of the output");
    lp_tell(f, "The model itself gives %u different output%s for %u different inputs: the change dies in layer %u (%s '%s'), %s.",
            layers->distinct_outputs, layers->distinct_outputs == 1 ? "" : "s", layers->distinct_inputs, l->op,
            lp_op_kind_table[op->kind].name, lp_op_name(c->graph, op),
            is_saturated ? "at the limit of the output's range" : lp_death_text(layers->death));
    if (l->moved_before_rounding >= 0)
        lp_tell(f, "Before rounding that mean moves by at most %.3f LSB over the log; it takes half an LSB or more to be seen.",
                l->moved_before_rounding);
}

/* The outputs of the vendor's rule differ from the reference's so much, or so often, that it matters. */
static bool matters(const struct lp_layers *layers, const struct lp_vendor_study *s, int form)
{
    return s->wrong_share[form] >= 0.1 || (layers->distinct_outputs > 1 && s->distinct[form] * 4 <= layers->distinct_outputs);
}

static void weigh_vendor(const struct lp_case *c, const struct lp_layers *layers, const struct lp_vendor_study *s,
                         struct lp_findings *f)
{
    uint32_t worst = lp_vendor_worst(s);
    if (worst == UINT32_MAX) {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_REFUTED,
                "by the vendor's shift rule no accumulator saturates on this log");
        return;
    }
    const struct lp_vendor_finding *l = &s->layers[worst];
    const char *name = lp_op_kind_table[c->graph->ops[l->op].kind].name;
    bool is_confirmed = matters(layers, s, LP_VENDOR_TWO_STAGE) || matters(layers, s, LP_VENDOR_FUSED);
    if (!is_confirmed) {
        lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_REFUTED,
                "by the vendor's shift rule layer %u saturates for %.0f %% of the log, and hardly changes the output", l->op,
                100 * fmax(l->inferences_share, l->inferences_between_share));
        return;
    }
    lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_CONFIRMED,
            "with the vendor's shift %d layer %u (%s) saturates for %.0f %% of the log; shift %d is safe", l->shift, l->op, name,
            100 * fmax(l->inferences_share, l->inferences_between_share), l->safe_shift);
    lp_tell(f,
            "Vendor's shift rule, layer %u (%s '%s'): shift %d, the 16-bit accumulator saturates for %.0f %% of the inputs "
            "(between the two stages: %.0f %%); shift %d cannot.",
            l->op, name, lp_op_name(c->graph, &c->graph->ops[l->op]), l->shift, 100 * l->inferences_share,
            100 * l->inferences_between_share, l->safe_shift);
    lp_tell(f,
            "Different outputs over the log: reference %u, vendor's rule %u (two-stage) and %u (fused), safe shifts %u; largest "
            "error %.0f, %.0f and %.0f LSB.",
            layers->distinct_outputs, s->distinct[LP_VENDOR_TWO_STAGE], s->distinct[LP_VENDOR_FUSED], s->distinct_safe,
            s->largest_error[LP_VENDOR_TWO_STAGE], s->largest_error[LP_VENDOR_FUSED], s->largest_error_safe);
}

/* The device's own program, with its real shifts, against the reference. */
static lp_status weigh_device(const struct lp_case *c, struct lp_findings *f)
{
    const struct lp_case_device *d = c->device;
    double *reference = LP_NEW_ARRAY(c->arena, c->output_elements, double), largest = 0;
    size_t wrong = 0;
    uint32_t worst = UINT32_MAX;
    if (reference == NULL)
        return lp_no_memory(c->diag);
    for (size_t n = 0; n < c->count; n++) {
        double off = 0;
        lp_case_values(c->graph, c->reference + n * c->output_bytes, reference);
        for (size_t i = 0; i < c->output_elements; i++)
            off = fmax(off, fabs(reference[i] - c->expected_values[n * c->output_elements + i]));
        wrong += off > c->tolerance + 1;
        largest = fmax(largest, off);
    }
    for (uint32_t e = 0; d->saturations != NULL && e < d->epoch_count; e++)
        if (d->saturations[e] != 0 && (worst == UINT32_MAX || d->saturated_inferences[e] > d->saturated_inferences[worst]))
            worst = e;
    if (worst == UINT32_MAX || wrong * 10 < c->count) {
        if (d->saturations != NULL)
            lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_REFUTED,
                    "the device's program, run here, %s",
                    worst == UINT32_MAX ? "saturates no intermediate value"
                                        : "gives what the model gives in spite of saturated values");
        return LP_OK;
    }
    lp_find(f, LP_SOURCE_MODEL, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_CONFIRMED,
            "in the device's program epoch %u saturates, and %zu of %zu outputs are wrong by up to %.0f LSB", worst, wrong,
            c->count, largest);
    lp_tell(f,
            "The device's own program, run on the simulator, saturates %llu intermediate values in epoch %u (%llu inferences); "
            "%zu of %zu outputs differ from the model by up to %.0f LSB.",
            (unsigned long long)d->saturations[worst], worst, (unsigned long long)d->saturated_inferences[worst], wrong, c->count,
            largest);
    return LP_OK;
}

lp_status lp_weigh_model(const struct lp_case *c, const struct lp_layers *layers, const struct lp_vendor_study *study,
                         struct lp_findings *f)
{
    weigh_range(c, layers, f);
    weigh_insensitive(c, layers, f);
    if (c->device != NULL)
        return weigh_device(c, f);
    if (study != NULL)
        weigh_vendor(c, layers, study, f);
    return f->status;
}
