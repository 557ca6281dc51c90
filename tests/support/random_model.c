#include "tests/support/random_model.h"

#include "tests/support/random_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t random_bits(struct random_model *m)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (uint32_t)(m->state >> 16);
}

int32_t random_between(struct random_model *m, int32_t low, int32_t high)
{
    return low + (int32_t)(random_bits(m) % (uint32_t)(high - low + 1));
}

size_t tw_tensor_elements(const struct lp_tw_tensor *t)
{
    size_t count = 1;
    for (int32_t i = 0; i < t->rank; i++)
        count *= (size_t)t->dims[i];
    return count;
}

void *block(struct random_model *m, size_t size_bytes)
{
    void *data = calloc(1, size_bytes);
    if (data == NULL || m->block_count == sizeof m->blocks / sizeof m->blocks[0])
        abort();
    m->blocks[m->block_count++] = data;
    return data;
}

/* Between 2^-7 and 2^3, any mantissa. */
static float *random_scale(struct random_model *m)
{
    float *scale = block(m, sizeof *scale);
    *scale = ldexpf(1.0f + (float)(random_bits(m) & 0xffff) / 65536.0f, random_between(m, -7, 2));
    return scale;
}

static int32_t *random_zero_point(struct random_model *m)
{
    int32_t *zero = block(m, sizeof *zero);
    *zero = random_between(m, 0, 3) == 0 ? (random_bits(m) & 1 ? -128 : 0) : random_between(m, -128, 127);
    return zero;
}

static int32_t add_named(struct random_model *m, int32_t rank, const int32_t *dims, const float *scale, const int32_t *zero_point)
{
    char name[20];
    snprintf(name, sizeof name, "t%u", (unsigned)m->file.tensor_count);
    return lp_tw_add_tensor(&m->file, name, LP_ELEMENT_INT8, rank, dims, scale, zero_point);
}

int32_t add_activation(struct random_model *m, int32_t rank, const int32_t *dims)
{
    return add_named(m, rank, dims, random_scale(m), random_zero_point(m));
}

int32_t add_scaled(struct random_model *m, int32_t rank, const int32_t *dims, float scale, int32_t zero_point)
{
    float *own_scale = block(m, sizeof *own_scale);
    int32_t *own_zero = block(m, sizeof *own_zero);
    /* Much larger ones and products of them leave 32 bits. */
    *own_scale = scale > 8 ? 8 : scale;
    *own_zero = zero_point;
    return add_named(m, rank, dims, own_scale, own_zero);
}

/* Copies scale and zero point: pools, padding and shapes keep the meaning of the integers. */
int32_t add_like(struct random_model *m, int32_t tensor, int32_t rank, const int32_t *dims)
{
    const struct lp_tw_tensor *t = &m->file.tensors[tensor];
    return add_named(m, rank, dims, t->scales, t->zero_points);
}

void fill_randomly(struct random_model *m, int32_t tensor)
{
    size_t count = tw_tensor_elements(&m->file.tensors[tensor]);
    int8_t *data = block(m, count);
    for (size_t i = 0; i < count; i++)
        data[i] = (int8_t)random_between(m, -128, 127);
    lp_tw_set_data(&m->file, tensor, data, count);
}

int32_t add_numbers(struct random_model *m, const int32_t *numbers, int32_t count, int32_t rank, const int32_t *dims)
{
    int32_t *data = block(m, sizeof *data * (size_t)count);
    memcpy(data, numbers, sizeof *data * (size_t)count);
    int32_t tensor = lp_tw_add_tensor(&m->file, "numbers", LP_ELEMENT_INT32, rank, dims, NULL, NULL);
    lp_tw_set_data(&m->file, tensor, data, sizeof *data * (size_t)count);
    return tensor;
}

