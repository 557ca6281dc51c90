/* Software operators of generated networks. Their kernels are closed; these compute what the operators are defined to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "neural-art/shim/ll_sw.h"
#include "simulator/shim/internal.h"
#include "simulator/shim/softmax.h"

/* ---- tensors: dense copies in the order b, h, w, c ---- */

static size_t extent(uint32_t n)
{
    return n == 0 ? 1 : n;
}

static size_t count_of(const Tensor_info *t)
{
    return extent(t->dim.tensor_b) * extent(t->dim.tensor_h) * extent(t->dim.tensor_w) * extent(t->dim.tensor_c);
}

static uintptr_t element_address(const Tensor_info *t, size_t i)
{
    size_t c = i % extent(t->dim.tensor_c), w = i / extent(t->dim.tensor_c) % extent(t->dim.tensor_w);
    size_t h = i / (extent(t->dim.tensor_c) * extent(t->dim.tensor_w)) % extent(t->dim.tensor_h);
    size_t b = i / (extent(t->dim.tensor_c) * extent(t->dim.tensor_w) * extent(t->dim.tensor_h));
    return (uintptr_t)t->mem.start_offset + b * t->stride.b + h * t->stride.h + w * t->stride.w + c * t->stride.c;
}

static void *room(struct lp_shim_session *s, size_t count, size_t bytes)
{
    void *memory = lp_arena_alloc(&s->scratch, count, bytes);
    if (memory == NULL)
        s->status = lp_no_memory(&s->diag);
    return memory;
}

static float *floats_of(struct lp_shim_session *s, const Tensor_info *t)
{
    size_t count = count_of(t);
    float *values = room(s, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++)
        lp_shim_get(s, element_address(t, i), &values[i], sizeof *values);
    return values;
}

static int32_t *bytes_of(struct lp_shim_session *s, const Tensor_info *t)
{
    size_t count = count_of(t);
    int32_t *values = room(s, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        uint8_t byte;
        lp_shim_get(s, element_address(t, i), &byte, 1);
        values[i] = t->format.is_signed ? (int8_t)byte : byte;
    }
    return values;
}

static void put_float(struct lp_shim_session *s, const Tensor_info *t, size_t i, float value)
{
    lp_shim_put(s, element_address(t, i), &value, sizeof value);
}

/* Clamped to the 8-bit type of the tensor; what is no number becomes the lowest. */
static void put_byte(struct lp_shim_session *s, const Tensor_info *t, size_t i, double value)
{
    double low = t->format.is_signed ? -128 : 0, high = t->format.is_signed ? 127 : 255;
    double limited = value > low ? (value < high ? value : high) : low;
    uint8_t byte = (uint8_t)(int32_t)limited;
    lp_shim_put(s, element_address(t, i), &byte, 1);
}

static float scale_at(struct lp_shim_session *s, const Tensor_info *t, size_t i)
{
    float value = 0;
    size_t index = t->dim.num_elem > 1 ? i : 0;
    lp_shim_get(s, (uintptr_t)t->mem.start_offset + index * sizeof value, &value, sizeof value);
    return value;
}

static int32_t zero_point_at(struct lp_shim_session *s, const Tensor_info *t, size_t i, bool is_signed)
{
    uint8_t byte = 0;
    if (t->mem.start_offset != NULL)
        lp_shim_get(s, (uintptr_t)t->mem.start_offset + (t->dim.num_elem > 1 ? i : 0), &byte, 1);
    return is_signed ? (int8_t)byte : byte;
}

/* ---- between float and 8 bits ---- */

static void dequantize(struct lp_shim_session *s, const Dequantizelinear_sw_info *op)
{
    const int32_t *in = bytes_of(s, &op->general.input);
    float scale = scale_at(s, &op->is, 0);
    int32_t zero = zero_point_at(s, &op->izp, 0, op->is.format.is_signed);
    for (size_t i = 0; in != NULL && i < count_of(&op->general.input); i++)
        put_float(s, &op->general.output, i, (float)(in[i] - zero) * scale);
}

static void quantize(struct lp_shim_session *s, const Quantizelinear_sw_info *op)
{
    const float *in = floats_of(s, &op->general.input);
    float scale = scale_at(s, &op->os, 0);
    int32_t zero = zero_point_at(s, &op->ozp, 0, op->os.format.is_signed);
    for (size_t i = 0; in != NULL && i < count_of(&op->general.input); i++)
        put_byte(s, &op->general.output, i, (double)roundf(in[i] / scale) + zero);
}

