/* Emits the epochs of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED in the tiling that weighted_plan.c chose. */
#include "compiler/lower/neural-art/weighted.h"

#include <math.h>
#include <string.h>

#include "compiler/semantics/semantics.h"

enum { UNIT_SUM_LIMIT = 1 << 23, MOST_FINE_ROWS = 16, MOST_GROUPS = 4 }; /* sums pass from unit to unit in 24 bits */

/* From here on results differ from the reference often enough for an epoch more. */
static const double FINE_DEVIATION = 1.0 / 32;

int32_t lp_npu_weighted_offset(const struct lp_npu_weighted *p)
{
    return p->tiling.mode == LP_NPU_WIDE ? -p->view->in_zero : 0;
}

int32_t lp_npu_weighted_roundings(const struct lp_npu_weighted *p, const struct lp_npu_piece *piece)
{
    return p->tiling.adding == LP_NPU_SELF ? piece->part_count : (piece->part_count + LP_NPU_PIPE_UNITS - 1) / LP_NPU_PIPE_UNITS;
}

/* ---- constants ---- */

static int64_t weight_sum(const struct lp_weighted_view *v, int32_t channel)
{
    int64_t sum = 0;
    for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++)
        for (int32_t i = 0; i < v->filter_c; i++)
            sum += v->weight[channel * v->filter_stride + (int64_t)t * v->tap_stride + i];
    return sum;
}

/* What every output channel wants, with the zero point's share where the unit does not subtract it. */
static struct lp_npu_channel *channels_of(const struct lp_npu_weighted *p)
{
    const struct lp_weighted_view *v = p->view;
    int32_t offset = lp_npu_weighted_offset(p);
    struct lp_npu_channel *channels = LP_NEW_ARRAY(p->w->l->arena, (size_t)v->out_c, struct lp_npu_channel);
    for (int32_t c = 0; channels != NULL && c < v->out_c; c++) {
        uint32_t s = p->scales.count > 1 ? (uint32_t)c : 0;
        struct lp_wide_interval sum = lp_range_partial_sum(v, p->inputs, c, 0, v->filter_c, offset);
        double factor = ldexp((double)p->scales.multiplier[s], p->scales.shift[s] - 31);
        int64_t bias = lp_weighted_bias(v, c) - (offset + v->in_zero) * weight_sum(v, c);
        channels[c] = (struct lp_npu_channel){sum.low, sum.high, factor, v->out_offset, bias};
    }
    return channels;
}

/* Constants in the order of the frames: channels that two of them compute stand there twice. False: no memory. */
static bool requant_piece(const struct lp_npu_weighted *p, const struct lp_npu_piece *piece,
                          const struct lp_npu_channel *channels, const struct lp_npu_precision *precision,
                          struct lp_npu_requant *q)
{
    struct lp_arena *arena = p->w->l->arena;
    uint32_t count = (uint32_t)(piece->frames * piece->kernels);
    struct lp_npu_channel *ordered = LP_NEW_ARRAY(arena, count, struct lp_npu_channel);
    for (int32_t f = 0; ordered != NULL && f < piece->frames; f++)
        for (int32_t k = 0; k < piece->kernels; k++)
            ordered[f * piece->kernels + k] = channels[piece->channel + f * piece->step + k];
    int32_t roundings = lp_npu_weighted_roundings(p, piece), shift = precision->sum_shift;
    struct lp_npu_sums sums = {shift, roundings, shift, 32, false};
    if (precision->keeps_sums)
        sums = (struct lp_npu_sums){LP_NPU_LOW_BITS, roundings - 1, shift, 16, true};
    if (precision->groups > 1) /* every group may round once more; halves of four are rounded, too */
        sums = precision->groups == 2 ? (struct lp_npu_sums){shift, roundings + 2, shift, 16, false}
                                      : (struct lp_npu_sums){shift + 1, (roundings + 1) / 2 + 4, shift + 1, 16, false};
    return ordered != NULL && lp_npu_requant(arena, ordered, count, &sums, q);
}

/* ---- one epoch ---- */

struct emission {
    struct lp_npu_weighted *p;
    const struct lp_npu_channel *channels;
    struct lp_npu_precision precision;
    uint32_t kernel_bytes;        /* stored */
    uint32_t padding_bytes;       /* of them, zeros that fill blocks up */
    int64_t overlap_bytes;        /* of them, filters that an earlier frame has, too */
    int64_t overlap_offset_bytes; /* of table entries of channels that an earlier frame has, too */
    int64_t overlap_factor_bytes;
    bool is_single; /* one piece gives the whole result */
};

/* Parts [first, first + count) of a piece in one epoch; those before have left their sums in `from`, and if others follow, the
 * sums go to `to`. */
