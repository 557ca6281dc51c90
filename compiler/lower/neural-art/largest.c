/* The largest or smallest value of windows that the pooling unit was not seen to take, and of whole lines and columns: windows
 * along one side grow up to three times an epoch, as the larger of a map and the same map some places on; then those along the
 * other side. */
#include "compiler/lower/neural-art/border.h"
#include "compiler/lower/neural-art/choice.h"
#include "compiler/semantics/semantics.h"

enum { MOST_TAPS = 3, MOST_STAGES = 32 };

/* A map in memory. */
struct source {
    bool is_block;
    uint32_t block;
    int32_t tensor;
    int64_t start_bytes;
    struct lp_npu_map map;
};

/* One epoch: results [out_h][out_w], each from `taps` values along one side. */
struct stage {
    bool is_vertical;
    int32_t taps, offset[MOST_TAPS];
    int32_t step, out_h, out_w;
};

struct sliding {
    struct lp_npu_work *w;
    const struct lp_op *op;
    struct lp_window window;    /* of reductions the whole side */
    struct lp_npu_map from, to; /* of one batch */
    int32_t batches;
    bool is_larger;
    int8_t act_min, act_max;
    struct stage stages[MOST_STAGES];
    int32_t stage_count;
};

/* ---- which epochs ---- */

static void plan_side(struct sliding *k, bool is_vertical, struct lp_npu_map *map)
{
    const struct lp_window *w = &k->window;
    int32_t kernel = is_vertical ? w->kernel_h : w->kernel_w, step = is_vertical ? w->stride_h : w->stride_w;
    int32_t *side = is_vertical ? &map->height : &map->width, out = is_vertical ? k->to.height : k->to.width;
    int32_t whole = *side;
    for (int32_t have = 1, next = 0; next != kernel && (kernel > 1 || step > 1); have = next) {
        next = have > kernel / MOST_TAPS ? kernel : MOST_TAPS * have;
        bool is_last = next == kernel;
        struct stage *s = &k->stages[k->stage_count++];
        *side = is_last ? out : whole - next + 1;
        *s = (struct stage){is_vertical, next > 2 * have ? 3 : next > have ? 2 : 1, {0}, is_last ? step : 1, map->height,
                            map->width};
        s->offset[1] = s->taps == MOST_TAPS ? have : next - have;
        s->offset[2] = next - have;
    }
}

static void plan(struct sliding *k)
{
    struct lp_npu_map map = k->from;
    map.width += k->window.pad_left + k->window.pad_right;
    map.height += k->window.pad_top + k->window.pad_bottom;
    plan_side(k, false, &map);
    plan_side(k, true, &map);
    if (k->stage_count == 0) /* windows of one element */
        k->stages[k->stage_count++] = (struct stage){false, 1, {0}, 1, k->to.height, k->to.width};
}

/* ---- epochs ---- */

static struct lp_npu_memory memory_of(struct lp_npu_build *b, const struct source *s)
{
    return s->is_block ? lp_npu_block(b, s->block, false) : lp_npu_read_tensor(b, s->tensor);
}

/* The map from the stage's tap `t` on. */
static struct lp_npu_stream feed(struct lp_npu_build *b, const struct source *from, const struct stage *s, int32_t t)
{
    const struct lp_npu_map *m = &from->map;
    int64_t pixels = (int64_t)s->offset[t] * (s->is_vertical ? m->width : 1);
    struct lp_npu_streng *in = lp_npu_engine(b, 0, memory_of(b, from), (uint32_t)(from->start_bytes + pixels * m->channels));
    in->fwidth = (uint32_t)s->out_w;
    in->fheight = (uint32_t)s->out_h;
    in->batch_depth = (uint32_t)m->channels;
    in->batch_offset = (uint32_t)((s->is_vertical ? 1 : s->step) * m->channels);
    in->line_offset = (uint32_t)((s->is_vertical ? s->step : 1) * m->width * m->channels);
    in->frame_tot_cnt = 1;
    lp_npu_busy(b, (int64_t)s->out_h * s->out_w * m->channels);
    return (struct lp_npu_stream){
        .port = lp_npu_port(LP_NPU_STRENG, in, 0), .width = s->out_w, .height = s->out_h, .depth = m->channels, .frames = 1};
}

