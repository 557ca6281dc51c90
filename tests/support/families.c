#include "tests/support/families.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = 0, RELU = 1, RELU6 = 3 };
enum { SAME = 0, VALID = 1 };
enum {
    ADD = 0,
    AVERAGE_POOL_2D = 1,
    CONCATENATION = 2,
    CONV_2D = 3,
    DEPTHWISE_CONV_2D = 4,
    DEQUANTIZE = 6,
    FULLY_CONNECTED = 9,
    L2_NORMALIZATION = 11,
    LOGISTIC = 14,
    MAX_POOL_2D = 17,
    MUL = 18,
    RESHAPE = 22,
    RESIZE_BILINEAR = 23,
    SOFTMAX = 25,
    TANH = 28,
    PAD = 34,
    TRANSPOSE = 39,
    MEAN = 40,
    SUB = 41,
    STRIDED_SLICE = 45,
    ARG_MAX = 56,
    RSQRT = 76,
    SHAPE = 77,
    PACK = 83,
    FILL = 94,
    RESIZE_NEAREST_NEIGHBOR = 97,
    LEAKY_RELU = 98,
    SQUARED_DIFFERENCE = 99,
    QUANTIZE = 114,
    HARD_SWISH = 117,
    GELU = 150
};

/* Constants live as long as the program: the writer keeps pointers. Each block points to the one before, so that nobody takes them
 * for lost. */
struct kept {
    struct kept *before;
    max_align_t bytes[];
};

static void *keep(size_t bytes)
{
    static struct kept *last;
    struct kept *block = calloc(1, sizeof *block + bytes);
    if (block == NULL)
        abort();
    block->before = last;
    last = block;
    return block->bytes;
}