struct pass {
    struct emission *e;
    const struct lp_npu_piece *piece;
    int32_t first, count;
    bool is_first, is_last;
    uint32_t from, to; /* blocks */
};

static struct lp_npu_streng *add_features(struct lp_npu_build *b, const struct pass *s, const struct lp_npu_part *part)
{
    const struct lp_npu_weighted *p = s->e->p;
    const struct lp_weighted_view *v = p->view;
    struct lp_npu_memory memory = lp_npu_read_tensor(b, p->op->inputs[0]);
    int32_t group = s->piece->channel / v->group_c * v->filter_c, frames = s->piece->frames;
    int64_t line = (int64_t)v->in_w * v->in_c;
    int64_t start = s->piece->batch * v->in_h * line + part->rows.start * line + (int64_t)part->columns.start * v->in_c + group +
                    part->first;
    struct lp_npu_streng *in = lp_npu_engine(b, 0, memory, (uint32_t)start);
    in->fwidth = (uint32_t)part->columns.lines;
    in->fheight = (uint32_t)part->rows.lines;
    in->batch_depth = (uint32_t)part->depth;
    in->batch_offset = (uint32_t)(part->x->step * v->in_c);
    in->line_offset = (uint32_t)(part->y->step * line);
    in->frame_tot_cnt = (uint32_t)frames;
    in->frame_loop_cnt = 1;
    if (v->group_c != v->out_c) {
        in->frame_loop_cnt = (uint32_t)(v->group_c / s->piece->kernels);
        in->loop_offset = (uint32_t)v->filter_c;
    }
    if (p->tiling.adding == LP_NPU_SELF) {
        in->frame_loop_cnt = (uint32_t)s->count;
        in->frame_offset = (uint32_t)part->depth;
        in->frame_tot_cnt *= (uint32_t)s->count;
    }
    if (p->tiling.mode == LP_NPU_DEEP) {
        in->batch_depth = (uint32_t)(part->depth + 2) / 3;
        in->nbits_in = in->nbits_out = 24;
        in->raw_out = 1;
    }
    if (p->tiling.mode == LP_NPU_WIDE) {
        in->align_right = 1;
        in->nbits_out = 16;
    }
    lp_npu_busy(b, (int64_t)in->frame_tot_cnt * in->fwidth * in->fheight * in->batch_depth);
    return in;
}

static void set_window(struct lp_npu_convacc *c, const struct pass *s, const struct lp_npu_part *part)
{
    const struct lp_npu_weighted *p = s->e->p;
    c->fWidth = part->columns.lines;
    c->fHeight = part->rows.lines;
    c->right_crop = c->fWidth - 1;
    c->bot_crop = c->fHeight - 1;
    c->kernelWidth = part->x->taps;
    c->kernelHeight = part->y->taps;
    c->hstride = p->x.stride;
    c->vstride = p->y.stride;
    c->left_padding = part->columns.pad_before;
    c->right_padding = part->columns.pad_after;
    c->top_padding = part->rows.pad_before;
    c->bot_padding = part->rows.pad_after;
    c->nKernels = s->piece->kernels;
    c->batchDepth = part->depth;
}

static void set_mode(struct lp_npu_convacc *c, const struct lp_npu_weighted *p)
{
    c->simd = 1;
    c->inbytes_f = 1;
    c->rounding_o = c->saturation_o = c->round_mode_o = 1;
    if (p->tiling.mode == LP_NPU_DEEP) {
        c->deepmode = 1;
        c->kseten = 3;
    }
    if (p->tiling.mode == LP_NPU_WIDE) {
        c->simd = 2;
        c->inbytes_f = 2;
        c->fsub = p->view->in_zero;
    }
}

/* A unit that hands exact sums on, or the last one, which rounds them to 16 bits unless they are kept whole. */
static void set_output(struct lp_npu_convacc *c, const struct pass *s, bool is_last)
{
    bool is_whole = !is_last || (s->is_last && s->e->precision.keeps_sums);
    c->outbytes_o = is_whole ? LP_NPU_SUM_BYTES : 2;
    c->raw_o = is_whole;
    c->shift_o = is_whole ? 0 : s->e->precision.sum_shift;
}

/* All parts of one shape: their blocks alternate in one stream to which all units listen. */
static bool is_uniform(const struct pass *s)
{
    const struct lp_npu_part *parts = s->piece->parts + s->first;
    for (int32_t i = 1; i < s->count; i++)
        if (parts[i].depth != parts[0].depth || parts[i].y->taps != parts[0].y->taps || parts[i].x->taps != parts[0].x->taps)
            return false;
    return true;
}

/* Channels that overlapping frames compute twice. */
static int64_t twice_of(const struct lp_npu_piece *piece)
{
    return (int64_t)piece->frames * piece->kernels - piece->channels;
}

