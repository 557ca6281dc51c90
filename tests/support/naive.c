#include "tests/support/naive.h"

#include "tests/support/naive_moves.h"
#include "tests/support/naive_parts.h"
#include "tests/support/random_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

static wide floor_divide(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static wide power_of_two(int exponent)
{
    return (wide)1 << exponent;
}

/* QuantizeMultiplier of the published sources: 31 fraction bits. */
struct naive_factor naive_factor_of(double real, int is_double)
{
    struct naive_factor f = {0, 0};
    if (real == 0)
        return f;
    f.multiplier = (int64_t)round(frexp(real, &f.shift) * 2147483648.0);
    if (f.multiplier == 2147483648) {
        f.multiplier /= 2;
        f.shift++;
    }
    if (f.shift < -31)
        f = (struct naive_factor){0, 0};
    if (!is_double && f.shift > 30)
        f = (struct naive_factor){2147483647, 30};
    return f;
}

int64_t naive_scale_by(int64_t x, struct naive_factor f, int is_double)
{
    if (!is_double)
        return (int64_t)floor_divide((wide)x * f.multiplier + power_of_two(30 - f.shift), power_of_two(31 - f.shift));
    wide product = (wide)x * (f.shift > 0 ? power_of_two(f.shift) : 1) * f.multiplier;
    wide first = floor_divide(product + power_of_two(30), power_of_two(31));
    if (f.shift >= 0)
        return (int64_t)first;
    wide half = power_of_two(-f.shift - 1);
    return (int64_t)(first < 0 ? -((-first + half) / (2 * half)) : (first + half) / (2 * half));
}

int64_t naive_clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static double scale_of(const struct lp_tw_tensor *t)
{
    return (double)t->scales[0];
}

/* 0 none, 1 relu, 2 relu -1..1, 3 relu6; real bounds become integers by rounding in float. */
int8_t naive_activate(int64_t value, int64_t activation, const struct lp_tw_tensor *out)
{
    static const float lows[] = {-INFINITY, 0, -1, 0};
    static const float highs[] = {INFINITY, INFINITY, 1, 6};
    int64_t low = -128;
    int64_t high = 127;
    if (isfinite(lows[activation]))
        low = naive_clamp(naive_zero(out) + (int64_t)roundf(lows[activation] / out->scales[0]), -128, 127);
    if (isfinite(highs[activation]))
        high = naive_clamp(naive_zero(out) + (int64_t)roundf(highs[activation] / out->scales[0]), -128, 127);
    return (int8_t)naive_clamp(value, low, high);
}

static int64_t bias_at(const struct naive *n, const struct lp_tw_op *op, int32_t channel)
{
    return op->input_count < 3 ? 0 : ((const int32_t *)n->model->tensors[op->inputs[2]].data)[channel];
}

static double weight_scale(const struct lp_tw_tensor *w, int32_t channel)
{
    return (double)w->scales[w->scale_count == 1 ? 0 : channel];
}

static int32_t pad_before(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t dilation, int same)
{
    int32_t total = (out - 1) * stride + (kernel - 1) * dilation + 1 - in;
    return !same || total < 0 ? 0 : total / 2;
}

struct window {
    int64_t activation;
    int32_t in_h, in_w, in_c, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, top, left;
};

static struct window window_of(const struct lp_tw_tensor *in, const struct lp_tw_tensor *out, const struct lp_tw_op *op,
                               const struct lp_tw_tensor *weights)
{
    int depthwise = op->builtin_code == TW_DEPTHWISE_CONV_2D;
    int same = op->fields[0].value == 0;
    struct window w = {.in_h = in->dims[1],
                       .in_w = in->dims[2],
                       .in_c = in->dims[3],
                       .stride_w = (int32_t)op->fields[1].value,
                       .stride_h = (int32_t)op->fields[2].value,
                       .dilation_h = 1,
                       .dilation_w = 1};
    if (weights == NULL) {
        w.kernel_w = (int32_t)op->fields[3].value;
        w.kernel_h = (int32_t)op->fields[4].value;
        w.activation = op->fields[5].value;
    } else {
        w.kernel_h = weights->dims[1];
        w.kernel_w = weights->dims[2];
        w.activation = op->fields[3 + depthwise].value;
        w.dilation_w = (int32_t)op->fields[4 + depthwise].value;
        w.dilation_h = (int32_t)op->fields[5 + depthwise].value;
    }
    w.top = pad_before(in->dims[1], out->dims[1], w.kernel_h, w.stride_h, w.dilation_h, same);
    w.left = pad_before(in->dims[2], out->dims[2], w.kernel_w, w.stride_w, w.dilation_w, same);
    return w;
}

/* Index of (b, y, x, c) in the map, -1 outside. */
static int64_t at(const struct window *w, int64_t b, int64_t y, int64_t x, int64_t c)
{
    return y < 0 || y >= w->in_h || x < 0 || x >= w->in_w ? -1 : ((b * w->in_h + y) * w->in_w + x) * w->in_c + c;
}

static int64_t convolve_at(const struct naive *n, const struct lp_tw_op *op, const struct window *w, const int32_t *index,
                           int64_t in_zero)
{
    const struct lp_tw_tensor *weights = &n->model->tensors[op->inputs[1]];
    const int8_t *data = weights->data;
    const int8_t *in = n->values[op->inputs[0]];
    int depthwise = op->builtin_code == TW_DEPTHWISE_CONV_2D;
    int32_t per_input = depthwise ? weights->dims[3] / w->in_c : 1;
    int64_t sum = 0;
    /* Filters of a convolution in groups see some of the input channels. */
    int32_t seen = depthwise ? 1 : weights->dims[3];
    int32_t first = depthwise ? index[3] / per_input : index[3] / (weights->dims[0] / (w->in_c / seen)) * seen;
    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++)
            for (int32_t c = 0; c < seen; c++) {
                int64_t from = at(w, index[0], index[1] * w->stride_h - w->top + ky * w->dilation_h,
                                  index[2] * w->stride_w - w->left + kx * w->dilation_w, first + c);
                int64_t k = depthwise ? (ky * w->kernel_w + kx) * weights->dims[3] + index[3]
                                      : ((index[3] * w->kernel_h + ky) * w->kernel_w + kx) * weights->dims[3] + c;
                if (from >= 0)
                    sum += (in[from] - in_zero) * data[k];
            }
    return sum;
}

