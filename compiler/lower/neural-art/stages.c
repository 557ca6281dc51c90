/* Stages that several operators end with. */
#include "compiler/lower/neural-art/flow.h"

#include <stddef.h>

enum { LARGEST_VALUE = 128 };

void lp_npu_store(struct lp_npu_build *b, const struct lp_npu_stream *stream, const struct lp_npu_target *t)
{
    uint32_t line_bytes = (uint32_t)t->map_width * (uint32_t)t->channels;
    uint32_t start = (uint32_t)t->before_bytes + (uint32_t)t->y * line_bytes + (uint32_t)(t->x * t->channels + t->first_channel);
    struct lp_npu_streng *s = lp_npu_engine(b, 1, t->memory, start);
    s->fwidth = (uint32_t)stream->width;
    s->fheight = (uint32_t)stream->height;
    s->batch_depth = (uint32_t)stream->depth;
    s->batch_offset = (uint32_t)(t->step_x * t->channels);
    s->line_offset = (uint32_t)t->step_y * line_bytes;
    s->frame_offset = (uint32_t)(stream->step != 0 ? stream->step : stream->depth);
    s->frame_tot_cnt = (uint32_t)stream->frames;
    lp_npu_route(b, stream->port, lp_npu_port(LP_NPU_STRENG, s, 0));
}

/* One entry when all are alike, else a table in the weights. */
static void set_coefficients(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_requant *q,
                             struct lp_npu_arith *a)
{
    struct lp_item item = {.layer = (int32_t)op->source_index, .count = q->count};
    a->scalar = q->same_factor && q->same_offset;
    a->A_scalar = q->factor[0];
    a->B_scalar = q->offset[0] >> 16;
    a->C_scalar = (int16_t)(q->offset[0] & 0xffff);
    if (!q->same_factor) {
        item.cause = LP_CAUSE_SCALE_VECTORS;
        item.name = lp_lower_item_name(b->l, "factor", op);
        item.element = LP_ELEMENT_INT16;
        item.data = q->factor;
        a->A_scalar = 0;
        a->vec_precision[0] = 16;
        lp_npu_point(b, LP_NPU_ARITH, a, offsetof(struct lp_npu_arith, A_vector), lp_npu_parameters(b, item));
    }
    if (!q->same_offset) {
        item.cause = LP_CAUSE_MODEL_CONSTANTS;
        item.name = lp_lower_item_name(b->l, "offset", op);
        item.element = LP_ELEMENT_INT32;
        item.data = q->offset;
        a->B_scalar = a->C_scalar = 0;
        a->vec_precision[2] = 32;
        lp_npu_point(b, LP_NPU_ARITH, a, offsetof(struct lp_npu_arith, C_vector), lp_npu_parameters(b, item));
    }
}

static struct lp_npu_arith *add_scale(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *in,
                                      int32_t bytes, const struct lp_npu_requant *q)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->bcast = LP_NPU_BCAST_CHAN;
    a->combinebc = 1;
    a->inbytes_x = a->outbytes_x = bytes;
    a->rounding_o = a->saturation_o = a->round_mode_o = 1;
    a->outbytes_o = 1;
    a->shift_o = q->shift;
    a->C_shift = q->offset_shift;
    a->fWidth = in->width;
    a->fHeight = in->height;
    a->fChannels = (int32_t)q->count;
    a->batchDepth = in->depth;
    set_coefficients(b, op, q, a);
    lp_npu_route_last(b, in->port, lp_npu_port(LP_NPU_ARITH, a, 0), in->run);
    lp_npu_busy(b, in->frames * in->width * in->height * in->depth);
    return a;
}

static struct lp_npu_stream stream_of(const struct lp_npu_stream *in, const struct lp_npu_arith *a)
{
    struct lp_npu_stream out = *in;
    out.run = 0;
    out.port = lp_npu_port(LP_NPU_ARITH, a, 0);
    return out;
}

static void clamp(struct lp_npu_arith *a, int32_t act_min, int32_t act_max)
{
    if (act_min <= INT8_MIN && act_max >= INT8_MAX)
        return;
    a->clipout = 1;
    a->clipmin = act_min;
    a->clipmax = act_max;
}

struct lp_npu_stream lp_npu_add_requant(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *in,
                                        int32_t bytes, const struct lp_npu_requant *q, int32_t act_min, int32_t act_max)
{
    struct lp_npu_arith *a = add_scale(b, op, in, bytes, q);
    clamp(a, act_min, act_max);
    return stream_of(in, a);
}

struct lp_npu_stream lp_npu_add_offset(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                       const struct lp_npu_stream *in, int32_t offset)
{
    if (offset == 0)
        return *in;
    const struct lp_npu_requant *q = lp_npu_one_requant(w, 1.0, offset, LARGEST_VALUE);
    if (q == NULL) {
        b->status = b->status == LP_OK ? lp_no_memory(b->l->diag) : b->status;
        return *in;
    }
    struct lp_npu_arith *a = add_scale(b, op, in, 1, q);
    a->outbytes_o = 2;
    return stream_of(in, a);
}

