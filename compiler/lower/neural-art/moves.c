/* Operators that only move elements: memory -> stream -> memory, several side by side in an epoch. CONCATENATION moves only what
 * its producers did not store in its result themselves (targets.c). */
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

enum { MOST_COUNT = UINT16_MAX, LOOPS_OF_A_FRAME = 2, MOST_LOOPS = LOOPS_OF_A_FRAME + 2, CHAIN_ENGINES = 2 };

/* Bytes that an engine reads or writes: how they lie on its side. */
static void set_side(struct lp_npu_streng *s, const struct lp_move *m, const int32_t *stride)
{
    /* The two innermost loops are pixels and lines of a frame, what is around them are frames. */
    uint32_t inner = m->rank > LOOPS_OF_A_FRAME ? m->rank - (uint32_t)LOOPS_OF_A_FRAME : 0;
    const int32_t *dims = m->dims + inner;
    uint32_t loops = m->rank - inner;
    if (loops == 0) {
        lp_npu_engine_raw(s, m->run_bytes, 1, 1);
        return;
    }
    s->batch_depth = m->run_bytes;
    s->fwidth = (uint32_t)dims[loops - 1];
    s->batch_offset = (uint32_t)stride[m->rank - 1u];
    s->fheight = loops == 2 ? (uint32_t)dims[0] : 1;
    s->line_offset = loops == 2 ? (uint32_t)stride[inner] : 0;
    s->frame_tot_cnt = 1;
    if (inner >= 1) {
        s->frame_offset = (uint32_t)stride[inner - 1];
        s->frame_tot_cnt = (uint32_t)m->dims[inner - 1];
    }
    if (inner == 2) {
        s->frame_loop_cnt = s->frame_tot_cnt;
        s->loop_offset = (uint32_t)stride[0];
        s->frame_tot_cnt *= (uint32_t)m->dims[0];
    }
}

static bool has_form(const struct lp_move *m)
{
    if (m->rank > MOST_LOOPS || (m->rank > 0 && m->run_bytes > MOST_COUNT))
        return false;
    for (uint32_t i = 0; i < m->rank; i++)
        if (m->dims[i] > MOST_COUNT || m->in_stride_bytes[i] <= 0 || m->out_stride_bytes[i] <= 0)
            return false;
    return true;
}

static int64_t move_bytes(const struct lp_move *m)
{
    int64_t bytes = m->run_bytes;
    for (uint32_t i = 0; i < m->rank; i++)
        bytes *= m->dims[i];
    return bytes;
}

static void add_chain(struct lp_npu_build *b, const struct lp_move *m, int32_t in, int32_t out)
{
    struct lp_npu_streng *from = lp_npu_engine(b, 0, lp_npu_read_tensor(b, in), m->in_offset_bytes);
    struct lp_npu_streng *to = lp_npu_engine(b, 1, lp_npu_write_tensor(b, out), m->out_offset_bytes);
    set_side(from, m, m->in_stride_bytes);
    set_side(to, m, m->out_stride_bytes);
    lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, from, 0), lp_npu_port(LP_NPU_STRENG, to, 0));
    lp_npu_busy(b, move_bytes(m));
}

struct moving {
    struct lp_npu_work *w;
    const struct lp_op *op;
    struct lp_npu_build *b; /* null: no epoch is open */
};

static lp_status close_epoch(struct moving *k)
{
    struct lp_npu_build *b = k->b;
    k->b = NULL;
    return b == NULL ? LP_OK : lp_npu_end(b, k->op, 0);
}

static bool is_whole(const struct lp_graph *g, const struct lp_move *m, int32_t in, int32_t out)
{
    return m->rank == 0 && m->run_bytes == (uint32_t)lp_tensor_bytes(&g->tensors[in]) &&
           m->run_bytes == (uint32_t)lp_tensor_bytes(&g->tensors[out]);
}

static lp_status move_part(struct moving *k, uint32_t part)
{
    struct lp_lowering *l = k->w->l;
    struct lp_move_part shape;
    struct lp_move m;
    lp_status status = lp_move_params(l->graph, k->op, part, l->diag, &shape, &m);
    if (status != LP_OK)
        return status;
    int32_t in = k->op->inputs[shape.input], out = k->op->outputs[shape.output];
    if (k->w->is_joined[in])
        return LP_OK;
    if (is_whole(l->graph, &m, in, out))
        return lp_lower_rename(l, k->op, in, out);
    if (k->b != NULL && lp_npu_units_left(k->b, LP_NPU_STRENG) < CHAIN_ENGINES)
        status = close_epoch(k);
    if (status == LP_OK && k->b == NULL)
        status = lp_npu_begin(l, k->op, &k->b);
    if (status == LP_OK)
        add_chain(k->b, &m, in, out);
    return status;
}

static lp_status check_parts(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < lp_move_part_count(op) && status == LP_OK && no->rule == NULL; i++) {
        struct lp_move_part shape;
        struct lp_move m;
        status = lp_move_params(w->l->graph, op, i, w->l->diag, &shape, &m);
        if (status == LP_OK && w->l->graph->tensors[op->inputs[shape.input]].element != LP_ELEMENT_INT8)
            return lp_npu_refuse(w->l, no, LP_NPU_RULE_TYPE,
                                 lp_element_name(w->l->graph->tensors[op->inputs[shape.input]].element),
                                 "a model with int8 activations");
        if (status == LP_OK && !has_form(&m))
            status = lp_npu_refuse(w->l, no, LP_NPU_RULE_MOVE, lp_arena_printf(w->l->arena, "%u loops", (unsigned)m.rank),
                                   "fewer dimensions, none reversed or repeated");
    }
    return status;
}

bool lp_npu_can_move(struct lp_npu_work *w, const struct lp_op *op)
{
    struct lp_refusal no = {0};
    return check_parts(w, op, &no) == LP_OK && no.rule == NULL;
}

lp_status lp_npu_lower_moves(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    struct moving k = {w, op, NULL};
    lp_status status = check_parts(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    status = lp_lower_expected(w->l, op);
    for (uint32_t i = 0; i < lp_move_part_count(op) && status == LP_OK; i++)
        status = move_part(&k, i);
    return status == LP_OK ? close_epoch(&k) : status;
}
