/* Operators with weights, of int8 and int16, with biases whose scales are those of the products. */
#include "tests/support/single_op_parts.h"

#include <math.h>

/* LiteRT compares the zero points of weights with 0, so there have to be some. */
static int32_t add_filters(struct random_model *m, const struct shape *s, int32_t axis, int32_t taps, int32_t in, int32_t out)
{
    const int32_t weights = add_weights(m, s->rank, s->dims, axis, taps, in, out);
    const struct lp_tw_tensor *t = &m->file.tensors[weights];
    const int32_t *zeros = block(m, sizeof *zeros * t->scale_count);
    lp_tw_set_channel_scales(&m->file, weights, t->scales, zeros, t->scale_count, t->axis);
    return weights;
}

static int32_t add_scaled_bias(struct random_model *m, int32_t count, int32_t in, int32_t weights)
{
    const bool is_wide = m->file.tensors[in].element == LP_ELEMENT_INT16;
    const struct lp_tw_tensor *w = &m->file.tensors[weights];
    const uint32_t scale_count = w->scale_count;
    float *scales = block(m, sizeof *scales * scale_count);
    const int32_t *zeros = block(m, sizeof *zeros * scale_count);
    for (uint32_t i = 0; i < scale_count; i++)
        scales[i] = m->file.tensors[in].scales[0] * w->scales[i];
    int32_t *narrow = block(m, sizeof *narrow * (size_t)count);
    int64_t *wide = block(m, sizeof *wide * (size_t)count);
    for (int32_t i = 0; i < count; i++) {
        narrow[i] = random_between(m, -5000, 5000);
        wide[i] = random_between(m, -2000000, 2000000);
    }
    const int32_t bias = lp_tw_add_tensor(&m->file, "bias", is_wide ? LP_ELEMENT_INT64 : LP_ELEMENT_INT32, 1, &count, NULL, NULL);
    lp_tw_set_channel_scales(&m->file, bias, scales, zeros, scale_count, 0);
    if (is_wide)
        lp_tw_set_data(&m->file, bias, wide, sizeof *wide * (size_t)count);
    else
        lp_tw_set_data(&m->file, bias, narrow, sizeof *narrow * (size_t)count);
    return bias;
}

void single_fully_connected(struct random_model *m)
{
    struct shape s = random_shape(m, 1, 4), result = {.rank = 2};
    const enum lp_element element = int8_or_int16(m);
    const bool is_kept = random_between(m, 0, 1);
    const int32_t depth = random_between(m, 1, 40), units = random_between(m, 1, 12);
    int32_t rows = 1;
    s.dims[s.rank - 1] = depth;
    for (int32_t i = 0; i < s.rank - 1; i++)
        rows *= s.dims[i];
    result.dims[0] = rows;
    if (is_kept)
        result = s;
    result.dims[result.rank - 1] = units;
    const int32_t in = add_port(m, element, &s), out = add_typed(m, element, &result);
    const int32_t weights = add_filters(m, &(struct shape){2, {units, depth}}, 0, depth, in, out);
    const int32_t bias = random_between(m, 0, 3) ? add_scaled_bias(m, units, in, weights) : -1;
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_FULLY_CONNECTED, 8, 3, (int32_t[]){in, weights, bias}, out);
    set_byte(op, 0, random_between(m, 0, 3));
    set_byte(op, 1, 0);
    set_byte(op, 2, is_kept);
}

struct window {
    int32_t size, stride, dilation;
};

static struct window random_window(struct random_model *m, int32_t in)
{
    struct window w = {.size = random_between(m, 1, in), .stride = random_between(m, 1, 3), .dilation = 1};
    if (random_between(m, 0, 3) == 0 && (w.size - 1) * 2 < in)
        w.dilation = 2;
    return w;
}

static int32_t places(struct window w, int32_t in, bool is_same)
{
    return is_same ? (in + w.stride - 1) / w.stride : (in - (w.size - 1) * w.dilation + w.stride - 1) / w.stride;
}

void single_convolution(struct random_model *m)
{
    struct shape s = random_shape(m, 4, 4);
    const enum lp_element element = int8_or_int16(m);
    const bool is_depthwise = random_between(m, 0, 1), is_same = random_between(m, 0, 1);
    for (int i = 1; i <= 3; i++)
        s.dims[i] = random_between(m, 1, 9);
    const struct window h = random_window(m, s.dims[1]);
    struct window w = random_window(m, s.dims[2]);
    if (is_depthwise)
        w.stride = h.stride; /* LiteRT has no others */
    const int32_t multiplier = random_between(m, 1, 3);
    const int32_t channels = is_depthwise ? s.dims[3] * multiplier : random_between(m, 1, 12);
    const int32_t taps = h.size * w.size * (is_depthwise ? 1 : s.dims[3]);
    const struct shape result = {4, {s.dims[0], places(h, s.dims[1], is_same), places(w, s.dims[2], is_same), channels}};
    const struct shape filters = {4, {is_depthwise ? 1 : channels, h.size, w.size, is_depthwise ? channels : s.dims[3]}};
    const int32_t in = add_port(m, element, &s), out = add_typed(m, element, &result);
    const int32_t weights = add_filters(m, &filters, is_depthwise ? 3 : 0, taps, in, out);
    const int32_t bias = add_scaled_bias(m, channels, in, weights);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, is_depthwise ? TW_DEPTHWISE_CONV_2D : TW_CONV_2D, is_depthwise ? 2 : 1, 3,
                                       (int32_t[]){in, weights, bias}, out);
    int field = 0;
    set_byte(op, field++, !is_same);
    set_word(op, field++, w.stride);
    set_word(op, field++, h.stride);
    if (is_depthwise)
        set_word(op, field++, multiplier);
    set_byte(op, field++, random_between(m, 0, 3));
    set_word(op, field++, w.dilation);
    set_word(op, field, h.dilation);
}

