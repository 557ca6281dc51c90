#include "diagnose/layers.h"

#include "compiler/semantics/semantics.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* What is collected of one tensor over the log. */
struct track {
    uint64_t *hashes;   /* by inference */
    double *low, *high; /* by element */
    uint64_t clipped;
    double limit_low, limit_high;
    bool has_limits;
};

struct survey {
    const struct lp_case *c;
    void *run;
    struct track *tracks; /* by tensor; hashes null: not followed */
    size_t inference;
    double **exact_low, **exact_high; /* by operator, by channel: means before rounding; null elsewhere */
};

static uint64_t hash(const uint8_t *data, size_t bytes)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ data[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts `hashes`. */
static uint32_t count_distinct(uint64_t *hashes, size_t count)
{
    uint32_t distinct = count != 0;
    qsort(hashes, count, sizeof *hashes, compare_hashes);
    for (size_t i = 1; i < count; i++)
        distinct += hashes[i] != hashes[i - 1];
    return distinct;
}

uint32_t lp_distinct_blocks(struct lp_arena *arena, const uint8_t *data, size_t bytes, size_t count)
{
    uint64_t *hashes = LP_NEW_ARRAY(arena, count, uint64_t);
    if (hashes == NULL)
        return UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        hashes[i] = hash(data + i * bytes, bytes);
    return count_distinct(hashes, count);
}

bool lp_layer_limits(const struct lp_graph *graph, const struct lp_op *op, double *low, double *high)
{
    const struct lp_tensor *t = lp_op_output(graph, op, 0);
    int8_t min = INT8_MIN, max = INT8_MAX;
    if (t->element == LP_ELEMENT_UINT8) {
        *low = 0;
        *high = UINT8_MAX;
        return true;
    }
    if (t->element != LP_ELEMENT_INT8)
        return false;
    if (t->quant.count == 1)
        lp_activation_range(op->activation, t, &min, &max);
    *low = min;
    *high = max;
    return true;
}

static bool open_track(const struct lp_case *c, struct track *t, int32_t tensor)
{
    size_t elements = (size_t)lp_tensor_elements(&c->graph->tensors[tensor]);
    t->hashes = LP_NEW_ARRAY(c->arena, c->count, uint64_t);
    t->low = LP_NEW_ARRAY(c->arena, elements, double);
    t->high = LP_NEW_ARRAY(c->arena, elements, double);
    if (t->hashes == NULL || t->low == NULL || t->high == NULL)
        return false;
    for (size_t i = 0; i < elements; i++) {
        t->low[i] = DBL_MAX;
        t->high[i] = -DBL_MAX;
    }
    return true;
}

static void follow(struct survey *s, int32_t tensor, const uint8_t *data)
{
    struct track *t = &s->tracks[tensor];
    const struct lp_tensor *type = &s->c->graph->tensors[tensor];
    int64_t elements = lp_tensor_elements(type);
    t->hashes[s->inference] = hash(data, (size_t)lp_tensor_bytes(type));
    for (int64_t i = 0; i < elements; i++) {
        double value = lp_case_element(type->element, data, i);
        t->low[i] = value < t->low[i] ? value : t->low[i];
        t->high[i] = value > t->high[i] ? value : t->high[i];
        t->clipped += t->has_limits && (value <= t->limit_low || value >= t->limit_high);
    }
}

/* The mean over all but the last dimension as an exact number, in LSB of the output. */
static void follow_mean(struct survey *s, uint32_t op)
{
    const struct lp_graph *g = s->c->graph;
    const struct lp_op *o = &g->ops[op];
    const struct lp_tensor *in = lp_op_input(g, o, 0), *out = lp_op_output(g, o, 0);
    int64_t channels = lp_tensor_elements(out), elements = lp_tensor_elements(in);
    const uint8_t *data = s->c->runner->tensor(s->run, o->inputs[0]);
    double factor = (double)in->quant.scale[0] / (double)out->quant.scale[0] * (double)channels / (double)elements;
    for (int64_t ch = 0; ch < channels; ch++) {
        double sum = 0;
        for (int64_t i = ch; i < elements; i += channels)
            sum += lp_case_element(in->element, data, i);
        sum *= factor;
        s->exact_low[op][ch] = sum < s->exact_low[op][ch] ? sum : s->exact_low[op][ch];
        s->exact_high[op][ch] = sum > s->exact_high[op][ch] ? sum : s->exact_high[op][ch];
    }
}

static void after(void *user, uint32_t op)
{
    struct survey *s = user;
    const struct lp_op *o = &s->c->graph->ops[op];
    for (uint32_t i = 0; i < o->output_count; i++)
        if (s->tracks[o->outputs[i]].hashes != NULL)
            follow(s, o->outputs[i], s->c->runner->tensor(s->run, o->outputs[i]));
    if (s->exact_low[op] != NULL)
        follow_mean(s, op);
}

/* A MEAN that leaves the channels, one scale on both sides. */
static bool is_plain_mean(const struct lp_graph *g, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(g, op, 0), *out = lp_op_output(g, op, 0);
    return op->kind == LP_OP_MEAN && in->quant.count == 1 && out->quant.count == 1 && in->rank != 0 &&
           lp_tensor_elements(out) == in->dims[in->rank - 1];
}

static lp_status open_survey(struct survey *s)
{
    const struct lp_graph *g = s->c->graph;
    struct lp_arena *arena = s->c->arena;
    s->tracks = LP_NEW_ARRAY(arena, g->tensor_count, struct track);
    s->exact_low = LP_NEW_ARRAY(arena, g->op_count, double *);
    s->exact_high = LP_NEW_ARRAY(arena, g->op_count, double *);
    bool fine = s->tracks != NULL && s->exact_low != NULL && s->exact_high != NULL;
    for (uint32_t i = 0; i < g->input_count && fine; i++)
        fine = open_track(s->c, &s->tracks[g->inputs[i]], g->inputs[i]);
    for (uint32_t i = 0; i < g->op_count && fine; i++) {
        const struct lp_op *op = &g->ops[i];
        struct track *t = &s->tracks[op->outputs[0]];
        for (uint32_t o = 0; o < op->output_count && fine; o++)
            fine = open_track(s->c, &s->tracks[op->outputs[o]], op->outputs[o]);
        t->has_limits = lp_layer_limits(g, op, &t->limit_low, &t->limit_high);
        if (!fine || !is_plain_mean(g, op))
            continue;
        size_t channels = (size_t)lp_tensor_elements(lp_op_output(g, op, 0));
        s->exact_low[i] = LP_NEW_ARRAY(arena, channels, double);
        s->exact_high[i] = LP_NEW_ARRAY(arena, channels, double);
        fine = s->exact_low[i] != NULL && s->exact_high[i] != NULL;
        for (size_t ch = 0; ch < channels && fine; ch++) {
            s->exact_low[i][ch] = DBL_MAX;
            s->exact_high[i][ch] = -DBL_MAX;
        }
    }
    return fine ? LP_OK : lp_no_memory(s->c->diag);
}

/* Different combinations of the tensors that an operator reads (or of the graph's outputs): hashes of each, mixed. */
static uint32_t distinct_of(const struct survey *s, const int32_t *tensors, uint32_t count)
{
    uint64_t *mixed = LP_NEW_ARRAY(s->c->arena, s->c->count, uint64_t);
    if (mixed == NULL)
        return UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *hashes = tensors[i] == LP_NO_TENSOR ? NULL : s->tracks[tensors[i]].hashes;
        for (size_t n = 0; hashes != NULL && n < s->c->count; n++)
            mixed[n] = (mixed[n] ^ hashes[n]) * UINT64_C(0x9e3779b97f4a7c15) + i;
    }
    return count_distinct(mixed, s->c->count);
}

