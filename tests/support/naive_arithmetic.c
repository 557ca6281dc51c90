#include "tests/support/naive_parts.h"
#include "tests/support/random_model.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { RANK = 4 };

/* Element of an operand that is repeated along dimensions of 1, and along those that it doesn't have. */
static int64_t operand_at(const struct naive *n, int32_t tensor, const struct lp_tw_tensor *out, const int32_t *index)
{
    const struct lp_tw_tensor *t = naive_tensor(n, tensor);
    int64_t from = 0;
    for (int32_t d = 0; d < t->rank; d++)
        from = from * t->dims[d] + (t->dims[d] == 1 ? 0 : index[d + out->rank - t->rank]);
    return naive_data(n, tensor)[from];
}

struct pair {
    const struct lp_tw_tensor *in1, *in2, *out;
    int64_t a, b; /* as stored */
    int64_t activation;
    int is_double;
};

/* The published source divides in float32 here. */
static int8_t difference(const struct pair *p)
{
    float twice = 2 * fmaxf(p->in1->scales[0], p->in2->scales[0]);
    float first = p->in1->scales[0] / twice;
    float second = p->in2->scales[0] / twice;
    float last = twice / (1048576.0f * p->out->scales[0]);
    int64_t a = naive_scale_by((p->a - naive_zero(p->in1)) * 1048576, naive_factor_of((double)first, p->is_double), p->is_double);
    int64_t b = naive_scale_by((p->b - naive_zero(p->in2)) * 1048576, naive_factor_of((double)second, p->is_double),
                               p->is_double);
    int64_t scaled = naive_scale_by(a - b, naive_factor_of((double)last, p->is_double), p->is_double);
    return naive_activate(scaled + naive_zero(p->out), p->activation, p->out);
}

static int8_t squared_difference(const struct pair *p)
{
    double twice = 2 * (double)fmaxf(p->in1->scales[0], p->in2->scales[0]);
    float steps = 16384.0f * p->out->scales[0];
    struct naive_factor first = naive_factor_of((double)p->in1->scales[0] / twice, p->is_double);
    struct naive_factor second = naive_factor_of((double)p->in2->scales[0] / twice, p->is_double);
    int64_t apart = naive_scale_by((p->a - naive_zero(p->in1)) * 128, first, p->is_double) -
                    naive_scale_by((p->b - naive_zero(p->in2)) * 128, second, p->is_double);
    int64_t scaled = naive_scale_by(apart * apart, naive_factor_of(twice * twice / (double)steps, p->is_double), p->is_double);
    return naive_activate(scaled + naive_zero(p->out), 0, p->out);
}

static int8_t product(const struct pair *p)
{
    double real = (double)p->in1->scales[0] * (double)p->in2->scales[0] / (double)p->out->scales[0];
    int64_t x = (p->a - naive_zero(p->in1)) * (p->b - naive_zero(p->in2));
    int64_t scaled = naive_scale_by(x, naive_factor_of(real, p->is_double), p->is_double);
    return naive_activate(scaled + naive_zero(p->out), p->activation, p->out);
}

static int8_t bend(const struct pair *p)
{
    int64_t x = p->a - naive_zero(p->in1);
    float both = p->in1->scales[0] * p->in2->scales[0];
    float real = x < 0 ? both / p->out->scales[0] : p->in1->scales[0] / p->out->scales[0];
    x = x < 0 ? x * (p->b - naive_zero(p->in2)) : x;
    int64_t scaled = naive_scale_by(x, naive_factor_of((double)real, p->is_double), p->is_double);
    return naive_activate(scaled + naive_zero(p->out), 0, p->out);
}

static int8_t larger(const struct pair *p)
{
    return (int8_t)(p->a > p->b ? p->a : p->b);
}

static int8_t smaller(const struct pair *p)
{
    return (int8_t)(p->a < p->b ? p->a : p->b);
}

static void run_pairs(const struct naive *n, const struct lp_tw_op *op, int8_t (*combine)(const struct pair *p))
{
    struct pair p = {.in1 = naive_tensor(n, op->inputs[0]),
                     .in2 = naive_tensor(n, op->inputs[1]),
                     .out = naive_tensor(n, op->outputs[0]),
                     .activation = op->fields[0].value,
                     .is_double = n->is_double};
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[RANK] = {0};
    do {
        p.a = operand_at(n, op->inputs[0], p.out, index);
        p.b = operand_at(n, op->inputs[1], p.out, index);
        *value++ = combine(&p);
    } while (naive_next_index(p.out, index));
}

static bool is_reduced(const struct lp_tw_tensor *axes, int32_t d)
{
    for (int32_t i = 0; i < axes->dims[0]; i++)
        if ((((const int32_t *)axes->data)[i] + RANK) % RANK == d)
            return true;
    return false;
}

