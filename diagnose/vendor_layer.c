#include "diagnose/vendor_layer.h"

#include <math.h>
#include <string.h>

static int64_t round_half_away(int64_t v, int32_t shift)
{
    if (shift <= 0)
        return v * (INT64_C(1) << -shift);
    int64_t half = INT64_C(1) << (shift - 1);
    return v < 0 ? -((-v + half) >> shift) : (v + half) >> shift;
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static int32_t bit_length(uint64_t v)
{
    int32_t bits = 0;
    for (; v != 0; v >>= 1)
        bits++;
    return bits;
}

bool lp_vendor_layer_is_known(const struct lp_graph *graph, const struct lp_op *op)
{
    if (!lp_is_weighted(op->kind))
        return false;
    const struct lp_tensor *in = lp_op_input(graph, op, 0), *w = lp_op_input(graph, op, 1), *bias = lp_op_input(graph, op, 2);
    const struct lp_tensor *out = lp_op_output(graph, op, 0);
    return in->element == LP_ELEMENT_INT8 && out->element == LP_ELEMENT_INT8 && w->element == LP_ELEMENT_INT8 &&
           w->data != NULL && in->quant.count == 1 && out->quant.count == 1 && w->quant.count >= 1 &&
           (bias == NULL || (bias->data != NULL && bias->element == LP_ELEMENT_INT32));
}

static const int8_t *weights_of(const struct lp_weighted_view *v, int32_t o, int32_t tap)
{
    return v->weight + o * v->filter_stride + (int64_t)tap * v->tap_stride;
}

/* shift_o of the accumulator: as many bits as 256 times the largest weight sum has beyond 15. */
static int32_t shift_by_rule(const struct lp_weighted_view *v, enum lp_vendor_shift rule)
{
    uint64_t largest = 0;
    for (int32_t o = 0; o < v->out_c; o++) {
        int64_t positive = 0, negative = 0;
        for (int32_t tap = 0; tap < v->kernel_h * v->kernel_w; tap++)
            for (int32_t i = 0; i < v->filter_c; i++) {
                int32_t w = weights_of(v, o, tap)[i];
                positive += w > 0 ? w : 0;
                negative += w < 0 ? -w : 0;
            }
        int64_t net = positive > negative ? positive - negative : negative - positive;
        int64_t safe = positive > negative ? positive : negative;
        uint64_t sum = (uint64_t)(rule == LP_VENDOR_NET_SUM ? net : safe);
        largest = sum > largest ? sum : largest;
    }
    int32_t bits = bit_length(256 * largest);
    return bits > 15 ? bits - 15 : 0;
}

struct scales {
    double in, out;
    const struct lp_quant *weight;
    int32_t out_zero;
};

static float weight_scale(const struct scales *s, int32_t o)
{
    return s->weight->scale[s->weight->count == 1 ? 0 : o];
}

/* The largest exponent with round(value * 2^exponent) <= 32767. */
static int32_t exponent_for(double value)
{
    int32_t n = -40;
    while (n < 60 && round(ldexp(value, n + 1)) <= 32767)
        n++;
    return n;
}

static double real_bias(const struct lp_vendor_layer *l, const struct scales *s, int32_t o)
{
    return (double)lp_weighted_bias(&l->view, o) * s->in * (double)weight_scale(s, o);
}

static void fill_two_stage(struct lp_vendor_layer *l, const struct scales *s, int16_t *factor, int32_t *constant)
{
    float largest = 0;
    double limit = 0;
    for (int32_t o = 0; o < l->view.out_c; o++) {
        largest = fmaxf(largest, (float)s->in * weight_scale(s, o));
        limit = fmax(limit, fabs(real_bias(l, s, o) / s->out + s->out_zero));
    }
    int32_t n = exponent_for((double)largest);
    int32_t span = (int32_t)ceil(log2(256 * s->out)) + 1;
    l->output_shift = 20;
    while (l->output_shift > 0 && round(ldexp(limit, l->output_shift)) > INT32_MAX)
        l->output_shift--;
    int32_t between = l->output_shift - 5 - span; /* fraction bits of the value between the stages */
    l->scale_shift = n - l->accumulator_shift - between;
    l->output_factor = (int32_t)clamp((int64_t)round(ldexp(1 / s->out, l->output_shift - between)), INT16_MIN, INT16_MAX);
    for (int32_t o = 0; o < l->view.out_c; o++) {
        factor[o] = (int16_t)clamp((int64_t)round(ldexp((double)((float)s->in * weight_scale(s, o)), n)), INT16_MIN, INT16_MAX);
        constant[o] = (int32_t)clamp((int64_t)round(ldexp(real_bias(l, s, o) / s->out + s->out_zero, l->output_shift)), INT32_MIN,
                                     INT32_MAX);
    }
}

static void fill_fused(struct lp_vendor_layer *l, const struct scales *s, int16_t *factor, int32_t *constant)
{
    double largest = 0, limit = 0;
    for (int32_t o = 0; o < l->view.out_c; o++) {
        largest = fmax(largest, s->in * (double)weight_scale(s, o) / s->out);
        limit = fmax(limit, fabs(real_bias(l, s, o) / s->out + s->out_zero));
    }
    l->output_shift = (int32_t)clamp(exponent_for(largest) - l->accumulator_shift, -8, 30);
    l->constant_shift = round(ldexp(limit, l->output_shift)) > INT32_MAX;
    while (round(ldexp(limit, l->output_shift - l->constant_shift)) > INT32_MAX)
        l->output_shift--;
    for (int32_t o = 0; o < l->view.out_c; o++) {
        double r = s->in * (double)weight_scale(s, o) / s->out, add = s->out_zero + real_bias(l, s, o) / s->out;
        factor[o] = (int16_t)clamp((int64_t)round(ldexp(r, l->accumulator_shift + l->output_shift)), INT16_MIN, INT16_MAX);
        constant[o] = (int32_t)clamp((int64_t)round(ldexp(add, l->output_shift - l->constant_shift)), INT32_MIN, INT32_MAX);
    }
}

lp_status lp_vendor_layer_make(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                               enum lp_vendor_form form, enum lp_vendor_shift rule, int32_t shift, struct lp_vendor_layer *out)
{
    struct lp_channel_scales unused;
    *out = (struct lp_vendor_layer){.form = form};
    lp_status status = lp_weighted_view_of(arena, diag, graph, op, LP_ROUNDING_SINGLE, &out->view, &unused);
    if (status != LP_OK)
        return status;
    int16_t *factor = LP_NEW_ARRAY(arena, (size_t)out->view.out_c, int16_t);
    int32_t *constant = LP_NEW_ARRAY(arena, (size_t)out->view.out_c, int32_t);
    if (factor == NULL || constant == NULL)
        return lp_no_memory(diag);
    const struct lp_quant *in = &lp_op_input(graph, op, 0)->quant, *to = &lp_op_output(graph, op, 0)->quant;
    struct scales s = {(double)in->scale[0], (double)to->scale[0], &lp_op_input(graph, op, 1)->quant, to->zero_point[0]};
    out->batches = lp_tensor_elements(lp_op_output(graph, op, 0)) /
                   ((int64_t)out->view.out_h * out->view.out_w * out->view.out_c);
    bool is_long_product = op->kind == LP_OP_FULLY_CONNECTED && out->view.filter_c > LP_VENDOR_SLICE_CHANNELS;
    out->slice_c = is_long_product ? LP_VENDOR_SLICE_CHANNELS : out->view.filter_c;
    out->accumulator_shift = shift >= 0 ? shift : shift_by_rule(&out->view, rule);
    if (form == LP_VENDOR_TWO_STAGE)
        fill_two_stage(out, &s, factor, constant);
    else
        fill_fused(out, &s, factor, constant);
    out->factor = factor;
    out->constant = constant;
    return LP_OK;
}

/* The sum of one output element over `count` of its input channels; a tap outside the map adds nothing. */
static int64_t sum_at(const struct lp_weighted_view *v, const int8_t *in, int32_t y, int32_t x, int32_t o, int32_t from,
                      int32_t count)
{
    int64_t sum = 0;
    int32_t first = lp_weighted_first_input(v, o);
    for (int32_t j = 0; j < v->kernel_h; j++) {
        int32_t row = y * v->stride_h + j * v->dilation_h - v->pad_top;
        for (int32_t i = 0; i < v->kernel_w && row >= 0 && row < v->in_h; i++) {
            int32_t column = x * v->stride_w + i * v->dilation_w - v->pad_left;
            if (column < 0 || column >= v->in_w)
                continue;
            const int8_t *at = in + ((int64_t)row * v->in_w + column) * v->in_c + first;
            const int8_t *w = weights_of(v, o, j * v->kernel_w + i);
            for (int32_t c = from; c < from + count; c++)
                sum += (at[c] - v->in_zero) * w[c];
        }
    }
    return sum;
}

/* The 16-bit accumulator: slice by slice, what was summed before coming back with its shift taken away again. */
static int64_t accumulate(const struct lp_vendor_layer *l, const int8_t *in, int32_t y, int32_t x, int32_t o, bool *saturates)
{
    int64_t value = 0;
    *saturates = false;
    for (int32_t from = 0; from < l->view.filter_c; from += l->slice_c) {
        int32_t left = l->view.filter_c - from, count = left < l->slice_c ? left : l->slice_c;
        int64_t sum = sum_at(&l->view, in, y, x, o, from, count) + value * (INT64_C(1) << l->accumulator_shift);
        int64_t shifted = round_half_away(sum, l->accumulator_shift);
        value = clamp(shifted, INT16_MIN, INT16_MAX);
        *saturates = *saturates || value != shifted;
    }
    return value;
}

static int8_t finish(const struct lp_vendor_layer *l, int64_t x, int32_t o, struct lp_vendor_counts *counts)
{
    int64_t y;
    if (l->form == LP_VENDOR_TWO_STAGE) {
        int64_t scaled = round_half_away(x * l->factor[o], l->scale_shift);
        int64_t between = clamp(scaled, INT16_MIN, INT16_MAX);
        counts->saturated_between += between != scaled;
        y = between * l->output_factor + l->constant[o];
    } else {
        y = x * l->factor[o] + (int64_t)l->constant[o] * (INT64_C(1) << l->constant_shift);
    }
    y = clamp(round_half_away(y, l->output_shift), INT8_MIN, INT8_MAX);
    return (int8_t)clamp(y, l->view.act_min, l->view.act_max);
}

void lp_vendor_layer_run(const struct lp_vendor_layer *l, const int8_t *in, int8_t *out, struct lp_vendor_counts *counts)
{
    const struct lp_weighted_view *v = &l->view;
    for (int64_t b = 0; b < l->batches; b++, in += (int64_t)v->in_h * v->in_w * v->in_c)
        for (int32_t y = 0; y < v->out_h; y++)
            for (int32_t x = 0; x < v->out_w; x++)
                for (int32_t o = 0; o < v->out_c; o++) {
                    bool saturates;
                    int64_t value = accumulate(l, in, y, x, o, &saturates);
                    counts->accumulators++;
                    counts->saturated += saturates;
                    *out++ = finish(l, value, o, counts);
                }
}
