#include "cli/diagnose/parts.h"

#include "evaluate/evaluate.h"

#include <stdlib.h>

static lp_status open_run(const struct lp_graph *graph, enum lp_rounding rounding, struct lp_diag *diag, void **run)
{
    struct lp_evaluation *e = malloc(sizeof *e);
    if (e == NULL)
        return lp_no_memory(diag);
    lp_status status = lp_evaluate_open(e, graph, rounding, diag);
    if (status != LP_OK)
        free(e);
    else
        *run = e;
    return status;
}

/* Operators that take no step of their own still call `after`. */
static lp_status run_all(void *run, const uint8_t *const *inputs, void (*after)(void *user, uint32_t op), void *user,
                         struct lp_diag *diag)
{
    struct lp_evaluation *e = run;
    const struct lp_graph *g = e->graph;
    lp_status status = LP_OK;
    uint32_t step = 0;
    for (uint32_t i = 0; i < g->input_count && status == LP_OK; i++)
        status = lp_evaluate_set_input(e, i, inputs[i], (size_t)lp_tensor_bytes(&g->tensors[g->inputs[i]]));
    if (after == NULL)
        return status == LP_OK ? lp_evaluate_run(e, diag) : status;
    for (uint32_t op = 0; op < g->op_count && status == LP_OK; op++) {
        for (; step < e->step_count && e->steps[step].op == &g->ops[op] && status == LP_OK; step++)
            status = e->steps[step].run(e->steps[step].args);
        if (status == LP_OK)
            after(user, op);
        else
            lp_error(diag, status, "operator %u (%s) cannot be run on these inputs", (unsigned)g->ops[op].source_index,
                     lp_op_kind_table[g->ops[op].kind].name);
    }
    return status;
}

static uint8_t *tensor(void *run, int32_t index)
{
    return ((struct lp_evaluation *)run)->values[index];
}

static void close_run(void *run)
{
    lp_evaluate_close(run);
    free(run);
}

const struct lp_case_runner lp_diagnose_runner = {open_run, run_all, tensor, close_run};