static uint32_t bits(void)
{
    static uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static const int32_t *dims_of(const struct lp_tw *w, int32_t tensor)
{
    return w->tensors[tensor].dims;
}

static float scale_of(const struct lp_tw *w, int32_t tensor)
{
    return w->tensors[tensor].scales[0];
}

static int32_t add(struct lp_tw *w, enum lp_element element, int32_t rank, const int32_t *dims, float scale, int32_t zero)
{
    char name[40];
    float *scales = keep(sizeof *scales);
    int32_t *zeros = keep(sizeof *zeros);
    *scales = scale;
    *zeros = zero;
    snprintf(name, sizeof name, "t%u", (unsigned)w->tensor_count);
    return lp_tw_add_tensor(w, name, element, rank, dims, scale > 0 ? scales : NULL, zeros);
}

static int32_t add_map(struct lp_tw *w, int32_t h, int32_t width, int32_t c, float scale, int32_t zero)
{
    return add(w, LP_ELEMENT_INT8, 4, (int32_t[]){1, h, width, c}, scale, zero);
}

static int32_t add_like(struct lp_tw *w, int32_t tensor)
{
    const struct lp_tw_tensor *t = &w->tensors[tensor];
    return add(w, t->element, t->rank, t->dims, t->scales[0], t->zero_points[0]);
}

static int32_t numbers(struct lp_tw *w, int32_t rank, const int32_t *dims, const int32_t *values)
{
    size_t count = 1;
    for (int32_t d = 0; d < rank; d++)
        count *= (size_t)dims[d];
    int32_t *data = keep(count * sizeof *data);
    memcpy(data, values, count * sizeof *data);
    int32_t tensor = add(w, LP_ELEMENT_INT32, rank, dims, 0, 0);
    lp_tw_set_data(w, tensor, data, count * sizeof *data);
    return tensor;
}

static int32_t list(struct lp_tw *w, int32_t count, const int32_t *values)
{
    return numbers(w, 1, &count, values);
}

static struct lp_tw_op *op(struct lp_tw *w, int32_t code, uint8_t options, uint32_t count, const int32_t *inputs, int32_t out)
{
    return lp_tw_add_op(w, code, options, count, inputs, out);
}

static void set(struct lp_tw_op *o, int field, uint8_t bytes, int64_t value)
{
    o->fields[field] = (struct lp_tw_field){bytes, value};
}

/* Weights of one scale for each of `channels`, which are the dimension `axis`. */
static int32_t weights(struct lp_tw *w, const int32_t *dims, int32_t rank, int32_t axis, float *about)
{
    size_t count = 1;
    int32_t channels = dims[axis];
    for (int32_t d = 0; d < rank; d++)
        count *= (size_t)dims[d];
    int8_t *data = keep(count);
    float *scales = keep((size_t)channels * sizeof *scales);
    for (size_t i = 0; i < count; i++)
        data[i] = (int8_t)((int32_t)(bits() % 255) - 127);
    for (int32_t c = 0; c < channels; c++)
        scales[c] = 0.002f * (1.0f + (float)(bits() % 1000) / 1000.0f);
    *about = 0.003f;
    int32_t tensor = add(w, LP_ELEMENT_INT8, rank, dims, 1, 0);
    lp_tw_set_channel_scales(w, tensor, scales, NULL, (uint32_t)channels, axis);
    lp_tw_set_data(w, tensor, data, count);
    return tensor;
}

static int32_t bias(struct lp_tw *w, int32_t channels)
{
    int32_t *data = keep((size_t)channels * sizeof *data);
    for (int32_t c = 0; c < channels; c++)
        data[c] = (int32_t)(bits() % 8001) - 4000;
    int32_t tensor = add(w, LP_ELEMENT_INT32, 1, &channels, 0, 0);
    lp_tw_set_data(w, tensor, data, (size_t)channels * sizeof *data);
    return tensor;
}

static int32_t size_of(int32_t in, int32_t kernel, int32_t stride, int padding)
{
    return padding == SAME ? (in + stride - 1) / stride : (in - kernel + stride) / stride;
}

/* An output scale with which sums of so many random products use the range. */
static float result_scale(float in, float weight, int32_t terms)
{
    return in * weight * sqrtf((float)terms) * 130.0f;
}

static int32_t conv(struct lp_tw *w, int32_t in, int32_t c, int32_t kernel, int32_t stride, int padding, int activation)
{
    const int32_t *d = dims_of(w, in);
    const int32_t filter[4] = {c, kernel, kernel, d[3]}, terms = kernel * kernel * d[3];
    const int32_t h = size_of(d[1], kernel, stride, padding), width = size_of(d[2], kernel, stride, padding);
    float about;
    int32_t weight = weights(w, filter, 4, 0, &about), b = bias(w, c);
    int32_t out = add_map(w, h, width, c, result_scale(scale_of(w, in), about, terms), activation == NONE ? 4 : -128);
    struct lp_tw_op *o = op(w, CONV_2D, 1, 3, (int32_t[]){in, weight, b}, out);
    set(o, 0, 1, padding);
    set(o, 1, 4, stride);
    set(o, 2, 4, stride);
    set(o, 3, 1, activation);
    return out;
}

static int32_t depthwise(struct lp_tw *w, int32_t in, int32_t kernel, int32_t stride, int padding, int activation)
{
    const int32_t *d = dims_of(w, in);
    const int32_t c = d[3], filter[4] = {1, kernel, kernel, c};
    const int32_t h = size_of(d[1], kernel, stride, padding), width = size_of(d[2], kernel, stride, padding);
    float about;
    int32_t weight = weights(w, filter, 4, 3, &about), b = bias(w, c);
    int32_t out = add_map(w, h, width, c, result_scale(scale_of(w, in), about, kernel * kernel), activation == NONE ? -3 : -128);
    struct lp_tw_op *o = op(w, DEPTHWISE_CONV_2D, 2, 3, (int32_t[]){in, weight, b}, out);
    set(o, 0, 1, padding);
    set(o, 1, 4, stride);
    set(o, 2, 4, stride);
    set(o, 3, 4, 1);
    set(o, 4, 1, activation);
    return out;
}

static int32_t dense(struct lp_tw *w, int32_t in, int32_t classes)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    const int32_t c = t->dims[t->rank - 1], dims[2] = {classes, c};
    float about;
    int32_t weight = weights(w, dims, 2, 0, &about);
    int32_t b = bias(w, classes);
    int32_t out = add(w, LP_ELEMENT_INT8, 2, (int32_t[]){1, classes}, result_scale(scale_of(w, in), about, c), 9);
    op(w, FULLY_CONNECTED, 8, 3, (int32_t[]){in, weight, b}, out);
    return out;
}

static int32_t sum(struct lp_tw *w, int32_t a, int32_t b, int activation)
{
    const int32_t *d = dims_of(w, a);
    int32_t out = add_map(w, d[1], d[2], d[3], 1.3f * fmaxf(scale_of(w, a), scale_of(w, b)), activation == NONE ? 1 : -128);
    set(op(w, ADD, 11, 2, (int32_t[]){a, b}, out), 0, 1, activation);
    return out;
}

