#include "compiler/lower/rows.h"

#include <stddef.h>
#include <string.h>

static bool has_args(const struct lp_sw_epoch *epoch, const char *name)
{
    return epoch->kernel != NULL && strcmp(epoch->kernel->args->c_name, name) == 0;
}

static bool is_pool(const struct lp_sw_epoch *epoch)
{
    return has_args(epoch, "struct lp_pool_s8");
}

static bool is_window(const struct lp_sw_epoch *epoch)
{
    return is_pool(epoch) || has_args(epoch, "struct lp_conv2d_s8") || has_args(epoch, "struct lp_depthwise_conv2d_s8");
}

static bool has_one_batch(const struct lp_sw_epoch *epoch)
{
    return (is_pool(epoch) ? ((const struct lp_pool_s8 *)epoch->args)->batches
                           : ((const struct lp_conv2d_s8 *)epoch->args)->batches) == 1;
}

/* How far a chain reaches is found out row by row. */
static bool has_few_rows(const struct lp_sw_epoch *epoch)
{
    enum { MOST_ROWS = 1 << 16 };
    return lp_rows_shape_of(epoch->args, is_pool(epoch)).out_h <= MOST_ROWS;
}

/* ---- which there are ---- */

struct finding {
    const struct lp_program *program;
    const struct lp_graph *graph;
    uint32_t *readers; /* by tensor, with the caller who reads outputs */
    uint32_t *epochs;  /* by operator, how many it has */
};

static bool count_uses(struct lp_arena *arena, struct finding *f)
{
    const struct lp_graph *g = f->graph;
    f->readers = LP_NEW_ARRAY(arena, g->tensor_count, uint32_t);
    f->epochs = LP_NEW_ARRAY(arena, g->op_count, uint32_t);
    if (f->readers == NULL || f->epochs == NULL)
        return false;
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] != LP_NO_TENSOR)
                f->readers[g->ops[i].inputs[k]]++;
    for (uint32_t i = 0; i < g->output_count; i++)
        f->readers[g->outputs[i]]++;
    for (uint32_t i = 0; i < g->state_count; i++)
        f->readers[g->states[i].after]++;
    for (uint32_t e = 0; e < f->program->epoch_count; e++)
        f->epochs[f->program->epochs[e].op]++;
    return true;
}

/* The epoch that is all of an operator; null: it has none, several, or shares one. */
static const struct lp_sw_epoch *epoch_of(const struct finding *f, uint32_t op)
{
    for (uint32_t e = 0; op < f->graph->op_count && f->epochs[op] == 1 && e < f->program->epoch_count; e++)
        if (f->program->epochs[e].op == op)
            return f->program->epochs[e].stage_count == 0 ? &f->program->epochs[e] : NULL;
    return NULL;
}

/* Whether an operator takes the rows of the one before it, and nobody else does. */
static bool is_link(const struct finding *f, uint32_t op)
{
    const struct lp_graph *g = f->graph;
    if (op + 1 >= g->op_count)
        return false;
    const struct lp_sw_epoch *a = epoch_of(f, op), *b = epoch_of(f, op + 1);
    return a != NULL && b != NULL && is_window(a) && is_window(b) && has_one_batch(a) && has_one_batch(b) && has_few_rows(a) &&
           has_few_rows(b) && g->ops[op + 1].inputs[0] == g->ops[op].outputs[0] && f->readers[g->ops[op].outputs[0]] == 1;
}

static void add_chain(struct lp_rows_chain *chains, uint32_t *count, uint32_t room, uint32_t first, uint32_t operators)
{
    for (uint32_t i = 0; i < *count; i++)
        if (chains[i].first == first && chains[i].count == operators)
            return;
    if (*count < room)
        chains[(*count)++] = (struct lp_rows_chain){first, operators};
}

uint32_t lp_lower_find_rows(struct lp_arena *arena, const struct lp_program *program, const struct lp_graph *graph,
                            struct lp_rows_chain *chains, uint32_t room)
{
    struct finding f = {.program = program, .graph = graph};
    uint32_t *alive = LP_NEW_ARRAY(arena, program->block_count, uint32_t);
    uint32_t count = 0, peak_epoch = 0;
    if (alive == NULL || !count_uses(arena, &f))
        return 0;
    const uint32_t alive_count = lp_plan_peak_blocks(program->blocks, program->block_count, alive, &peak_epoch);
    for (uint32_t i = 0; i < alive_count; i++)
        for (uint32_t op = 0; op + 1 < graph->op_count; op++) {
            if (!is_link(&f, op) || program->block_of_tensor[graph->ops[op].outputs[0]] != (int32_t)alive[i])
                continue;
            if (is_link(&f, op + 1))
                add_chain(chains, &count, room, op, 3);
            if (op > 0 && is_link(&f, op - 1))
                add_chain(chains, &count, room, op - 1, 3);
            add_chain(chains, &count, room, op, 2);
        }
    return count;
}

/* ---- how far apart ---- */

struct pace {
    const struct lp_rows_shape *stages;
    int64_t made[LP_ROWS_STAGES]; /* rows, or those that are never needed */
    int64_t written_bytes;        /* of the last stage's rows before the one at work */
    int64_t gap_bytes;
};