static struct lp_npu_target whole_target(struct lp_npu_memory memory, const struct lp_npu_map *map)
{
    return (struct lp_npu_target){.memory = memory, .channels = map->channels, .map_width = map->width, .step_y = 1, .step_x = 1};
}

static lp_status new_block(struct sliding *k, const struct lp_npu_map *map, struct source *out)
{
    *out = (struct source){.is_block = true, .map = *map};
    return lp_lower_temporary(k->w->l, (uint32_t)(map->width * map->height * map->channels), 4, &out->block);
}

/* The map inside a larger one, whose border never is the largest (or smallest) value. */
static lp_status add_border(struct sliding *k, struct source *from)
{
    const struct lp_window *w = &k->window;
    const struct lp_npu_border border = {w->pad_top, w->pad_bottom, w->pad_left, w->pad_right,
                                         k->is_larger ? INT8_MIN : INT8_MAX};
    const struct lp_npu_map in = from->map;
    const struct lp_npu_map map = {in.width + w->pad_left + w->pad_right, in.height + w->pad_top + w->pad_bottom, in.channels};
    const struct stage whole = {false, 1, {0}, 1, in.height, in.width};
    struct source to;
    struct lp_npu_build *b = NULL;
    lp_status status = new_block(k, &map, &to);
    if (status == LP_OK)
        status = lp_npu_begin(k->w->l, k->op, &b);
    if (status != LP_OK)
        return status;
    const struct lp_npu_stream stream = feed(b, from, &whole, 0);
    const struct lp_npu_target target = whole_target(lp_npu_block(b, to.block, true), &map);
    lp_npu_surround(b, k->op, &stream, &target, &border);
    *from = to;
    return lp_npu_end(b, k->op, 0);
}

/* The stage's results as a stream. */
static lp_status add_stage(struct sliding *k, struct lp_npu_build *b, const struct source *from, const struct stage *s,
                           bool is_last, struct lp_npu_stream *out)
{
    struct lp_npu_stream stream = feed(b, from, s, 0);
    for (int32_t t = 1; t < s->taps; t++) {
        const struct lp_npu_port y[2] = {feed(b, from, s, t).port, feed(b, from, s, t).port};
        bool clamps = is_last && t + 1 == s->taps;
        stream = lp_npu_add_choice(b, &stream, y, k->is_larger, clamps ? k->act_min : INT8_MIN, clamps ? k->act_max : INT8_MAX);
    }
    if (s->taps == 1 && is_last && (k->act_min > INT8_MIN || k->act_max < INT8_MAX)) {
        const struct lp_npu_requant *q = lp_npu_one_requant(k->w, 1.0, 0, -(int64_t)INT8_MIN);
        if (q == NULL)
            return lp_no_memory(k->w->l->diag);
        stream = lp_npu_add_requant(b, k->op, &stream, 1, q, k->act_min, k->act_max);
    }
    *out = stream;
    return LP_OK;
}

static lp_status store_last(struct sliding *k, struct lp_npu_build *b, int32_t batch, const struct lp_npu_stream *stream)
{
    if (k->batches == 1)
        return lp_npu_result(k->w, b, k->op, stream);
    struct lp_npu_target target = lp_npu_target_of(k->w, b, k->op->outputs[0]);
    target.map_width = k->to.width;
    target.before_bytes += (int64_t)batch * k->to.height * k->to.width * target.channels;
    lp_npu_store(b, stream, &target);
    return lp_npu_end(b, k->op, 0);
}

