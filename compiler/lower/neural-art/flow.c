#include "compiler/lower/neural-art/flow.h"

#include <stddef.h>

enum { MOST_COUNT = UINT16_MAX }; /* lines, pixels and channels that an engine counts */

struct lp_npu_map lp_npu_map_of(const struct lp_tensor *t)
{
    struct lp_npu_map map = {1, 1, t->rank == 0 ? 1 : t->dims[t->rank - 1]};
    if (t->rank >= 2)
        map.width = t->dims[t->rank - 2];
    map.height = (int32_t)(lp_tensor_elements(t) / ((int64_t)map.width * map.channels));
    return map;
}

struct lp_npu_stream lp_npu_feed(struct lp_npu_build *b, int32_t tensor, const struct lp_npu_map *map, int32_t depth)
{
    return lp_npu_feed_memory(b, lp_npu_read_tensor(b, tensor), map, depth);
}

struct lp_npu_stream lp_npu_feed_memory(struct lp_npu_build *b, struct lp_npu_memory memory, const struct lp_npu_map *map,
                                        int32_t depth)
{
    struct lp_npu_streng *s = lp_npu_engine(b, 0, memory, 0);
    struct lp_npu_stream stream = {.port = lp_npu_port(LP_NPU_STRENG, s, 0),
                                   .width = map->width,
                                   .height = map->height,
                                   .depth = depth,
                                   .frames = map->channels / depth};
    s->fwidth = (uint32_t)map->width;
    s->fheight = (uint32_t)map->height;
    s->batch_depth = (uint32_t)depth;
    s->batch_offset = (uint32_t)map->channels;
    s->line_offset = (uint32_t)(map->width * map->channels);
    s->frame_offset = (uint32_t)depth;
    s->frame_tot_cnt = (uint32_t)stream.frames;
    lp_npu_busy(b, (int64_t)map->width * map->height * map->channels);
    return stream;
}

lp_status lp_npu_result(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *stream)
{
    const struct lp_npu_map map = lp_npu_map_of(lp_op_output(w->l->graph, op, 0));
    lp_npu_busy(b, (int64_t)map.width * map.height * map.channels);
    return lp_npu_leave_open(w, (struct lp_npu_tail){.build = b, .op = op, .stream = *stream, .channels = map.channels});
}

lp_status lp_npu_need_element(struct lp_npu_work *w, const struct lp_tensor *tensor, enum lp_element element,
                              struct lp_refusal *no)
{
    const struct lp_npu_map map = lp_npu_map_of(tensor);
    int32_t most = map.width > map.height ? map.width : map.height;
    most = map.channels > most ? map.channels : most;
    if (tensor->element != element)
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_TYPE, lp_element_name(tensor->element), "a model with int8 activations");
    return most <= MOST_COUNT ? LP_OK
                              : lp_npu_refuse(w->l, no, LP_NPU_RULE_MAP, lp_arena_printf(w->l->arena, "%ld", (long)most),
                                              "the same elements in another shape");
}

lp_status lp_npu_need_int8(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    lp_status status = lp_npu_need_element(w, lp_op_input(w->l->graph, op, 0), LP_ELEMENT_INT8, no);
    return status != LP_OK || no->rule != NULL ? status
                                               : lp_npu_need_element(w, lp_op_output(w->l->graph, op, 0), LP_ELEMENT_INT8, no);
}

bool lp_npu_follows(const struct lp_npu_work *w, const struct lp_op *op)
{
    return w->tail.op->outputs[0] == op->inputs[0];
}

bool lp_npu_reduced_sides(const struct lp_tensor *in, const struct lp_tensor *axes, struct lp_npu_reduced *out)
{
    enum { CHANNELS = 1, COLUMNS, LINES }; /* dimensions from the end */
    *out = (struct lp_npu_reduced){.map = lp_npu_map_of(in),
                                   .window = {.stride_h = 1, .stride_w = 1, .kernel_h = 1, .kernel_w = 1}};
    out->map.height = in->rank < LINES ? 1 : in->dims[in->rank - LINES];
    out->batches = (int32_t)(lp_tensor_elements(in) / ((int64_t)out->map.width * out->map.height * out->map.channels));
    if (axes->data == NULL || axes->element != LP_ELEMENT_INT32)
        return false;
    for (int64_t i = 0; i < lp_tensor_elements(axes); i++) {
        int32_t axis = ((const int32_t *)axes->data)[i], from_end = axis < 0 ? -axis : in->rank - axis;
        if (from_end <= CHANNELS || from_end > in->rank || (from_end > LINES && in->dims[in->rank - from_end] != 1))
            return false;
        if (from_end == COLUMNS)
            out->window.kernel_w = out->map.width;
        if (from_end == LINES)
            out->window.kernel_h = out->map.height;
    }
    return true;
}

int32_t lp_npu_pool_depth(const struct lp_npu_map *map)
{
    static const int32_t sizes[] = {LP_NPU_POOL_DEPTH, 7, 4, 2};
    for (size_t i = 0; i < LP_COUNT(sizes); i++)
        if (map->channels % sizes[i] == 0 && sizes[i] * map->width <= LP_NPU_POOL_LINE)
            return sizes[i];
    return 1;
}

lp_status lp_npu_open(struct lp_npu_work *w, const struct lp_op *op, int32_t tensor, struct lp_npu_build **b,
                      struct lp_npu_stream *stream)
{
    if (w->tail.build != NULL) {
        *b = lp_npu_take_tail(w, stream);
        return LP_OK;
    }
    lp_status status = lp_npu_begin(w->l, op, b);
    if (status != LP_OK)
        return status;
    const struct lp_npu_map map = lp_npu_map_of(lp_op_output(w->l->graph, op, 0));
    const struct lp_op *next = lp_npu_sole_reader(w, op->outputs[0]);
    *stream = lp_npu_feed(*b, tensor, &map, next != NULL && lp_npu_is_pool(next->kind) ? lp_npu_pool_depth(&map) : map.channels);
    return LP_OK;
}

lp_status lp_npu_need_precision(struct lp_npu_work *w, double deviation, struct lp_refusal *no)
{
    w->l->program->deviation[w->op - w->l->graph->ops] = deviation;
    return deviation < 1.0
               ? LP_OK
               : lp_npu_refuse(w->l, no, LP_NPU_RULE_DEVIATION, lp_arena_printf(w->l->arena, "up to %.1f more", deviation),
                               "scales of inputs and output that differ less");
}

struct lp_npu_requant *lp_npu_one_requant(struct lp_npu_work *w, double factor, double offset, int64_t most)
{
    const struct lp_npu_channel channel = {-most, most, factor, offset, 0};
    const struct lp_npu_sums sums = {.offset_bits = 32};
    struct lp_npu_requant *q = LP_NEW(w->l->arena, struct lp_npu_requant);
    return q == NULL || !lp_npu_requant(w->l->arena, &channel, 1, &sums, q) ? NULL : q;
}
