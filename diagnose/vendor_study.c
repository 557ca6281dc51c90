#include "diagnose/vendor_study.h"

#include "diagnose/layers.h"

#include <math.h>
#include <string.h>

/* One way to run the model: every known layer replaced. */
struct variant {
    const struct lp_case *c;
    void *run;
    struct lp_vendor_layer *layers;  /* by operator */
    struct lp_vendor_counts *counts; /* by operator, over the log */
    uint32_t *hit, *hit_between;     /* by operator: inferences with a saturation */
};

static void replace(void *user, uint32_t op)
{
    struct variant *v = user;
    const struct lp_op *o = &v->c->graph->ops[op];
    if (!lp_vendor_layer_is_known(v->c->graph, o))
        return;
    struct lp_vendor_counts one = {0}, *all = &v->counts[op];
    lp_vendor_layer_run(&v->layers[op], (const int8_t *)v->c->runner->tensor(v->run, o->inputs[0]),
                        (int8_t *)v->c->runner->tensor(v->run, o->outputs[0]), &one);
    all->accumulators += one.accumulators;
    all->saturated += one.saturated;
    all->saturated_between += one.saturated_between;
    v->hit[op] += one.saturated != 0;
    v->hit_between[op] += one.saturated_between != 0;
}

static lp_status open_variant(const struct lp_case *c, enum lp_vendor_form form, enum lp_vendor_shift rule, struct variant *v)
{
    const struct lp_graph *g = c->graph;
    *v = (struct variant){.c = c,
                          .layers = LP_NEW_ARRAY(c->arena, g->op_count, struct lp_vendor_layer),
                          .counts = LP_NEW_ARRAY(c->arena, g->op_count, struct lp_vendor_counts),
                          .hit = LP_NEW_ARRAY(c->arena, g->op_count, uint32_t),
                          .hit_between = LP_NEW_ARRAY(c->arena, g->op_count, uint32_t)};
    if (v->layers == NULL || v->counts == NULL || v->hit == NULL || v->hit_between == NULL)
        return lp_no_memory(c->diag);
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->op_count && status == LP_OK; i++)
        if (lp_vendor_layer_is_known(g, &g->ops[i]))
            status = lp_vendor_layer_make(c->arena, c->diag, g, &g->ops[i], form, rule, -1, &v->layers[i]);
    return status == LP_OK ? c->runner->open(g, c->rounding, c->diag, &v->run) : status;
}

static lp_status run_variant(struct variant *v, uint8_t *outputs)
{
    const struct lp_case *c = v->c;
    const uint8_t *inputs[UINT8_MAX];
    lp_status status = LP_OK;
    for (size_t n = 0; n < c->count && status == LP_OK; n++) {
        lp_case_input_pointers(c->graph, c->inputs + n * c->input_bytes, inputs);
        status = c->runner->run(v->run, inputs, replace, v, c->diag);
        for (uint32_t o = 0; o < c->graph->output_count && status == LP_OK; o++) {
            size_t bytes = (size_t)lp_tensor_bytes(&c->graph->tensors[c->graph->outputs[o]]);
            memcpy(outputs, c->runner->tensor(v->run, c->graph->outputs[o]), bytes);
            outputs += bytes;
        }
    }
    c->runner->close(v->run);
    return status;
}

/* Largest distance from the reference, and the share of inferences with one beyond the tolerance. */
static lp_status compare(const struct lp_case *c, const uint8_t *outputs, double *largest, double *wrong_share)
{
    double *a = LP_NEW_ARRAY(c->arena, c->output_elements, double), *b = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    size_t wrong = 0;
    if (a == NULL || b == NULL)
        return lp_no_memory(c->diag);
    *largest = 0;
    for (size_t n = 0; n < c->count; n++) {
        double worst = 0;
        lp_case_values(c->graph, outputs + n * c->output_bytes, a);
        lp_case_values(c->graph, c->reference + n * c->output_bytes, b);
        for (size_t i = 0; i < c->output_elements; i++)
            worst = fmax(worst, fabs(a[i] - b[i]));
        wrong += worst > c->tolerance;
        *largest = fmax(*largest, worst);
    }
    *wrong_share = (double)wrong / (double)c->count;
    return LP_OK;
}