/* ---- softmax ---- */

static void softmax_integer(struct lp_shim_session *s, const Softmax_integer_sw_info *op)
{
    const Tensor_info *t = &op->general.input;
    const int32_t *in = bytes_of(s, t);
    size_t count = count_of(t), depth = op->axis == 3 ? extent(t->dim.tensor_w) : extent(t->dim.tensor_c);
    size_t inner = op->axis == 3 ? extent(t->dim.tensor_c) : 1;
    int32_t *row = room(s, depth, sizeof *row);
    if (in == NULL || row == NULL)
        return;
    for (size_t start = 0; start < count; start += depth * inner)
        for (size_t k = 0; k < inner; k++) {
            for (size_t i = 0; i < depth; i++)
                row[i] = in[start + i * inner + k];
            lp_shim_softmax_row(row, depth, op->quantized_multiplier, op->left_shift, op->diff_min);
            for (size_t i = 0; i < depth; i++)
                put_byte(s, &op->general.output, start + i * inner + k, row[i] + (op->general.output.format.is_signed ? 0 : 128));
        }
}

static void softmax(struct lp_shim_session *s, const Softmax_sw_info *op)
{
    const Tensor_info *t = &op->general.input;
    const float *in = floats_of(s, t);
    size_t depth = op->axis == 3 ? extent(t->dim.tensor_w) : extent(t->dim.tensor_c),
           inner = op->axis == 3 ? extent(t->dim.tensor_c) : 1;
    for (size_t start = 0; in != NULL && start < count_of(t); start += depth * inner)
        for (size_t k = 0; k < inner; k++) {
            float most = in[start + k], sum = 0;
            for (size_t i = 1; i < depth; i++)
                most = fmaxf(most, in[start + i * inner + k]);
            for (size_t i = 0; i < depth; i++)
                sum += expf(in[start + i * inner + k] - most);
            for (size_t i = 0; i < depth; i++)
                put_float(s, &op->general.output, start + i * inner + k, expf(in[start + i * inner + k] - most) / sum);
        }
}

/* ---- resize ---- */

/* Source coordinate of output position i. */
static float source_of(coord_transf_mode mode, size_t i, size_t out, size_t in)
{
    float scale = (float)out / (float)in, x = (float)i;
    switch (mode) {
    case ALIGN_CORNERS: return out > 1 ? x * (float)(in - 1) / (float)(out - 1) : 0;
    case ASYMMETRIC: return x / scale;
    case PYTORCH_HALF_PIXEL: return out > 1 ? (x + 0.5f) / scale - 0.5f : 0;
    case TF_HALF_PIXEL_FOR_NN: return (x + 0.5f) / scale;
    default: return (x + 0.5f) / scale - 0.5f;
    }
}

static size_t inside(float x, size_t size)
{
    return x <= 0 ? 0 : x >= (float)(size - 1) ? size - 1 : (size_t)x;
}

static size_t nearest_of(nearest_mode mode, float x, size_t size)
{
    float rounded = mode == FLOOR               ? floorf(x)
                    : mode == CEIL              ? ceilf(x)
                    : mode == ROUND_PREFER_CEIL ? floorf(x + 0.5f)
                                                : ceilf(x - 0.5f);
    return inside(rounded, size);
}

static double bilinear(const double *in, const Tensor_info *t, size_t b, float y, float x, size_t c)
{
    size_t h = extent(t->dim.tensor_h), w = extent(t->dim.tensor_w), d = extent(t->dim.tensor_c);
    size_t y0 = inside(floorf(y), h), x0 = inside(floorf(x), w), y1 = inside(floorf(y) + 1, h), x1 = inside(floorf(x) + 1, w);
    double fy = y < 0 ? 0 : (double)(y - floorf(y)), fx = x < 0 ? 0 : (double)(x - floorf(x));
    const double *map = in + b * h * w * d + c;
    double top = map[(y0 * w + x0) * d] * (1 - fx) + map[(y0 * w + x1) * d] * fx;
    double bottom = map[(y1 * w + x0) * d] * (1 - fx) + map[(y1 * w + x1) * d] * fx;
    return top * (1 - fy) + bottom * fy;
}