/* Bytes of their filters. */
static int64_t overlap_of(const struct lp_npu_piece *piece, const struct lp_npu_part *parts, int32_t count)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < count; i++)
        bytes += (int64_t)parts[i].y->taps * parts[i].x->taps * parts[i].depth;
    return bytes * twice_of(piece);
}

static struct lp_npu_streng *add_kernels(struct lp_npu_build *b, const struct pass *s, const struct lp_npu_part *parts,
                                         int32_t count)
{
    struct emission *e = s->e;
    uint32_t size_bytes = 0, padding_bytes = 0, before = b->l->program->weights.size_bytes;
    const uint8_t *bytes = lp_npu_weighted_kernels(e->p, s->piece, parts, count, &size_bytes, &padding_bytes);
    if (bytes == NULL && b->status == LP_OK)
        b->status = lp_no_memory(b->l->diag);
    struct lp_item item = {.cause = e->p->kernels_cause,
                           .layer = (int32_t)e->p->op->source_index,
                           .name = lp_lower_item_name(b->l, "kernels", e->p->op),
                           .element = LP_ELEMENT_INT8,
                           .data = bytes,
                           .count = size_bytes};
    struct lp_npu_memory memory = lp_npu_parameters(b, item);
    if (b->l->program->weights.size_bytes != before) {
        e->kernel_bytes += size_bytes;
        e->padding_bytes += padding_bytes;
        e->overlap_bytes += overlap_of(s->piece, parts, count);
    }
    uint32_t element = e->p->tiling.mode == LP_NPU_DEEP ? 3 : 1;
    struct lp_npu_streng *in = lp_npu_engine(b, 0, memory, 0);
    lp_npu_engine_raw(in, size_bytes / element, element, 1);
    in->continuous = 1;
    in->align_right = element == 1;
    lp_npu_busy(b, size_bytes / element);
    return in;
}

/* Sums of the epochs before, or room for those to come: 16 bits, frame after frame. */
static struct lp_npu_streng *add_sums(struct lp_npu_build *b, const struct pass *s, int32_t dir)
{
    const struct lp_npu_piece *piece = s->piece;
    struct lp_npu_memory memory = lp_npu_block(b, dir == 1 ? s->to : s->from, dir == 1);
    struct lp_npu_streng *sums = lp_npu_engine(b, dir, memory, 0);
    uint32_t elements = (uint32_t)(piece->y->count * piece->x_count * piece->kernels);
    lp_npu_engine_raw(sums, elements, 2, (uint32_t)piece->frames);
    sums->align_right = dir == 0;
    lp_npu_busy(b, (int64_t)elements * piece->frames);
    return sums;
}

static struct lp_npu_convacc *add_pipe(struct lp_npu_build *b, const struct pass *s)
{
    const struct lp_npu_part *parts = s->piece->parts + s->first;
    bool shared = is_uniform(s);
    struct lp_npu_streng *kernels = shared ? add_kernels(b, s, parts, s->count) : NULL;
    struct lp_npu_convacc *before = NULL, *c = NULL;
    for (int32_t i = 0; i < s->count; i++, before = c) {
        c = lp_npu_convacc(b);
        set_mode(c, s->e->p);
        set_window(c, s, &parts[i]);
        set_output(c, s, i == s->count - 1);
        if (!shared)
            kernels = add_kernels(b, s, &parts[i], 1);
        else if (s->count > 1) {
            c->kfilt_tot = s->count * c->nKernels;
            c->kfilt_first = i * c->nKernels;
            c->kfilt_last = c->kfilt_first + c->nKernels - 1;
        }
        lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, add_features(b, s, &parts[i]), 0), lp_npu_port(LP_NPU_CONVACC, c, 0));
        lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, kernels, 0), lp_npu_port(LP_NPU_CONVACC, c, 1));
        if (i == 0 && s->is_first)
            continue;
        c->accumulate = c->accumulate_first = 1;
        if (i == 0) {
            c->shift_a = s->e->precision.sum_shift;
            lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, add_sums(b, s, 0), 0), lp_npu_port(LP_NPU_CONVACC, c, 2));
        } else {
            lp_npu_route(b, lp_npu_port(LP_NPU_CONVACC, before, 0), lp_npu_port(LP_NPU_CONVACC, c, 2));
        }
    }
    return c;
}

