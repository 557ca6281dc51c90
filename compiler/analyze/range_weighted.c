/* Convolutions and matrix products: intervals of the accumulators, at every position of the window, then of the outputs. */
#include "compiler/analyze/range_rules.h"
#include "compiler/analyze/weighted_view.h"

/* Sums of terms over the taps [0, y) x [0, x) of the kernel, so that the taps of any rectangle take four numbers. */
struct tap_sums {
    int32_t kernel_h, kernel_w;
    int64_t *low, *high; /* (kernel_h + 1) x (kernel_w + 1) */
};

/* Which taps [first, end) of one side lie in the map, for one position or several positions. */
struct span {
    int32_t first, end;
};

struct spans {
    struct span *of;
    uint32_t count;
};

/* Beyond that many windows that differ, all that is said is the bound of the partial sums. */
enum { MOST_WINDOWS = 1 << 24 };

static bool make_sums(struct lp_arena *arena, const struct lp_weighted_view *v, struct tap_sums *s)
{
    size_t count = ((size_t)v->kernel_h + 1) * ((size_t)v->kernel_w + 1);
    s->kernel_h = v->kernel_h;
    s->kernel_w = v->kernel_w;
    s->low = LP_NEW_ARRAY(arena, count, int64_t);
    s->high = LP_NEW_ARRAY(arena, count, int64_t);
    return s->low != NULL && s->high != NULL;
}

/* Terms that 32 bits can add: inputs have at most 16 bits, less a zero point of 16. */
enum { BLOCK = 64 };

/* Adds the terms of `count` weights, at most BLOCK. The compiler makes vectors of it where the count is a constant. */
static inline void add_block(const struct lp_interval *in, const int8_t *weight, int32_t count, struct lp_wide_interval *sum,
                             struct lp_wide_interval *partial)
{
    int32_t low = 0, high = 0, part_low = 0, part_high = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t a = weight[i] * in[i].low, b = weight[i] * in[i].high;
        int32_t least = a < b ? a : b, most = a < b ? b : a;
        low += least;
        high += most;
        part_low += least < 0 ? least : 0;
        part_high += most > 0 ? most : 0;
    }
    sum->low += low;
    sum->high += high;
    partial->low += part_low;
    partial->high += part_high;
}

struct lp_wide_interval lp_range_add_tap(const struct lp_weighted_view *v, const struct lp_interval *in, const int8_t *weight,
                                         struct lp_wide_interval *partial)
{
    struct lp_wide_interval sum = {0, 0};
    int32_t i = 0;
    for (; i + BLOCK <= v->filter_c; i += BLOCK)
        add_block(in + i, weight + i, BLOCK, &sum, partial);
    add_block(in + i, weight + i, v->filter_c - i, &sum, partial);
    return sum;
}

static void sum_taps(const struct lp_weighted_view *v, const struct lp_interval *in, int32_t o, struct tap_sums *s,
                     struct lp_wide_interval *partial)
{
    const int32_t row = s->kernel_w + 1;
    const int8_t *weight = v->weight + (int64_t)o * v->filter_stride;
    for (int32_t y = 0; y < s->kernel_h; y++) {
        for (int32_t x = 0; x < s->kernel_w; x++) {
            struct lp_wide_interval tap = lp_range_add_tap(v, in, weight, partial);
            int64_t at = (int64_t)(y + 1) * row + x + 1;
            s->low[at] = tap.low + s->low[at - 1] + s->low[at - row] - s->low[at - row - 1];
            s->high[at] = tap.high + s->high[at - 1] + s->high[at - row] - s->high[at - row - 1];
            weight += v->tap_stride;
        }
    }
}

static int64_t rectangle(const int64_t *sums, int32_t row, const struct span *y, const struct span *x)
{
    return sums[(int64_t)y->end * row + x->end] - sums[(int64_t)y->first * row + x->end] -
           sums[(int64_t)y->end * row + x->first] + sums[(int64_t)y->first * row + x->first];
}