/* Value of output element i from real input values. */
static double resized(const double *in, const Tensor_info *from, const Tensor_info *to, size_t i, resize_mode mode,
                      nearest_mode nearest, coord_transf_mode coordinates)
{
    size_t d = extent(to->dim.tensor_c), w = extent(to->dim.tensor_w), h = extent(to->dim.tensor_h);
    size_t c = i % d, x = i / d % w, y = i / (d * w) % h, b = i / (d * w * h);
    size_t in_h = extent(from->dim.tensor_h), in_w = extent(from->dim.tensor_w);
    float sy = source_of(coordinates, y, h, in_h), sx = source_of(coordinates, x, w, in_w);
    if (mode == RESIZE_LINEAR)
        return bilinear(in, from, b, sy, sx, c);
    return in[((b * in_h + nearest_of(nearest, sy, in_h)) * in_w + nearest_of(nearest, sx, in_w)) * d + c];
}

static void resize_integer(struct lp_shim_session *s, const Resize_integer_sw_info *op)
{
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const int32_t *in = bytes_of(s, from);
    double *real = room(s, count_of(from), sizeof *real);
    if (op->mode != RESIZE_LINEAR && op->mode != RESIZE_NEAREST)
        lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_resize_integer with mode %d, which limpid does not have", (int)op->mode);
    if (in == NULL || real == NULL || s->status != LP_OK)
        return;
    double in_scale = (double)scale_at(s, &op->is, 0), out_scale = (double)scale_at(s, &op->os, 0);
    int32_t in_zero = zero_point_at(s, &op->izp, 0, op->izp.format.is_signed),
            out_zero = zero_point_at(s, &op->ozp, 0, op->ozp.format.is_signed);
    for (size_t i = 0; i < count_of(from); i++)
        real[i] = in[i] - in_zero;
    double ratio = out_scale > 0 ? in_scale / out_scale : 1;
    for (size_t i = 0; i < count_of(to); i++)
        put_byte(s, to, i,
                 round(resized(real, from, to, i, op->mode, op->nearest_mode, op->coord_transf_mode) * ratio) + out_zero);
}

static void resize(struct lp_shim_session *s, const Resize_sw_info *op)
{
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const float *in = floats_of(s, from);
    double *real = room(s, count_of(from), sizeof *real);
    if (op->mode != RESIZE_LINEAR && op->mode != RESIZE_NEAREST)
        lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_resize with mode %d, which limpid does not have", (int)op->mode);
    if (in == NULL || real == NULL || s->status != LP_OK)
        return;
    for (size_t i = 0; i < count_of(from); i++)
        real[i] = (double)in[i];
    for (size_t i = 0; i < count_of(to); i++)
        put_float(s, to, i, (float)resized(real, from, to, i, op->mode, op->nearest_mode, op->coord_transf_mode));
}

/* ---- convolutions: weights [O][kh][kw][I / groups] in b, h, w, c ---- */

struct window {
    const Tensor_info *in, *out, *weights;
    int groups;
    const long *pads, *strides, *dilations;
};

/* Sum over the window of output element i; `value` gives input and weight as the operator sees them. */
static double window_sum(const struct window *k, size_t i, const double *in, const double *weights)
{
    size_t od = extent(k->out->dim.tensor_c), ow = extent(k->out->dim.tensor_w), oh = extent(k->out->dim.tensor_h);
    size_t o = i % od, x = i / od % ow, y = i / (od * ow) % oh, b = i / (od * ow * oh);
    long ih = (long)extent(k->in->dim.tensor_h), iw = (long)extent(k->in->dim.tensor_w);
    size_t id = extent(k->in->dim.tensor_c), wh = extent(k->weights->dim.tensor_h), ww = extent(k->weights->dim.tensor_w);
    size_t wd = extent(k->weights->dim.tensor_c), groups = k->groups > 0 ? (size_t)k->groups : 1, first = o / (od / groups) * wd;
    long dh = k->dilations[0] > 0 ? k->dilations[0] : 1, dw = k->dilations[1] > 0 ? k->dilations[1] : 1;
    double sum = 0;
    for (size_t j = 0; j < wh; j++)
        for (size_t l = 0; l < ww; l++) {
            long sy = (long)y * (k->strides[0] > 0 ? k->strides[0] : 1) - k->pads[0] + (long)j * dh;
            long sx = (long)x * (k->strides[1] > 0 ? k->strides[1] : 1) - k->pads[1] + (long)l * dw;
            if (sy < 0 || sy >= ih || sx < 0 || sx >= iw)
                continue;
            const double *pixel = in + ((b * (size_t)ih + (size_t)sy) * (size_t)iw + (size_t)sx) * id + first;
            const double *kernel = weights + ((o * wh + j) * ww + l) * wd;
            for (size_t c = 0; c < wd; c++)
                sum += pixel[c] * kernel[c];
        }
    return sum;
}