/* One unit for all slices: of each run of frames the sums so far come back, and only the last goes on. */
static struct lp_npu_convacc *add_self_adding(struct lp_npu_build *b, const struct pass *s)
{
    const struct lp_npu_part *parts = s->piece->parts;
    struct lp_npu_streng *kernels = add_kernels(b, s, parts, s->count);
    struct lp_npu_convacc *c = lp_npu_convacc(b);
    set_mode(c, s->e->p);
    set_window(c, s, &parts[0]);
    set_output(c, s, true);
    c->accumulate = c->accumulate_first = c->accumulate_gen_first = 1;
    c->afilt_mode = LP_NPU_AFILT_FRAMEZERO;
    c->afilt_tot = s->count;
    c->afilt_first = 1;
    c->afilt_last = s->count - 1;
    c->shift_a = s->e->precision.sum_shift;
    lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, add_features(b, s, &parts[0]), 0), lp_npu_port(LP_NPU_CONVACC, c, 0));
    lp_npu_route(b, lp_npu_port(LP_NPU_STRENG, kernels, 0), lp_npu_port(LP_NPU_CONVACC, c, 1));
    lp_npu_route(b, lp_npu_port(LP_NPU_CONVACC, c, 0), lp_npu_port(LP_NPU_CONVACC, c, 2));
    lp_npu_busy(b, (int64_t)s->count * s->piece->frames * s->piece->kernels * s->piece->y->count * s->piece->x_count);
    return c;
}

static int64_t pass_macs(const struct pass *s)
{
    int64_t macs = 0;
    for (int32_t i = s->first; i < s->first + s->count; i++)
        macs += (int64_t)s->piece->parts[i].y->taps * s->piece->parts[i].x->taps * s->piece->parts[i].depth;
    return macs * s->piece->channels * s->piece->y->count * s->piece->x_count;
}

/* Stores whole sums and begins an epoch that reads them. */
static lp_status keep_sums(struct lp_npu_build **b, const struct pass *s, const struct lp_npu_stream *stream,
                           struct lp_npu_memory *sums)
{
    struct lp_npu_weighted *p = s->e->p;
    uint32_t block = 0, elements = (uint32_t)(stream->width * stream->height * stream->depth);
    /* The last upper half is read as part of a word that ends a byte behind the block, where it is dropped. */
    uint32_t size_bytes = elements * (uint32_t)stream->frames * LP_NPU_SUM_BYTES;
    lp_status status = lp_lower_temporary(p->w->l, size_bytes, 4, &block);
    if (status != LP_OK)
        return status;
    struct lp_npu_streng *out = lp_npu_engine(*b, 1, lp_npu_block(*b, block, true), 0);
    lp_npu_engine_raw(out, elements, LP_NPU_SUM_BYTES, (uint32_t)stream->frames);
    lp_npu_route(*b, stream->port, lp_npu_port(LP_NPU_STRENG, out, 0));
    status = lp_npu_end(*b, p->op, pass_macs(s));
    if (status == LP_OK)
        status = lp_npu_begin(p->w->l, p->op, b);
    if (status == LP_OK)
        *sums = lp_npu_block(*b, block, false);
    return status;
}

/* Stores the results of a piece, or leaves them to the next operator when they are all. */
static lp_status deliver(const struct emission *e, const struct lp_npu_piece *piece, struct lp_npu_build *b,
                         const struct lp_npu_stream *stream, int64_t macs)
{
    const struct lp_npu_weighted *p = e->p;
    const struct lp_weighted_view *v = p->view;
    if (e->is_single && p->batches == 1)
        return lp_npu_leave_open(
            p->w, (struct lp_npu_tail){.build = b, .op = p->op, .stream = *stream, .channels = v->out_c, .macs = macs});
    struct lp_npu_target target = lp_npu_target_of(p->w, b, p->op->outputs[0]);
    target.map_width = v->out_w;
    target.first_channel += piece->channel;
    target.y = piece->y->first;
    target.x = piece->x->first + piece->x_first * piece->x->step;
    target.step_y = piece->y->step;
    target.step_x = piece->x->step;
    target.before_bytes += (int64_t)piece->batch * v->out_h * v->out_w * target.channels;
    lp_npu_store(b, stream, &target);
    return lp_npu_end(b, p->op, macs);
}

/* Table entries that stand there twice. */
static void count_overlap(struct emission *e, const struct lp_npu_piece *piece, const struct lp_npu_requant *q)
{
    int64_t offset_bytes = q->same_offset ? 0 : q->before != NULL ? 2 : 4;
    e->overlap_offset_bytes += twice_of(piece) * (offset_bytes + (q->before != NULL ? 2 : 0));
    e->overlap_factor_bytes += q->same_factor ? 0 : 2 * twice_of(piece);
}