struct lp_npu_stream lp_npu_add_part(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                     const struct lp_npu_stream *in, int32_t offset, int32_t low, int32_t high)
{
    const struct lp_npu_requant *q = lp_npu_one_requant(w, 1.0, offset, LARGEST_VALUE);
    if (q == NULL) {
        b->status = b->status == LP_OK ? lp_no_memory(b->l->diag) : b->status;
        return *in;
    }
    struct lp_npu_arith *a = add_scale(b, op, in, 1, q);
    a->outbytes_o = 2;
    clamp(a, low, high);
    return stream_of(in, a);
}

/* ---- whole sums ---- */

static void set_vector(struct lp_npu_build *b, const struct lp_op *op, struct lp_npu_arith *a, const char *name,
                       enum lp_cause cause, const int16_t *values, uint32_t count, int32_t which, size_t member)
{
    const struct lp_item item = {.cause = cause,
                                 .layer = (int32_t)op->source_index,
                                 .name = lp_lower_item_name(b->l, name, op),
                                 .element = LP_ELEMENT_INT16,
                                 .data = values,
                                 .count = count};
    a->vec_precision[which] = 16;
    lp_npu_point(b, LP_NPU_ARITH, a, member, lp_npu_parameters(b, item));
}

struct lp_npu_stream lp_npu_add_parts(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *x,
                                      struct lp_npu_port y, const struct lp_npu_parts *parts)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->bcast = LP_NPU_BCAST_CHAN;
    a->dualinput = 1;
    a->inbytes_x = a->outbytes_x = a->inbytes_y = a->outbytes_y = 2;
    a->rounding_o = a->saturation_o = a->round_mode_o = 1;
    a->outbytes_o = 1;
    a->shift_o = a->C_shift = parts->shift;
    a->C_scalar = parts->offset;
    a->A_scalar = parts->above;
    a->fWidth = x->width;
    a->fHeight = x->height;
    a->fChannels = (int32_t)(x->depth * x->frames);
    a->batchDepth = x->depth;
    a->scalar = parts->count == 1;
    if (parts->count == 1)
        a->B_scalar = parts->below[0];
    else
        set_vector(b, op, a, "slope", LP_CAUSE_MODEL_CONSTANTS, parts->below, parts->count, 1,
                   offsetof(struct lp_npu_arith, B_vector));
    lp_npu_route(b, x->port, lp_npu_port(LP_NPU_ARITH, a, 0));
    lp_npu_route(b, y, lp_npu_port(LP_NPU_ARITH, a, 1));
    lp_npu_busy(b, x->frames * x->width * x->height * x->depth);
    return stream_of(x, a);
}

/* A * upper + (A * lower >> 8) + C: the factor twice. */
static void set_pair(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_requant *q, struct lp_npu_arith *a)
{
    int16_t *offsets = LP_NEW_ARRAY(b->l->arena, q->count, int16_t);
    if (offsets == NULL) {
        b->status = b->status == LP_OK ? lp_no_memory(b->l->diag) : b->status;
        return;
    }
    for (uint32_t c = 0; c < q->count; c++)
        offsets[c] = (int16_t)q->offset[c];
    a->scalar = q->same_factor && q->same_offset;
    if (q->same_factor) {
        a->A_scalar = a->B_scalar = q->factor[0];
    } else {
        set_vector(b, op, a, "factor", LP_CAUSE_SCALE_VECTORS, q->factor, q->count, 0, offsetof(struct lp_npu_arith, A_vector));
        set_vector(b, op, a, "factor", LP_CAUSE_SCALE_VECTORS, q->factor, q->count, 1, offsetof(struct lp_npu_arith, B_vector));
    }
    if (q->same_offset)
        a->C_scalar = offsets[0];
    else
        set_vector(b, op, a, "offset", LP_CAUSE_MODEL_CONSTANTS, offsets, q->count, 2, offsetof(struct lp_npu_arith, C_vector));
}

/* value + before[channel], in 16 bits. */
static struct lp_npu_port add_before(struct lp_npu_build *b, const struct lp_op *op, struct lp_npu_port from,
                                     const struct lp_npu_stream *stream, const struct lp_npu_requant *q)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->bcast = LP_NPU_BCAST_CHAN;
    a->inbytes_x = a->outbytes_x = a->outbytes_o = 2;
    a->rounding_o = a->saturation_o = a->round_mode_o = 1;
    a->A_scalar = 1;
    a->fWidth = stream->width;
    a->fHeight = stream->height;
    a->fChannels = (int32_t)q->count;
    a->batchDepth = stream->depth;
    set_vector(b, op, a, "bias", LP_CAUSE_MODEL_CONSTANTS, q->before, q->count, 2, offsetof(struct lp_npu_arith, C_vector));
    lp_npu_route(b, from, lp_npu_port(LP_NPU_ARITH, a, 0));
    return lp_npu_port(LP_NPU_ARITH, a, 0);
}