static int32_t product(struct lp_tw *w, int32_t a, int32_t b, float scale)
{
    const struct lp_tw_tensor *t = &w->tensors[a];
    int32_t out = add(w, LP_ELEMENT_INT8, t->rank, t->dims, scale, -20);
    op(w, MUL, 21, 2, (int32_t[]){a, b}, out);
    return out;
}

static int32_t logistic(struct lp_tw *w, int32_t in)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add(w, LP_ELEMENT_INT8, t->rank, t->dims, 1.0f / 256, -128);
    op(w, LOGISTIC, 0, 1, &in, out);
    return out;
}

/* x * logistic(x), as converters write it. */
static int32_t silu(struct lp_tw *w, int32_t in)
{
    return product(w, in, logistic(w, in), 0.6f * scale_of(w, in));
}

static int32_t pool(struct lp_tw *w, int32_t code, int32_t in, int32_t kernel, int32_t stride, int padding)
{
    const int32_t *d = dims_of(w, in);
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add_map(w, size_of(d[1], kernel, stride, padding), size_of(d[2], kernel, stride, padding), d[3], t->scales[0],
                          t->zero_points[0]);
    struct lp_tw_op *o = op(w, code, 5, 1, &in, out);
    set(o, 0, 1, padding);
    set(o, 1, 4, stride);
    set(o, 2, 4, stride);
    set(o, 3, 4, kernel);
    set(o, 4, 4, kernel);
    return out;
}

static int32_t pad(struct lp_tw *w, int32_t in, int32_t before, int32_t after, int32_t channels)
{
    const int32_t *d = dims_of(w, in);
    const struct lp_tw_tensor *t = &w->tensors[in];
    const int32_t pads[8] = {0, 0, before, after, before, after, 0, channels};
    int32_t out = add_map(w, d[1] + before + after, d[2] + before + after, d[3] + channels, t->scales[0], t->zero_points[0]);
    op(w, PAD, 22, 2, (int32_t[]){in, numbers(w, 2, (int32_t[]){4, 2}, pads)}, out);
    return out;
}

static int32_t global_mean(struct lp_tw *w, int32_t in, int keep_dims)
{
    const int32_t c = dims_of(w, in)[3];
    int32_t out = keep_dims ? add_map(w, 1, 1, c, 0.5f * scale_of(w, in), -100)
                            : add(w, LP_ELEMENT_INT8, 2, (int32_t[]){1, c}, 0.5f * scale_of(w, in), -100);
    set(op(w, MEAN, 27, 2, (int32_t[]){in, list(w, 2, (int32_t[]){1, 2})}, out), 0, 1, keep_dims);
    return out;
}

static int32_t joined(struct lp_tw *w, const int32_t *in, uint32_t count, int32_t axis)
{
    const struct lp_tw_tensor *t = &w->tensors[in[0]];
    int32_t dims[4];
    memcpy(dims, t->dims, sizeof dims);
    for (uint32_t i = 1; i < count; i++)
        dims[axis] += dims_of(w, in[i])[axis];
    int32_t out = add(w, LP_ELEMENT_INT8, t->rank, dims, t->scales[0], t->zero_points[0]);
    set(op(w, CONCATENATION, 10, count, in, out), 0, 4, axis);
    return out;
}

static int32_t requantized(struct lp_tw *w, int32_t in, float scale, int32_t zero)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add(w, LP_ELEMENT_INT8, t->rank, t->dims, scale, zero);
    op(w, QUANTIZE, 0, 1, &in, out);
    return out;
}

static int32_t reshaped(struct lp_tw *w, int32_t in, int32_t rank, const int32_t *dims)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add(w, t->element, rank, dims, t->scales[0], t->zero_points[0]);
    op(w, RESHAPE, 17, 2, (int32_t[]){in, list(w, rank, dims)}, out);
    return out;
}

static int32_t softmax(struct lp_tw *w, int32_t in)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add(w, LP_ELEMENT_INT8, t->rank, t->dims, 1.0f / 256, -128);
    set(op(w, SOFTMAX, 9, 1, &in, out), 0, 4, lp_tw_float_bits(1.0f));
    return out;
}

