/* MAX_POOL_2D, AVERAGE_POOL_2D, and MEAN over the map: POOL, a few channels at a time, and ARITH where the scale changes. */
#include "compiler/lower/neural-art/border.h"
#include "compiler/lower/neural-art/weighted.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

enum { FRACTION_BITS = 8, LARGEST_FACTOR = 1 << 15, LARGEST_MEAN = 128, LINK = 3, LONGEST_CHAIN = 13 };

struct pool {
    struct lp_npu_work *w;
    const struct lp_op *op;
    const struct lp_tensor *in, *out;
    struct lp_window window; /* of MEAN the whole map */
    struct lp_npu_map from, to;
    int32_t depth; /* channels of a frame */
    bool is_global;
    int8_t act_min, act_max;
};

static bool is_padded(const struct lp_window *w)
{
    return w->pad_top > 0 || w->pad_left > 0 || w->pad_bottom > 0 || w->pad_right > 0;
}

static struct pool open_pool(struct lp_npu_work *w, const struct lp_op *op, const struct lp_window *window)
{
    struct pool p = {
        .w = w, .op = op, .in = lp_op_input(w->l->graph, op, 0), .out = lp_op_output(w->l->graph, op, 0), .window = *window};
    p.from = lp_npu_map_of(p.in);
    p.to.channels = p.from.channels;
    p.to.height = (p.from.height + window->pad_top + window->pad_bottom - window->kernel_h) / window->stride_h + 1;
    p.to.width = (p.from.width + window->pad_left + window->pad_right - window->kernel_w) / window->stride_w + 1;
    p.depth = w->tail.build != NULL ? w->tail.stream.depth : lp_npu_pool_depth(&p.from);
    /* A convolution unit makes the border of padded windows: it takes shorter lines. */
    if (is_padded(window) && p.depth * p.from.width > LP_NPU_LONGEST_ROW)
        p.depth = 1;
    p.is_global = window->kernel_h == p.from.height && window->kernel_w == p.from.width && p.to.height == 1 && p.to.width == 1;
    lp_activation_range(op->activation, p.out, &p.act_min, &p.act_max);
    return p;
}

bool lp_npu_is_pool(enum lp_op_kind kind)
{
    return kind == LP_OP_MAX_POOL_2D || kind == LP_OP_AVERAGE_POOL_2D || kind == LP_OP_MEAN;
}

static bool is_square(const struct lp_window *w, int32_t kernel, int32_t stride)
{
    return w->kernel_h == kernel && w->kernel_w == kernel && w->stride_h == stride && w->stride_w == stride;
}

/* Averages that the pooling unit was seen to make; others are sums of a convolution unit. */
static bool is_pool_average(const struct lp_window *w, const struct lp_npu_map *map)
{
    bool is_whole = w->kernel_h == map->height && w->kernel_w == map->width;
    return !is_padded(w) && (is_whole || is_square(w, 2, 2));
}

static bool is_chain(const struct lp_window *w)
{
    return w->kernel_h > LINK && w->kernel_h <= LONGEST_CHAIN && w->kernel_h % 2 == 1 && is_square(w, w->kernel_h, 1);
}

static bool is_pool_window(const struct lp_window *w)
{
    return is_square(w, 2, 2) || is_square(w, LINK, 1) || is_square(w, LINK, 2) || is_chain(w);
}

/* Largest values that the pooling unit was seen to take, in lines that it and the convolution unit that makes the border hold. */
static bool is_pool_largest(const struct pool *p)
{
    const struct lp_window *w = &p->window;
    return is_pool_window(w) && p->in->dims[0] == 1 && p->from.width <= (is_padded(w) ? LP_NPU_LONGEST_ROW : LP_NPU_POOL_LINE);
}