int32_t add_weights(struct random_model *m, int32_t rank, const int32_t *dims, int32_t axis, int32_t taps, int32_t in,
                    int32_t out)
{
    size_t count = 1;
    for (int32_t i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    int8_t *data = block(m, count);
    for (size_t i = 0; i < count; i++)
        data[i] = (int8_t)(random_between(m, 0, 15) == 0 ? random_between(m, 0, 1) * 254 - 127 : random_between(m, -127, 127));
    bool per_channel = random_between(m, 0, 3) != 0;
    uint32_t scales = per_channel ? (uint32_t)dims[axis] : 1;
    float *scale = block(m, sizeof *scale * scales);
    float about = m->file.tensors[out].scales[0] / m->file.tensors[in].scales[0] / (60.0f * sqrtf((float)taps));
    /* Sometimes all channels share a mantissa: then their multipliers are equal and only the shifts differ. */
    uint32_t mask = random_between(m, 0, 3) == 0 ? 0 : 0xffff;
    for (uint32_t i = 0; i < scales; i++)
        scale[i] = about * ldexpf(1.0f + (float)(random_bits(m) & mask) / 65536.0f, random_between(m, -2, 1));
    int32_t tensor = lp_tw_add_tensor(&m->file, "weights", LP_ELEMENT_INT8, rank, dims, scale, NULL);
    lp_tw_set_channel_scales(&m->file, tensor, scale, NULL, scales, scales == 1 ? 0 : axis);
    lp_tw_set_data(&m->file, tensor, data, count);
    return tensor;
}

int32_t add_bias(struct random_model *m, int32_t channels)
{
    if (random_between(m, 0, 4) == 0)
        return -1;
    int32_t *numbers = block(m, sizeof *numbers * (size_t)channels);
    for (int32_t i = 0; i < channels; i++)
        numbers[i] = random_between(m, -5000, 5000);
    return add_numbers(m, numbers, channels, 1, &channels);
}

static int32_t window_output(int32_t in, int32_t kernel, int32_t stride, int32_t dilation, bool same)
{
    return same ? (in + stride - 1) / stride : (in - (kernel - 1) * dilation + stride - 1) / stride;
}

struct window {
    int32_t same, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, out_h, out_w;
};

static struct window random_window(struct random_model *m, const int32_t *in, bool dilate)
{
    struct window w = {.same = random_between(m, 0, 1), .stride_h = random_between(m, 1, 3), .stride_w = random_between(m, 1, 3)};
    w.kernel_h = random_between(m, 1, 4);
    w.kernel_w = random_between(m, 1, 5);
    w.dilation_h = dilate && random_between(m, 0, 3) == 0 ? 2 : 1;
    w.dilation_w = dilate && random_between(m, 0, 3) == 0 ? random_between(m, 2, 3) : 1;
    if ((w.kernel_h - 1) * w.dilation_h >= in[1] || (w.kernel_w - 1) * w.dilation_w >= in[2])
        w.same = 1;
    /* A window that lies wholly in the padding has no average. */
    if (w.kernel_h > in[1])
        w.kernel_h = in[1];
    if (w.kernel_w > in[2])
        w.kernel_w = in[2];
    w.out_h = window_output(in[1], w.kernel_h, w.stride_h, w.dilation_h, w.same);
    w.out_w = window_output(in[2], w.kernel_w, w.stride_w, w.dilation_w, w.same);
    return w;
}

static void copy_dims(const struct random_model *m, int32_t tensor, int32_t *dims)
{
    memcpy(dims, m->file.tensors[tensor].dims, sizeof m->file.tensors[tensor].dims);
}

static int32_t convolve(struct random_model *m, int32_t in, bool depthwise, struct window w)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    int32_t multiplier = random_between(m, 1, 2);
    int32_t groups = depthwise || random_between(m, 0, 3) != 0 ? 1 : random_between(m, 1, d[3]);
    while (d[3] % groups != 0)
        groups--;
    int32_t channels = depthwise ? d[3] * multiplier : groups > 1 ? groups * random_between(m, 1, 3) : random_between(m, 1, 12);
    if (channels > 24)
        channels = d[3], multiplier = 1;
    int32_t out = add_activation(m, 4, (int32_t[]){d[0], w.out_h, w.out_w, channels});
    int32_t weights = depthwise ? add_weights(m, 4, (int32_t[]){1, w.kernel_h, w.kernel_w, channels}, 3, w.kernel_h * w.kernel_w,
                                              in, out)
                                : add_weights(m, 4, (int32_t[]){channels, w.kernel_h, w.kernel_w, d[3] / groups}, 0,
                                              w.kernel_h * w.kernel_w * d[3] / groups, in, out);
    int32_t bias = add_bias(m, channels);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, depthwise ? TW_DEPTHWISE_CONV_2D : TW_CONV_2D, depthwise ? 2 : 1,
                                       bias < 0 ? 2 : 3, (int32_t[]){in, weights, bias}, out);
    uint32_t f = 0;
    op->fields[f++] = (struct lp_tw_field){1, w.same ? 0 : 1};
    op->fields[f++] = (struct lp_tw_field){4, w.stride_w};
    op->fields[f++] = (struct lp_tw_field){4, w.stride_h};
    if (depthwise)
        op->fields[f++] = (struct lp_tw_field){4, multiplier};
    op->fields[f++] = (struct lp_tw_field){1, random_between(m, 0, 3)};
    op->fields[f++] = (struct lp_tw_field){4, w.dilation_w};
    op->fields[f++] = (struct lp_tw_field){4, w.dilation_h};
    return out;
}