static int32_t resized(struct lp_tw *w, int32_t code, int32_t in, int32_t factor, int half_pixels)
{
    const int32_t *d = dims_of(w, in);
    const struct lp_tw_tensor *t = &w->tensors[in];
    const int32_t size[2] = {factor * d[1], factor * d[2]};
    int32_t out = add_map(w, size[0], size[1], d[3], t->scales[0], t->zero_points[0]);
    const bool is_bilinear = code == RESIZE_BILINEAR;
    struct lp_tw_op *o = op(w, code, is_bilinear ? 15 : 74, 2, (int32_t[]){in, list(w, 2, size)}, out);
    set(o, is_bilinear ? 3 : 1, 1, half_pixels);
    return out;
}

static void output(struct lp_tw *w, int32_t tensor)
{
    w->outputs[w->output_count++] = tensor;
}

static void float_output(struct lp_tw *w, int32_t in)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add(w, LP_ELEMENT_FLOAT32, t->rank, t->dims, 0, 0);
    op(w, DEQUANTIZE, 0, 1, &in, out);
    output(w, out);
}

/* A picture of bytes 0..255, made int8 by the first operator. */
static int32_t picture(struct lp_tw *w, int32_t size)
{
    int32_t in = add(w, LP_ELEMENT_UINT8, 4, (int32_t[]){1, size, size, 3}, 1.0f / 255, 0);
    w->inputs[w->input_count++] = in;
    return requantized(w, in, 1.0f / 255, -128);
}

static int32_t float_picture(struct lp_tw *w, int32_t size)
{
    int32_t in = add(w, LP_ELEMENT_FLOAT32, 4, (int32_t[]){1, size, size, 3}, 0, 0);
    w->inputs[w->input_count++] = in;
    int32_t out = add_map(w, size, size, 3, 2.0f / 255, -1);
    op(w, QUANTIZE, 0, 1, &in, out);
    return out;
}

static void mobilenet_v1(struct lp_tw *w)
{
    static const int32_t stride[] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
    int32_t x = conv(w, pad(w, picture(w, 32), 0, 1, 0), 8, 3, 2, VALID, RELU6);
    for (size_t i = 0; i < sizeof stride / sizeof *stride; i++) {
        if (stride[i] == 2)
            x = depthwise(w, pad(w, x, 0, 1, 0), 3, 2, VALID, RELU6);
        else
            x = depthwise(w, x, 3, 1, SAME, RELU6);
        x = conv(w, x, i < 5 ? 16 : 24, 1, 1, SAME, RELU6);
    }
    x = reshaped(w, global_mean(w, x, 0), 4, (int32_t[]){1, 1, 1, 24});
    x = reshaped(w, conv(w, x, 10, 1, 1, SAME, NONE), 2, (int32_t[]){1, 10});
    x = softmax(w, x);
    int32_t out = add(w, LP_ELEMENT_UINT8, 2, (int32_t[]){1, 10}, 1.0f / 256, 0);
    op(w, QUANTIZE, 0, 1, &x, out);
    output(w, out);
}

static int32_t inverted(struct lp_tw *w, int32_t in, int32_t c, int32_t stride)
{
    const int32_t *d = dims_of(w, in);
    const bool is_residual = stride == 1 && d[3] == c;
    int32_t x = conv(w, in, 3 * d[3], 1, 1, SAME, RELU6);
    x = stride == 2 ? depthwise(w, pad(w, x, 0, 1, 0), 3, 2, VALID, RELU6) : depthwise(w, x, 3, 1, SAME, RELU6);
    x = conv(w, x, c, 1, 1, SAME, NONE);
    return is_residual ? sum(w, in, x, NONE) : x;
}

static int32_t backbone(struct lp_tw *w, int32_t in, int32_t *half)
{
    int32_t x = depthwise(w, conv(w, in, 8, 3, 2, SAME, RELU6), 3, 1, SAME, RELU6);
    x = conv(w, x, 8, 1, 1, SAME, NONE);
    for (int stage = 0; stage < 3; stage++)
        for (int i = 0; i < 2; i++) {
            x = inverted(w, x, 8 + 8 * stage, i == 0 && stage > 0 ? 2 : 1);
            if (stage == 1)
                *half = x;
        }
    return x;
}

static void mobilenet_v2(struct lp_tw *w)
{
    int32_t unused;
    int32_t x = conv(w, backbone(w, float_picture(w, 32), &unused), 40, 1, 1, SAME, RELU6);
    float_output(w, softmax(w, dense(w, global_mean(w, x, 0), 10)));
}

