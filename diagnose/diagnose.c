#include "diagnose/diagnose.h"

#include "diagnose/deviation.h"

#include <string.h>

static lp_status take_memory(struct lp_case *c)
{
    const struct lp_graph *g = c->graph;
    c->output_bytes = lp_case_ports_bytes(g, g->outputs, g->output_count);
    c->output_elements = 0;
    for (uint32_t o = 0; o < g->output_count; o++)
        c->output_elements += (size_t)lp_tensor_elements(&g->tensors[g->outputs[o]]);
    c->reference = lp_arena_alloc(c->arena, c->count, c->output_bytes);
    c->expected = lp_arena_alloc(c->arena, c->count, c->output_bytes);
    c->expected_values = LP_NEW_ARRAY(c->arena, c->count * c->output_elements, double);
    return c->reference == NULL || c->expected == NULL || c->expected_values == NULL ? lp_no_memory(c->diag) : LP_OK;
}

static lp_status find_expected(struct lp_case *c)
{
    lp_status status = LP_OK;
    bool at_once = c->device != NULL && c->device->run_all != NULL;
    if (c->device == NULL)
        memcpy(c->expected, c->reference, c->count * c->output_bytes);
    if (at_once)
        status = c->device->run_all(c->device->user, c->inputs, c->expected, c->count, c->diag);
    for (size_t n = 0; n < c->count && status == LP_OK; n++) {
        uint8_t *output = c->expected + n * c->output_bytes;
        if (c->device != NULL && !at_once)
            status = c->device->run(c->device->user, c->inputs + n * c->input_bytes, output, NULL, 0, c->diag);
        lp_case_values(c->graph, output, c->expected_values + n * c->output_elements);
    }
    return status;
}

static lp_status know_model(struct lp_case *c, struct lp_diagnosis *d)
{
    lp_status status = take_memory(c);
    if (status == LP_OK)
        status = lp_layers_find(c, &d->layers);
    if (status == LP_OK && !c->expects_exact_bits)
        status = lp_deviation_find(c, &c->tolerance);
    d->has_study = c->is_vendor_possible && c->device == NULL;
    if (status == LP_OK && d->has_study)
        status = lp_vendor_study_make(c, &d->study);
    return status == LP_OK ? find_expected(c) : status;
}

lp_status lp_diagnose(struct lp_case *c, struct lp_diagnosis *d)
{
    struct lp_findings *f = &d->findings;
    *d = (struct lp_diagnosis){.findings.arena = c->arena};
    lp_status status = know_model(c, d);
    const struct lp_vendor_study *study = d->has_study ? &d->study : NULL;
    if (status == LP_OK)
        status = lp_weigh_model(c, &d->layers, study, f);
    if (c->device != NULL)
        c->tolerance = 0; /* the program is the device's own: every bit of its outputs is known */
    if (status == LP_OK && c->observed_values != NULL)
        status = lp_weigh_outputs(c, study, f);
    if (status == LP_OK && c->trace != NULL)
        lp_weigh_trace(c->trace, LP_SOURCE_TRACE, f);
    if (status == LP_OK && c->log != NULL)
        status = lp_weigh_log(c, &d->layers, f);
    if (status == LP_OK && f->status != LP_OK)
        status = lp_no_memory(c->diag);
    if (status != LP_OK)
        return status;
    lp_judge(c, f, &d->verdict);
    return LP_OK;
}

lp_status lp_diagnose_model(struct lp_case *c, struct lp_diagnosis *d)
{
    lp_status status = lp_sensitivity_find(c, &d->sensitivity);
    return status == LP_OK ? lp_suggest(c, d->verdict.cause, &d->layers, &d->suggestions) : status;
}
