/* A dilated convolution as frameworks write it: SPACE_TO_BATCH_ND makes a map of every block-th row and column, a plain
 * convolution runs over all of them, BATCH_TO_SPACE_ND puts the results together again; for one dimension with a change of
 * shape before and behind the convolution. It becomes one convolution with dilation: both read the same elements, and the
 * padding that SPACE_TO_BATCH_ND adds has the value of a convolution's own.
 * needs: shapes      keeps: every bit */
#include "compiler/optimize/fusing.h"
#include "compiler/optimize/optimize.h"

#include "compiler/analyze/shapes.h"
#include "compiler/analyze/weighted_view.h"
#include "compiler/semantics/semantics.h"

#include <string.h>

enum { NEW_TENSORS_OF_CHAIN = 2, NONE = LP_NO_OPERATOR };

/* Operators by index; NONE where the chain has none. */
struct chain {
    int32_t to_batch, expand, conv, squeeze, to_space;
    struct lp_window window; /* of the convolution that takes their place */
};

static lp_status find_readers(struct lp_fusing *f)
{
    const struct lp_graph *g = f->before;
    f->reader = LP_NEW_ARRAY(f->arena, g->tensor_count, int32_t);
    f->readers = LP_NEW_ARRAY(f->arena, g->tensor_count, uint32_t);
    f->is_gone = LP_NEW_ARRAY(f->arena, g->op_count, bool);
    if (f->reader == NULL || f->readers == NULL || f->is_gone == NULL)
        return lp_no_memory(f->diag);
    for (uint32_t i = 0; i < g->output_count; i++)
        f->readers[g->outputs[i]]++;
    for (uint32_t i = 0; i < g->state_count; i++)
        f->readers[g->states[i].after]++;
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] != LP_NO_TENSOR) {
                f->reader[g->ops[i].inputs[k]] = (int32_t)i;
                f->readers[g->ops[i].inputs[k]]++;
            }
    return LP_OK;
}

int32_t lp_fusing_next(const struct lp_fusing *f, int32_t op)
{
    int32_t out = f->before->ops[op].outputs[0];
    if (f->readers[out] != 1)
        return NONE;
    return f->before->ops[f->reader[out]].inputs[0] == out ? f->reader[out] : NONE;
}

static bool has_kind(const struct lp_fusing *f, int32_t op, enum lp_op_kind kind)
{
    return op != NONE && f->before->ops[op].kind == kind;
}

bool lp_fusing_changes_shape(const struct lp_fusing *f, int32_t op)
{
    return has_kind(f, op, LP_OP_RESHAPE) || has_kind(f, op, LP_OP_EXPAND_DIMS) || has_kind(f, op, LP_OP_SQUEEZE);
}

static bool find_chain(const struct lp_fusing *f, int32_t first, struct chain *c)
{
    *c = (struct chain){.to_batch = first, .expand = NONE, .squeeze = NONE};
    int32_t op = lp_fusing_next(f, first);
    if (lp_fusing_changes_shape(f, op)) {
        c->expand = op;
        op = lp_fusing_next(f, op);
    }
    if (!has_kind(f, op, LP_OP_CONV_2D) && !has_kind(f, op, LP_OP_DEPTHWISE_CONV_2D))
        return false;
    c->conv = op;
    op = lp_fusing_next(f, op);
    if (lp_fusing_changes_shape(f, op)) {
        c->squeeze = op;
        op = lp_fusing_next(f, op);
    }
    c->to_space = op;
    const struct lp_graph *g = f->before;
    return has_kind(f, op, LP_OP_BATCH_TO_SPACE_ND) && (c->expand == NONE) == (c->squeeze == NONE) &&
           lp_fusing_means_the_same(g, &g->ops[first], &g->ops[c->conv]);
}

bool lp_fusing_means_the_same(const struct lp_graph *g, const struct lp_op *border, const struct lp_op *conv)
{
    const struct lp_tensor *in = lp_op_input(g, border, 0), *out = lp_op_output(g, border, 0), *map = lp_op_input(g, conv, 0);
    return map->quant.count == 1 && lp_tensors_same_quant(in, out) && lp_tensors_same_quant(out, map);
}

