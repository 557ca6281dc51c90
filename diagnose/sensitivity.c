#include "diagnose/sensitivity.h"

#include "compiler/semantics/semantics.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FEATURES = 32, MOST_ROWS = 6, LARGEST_CHANGE = 255 };

struct search {
    const struct lp_case *c;
    void *run;
    uint8_t *input, *output;
    double *before, *after; /* output values */
    size_t row;
};

static uint32_t largest_of(const double *values, size_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

static lp_status run_reference(struct search *s, const uint8_t *input, double *values)
{
    const struct lp_case *c = s->c;
    const uint8_t *inputs[UINT8_MAX];
    lp_case_input_pointers(c->graph, input, inputs);
    lp_status status = c->runner->run(s->run, inputs, NULL, NULL, c->diag);
    for (uint32_t o = 0; o < c->graph->output_count && status == LP_OK; o++) {
        const struct lp_tensor *t = &c->graph->tensors[c->graph->outputs[o]];
        const uint8_t *data = c->runner->tensor(s->run, c->graph->outputs[o]);
        for (int64_t i = 0; i < lp_tensor_elements(t); i++)
            *values++ = lp_case_element(t->element, data, i);
    }
    return status;
}

/* Changes elements of the channel by `by` LSB, within the type. False when nothing changed. */
static bool change_input(struct search *s, uint32_t channel, bool one, int32_t by)
{
    const struct lp_tensor *t = &s->c->graph->tensors[s->c->graph->inputs[0]];
    const uint8_t *from = s->c->inputs + s->row * s->c->input_bytes;
    int64_t elements = lp_tensor_elements(t), channels = t->rank == 0 ? 1 : t->dims[t->rank - 1];
    int64_t middle = elements / channels / 2 * channels + channel;
    int32_t low = t->element == LP_ELEMENT_INT8 ? INT8_MIN : 0, high = low + 255;
    bool changed = false;
    memcpy(s->input, from, s->c->input_bytes);
    for (int64_t i = one ? middle : channel; i < elements; i += channels) {
        int32_t value = (int32_t)lp_case_element(t->element, from, i), to = value + by;
        to = to < low ? low : to > high ? high : to;
        s->input[i] = (uint8_t)to;
        changed = changed || to != value;
        if (one)
            break;
    }
    return changed;
}

/* Whether a change of `by` moves output and decision of the row. */
static lp_status try_change(struct search *s, uint32_t channel, bool one, int32_t by, bool *output, bool *decision)
{
    size_t count = s->c->output_elements;
    *output = *decision = false;
    if (!change_input(s, channel, one, by))
        return LP_OK;
    lp_status status = run_reference(s, s->input, s->after);
    if (status != LP_OK)
        return status;
    *output = memcmp(s->before, s->after, count * sizeof *s->before) != 0;
    *decision = count > 1 && largest_of(s->before, count) != largest_of(s->after, count);
    return LP_OK;
}

static void keep_smaller(int32_t *best, int32_t by)
{
    if (*best == LP_NO_CHANGE || by < *best)
        *best = by;
}

/* 1, 2, 3, 4, 6, 8, 12 ... 255 LSB up and down, until both have been seen or are known to take no less. */
static lp_status search_row(struct search *s, struct lp_feature *f, bool one)
{
    int32_t *output = one ? &f->one_output : &f->all_output, *decision = one ? &f->one_decision : &f->all_decision;
    for (int32_t by = 1, step = 1; by <= LARGEST_CHANGE; by += step) {
        bool need_output = *output == LP_NO_CHANGE || by < *output, need_decision = *decision == LP_NO_CHANGE || by < *decision;
        if (!need_output && (!need_decision || s->c->output_elements < 2))
            break;
        for (int sign = -1; sign <= 1; sign += 2) {
            bool moved, decided;
            lp_status status = try_change(s, f->channel, one, sign * by, &moved, &decided);
            if (status != LP_OK)
                return status;
            if (moved)
                keep_smaller(output, by);
            if (decided)
                keep_smaller(decision, by);
        }
        step = by >= 4 ? by / 4 : 1;
        if (by < LARGEST_CHANGE && by + step > LARGEST_CHANGE)
            step = LARGEST_CHANGE - by;
    }
    return LP_OK;
}

/* The tensor that decides: the input of a last softmax, else the output. */
static int32_t deciding_tensor(const struct lp_graph *g)
{
    for (uint32_t i = 0; i < g->op_count; i++)
        if (g->ops[i].kind == LP_OP_SOFTMAX && g->ops[i].outputs[0] == g->outputs[0])
            return g->ops[i].inputs[0];
    return g->outputs[0];
}

static lp_status find_proofs(const struct lp_case *c, struct lp_sensitivity *out)
{
    struct lp_ranges *ranges = NULL;
    const struct lp_graph *g = c->graph;
    lp_status status = lp_ranges_find(c->arena, c->diag, g, c->rounding, NULL, &ranges);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *t = &g->tensors[g->outputs[0]];
    out->class_count = t->rank == 0 ? 1 : (uint32_t)t->dims[t->rank - 1];
    out->never_wins = LP_NEW_ARRAY(c->arena, out->class_count, bool);
    if (out->never_wins == NULL)
        return lp_no_memory(c->diag);
    if (out->class_count > 1)
        out->never_wins_count = lp_range_never_largest(ranges, deciding_tensor(g), out->never_wins);
    for (uint32_t i = 0; i < out->class_count; i++) {
        struct lp_interval at = lp_range_at(ranges, g->outputs[0], i);
        out->constant_outputs += at.low == at.high;
    }
    for (uint32_t o = 0; o < g->output_count; o++)
        for (int64_t i = 0; i < lp_tensor_elements(&g->tensors[g->outputs[o]]); i++) {
            struct lp_interval at = lp_range_at(ranges, g->outputs[o], i);
            out->can_change = out->can_change || at.low != at.high;
        }
    return LP_OK;
}

static lp_status find_feature(struct search *s, struct lp_sensitivity *out, struct lp_feature *f)
{
    const struct lp_case *c = s->c;
    lp_status status = lp_gain_find(c, f->channel, true, out->gain_tensor, &f->gain_one);
    if (status == LP_OK)
        status = lp_gain_find(c, f->channel, false, out->gain_tensor, &f->gain_all);
    f->is_dead = f->gain_all == 0 || !out->can_change;
    for (uint32_t k = 0; k < out->rows && !f->is_dead && status == LP_OK; k++) {
        s->row = (size_t)k * c->count / out->rows;
        status = run_reference(s, c->inputs + s->row * c->input_bytes, s->before);
        if (status == LP_OK)
            status = search_row(s, f, true);
        if (status == LP_OK)
            status = search_row(s, f, false);
    }
    return status;
}

/* A search of one feature takes about 80 runs of a row: large models are searched on fewer rows, or on none. */
static uint32_t rows_to_try(const struct lp_case *c, uint32_t features)
{
    const int64_t most_macs = INT64_C(4000000000);
    int64_t macs = 1000;
    for (uint32_t i = 0; i < c->graph->op_count; i++)
        macs += lp_op_macs(c->graph, &c->graph->ops[i]);
    int64_t rows = most_macs / (macs * 80 * features);
    rows = rows < MOST_ROWS ? rows : MOST_ROWS;
    return (uint32_t)(rows < (int64_t)c->count ? rows : (int64_t)c->count);
}

lp_status lp_sensitivity_find(const struct lp_case *c, struct lp_sensitivity *out)
{
    const struct lp_graph *g = c->graph;
    const struct lp_tensor *t = &g->tensors[g->inputs[0]];
    struct search s = {.c = c};
    *out = (struct lp_sensitivity){.unit = t->quant.count == 0 ? 1 : (double)t->quant.scale[0]};
    if (t->element != LP_ELEMENT_INT8 && t->element != LP_ELEMENT_UINT8)
        return LP_OK;
    out->channels = t->rank == 0 ? 1 : (uint32_t)t->dims[t->rank - 1];
    out->count = out->channels < MOST_FEATURES ? out->channels : MOST_FEATURES;
    out->rows = rows_to_try(c, out->count);
    out->gain_tensor = deciding_tensor(g);
    out->features = LP_NEW_ARRAY(c->arena, out->count, struct lp_feature);
    s.input = lp_arena_alloc(c->arena, c->input_bytes, 1);
    s.before = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    s.after = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    if (out->features == NULL || s.input == NULL || s.before == NULL || s.after == NULL)
        return lp_no_memory(c->diag);
    lp_status status = find_proofs(c, out);
    if (status == LP_OK)
        status = c->runner->open(g, c->rounding, c->diag, &s.run);
    if (status != LP_OK)
        return status;
    for (uint32_t i = 0; i < out->count && status == LP_OK; i++) {
        out->features[i].channel = i;
        status = find_feature(&s, out, &out->features[i]);
    }
    c->runner->close(s.run);
    return status;
}