static int32_t blaze_block(struct lp_tw *w, int32_t in, int32_t c, int32_t stride)
{
    int32_t x = conv(w, depthwise(w, in, 3, stride, SAME, NONE), c, 1, 1, SAME, NONE);
    int32_t shortcut = stride == 2 ? pool(w, MAX_POOL_2D, in, 2, 2, SAME) : in;
    if (dims_of(w, shortcut)[3] != c)
        shortcut = pad(w, shortcut, 0, 0, c - dims_of(w, shortcut)[3]);
    return sum(w, x, shortcut, RELU);
}

/* Two sizes of anchors; their boxes and scores one behind the other. */
static void blazeface(struct lp_tw *w)
{
    int32_t x = conv(w, float_picture(w, 32), 8, 5, 2, SAME, RELU);
    int32_t boxes[2], scores[2];
    for (int i = 0; i < 3; i++)
        x = blaze_block(w, x, 8 + 4 * i, i == 1 ? 2 : 1);
    int32_t fine = x;
    x = blaze_block(w, blaze_block(w, x, 24, 2), 24, 1);
    for (int i = 0; i < 2; i++) {
        int32_t from = i == 0 ? fine : x, anchors = i == 0 ? 2 : 6;
        const int32_t count = dims_of(w, from)[1] * dims_of(w, from)[2] * anchors;
        scores[i] = reshaped(w, conv(w, from, anchors, 1, 1, SAME, NONE), 3, (int32_t[]){1, count, 1});
        boxes[i] = reshaped(w, conv(w, from, 16 * anchors, 1, 1, SAME, NONE), 3, (int32_t[]){1, count, 16});
        scores[i] = requantized(w, scores[i], 0.05f, 2);
        boxes[i] = requantized(w, boxes[i], 0.05f, -2);
    }
    float_output(w, joined(w, boxes, 2, 1));
    float_output(w, joined(w, scores, 2, 1));
}

/* An operator of two inputs, the first of which has the output's shape. */
static int32_t paired(struct lp_tw *w, int32_t code, uint8_t options, int32_t a, int32_t b, float scale, int32_t zero)
{
    const int32_t *d = dims_of(w, a);
    int32_t out = add_map(w, d[1], d[2], d[3], scale, zero);
    op(w, code, options, 2, (int32_t[]){a, b}, out);
    return out;
}

/* Each channel of a map less its mean, over its deviation, as frameworks write out the moments of a normalization. */
static int32_t instance_normalized(struct lp_tw *w, int32_t in)
{
    const float scale = scale_of(w, in);
    const int32_t mean = global_mean(w, in, 1), c = dims_of(w, in)[3];
    int8_t *one = keep(1);
    *one = 1;
    int32_t least = add(w, LP_ELEMENT_INT8, 0, NULL, 0.001f, 0);
    lp_tw_set_data(w, least, one, 1);
    int32_t variance = global_mean(w, paired(w, SQUARED_DIFFERENCE, 76, in, mean, 60 * scale * scale, -128), 1);
    variance = paired(w, ADD, 11, variance, least, scale_of(w, variance), -128);
    int32_t factor = add_map(w, 1, 1, c, 0.1f / sqrtf(scale_of(w, variance)) / 12, -128);
    op(w, RSQRT, 0, 1, &variance, factor);
    int32_t scaled = paired(w, MUL, 21, in, factor, 4.0f / 255, -60);
    int32_t shift = paired(w, MUL, 21, mean, factor, 2.0f / 255, -60);
    return paired(w, SUB, 28, scaled, shift, 4.0f / 255, -30);
}

static int32_t light(struct lp_tw *w, int32_t in, int32_t c)
{
    return depthwise(w, conv(w, in, c, 1, 1, SAME, NONE), 3, 1, SAME, RELU);
}

/* Streams of different depth, each weighted by a gate that all of them share in the original. */
static int32_t omni_block(struct lp_tw *w, int32_t in, int32_t c)
{
    int32_t start = conv(w, in, c / 2, 1, 1, SAME, RELU), total = -1;
    for (int stream = 1; stream <= 4; stream++) {
        int32_t x = start;
        for (int i = 0; i < stream; i++)
            x = light(w, x, c / 2);
        int32_t gate = conv(w, conv(w, global_mean(w, x, 1), 4, 1, 1, SAME, RELU), c / 2, 1, 1, SAME, NONE);
        x = product(w, x, logistic(w, gate), 0.7f * scale_of(w, x));
        total = stream == 1 ? x : sum(w, total, x, NONE);
    }
    int32_t x = conv(w, total, c, 1, 1, SAME, NONE);
    int32_t shortcut = dims_of(w, in)[3] == c ? in : conv(w, in, c, 1, 1, SAME, NONE);
    return sum(w, shortcut, x, RELU);
}