/* The division by the count is merged into the multiplier. */
static int8_t mean_of(const struct naive *n, const struct lp_tw_op *op, int64_t sum, int64_t count)
{
    const struct lp_tw_tensor *out = naive_tensor(n, op->outputs[0]);
    double real = (double)naive_tensor(n, op->inputs[0])->scales[0] / (double)out->scales[0];
    struct naive_factor f = naive_factor_of(real, n->is_double);
    int bits = (int)floor(log2((double)count));
    bits = bits > 31 + f.shift ? 31 + f.shift : bits;
    f.multiplier = (f.multiplier << bits) / count;
    f.shift -= bits;
    return naive_activate(naive_scale_by(sum, f, n->is_double) + naive_zero(out), 0, out);
}

/* All elements whose place in the other dimensions is that of output element `wanted`, by a walk over the whole input. */
static int8_t reduce_to(const struct naive *n, const struct lp_tw_op *op, size_t wanted)
{
    const struct lp_tw_tensor *in = naive_tensor(n, op->inputs[0]);
    const struct lp_tw_tensor *axes = naive_tensor(n, op->inputs[1]);
    const int8_t *value = n->values[op->inputs[0]];
    int32_t index[RANK] = {0};
    int64_t sum = 0, count = 0, most = -128, least = 127;
    do {
        size_t at = 0;
        for (int32_t d = 0; d < RANK; d++)
            at = is_reduced(axes, d) ? at : at * (size_t)in->dims[d] + (size_t)index[d];
        if (at == wanted) {
            sum += *value - naive_zero(in);
            most = *value > most ? *value : most;
            least = *value < least ? *value : least;
            count++;
        }
        value++;
    } while (naive_next_index(in, index));
    return op->builtin_code == TW_MEAN ? mean_of(n, op, sum, count) : (int8_t)(op->builtin_code == TW_REDUCE_MAX ? most : least);
}

static void run_reduce(const struct naive *n, const struct lp_tw_op *op)
{
    for (size_t i = 0; i < tw_tensor_elements(naive_tensor(n, op->outputs[0])); i++)
        n->values[op->outputs[0]][i] = reduce_to(n, op, i);
}

/* Rows of a [.., depth] tensor times a matrix of [depth, columns], or of [columns, depth] where it is turned. */
static void run_matmul(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *a = naive_tensor(n, op->inputs[0]);
    const struct lp_tw_tensor *b = naive_tensor(n, op->inputs[1]);
    const struct lp_tw_tensor *out = naive_tensor(n, op->outputs[0]);
    const float both = a->scales[0] * b->scales[0];
    const struct naive_factor f = naive_factor_of((double)both / (double)out->scales[0], n->is_double);
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[RANK] = {0};
    do {
        int64_t sum = 0;
        for (int32_t k = 0; k < a->dims[3]; k++) {
            int32_t left[RANK] = {index[0], index[1], index[2], k};
            int32_t right[RANK] = {index[0], index[1], op->fields[1].value ? index[3] : k, op->fields[1].value ? k : index[3]};
            sum += (operand_at(n, op->inputs[0], out, left) - naive_zero(a)) *
                   (operand_at(n, op->inputs[1], out, right) - naive_zero(b));
        }
        *value++ = naive_activate(naive_scale_by(sum, f, n->is_double) + naive_zero(out), 0, out);
    } while (naive_next_index(out, index));
}

/* Two neighbours of an output along one side; places are counted in 1/1024. */
struct between {
    int32_t first, second;
    int64_t place;
};

static struct between between(const struct lp_tw_op *op, int32_t i, int32_t in, int32_t out)
{
    bool is_aligned = op->fields[2].value && out > 1;
    int32_t step = is_aligned ? ((in - 1) * 1024 + (out - 1) / 2) / (out - 1) : (in * 1024 + out / 2) / out;
    struct between b = {.place = op->fields[3].value ? i * step + step / 2 - 512 : i * step};
    b.first = (int32_t)naive_clamp(b.place / 1024, 0, in - 1);
    b.second = (int32_t)naive_clamp((b.place + 1023) / 1024, 0, in - 1);
    return b;
}

