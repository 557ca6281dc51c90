#include "compiler/analyze/fold.h"

#include "compiler/semantics/semantics.h"

#include <string.h>

int64_t lp_fold_number(const struct lp_tensor *tensor, int64_t i)
{
    return tensor->element == LP_ELEMENT_INT32 ? ((const int32_t *)tensor->data)[i] : ((const int64_t *)tensor->data)[i];
}

lp_status lp_fold_put(const struct lp_shape_work *w, void *data, int64_t i, int64_t number)
{
    if (lp_op_output(w->graph, w->op, 0)->element == LP_ELEMENT_INT64) {
        ((int64_t *)data)[i] = number;
        return LP_OK;
    }
    if (number < INT32_MIN || number > INT32_MAX)
        return lp_shape_error(w, LP_BAD_INPUT, "element %lld of its result is %lld, which does not fit 32 bits", (long long)i,
                              (long long)number);
    ((int32_t *)data)[i] = (int32_t)number;
    return LP_OK;
}

static bool is_index(const struct lp_tensor *tensor)
{
    return tensor->element == LP_ELEMENT_INT32 || tensor->element == LP_ELEMENT_INT64;
}

static lp_status need_index_output(const struct lp_shape_work *w)
{
    const struct lp_tensor *out = lp_op_output(w->graph, w->op, 0);
    if (out == NULL || is_index(out))
        return LP_OK;
    return lp_shape_error(w, LP_UNSUPPORTED, "its output is %s; int32 and int64 are supported", lp_element_name(out->element));
}

lp_status lp_shape_shape(struct lp_shape_work *w)
{
    const struct lp_shape out = {.rank = 1, .dims = {lp_op_input(w->graph, w->op, 0)->rank}};
    lp_status status = need_index_output(w);
    return status == LP_OK ? lp_shape_set(w, 0, &out) : status;
}

static lp_status fold_shape(struct lp_shape_work *w, void *data)
{
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    lp_status status = LP_OK;
    for (uint32_t d = 0; d < in->rank && status == LP_OK; d++)
        status = lp_fold_put(w, data, d, in->dims[d]);
    return status;
}

struct range {
    int64_t start, limit, step;
};

static lp_status read_range(struct lp_shape_work *w, struct range *r)
{
    int64_t *const ends[3] = {&r->start, &r->limit, &r->step};
    static const char *const names[3] = {"its start", "its limit", "its step"};
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < 3 && status == LP_OK; i++) {
        uint32_t count = 0;
        status = lp_shape_constant(w, i, names[i], ends[i], 1, &count);
        /* Far from the ends of int64, so that differences exist. */
        if (status == LP_OK && (*ends[i] < INT32_MIN || *ends[i] > INT32_MAX))
            status = lp_shape_error(w, LP_UNSUPPORTED, "%s is %lld; numbers of 32 bits are supported", names[i],
                                    (long long)*ends[i]);
    }
    if (status == LP_OK && r->step == 0)
        status = lp_shape_error(w, LP_BAD_INPUT, "its step is 0; any other number is allowed");
    return status;
}

lp_status lp_shape_range(struct lp_shape_work *w)
{
    struct range r = {0, 0, 1};
    lp_status status = need_index_output(w);
    if (status == LP_OK)
        status = read_range(w, &r);
    if (status != LP_OK)
        return status;
    int64_t span = r.step > 0 ? r.limit - r.start : r.start - r.limit;
    int64_t step = r.step > 0 ? r.step : -r.step;
    const struct lp_shape out = {.rank = 1, .dims = {span <= 0 ? 0 : (span + step - 1) / step}};
    return lp_shape_set(w, 0, &out);
}

static lp_status fold_range(struct lp_shape_work *w, void *data)
{
    struct range r = {0, 0, 1};
    lp_status status = read_range(w, &r);
    for (int64_t i = 0; i < lp_op_output(w->graph, w->op, 0)->dims[0] && status == LP_OK; i++)
        status = lp_fold_put(w, data, i, r.start + i * r.step);
    return status;
}

static lp_status fold_same_bytes(struct lp_shape_work *w, void *data)
{
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    memcpy(data, in->data, (size_t)lp_tensor_bytes(in));
    return LP_OK;
}

/* Between int32 and int64; other types have a kernel. */
static lp_status fold_cast(struct lp_shape_work *w, void *data)
{
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    lp_status status = LP_OK;
    for (int64_t i = 0; i < lp_tensor_elements(in) && status == LP_OK; i++)
        status = lp_fold_put(w, data, i, lp_fold_number(in, i));
    return status;
}

static lp_status fold_gather(struct lp_shape_work *w, void *data)
{
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    struct lp_gather p;
    uint8_t *to = data;
    lp_status status = lp_gather_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK)
        return status;
    const int32_t *indices = lp_op_input(w->graph, w->op, 1)->data;
    for (int32_t row = 0; row < p.batches * p.outer; row++)
        for (int32_t i = 0; i < p.count; i++, to += p.run_bytes) {
            int32_t index = indices[row / p.outer * p.count + i];
            memcpy(to, (const uint8_t *)in->data + ((size_t)row * (size_t)p.axis + (size_t)index) * p.run_bytes, p.run_bytes);
        }
    return LP_OK;
}

