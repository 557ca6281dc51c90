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

struct lp_npu_stream lp_npu_add_requant(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *in,
                                        int32_t bytes, const struct lp_npu_requant *q, int32_t act_min, int32_t act_max)
{
    struct lp_npu_arith *a = add_scale(b, op, in, bytes, q);
    if (act_min > INT8_MIN || act_max < INT8_MAX) {
        a->clipout = 1;
        a->clipmin = act_min;
        a->clipmax = act_max;
    }
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
