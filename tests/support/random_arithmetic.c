/* Random operators that compute: element by element, over dimensions, products of matrices, transposed convolutions. */
#include "tests/support/random_parts.h"

#include <math.h>
#include <string.h>

enum { RANK = 4, LARGE = 1500 };

static const int32_t *dims_of(const struct random_model *m, int32_t tensor)
{
    return m->file.tensors[tensor].dims;
}

static float scale_of(const struct random_model *m, int32_t tensor)
{
    return m->file.tensors[tensor].scales[0];
}

static struct lp_tw_op *add_binary(struct random_model *m, int32_t code, uint8_t options, int32_t in, int32_t other, int32_t out)
{
    bool in_front = random_between(m, 0, 1) != 0;
    return lp_tw_add_op(&m->file, code, options, 2, in_front ? (int32_t[]){in, other} : (int32_t[]){other, in}, out);
}

static int32_t subtract_or_multiply(struct random_model *m, int32_t in)
{
    static const struct {
        int32_t code;
        uint8_t options;
    } pairs[] = {{TW_SUB, 28}, {TW_MUL, 21}, {TW_SQUARED_DIFFERENCE, 76}};
    const int32_t i = random_between(m, 0, 2);
    int32_t other = random_operand(m, in, false);
    int32_t out = add_activation(m, RANK, dims_of(m, in));
    struct lp_tw_op *op = add_binary(m, pairs[i].code, pairs[i].options, in, other, out);
    if (pairs[i].code != TW_SQUARED_DIFFERENCE)
        op->fields[0] = (struct lp_tw_field){1, random_between(m, 0, 3)};
    return out;
}

static int32_t choose(struct random_model *m, int32_t in)
{
    int32_t other = random_operand(m, in, true);
    int32_t out = add_like(m, in, RANK, dims_of(m, in));
    add_binary(m, random_between(m, 0, 1) != 0 ? TW_MAXIMUM : TW_MINIMUM, 39, in, other, out);
    return out;
}

/* Slopes by channel, as a rule without the dimension of batches. */
static int32_t prelu(struct random_model *m, int32_t in)
{
    int32_t slopes = random_operand(m, in, false);
    if (random_between(m, 0, 1) != 0) {
        slopes = add_activation(m, 3, (int32_t[]){1, 1, dims_of(m, in)[3]});
        fill_randomly(m, slopes);
    }
    int32_t out = add_activation(m, RANK, dims_of(m, in));
    lp_tw_add_op(&m->file, TW_PRELU, 0, 2, (int32_t[]){in, slopes}, out);
    return out;
}

/* Functions of one byte. The scales of some outputs are fixed, and HARD_SWISH has 16 bits between input and output. */
static int32_t function(struct random_model *m, int32_t in)
{
    static const struct {
        int32_t code;
        uint8_t options;
        float scale; /* 0: any */
        int32_t zero_point;
    } functions[] = {{TW_ABS, 78, 0, 0},        {TW_ELU, 0, 0, 0},           {TW_HARD_SWISH, 91, 0, 0},
                     {TW_LEAKY_RELU, 75, 0, 0}, {TW_TANH, 0, 1.0f / 128, 0}, {TW_LOGISTIC, 0, 1.0f / 256, -128},
                     {TW_EXP, 33, 0, 0},        {TW_GELU, 116, 0, 0},        {TW_LOG, 0, 0, 0},
                     {TW_RSQRT, 0, 0, 0},       {TW_SQRT, 0, 0, 0}};
    const int32_t i = random_between(m, 0, (int32_t)(sizeof functions / sizeof *functions) - 1);
    float scale = functions[i].scale;
    int32_t zero_point = functions[i].zero_point;
    if (functions[i].code == TW_HARD_SWISH) {
        scale = scale_of(m, in) * (0.25f + (float)random_between(m, 0, 1000) / 500.0f);
        zero_point = random_between(m, -128, 127);
    }
    int32_t out = scale == 0 ? add_activation(m, RANK, dims_of(m, in)) : add_scaled(m, RANK, dims_of(m, in), scale, zero_point);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, functions[i].code, functions[i].options, 1, &in, out);
    if (functions[i].code == TW_GELU)
        op->fields[0] = (struct lp_tw_field){1, random_between(m, 0, 1)};
    if (functions[i].code == TW_LEAKY_RELU)
        op->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits((float)random_between(m, 0, 150) / 100.0f)};
    return out;
}

/* Some dimensions become 1, or go and come back as 1. */
static int32_t reduce(struct random_model *m, int32_t in)
{
    static const int32_t codes[3] = {TW_MEAN, TW_REDUCE_MAX, TW_REDUCE_MIN};
    int32_t axes[RANK];
    int32_t kept[RANK], left[RANK];
    int32_t count = 0, rank = 0;
    const int32_t code = codes[random_between(m, 0, 2)];
    const bool are_kept = random_between(m, 0, 1) != 0;
    for (int32_t d = 0; d < RANK; d++) {
        kept[d] = dims_of(m, in)[d];
        if (random_between(m, 0, 2) == 0 || (d == RANK - 1 && count == 0)) {
            axes[count++] = random_between(m, 0, 1) != 0 ? d - RANK : d;
            kept[d] = 1;
        } else {
            left[rank++] = kept[d];
        }
    }
    const int32_t *dims = are_kept ? kept : left;
    rank = are_kept ? RANK : rank;
    int32_t out = code == TW_MEAN ? add_activation(m, rank, dims) : add_like(m, in, rank, dims);
    int32_t list = add_numbers(m, axes, count, 1, &count);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, code, 27, 2, (int32_t[]){in, list}, out);
    op->fields[0] = (struct lp_tw_field){1, are_kept};
    if (rank == RANK)
        return out;
    int32_t whole = add_like(m, out, RANK, kept);
    int32_t shape = add_numbers(m, kept, RANK, 1, (int32_t[]){RANK});
    lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){out, shape}, whole);
    return whole;
}