/* A * x + (A * y >> y_shift) + C of two streams of 16 bits. */
static struct lp_npu_arith *add_scaled_pair(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *stream,
                                            const struct lp_npu_port from[2], int32_t y_shift, const struct lp_npu_requant *q)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->bcast = LP_NPU_BCAST_CHAN;
    a->dualinput = 1;
    a->inbytes_x = a->outbytes_x = a->inbytes_y = a->outbytes_y = 2;
    a->rounding_o = a->saturation_o = a->round_mode_o = 1;
    a->outbytes_o = 1;
    a->shift_o = q->shift;
    a->By_shift = y_shift;
    a->C_shift = q->offset_shift;
    a->fWidth = stream->width;
    a->fHeight = stream->height;
    a->fChannels = (int32_t)q->count;
    a->batchDepth = stream->depth;
    set_pair(b, op, q, a);
    lp_npu_route(b, from[0], lp_npu_port(LP_NPU_ARITH, a, 0));
    lp_npu_route(b, from[1], lp_npu_port(LP_NPU_ARITH, a, 1));
    return a;
}

struct lp_npu_stream lp_npu_scale_whole_sums(struct lp_npu_build *b, const struct lp_op *op, struct lp_npu_memory sums,
                                             const struct lp_npu_stream *stream, const struct lp_npu_requant *q, int32_t act_min,
                                             int32_t act_max)
{
    uint32_t elements = (uint32_t)(stream->width * stream->height * stream->depth);
    /* Words that begin one byte further: their lower 16 bits are the upper 16 of the sums. */
    struct lp_npu_streng *upper = lp_npu_engine(b, 0, sums, 1);
    lp_npu_engine_raw(upper, elements, LP_NPU_SUM_BYTES, (uint32_t)stream->frames);
    /* Every third byte, without a sign. */
    struct lp_npu_streng *lower = lp_npu_engine(b, 0, sums, 0);
    lower->fwidth = elements;
    lower->fheight = lower->batch_depth = 1;
    lower->batch_offset = LP_NPU_SUM_BYTES;
    lower->frame_offset = elements * LP_NPU_SUM_BYTES;
    lower->frame_tot_cnt = (uint32_t)stream->frames;
    const struct lp_npu_port from[2] = {add_before(b, op, lp_npu_port(LP_NPU_STRENG, upper, 0), stream, q),
                                        lp_npu_port(LP_NPU_STRENG, lower, 0)};
    struct lp_npu_arith *a = add_scaled_pair(b, op, stream, from, LP_NPU_LOW_BITS, q);
    clamp(a, act_min, act_max);
    lp_npu_busy(b, (int64_t)elements * stream->frames);
    return stream_of(stream, a);
}

/* (x + y) / 2 of 16 bits. */
static struct lp_npu_port add_half_sum(struct lp_npu_build *b, const struct lp_npu_stream *stream, const struct lp_npu_port *from)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->scalar = a->dualinput = 1;
    a->bcast = LP_NPU_BCAST_SCALAR;
    a->inbytes_x = a->outbytes_x = a->inbytes_y = a->outbytes_y = a->outbytes_o = 2;
    a->rounding_o = a->saturation_o = a->round_mode_o = 1;
    a->A_scalar = a->B_scalar = 1;
    a->shift_o = 1;
    a->fWidth = stream->width;
    a->fHeight = stream->height;
    a->fChannels = (int32_t)(stream->depth * stream->frames);
    a->batchDepth = stream->depth;
    lp_npu_route(b, from[0], lp_npu_port(LP_NPU_ARITH, a, 0));
    lp_npu_route(b, from[1], lp_npu_port(LP_NPU_ARITH, a, 1));
    return lp_npu_port(LP_NPU_ARITH, a, 0);
}

struct lp_npu_stream lp_npu_scale_sums_together(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_port *sums,
                                                int32_t count, const struct lp_npu_stream *stream, const struct lp_npu_requant *q,
                                                int32_t act_min, int32_t act_max)
{
    struct lp_npu_port from[2] = {sums[0], sums[1]};
    for (int32_t i = 0; count > 2 && i < 2; i++)
        from[i] = add_half_sum(b, stream, &sums[2 * i]);
    struct lp_npu_arith *a = add_scaled_pair(b, op, stream, from, 0, q);
    clamp(a, act_min, act_max);
    lp_npu_busy(b, stream->frames * stream->width * stream->height * stream->depth);
    return stream_of(stream, a);
}