static void run_bilinear(const struct naive *n, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *in = naive_tensor(n, op->inputs[0]);
    const struct lp_tw_tensor *out = naive_tensor(n, op->outputs[0]);
    int8_t *value = n->values[op->outputs[0]];
    int32_t index[RANK] = {0};
    do {
        struct between y = between(op, index[1], in->dims[1], out->dims[1]);
        struct between x = between(op, index[2], in->dims[2], out->dims[2]);
        int64_t sum = 0;
        for (int corner = 0; corner < 4; corner++) {
            int32_t row = corner & 1 ? y.second : y.first;
            int32_t column = corner & 2 ? x.second : x.first;
            int64_t down = y.place - 1024 * y.first;
            int64_t right = x.place - 1024 * x.first;
            int64_t at = ((int64_t)(index[0] * in->dims[1] + row) * in->dims[2] + column) * in->dims[3] + index[3];
            sum += naive_data(n, op->inputs[0])[at] * (corner & 1 ? down : 1024 - down) * (corner & 2 ? right : 1024 - right);
        }
        /* 20 bits go: halves upwards, or away from zero. */
        double exact = (double)sum / 1048576.0;
        *value++ = (int8_t)(n->is_double && exact < 0 ? -floor(0.5 - exact) : floor(exact + 0.5));
    } while (naive_next_index(out, index));
}

/* Number of elements in front of the map that the windows over the output's side reach. */
static int32_t pad_of(int32_t out, int32_t kernel, int32_t stride, bool is_same)
{
    int32_t windows = is_same ? (out + stride - 1) / stride : (out + stride - kernel) / stride;
    int32_t total = (windows - 1) * stride + kernel - out;
    return total > 0 ? total / 2 : 0;
}

/* As published: every input element is spread over the outputs that it reaches. */
static void run_transpose_conv(const struct naive *n, const struct lp_tw_op *op)
{
    static int64_t sums[1 << 18];
    const struct lp_tw_tensor *weights = naive_tensor(n, op->inputs[1]);
    const struct lp_tw_tensor *in = naive_tensor(n, op->inputs[2]);
    const struct lp_tw_tensor *out = naive_tensor(n, op->outputs[0]);
    const int32_t *bias = op->input_count < 4 ? NULL : naive_tensor(n, op->inputs[3])->data;
    const int32_t stride_w = (int32_t)op->fields[1].value, stride_h = (int32_t)op->fields[2].value;
    const int32_t top = pad_of(out->dims[1], weights->dims[1], stride_h, op->fields[0].value == 0);
    const int32_t left = pad_of(out->dims[2], weights->dims[2], stride_w, op->fields[0].value == 0);
    const int8_t *value = naive_data(n, op->inputs[2]);
    int32_t at[RANK] = {0};
    int32_t k[RANK];
    memset(sums, 0, sizeof sums[0] * tw_tensor_elements(out));
    do {
        memset(k, 0, sizeof k);
        for (const int8_t *weight = weights->data; k[3] == 0; weight += weights->dims[3]) {
            int32_t y = at[1] * stride_h - top + k[1];
            int32_t x = at[2] * stride_w - left + k[2];
            if (y >= 0 && y < out->dims[1] && x >= 0 && x < out->dims[2])
                sums[((int64_t)(at[0] * out->dims[1] + y) * out->dims[2] + x) * out->dims[3] + k[0]] += (*value -
                                                                                                         naive_zero(in)) *
                                                                                                        weight[at[3]];
            const struct lp_tw_tensor filters = {.rank = 3, .dims = {weights->dims[0], weights->dims[1], weights->dims[2]}};
            k[3] = !naive_next_index(&filters, k);
        }
        value++;
    } while (naive_next_index(in, at));
    for (size_t i = 0; i < tw_tensor_elements(out); i++) {
        int32_t c = (int32_t)(i % (size_t)out->dims[3]);
        double scale = (double)weights->scales[weights->scale_count == 1 ? 0 : c];
        struct naive_factor f = naive_factor_of((double)in->scales[0] * scale / (double)out->scales[0], n->is_double);
        int64_t scaled = naive_scale_by(sums[i] + (bias == NULL ? 0 : bias[c]), f, n->is_double);
        n->values[op->outputs[0]][i] = naive_activate(scaled + naive_zero(out), op->fields[3].value, out);
    }
}

bool naive_arithmetic(const struct naive *n, const struct lp_tw_op *op)
{
    switch (op->builtin_code) {
    case TW_SQUARED_DIFFERENCE: run_pairs(n, op, squared_difference); return true;
    case TW_SUB: run_pairs(n, op, difference); return true;
    case TW_MUL: run_pairs(n, op, product); return true;
    case TW_PRELU: run_pairs(n, op, bend); return true;
    case TW_MAXIMUM: run_pairs(n, op, larger); return true;
    case TW_MINIMUM: run_pairs(n, op, smaller); return true;
    case TW_MEAN:
    case TW_REDUCE_MAX:
    case TW_REDUCE_MIN: run_reduce(n, op); return true;
    case TW_BATCH_MATMUL: run_matmul(n, op); return true;
    case TW_RESIZE_BILINEAR: run_bilinear(n, op); return true;
    case TW_TRANSPOSE_CONV: run_transpose_conv(n, op); return true;
    default: return false;
    }
}
