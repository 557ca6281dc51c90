#include "diagnose/suggest.h"

#include "diagnose/rescale.h"

#include <math.h>
#include <string.h>

struct effect {
    uint32_t distinct, decisions;
    double change;
};

struct trying {
    const struct lp_case *c;
    const struct lp_layers *layers;
    struct effect before;
    uint8_t *inputs; /* room for changed inputs of the whole log */
    struct lp_suggestions *out;
};

/* Runs another graph, or other inputs, over the log. */
static lp_status run(const struct lp_case *c, const struct lp_graph *graph, const uint8_t *inputs, struct effect *out)
{
    struct lp_case changed = *c;
    struct lp_layers layers;
    changed.graph = graph;
    changed.inputs = inputs;
    changed.reference = lp_arena_alloc(c->arena, c->count, c->output_bytes);
    if (changed.reference == NULL)
        return lp_no_memory(c->diag);
    lp_status status = lp_layers_find(&changed, &layers);
    if (status != LP_OK)
        return status;
    *out = (struct effect){layers.distinct_outputs, layers.distinct_decisions, layers.items[layers.count - 1].largest_change};
    return LP_OK;
}

static bool helps(const struct effect *before, const struct effect *after)
{
    return after->distinct > before->distinct || (after->distinct == before->distinct && after->change > 1.5 * before->change);
}

static lp_status keep(struct trying *t, const struct lp_graph *graph, const uint8_t *inputs, const char *what)
{
    struct effect after = {0};
    if (what == NULL)
        return lp_no_memory(t->c->diag);
    lp_status status = run(t->c, graph, inputs, &after);
    if (status == LP_OK && helps(&t->before, &after) && t->out->count < LP_MOST_SUGGESTIONS)
        t->out->items[t->out->count++] = (struct lp_suggestion){
            what, t->before.distinct, after.distinct, t->before.decisions, after.decisions, t->before.change, after.change};
    return status;
}

static size_t elements_of_input(const struct lp_case *c)
{
    return (size_t)lp_tensor_elements(&c->graph->tensors[c->graph->inputs[0]]);
}

static double real_at(const struct lp_case *c, size_t n, size_t i)
{
    const struct lp_tensor *t = &c->graph->tensors[c->graph->inputs[0]];
    if (c->real_inputs != NULL)
        return (double)c->real_inputs[n * elements_of_input(c) + i];
    return (double)t->quant.scale[0] *
           (lp_case_element(t->element, c->inputs + n * c->input_bytes, (int64_t)i) - t->quant.zero_point[0]);
}

/* The log quantized with another scale, values of channel i divided by factors[i] first (null: by 1). */
static void quantize_log(struct trying *t, double scale, int32_t zero, const float *factors, uint32_t channels)
{
    const struct lp_case *c = t->c;
    memcpy(t->inputs, c->inputs, c->count * c->input_bytes);
    for (size_t n = 0; n < c->count; n++)
        for (size_t i = 0; i < elements_of_input(c); i++) {
            double factor = factors == NULL ? 1 : (double)factors[i % channels];
            double q = nearbyint(real_at(c, n, i) / factor / scale) + zero;
            t->inputs[n * c->input_bytes + i] = (uint8_t)(int8_t)fmax(fmin(q, INT8_MAX), INT8_MIN);
        }
}

/* The input quantized for exactly the values of this log. */
static lp_status try_input_scale(struct trying *t)
{
    const struct lp_case *c = t->c;
    const struct lp_tensor *in = &c->graph->tensors[c->graph->inputs[0]];
    double low = 0, high = 0;
    struct lp_graph *graph;
    for (size_t n = 0; n < c->count; n++)
        for (size_t i = 0; i < elements_of_input(c); i++) {
            low = fmin(low, real_at(c, n, i));
            high = fmax(high, real_at(c, n, i));
        }
    float scale = (float)((high - low) / 255);
    if (!(scale > 0) || fabs((double)(scale / in->quant.scale[0]) - 1) < 0.05)
        return LP_OK;
    int32_t zero = (int32_t)fmax(fmin(round(INT8_MIN - low / (double)scale), INT8_MAX), INT8_MIN);
    lp_status status = lp_rescale(c->arena, c->diag, c->graph, c->graph->inputs[0], scale, zero, &graph);
    if (status != LP_OK || graph == NULL)
        return status;
    quantize_log(t, (double)scale, zero, NULL, 1);
    return keep(t, graph, t->inputs,
                lp_arena_printf(c->arena, "input scale: quantize the input for this log, scale %.4g instead of %.4g",
                                (double)scale, (double)in->quant.scale[0]));
}

