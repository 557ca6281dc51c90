#include "cli/explain/with_model.h"

#include "cli/analyze/reports.h"
#include "cli/diagnose/parts.h"
#include "cli/npu_build.h"
#include "compiler/semantics/semantics.h"

#include <math.h>
#include <string.h>

/* Three runs of each input, in plain C: seconds at most. */
static size_t affordable_inputs(const struct lp_graph *graph)
{
    const int64_t most_macs = INT64_C(1500) * 1000 * 1000;
    int64_t macs = 1;
    for (uint32_t i = 0; i < graph->op_count; i++)
        macs += lp_op_macs(graph, &graph->ops[i]);
    int64_t count = most_macs / (macs * (LP_VENDOR_FORMS + 2));
    return count > LP_SATURATION_INPUTS ? LP_SATURATION_INPUTS : (size_t)count;
}

static lp_status run_reference(struct lp_case *c)
{
    void *run = NULL;
    c->output_bytes = lp_case_ports_bytes(c->graph, c->graph->outputs, c->graph->output_count);
    c->output_elements = 0;
    for (uint32_t o = 0; o < c->graph->output_count; o++)
        c->output_elements += (size_t)lp_tensor_elements(&c->graph->tensors[c->graph->outputs[o]]);
    c->reference = lp_arena_alloc(c->arena, c->count, c->output_bytes);
    if (c->reference == NULL)
        return lp_no_memory(c->diag);
    lp_status status = c->runner->open(c->graph, c->rounding, c->diag, &run);
    if (status != LP_OK)
        return status;
    for (size_t n = 0; n < c->count && status == LP_OK; n++)
        status = lp_case_expect(c, run, c->inputs + n * c->input_bytes, c->reference + n * c->output_bytes);
    c->runner->close(run);
    return status;
}

/* "1.1.3-262": from 1.1.3 on scale and bias are applied at once. */
static bool is_before_fusing(const char *version)
{
    int parts[3] = {0};
    size_t k = 0;
    for (const char *at = version; at != NULL && *at != '\0' && *at != '-' && k < LP_COUNT(parts); at++) {
        if (*at == '.')
            k++;
        else if (*at < '0' || *at > '9' || parts[k] > 9999)
            return false;
        else
            parts[k] = 10 * parts[k] + (*at - '0');
    }
    return version != NULL && (parts[0] < 1 || (parts[0] == 1 && (parts[1] < 1 || (parts[1] == 1 && parts[2] < 3))));
}

lp_status lp_saturation_find(struct lp_session *s, const struct lp_graph *graph, const char *compiler_version,
                             struct lp_saturation *out)
{
    const struct lp_diagnose_options options = {.inputs = {"random:16"}, .input_count = 1, .input_mode = LP_VALUES_RAW};
    struct lp_case c = {.arena = &s->arena,
                        .diag = &s->diag,
                        .graph = graph,
                        .rounding = LP_ROUNDING_SINGLE,
                        .runner = &lp_diagnose_runner,
                        .tolerance = 1.5};
    size_t rows = 0, count = affordable_inputs(graph);
    *out = (struct lp_saturation){.is_two_stage = is_before_fusing(compiler_version)};
    if (count == 0)
        return LP_OK;
    lp_status status = lp_diagnose_read(s, &options, &c, &rows);
    c.count = c.count < count ? c.count : count;
    if (status == LP_OK)
        status = run_reference(&c);
    if (status == LP_OK)
        status = lp_vendor_study_make(&c, &out->study);
    out->inputs = status == LP_OK ? c.count : 0;
    return status;
}

const struct lp_vendor_finding *lp_saturation_of(const struct lp_saturation *saturation, uint32_t op)
{
    for (uint32_t i = 0; i < saturation->study.count && saturation->inputs != 0; i++)
        if (saturation->study.layers[i].op == op)
            return &saturation->study.layers[i];
    return NULL;
}

double lp_saturation_share(const struct lp_saturation *saturation, const struct lp_vendor_finding *finding)
{
    return saturation->is_two_stage ? fmax(finding->inferences_share, finding->inferences_between_share)
                                    : finding->inferences_share;
}

static lp_status compile(struct lp_session *s, struct lp_cost *out)
{
    struct lp_unit unit;
    struct lp_npu_build build = {.as_blobs = false};
    lp_status status = lp_session_targets(s, "stm32n6");
    if (status == LP_OK)
        status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], NULL, &unit);
    if (status == LP_OK)
        status = lp_npu_build(s, &unit, &build);
    if (status != LP_OK)
        return status;
    const struct lp_report_model model = lp_session_report_model(&unit);
    const struct lp_report_target target = lp_session_report_target(&unit);
    json_t *json = lp_report_json(&model, &target, 1);
    status = json == NULL ? lp_no_memory(&s->diag) : lp_reports_costs(s, s->model_path, json, out);
    json_decref(json);
    return status;
}

lp_status lp_instead_find(struct lp_session *s, const char *model_path, struct lp_cost *out, bool *is_known)
{
    /* Its own messages: what limpid does not take is no error of the build that is explained. Its memory becomes the
     * caller's. */
    struct lp_session own = {.arena = s->arena, .model_path = model_path};
    lp_status status = compile(&own, out);
    s->arena = own.arena;
    *is_known = status == LP_OK;
    if (status != LP_OK) {
        const char *text = lp_text_get(&own.diag.errors);
        lp_note(&s->diag, "what limpid would store is not known: %.*s", (int)strcspn(text, "\n"), text);
    }
    lp_diag_free(&own.diag);
    return status == LP_OUT_OF_MEMORY ? status : LP_OK;
}