static int32_t random_conv(struct random_model *m, int32_t in, bool depthwise)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    return convolve(m, in, depthwise, random_window(m, d, true));
}

int32_t random_plain_conv(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    struct window w = random_window(m, d, true);
    w.stride_h = w.stride_w = 1;
    w.out_h = window_output(d[1], w.kernel_h, 1, w.dilation_h, w.same);
    w.out_w = window_output(d[2], w.kernel_w, 1, w.dilation_w, w.same);
    return convolve(m, in, random_between(m, 0, 1), w);
}

static int32_t random_pool(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    struct window w = random_window(m, d, false);
    int32_t out = add_like(m, in, 4, (int32_t[]){d[0], w.out_h, w.out_w, d[3]});
    struct lp_tw_op *op = lp_tw_add_op(&m->file, random_between(m, 0, 1) ? TW_MAX_POOL_2D : TW_AVERAGE_POOL_2D, 5, 1, &in, out);
    const int32_t values[6] = {w.same ? 0 : 1, w.stride_w, w.stride_h, w.kernel_w, w.kernel_h, random_between(m, 0, 3)};
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 5 ? 1 : 4, values[i]};
    return out;
}

/* One value a channel, or one a line or column of it: an operand that is computed and repeated over the map. */
static int32_t squeeze_map(struct random_model *m, int32_t in, const int32_t *d)
{
    int32_t which = random_between(m, 0, 3), height = which == 2 ? 1 : d[1], width = which == 3 ? 1 : d[2];
    int32_t out = add_like(m, in, 4, (int32_t[]){d[0], d[1] / height, d[2] / width, d[3]});
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_AVERAGE_POOL_2D, 5, 1, &in, out);
    const int32_t values[6] = {1, 1, 1, width, height, 0};
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 5 ? 1 : 4, values[i]};
    return out;
}

/* The nearest earlier tensor of the same shape; `in` when there is none. */
static int32_t find_same_shape(const struct random_model *m, int32_t in, bool are_alike)
{
    const struct lp_tw_tensor *t = &m->file.tensors[in];
    int32_t found = in;
    for (int32_t i = 0; i < (int32_t)m->file.tensor_count; i++) {
        const struct lp_tw_tensor *c = &m->file.tensors[i];
        if (i != in && c->element == LP_ELEMENT_INT8 && c->data == NULL && c->rank == 4 &&
            memcmp(c->dims, t->dims, sizeof c->dims) == 0 &&
            (!are_alike || (c->scales[0] == t->scales[0] && c->zero_points[0] == t->zero_points[0])))
            found = i;
    }
    return found;
}

int32_t random_operand(struct random_model *m, int32_t in, bool are_alike)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    if (random_between(m, 0, 3) == 0)
        return squeeze_map(m, in, d);
    if (random_between(m, 0, 1) == 0)
        return find_same_shape(m, in, are_alike);
    /* A constant along the channels, everywhere the same, or along any of the dimensions. */
    int32_t dims[4] = {1, 1, 1, random_between(m, 0, 1) ? d[3] : 1};
    for (int i = 0; random_between(m, 0, 2) == 0 && i < 4; i++)
        dims[i] = random_between(m, 0, 1) ? d[i] : 1;
    int32_t other = are_alike ? add_like(m, in, 4, dims) : add_activation(m, 4, dims);
    fill_randomly(m, other);
    return other;
}