static bool divides(struct lp_shim_session *s, const struct window *k)
{
    size_t groups = k->groups > 0 ? (size_t)k->groups : 1, wd = extent(k->weights->dim.tensor_c),
           od = extent(k->out->dim.tensor_c);
    bool fits = od % groups == 0 && wd * groups == extent(k->in->dim.tensor_c) && extent(k->weights->dim.tensor_b) == od;
    if (!fits)
        lp_shim_fail(s, LP_BAD_INPUT, "a software convolution's weights do not match its tensors");
    return fits;
}

static void conv_integer(struct lp_shim_session *s, const Conv_integer_sw_info *op)
{
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const struct window k = {from, to, &op->weights, op->ngroup, op->pads, op->strides, op->dilations};
    const int32_t *in = bytes_of(s, from), *w = bytes_of(s, &op->weights);
    double *features = room(s, count_of(from), sizeof *features), *weights = room(s, count_of(&op->weights), sizeof *weights);
    if (!in || !w || !features || !weights || !divides(s, &k))
        return;
    int32_t zero = zero_point_at(s, &op->izp, 0, op->izp.format.is_signed),
            out_zero = zero_point_at(s, &op->ozp, 0, op->ozp.format.is_signed);
    size_t a_kernel = count_of(&op->weights) / extent(op->weights.dim.tensor_b), depth = extent(to->dim.tensor_c);
    for (size_t i = 0; i < count_of(from); i++)
        features[i] = in[i] - zero;
    for (size_t i = 0; i < count_of(&op->weights); i++)
        weights[i] = w[i] - zero_point_at(s, &op->wzp, i / a_kernel, op->wzp.format.is_signed);
    double in_scale = (double)scale_at(s, &op->is, 0), out_scale = (double)scale_at(s, &op->os, 0);
    for (size_t i = 0; i < count_of(to); i++) {
        int32_t bias = 0;
        if (op->bias.mem.start_offset != NULL)
            lp_shim_get(s, (uintptr_t)op->bias.mem.start_offset + i % depth * sizeof bias, &bias, sizeof bias);
        double sum = window_sum(&k, i, features, weights) + bias;
        put_byte(s, to, i, round(sum * in_scale * (double)scale_at(s, &op->ws, i % depth) / out_scale) + out_zero);
    }
}

static void conv(struct lp_shim_session *s, const Conv_sw_info *op)
{
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const struct window k = {from, to, &op->weights, op->ngroup, op->pads, op->strides, op->dilations};
    const float *in = floats_of(s, from), *w = floats_of(s, &op->weights);
    double *features = room(s, count_of(from), sizeof *features), *weights = room(s, count_of(&op->weights), sizeof *weights);
    if (!in || !w || !features || !weights || !divides(s, &k))
        return;
    for (size_t i = 0; i < count_of(from); i++)
        features[i] = (double)in[i];
    for (size_t i = 0; i < count_of(&op->weights); i++)
        weights[i] = (double)w[i];
    for (size_t i = 0; i < count_of(to); i++) {
        float bias = 0;
        if (op->bias.mem.start_offset != NULL)
            lp_shim_get(s, (uintptr_t)op->bias.mem.start_offset + i % extent(to->dim.tensor_c) * sizeof bias, &bias, sizeof bias);
        put_float(s, to, i, (float)(window_sum(&k, i, features, weights) + (double)bias));
    }
}

/* ---- element operators on floats ---- */

static float activated(struct lp_shim_session *s, const Activ_sw_info *op, float x, float slope)
{
    switch (op->general.type) {
    case LL_SW_RELU: return fmaxf(x, 0);
    case LL_SW_PRELU: return x >= 0 ? x : slope * x;
    case LL_SW_THRESHOLDEDRELU: return x > op->alpha ? x : 0;
    case LL_SW_ELU: return x >= 0 ? x : op->alpha * (expf(x) - 1);
    case LL_SW_SELU: return op->gamma * (x > 0 ? x : op->alpha * (expf(x) - 1));
    case LL_SW_CLIP: return fminf(fmaxf(x, op->min), op->max);
    case LL_SW_SIGMOID: return 1 / (1 + expf(-x));
    case LL_SW_TANH: return tanhf(x);
    case LL_SW_HARDSIGMOID: return fmaxf(0, fminf(1, op->alpha * x + op->beta));
    case LL_SW_HARDSWISH: return x * fmaxf(0, fminf(1, x / 6 + 0.5f));
    case LL_SW_SWISH: return x / (1 + expf(-x));
    case LL_SW_SQRT: return sqrtf(x);
    case LL_SW_EXP: return expf(x);
    case LL_SW_LOG: return logf(x);
    case LL_SW_ABS: return fabsf(x);
    case LL_SW_NEG: return -x;
    case LL_SW_ERF: return erff(x);
    default:
        lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_activ of type %d, which limpid does not have", (int)op->general.type);
        return 0;
    }
}