/* Scales the sums, and stores the results or leaves them to the next operator. */
static lp_status finish(struct lp_npu_build *b, const struct pass *s, struct lp_npu_stream stream)
{
    struct emission *e = s->e;
    const struct lp_npu_weighted *p = e->p;
    const struct lp_weighted_view *v = p->view;
    struct lp_npu_requant *q = LP_NEW(b->l->arena, struct lp_npu_requant);
    struct lp_npu_memory sums;
    int64_t macs = e->precision.keeps_sums ? 0 : pass_macs(s);
    if (q == NULL || !requant_piece(p, s->piece, e->channels, &e->precision, q))
        return lp_no_memory(b->l->diag);
    lp_status status = e->precision.keeps_sums ? keep_sums(&b, s, &stream, &sums) : LP_OK;
    if (status != LP_OK)
        return status;
    uint32_t before = b->l->program->weights.size_bytes;
    stream = e->precision.keeps_sums ? lp_npu_scale_whole_sums(b, p->op, sums, &stream, q, v->act_min, v->act_max)
                                     : lp_npu_add_requant(b, p->op, &stream, 2, q, v->act_min, v->act_max);
    if (b->l->program->weights.size_bytes != before)
        count_overlap(e, s->piece, q);
    return deliver(e, s->piece, b, &stream, macs);
}

static lp_status emit_pass(const struct pass *s)
{
    const struct lp_npu_weighted *p = s->e->p;
    const struct lp_npu_piece *piece = s->piece;
    struct lp_npu_build *b = NULL;
    lp_status status = lp_npu_begin(p->w->l, p->op, &b);
    if (status != LP_OK)
        return status;
    struct lp_npu_convacc *c = p->tiling.adding == LP_NPU_SELF ? add_self_adding(b, s) : add_pipe(b, s);
    struct lp_npu_stream stream = {.port = lp_npu_port(LP_NPU_CONVACC, c, 0),
                                   .width = piece->x_count,
                                   .height = piece->y->count,
                                   .depth = piece->kernels,
                                   .step = piece->step == piece->kernels ? 0 : piece->step,
                                   .frames = piece->frames,
                                   .run = p->tiling.adding == LP_NPU_SELF ? s->count : 0};
    lp_npu_busy(b, stream.frames * stream.width * stream.height * stream.depth);
    if (s->is_last)
        return finish(b, s, stream);
    lp_npu_route(b, stream.port, lp_npu_port(LP_NPU_STRENG, add_sums(b, s, 1), 0));
    return lp_npu_end(b, p->op, pass_macs(s));
}

static uint32_t sum_bytes_of(const struct lp_npu_piece *piece)
{
    return 2u * (uint32_t)(piece->frames * piece->kernels * piece->y->count * piece->x_count);
}

/* ---- sums that are too large for the units ---- */

/* All epochs of a piece whose sums stay in a block. */
static lp_status emit_group(struct emission *e, const struct lp_npu_piece *group, uint32_t *block)
{
    struct pass s = {.e = e, .piece = group, .is_first = true};
    lp_status status = LP_OK;
    for (int32_t first = 0; first < group->part_count && status == LP_OK; first += s.count) {
        s.first = first;
        s.count = group->part_count - first < LP_NPU_PIPE_UNITS ? group->part_count - first : LP_NPU_PIPE_UNITS;
        status = lp_lower_temporary(e->p->w->l, sum_bytes_of(group), 4, &s.to);
        if (status == LP_OK)
            status = emit_pass(&s);
        s.from = s.to;
        s.is_first = false;
    }
    *block = s.to;
    return status;
}

static int32_t slices_of(const struct lp_npu_weighted *p)
{
    return (p->view->filter_c + p->tiling.depth - 1) / p->tiling.depth;
}

/* The first channel of a group; behind the last group, the number of channels. */
static int32_t group_first(const struct lp_npu_weighted *p, int32_t groups, int32_t number)
{
    int32_t first = (number * slices_of(p) + groups - 1) / groups * p->tiling.depth;
    return first < p->view->filter_c ? first : p->view->filter_c;
}

/* The parts of a group's channels. */
static struct lp_npu_piece group_of(const struct emission *e, const struct lp_npu_piece *piece, int32_t number,
                                    struct lp_npu_part *room)
{
    int32_t low = group_first(e->p, e->precision.groups, number), high = group_first(e->p, e->precision.groups, number + 1);
    struct lp_npu_piece group = *piece;
    group.parts = room;
    group.part_count = 0;
    for (int32_t i = 0; i < piece->part_count; i++)
        if (piece->parts[i].first >= low && piece->parts[i].first < high)
            room[group.part_count++] = piece->parts[i];
    return group;
}