static void osnet(struct lp_tw *w)
{
    int32_t x = conv(w, pad(w, float_picture(w, 32), 3, 3, 0), 8, 7, 2, VALID, RELU);
    x = pool(w, MAX_POOL_2D, pad(w, instance_normalized(w, x), 1, 1, 0), 3, 2, VALID);
    x = omni_block(w, omni_block(w, x, 16), 16);
    x = pool(w, AVERAGE_POOL_2D, conv(w, x, 16, 1, 1, SAME, RELU), 2, 2, VALID);
    x = omni_block(w, x, 24);
    x = dense(w, global_mean(w, conv(w, x, 24, 1, 1, SAME, RELU), 0), 32);
    int32_t out = add(w, LP_ELEMENT_INT8, 2, (int32_t[]){1, 32}, 1.0f / 128, 0);
    op(w, L2_NORMALIZATION, 12, 1, &x, out);
    float_output(w, out);
}

/* Heat maps of the joints, and where each is largest. */
static void movenet(struct lp_tw *w)
{
    int32_t half = -1;
    int32_t deep = backbone(w, picture(w, 32), &half);
    int32_t x = resized(w, RESIZE_BILINEAR, conv(w, deep, 16, 1, 1, SAME, NONE), 2, 1);
    x = depthwise(w, sum(w, x, conv(w, half, 16, 1, 1, SAME, NONE), RELU), 3, 1, SAME, NONE);
    x = conv(w, x, 16, 1, 1, SAME, RELU);
    int32_t heat = logistic(w, conv(w, conv(w, x, 16, 3, 1, SAME, RELU), 17, 1, 1, SAME, NONE));
    const int32_t *d = dims_of(w, heat);
    const int32_t places = d[1] * d[2];
    int32_t flat = reshaped(w, heat, 3, (int32_t[]){1, places, 17});
    int32_t best = add(w, LP_ELEMENT_INT32, 2, (int32_t[]){1, 17}, 0, 0);
    set(op(w, ARG_MAX, 40, 2, (int32_t[]){flat, list(w, 1, (int32_t[]){1})}, best), 0, 1, 2);
    output(w, best);
    float_output(w, heat);
    float_output(w, conv(w, conv(w, x, 16, 3, 1, SAME, RELU), 34, 1, 1, SAME, NONE));
}

static int32_t quarter(struct lp_tw *w, int32_t in, int32_t y, int32_t x)
{
    const int32_t *d = dims_of(w, in);
    const int32_t begin[4] = {0, y, x, 0}, end[4] = {0, 0, 0, 0}, steps[4] = {1, 2, 2, 1};
    const struct lp_tw_tensor *t = &w->tensors[in];
    int32_t out = add_map(w, d[1] / 2, d[2] / 2, d[3], t->scales[0], t->zero_points[0]);
    struct lp_tw_op *o = op(w, STRIDED_SLICE, 32, 4, (int32_t[]){in, list(w, 4, begin), list(w, 4, end), list(w, 4, steps)}, out);
    set(o, 0, 4, 9);
    set(o, 1, 4, 15);
    return out;
}

static int32_t silu_conv(struct lp_tw *w, int32_t in, int32_t c, int32_t kernel, int32_t stride)
{
    return silu(w, conv(w, in, c, kernel, stride, SAME, NONE));
}

/* Two branches, one of which goes through bottlenecks. */
static int32_t csp(struct lp_tw *w, int32_t in, int32_t c, int32_t depth, int is_residual)
{
    int32_t x = silu_conv(w, in, c / 2, 1, 1), other = silu_conv(w, in, c / 2, 1, 1);
    for (int32_t i = 0; i < depth; i++) {
        int32_t y = silu(w, depthwise(w, silu_conv(w, x, c / 2, 1, 1), 3, 1, SAME, NONE));
        y = silu_conv(w, y, c / 2, 1, 1);
        x = is_residual ? sum(w, x, y, NONE) : y;
    }
    int32_t both[2] = {requantized(w, x, scale_of(w, other), -20), other};
    return silu_conv(w, joined(w, both, 2, 3), c, 1, 1);
}