/* Rows of the map times a constant matrix, or times each other. */
static int32_t multiply_matrices(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    memcpy(d, dims_of(m, in), sizeof d);
    bool is_own = random_between(m, 0, 2) == 0;
    bool is_adjoint = is_own || random_between(m, 0, 1) != 0;
    int32_t columns = is_own ? d[2] : random_between(m, 1, 9);
    float fill = 60 * sqrtf((float)d[3]);
    int32_t other = in;
    float scale = scale_of(m, in) * scale_of(m, in) * fill;
    if (!is_own) {
        int32_t dims[RANK] = {1, random_between(m, 0, 1) != 0 ? d[1] : 1, is_adjoint ? columns : d[3],
                              is_adjoint ? d[3] : columns};
        bool is_flat = dims[1] == 1 && random_between(m, 0, 1) != 0;
        other = is_flat ? add_activation(m, 2, dims + 2) : add_activation(m, RANK, dims);
        fill_randomly(m, other);
        scale = scale_of(m, in) * scale_of(m, other) * fill;
    }
    int32_t out = add_scaled(m, RANK, (int32_t[]){d[0], d[1], d[2], columns}, scale, random_between(m, -128, 127));
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_BATCH_MATMUL, 101, 2, (int32_t[]){in, other}, out);
    op->fields[0] = (struct lp_tw_field){1, 0};
    op->fields[1] = (struct lp_tw_field){1, is_adjoint};
    return out;
}

static int32_t blend(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    memcpy(d, dims_of(m, in), sizeof d);
    d[1] = random_between(m, 1, 2 * d[1]);
    d[2] = random_between(m, 1, d[2] + 3);
    int32_t out = add_like(m, in, RANK, d);
    int32_t size = add_numbers(m, d + 1, 2, 1, (int32_t[]){2});
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_RESIZE_BILINEAR, 15, 2, (int32_t[]){in, size}, out);
    int32_t choice = random_between(m, 0, 2);
    op->fields[2] = (struct lp_tw_field){1, choice == 1};
    op->fields[3] = (struct lp_tw_field){1, choice == 2};
    return out;
}

/* The largest output whose windows give the input's size again, or up to a stride less. */
static int32_t spread_side(struct random_model *m, int32_t in, int32_t kernel, int32_t stride, bool is_same)
{
    int32_t size = is_same ? in * stride : (in - 1) * stride + kernel;
    return is_same ? size - random_between(m, 0, stride - 1) : size + random_between(m, 0, stride - 1);
}

static int32_t spread(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    memcpy(d, dims_of(m, in), sizeof d);
    const bool is_same = random_between(m, 0, 1) != 0;
    const int32_t kernel_h = random_between(m, 1, 4), kernel_w = random_between(m, 1, 4);
    const int32_t stride_h = random_between(m, 1, 3), stride_w = random_between(m, 1, 3);
    const int32_t channels = random_between(m, 1, 8);
    const int32_t dims[RANK] = {d[0], spread_side(m, d[1], kernel_h, stride_h, is_same),
                                spread_side(m, d[2], kernel_w, stride_w, is_same), channels};
    int32_t out = add_activation(m, RANK, dims);
    int32_t weights = add_weights(m, RANK, (int32_t[]){channels, kernel_h, kernel_w, d[3]}, 0, kernel_h * kernel_w * d[3], in,
                                  out);
    int32_t shape = add_numbers(m, dims, RANK, 1, (int32_t[]){RANK});
    int32_t bias = add_bias(m, channels);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_TRANSPOSE_CONV, 49, bias < 0 ? 3 : 4, (int32_t[]){shape, weights, in, bias},
                                       out);
    op->fields[0] = (struct lp_tw_field){1, is_same ? 0 : 1};
    op->fields[1] = (struct lp_tw_field){4, stride_w};
    op->fields[2] = (struct lp_tw_field){4, stride_h};
    op->fields[3] = (struct lp_tw_field){1, random_between(m, 0, 3)};
    return out;
}

int32_t random_arithmetic(struct random_model *m, int32_t in)
{
    static int32_t (*const rules[])(struct random_model *, int32_t) = {
        subtract_or_multiply, choose, prelu, function, function, multiply_matrices, reduce, subtract_or_multiply, blend, spread};
    enum { GROWING = 2 }; /* at the end of the list */
    const int32_t last = (int32_t)(sizeof rules / sizeof rules[0]) - 1;
    bool is_large = tw_tensor_elements(&m->file.tensors[in]) > LARGE;
    return rules[random_between(m, 0, is_large ? last - GROWING : last)](m, in);
}