static lp_status emit_together(struct emission *e, const struct lp_npu_piece *piece, const uint32_t *blocks)
{
    const struct lp_npu_weighted *p = e->p;
    struct lp_npu_build *b = NULL;
    struct lp_npu_requant *q = LP_NEW(p->w->l->arena, struct lp_npu_requant);
    struct lp_npu_port sums[MOST_GROUPS];
    lp_status status = lp_npu_begin(p->w->l, p->op, &b);
    if (status != LP_OK || q == NULL || !requant_piece(p, piece, e->channels, &e->precision, q))
        return status != LP_OK ? status : lp_no_memory(p->w->l->diag);
    for (int32_t g = 0; g < e->precision.groups; g++) {
        const struct pass s = {.e = e, .piece = piece, .from = blocks[g]};
        sums[g] = lp_npu_port(LP_NPU_STRENG, add_sums(b, &s, 0), 0);
    }
    uint32_t before = b->l->program->weights.size_bytes;
    struct lp_npu_stream stream = {.width = piece->x_count,
                                   .height = piece->y->count,
                                   .depth = piece->kernels,
                                   .step = piece->step == piece->kernels ? 0 : piece->step,
                                   .frames = piece->frames};
    stream = lp_npu_scale_sums_together(b, p->op, sums, e->precision.groups, &stream, q, p->view->act_min, p->view->act_max);
    if (b->l->program->weights.size_bytes != before)
        count_overlap(e, piece, q);
    return deliver(e, piece, b, &stream, 0);
}

static lp_status emit_cut_piece(struct emission *e, const struct lp_npu_piece *piece)
{
    const struct lp_npu_weighted *p = e->p;
    uint32_t blocks[MOST_GROUPS] = {0};
    struct lp_npu_part *room = LP_NEW_ARRAY(p->w->l->arena, (size_t)piece->part_count, struct lp_npu_part);
    lp_status status = room == NULL ? lp_no_memory(p->w->l->diag) : LP_OK;
    for (int32_t g = 0; g < e->precision.groups && status == LP_OK; g++) {
        const struct lp_npu_piece group = group_of(e, piece, g, room);
        status = emit_group(e, &group, &blocks[g]);
    }
    return status == LP_OK ? emit_together(e, piece, blocks) : status;
}

static lp_status emit_piece(void *user, const struct lp_npu_piece *piece)
{
    struct emission *e = user;
    if (e->precision.groups > 1)
        return emit_cut_piece(e, piece);
    const struct lp_npu_weighted *p = e->p;
    int32_t most = p->tiling.adding == LP_NPU_SELF ? piece->part_count : LP_NPU_PIPE_UNITS;
    struct pass s = {.e = e, .piece = piece, .is_first = true};
    lp_status status = LP_OK;
    /* What is rounded on its way is as little as can be: the first epoch adds what is left over. */
    int32_t left_over = e->precision.keeps_sums ? (piece->part_count - 1) % most + 1 : most;
    for (int32_t first = 0; first < piece->part_count && status == LP_OK; first += s.count) {
        s.first = first;
        s.count = first == 0 ? left_over : most;
        if (s.count > piece->part_count - first)
            s.count = piece->part_count - first;
        s.is_last = first + s.count == piece->part_count;
        if (!s.is_last)
            status = lp_lower_temporary(p->w->l, sum_bytes_of(piece), 4, &s.to);
        if (status == LP_OK)
            status = emit_pass(&s);
        s.from = s.to;
        s.is_first = false;
    }
    return status;
}

/* ---- looking before leaping ---- */

static lp_status preview_piece(void *user, const struct lp_npu_piece *piece)
{
    struct lp_npu_prepared *v = user;
    struct lp_npu_requant q;
    v->pieces++;
    if (!requant_piece(v->p, piece, v->channels, &v->precision, &q))
        return lp_no_memory(v->p->w->l->diag);
    v->deviation = fmax(v->deviation, q.deviation);
    return LP_OK;
}

/* Rows of a matrix product are few: an epoch more is cheap, and its results often decide. */
static bool can_keep_sums(const struct lp_npu_weighted *p)
{
    return p->op->kind == LP_OP_FULLY_CONNECTED && p->tiling.adding == LP_NPU_PIPES &&
           p->w->l->options->goal == LP_GOAL_BALANCED && p->view->out_h <= MOST_FINE_ROWS;
}

/* Keeps the last sums whole if that is nearer to the reference. */
static lp_status try_whole_sums(struct lp_npu_weighted *p, struct lp_npu_prepared *v)
{
    int32_t filter = p->view->filter_c, parts = (filter + p->tiling.depth - 1) / p->tiling.depth;
    int32_t last = (parts - 1) / LP_NPU_PIPE_UNITS * LP_NPU_PIPE_UNITS == 0 ? parts : LP_NPU_PIPE_UNITS;
    int32_t before = (parts - last) * p->tiling.depth; /* channels whose sums are rounded */
    struct lp_npu_channel *rounded = LP_NEW_ARRAY(p->w->l->arena, (size_t)p->view->out_c, struct lp_npu_channel);
    struct lp_npu_prepared whole = {.p = p, .channels = v->channels, .precision = {.keeps_sums = true, .groups = 1}};
    if (rounded == NULL)
        return lp_no_memory(p->w->l->diag);
    for (int32_t c = 0; before > 0 && c < p->view->out_c; c++) {
        struct lp_wide_interval sum = lp_range_partial_sum(p->view, p->inputs, c, 0, before, lp_npu_weighted_offset(p));
        rounded[c].low = sum.low;
        rounded[c].high = sum.high;
    }
    whole.precision.sum_shift = lp_npu_sum_shift(rounded, (uint32_t)p->view->out_c);
    lp_status status = lp_npu_weighted_pieces(p, preview_piece, &whole);
    if (status == LP_OK && whole.deviation < v->deviation)
        *v = whole;
    return status;
}

