#include "tests/support/single_op_parts.h"

#include <string.h>

struct shape random_shape(struct random_model *m, int32_t least, int32_t most)
{
    struct shape s = {.rank = random_between(m, least, most)};
    for (int32_t i = 0; i < s.rank; i++)
        s.dims[i] = random_between(m, 1, s.rank > 4 ? 3 : 5);
    return s;
}

enum lp_element int8_or_int16(struct random_model *m)
{
    return random_between(m, 0, 2) == 0 ? LP_ELEMENT_INT16 : LP_ELEMENT_INT8;
}

int32_t add_typed(struct random_model *m, enum lp_element element, const struct shape *s)
{
    enum { UNSIGNED_SHIFT = 128 };
    int32_t t;
    switch (element) {
    case LP_ELEMENT_INT8: return add_activation(m, s->rank, s->dims);
    case LP_ELEMENT_UINT8:
        t = add_activation(m, s->rank, s->dims);
        *(int32_t *)(uintptr_t)m->file.tensors[t].zero_points += UNSIGNED_SHIFT;
        break;
    case LP_ELEMENT_INT16: t = add_scaled(m, s->rank, s->dims, 0.0001f * (float)random_between(m, 1, 400), 0); break;
    default: return lp_tw_add_tensor(&m->file, "plain", element, s->rank, s->dims, NULL, NULL);
    }
    m->file.tensors[t].element = element;
    return t;
}

int32_t add_port(struct random_model *m, enum lp_element element, const struct shape *s)
{
    int32_t t = add_typed(m, element, s);
    m->file.inputs[m->file.input_count++] = t;
    return t;
}

int32_t add_fixed(struct random_model *m, enum lp_element element, const struct shape *s, float scale, int32_t zero_point)
{
    int32_t t = add_scaled(m, s->rank, s->dims, scale, zero_point);
    m->file.tensors[t].element = element;
    return t;
}

int32_t add_same(struct random_model *m, int32_t tensor, const struct shape *s)
{
    int32_t t = add_like(m, tensor, s->rank, s->dims);
    m->file.tensors[t].element = m->file.tensors[tensor].element;
    return t;
}

static void fill_short(struct random_model *m, int32_t tensor)
{
    size_t count = tw_tensor_elements(&m->file.tensors[tensor]);
    int16_t *data = block(m, sizeof *data * count);
    for (size_t i = 0; i < count; i++)
        data[i] = (int16_t)random_between(m, INT16_MIN, INT16_MAX);
    lp_tw_set_data(&m->file, tensor, data, sizeof *data * count);
}

void fill_typed(struct random_model *m, int32_t tensor)
{
    if (m->file.tensors[tensor].element == LP_ELEMENT_INT16)
        fill_short(m, tensor);
    else
        fill_randomly(m, tensor);
}

void fill_or_feed(struct random_model *m, int32_t tensor)
{
    if (random_between(m, 0, 1))
        fill_typed(m, tensor);
    else
        m->file.inputs[m->file.input_count++] = tensor;
}

int32_t add_list(struct random_model *m, const int32_t *numbers, int32_t count)
{
    return add_numbers(m, numbers, count, 1, &count);
}

int32_t from_either_end(struct random_model *m, int32_t axis, int32_t rank)
{
    return random_between(m, 0, 1) ? axis : axis - rank;
}

int32_t add_axis(struct random_model *m, int32_t axis, int32_t rank)
{
    const int32_t number = from_either_end(m, axis, rank);
    return add_numbers(m, &number, 1, random_between(m, 0, 1), (int32_t[]){1});
}

struct lp_tw_op *add_unary(struct random_model *m, int32_t code, uint8_t options, int32_t in, int32_t out)
{
    return lp_tw_add_op(&m->file, code, options, 1, &in, out);
}

void set_byte(struct lp_tw_op *op, int field, int32_t value)
{
    op->fields[field] = (struct lp_tw_field){1, value};
}

void set_word(struct lp_tw_op *op, int field, int64_t value)
{
    op->fields[field] = (struct lp_tw_field){4, value};
}

void set_outputs(struct lp_tw_op *op, const int32_t *outputs, int32_t count)
{
    memcpy(op->outputs, outputs, sizeof *outputs * (size_t)count);
    op->output_count = (uint32_t)count;
}

static int32_t add_probabilities(struct random_model *m, enum lp_element element, const struct shape *s)
{
    return element == LP_ELEMENT_INT8 ? add_fixed(m, element, s, 1.0f / 256, -128) : add_fixed(m, element, s, 1.0f / 32768, 0);
}

static void softmax(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const enum lp_element element = int8_or_int16(m);
    const int32_t in = add_port(m, element, &s);
    const float beta = random_between(m, 0, 1) ? 1.0f : 0.1f * (float)random_between(m, 1, 30);
    set_word(add_unary(m, TW_SOFTMAX, 9, in, add_probabilities(m, element, &s)), 0, lp_tw_float_bits(beta));
}