static double share(uint64_t part, uint64_t all)
{
    return all == 0 ? 0 : (double)part / (double)all;
}

/* Shares of both forms; the sums are the same in both, what is between the stages exists in one. */
static void collect(const struct variant *v, enum lp_vendor_form form, struct lp_vendor_study *out)
{
    uint32_t k = 0;
    for (uint32_t op = 0; op < v->c->graph->op_count; op++) {
        if (!lp_vendor_layer_is_known(v->c->graph, &v->c->graph->ops[op]))
            continue;
        struct lp_vendor_finding *f = &out->layers[k++];
        f->op = op;
        f->shift = v->layers[op].accumulator_shift;
        f->accumulators_share = fmax(f->accumulators_share, share(v->counts[op].saturated, v->counts[op].accumulators));
        f->inferences_share = fmax(f->inferences_share, share(v->hit[op], v->c->count));
        if (form == LP_VENDOR_TWO_STAGE) {
            f->between_share = share(v->counts[op].saturated_between, v->counts[op].accumulators);
            f->inferences_between_share = share(v->hit_between[op], v->c->count);
        }
    }
    out->count = k;
}

static void collect_safe(const struct variant *v, struct lp_vendor_study *out)
{
    for (uint32_t k = 0; k < out->count; k++)
        out->layers[k].safe_shift = v->layers[out->layers[k].op].accumulator_shift;
}

lp_status lp_vendor_study_make(const struct lp_case *c, struct lp_vendor_study *out)
{
    double ignored;
    struct variant v;
    *out = (struct lp_vendor_study){.layers = LP_NEW_ARRAY(c->arena, c->graph->op_count, struct lp_vendor_finding)};
    lp_status status = out->layers == NULL ? lp_no_memory(c->diag) : LP_OK;
    for (int form = 0; form <= LP_VENDOR_FORMS && status == LP_OK; form++) {
        bool is_safe = form == LP_VENDOR_FORMS;
        uint8_t *outputs = lp_arena_alloc(c->arena, c->count, c->output_bytes);
        if (outputs == NULL)
            return lp_no_memory(c->diag);
        status = open_variant(c, is_safe ? LP_VENDOR_FUSED : (enum lp_vendor_form)form,
                              is_safe ? LP_VENDOR_SAFE_SUM : LP_VENDOR_NET_SUM, &v);
        if (status == LP_OK)
            status = run_variant(&v, outputs);
        if (status != LP_OK)
            return status;
        uint32_t distinct = lp_distinct_blocks(c->arena, outputs, c->output_bytes, c->count);
        if (is_safe) {
            collect_safe(&v, out);
            out->safe = outputs;
            out->distinct_safe = distinct;
            status = compare(c, outputs, &out->largest_error_safe, &ignored);
        } else {
            collect(&v, (enum lp_vendor_form)form, out);
            out->outputs[form] = outputs;
            out->distinct[form] = distinct;
            status = compare(c, outputs, &out->largest_error[form], &out->wrong_share[form]);
        }
    }
    for (uint32_t k = 0; k < out->count; k++)
        out->saturates = out->saturates || out->layers[k].inferences_share > 0 || out->layers[k].inferences_between_share > 0;
    return status;
}

uint32_t lp_vendor_worst(const struct lp_vendor_study *s)
{
    uint32_t worst = UINT32_MAX;
    double most = 0;
    for (uint32_t k = 0; k < s->count; k++) {
        double hit = fmax(s->layers[k].inferences_share, s->layers[k].inferences_between_share);
        if (hit > most) {
            most = hit;
            worst = k;
        }
    }
    return worst;
}