/* As the kernel goes about it. What the first stage reads must not have been written over. */
static void make_rows(struct pace *p, uint32_t i, int64_t end)
{
    const struct lp_rows_shape *s = &p->stages[i];
    while (p->made[i] < end) {
        int64_t top = p->made[i] * s->stride - s->pad_top, last = top + s->reach, from = top > 0 ? top : 0;
        if (i == 0) {
            const int64_t gap = p->written_bytes - from * s->in_row_bytes;
            p->gap_bytes = gap > p->gap_bytes ? gap : p->gap_bytes;
            p->made[0] = end;
            return;
        }
        if (p->made[i - 1] < from)
            p->made[i - 1] = from;
        make_rows(p, i - 1, last < s->in_h ? last : s->in_h);
        p->made[i]++;
    }
}

int64_t lp_rows_gap_bytes(const struct lp_rows_shape *stages, uint32_t count)
{
    const struct lp_rows_shape *last = &stages[count - 1];
    struct pace p = {.stages = stages};
    for (int64_t y = 1; y <= last->out_h; y++) {
        make_rows(&p, count - 1, y);
        p.written_bytes = y * last->out_row_bytes;
    }
    return p.gap_bytes;
}

/* ---- the epoch ---- */

static bool can_merge(const struct lp_lowering *l, const struct lp_rows_chain *chain)
{
    const struct lp_program *p = l->program;
    if (p->epoch_count < chain->count)
        return false;
    for (uint32_t i = 0; i < chain->count; i++) {
        const struct lp_sw_epoch *epoch = &p->epochs[p->epoch_count - chain->count + i];
        if (epoch->op != chain->first + i || !is_window(epoch))
            return false;
    }
    return p->epoch_count == chain->count || p->epochs[p->epoch_count - chain->count - 1].op != chain->first;
}

static lp_status bind(struct lp_lowering *l, struct lp_sw_epoch *epoch, uint32_t block, bool is_written, int32_t tensor)
{
    uint32_t index;
    return lp_lower_operand(
        l, epoch, (struct lp_operand){.place = LP_PLACE_ARENA, .is_written = is_written, .index = block, .tensor = tensor},
        &index);
}

/* The result first: it is what may lie over the input. */
static lp_status bind_all(struct lp_lowering *l, const struct lp_rows_chain *chain, struct lp_sw_epoch *epoch)
{
    const struct lp_graph *g = l->graph;
    struct lp_program *p = l->program;
    const struct lp_op *ops = &g->ops[chain->first];
    int32_t out = ops[chain->count - 1].outputs[0], in = ops[0].inputs[0];
    lp_status status = bind(l, epoch, (uint32_t)p->block_of_tensor[out], true, out);
    if (status == LP_OK && g->tensors[in].data == NULL)
        status = bind(l, epoch, (uint32_t)p->block_of_tensor[in], false, in);
    for (uint32_t i = 0; i + 1 < chain->count && status == LP_OK; i++) {
        const struct lp_rows_shape next = lp_rows_shape_of(epoch->stages[i + 1].args, is_pool(&epoch->stages[i + 1]));
        uint32_t block = (uint32_t)p->block_of_tensor[ops[i].outputs[0]];
        p->blocks[block].size_bytes = (uint32_t)(lp_rows_of_strip(&next) * next.in_row_bytes);
        status = bind(l, epoch, block, true, LP_NO_TENSOR);
    }
    return status;
}

lp_status lp_lower_rows(struct lp_lowering *l, const struct lp_rows_chain *chain)
{
    struct lp_program *p = l->program;
    if (!can_merge(l, chain))
        return LP_OK;
    struct lp_sw_epoch *stages = LP_NEW_ARRAY(l->arena, chain->count, struct lp_sw_epoch);
    struct lp_rows_shape shapes[LP_ROWS_STAGES];
    struct lp_rows rows = {.count = (uint8_t)chain->count};
    struct lp_sw_epoch *epoch = NULL;
    int64_t macs = 0;
    if (stages == NULL)
        return lp_no_memory(l->diag);
    p->epoch_count -= chain->count;
    memcpy(stages, &p->epochs[p->epoch_count], chain->count * sizeof *stages);
    for (uint32_t i = 0; i < chain->count; i++) {
        shapes[i] = lp_rows_shape_of(stages[i].args, is_pool(&stages[i]));
        rows.pools = (uint8_t)(rows.pools | is_pool(&stages[i]) << i);
        macs += stages[i].macs;
    }
    lp_status status = lp_lower_epoch(l, &l->graph->ops[chain->first + chain->count - 1], "lp_rows__reference", &rows, macs,
                                      &epoch);
    if (status != LP_OK)
        return status;
    epoch->stages = stages;
    epoch->stage_count = chain->count;
    status = bind_all(l, chain, epoch);
    const int64_t gap = lp_rows_gap_bytes(shapes, chain->count);
    if (status == LP_OK && gap < UINT32_MAX)
        lp_lower_overlap(l, epoch, l->graph->ops[chain->first].inputs[0], (uint32_t)gap);
    return status;
}