/* Frames of one channel behind another unit were never seen in the pooling unit: those go through memory. */
bool lp_npu_pool_can_follow(const struct lp_npu_work *w, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0);
    const struct lp_npu_stream *s = &w->tail.stream;
    bool fits = s->step == 0 && s->depth >= 2 && s->depth <= LP_NPU_POOL_DEPTH && s->depth * s->width <= LP_NPU_POOL_LINE;
    const struct lp_npu_map map = lp_npu_map_of(in);
    if (op->kind != LP_OP_MEAN && is_padded(&op->as.window))
        return false;
    if (op->kind == LP_OP_MAX_POOL_2D && !is_pool_window(&op->as.window))
        return false;
    if (op->kind == LP_OP_AVERAGE_POOL_2D && !is_pool_average(&op->as.window, &map))
        return false;
    struct lp_npu_reduced mean;
    if (op->kind == LP_OP_MEAN &&
        (!lp_npu_reduced_sides(in, lp_op_input(w->l->graph, op, 1), &mean) || !is_pool_average(&mean.window, &mean.map)))
        return false;
    return fits && w->tail.op->outputs[0] == op->inputs[0] && in->dims[0] == 1 && map.height == s->height &&
           map.width == s->width && lp_npu_units_left(w->tail.build, LP_NPU_POOL) > 0 &&
           lp_npu_units_left(w->tail.build, LP_NPU_ARITH) > 0;
}

