/* RESIZE_NEAREST_NEIGHBOR by whole numbers: an engine reads rows and columns again, or skips some. */
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

/* One side: every `step`-th element from `first` on, each `repeats` times. One of the numbers is 1. */
struct side {
    int32_t first, step, repeats, count;
};

/* False: the side is neither repeated nor thinned out evenly. */
static bool find_side(const struct lp_resize_nearest *p, float scale, int32_t in, int32_t out, struct side *side)
{
    *side = (struct side){.first = lp_resize_nearest_index(p, 0, scale, in), .step = 1, .repeats = 1, .count = out};
    if (out >= in && out % in == 0) {
        side->repeats = out / in;
        side->count = in;
    } else if (in % out == 0) {
        side->step = in / out;
    } else {
        return false;
    }
    for (int32_t i = 0; i < out; i++)
        if (lp_resize_nearest_index(p, i, scale, in) != side->first + i / side->repeats * side->step)
            return false;
    return true;
}

static struct lp_npu_stream feed(struct lp_npu_build *b, const struct lp_op *op, const struct lp_resize_nearest *p, int32_t batch,
                                 const struct side *y, const struct side *x)
{
    const uint32_t pixel = p->run_bytes, line = (uint32_t)p->in_w * pixel;
    const uint32_t start = (uint32_t)(batch * p->in_h + y->first) * line + (uint32_t)x->first * pixel;
    struct lp_npu_streng *s = lp_npu_engine(b, 0, lp_npu_read_tensor(b, op->inputs[0]), start);
    const bool repeats = x->repeats > 1;
    s->batch_depth = pixel;
    s->fwidth = (uint32_t)(repeats ? x->repeats : x->count);
    s->batch_offset = repeats ? 0 : (uint32_t)x->step * pixel;
    s->fheight = repeats ? (uint32_t)x->count : 1;
    s->line_offset = repeats ? pixel : line;
    s->frame_loop_cnt = (uint32_t)y->repeats; /* of one line, at a frame offset of 0 */
    s->loop_offset = (uint32_t)y->step * line;
    s->frame_tot_cnt = (uint32_t)p->out_h;
    lp_npu_busy(b, (int64_t)p->out_h * p->out_w * pixel);
    return (struct lp_npu_stream){.port = lp_npu_port(LP_NPU_STRENG, s, 0),
                                  .width = p->out_w,
                                  .height = p->out_h,
                                  .depth = (int32_t)pixel,
                                  .frames = 1,
                                  .step = (int32_t)pixel};
}

static lp_status lower_batch(struct lp_npu_work *w, const struct lp_op *op, const struct lp_resize_nearest *p, int32_t batch,
                             const struct side *y, const struct side *x)
{
    struct lp_npu_build *b = NULL;
    lp_status status = lp_npu_begin(w->l, op, &b);
    if (status != LP_OK)
        return status;
    const struct lp_npu_stream stream = feed(b, op, p, batch, y, x);
    if (p->batches == 1)
        return lp_npu_result(w, b, op, &stream);
    struct lp_npu_target target = lp_npu_target_of(w, b, op->outputs[0]);
    target.map_width = p->out_w;
    target.before_bytes += (int64_t)batch * p->out_h * p->out_w * target.channels;
    lp_npu_store(b, &stream, &target);
    return lp_npu_end(b, op, 0);
}

lp_status lp_npu_lower_resize_nearest(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    struct lp_lowering *l = w->l;
    struct lp_resize_nearest p;
    struct side y, x;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_resize_nearest_params(l->graph, op, l->diag, &p);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (!find_side(&p, p.scale_h, p.in_h, p.out_h, &y) || !find_side(&p, p.scale_w, p.in_w, p.out_w, &x))
        return lp_npu_refuse(
            l, no, LP_NPU_RULE_RESIZE,
            lp_arena_printf(l->arena, "%ldx%ld to %ldx%ld", (long)p.in_h, (long)p.in_w, (long)p.out_h, (long)p.out_w),
            "a size that is a multiple of the other one, without align_corners");
    if (p.batches > LP_NPU_MOST_EPOCHS)
        return lp_npu_refuse(l, no, LP_NPU_RULE_TILES, lp_arena_printf(l->arena, "%ld epochs", (long)p.batches),
                             "a smaller batch");
    status = lp_lower_expected(l, op);
    for (int32_t n = 0; n < p.batches && status == LP_OK; n++)
        status = lower_batch(w, op, &p, n, &y, &x);
    return status;
}