/* Each operator by itself is one that can be compiled: what is refused alone is not saved by what stands around it. */
static bool is_sound(const struct lp_fusing *f, const struct chain *c)
{
    const struct lp_graph *g = f->before;
    struct lp_diag quiet = {0};
    struct lp_space_batch space;
    struct lp_copy copy;
    bool sound = lp_space_batch_params(g, &g->ops[c->to_batch], &quiet, &space) == LP_OK &&
                 lp_space_batch_params(g, &g->ops[c->to_space], &quiet, &space) == LP_OK;
    if (sound && c->expand != NONE)
        sound = lp_copy_params(g, &g->ops[c->expand], &quiet, &copy) == LP_OK &&
                lp_copy_params(g, &g->ops[c->squeeze], &quiet, &copy) == LP_OK;
    lp_diag_free(&quiet);
    return sound;
}

/* What the two operators say about one dimension of the convolution's map. */
struct side {
    int32_t block, pad_before, pad_after, crop_before, crop_after;
};

static bool read_sides(const struct lp_fusing *f, const struct chain *c, struct side sides[2], uint32_t *count)
{
    const struct lp_op *to_batch = &f->before->ops[c->to_batch];
    const struct lp_op *to_space = &f->before->ops[c->to_space];
    const struct lp_tensor *blocks = lp_op_input(f->before, to_batch, 1);
    const struct lp_tensor *blocks_again = lp_op_input(f->before, to_space, 1);
    *count = (uint32_t)lp_tensor_elements(blocks);
    if (*count > 2 || lp_tensor_elements(blocks_again) != *count)
        return false;
    for (uint32_t i = 0; i < *count; i++) {
        const struct lp_tensor *pads = lp_op_input(f->before, to_batch, 2);
        const struct lp_tensor *crops = lp_op_input(f->before, to_space, 2);
        sides[i] = (struct side){lp_tensor_number(blocks, i), lp_tensor_number(pads, 2 * i), lp_tensor_number(pads, 2 * i + 1),
                                 lp_tensor_number(crops, 2 * i), lp_tensor_number(crops, 2 * i + 1)};
        if (lp_tensor_number(blocks_again, i) != sides[i].block)
            return false;
    }
    return true;
}

bool lp_fusing_is_expanded(const struct lp_tensor *small, const struct lp_tensor *large, uint32_t at)
{
    if (large->rank != small->rank + 1 || large->dims[at] != 1)
        return false;
    for (uint32_t d = 0; d < small->rank; d++)
        if (small->dims[d] != large->dims[d < at ? d : d + 1])
            return false;
    return true;
}

/* Which side of the convolution's map has the first block: 0 rows, 1 columns. A single dimension with one element left could
 * be either. */
static bool find_first_side(const struct lp_fusing *f, const struct chain *c, uint32_t *side)
{
    const struct lp_graph *g = f->before;
    *side = 0;
    const struct lp_tensor *parts = lp_op_output(g, &g->ops[c->to_batch], 0);
    const struct lp_tensor *results = lp_op_input(g, &g->ops[c->to_space], 0);
    if (c->expand == NONE)
        return parts->rank == 4 && results->rank == 4;
    const struct lp_tensor *in = lp_op_input(g, &g->ops[c->conv], 0);
    const struct lp_tensor *out = lp_op_output(g, &g->ops[c->conv], 0);
    if (parts->rank != 3 || results->rank != 3 || parts->dims[1] == 1)
        return false;
    *side = lp_fusing_is_expanded(parts, in, 1) ? 1 : 0;
    return lp_fusing_is_expanded(parts, in, *side == 1 ? 1 : 2) && lp_fusing_is_expanded(results, out, *side == 1 ? 1 : 2);
}

bool lp_fusing_touches(int32_t in, int32_t out, int32_t stride, int64_t reach, int64_t pad)
{
    return reach >= pad && (int64_t)(out - 1) * stride - pad < in;
}

