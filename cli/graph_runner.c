#include "cli/graph_runner.h"

#include "evaluate/evaluate.h"

#include <string.h>

static lp_status run_once(struct lp_evaluation *evaluation, const uint8_t *const *inputs, uint8_t *const *outputs,
                          struct lp_diag *diag)
{
    const struct lp_graph *g = evaluation->graph;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++)
        status = lp_evaluate_set_input(evaluation, i, inputs[i], (size_t)lp_tensor_bytes(&g->tensors[g->inputs[i]]));
    if (status == LP_OK)
        status = lp_evaluate_run(evaluation, diag);
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++)
        memcpy(outputs[i], lp_evaluate_output(evaluation, i), (size_t)lp_tensor_bytes(&g->tensors[g->outputs[i]]));
    return status;
}

static lp_status run(void *user, const struct lp_graph *graph, enum lp_rounding rounding, uint32_t runs,
                     const uint8_t *const *inputs, uint8_t *const *outputs, struct lp_diag *diag)
{
    (void)user;
    struct lp_evaluation evaluation;
    lp_status status = lp_evaluate_open_fast(&evaluation, graph, rounding, diag);
    if (status != LP_OK)
        return status;
    for (uint32_t n = 0; n < runs && status == LP_OK; n++)
        status = run_once(&evaluation, inputs + (size_t)n * graph->input_count, outputs + (size_t)n * graph->output_count, diag);
    lp_evaluate_close(&evaluation);
    return status;
}

const struct lp_graph_runner lp_pc_runner = {.run = run};
