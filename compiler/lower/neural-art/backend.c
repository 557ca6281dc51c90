/* Walks the operators: each goes to the NPU, or, with the rule that failed, to CPU kernels. */
#include "compiler/lower/neural-art/backend.h"

#include <string.h>

#include "compiler/lower/neural-art/work.h"
#include "neural-art/evidence.h"

static lp_status count_readers(struct lp_npu_work *w)
{
    const struct lp_graph *g = w->l->graph;
    w->readers = LP_NEW_ARRAY(w->l->arena, g->tensor_count, uint32_t);
    w->is_joined = LP_NEW_ARRAY(w->l->arena, g->tensor_count, bool);
    if (w->readers == NULL || w->is_joined == NULL)
        return lp_no_memory(w->l->diag);
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] != LP_NO_TENSOR)
                w->readers[g->ops[i].inputs[k]]++;
    for (uint32_t i = 0; i < g->output_count; i++)
        w->readers[g->outputs[i]]++;
    for (uint32_t i = 0; i < g->state_count; i++)
        w->readers[g->states[i].after]++;
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
    l->program->is_fused = LP_NEW_ARRAY(l->arena, l->graph->op_count, bool);
    l->program->deviation = LP_NEW_ARRAY(l->arena, l->graph->op_count, double);
    if (l->program->deviation == NULL || l->program->is_fused == NULL || l->program->refusals == NULL ||
        l->program->evidence == NULL)
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

struct lp_npu_build *lp_npu_take_tail(struct lp_npu_work *w, struct lp_npu_stream *stream)
{
    struct lp_npu_build *b = w->tail.build;
    *stream = w->tail.stream;
    b->macs += w->tail.macs;
    w->l->program->is_fused[w->tail.op - w->l->graph->ops] = true;
    w->tail.build = NULL;
    return b;
}

const struct lp_op *lp_npu_sole_reader(const struct lp_npu_work *w, int32_t tensor)
{
    const struct lp_graph *g = w->l->graph;
    for (uint32_t i = 0; w->readers[tensor] == 1 && i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] == tensor)
                return &g->ops[i];
    return NULL;
}

lp_status lp_npu_close_tail(struct lp_npu_work *w)
{
    struct lp_npu_tail tail = w->tail;
    if (tail.build == NULL)
        return LP_OK;
    w->tail.build = NULL;
    struct lp_npu_target target = lp_npu_target_of(w, tail.build, tail.op->outputs[0]);
    target.map_width = tail.stream.width;
    lp_npu_store(tail.build, &tail.stream, &target);
    return lp_npu_end(tail.build, tail.op, tail.macs);
}

/* ---- what nobody has seen to work ---- */

/* How far the program was, to take an operator's epochs back. */
struct mark {
    uint32_t epochs, blocks, items, claims, weights_bytes;
    struct lp_npu_tail tail; /* with a build of its own */
};

static lp_status mark_here(const struct lp_npu_work *w, struct mark *m)
{
    const struct lp_program *p = w->l->program;
    *m = (struct mark){.epochs = p->epoch_count,
                       .blocks = p->block_count,
                       .items = p->weights.item_count,
                       .claims = p->weights.claim_count,
                       .weights_bytes = p->weights.size_bytes,
                       .tail = w->tail};
    if (w->tail.build != NULL)
        m->tail.build = lp_npu_build_copy(w->tail.build);
    return w->tail.build != NULL && m->tail.build == NULL ? lp_no_memory(w->l->diag) : LP_OK;
}

