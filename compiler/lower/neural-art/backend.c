/* Walks the operators: each goes to the NPU, or, with the rule that failed, to CPU kernels. */
#include "compiler/lower/neural-art/backend.h"

#include <string.h>

#include "compiler/lower/neural-art/work.h"
#include "neural-art/evidence.h"

static lp_status count_readers(struct lp_npu_work *w)
{
    const struct lp_graph *g = w->l->graph;
    w->readers = LP_NEW_ARRAY(w->l->arena, g->tensor_count, uint32_t);
    if (w->readers == NULL)
        return lp_no_memory(w->l->diag);
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] != LP_NO_TENSOR)
                w->readers[g->ops[i].inputs[k]]++;
    for (uint32_t i = 0; i < g->output_count; i++)
        w->readers[g->outputs[i]]++;
    return LP_OK;
}

static lp_status begin(struct lp_lowering *l, void **state)
{
    struct lp_npu_work *w = LP_NEW(l->arena, struct lp_npu_work);
    struct lp_ranges *ranges = NULL;
    if (w == NULL)
        return lp_no_memory(l->diag);
    w->l = l;
    l->program->refusals = LP_NEW_ARRAY(l->arena, l->graph->op_count, struct lp_refusal);
    l->program->evidence = LP_NEW_ARRAY(l->arena, l->graph->op_count, const char *);
    if (l->program->refusals == NULL || l->program->evidence == NULL)
        return lp_no_memory(l->diag);
    lp_status status = lp_ranges_find_near(l->arena, l->diag, l->graph, l->program->rounding, l->options->inputs, 1, &ranges);
    w->ranges = ranges;
    *state = w;
    return status == LP_OK ? count_readers(w) : status;
}

lp_status lp_npu_leave_open(struct lp_npu_work *w, struct lp_npu_tail tail)
{
    w->tail = tail;
    return w->readers[tail.op->outputs[0]] == 1 ? LP_OK : lp_npu_close_tail(w);
}

lp_status lp_npu_close_tail(struct lp_npu_work *w)
{
    struct lp_npu_tail tail = w->tail;
    if (tail.build == NULL)
        return LP_OK;
    w->tail.build = NULL;
    const struct lp_npu_target target = {.memory = lp_npu_write_tensor(tail.build, tail.op->outputs[0]),
                                         .channels = tail.channels,
                                         .map_width = tail.stream.width,
                                         .step_y = 1,
                                         .step_x = 1};
    lp_npu_store(tail.build, &tail.stream, &target);
    return lp_npu_end(tail.build, tail.op, tail.macs);
}

/* What follows a tail that reaches into another operator's epoch is no longer that operator's alone. */
static bool follows(const struct lp_npu_work *w, const struct lp_npu_row *row, const struct lp_op *op)
{
    return w->tail.build != NULL && row->can_follow != NULL && row->can_follow(w, op);
}

static lp_status lower(struct lp_lowering *l, void *state, const struct lp_op *op)
{
    struct lp_npu_work *w = state;
    const struct lp_npu_row *row = &lp_npu_table[op->kind];
    struct lp_refusal *no = &l->program->refusals[op - l->graph->ops];
    lp_status status = follows(w, row, op) ? LP_OK : lp_npu_close_tail(w);
    if (status == LP_OK && row->lower != NULL)
        status = row->lower(w, op, no);
    if (status != LP_OK || (row->lower != NULL && no->rule == NULL))
        return status;
    uint32_t before = l->program->epoch_count;
    status = lp_lower_on_cpu(l, op);
    if (status == LP_OK && row->lower == NULL && l->program->epoch_count != before)
        status = lp_npu_refuse(l, no, LP_NPU_RULE_OPERATOR, lp_op_kind_table[op->kind].name, "none: it stays on the CPU");
    return status;
}

/* The weakest of an operator's epochs. */
static void find_evidence(struct lp_lowering *l)
{
    const struct lp_program *p = l->program;
    for (uint32_t op = 0; op < l->graph->op_count; op++) {
        enum lp_npu_evidence weakest = LP_NPU_PROVED_ON_BOARD;
        for (uint32_t e = 0; e < p->epoch_count; e++) {
            if (p->epochs[e].op != op || p->epochs[e].hw == NULL)
                continue;
            enum lp_npu_evidence evidence = lp_npu_evidence_of_epoch(&p->epochs[e].hw->epoch);
            weakest = evidence > weakest ? evidence : weakest;
            p->evidence[op] = lp_npu_evidence_name(weakest);
        }
    }
}

static lp_status end(struct lp_lowering *l, void *state)
{
    lp_status status = lp_npu_close_tail(state);
    if (status == LP_OK)
        find_evidence(l);
    return status;
}

const struct lp_lower_backend lp_npu_backend = {begin, lower, end};