/* One side of the new window; false when the format of windows can't say it. */
static bool widen(const struct side *s, int32_t in, int32_t out, int32_t kernel, int32_t *dilation, int32_t *before,
                  int32_t *after)
{
    int64_t new_dilation = (int64_t)*dilation * s->block;
    int64_t new_before = (int64_t)*before * s->block + s->pad_before - s->crop_before;
    int64_t new_after = (int64_t)*after * s->block + s->pad_after - s->crop_after;
    int64_t reach = (kernel - 1) * new_dilation;
    if (new_dilation > LP_MOST_PADDING || new_before < 0 || new_before > LP_MOST_PADDING || new_after < 0 ||
        new_after > LP_MOST_PADDING)
        return false;
    if (!lp_fusing_touches(in, out, 1, reach, new_before))
        return false;
    *dilation = (int32_t)new_dilation;
    *before = (int32_t)new_before;
    *after = (int32_t)new_after;
    return true;
}

static bool make_window(const struct lp_fusing *f, struct chain *c)
{
    const struct lp_graph *g = f->before;
    const struct lp_tensor *whole = lp_op_input(g, &g->ops[c->to_batch], 0);
    const struct lp_tensor *result = lp_op_output(g, &g->ops[c->to_space], 0);
    struct side sides[2];
    uint32_t count = 0;
    uint32_t first = 0;
    if (!read_sides(f, c, sides, &count) || !find_first_side(f, c, &first))
        return false;
    struct lp_window *w = &c->window;
    *w = g->ops[c->conv].as.window;
    if (w->stride_h != 1 || w->stride_w != 1 || first + count > 2)
        return false;
    w->padding = LP_PADDING_EXPLICIT;
    for (uint32_t i = 0; i < count; i++) {
        int32_t in = whole->dims[1 + i];
        int32_t out = result->dims[1 + i];
        bool is_row = first + i == 0;
        if (is_row ? !widen(&sides[i], in, out, w->kernel_h, &w->dilation_h, &w->pad_top, &w->pad_bottom)
                   : !widen(&sides[i], in, out, w->kernel_w, &w->dilation_w, &w->pad_left, &w->pad_right))
            return false;
    }
    return true;
}

int32_t lp_fusing_add_map(struct lp_fusing *f, int32_t like, const struct lp_tensor *sizes, uint32_t one_at)
{
    struct lp_tensor *t = &f->after->tensors[f->after->tensor_count];
    *t = f->before->tensors[like];
    t->source_index = -1;
    for (uint32_t d = 0; d < 4; d++)
        t->dims[d] = d == one_at ? 1 : sizes->dims[d < one_at ? d : d - 1];
    return (int32_t)f->after->tensor_count++;
}

lp_status lp_fusing_set_lists(struct lp_fusing *f, struct lp_op *op, int32_t in, int32_t out)
{
    int32_t *inputs = LP_NEW_ARRAY(f->arena, op->input_count, int32_t);
    int32_t *outputs = LP_NEW(f->arena, int32_t);
    if (inputs == NULL || outputs == NULL)
        return lp_no_memory(f->diag);
    memcpy(inputs, op->inputs, op->input_count * sizeof *inputs);
    inputs[0] = in;
    *outputs = out;
    op->inputs = inputs;
    op->outputs = outputs;
    return LP_OK;
}

lp_status lp_fusing_set_reshape(struct lp_fusing *f, struct lp_op *op, int32_t in, int32_t out)
{
    const struct lp_tensor *t = &f->after->tensors[out];
    op->kind = LP_OP_RESHAPE;
    op->input_count = 1;
    memset(&op->as, 0, sizeof op->as);
    op->as.reshape.given = true;
    op->as.reshape.rank = t->rank;
    memcpy(op->as.reshape.dims, t->dims, sizeof t->dims);
    return lp_fusing_set_lists(f, op, in, out);
}