static lp_status check_average(struct pool *p, struct lp_refusal *no)
{
    struct lp_lowering *l = p->w->l;
    lp_status status = lp_npu_need_int8(p->w, p->op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    return p->from.width <= LP_NPU_POOL_LINE
               ? LP_OK
               : lp_npu_refuse(l, no, LP_NPU_RULE_ROW, lp_arena_printf(l->arena, "%ld columns", (long)p->from.width),
                               "at most 4,095 columns");
}

static struct lp_npu_pool *add_unit(struct lp_npu_build *b, const struct pool *p, enum lp_npu_pool_operation operation)
{
    struct lp_npu_pool *u = lp_npu_pool(b);
    bool is_global = operation == LP_NPU_POOL_GAVG;
    u->operation = (int32_t)operation;
    u->inputX = p->from.width;
    u->inputY = p->from.height;
    u->outputX = is_global ? p->from.width + 1 : p->to.width;
    u->outputY = is_global ? p->from.height + 1 : p->to.height;
    u->poolWinX = is_global ? 0 : p->window.kernel_w;
    u->poolWinY = is_global ? 0 : p->window.kernel_h;
    u->strideX = is_global ? 1 : p->window.stride_w;
    u->strideY = is_global ? 1 : p->window.stride_h;
    u->rightCrop = p->from.width - 1;
    u->bottomCrop = p->from.height - 1;
    u->batchSize = p->depth;
    u->dualLine = 1;
    u->inbytes_f = u->outbytes_f = 1;
    u->rounding_o = u->saturation_o = u->round_mode_o = 1;
    u->outbytes_o = 1;
    return u;
}

/* The map with a border of the smallest value, which is never the largest of a window. */
static struct lp_npu_stream feed_padded(struct pool *p, struct lp_npu_build *b)
{
    const struct lp_window *w = &p->window;
    const struct lp_npu_border border = {w->pad_top, w->pad_bottom, w->pad_left, w->pad_right, INT8_MIN};
    struct lp_npu_map padded = p->from;
    struct lp_npu_stream stream = lp_npu_feed_bordered(p->w, b, p->op, &p->from, &border, p->depth);
    padded.width = stream.width;
    padded.height = stream.height;
    p->from = padded;
    return stream;
}

/* Memory or the open tail. */
static lp_status open_stream(struct pool *p, struct lp_npu_build **b, struct lp_npu_stream *in)
{
    if (p->w->tail.build != NULL) {
        *b = lp_npu_take_tail(p->w, in);
        return LP_OK;
    }
    lp_status status = lp_npu_begin(p->w->l, p->op, b);
    if (status == LP_OK)
        *in = is_padded(&p->window) ? feed_padded(p, *b) : lp_npu_feed(*b, p->op->inputs[0], &p->from, p->depth);
    return status;
}

static struct lp_npu_stream behind_unit(struct lp_npu_build *b, const struct pool *p, struct lp_npu_pool *unit,
                                        const struct lp_npu_stream *in)
{
    lp_npu_route(b, in->port, lp_npu_port(LP_NPU_POOL, unit, 0));
    return (struct lp_npu_stream){.port = lp_npu_port(LP_NPU_POOL, unit, 0),
                                  .width = p->to.width,
                                  .height = p->to.height,
                                  .depth = p->depth,
                                  .frames = in->frames};
}

static bool is_clamped(const struct pool *p)
{
    return p->act_min > INT8_MIN || p->act_max < INT8_MAX;
}

/* Results of `bytes` with fraction_bits behind the point, brought to the output's scale. */
static lp_status finish_scaled(struct pool *p, struct lp_npu_build *b, struct lp_npu_stream stream, int32_t bytes,
                               const struct lp_npu_requant *q)
{
    stream = lp_npu_add_requant(b, p->op, &stream, bytes, q, p->act_min, p->act_max);
    return lp_npu_result(p->w, b, p->op, &stream);
}

static struct lp_npu_requant *requant_of(const struct pool *p, int32_t fraction_bits)
{
    double factor = (double)p->in->quant.scale[0] / (double)p->out->quant.scale[0];
    return lp_npu_one_requant(p->w, ldexp(factor, -fraction_bits),
                              p->out->quant.zero_point[0] - factor * p->in->quant.zero_point[0],
                              (int64_t)LARGEST_MEAN << fraction_bits);
}

/* What a unit leaves, stored whole, as the source of another epoch. */
static lp_status through_memory(const struct pool *p, struct lp_npu_build **b, struct lp_npu_stream *stream)
{
    struct lp_lowering *l = p->w->l;
    const struct lp_npu_map map = {stream->width, stream->height, p->from.channels};
    uint32_t block = 0;
    lp_status status = lp_lower_temporary(l, (uint32_t)(map.width * map.height * map.channels), 4, &block);
    if (status != LP_OK)
        return status;
    const struct lp_npu_target target = {
        .memory = lp_npu_block(*b, block, true), .channels = map.channels, .map_width = map.width, .step_y = 1, .step_x = 1};
    lp_npu_store(*b, stream, &target);
    status = lp_npu_end(*b, p->op, 0);
    if (status == LP_OK)
        status = lp_npu_begin(l, p->op, b);
    if (status == LP_OK)
        *stream = lp_npu_feed_memory(*b, lp_npu_block(*b, block, false), &map, stream->depth);
    return status;
}

/* A large window of step 1 as a chain of 3x3 units: as many as an epoch has, then through memory to the next ones. */
static lp_status add_chain(const struct pool *p, struct lp_npu_build **b, struct lp_npu_stream *stream)
{
    lp_status status = LP_OK;
    for (int32_t left = p->window.kernel_h; left > 1 && status == LP_OK; left -= LINK - 1) {
        struct pool link = *p;
        if (lp_npu_units_left(*b, LP_NPU_POOL) == 0)
            status = through_memory(p, b, stream);
        if (status != LP_OK)
            break;
        link.from.width = stream->width;
        link.from.height = stream->height;
        link.to.width = stream->width - LINK + 1;
        link.to.height = stream->height - LINK + 1;
        link.window = (struct lp_window){.kernel_h = LINK, .kernel_w = LINK, .stride_h = 1, .stride_w = 1};
        struct lp_npu_pool *unit = add_unit(*b, &link, LP_NPU_POOL_MAX);
        *stream = behind_unit(*b, &link, unit, stream);
    }
    return status;
}

lp_status lp_npu_lower_max_pool(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    struct pool p = open_pool(w, op, &op->as.window);
    struct lp_npu_build *b = NULL;
    struct lp_npu_stream stream;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (!is_pool_largest(&p))
        return lp_npu_lower_largest(w, op, no);
    status = open_stream(&p, &b, &stream);
    if (status != LP_OK)
        return status;
    if (is_chain(&p.window))
        status = add_chain(&p, &b, &stream);
    else
        stream = behind_unit(b, &p, add_unit(b, &p, LP_NPU_POOL_MAX), &stream);
    if (status != LP_OK || !is_clamped(&p))
        return status != LP_OK ? status : lp_npu_result(w, b, op, &stream);
    struct lp_npu_requant *q = requant_of(&p, 0);
    return q == NULL ? lp_no_memory(w->l->diag) : finish_scaled(&p, b, stream, 1, q);
}

/* mulval / 2^shift is 2^fraction_bits / positions, mulval with 15 bits and never too large: the smallest mean, -128, fills 16
 * bits to the last value. */
static void set_average(struct lp_npu_pool *u, int64_t positions, int32_t fraction_bits)
{
    u->shift_o = 0;
    while (floor(ldexp(1.0 / (double)positions, u->shift_o + 1 + fraction_bits)) < LARGEST_FACTOR)
        u->shift_o++;
    u->mulval = (int32_t)floor(ldexp(1.0 / (double)positions, u->shift_o + fraction_bits));
}

static lp_status lower_average(struct pool *p, struct lp_refusal *no)
{
    struct lp_npu_build *b = NULL;
    struct lp_npu_pool *unit = NULL;
    struct lp_npu_stream stream;
    bool is_plain = !is_clamped(p) && lp_tensors_same_quant(p->in, p->out);
    double ratio = (double)p->in->quant.scale[0] / (double)p->out->quant.scale[0];
    lp_status status = check_average(p, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    struct lp_npu_requant *q = requant_of(p, FRACTION_BITS);
    if (q == NULL)
        return lp_no_memory(p->w->l->diag);
    /* The factor is cut to 15 bits, and with a scale behind it the mean to 8 bits behind the point. */
    double of_mean = 2.0 * LARGEST_MEAN / LARGEST_FACTOR + (is_plain ? 0 : ldexp(0.5, -FRACTION_BITS));
    status = lp_npu_need_precision(p->w, is_plain ? of_mean : q->deviation + of_mean * ratio, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    status = open_stream(p, &b, &stream);
    if (status != LP_OK)
        return status;
    unit = add_unit(b, p, p->is_global ? LP_NPU_POOL_GAVG : LP_NPU_POOL_AVG);
    stream = behind_unit(b, p, unit, &stream);
    set_average(unit, (int64_t)p->window.kernel_h * p->window.kernel_w, is_plain ? 0 : FRACTION_BITS);
    unit->outbytes_o = is_plain ? 1 : 2;
    return is_plain ? lp_npu_result(p->w, b, p->op, &stream) : finish_scaled(p, b, stream, 2, q);
}

lp_status lp_npu_lower_average_pool(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0);
    const struct lp_npu_map map = lp_npu_map_of(in);
    if (!is_pool_average(&op->as.window, &map) || in->dims[0] != 1) {
        const struct lp_npu_reduced sums = {{in->dims[2], in->dims[1], in->dims[3]}, in->dims[0], op->as.window};
        lp_status status = lp_npu_need_int8(w, op, no);
        return status == LP_OK && no->rule == NULL ? lp_npu_lower_average_sums(w, op, &sums, no) : status;
    }
    struct pool p = open_pool(w, op, &op->as.window);
    return lower_average(&p, no);
}

lp_status lp_npu_lower_mean(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0);
    struct lp_npu_reduced sums;
    if (!lp_npu_reduced_sides(in, lp_op_input(w->l->graph, op, 1), &sums))
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_REDUCED_AXES, "other axes", "the height, the width, or both of a map");
    if (!is_pool_average(&sums.window, &sums.map) || sums.batches != 1) {
        lp_status status = lp_npu_need_int8(w, op, no);
        return status == LP_OK && no->rule == NULL ? lp_npu_lower_average_sums(w, op, &sums, no) : status;
    }
    struct pool p = open_pool(w, op, &sums.window);
    return lower_average(&p, no);
}