static void describe(const struct survey *s, uint32_t op, struct lp_layer *layer)
{
    const struct lp_graph *g = s->c->graph;
    const struct lp_op *o = &g->ops[op];
    const struct lp_tensor *type = lp_op_output(g, o, 0);
    const struct track *t = &s->tracks[o->outputs[0]];
    int64_t elements = lp_tensor_elements(type);
    int64_t channels = type->rank == 0 ? 1 : type->dims[type->rank - 1], constant = 0;
    *layer = (struct lp_layer){.op = op, .tensor = o->outputs[0], .moved_before_rounding = -1};
    layer->distinct_inputs = distinct_of(s, o->inputs, o->input_count);
    layer->distinct_outputs = distinct_of(s, o->outputs, o->output_count);
    for (int64_t i = 0; i < elements; i++) {
        double change = t->high[i] - t->low[i];
        layer->largest_change = change > layer->largest_change ? change : layer->largest_change;
        layer->mean_change += change / (double)elements;
    }
    for (int64_t ch = 0; ch < channels; ch++) {
        bool moves = false;
        for (int64_t i = ch; i < elements && !moves; i += channels)
            moves = t->high[i] > t->low[i];
        constant += !moves;
    }
    layer->channels_constant = (double)constant / (double)channels;
    layer->clipped_share = (double)t->clipped / ((double)elements * (double)s->c->count);
    for (int64_t ch = 0; s->exact_low[op] != NULL && ch < elements; ch++) {
        double moved = s->exact_high[op][ch] - s->exact_low[op][ch];
        layer->moved_before_rounding = moved > layer->moved_before_rounding ? moved : layer->moved_before_rounding;
    }
}