static void normalize(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const int32_t in = add_port(m, LP_ELEMENT_INT8, &s);
    if (random_between(m, 0, 1))
        add_unary(m, TW_LOG_SOFTMAX, 36, in, add_fixed(m, LP_ELEMENT_INT8, &s, 16.0f / 256, 127));
    else
        set_byte(add_unary(m, TW_L2_NORMALIZATION, 12, in, add_fixed(m, LP_ELEMENT_INT8, &s, 1.0f / 128, 0)), 0, 0);
}

static void arg_max(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const int32_t axis = random_between(m, 0, s.rank - 1);
    const bool is_max = random_between(m, 0, 1), is_long = random_between(m, 0, 1);
    struct shape rest = {0};
    for (int32_t i = 0; i < s.rank; i++)
        if (i != axis)
            rest.dims[rest.rank++] = s.dims[i];
    const int32_t in = add_port(m, LP_ELEMENT_INT8, &s), where = add_axis(m, axis, s.rank);
    const int32_t out = add_typed(m, is_long ? LP_ELEMENT_INT64 : LP_ELEMENT_INT32, &rest);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, is_max ? TW_ARG_MAX : TW_ARG_MIN, is_max ? 40 : 57, 2, (int32_t[]){in, where},
                                       out);
    set_byte(op, 0, is_long ? 4 : 2); /* of the schema's TensorType */
}

static void convert(struct random_model *m)
{
    static const enum lp_element types[] = {LP_ELEMENT_INT8,    LP_ELEMENT_UINT8, LP_ELEMENT_INT16,
                                            LP_ELEMENT_FLOAT32, LP_ELEMENT_INT32, LP_ELEMENT_INT64};
    const struct shape s = random_shape(m, 1, 4);
    const int32_t kind = random_between(m, 0, 3), from = random_between(m, 0, 5), to = random_between(m, 0, 5);
    if (kind == 0) {
        const int32_t in = add_port(m, types[from], &s);
        add_unary(m, TW_CAST, 37, in, add_typed(m, types[to], &s));
    } else if (kind == 1) {
        const int32_t in = add_port(m, types[from % 3], &s);
        add_unary(m, TW_DEQUANTIZE, 0, in, add_typed(m, LP_ELEMENT_FLOAT32, &s));
    } else {
        const int32_t in = add_port(m, types[from % 4], &s);
        add_unary(m, TW_QUANTIZE, 0, in, add_typed(m, types[to % 3], &s));
    }
}

/* One of the two may lack dimensions in front or have ones in place of more. */
static void combine(struct random_model *m)
{
    static const struct {
        int32_t code, most_dims;
        uint8_t options;
        bool is_alike, has_activation;
    } kinds[] = {{TW_ADD, 5, 11, false, true},     {TW_SUB, 5, 28, false, true},
                 {TW_MUL, 5, 21, false, true},     {TW_MAXIMUM, 4, 39, true, false},
                 {TW_MINIMUM, 4, 39, true, false}, {TW_SQUARED_DIFFERENCE, 4, 76, false, false}};
    const int32_t k = random_between(m, 0, 5);
    const struct shape whole = random_shape(m, 1, kinds[k].most_dims);
    struct shape a = whole, b = whole;
    if (random_between(m, 0, 1)) {
        const int32_t cut = random_between(m, 0, 1) ? random_between(m, 0, whole.rank - 1) : 0;
        for (int32_t i = 0; i < whole.rank; i++)
            if (random_between(m, 0, 2) == 0)
                (i >= cut && random_between(m, 0, 1) ? &a : &b)->dims[i] = 1;
        b.rank -= cut;
        memmove(b.dims, b.dims + cut, sizeof *b.dims * (size_t)b.rank);
    }
    const enum lp_element element = kinds[k].code == TW_SQUARED_DIFFERENCE ? LP_ELEMENT_INT8 : int8_or_int16(m);
    const int32_t x = add_port(m, element, &a), y = kinds[k].is_alike ? add_same(m, x, &b) : add_typed(m, element, &b);
    fill_or_feed(m, y);
    const int32_t out = kinds[k].is_alike ? add_same(m, x, &whole) : add_typed(m, element, &whole);
    const bool is_first = random_between(m, 0, 1);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, kinds[k].code, kinds[k].options, 2,
                                       is_first ? (int32_t[]){x, y} : (int32_t[]){y, x}, out);
    if (kinds[k].has_activation)
        set_byte(op, 0, random_between(m, 0, 3));
}