/* Each feature divided by its own largest value. */
static lp_status try_features(struct trying *t)
{
    const struct lp_case *c = t->c;
    const struct lp_tensor *in = &c->graph->tensors[c->graph->inputs[0]];
    uint32_t channels = in->rank == 0 ? 1 : (uint32_t)in->dims[in->rank - 1];
    float *factors = LP_NEW_ARRAY(c->arena, channels, float);
    double largest = 0;
    struct lp_graph *graph;
    if (factors == NULL)
        return lp_no_memory(c->diag);
    for (size_t n = 0; n < c->count; n++)
        for (size_t i = 0; i < elements_of_input(c); i++) {
            factors[i % channels] = fmaxf(factors[i % channels], (float)fabs(real_at(c, n, i)));
            largest = fmax(largest, fabs(real_at(c, n, i)));
        }
    if (channels < 2 || largest == 0)
        return LP_OK;
    for (uint32_t i = 0; i < channels; i++)
        factors[i] = factors[i] > 0 ? factors[i] / (float)largest : 1;
    lp_status status = lp_rescale_channels(c->arena, c->diag, c->graph, factors, &graph);
    if (status != LP_OK || graph == NULL)
        return status;
    quantize_log(t, (double)in->quant.scale[0], in->quant.zero_point[0], factors, channels);
    return keep(t, graph, t->inputs, "per-feature normalization: bring each feature to the same range before quantizing");
}

/* A finer scale of the tensor in which the change dies; its range moves to where the log's values are. */
static lp_status try_layer_range(struct trying *t)
{
    const struct lp_case *c = t->c;
    if (t->layers->dies_at == UINT32_MAX)
        return LP_OK;
    const struct lp_layer *layer = &t->layers->items[t->layers->dies_at];
    const struct lp_tensor *out = &c->graph->tensors[layer->tensor];
    uint32_t had = t->out->count;
    if (out->quant.count != 1 || out->element != LP_ELEMENT_INT8 || c->graph->ops[layer->op].kind == LP_OP_SOFTMAX)
        return LP_OK;
    for (int finer = 2; finer <= 64 && t->out->count == had; finer *= 2) {
        struct lp_graph *graph;
        int64_t zero = (int64_t)out->quant.zero_point[0] * finer;
        float scale = out->quant.scale[0] / (float)finer;
        zero = zero < INT8_MIN ? INT8_MIN : zero > INT8_MAX ? INT8_MAX : zero;
        lp_status status = lp_rescale(c->arena, c->diag, c->graph, layer->tensor, scale, (int32_t)zero, &graph);
        if (status == LP_OK && graph != NULL)
            status = keep(t, graph, c->inputs,
                          lp_arena_printf(
                              c->arena, "wider output range: let layer %u use more of its 256 steps, scale %.4g instead of %.4g",
                              (unsigned)layer->op, (double)scale, (double)out->quant.scale[0]));
        if (status != LP_OK || graph == NULL)
            return status;
    }
    return LP_OK;
}

/* The last fifth of the steps in place of all: what a shorter window would average over. */
static lp_status try_fewer_steps(struct trying *t)
{
    const struct lp_case *c = t->c;
    const struct lp_tensor *in = &c->graph->tensors[c->graph->inputs[0]];
    bool averages = false;
    for (uint32_t i = 0; i < c->graph->op_count; i++)
        averages = averages || c->graph->ops[i].kind == LP_OP_MEAN || c->graph->ops[i].kind == LP_OP_AVERAGE_POOL_2D;
    if (!averages || in->rank < 3)
        return LP_OK;
    size_t channels = (size_t)in->dims[in->rank - 1], steps = elements_of_input(c) / channels, kept = steps / 5;
    if (kept < 2 || in->dims[in->rank - 2] < 5)
        return LP_OK;
    memcpy(t->inputs, c->inputs, c->count * c->input_bytes);
    for (size_t n = 0; n < c->count; n++)
        for (size_t s = 0; s < steps; s++)
            memcpy(t->inputs + n * c->input_bytes + s * channels,
                   c->inputs + n * c->input_bytes + (steps - kept + s % kept) * channels, channels);
    return keep(t, c->graph, t->inputs,
                lp_arena_printf(c->arena, "fewer steps: average over the last %zu steps instead of %zu", kept, steps));
}

lp_status lp_suggest(const struct lp_case *c, enum lp_trouble verdict, const struct lp_layers *layers, struct lp_suggestions *out)
{
    static lp_status (*const tries[])(struct trying *) = {try_input_scale, try_features, try_layer_range, try_fewer_steps};
    struct trying t = {.c = c, .layers = layers, .out = out};
    const struct lp_tensor *in = &c->graph->tensors[c->graph->inputs[0]];
    *out = (struct lp_suggestions){.count = 0};
    bool applies = verdict == LP_TROUBLE_MODEL_INSENSITIVE || verdict == LP_TROUBLE_INPUT_RANGE_MISMATCH ||
                   verdict == LP_TROUBLE_OUTPUT_SATURATED;
    if (!applies || in->element != LP_ELEMENT_INT8 || in->quant.count != 1 || layers->count == 0 || c->count < 2)
        return LP_OK;
    t.before = (struct effect){layers->distinct_outputs, layers->distinct_decisions,
                               layers->items[layers->count - 1].largest_change};
    t.inputs = lp_arena_alloc(c->arena, c->count, c->input_bytes);
    if (t.inputs == NULL)
        return lp_no_memory(c->diag);
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(tries) && status == LP_OK; i++)
        status = tries[i](&t);
    return status;
}