static bool weights_are_zero(const struct lp_graph *g, const struct lp_op *op)
{
    const struct lp_tensor *w = lp_is_weighted(op->kind) ? lp_op_input(g, op, 1) : NULL;
    if (w == NULL || w->data == NULL)
        return false;
    const uint8_t *bytes = w->data;
    for (int64_t i = 0; i < lp_tensor_bytes(w); i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static enum lp_death death_of(const struct lp_graph *g, const struct lp_layer *layer)
{
    const struct lp_op *op = &g->ops[layer->op];
    if (weights_are_zero(g, op))
        return LP_DEATH_DEAD;
    if (layer->clipped_share >= 0.999)
        return LP_DEATH_CLIPPED;
    return op->kind == LP_OP_MEAN || op->kind == LP_OP_AVERAGE_POOL_2D ? LP_DEATH_AVERAGED : LP_DEATH_ROUNDED;
}

/* Hardly anything arrives: no output element moves by more than one LSB, and eight inputs share an output. */
static bool is_all_but_still(const struct survey *s, const struct lp_layers *out)
{
    const struct lp_graph *g = s->c->graph;
    for (uint32_t o = 0; o < g->output_count; o++) {
        const struct track *t = &s->tracks[g->outputs[o]];
        for (int64_t i = 0; t->hashes != NULL && i < lp_tensor_elements(&g->tensors[g->outputs[o]]); i++)
            if (t->high[i] - t->low[i] > 1)
                return false;
    }
    return out->distinct_outputs * 8 <= out->distinct_inputs;
}

/* The first layer that turns different tensors into one (or nearly one), on the way to the outputs. */
static void find_death(const struct survey *s, struct lp_layers *out)
{
    out->dies_at = UINT32_MAX;
    if (out->distinct_inputs < 2 || (out->distinct_outputs != 1 && !is_all_but_still(s, out)))
        return;
    for (uint32_t i = 0; i < out->count && out->dies_at == UINT32_MAX; i++)
        if (out->items[i].distinct_inputs > out->distinct_outputs && out->items[i].distinct_outputs <= out->distinct_outputs)
            out->dies_at = i;
    if (out->dies_at != UINT32_MAX)
        out->death = death_of(s->c->graph, &out->items[out->dies_at]);
}

static uint32_t largest_element(const double *values, size_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

static lp_status count_decisions(const struct lp_case *c, struct lp_layers *out)
{
    uint64_t *decisions = LP_NEW_ARRAY(c->arena, c->count, uint64_t);
    double *values = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    if (decisions == NULL || values == NULL)
        return lp_no_memory(c->diag);
    for (size_t n = 0; n < c->count; n++) {
        lp_case_values(c->graph, c->reference + n * c->output_bytes, values);
        decisions[n] = largest_element(values, c->output_elements);
    }
    out->distinct_decisions = count_distinct(decisions, c->count);
    return LP_OK;
}

static lp_status run_all(struct survey *s)
{
    const struct lp_case *c = s->c;
    const struct lp_graph *g = c->graph;
    const uint8_t *inputs[UINT8_MAX];
    lp_status status = LP_OK;
    for (size_t n = 0; n < c->count && status == LP_OK; n++) {
        s->inference = n;
        lp_case_input_pointers(g, c->inputs + n * c->input_bytes, inputs);
        for (uint32_t i = 0; i < g->input_count; i++)
            follow(s, g->inputs[i], inputs[i]);
        status = c->runner->run(s->run, inputs, after, s, c->diag);
        uint8_t *to = c->reference + n * c->output_bytes;
        for (uint32_t o = 0; o < g->output_count && status == LP_OK; o++) {
            size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[o]]);
            memcpy(to, c->runner->tensor(s->run, g->outputs[o]), bytes);
            to += bytes;
        }
    }
    return status;
}

lp_status lp_layers_find(const struct lp_case *c, struct lp_layers *out)
{
    const struct lp_graph *g = c->graph;
    struct survey s = {.c = c};
    *out = (struct lp_layers){.dies_at = UINT32_MAX};
    lp_status status = open_survey(&s);
    if (status == LP_OK)
        status = c->runner->open(g, c->rounding, c->diag, &s.run);
    if (status != LP_OK)
        return status;
    status = run_all(&s);
    out->items = LP_NEW_ARRAY(c->arena, g->op_count, struct lp_layer);
    if (status == LP_OK && out->items == NULL)
        status = lp_no_memory(c->diag);
    for (uint32_t i = 0; i < g->op_count && status == LP_OK; i++)
        describe(&s, i, &out->items[out->count++]);
    c->runner->close(s.run);
    if (status != LP_OK)
        return status;
    out->distinct_inputs = distinct_of(&s, g->inputs, g->input_count);
    out->distinct_outputs = lp_distinct_blocks(c->arena, c->reference, c->output_bytes, c->count);
    find_death(&s, out);
    return count_decisions(c, out);
}

const char *lp_death_text(enum lp_death death)
{
    static const char *const texts[] = {"arrives", "averaged below half an LSB", "clipped at the layer's limit",
                                        "dead: its weights are zero", "rounded away: less than half an LSB"};
    return texts[death];
}
