#include "evaluate/evaluate.h"

#include "evaluate/adapters.h"
#include "evaluate/faster.h"

#include <string.h>

/* Constants stay where the graph has them; nothing writes a constant, the graph's verifier says so. */
static lp_status take_memory(struct lp_evaluation *e, struct lp_diag *diag)
{
    const struct lp_graph *graph = e->graph;
    e->values = LP_NEW_ARRAY(&e->arena, graph->tensor_count, void *);
    if (e->values == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < graph->tensor_count; i++) {
        const struct lp_tensor *tensor = &graph->tensors[i];
        if (tensor->data != NULL)
            e->values[i] = (void *)(uintptr_t)tensor->data;
        else
            e->values[i] = lp_arena_alloc(&e->arena, (size_t)lp_tensor_bytes(tensor), 1);
        if (e->values[i] == NULL)
            return lp_no_memory(diag);
    }
    size_t state_bytes = 1;
    for (uint32_t i = 0; i < graph->state_count; i++)
        state_bytes += (size_t)lp_tensor_bytes(&graph->tensors[graph->states[i].before]);
    e->aside = lp_arena_alloc(&e->arena, state_bytes, 1);
    return e->aside == NULL ? lp_no_memory(diag) : LP_OK;
}

lp_status lp_evaluate_add_step(struct lp_evaluation *e, const struct lp_op *op, lp_kernel *run, const void *args,
                               struct lp_diag *diag)
{
    if (e->step_count == e->step_capacity) {
        uint32_t capacity = 2 * e->step_capacity + e->graph->op_count;
        struct lp_evaluation_step *steps = LP_NEW_ARRAY(&e->arena, capacity, struct lp_evaluation_step);
        if (steps == NULL)
            return lp_no_memory(diag);
        if (e->step_count != 0)
            memcpy(steps, e->steps, e->step_count * sizeof *steps);
        e->steps = steps;
        e->step_capacity = capacity;
    }
    e->steps[e->step_count++] = (struct lp_evaluation_step){run, args, op};
    return LP_OK;
}

static lp_status prepare(struct lp_evaluation *e, struct lp_diag *diag)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < e->graph->op_count && status == LP_OK; i++) {
        const struct lp_op *op = &e->graph->ops[i];
        if (lp_adapters[op->kind] == NULL)
            return lp_error(diag, LP_UNSUPPORTED, "operator %u (%s '%s') has no reference kernel", (unsigned)op->source_index,
                            lp_op_kind_table[op->kind].name, lp_op_name(e->graph, op));
        struct lp_adapting adapting = {.evaluation = e, .diag = diag, .op = op};
        status = lp_adapt_expected(&adapting);
        if (status == LP_OK)
            status = lp_adapters[op->kind](&adapting);
    }
    for (uint32_t i = 0; e->is_fast && i < e->step_count && status == LP_OK; i++)
        status = lp_use_faster(&e->arena, diag, &e->steps[i].run, &e->steps[i].args);
    return status;
}

static lp_status open_as_set(struct lp_evaluation *evaluation, struct lp_diag *diag)
{
    lp_status status = take_memory(evaluation, diag);
    if (status == LP_OK)
        status = prepare(evaluation, diag);
    if (status == LP_OK)
        lp_evaluate_reset(evaluation);
    else
        lp_evaluate_close(evaluation);
    return status;
}

lp_status lp_evaluate_open(struct lp_evaluation *evaluation, const struct lp_graph *graph, enum lp_rounding rounding,
                           struct lp_diag *diag)
{
    *evaluation = (struct lp_evaluation){.graph = graph, .rounding = rounding};
    return open_as_set(evaluation, diag);
}

lp_status lp_evaluate_open_fast(struct lp_evaluation *evaluation, const struct lp_graph *graph, enum lp_rounding rounding,
                                struct lp_diag *diag)
{
    *evaluation = (struct lp_evaluation){.graph = graph, .rounding = rounding, .is_fast = true};
    return open_as_set(evaluation, diag);
}

void lp_evaluate_reset(struct lp_evaluation *evaluation)
{
    const struct lp_graph *g = evaluation->graph;
    for (uint32_t i = 0; i < g->state_count; i++)
        memcpy(evaluation->values[g->states[i].before], g->states[i].initial,
               (size_t)lp_tensor_bytes(&g->tensors[g->states[i].before]));
    evaluation->has_run = false;
}

/* New values may lie where inputs or other states' old ones do, and old ones can be looked at until the next run. */
static void keep_states(struct lp_evaluation *e)
{
    const struct lp_graph *g = e->graph;
    uint8_t *aside = e->aside;
    for (uint32_t i = 0; i < g->state_count; i++) {
        size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[g->states[i].before]);
        memcpy(aside, e->values[g->states[i].after], bytes);
        aside += bytes;
    }
    e->has_run = true;
}

static void advance_states(struct lp_evaluation *e)
{
    const struct lp_graph *g = e->graph;
    const uint8_t *aside = e->aside;
    for (uint32_t i = 0; i < g->state_count && e->has_run; i++) {
        size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[g->states[i].before]);
        memcpy(e->values[g->states[i].before], aside, bytes);
        aside += bytes;
    }
}

lp_status lp_evaluate_set_input(struct lp_evaluation *evaluation, uint32_t i, const void *data, size_t size_bytes)
{
    const struct lp_graph *graph = evaluation->graph;
    if (i >= graph->input_count || (size_t)lp_tensor_bytes(&graph->tensors[graph->inputs[i]]) != size_bytes)
        return LP_BAD_ARGUMENT;
    if (graph->tensors[graph->inputs[i]].data != NULL)
        return LP_BAD_ARGUMENT;
    memcpy(evaluation->values[graph->inputs[i]], data, size_bytes);
    return LP_OK;
}

lp_status lp_evaluate_run(struct lp_evaluation *evaluation, struct lp_diag *diag)
{
    advance_states(evaluation);
    for (uint32_t i = 0; i < evaluation->step_count; i++) {
        const struct lp_evaluation_step *step = &evaluation->steps[i];
        lp_status status = step->run(step->args);
        if (status == LP_BAD_INPUT)
            return lp_error(diag, status,
                            "operator %u (%s '%s'): an input has a value that the model is not compiled for (an index out of "
                            "range, or another shape than the declared one)",
                            (unsigned)step->op->source_index, lp_op_kind_table[step->op->kind].name,
                            lp_op_name(evaluation->graph, step->op));
        if (status != LP_OK)
            return lp_error(diag, status, "the reference kernel of operator %u (%s) failed", (unsigned)step->op->source_index,
                            lp_op_kind_table[step->op->kind].name);
    }
    keep_states(evaluation);
    return LP_OK;
}

const void *lp_evaluate_tensor(const struct lp_evaluation *evaluation, int32_t tensor)
{
    return evaluation->values[tensor];
}

const void *lp_evaluate_output(const struct lp_evaluation *evaluation, uint32_t i)
{
    return evaluation->values[evaluation->graph->outputs[i]];
}

void lp_evaluate_close(struct lp_evaluation *evaluation)
{
    lp_arena_free(&evaluation->arena);
    *evaluation = (struct lp_evaluation){.graph = NULL};
}