static int64_t largest_of(const struct lp_npu_channel *channels, int32_t count)
{
    int64_t most = 0;
    for (int32_t c = 0; c < count; c++) {
        most = channels[c].high > most ? channels[c].high : most;
        most = -channels[c].low > most ? -channels[c].low : most;
    }
    return most;
}

/* What the sums of a group of channels need; false: the units can't hold them. */
static bool can_hold(const struct lp_npu_weighted *p, int32_t first, int32_t count, struct lp_npu_channel *room, int32_t *shift)
{
    for (int32_t c = 0; c < p->view->out_c; c++) {
        struct lp_wide_interval sum = lp_range_partial_sum(p->view, p->inputs, c, first, count, lp_npu_weighted_offset(p));
        room[c] = (struct lp_npu_channel){.low = sum.low, .high = sum.high};
    }
    int32_t needed = lp_npu_sum_shift(room, (uint32_t)p->view->out_c);
    *shift = needed > *shift ? needed : *shift;
    return largest_of(room, p->view->out_c) < UNIT_SUM_LIMIT;
}

/* The fewest groups of channels whose sums the units hold. groups 0: there are none. */
static lp_status cut_sums(struct lp_npu_weighted *p, struct lp_npu_precision *precision)
{
    struct lp_npu_channel *room = LP_NEW_ARRAY(p->w->l->arena, (size_t)p->view->out_c, struct lp_npu_channel);
    if (room == NULL)
        return lp_no_memory(p->w->l->diag);
    for (int32_t groups = 2; groups <= MOST_GROUPS && groups <= slices_of(p); groups *= 2) {
        bool holds = true;
        *precision = (struct lp_npu_precision){.groups = groups};
        for (int32_t g = 0; g < groups && holds; g++) {
            int32_t first = group_first(p, groups, g);
            holds = can_hold(p, first, group_first(p, groups, g + 1) - first, room, &precision->sum_shift);
        }
        if (holds)
            return LP_OK;
    }
    precision->groups = 0;
    return LP_OK;
}

static lp_status check_result(struct lp_npu_weighted *p, struct lp_npu_prepared *v, struct lp_refusal *no)
{
    struct lp_lowering *l = p->w->l;
    int64_t most = largest_of(v->channels, p->view->out_c);
    v->precision = (struct lp_npu_precision){.sum_shift = lp_npu_sum_shift(v->channels, (uint32_t)p->view->out_c), .groups = 1};
    if (most >= UNIT_SUM_LIMIT) {
        lp_status status = cut_sums(p, &v->precision);
        if (status != LP_OK || v->precision.groups == 0)
            return status != LP_OK
                       ? status
                       : lp_npu_refuse(l, no, LP_NPU_RULE_ACCUMULATOR, lp_arena_printf(l->arena, "%lld", (long long)most),
                                       "fewer input channels, or smaller weights");
    }
    lp_status status = lp_npu_weighted_pieces(p, preview_piece, v);
    if (status == LP_OK && v->deviation > FINE_DEVIATION && v->precision.groups == 1 && can_keep_sums(p))
        status = try_whole_sums(p, v);
    l->program->deviation[p->op - l->graph->ops] = v->deviation;
    if (status == LP_OK && v->deviation >= 1.0)
        return lp_npu_refuse(l, no, LP_NPU_RULE_DEVIATION, lp_arena_printf(l->arena, "up to %.1f more", v->deviation),
                             "a larger scale of the output, or smaller weights");
    return status;
}

static lp_status check_form(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_graph *g = w->l->graph;
    const struct lp_tensor *in = lp_op_input(g, op, 0), *weight = lp_op_input(g, op, 1), *bias = lp_op_input(g, op, 2);
    if (in->element != LP_ELEMENT_INT8 || weight->element != LP_ELEMENT_INT8)
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_TYPE, lp_element_name(in->element), "a model with int8 activations");
    if (in->data != NULL)
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_CONSTANT, "a constant input", "a computed input");
    if (weight->data == NULL || (bias != NULL && bias->data == NULL))
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_CONSTANT, weight->data == NULL ? "computed weights" : "a computed bias",
                             "weights and biases that are constants of the model file");
    return LP_OK;
}