static void activ(struct lp_shim_session *s, const Activ_sw_info *op)
{
    const float *in = floats_of(s, &op->general.input);
    size_t depth = extent(op->general.input.dim.tensor_c);
    for (size_t i = 0; in != NULL && i < count_of(&op->general.input) && s->status == LP_OK; i++) {
        float slope = op->general.type == LL_SW_PRELU ? scale_at(s, &op->operand, i % depth) : 0;
        put_float(s, &op->general.output, i, activated(s, op, in[i], slope));
    }
}

/* Element of an operand that is broadcast over dimensions of 1. */
static float broadcast(const float *values, const Tensor_info *t, const Tensor_info *out, size_t i)
{
    size_t c = i % extent(out->dim.tensor_c), w = i / extent(out->dim.tensor_c) % extent(out->dim.tensor_w);
    size_t h = i / (extent(out->dim.tensor_c) * extent(out->dim.tensor_w)) % extent(out->dim.tensor_h);
    size_t b = i / (extent(out->dim.tensor_c) * extent(out->dim.tensor_w) * extent(out->dim.tensor_h));
    size_t th = extent(t->dim.tensor_h), tw = extent(t->dim.tensor_w), tc = extent(t->dim.tensor_c), tb = extent(t->dim.tensor_b);
    return values[((b % tb * th + h % th) * tw + w % tw) * tc + c % tc];
}

static float combined(struct lp_shim_session *s, NodeType type, float a, float b)
{
    switch (type) {
    case LL_SW_ARITHADD:
    case LL_SW_ARITHSUM: return a + b;
    case LL_SW_ARITHSUB: return a - b;
    case LL_SW_ARITHMUL: return a * b;
    case LL_SW_ARITHDIV: return a / b;
    case LL_SW_POW: return powf(a, b);
    case LL_SW_MIN: return fminf(a, b);
    case LL_SW_MAX: return fmaxf(a, b);
    default: lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_arith of type %d, which limpid does not have", (int)type); return 0;
    }
}

static void arith(struct lp_shim_session *s, const Arith_sw_info *op)
{
    const Tensor_info *to = &op->general.output, *others[2] = {&op->operand, &op->operand1};
    const float *in = floats_of(s, &op->general.input), *values[2] = {floats_of(s, &op->operand), NULL};
    uint32_t extra = op->num_of_inputs > 2 ? 2 : 1;
    if (extra == 2)
        values[1] = floats_of(s, &op->operand1);
    if (in == NULL || values[0] == NULL || (extra == 2 && values[1] == NULL))
        return;
    for (size_t i = 0; i < count_of(to) && s->status == LP_OK; i++) {
        float value = broadcast(in, &op->general.input, to, i);
        for (uint32_t k = 0; k < extra; k++)
            value = combined(s, op->general.type, value, broadcast(values[k], others[k], to, i));
        put_float(s, to, i, value);
    }
}

static bool is_one(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

static void call(struct lp_shim_session *s, const char *name, void *info)
{
    if (is_one(name, "dequantizelinear"))
        dequantize(s, info);
    else if (is_one(name, "quantizelinear"))
        quantize(s, info);
    else if (is_one(name, "softmax_integer"))
        softmax_integer(s, info);
    else if (is_one(name, "softmax"))
        softmax(s, info);
    else if (is_one(name, "resize_integer"))
        resize_integer(s, info);
    else if (is_one(name, "resize"))
        resize(s, info);
    else if (is_one(name, "conv_integer") || is_one(name, "qlinearconv"))
        conv_integer(s, info);
    else if (is_one(name, "conv"))
        conv(s, info);
    else if (is_one(name, "activ"))
        activ(s, info);
    else if (is_one(name, "arith"))
        arith(s, info);
    else
        lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_%s is called, which limpid does not have", name);
}

void lp_shim_software(struct lp_shim_session *s, const char *name, void *info)
{
    call(s, name, info);
    lp_arena_free(&s->scratch);
}