/* All sizes that give the input's size back. */
static int32_t spread(struct random_model *m, int32_t in, struct window w, bool is_same)
{
    const int32_t rest = random_between(m, 0, w.stride - 1);
    return is_same ? in * w.stride - rest : (in - 1) * w.stride + w.size + rest;
}

void single_transpose_conv(struct random_model *m)
{
    const struct shape s = random_shape(m, 4, 4);
    const enum lp_element element = int8_or_int16(m);
    const bool is_same = random_between(m, 0, 1);
    const struct window h = random_window(m, 4), w = random_window(m, 4);
    const int32_t channels = random_between(m, 1, 6);
    struct shape result = {4, {s.dims[0], 0, 0, channels}};
    result.dims[1] = spread(m, s.dims[1], h, is_same);
    result.dims[2] = spread(m, s.dims[2], w, is_same);
    const int32_t in = add_port(m, element, &s), out = add_typed(m, element, &result);
    const struct shape filters = {4, {channels, h.size, w.size, s.dims[3]}};
    const int32_t weights = add_filters(m, &filters, 0, h.size * w.size * s.dims[3], in, out);
    const int32_t bias = random_between(m, 0, 2) ? add_scaled_bias(m, channels, in, weights) : -1;
    const int32_t size = add_list(m, result.dims, 4);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_TRANSPOSE_CONV, 49, bias < 0 ? 3 : 4, (int32_t[]){size, weights, in, bias},
                                       out);
    set_byte(op, 0, !is_same);
    set_word(op, 1, w.stride);
    set_word(op, 2, h.stride);
    set_byte(op, 3, random_between(m, 0, 3));
}

static struct shape matrices(struct random_model *m, int32_t rows, int32_t columns, bool is_adjoint, const int32_t *batches)
{
    struct shape s = {.rank = random_between(m, 2, 4)};
    for (int32_t i = 0; i < s.rank - 2; i++)
        s.dims[i] = random_between(m, 0, 3) == 0 ? 1 : batches[i + 4 - s.rank];
    s.dims[s.rank - 2] = is_adjoint ? columns : rows;
    s.dims[s.rank - 1] = is_adjoint ? rows : columns;
    return s;
}

void single_batch_matmul(struct random_model *m)
{
    const int32_t rows = random_between(m, 1, 6), depth = random_between(m, 1, 9), columns = random_between(m, 1, 6);
    const bool is_x = random_between(m, 0, 1), is_y = random_between(m, 0, 1);
    const enum lp_element element = int8_or_int16(m);
    const int32_t outer = random_between(m, 1, 3), batches[2] = {outer, random_between(m, 1, 3)};
    const struct shape a = matrices(m, rows, depth, is_x, batches), b = matrices(m, depth, columns, is_y, batches);
    struct shape result = {.rank = a.rank > b.rank ? a.rank : b.rank};
    for (int32_t i = 0; i < result.rank - 2; i++) {
        const int32_t in_a = i - (result.rank - a.rank), in_b = i - (result.rank - b.rank);
        const int32_t of_a = in_a < 0 ? 1 : a.dims[in_a], of_b = in_b < 0 ? 1 : b.dims[in_b];
        result.dims[i] = of_a > of_b ? of_a : of_b;
    }
    result.dims[result.rank - 2] = rows;
    result.dims[result.rank - 1] = columns;
    const int32_t x = add_port(m, element, &a), y = add_typed(m, element, &b);
    fill_or_feed(m, y);
    const float fill = (element == LP_ELEMENT_INT8 ? 60.0f : 9000.0f) * sqrtf((float)depth);
    const int32_t zero_point = element == LP_ELEMENT_INT8 ? random_between(m, -128, 127) : 0;
    const int32_t out = add_fixed(m, element, &result, m->file.tensors[x].scales[0] * m->file.tensors[y].scales[0] * fill,
                                  zero_point);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_BATCH_MATMUL, 101, 2, (int32_t[]){x, y}, out);
    set_byte(op, 0, is_x);
    set_byte(op, 1, is_y);
}