static int8_t pool_at(const struct naive *n, const struct lp_tw_op *op, const struct window *w, const int32_t *index,
                      const struct lp_tw_tensor *out)
{
    const int8_t *in = n->values[op->inputs[0]];
    int64_t sum = 0;
    int64_t count = 0;
    int64_t most = -128;
    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            int64_t from = at(w, index[0], index[1] * w->stride_h - w->top + ky, index[2] * w->stride_w - w->left + kx, index[3]);
            if (from < 0)
                continue;
            sum += in[from];
            most = in[from] > most ? in[from] : most;
            count++;
        }
    if (op->builtin_code == TW_MAX_POOL_2D)
        return naive_activate(most, w->activation, out);
    return naive_activate(sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count, w->activation, out);
}

int naive_next_index(const struct lp_tw_tensor *t, int32_t *index)
{
    for (int d = t->rank - 1; d >= 0; d--) {
        if (++index[d] < t->dims[d])
            return 1;
        index[d] = 0;
    }
    return 0;
}

static void run_window(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *in = &n->model->tensors[op->inputs[0]];
    const struct lp_tw_tensor *out = &n->model->tensors[op->outputs[0]];
    const struct lp_tw_tensor *weights = op->input_count < 2 ? NULL : &n->model->tensors[op->inputs[1]];
    struct window w = window_of(in, out, op, weights);
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[4] = {0};
    do {
        if (weights == NULL) {
            *value++ = pool_at(n, op, &w, index, out);
            continue;
        }
        int64_t sum = convolve_at(n, op, &w, index, naive_zero(in)) + bias_at(n, op, index[3]);
        struct naive_factor f = naive_factor_of(scale_of(in) * weight_scale(weights, index[3]) / scale_of(out), n->is_double);
        *value++ = naive_activate(naive_scale_by(sum, f, n->is_double) + naive_zero(out), w.activation, out);
    } while (naive_next_index(out, index));
}

static void run_fully_connected(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *in = &n->model->tensors[op->inputs[0]];
    const struct lp_tw_tensor *out = &n->model->tensors[op->outputs[0]];
    const struct lp_tw_tensor *weights = &n->model->tensors[op->inputs[1]];
    const int8_t *data = weights->data;
    for (int32_t b = 0; b < out->dims[0]; b++)
        for (int32_t o = 0; o < out->dims[1]; o++) {
            int64_t sum = bias_at(n, op, o);
            for (int32_t k = 0; k < weights->dims[1]; k++)
                sum += (n->values[op->inputs[0]][b * weights->dims[1] + k] - naive_zero(in)) * data[o * weights->dims[1] + k];
            /* One scale: its product with the input's is a float32 in the published source. */
            double product = weights->scale_count == 1 ? (double)(in->scales[0] * weights->scales[0])
                                                       : scale_of(in) * weight_scale(weights, o);
            struct naive_factor f = naive_factor_of(product / scale_of(out), n->is_double);
            n->values[op->outputs[0]][b * out->dims[1] + o] = naive_activate(
                naive_scale_by(sum, f, n->is_double) + naive_zero(out), op->fields[0].value, out);
        }
}