static void go_back(struct lp_npu_work *w, const struct mark *m)
{
    struct lp_program *p = w->l->program;
    p->epoch_count = m->epochs;
    p->block_count = m->blocks;
    p->weights.item_count = m->items;
    p->weights.claim_count = m->claims;
    p->weights.size_bytes = m->weights_bytes;
    for (uint32_t t = 0; t < w->l->graph->tensor_count; t++) {
        if (p->block_of_tensor[t] >= (int32_t)m->blocks)
            p->block_of_tensor[t] = -1;
        if (w->l->constant_offset[t] >= (int64_t)m->weights_bytes)
            w->l->constant_offset[t] = -1;
    }
    w->tail = m->tail;
    if (w->tail.build != NULL)
        p->is_fused[w->tail.op - w->l->graph->ops] = false;
    for (uint32_t i = 0; i < w->op->output_count; i++)
        w->is_joined[w->op->outputs[i]] = false;
}

static enum lp_npu_evidence weakest_since(const struct lp_npu_work *w, uint32_t first_epoch)
{
    const struct lp_program *p = w->l->program;
    enum lp_npu_evidence weakest = w->tail.build == NULL ? LP_NPU_PROVED_ON_BOARD
                                                         : lp_npu_evidence_of_epoch(&w->tail.build->hw->epoch);
    for (uint32_t e = first_epoch; e < p->epoch_count; e++) {
        enum lp_npu_evidence evidence = p->epochs[e].hw == NULL ? LP_NPU_PROVED_ON_BOARD
                                                                : lp_npu_evidence_of_epoch(&p->epochs[e].hw->epoch);
        weakest = evidence > weakest ? evidence : weakest;
    }
    return weakest;
}

/* Lowers an operator and looks at what came out: what is unproven, with the epoch before or by itself, is taken back. */
static lp_status lower_proven(struct lp_npu_work *w, const struct lp_npu_row *row, const struct lp_op *op, struct lp_refusal *no)
{
    w->op = op;
    bool began = w->tail.build == NULL;
    struct mark mark;
    lp_status status = mark_here(w, &mark);
    if (status == LP_OK)
        status = row->lower(w, op, no);
    if (status != LP_OK || no->rule != NULL || (began && w->l->options->allow_unproven))
        return status;
    enum lp_npu_evidence weakest = weakest_since(w, mark.epochs);
    if (lp_npu_evidence_is_proven(weakest))
        return LP_OK;
    go_back(w, &mark);
    if (began)
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_EVIDENCE, lp_npu_evidence_name(weakest), "--allow-unproven");
    status = lp_npu_close_tail(w);
    return status == LP_OK ? lower_proven(w, row, op, no) : status;
}

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
        status = lower_proven(w, row, op, no);
    if (status != LP_OK || (row->lower != NULL && no->rule == NULL))
        return status;
    status = lp_npu_close_tail(w);
    uint32_t before = l->program->epoch_count;
    if (status == LP_OK)
        status = lp_lower_on_cpu(l, op);
    if (status == LP_OK && row->lower == NULL && l->program->epoch_count != before)
        status = lp_npu_refuse(l, no, LP_NPU_RULE_OPERATOR, lp_op_kind_table[op->kind].name, "none: it stays on the CPU");
    return status;
}

/* The weakest of an operator's epochs, and of the program. */
static void find_evidence(struct lp_lowering *l)
{
    struct lp_program *p = l->program;
    enum lp_npu_evidence weakest_of_all = LP_NPU_PROVED_ON_BOARD;
    for (uint32_t op = 0; op < l->graph->op_count; op++) {
        enum lp_npu_evidence weakest = LP_NPU_PROVED_ON_BOARD;
        for (uint32_t e = 0; e < p->epoch_count; e++) {
            if (p->epochs[e].op != op || p->epochs[e].hw == NULL)
                continue;
            enum lp_npu_evidence evidence = lp_npu_evidence_of_epoch(&p->epochs[e].hw->epoch);
            weakest = evidence > weakest ? evidence : weakest;
            p->evidence[op] = lp_npu_evidence_class(weakest);
            if (p->weakest_evidence == NULL || weakest > weakest_of_all) {
                weakest_of_all = weakest;
                p->weakest_evidence = p->evidence[op];
                p->weakest_op = op;
            }
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
