/* Accumulators of TRANSPOSE_CONV. An output sees every stride-th tap of the kernel, from one that its place decides, and of
 * these what lies in the map: few combinations, each of which is summed. */
#include "compiler/analyze/range_rules.h"

/* Beyond that many additions, all that is said is the bound of the partial sums. */
enum { MOST_ADDITIONS = 1 << 26 };

/* Taps first, first + stride, ... below end, along one side. */
struct reach {
    int32_t first, end;
    bool is_whole; /* no tap that the place sees lies outside the map */
};

struct reaches {
    struct reach *of;
    uint32_t count;
};

/* Tap k reaches output o from input (o + pad - k) / stride. */
static struct reach reach_of(int64_t place, int32_t in, int32_t kernel, int32_t stride)
{
    int64_t phase = place % stride;
    if (phase >= kernel)
        return (struct reach){kernel, kernel, true};
    int64_t last = phase + (kernel - 1 - phase) / stride * stride;
    int64_t from_end = place - (int64_t)(in - 1) * stride; /* the tap that the last input meets */
    int64_t first = from_end > phase ? from_end : phase;
    int64_t end = place < last ? place + 1 : last + 1;
    if (first >= end)
        return (struct reach){kernel, kernel, false};
    return (struct reach){(int32_t)first, (int32_t)end, first == phase && end == last + 1};
}

static bool same_reach(struct reach a, struct reach b)
{
    return a.first == b.first && a.end == b.end && a.is_whole == b.is_whole;
}

/* Places a stride apart see the same taps, as long as none of them is cut at either end of the map. */
static bool find_reaches(struct lp_arena *arena, int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t pad,
                         struct reaches *r)
{
    /* Cut in front, cut behind, and one that is whole for each phase. */
    int64_t most = 2 * ((int64_t)kernel + stride) + 1;
    const int64_t end = (int64_t)in * stride; /* the first place behind all inputs */
    most = most < out ? most : out;
    r->count = 0;
    r->of = LP_NEW_ARRAY(arena, (size_t)most, struct reach);
    for (int64_t o = 0; o < out && o + pad < end + kernel + stride && r->of != NULL; o++) {
        int64_t place = o + pad;
        if (o >= stride && place - stride >= kernel - 1 && place < end) {
            o = end - pad - 1;
            continue;
        }
        struct reach reach = reach_of(place, in, kernel, stride);
        if (o < stride || !same_reach(reach, reach_of(place - stride, in, kernel, stride)))
            r->of[r->count++] = reach;
    }
    return r->of != NULL;
}

static void widen(struct lp_wide_interval *all, struct lp_wide_interval one, bool is_first)
{
    all->low = is_first || one.low < all->low ? one.low : all->low;
    all->high = is_first || one.high > all->high ? one.high : all->high;
}

static struct lp_wide_interval sum_of(const struct lp_weighted_view *v, const struct lp_wide_interval *taps,
                                      const struct reach *y, const struct reach *x, int64_t bias)
{
    struct lp_wide_interval sum = {bias, bias};
    for (int32_t ky = y->first; ky < y->end; ky += v->stride_h)
        for (int32_t kx = x->first; kx < x->end; kx += v->stride_w) {
            sum.low += taps[ky * v->kernel_w + kx].low;
            sum.high += taps[ky * v->kernel_w + kx].high;
        }
    return sum;
}

static void over_places(const struct lp_weighted_view *v, const struct lp_wide_interval *taps, const struct reaches *ys,
                        const struct reaches *xs, int64_t bias, struct lp_accumulator_range *out)
{
    bool has_interior = false;
    for (uint32_t y = 0; y < ys->count; y++)
        for (uint32_t x = 0; x < xs->count; x++) {
            struct lp_wide_interval sum = sum_of(v, taps, &ys->of[y], &xs->of[x], bias);
            widen(&out->anywhere, sum, y == 0 && x == 0);
            if (!ys->of[y].is_whole || !xs->of[x].is_whole)
                continue;
            widen(&out->interior, sum, !has_interior);
            has_interior = true;
        }
    if (!has_interior)
        out->interior = out->anywhere;
}

lp_status lp_range_transposed(struct lp_range_work *w, const struct lp_weighted_view *v, const struct lp_interval *in,
                              struct lp_accumulator_range *acc)
{
    struct reaches ys, xs;
    const int32_t tap_count = v->kernel_h * v->kernel_w;
    struct lp_wide_interval *taps = LP_NEW_ARRAY(w->arena, (size_t)tap_count, struct lp_wide_interval);
    if (taps == NULL || !find_reaches(w->arena, v->in_h, v->out_h, v->kernel_h, v->stride_h, v->pad_top, &ys) ||
        !find_reaches(w->arena, v->in_w, v->out_w, v->kernel_w, v->stride_w, v->pad_left, &xs))
        return lp_no_memory(w->diag);
    bool is_simple = (double)ys.count * xs.count * v->out_c * tap_count <= (double)MOST_ADDITIONS;
    for (int32_t o = 0; o < v->out_c; o++) {
        int64_t bias = lp_weighted_bias(v, o);
        struct lp_wide_interval partial = {0, 0};
        for (int32_t t = 0; t < tap_count; t++)
            taps[t] = lp_range_add_tap(v, in, v->weight + o * v->filter_stride + (int64_t)t * v->tap_stride, &partial);
        acc[o].partial.low = partial.low + (bias < 0 ? bias : 0);
        acc[o].partial.high = partial.high + (bias > 0 ? bias : 0);
        acc[o].anywhere = (struct lp_wide_interval){partial.low + bias, partial.high + bias};
        acc[o].interior = acc[o].anywhere;
        if (is_simple)
            over_places(v, taps, &ys, &xs, bias, &acc[o]);
    }
    return LP_OK;
}