static int32_t join_maps(struct lp_tw *w, int32_t a, int32_t b)
{
    const int32_t both[2] = {requantized(w, a, scale_of(w, b), w->tensors[b].zero_points[0]), b};
    return joined(w, both, 2, 3);
}

static int32_t yolo_head(struct lp_tw *w, int32_t in)
{
    int32_t stem = silu_conv(w, in, 16, 1, 1), class = stem, box = stem, parts[3];
    for (int i = 0; i < 2; i++) {
        class = silu_conv(w, silu(w, depthwise(w, class, 3, 1, SAME, NONE)), 16, 1, 1);
        box = silu_conv(w, silu(w, depthwise(w, box, 3, 1, SAME, NONE)), 16, 1, 1);
    }
    parts[0] = requantized(w, conv(w, box, 4, 1, 1, SAME, NONE), 0.04f, 0);
    parts[1] = requantized(w, logistic(w, conv(w, box, 1, 1, 1, SAME, NONE)), 0.04f, 0);
    parts[2] = requantized(w, logistic(w, conv(w, class, 6, 1, 1, SAME, NONE)), 0.04f, 0);
    return joined(w, parts, 3, 3);
}

/* Focus, a backbone with SPP, a pyramid up and down, three heads: over 230 operators. `u` is the width of eight channels. */
static void detector(struct lp_tw *w, int32_t picture_side, int32_t u)
{
    int32_t in = picture(w, picture_side), parts[4];
    for (int i = 0; i < 4; i++)
        parts[i] = quarter(w, in, i % 2, i / 2);
    int32_t x = silu_conv(w, joined(w, parts, 4, 3), u, 3, 1);
    int32_t c3 = csp(w, silu_conv(w, csp(w, silu_conv(w, x, u, 3, 2), u, 1, 1), 2 * u, 3, 2), 2 * u, 3, 1);
    int32_t c4 = csp(w, silu_conv(w, c3, 3 * u, 3, 2), 3 * u, 3, 1);
    x = silu_conv(w, silu_conv(w, c4, 4 * u, 3, 2), 2 * u, 1, 1);
    parts[0] = x;
    for (int i = 1; i < 4; i++)
        parts[i] = pool(w, MAX_POOL_2D, x, 1 + 4 * i, 1, SAME);
    int32_t c5 = csp(w, silu_conv(w, joined(w, parts, 4, 3), 4 * u, 1, 1), 4 * u, 1, 0);
    int32_t p5 = silu_conv(w, c5, 3 * u, 1, 1);
    int32_t p4 = csp(w, join_maps(w, resized(w, RESIZE_NEAREST_NEIGHBOR, p5, 2, 1), c4), 3 * u, 1, 0);
    p4 = silu_conv(w, p4, 2 * u, 1, 1);
    int32_t n3 = csp(w, join_maps(w, resized(w, RESIZE_NEAREST_NEIGHBOR, p4, 2, 1), c3), 2 * u, 1, 0);
    int32_t n4 = csp(w, join_maps(w, silu_conv(w, n3, 2 * u, 3, 2), p4), 3 * u, 1, 0);
    int32_t n5 = csp(w, join_maps(w, silu_conv(w, n4, 3 * u, 3, 2), p5), 4 * u, 1, 0);
    float_output(w, yolo_head(w, n3));
    float_output(w, yolo_head(w, n4));
    float_output(w, yolo_head(w, n5));
}

static void yolox(struct lp_tw *w)
{
    detector(w, 64, 8);
}

/* As large as published ones: for measuring the compiler and the simulator, too much for a test of every target. */
static void large_yolox(struct lp_tw *w)
{
    detector(w, 288, 48);
}

/* The shape of `in` with its last dimensions merged, computed by operators: SHAPE, STRIDED_SLICE, PACK, RESHAPE. */
static int32_t flattened(struct lp_tw *w, int32_t in)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    const int32_t rank = t->rank, zero = 0, one = 1;
    int32_t elements = 1;
    for (int32_t d = 1; d < rank; d++)
        elements *= t->dims[d];
    int32_t shape = add(w, LP_ELEMENT_INT32, 1, &rank, 0, 0), batch = add(w, LP_ELEMENT_INT32, 0, NULL, 0, 0);
    int32_t packed = add(w, LP_ELEMENT_INT32, 1, (int32_t[]){2}, 0, 0), rest = numbers(w, 0, NULL, &elements);
    set(op(w, SHAPE, 55, 1, &in, shape), 0, 1, 2);
    struct lp_tw_op *o = op(w, STRIDED_SLICE, 32, 4, (int32_t[]){shape, list(w, 1, &zero), list(w, 1, &one), list(w, 1, &one)},
                            batch);
    set(o, 4, 4, 1);
    o = op(w, PACK, 59, 2, (int32_t[]){batch, rest}, packed);
    set(o, 0, 4, 2);
    int32_t out = add(w, LP_ELEMENT_INT8, 2, (int32_t[]){1, elements}, t->scales[0], t->zero_points[0]);
    op(w, RESHAPE, 17, 2, (int32_t[]){in, packed}, out);
    return out;
}

