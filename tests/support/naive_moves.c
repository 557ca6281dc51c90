#include "tests/support/naive_moves.h"

#include "tests/support/random_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = LP_TW_MAX_LIST };

/* One element of an output: its place, and where the rule finds it. */
struct element {
    const struct lp_tw *model;
    const struct lp_tw_op *op;
    uint32_t output;
    const int32_t *at; /* index of the output's element */
    uint32_t input;    /* of the operator; to be found */
    int32_t from[MOST];
    bool is_border; /* from nowhere */
    int8_t border;
};

typedef void rule(struct element *e);

static const struct lp_tw_tensor *input(const struct element *e, uint32_t i)
{
    return &e->model->tensors[e->op->inputs[i]];
}

static const int32_t *numbers(const struct element *e, uint32_t i)
{
    return input(e, i)->data;
}

static int32_t option(const struct element *e, int i)
{
    return (int32_t)e->op->fields[i].value;
}

static int32_t axis_of(int32_t axis, int32_t rank)
{
    return axis < 0 ? axis + rank : axis;
}

static void same_place(struct element *e)
{
    memcpy(e->from, e->at, sizeof e->from);
}

static void concatenation(struct element *e)
{
    same_place(e);
    int32_t axis = axis_of(option(e, 0), input(e, 0)->rank);
    while (e->from[axis] >= input(e, e->input)->dims[axis])
        e->from[axis] -= input(e, e->input++)->dims[axis];
}

static int32_t part_sizes(const struct element *e, int32_t axis)
{
    int32_t before = 0;
    for (uint32_t i = 0; i < e->output; i++)
        before += e->model->tensors[e->op->outputs[i]].dims[axis];
    return before;
}

static void split(struct element *e)
{
    e->input = 1;
    same_place(e);
    int32_t axis = axis_of(numbers(e, 0)[0], input(e, 1)->rank);
    e->from[axis] += part_sizes(e, axis);
}

static void split_v(struct element *e)
{
    same_place(e);
    int32_t axis = axis_of(numbers(e, 2)[0], input(e, 0)->rank);
    e->from[axis] += part_sizes(e, axis);
}

static void pack(struct element *e)
{
    int32_t rank = input(e, 0)->rank;
    int32_t axis = axis_of(option(e, 1), rank + 1);
    e->input = (uint32_t)e->at[axis];
    for (int32_t d = 0; d < rank; d++)
        e->from[d] = e->at[d < axis ? d : d + 1];
}

static void unpack(struct element *e)
{
    int32_t rank = input(e, 0)->rank;
    int32_t axis = axis_of(option(e, 1), rank);
    for (int32_t d = 0; d < rank; d++)
        e->from[d] = d == axis ? (int32_t)e->output : e->at[d < axis ? d : d - 1];
}

static void transpose(struct element *e)
{
    for (int32_t d = 0; d < input(e, 0)->rank; d++)
        e->from[numbers(e, 1)[d]] = e->at[d];
}

static void reverse(struct element *e)
{
    same_place(e);
    for (int32_t i = 0; i < input(e, 1)->dims[0]; i++) {
        int32_t axis = numbers(e, 1)[i];
        e->from[axis] = input(e, 0)->dims[axis] - 1 - e->at[axis];
    }
}

static void repeat(struct element *e)
{
    for (int32_t d = 0; d < input(e, 0)->rank; d++)
        e->from[d] = e->at[d] % input(e, 0)->dims[d];
}

static void gather(struct element *e)
{
    same_place(e);
    int32_t axis = axis_of(option(e, 0), input(e, 0)->rank);
    e->from[axis] = numbers(e, 1)[e->at[axis]];
}

static void slice(struct element *e)
{
    for (int32_t d = 0; d < input(e, 0)->rank; d++)
        e->from[d] = numbers(e, 1)[d] + e->at[d];
}