static int32_t random_add(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    int32_t other = random_operand(m, in, false);
    int32_t out = add_activation(m, 4, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_ADD, 11, 2,
                                       random_between(m, 0, 1) ? (int32_t[]){in, other} : (int32_t[]){other, in}, out);
    op->fields[0] = (struct lp_tw_field){1, random_between(m, 0, 3)};
    return out;
}

static int32_t random_pad(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t pads[8] = {0, 0, random_between(m, 0, 2), random_between(m, 0, 2), random_between(m, 0, 2), random_between(m, 0, 2),
                       0, 0};
    if (random_between(m, 0, 3) == 0)
        pads[7] = random_between(m, 0, 2);
    copy_dims(m, in, d);
    for (int i = 0; i < 4; i++)
        d[i] += pads[2 * i] + pads[2 * i + 1];
    int32_t out = add_like(m, in, 4, d);
    int32_t numbers = add_numbers(m, pads, 8, 2, (int32_t[]){4, 2});
    lp_tw_add_op(&m->file, TW_PAD, 22, 2, (int32_t[]){in, numbers}, out);
    return out;
}

static int32_t random_elementwise(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    int32_t out = add_activation(m, 4, d);
    lp_tw_add_op(&m->file, random_between(m, 0, 1) ? TW_RELU : TW_QUANTIZE, 0, 1, &in, out);
    return out;
}

/* MEAN over the map or RESHAPE to a row, then FULLY_CONNECTED. */
static int32_t random_end(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    copy_dims(m, in, d);
    int32_t elements = d[1] * d[2] * d[3];
    int32_t row = in;
    int32_t width = elements;
    if (random_between(m, 0, 1)) {
        row = add_activation(m, 2, (int32_t[]){d[0], d[3]});
        struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_MEAN, 27, 2,
                                           (int32_t[]){in, add_numbers(m, (int32_t[]){1, 2}, 2, 1, (int32_t[]){2})}, row);
        op->fields[0] = (struct lp_tw_field){1, 0};
        width = d[3];
    } else if (random_between(m, 0, 1)) {
        row = add_like(m, in, 2, (int32_t[]){d[0], elements});
        lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){in, add_numbers(m, (int32_t[]){d[0], -1}, 2, 1, (int32_t[]){2})},
                     row);
    } else {
        return in;
    }
    int32_t classes = random_between(m, 1, 9);
    int32_t out = add_activation(m, 2, (int32_t[]){d[0], classes});
    int32_t weights = add_weights(m, 2, (int32_t[]){classes, width}, 0, width, row, out);
    int32_t bias = add_bias(m, classes);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_FULLY_CONNECTED, 8, bias < 0 ? 2 : 3, (int32_t[]){row, weights, bias}, out);
    op->fields[0] = (struct lp_tw_field){1, random_between(m, 0, 3)};
    return out;
}

struct random_model *random_model_empty(uint64_t seed)
{
    struct random_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        abort();
    m->state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    for (int i = 0; i < 8; i++)
        random_bits(m);
    return m;
}

struct random_model *random_model_make(uint64_t seed)
{
    struct random_model *m = random_model_empty(seed);
    int32_t at = add_activation(m, 4,
                                (int32_t[]){random_between(m, 0, 5) == 0 ? 2 : 1, random_between(m, 1, 9),
                                            random_between(m, 1, 9), random_between(m, 1, 8)});
    m->file.inputs[m->file.input_count++] = at;
    int32_t layers = random_between(m, 1, 5);
    for (int32_t i = 0; i < layers; i++) {
        int32_t choice = random_between(m, 0, 17);
        at = choice <= 2   ? random_conv(m, at, false)
             : choice <= 4 ? random_conv(m, at, true)
             : choice == 5 ? random_pool(m, at)
             : choice <= 7 ? random_add(m, at)
             : choice == 8 ? random_pad(m, at)
             : choice > 13 ? random_arithmetic(m, at)
             : choice > 9  ? random_move(m, at)
                           : random_elementwise(m, at);
    }
    int32_t body = at;
    at = random_end(m, at);
    m->file.outputs[m->file.output_count++] = at;
    if (body != at && random_between(m, 0, 2) == 0)
        m->file.outputs[m->file.output_count++] = body;
    return m;
}

void random_model_free(struct random_model *m)
{
    for (size_t i = 0; i < m->block_count; i++)
        free(m->blocks[i]);
    lp_tw_free(&m->file);
    free(m);
}