/* Moving on, both ends of the span fall or stay, so that equal spans follow each other. */
static bool find_spans(struct lp_arena *arena, int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t dilation,
                       int32_t pad, struct spans *spans)
{
    int64_t most = out < 2 * (int64_t)kernel + 1 ? out : 2 * (int64_t)kernel + 1;
    spans->of = LP_NEW_ARRAY(arena, (size_t)most, struct span);
    spans->count = 0;
    for (int32_t o = 0; spans->of != NULL && o < out; o++) {
        int64_t start = (int64_t)o * stride - pad;
        int64_t first = start < 0 ? (-start + dilation - 1) / dilation : 0;
        int64_t end = start >= in ? 0 : (in - 1 - start) / dilation + 1;
        first = first < kernel ? first : kernel;
        end = end < kernel ? end : kernel;
        struct span span = {(int32_t)first, (int32_t)(end < first ? first : end)};
        const struct span *last = spans->count == 0 ? NULL : &spans->of[spans->count - 1];
        if (last == NULL || last->first != span.first || last->end != span.end)
            spans->of[spans->count++] = span;
    }
    return spans->of != NULL;
}

static void widen(struct lp_wide_interval *all, int64_t low, int64_t high, bool is_first)
{
    all->low = is_first || low < all->low ? low : all->low;
    all->high = is_first || high > all->high ? high : all->high;
}

static void over_positions(const struct tap_sums *s, const struct spans *ys, const struct spans *xs, int64_t bias,
                           struct lp_accumulator_range *out)
{
    const int32_t row = s->kernel_w + 1;
    bool has_interior = false;
    for (uint32_t y = 0; y < ys->count; y++) {
        for (uint32_t x = 0; x < xs->count; x++) {
            int64_t low = bias + rectangle(s->low, row, &ys->of[y], &xs->of[x]);
            int64_t high = bias + rectangle(s->high, row, &ys->of[y], &xs->of[x]);
            widen(&out->anywhere, low, high, y == 0 && x == 0);
            if (ys->of[y].first != 0 || ys->of[y].end != s->kernel_h || xs->of[x].first != 0 || xs->of[x].end != s->kernel_w)
                continue;
            out->interior = (struct lp_wide_interval){low, high};
            has_interior = true;
        }
    }
    if (!has_interior)
        out->interior = out->anywhere;
}

/* `in` holds intervals less the zero point, for all input channels. */
static lp_status find_accumulators(struct lp_range_work *w, const struct lp_weighted_view *v, const struct lp_interval *in,
                                   struct lp_accumulator_range *acc)
{
    struct tap_sums sums;
    struct spans ys, xs;
    if (!make_sums(w->arena, v, &sums) ||
        !find_spans(w->arena, v->in_h, v->out_h, v->kernel_h, v->stride_h, v->dilation_h, v->pad_top, &ys) ||
        !find_spans(w->arena, v->in_w, v->out_w, v->kernel_w, v->stride_w, v->dilation_w, v->pad_left, &xs))
        return lp_no_memory(w->diag);
    bool is_simple = (uint64_t)ys.count * xs.count * (uint64_t)v->out_c <= MOST_WINDOWS;
    for (int32_t o = 0; o < v->out_c; o++) {
        int64_t bias = lp_weighted_bias(v, o);
        struct lp_wide_interval partial = {0, 0};
        sum_taps(v, in + lp_weighted_first_input(v, o), o, &sums, &partial);
        acc[o].partial.low = partial.low + (bias < 0 ? bias : 0);
        acc[o].partial.high = partial.high + (bias > 0 ? bias : 0);
        acc[o].anywhere = (struct lp_wide_interval){partial.low + bias, partial.high + bias};
        acc[o].interior = acc[o].anywhere;
        if (is_simple)
            over_positions(&sums, &ys, &xs, bias, &acc[o]);
    }
    return LP_OK;
}