/* Bytes that the model has not: zeros of blocks, filters in two frames, and what cutting stores twice. */
static lp_status account(const struct emission *e)
{
    struct lp_lowering *l = e->p->w->l;
    const struct lp_weighted_view *v = e->p->view;
    int32_t layer = (int32_t)e->p->op->source_index;
    int64_t model = (int64_t)v->out_c * v->filter_c * v->kernel_h * v->kernel_w;
    int64_t split = (int64_t)e->kernel_bytes - e->padding_bytes - e->overlap_bytes - model;
    lp_status status = lp_section_claim(&l->program->weights, l->diag, LP_CAUSE_FRAME_PADDING, e->p->kernels_cause, layer,
                                        e->padding_bytes);
    /* Kernels that are not the model's have a cause of their own already. */
    bool is_model = e->p->kernels_cause == LP_CAUSE_MODEL_CONSTANTS;
    int64_t twice = (is_model ? e->overlap_bytes : 0) + e->overlap_offset_bytes;
    if (status == LP_OK && twice != 0)
        status = lp_section_claim(&l->program->weights, l->diag, LP_CAUSE_TILING_PADDING, LP_CAUSE_MODEL_CONSTANTS, layer, twice);
    if (status == LP_OK && e->overlap_factor_bytes != 0)
        status = lp_section_claim(&l->program->weights, l->diag, LP_CAUSE_TILING_PADDING, LP_CAUSE_SCALE_VECTORS, layer,
                                  e->overlap_factor_bytes);
    if (status == LP_OK && is_model && split != 0)
        status = lp_section_claim(&l->program->weights, l->diag, LP_CAUSE_SPLIT_KERNELS, LP_CAUSE_MODEL_CONSTANTS, layer, split);
    int64_t offsets = -e->overlap_offset_bytes;
    for (uint32_t i = 0; i < l->program->weights.item_count; i++) {
        const struct lp_item *item = &l->program->weights.items[i];
        if (item->layer == layer && item->cause == LP_CAUSE_MODEL_CONSTANTS && item->element != LP_ELEMENT_INT8)
            offsets += (int64_t)lp_element_bytes(item->element) * item->count;
    }
    int64_t biases = v->bias == NULL ? 0 : 4 * (int64_t)v->out_c;
    enum lp_cause cause = v->bias == NULL ? LP_CAUSE_ZERO_POINT_TERMS : LP_CAUSE_BIAS_WIDTH;
    if (status == LP_OK && offsets != biases)
        status = lp_section_claim(&l->program->weights, l->diag, cause, LP_CAUSE_MODEL_CONSTANTS, layer, offsets - biases);
    return status;
}

lp_status lp_npu_weighted_prepare(struct lp_npu_weighted *p, struct lp_refusal *no, struct lp_npu_prepared *out)
{
    lp_status status = lp_npu_weighted_plan(p, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    *out = (struct lp_npu_prepared){.p = p, .channels = channels_of(p)};
    if (out->channels == NULL)
        return lp_no_memory(p->w->l->diag);
    if (p->tiling.adding == LP_NPU_SELF && largest_of(out->channels, p->view->out_c) >= UNIT_SUM_LIMIT) {
        p->is_cut = true;
        return lp_npu_weighted_prepare(p, no, out);
    }
    return check_result(p, out, no);
}

lp_status lp_npu_weighted_emit(const struct lp_npu_prepared *parts, int32_t count)
{
    struct emission e = {.is_single = count == 1 && parts[0].pieces == 1};
    lp_status status = LP_OK;
    for (int32_t i = 0; i < count && status == LP_OK; i++) {
        e.p = parts[i].p;
        e.channels = parts[i].channels;
        e.precision = parts[i].precision;
        status = lp_npu_weighted_pieces(parts[i].p, emit_piece, &e);
    }
    return status == LP_OK ? account(&e) : status;
}

lp_status lp_npu_lower_weighted(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    lp_status status = check_form(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    struct lp_weighted_view view;
    struct lp_npu_weighted p = {.w = w,
                                .op = op,
                                .view = &view,
                                .inputs = w->ranges->ops[op - w->l->graph->ops].inputs,
                                .kernels_cause = LP_CAUSE_MODEL_CONSTANTS};
    status = lp_weighted_view_of(w->l->arena, w->l->diag, w->l->graph, op, w->l->program->rounding, &view, &p.scales);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0);
    p.batches = (int32_t)(lp_tensor_elements(in) / ((int64_t)view.in_h * view.in_w * view.in_c));
    if (op->kind == LP_OP_FULLY_CONNECTED) {
        /* Rows of a matrix are the lines of a map of one column. */
        view.in_h = view.out_h = p.batches;
        p.batches = 1;
    }
    p.lines.count = view.out_h;
    p.columns.count = view.out_w;
    struct lp_npu_prepared prepared;
    status = lp_npu_weighted_prepare(&p, no, &prepared);
    return status == LP_OK && no->rule == NULL ? lp_npu_weighted_emit(&prepared, 1) : status;
}