struct copying {
    const uint8_t *from;
    uint8_t *to;
    size_t element_bytes;
};

static void copy_element(void *user, int64_t in, int64_t out)
{
    const struct copying *c = user;
    memcpy(c->to + (size_t)out * c->element_bytes, c->from + (size_t)in * c->element_bytes, c->element_bytes);
}

static lp_status fold_move(struct lp_shape_work *w, uint32_t part, void *data, uint32_t *output)
{
    struct lp_move_part p;
    lp_status status = lp_move_part_of(w->graph, w->op, part, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, p.input);
    struct copying c = {in->data, data, lp_element_bytes(in->element)};
    lp_move_walk(&p, copy_element, &c);
    *output = p.output;
    return LP_OK;
}

typedef lp_status fold_rule(struct lp_shape_work *w, void *data);

static fold_rule *rule_of(const struct lp_shape_work *w)
{
    switch (w->op->kind) {
    case LP_OP_SHAPE: return fold_shape;
    case LP_OP_RANGE: return fold_range;
    case LP_OP_GATHER: return lp_op_input(w->graph, w->op, 1)->element == LP_ELEMENT_INT32 ? fold_gather : NULL;
    case LP_OP_EXPAND_DIMS:
    case LP_OP_RESHAPE:
    case LP_OP_SQUEEZE: return fold_same_bytes;
    case LP_OP_CAST:
        return is_index(lp_op_input(w->graph, w->op, 0)) && is_index(lp_op_output(w->graph, w->op, 0)) ? fold_cast : NULL;
    default: return lp_fold_is_arithmetic(w->op->kind) && is_index(lp_op_output(w->graph, w->op, 0)) ? lp_fold_arithmetic : NULL;
    }
}

static bool must_be_folded(enum lp_op_kind kind)
{
    return kind == LP_OP_SHAPE || kind == LP_OP_RANGE;
}

/* Of SHAPE nothing but the shape counts. A result of the graph has to be computed by something. */
static bool is_known(const struct lp_shape_work *w)
{
    const struct lp_graph *g = w->graph;
    for (uint32_t i = 0; i < w->op->input_count && w->op->kind != LP_OP_SHAPE; i++) {
        const struct lp_tensor *in = lp_op_input(g, w->op, i);
        if (in != NULL && in->data == NULL)
            return false;
    }
    for (uint32_t i = 0; i < g->output_count; i++)
        for (uint32_t k = 0; k < w->op->output_count; k++)
            if (g->outputs[i] == w->op->outputs[k] && !must_be_folded(w->op->kind))
                return false;
    return true;
}

static lp_status take_room(struct lp_shape_work *w, int64_t *room, bool *fits)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < w->op->output_count; i++)
        bytes += lp_tensor_bytes(lp_op_output(w->graph, w->op, i));
    *fits = bytes <= LP_FOLD_MOST_BYTES && bytes <= *room;
    if (*fits)
        *room -= bytes;
    else if (must_be_folded(w->op->kind))
        return lp_shape_error(w, LP_UNSUPPORTED,
                              "its result has %lld bytes; at most %d of one operator, and %d of all, can be computed at compile "
                              "time",
                              (long long)bytes, LP_FOLD_MOST_BYTES, LP_FOLD_ALL_BYTES);
    return LP_OK;
}

static lp_status fold_outputs(struct lp_shape_work *w, fold_rule *rule)
{
    void *data[UINT8_MAX];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < w->op->output_count; i++) {
        const struct lp_tensor *out = lp_op_output(w->graph, w->op, i);
        data[i] = lp_arena_alloc(w->graph->arena, (size_t)lp_tensor_elements(out), lp_element_bytes(out->element));
        if (data[i] == NULL)
            return lp_no_memory(w->diag);
    }
    if (rule != NULL)
        status = rule(w, data[0]);
    for (uint32_t i = 0; i < lp_move_part_count(w->op) && rule == NULL && status == LP_OK; i++) {
        bool is_joined = w->op->output_count == 1;
        uint32_t output = 0;
        status = fold_move(w, i, data[is_joined ? 0 : i], &output);
    }
    for (uint32_t i = 0; i < w->op->output_count && status == LP_OK; i++)
        lp_op_output(w->graph, w->op, i)->data = data[i];
    return status;
}

lp_status lp_fold(struct lp_shape_work *w, int64_t *room, bool *is_folded)
{
    fold_rule *rule = rule_of(w);
    *is_folded = false;
    if ((rule == NULL && !lp_op_moves(w->op->kind)) || !is_known(w))
        return LP_OK;
    lp_status status = take_room(w, room, is_folded);
    return status == LP_OK && *is_folded ? fold_outputs(w, rule) : status;
}