static lp_status apply_chain(struct lp_fusing *f, const struct chain *c)
{
    const struct lp_graph *g = f->before;
    int32_t in = g->ops[c->to_batch].inputs[0];
    int32_t out = g->ops[c->to_space].outputs[0];
    int32_t map_in = in;
    int32_t map_out = out;
    lp_status status = LP_OK;
    if (c->expand != NONE) {
        const struct lp_op *conv = &g->ops[c->conv];
        uint32_t one_at = lp_fusing_is_expanded(lp_op_output(g, &g->ops[c->to_batch], 0), lp_op_input(g, conv, 0), 1) ? 1 : 2;
        map_in = lp_fusing_add_map(f, conv->inputs[0], &g->tensors[in], one_at);
        map_out = lp_fusing_add_map(f, conv->outputs[0], &g->tensors[out], one_at);
        status = lp_fusing_set_reshape(f, &f->after->ops[c->expand], in, map_in);
        if (status == LP_OK)
            status = lp_fusing_set_reshape(f, &f->after->ops[c->squeeze], map_out, out);
    }
    if (status == LP_OK)
        status = lp_fusing_set_lists(f, &f->after->ops[c->conv], map_in, map_out);
    f->after->ops[c->conv].as.window = c->window;
    f->is_gone[c->to_batch] = f->is_gone[c->to_space] = true;
    f->is_changed = true;
    return status;
}

static lp_status copy_graph(struct lp_fusing *f)
{
    const struct lp_graph *g = f->before;
    f->after = LP_NEW(f->arena, struct lp_graph);
    if (f->after == NULL)
        return lp_no_memory(f->diag);
    *f->after = *g;
    f->after->arena = f->arena;
    f->after->tensors = LP_NEW_ARRAY(f->arena, g->tensor_count + (size_t)NEW_TENSORS_OF_CHAIN * g->op_count, struct lp_tensor);
    f->after->ops = LP_NEW_ARRAY(f->arena, g->op_count, struct lp_op);
    if (f->after->tensors == NULL || f->after->ops == NULL)
        return lp_no_memory(f->diag);
    memcpy(f->after->tensors, g->tensors, g->tensor_count * sizeof *g->tensors);
    if (g->op_count != 0)
        memcpy(f->after->ops, g->ops, g->op_count * sizeof *g->ops);
    return LP_OK;
}

static void drop_gone(struct lp_fusing *f)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->before->op_count; i++)
        if (!f->is_gone[i])
            f->after->ops[kept++] = f->after->ops[i];
    f->after->op_count = kept;
}

static bool is_pad(const struct lp_op *op)
{
    return op->kind == LP_OP_PAD || op->kind == LP_OP_PADV2;
}

static bool is_start(const struct lp_op *op)
{
    return op->kind == LP_OP_SPACE_TO_BATCH_ND || is_pad(op);
}

lp_status lp_fuse(struct lp_arena *arena, struct lp_diag *diag, struct lp_graph *graph, struct lp_graph **out)
{
    struct lp_fusing f = {.arena = arena, .diag = diag, .before = graph};
    *out = graph;
    bool is_any = false;
    for (uint32_t i = 0; i < graph->op_count; i++)
        is_any = is_any || is_start(&graph->ops[i]);
    if (!is_any)
        return LP_OK;
    lp_status status = find_readers(&f);
    if (status == LP_OK)
        status = copy_graph(&f);
    for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++) {
        struct chain c;
        if (is_pad(&graph->ops[i]))
            status = lp_fuse_padding(&f, (int32_t)i);
        else if (graph->ops[i].kind == LP_OP_SPACE_TO_BATCH_ND && find_chain(&f, (int32_t)i, &c) && is_sound(&f, &c) &&
                 make_window(&f, &c))
            status = apply_chain(&f, &c);
    }
    if (status != LP_OK || !f.is_changed)
        return status;
    drop_gone(&f);
    *out = f.after;
    status = lp_graph_verify(f.after, "fuse", diag);
    return status == LP_OK ? lp_analyze_shapes(f.after, diag) : status;
}