static void run_add(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *out = &n->model->tensors[op->outputs[0]];
    const struct lp_tw_tensor *t[2] = {&n->model->tensors[op->inputs[0]], &n->model->tensors[op->inputs[1]]};
    double twice = 2 * fmax(scale_of(t[0]), scale_of(t[1]));
    struct naive_factor sum_factor = naive_factor_of(twice / (1048576.0 * scale_of(out)), n->is_double);
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[4] = {0};
    do {
        int64_t sum = 0;
        for (int i = 0; i < 2; i++) {
            int64_t from = 0;
            for (int d = 0; d < 4; d++)
                from = from * t[i]->dims[d] + (t[i]->dims[d] == 1 ? 0 : index[d]);
            const int8_t *data = t[i]->data == NULL ? n->values[op->inputs[i]] : t[i]->data;
            sum += naive_scale_by((data[from] - naive_zero(t[i])) * 1048576,
                                  naive_factor_of(scale_of(t[i]) / twice, n->is_double), n->is_double);
        }
        *value++ = naive_activate(naive_scale_by(sum, sum_factor, n->is_double) + naive_zero(out), op->fields[0].value, out);
    } while (naive_next_index(out, index));
}

static void run_pad(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *in = &n->model->tensors[op->inputs[0]];
    const struct lp_tw_tensor *out = &n->model->tensors[op->outputs[0]];
    const int32_t *pads = n->model->tensors[op->inputs[1]].data;
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[4] = {0};
    do {
        int64_t from = 0;
        int inside = 1;
        for (int d = 0; d < 4; d++) {
            int32_t i = index[d] - pads[2 * d];
            inside = inside && i >= 0 && i < in->dims[d];
            from = from * in->dims[d] + i;
        }
        *value++ = inside ? n->values[op->inputs[0]][from] : (int8_t)naive_zero(out);
    } while (naive_next_index(out, index));
}

/* RELU works with a float32 ratio, QUANTIZE with a double. */
static void run_rescale(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *in = &n->model->tensors[op->inputs[0]];
    const struct lp_tw_tensor *out = &n->model->tensors[op->outputs[0]];
    int relu = op->builtin_code == TW_RELU;
    double ratio = relu ? (double)(in->scales[0] / out->scales[0]) : scale_of(in) / scale_of(out);
    struct naive_factor f = naive_factor_of(ratio, n->is_double);
    for (size_t i = 0; i < tw_tensor_elements(in); i++) {
        int64_t scaled = naive_scale_by(n->values[op->inputs[0]][i] - naive_zero(in), f, n->is_double) + naive_zero(out);
        n->values[op->outputs[0]][i] = (int8_t)naive_clamp(scaled, relu ? naive_zero(out) : -128, 127);
    }
}

void naive_run(const struct lp_tw *model, int is_double_rounding, int8_t *const *values)
{
    struct naive n = {model, is_double_rounding, values};
    for (uint32_t i = 0; i < model->op_count; i++) {
        const struct lp_tw_op *op = &model->ops[i];
        switch (op->builtin_code) {
        case TW_CONV_2D:
        case TW_DEPTHWISE_CONV_2D:
        case TW_AVERAGE_POOL_2D:
        case TW_MAX_POOL_2D: run_window(&n, op); break;
        case TW_FULLY_CONNECTED: run_fully_connected(&n, op); break;
        case TW_ADD: run_add(&n, op); break;
        case TW_PAD: run_pad(&n, op); break;
        case TW_EXPAND_DIMS:
        case TW_RESHAPE:
        case TW_SQUEEZE:
            memcpy(values[op->outputs[0]], values[op->inputs[0]], tw_tensor_elements(&model->tensors[op->outputs[0]]));
            break;
        case TW_RELU:
        case TW_QUANTIZE: run_rescale(&n, op); break;
        default:
            if (!naive_move(model, op, values) && !naive_arithmetic(&n, op) && !naive_function(&n, op))
                abort();
        }
    }
}