static lp_status find_outputs(struct lp_range_work *w, const struct lp_weighted_view *v, const struct lp_channel_scales *scales,
                              const struct lp_accumulator_range *acc)
{
    struct lp_interval *out = lp_range_output(w, (uint32_t)v->out_c);
    for (int32_t o = 0; out != NULL && o < v->out_c; o++) {
        int32_t i = scales->count > 1 ? o : 0;
        const struct lp_range_scaling s = {scales->multiplier[i],       scales->shift[i], v->out_offset, v->act_min, v->act_max,
                                           (uint8_t)w->ranges->rounding};
        out[o] = v->is_wide ? lp_range_requantize_wide(&s, acc[o].anywhere) : lp_range_requantize(&s, acc[o].anywhere);
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

lp_status lp_range_weighted(struct lp_range_work *w)
{
    struct lp_weighted_view *v = LP_NEW(w->arena, struct lp_weighted_view);
    struct lp_channel_scales scales = {0};
    if (v == NULL)
        return lp_no_memory(w->diag);
    lp_status status = lp_weighted_view_of(w->arena, w->diag, w->graph, w->op, w->ranges->rounding, v, &scales);
    if (status != LP_OK)
        return status;
    struct lp_interval *in = lp_range_input_folded(w, v->input, (uint32_t)v->in_c);
    struct lp_interval *from_zero = in == NULL ? NULL : lp_range_scratch(w, (uint32_t)v->in_c);
    if (from_zero == NULL)
        return LP_OUT_OF_MEMORY;
    struct lp_accumulator_range *acc = LP_NEW_ARRAY(w->arena, (size_t)v->out_c, struct lp_accumulator_range);
    if (acc == NULL)
        return lp_no_memory(w->diag);
    for (int32_t i = 0; i < v->in_c; i++)
        from_zero[i] = (struct lp_interval){in[i].low - v->in_zero, in[i].high - v->in_zero};
    status = v->is_transposed ? lp_range_transposed(w, v, from_zero, acc) : find_accumulators(w, v, from_zero, acc);
    if (status == LP_OK)
        status = find_outputs(w, v, &scales, acc);
    w->ranges->ops[w->op - w->graph->ops] = (struct lp_op_range){.count = (uint32_t)v->out_c, .of = acc, .view = v, .inputs = in};
    return status;
}

/* Inputs as a tap sees them that lies beyond the map at some positions, where it reads the zero point. */
static void see_padding(struct lp_interval *in, int32_t count, int32_t zero)
{
    for (int32_t i = 0; i < count; i++)
        in[i] = lp_range_hull(in[i], (struct lp_interval){zero, zero});
}

struct lp_wide_interval lp_range_partial_sum(const struct lp_weighted_view *v, const struct lp_interval *inputs, int32_t channel,
                                             int32_t first, int32_t count, int32_t offset)
{
    const struct lp_interval *in = inputs + lp_weighted_first_input(v, channel);
    struct lp_wide_interval sum = {0, 0}, parts = {0, 0};
    for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++) {
        bool leaves = lp_tap_leaves(t / v->kernel_w, v->in_h, v->out_h, v->stride_h, v->dilation_h, v->pad_top) ||
                      lp_tap_leaves(t % v->kernel_w, v->in_w, v->out_w, v->stride_w, v->dilation_w, v->pad_left);
        const int8_t *weight = v->weight + channel * v->filter_stride + (int64_t)t * v->tap_stride;
        for (int32_t i = first; i < first + count; i += BLOCK) {
            struct lp_interval seen[BLOCK];
            int32_t size = first + count - i < BLOCK ? first + count - i : BLOCK;
            for (int32_t k = 0; k < size; k++)
                seen[k] = (struct lp_interval){in[i + k].low + offset, in[i + k].high + offset};
            if (leaves)
                see_padding(seen, size, v->in_zero + offset);
            if (size == BLOCK)
                add_block(seen, weight + i, BLOCK, &sum, &parts);
            else
                add_block(seen, weight + i, size, &sum, &parts);
        }
    }
    return parts;
}