/* A border of zeros made by FILL of a computed shape, as frameworks write padding in time. */
static int32_t with_silence(struct lp_tw *w, int32_t in)
{
    const struct lp_tw_tensor *t = &w->tensors[in];
    const int32_t rank = 4, zero = 0, one = 1, frames = 2, width = t->dims[2], c = t->dims[3];
    int32_t shape = add(w, LP_ELEMENT_INT32, 1, &rank, 0, 0), batch = add(w, LP_ELEMENT_INT32, 0, NULL, 0, 0);
    int32_t packed = add(w, LP_ELEMENT_INT32, 1, &rank, 0, 0);
    set(op(w, SHAPE, 55, 1, &in, shape), 0, 1, 2);
    struct lp_tw_op *o = op(w, STRIDED_SLICE, 32, 4, (int32_t[]){shape, list(w, 1, &zero), list(w, 1, &one), list(w, 1, &one)},
                            batch);
    set(o, 4, 4, 1);
    int32_t dims[3] = {numbers(w, 0, NULL, &frames), numbers(w, 0, NULL, &width), numbers(w, 0, NULL, &c)};
    o = op(w, PACK, 59, 4, (int32_t[]){batch, dims[0], dims[1], dims[2]}, packed);
    set(o, 0, 4, 4);
    int8_t *value = keep(1);
    *value = (int8_t)t->zero_points[0];
    int32_t silent = add(w, LP_ELEMENT_INT8, 0, NULL, t->scales[0], t->zero_points[0]);
    lp_tw_set_data(w, silent, value, 1);
    int32_t filled = add_map(w, frames, width, c, t->scales[0], t->zero_points[0]);
    op(w, FILL, 68, 2, (int32_t[]){packed, silent}, filled);
    const int32_t both[2] = {filled, in};
    return joined(w, both, 2, 1);
}

/* Convolutions over a spectrogram, whose shapes are computed at run time. */
static void birdsong(struct lp_tw *w)
{
    int32_t in = add(w, LP_ELEMENT_FLOAT32, 4, (int32_t[]){1, 24, 20, 1}, 0, 0);
    w->inputs[w->input_count++] = in;
    int32_t x = add_map(w, 24, 20, 1, 0.02f, -10);
    op(w, QUANTIZE, 0, 1, &in, x);
    x = conv(w, with_silence(w, x), 8, 3, 2, SAME, RELU);
    x = pool(w, MAX_POOL_2D, with_silence(w, x), 2, 2, VALID);
    x = conv(w, x, 12, 3, 1, SAME, NONE);
    int32_t swish = add_like(w, x);
    op(w, HARD_SWISH, 0, 1, &x, swish);
    x = swish;
    swish = add_like(w, x);
    set(op(w, GELU, 116, 1, &x, swish), 0, 1, 1);
    int32_t leaky = add_like(w, swish);
    set(op(w, LEAKY_RELU, 75, 1, &swish, leaky), 0, 4, lp_tw_float_bits(0.1f));
    x = dense(w, flattened(w, leaky), 20);
    int32_t bent = add(w, LP_ELEMENT_INT8, 2, (int32_t[]){1, 20}, 1.0f / 128, 0);
    op(w, TANH, 0, 1, &x, bent);
    float_output(w, logistic(w, dense(w, bent, 9)));
}

const struct family families[] = {
    {"mobilenet-v1", mobilenet_v1}, {"mobilenet-v2", mobilenet_v2},
    {"blazeface", blazeface},       {"osnet", osnet},
    {"movenet", movenet},           {"yolox", yolox},
    {"birdsong", birdsong},         {"large-yolox", large_yolox},
};
const size_t family_count = sizeof families / sizeof *families;