/* Where the walk over a dimension of `size` begins. */
static int32_t first_of(const struct element *e, int32_t entry, int32_t size)
{
    int32_t begin = numbers(e, 1)[entry];
    int32_t step = numbers(e, 3)[entry];
    if ((option(e, 0) >> entry & 1) != 0)
        return step > 0 ? 0 : size - 1;
    return begin < 0 ? begin + size : begin;
}

/* Entries of the operator against dimensions of the input and of the output. */
static void strided_slice(struct element *e)
{
    const struct lp_tw_tensor *in = input(e, 0);
    int32_t entries = input(e, 1)->dims[0];
    int32_t axes_added = 0;
    int32_t to = 0;
    int32_t d = 0;
    for (int32_t i = 0; i < entries; i++)
        axes_added += option(e, 3) >> i & 1;
    for (int32_t i = 0; i < entries; i++) {
        if ((option(e, 2) >> i & 1) != 0) {
            for (int32_t left = in->rank - (entries - 1 - axes_added); left > 0; left--)
                e->from[d++] = e->at[to++];
        } else if ((option(e, 3) >> i & 1) != 0) {
            to++;
        } else if ((option(e, 4) >> i & 1) != 0) {
            e->from[d] = first_of(e, i, in->dims[d]);
            d++;
        } else {
            e->from[d] = first_of(e, i, in->dims[d]) + e->at[to++] * numbers(e, 3)[i];
            d++;
        }
    }
    while (d < in->rank)
        e->from[d++] = e->at[to++];
}

static void depth_to_space(struct element *e)
{
    int32_t block = option(e, 0);
    int32_t channels = e->model->tensors[e->op->outputs[0]].dims[3];
    e->from[0] = e->at[0];
    e->from[1] = e->at[1] / block;
    e->from[2] = e->at[2] / block;
    e->from[3] = (e->at[1] % block * block + e->at[2] % block) * channels + e->at[3];
}

static void space_to_depth(struct element *e)
{
    int32_t block = option(e, 0);
    int32_t channels = input(e, 0)->dims[3];
    e->from[0] = e->at[0];
    e->from[1] = e->at[1] * block + e->at[3] / channels / block;
    e->from[2] = e->at[2] * block + e->at[3] / channels % block;
    e->from[3] = e->at[3] % channels;
}

static int8_t zero_point(const struct lp_tw_tensor *t)
{
    return (int8_t)(t->zero_points == NULL ? 0 : t->zero_points[0]);
}

static void space_to_batch(struct element *e)
{
    const struct lp_tw_tensor *in = input(e, 0);
    const int32_t *block = numbers(e, 1);
    int32_t part = e->at[0] / in->dims[0];
    e->from[0] = e->at[0] % in->dims[0];
    e->from[1] = e->at[1] * block[0] + part / block[1] - numbers(e, 2)[0];
    e->from[2] = e->at[2] * block[1] + part % block[1] - numbers(e, 2)[2];
    e->from[3] = e->at[3];
    e->is_border = e->from[1] < 0 || e->from[1] >= in->dims[1] || e->from[2] < 0 || e->from[2] >= in->dims[2];
    e->border = zero_point(in);
}

static void batch_to_space(struct element *e)
{
    const int32_t *block = numbers(e, 1);
    int32_t y = e->at[1] + numbers(e, 2)[0];
    int32_t x = e->at[2] + numbers(e, 2)[2];
    int32_t batches = e->model->tensors[e->op->outputs[0]].dims[0];
    e->from[0] = (y % block[0] * block[1] + x % block[1]) * batches + e->at[0];
    e->from[1] = y / block[0];
    e->from[2] = x / block[1];
    e->from[3] = e->at[3];
}

static void mirror_pad(struct element *e)
{
    for (int32_t d = 0; d < input(e, 0)->rank; d++) {
        int32_t size = input(e, 0)->dims[d];
        int32_t i = e->at[d] - numbers(e, 1)[2 * d];
        if (i < 0)
            i = option(e, 0) != 0 ? -1 - i : -i;
        if (i >= size)
            i = option(e, 0) != 0 ? 2 * size - 1 - i : 2 * size - 2 - i;
        e->from[d] = i;
    }
}