static void apply(struct random_model *m)
{
    static const struct {
        int32_t code;
        uint8_t options;
        bool has_short;
    } kinds[] = {{TW_LEAKY_RELU, 75, true}, {TW_LOGISTIC, 0, true},      {TW_TANH, 0, true},
                 {TW_ABS, 78, false},       {TW_ELU, 0, false},          {TW_HARD_SWISH, 0, false},
                 {TW_RELU, 0, false},       {TW_RELU_N1_TO_1, 0, false}, {TW_RELU6, 0, false}};
    const int32_t k = random_between(m, 0, 8);
    const struct shape s = random_shape(m, 1, 5);
    const enum lp_element element = kinds[k].has_short ? int8_or_int16(m) : LP_ELEMENT_INT8;
    const int32_t in = add_port(m, element, &s);
    int32_t out = -1;
    if (kinds[k].code == TW_LOGISTIC)
        out = add_probabilities(m, element, &s);
    else if (kinds[k].code == TW_HARD_SWISH) /* has 16 bits between input and output */
        out = add_fixed(m, element, &s, m->file.tensors[in].scales[0] * (float)random_between(m, 25, 200) / 100.0f, 5);
    else if (kinds[k].code == TW_TANH)
        out = add_fixed(m, element, &s, element == LP_ELEMENT_INT8 ? 1.0f / 128 : 1.0f / 32768, 0);
    else
        out = add_typed(m, element, &s);
    struct lp_tw_op *op = add_unary(m, kinds[k].code, kinds[k].options, in, out);
    if (kinds[k].code == TW_LEAKY_RELU)
        set_word(op, 0, lp_tw_float_bits((float)random_between(m, 0, 150) / 100.0f));
}

static void reduce(struct random_model *m)
{
    static const int32_t codes[3] = {TW_MEAN, TW_REDUCE_MAX, TW_REDUCE_MIN};
    const int32_t code = codes[random_between(m, 0, 2)];
    const struct shape s = random_shape(m, 1, 5);
    const bool are_kept = random_between(m, 0, 1);
    struct shape kept = s, left = {0};
    int32_t axes[SINGLE_OP_MOST_DIMS], count = 0;
    for (int32_t i = 0; i < s.rank; i++) {
        if (random_between(m, 0, 1) || (count == 0 && i == s.rank - 1)) {
            axes[count++] = from_either_end(m, i, s.rank);
            kept.dims[i] = 1;
        } else {
            left.dims[left.rank++] = s.dims[i];
        }
    }
    const struct shape *result = are_kept ? &kept : &left;
    const enum lp_element element = code == TW_MEAN ? LP_ELEMENT_INT8 : int8_or_int16(m);
    const int32_t in = add_port(m, element, &s), list = add_list(m, axes, count);
    const int32_t out = code == TW_MEAN ? add_typed(m, element, result) : add_same(m, in, result);
    set_byte(lp_tw_add_op(&m->file, code, 27, 2, (int32_t[]){in, list}, out), 0, are_kept);
}

/* Slopes for some of the last dimensions. */
static void prelu(struct random_model *m)
{
    const struct shape s = random_shape(m, 2, 4);
    struct shape slopes = {.rank = random_between(m, 1, s.rank)};
    for (int32_t i = 0; i < slopes.rank; i++)
        slopes.dims[i] = i < slopes.rank - 1 && random_between(m, 0, 1) ? 1 : s.dims[s.rank - slopes.rank + i];
    const int32_t in = add_port(m, LP_ELEMENT_INT8, &s), slope = add_typed(m, LP_ELEMENT_INT8, &slopes);
    fill_randomly(m, slope);
    const int32_t out = add_typed(m, LP_ELEMENT_INT8, &s);
    lp_tw_add_op(&m->file, TW_PRELU, 0, 2, (int32_t[]){in, slope}, out);
}

static void resize(struct random_model *m)
{
    struct shape s = random_shape(m, 4, 4), result = s;
    const bool is_nearest = random_between(m, 0, 1);
    const int32_t choice = random_between(m, 0, 2);
    for (int i = 1; i <= 2; i++) {
        s.dims[i] = random_between(m, 1, 9);
        result.dims[i] = random_between(m, 1, 20);
    }
    const int32_t in = add_port(m, is_nearest ? int8_or_int16(m) : LP_ELEMENT_INT8, &s);
    const int32_t size = add_list(m, result.dims + 1, 2), out = add_same(m, in, &result);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, is_nearest ? TW_RESIZE_NEAREST_NEIGHBOR : TW_RESIZE_BILINEAR,
                                       is_nearest ? 74 : 15, 2, (int32_t[]){in, size}, out);
    set_byte(op, is_nearest ? 0 : 2, choice == 1);
    set_byte(op, is_nearest ? 1 : 3, choice == 2);
}

struct random_model *single_op_make(uint64_t seed)
{
    static void (*const kinds[])(struct random_model *) = {softmax,
                                                           normalize,
                                                           arg_max,
                                                           convert,
                                                           convert,
                                                           combine,
                                                           combine,
                                                           apply,
                                                           apply,
                                                           reduce,
                                                           prelu,
                                                           resize,
                                                           single_fully_connected,
                                                           single_fully_connected,
                                                           single_convolution,
                                                           single_convolution,
                                                           single_transpose_conv,
                                                           single_batch_matmul,
                                                           single_batch_matmul,
                                                           single_gather,
                                                           single_pad,
                                                           single_move,
                                                           single_move,
                                                           single_move,
                                                           single_move,
                                                           single_batches,
                                                           single_strided_slice,
                                                           single_strided_slice};
    struct random_model *m = random_model_empty(seed);
    kinds[seed % (sizeof kinds / sizeof *kinds)](m);
    const struct lp_tw_op *op = &m->file.ops[0];
    for (uint32_t i = 0; i < op->output_count; i++)
        m->file.outputs[m->file.output_count++] = op->outputs[i];
    return m;
}