static lp_status lower_batch(struct sliding *k, int32_t batch)
{
    const struct lp_npu_map *m = &k->from;
    const struct lp_window *w = &k->window;
    struct source from = {.tensor = k->op->inputs[0], .map = *m};
    from.start_bytes = (int64_t)batch * m->height * m->width * m->channels;
    bool is_padded = w->pad_top > 0 || w->pad_left > 0 || w->pad_bottom > 0 || w->pad_right > 0;
    lp_status status = is_padded ? add_border(k, &from) : LP_OK;
    for (int32_t i = 0; i < k->stage_count && status == LP_OK; i++) {
        const struct stage *s = &k->stages[i];
        bool is_last = i + 1 == k->stage_count;
        struct lp_npu_build *b = NULL;
        struct lp_npu_stream stream;
        struct source to = {.map = {s->out_w, s->out_h, m->channels}};
        status = lp_npu_begin(k->w->l, k->op, &b);
        if (status == LP_OK)
            status = add_stage(k, b, &from, s, is_last, &stream);
        if (status == LP_OK && is_last)
            return store_last(k, b, batch, &stream);
        if (status == LP_OK)
            status = new_block(k, &to.map, &to);
        if (status != LP_OK)
            return status;
        const struct lp_npu_target target = whole_target(lp_npu_block(b, to.block, true), &to.map);
        lp_npu_store(b, &stream, &target);
        status = lp_npu_end(b, k->op, 0);
        from = to;
    }
    return status;
}

/* Of the map with its border. */
static int32_t longest_side(const struct sliding *k)
{
    int32_t width = k->from.width + k->window.pad_left + k->window.pad_right;
    int32_t height = k->from.height + k->window.pad_top + k->window.pad_bottom;
    return width > height ? width : height;
}

static lp_status lower(struct sliding *k, struct lp_refusal *no)
{
    struct lp_lowering *l = k->w->l;
    if (longest_side(k) > UINT16_MAX)
        return lp_npu_refuse(l, no, LP_NPU_RULE_MAP, lp_arena_printf(l->arena, "%ld with its border", (long)longest_side(k)),
                             "VALID padding");
    plan(k);
    int64_t epochs = (int64_t)k->batches * (k->stage_count + 1);
    if (epochs > LP_NPU_MOST_EPOCHS)
        return lp_npu_refuse(l, no, LP_NPU_RULE_TILES, lp_arena_printf(l->arena, "%lld epochs", (long long)epochs),
                             "a smaller batch");
    l->program->deviation[k->op - l->graph->ops] = 0;
    lp_status status = LP_OK;
    for (int32_t n = 0; n < k->batches && status == LP_OK; n++)
        status = lower_batch(k, n);
    return status;
}

lp_status lp_npu_lower_largest(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0), *out = lp_op_output(w->l->graph, op, 0);
    struct sliding k = {.w = w, .op = op, .window = op->as.window, .is_larger = true, .batches = in->dims[0]};
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    k.from = (struct lp_npu_map){in->dims[2], in->dims[1], in->dims[3]};
    k.to = (struct lp_npu_map){out->dims[2], out->dims[1], out->dims[3]};
    lp_activation_range(op->activation, out, &k.act_min, &k.act_max);
    return lower(&k, no);
}

lp_status lp_npu_lower_reduce_largest(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0);
    struct lp_npu_reduced sides;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (!lp_npu_reduced_sides(in, lp_op_input(w->l->graph, op, 1), &sides))
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_REDUCED_AXES, "other axes", "the height, the width, or both of a map");
    struct sliding k = {
        .w = w,
        .op = op,
        .is_larger = op->kind == LP_OP_REDUCE_MAX,
        .act_min = INT8_MIN,
        .act_max = INT8_MAX,
        .batches = sides.batches,
        .from = sides.map,
        .to = {sides.map.width / sides.window.kernel_w, sides.map.height / sides.window.kernel_h, sides.map.channels},
        .window = sides.window};
    return lower(&k, no);
}