static void pad_v2(struct element *e)
{
    for (int32_t d = 0; d < input(e, 0)->rank; d++) {
        e->from[d] = e->at[d] - numbers(e, 1)[2 * d];
        e->is_border = e->is_border || e->from[d] < 0 || e->from[d] >= input(e, 0)->dims[d];
    }
    e->border = *(const int8_t *)input(e, 2)->data;
}

/* The published formula, in float as it stands there. */
static int32_t nearest(const struct element *e, int32_t i, int32_t in, int32_t out)
{
    bool align = option(e, 0) != 0;
    float scale = align && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
    float place = ((float)i + (option(e, 1) != 0 ? 0.5f : 0.0f)) * scale;
    int32_t found = (int32_t)(align ? roundf(place) : floorf(place));
    return found > in - 1 ? in - 1 : found;
}

static void resize(struct element *e)
{
    const struct lp_tw_tensor *out = &e->model->tensors[e->op->outputs[0]];
    same_place(e);
    e->from[1] = nearest(e, e->at[1], input(e, 0)->dims[1], out->dims[1]);
    e->from[2] = nearest(e, e->at[2], input(e, 0)->dims[2], out->dims[2]);
}

static const struct {
    int32_t builtin_code;
    rule *find;
} rules[] = {
    {TW_BATCH_TO_SPACE_ND, batch_to_space},
    {TW_BROADCAST_TO, repeat},
    {TW_CONCATENATION, concatenation},
    {TW_DEPTH_TO_SPACE, depth_to_space},
    {TW_GATHER, gather},
    {TW_MIRROR_PAD, mirror_pad},
    {TW_PACK, pack},
    {TW_PADV2, pad_v2},
    {TW_RESIZE_NEAREST_NEIGHBOR, resize},
    {TW_REVERSE_V2, reverse},
    {TW_SLICE, slice},
    {TW_SPACE_TO_BATCH_ND, space_to_batch},
    {TW_SPACE_TO_DEPTH, space_to_depth},
    {TW_SPLIT, split},
    {TW_SPLIT_V, split_v},
    {TW_STRIDED_SLICE, strided_slice},
    {TW_TILE, repeat},
    {TW_TRANSPOSE, transpose},
    {TW_UNPACK, unpack},
};

static rule *rule_of(const struct lp_tw_op *op)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].builtin_code == op->builtin_code)
            return rules[i].find;
    return NULL;
}

static int8_t value_of(const struct element *e, int8_t *const *values)
{
    const struct lp_tw_tensor *in = input(e, e->input);
    int64_t flat = 0;
    if (e->is_border)
        return e->border;
    for (int32_t d = 0; d < in->rank; d++) {
        if (e->from[d] < 0 || e->from[d] >= in->dims[d])
            abort();
        flat = flat * in->dims[d] + e->from[d];
    }
    return in->data == NULL ? values[e->op->inputs[e->input]][flat] : ((const int8_t *)in->data)[flat];
}

static void fill_output(const struct lp_tw *model, const struct lp_tw_op *op, uint32_t output, rule *find, int8_t *const *values)
{
    const struct lp_tw_tensor *out = &model->tensors[op->outputs[output]];
    int32_t at[MOST] = {0};
    for (size_t i = 0; i < tw_tensor_elements(out); i++) {
        struct element e = {.model = model, .op = op, .output = output, .at = at};
        find(&e);
        values[op->outputs[output]][i] = value_of(&e, values);
        for (int32_t d = out->rank - 1; d >= 0 && ++at[d] == out->dims[d]; d--)
            at[d] = 0;
    }
}

bool naive_move(const struct lp_tw *model, const struct lp_tw_op *op, int8_t *const *values)
{
    rule *find = rule_of(op);
    for (uint32_t i = 0; i < op->output_count && find != NULL; i++)
        fill_output(model, op, i, find, values);
    return find != NULL;
}
