/* Random operators that move elements, with every option that they have. */
#include "tests/support/random_parts.h"

#include <stdbool.h>
#include <string.h>

enum { RANK = 4, LARGE = 1500 };

static void dims_of(const struct random_model *m, int32_t tensor, int32_t *dims)
{
    memcpy(dims, m->file.tensors[tensor].dims, sizeof m->file.tensors[tensor].dims);
}

static int32_t list(struct random_model *m, const int32_t *numbers, int32_t count)
{
    return add_numbers(m, numbers, count, 1, &count);
}

static int32_t one_number(struct random_model *m, int32_t number)
{
    return add_numbers(m, &number, 1, 0, NULL);
}

static void set_fields(struct lp_tw_op *op, const int32_t *values, int count)
{
    for (int i = 0; i < count; i++)
        op->fields[i] = (struct lp_tw_field){4, values[i]};
}

static bool is_large(const struct random_model *m, int32_t tensor)
{
    return tw_tensor_elements(&m->file.tensors[tensor]) > LARGE;
}

/* Negative numbers count from the end. */
static int32_t maybe_from_end(struct random_model *m, int32_t axis, int32_t rank)
{
    return random_between(m, 0, 1) ? axis - rank : axis;
}

/* An earlier computed tensor that means the same integers and has the same shape but along `axis`; `in` when there is none. */
static int32_t find_partner(struct random_model *m, int32_t in, int32_t axis)
{
    const struct lp_tw_tensor *t = &m->file.tensors[in];
    int32_t found = in;
    for (int32_t i = 0; i < (int32_t)m->file.tensor_count; i++) {
        const struct lp_tw_tensor *c = &m->file.tensors[i];
        bool fits = c->rank == t->rank && c->element == t->element && c->data == NULL && c->scale_count == 1 &&
                    c->scales[0] == t->scales[0] && c->zero_points[0] == t->zero_points[0];
        for (int32_t d = 0; d < t->rank && fits; d++)
            fits = d == axis || c->dims[d] == t->dims[d];
        if (fits && random_between(m, 0, 1))
            found = i;
    }
    return found;
}

static int32_t add_constant_like(struct random_model *m, int32_t in, int32_t axis)
{
    int32_t d[LP_TW_MAX_LIST];
    dims_of(m, in, d);
    d[axis] = random_between(m, 1, 3);
    int32_t constant = add_like(m, in, RANK, d);
    fill_randomly(m, constant);
    return constant;
}

static int32_t concatenate(struct random_model *m, int32_t in)
{
    int32_t axis = random_between(m, 0, 3) == 0 ? random_between(m, 0, RANK - 1) : RANK - 1;
    int32_t count = random_between(m, 1, 3);
    int32_t inputs[3];
    int32_t d[LP_TW_MAX_LIST];
    dims_of(m, in, d);
    int32_t own = random_between(m, 0, count - 1);
    d[axis] = 0;
    for (int32_t i = 0; i < count; i++) {
        inputs[i] = i == own ? in : random_between(m, 0, 4) == 0 ? add_constant_like(m, in, axis) : find_partner(m, in, axis);
        d[axis] += m->file.tensors[inputs[i]].dims[axis];
    }
    int32_t out = add_like(m, in, RANK, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONCATENATION, 10, (uint32_t)count, inputs, out);
    op->fields[0] = (struct lp_tw_field){4, maybe_from_end(m, axis, RANK)};
    return out;
}

/* The parts; one of them goes on, or all of them are put together again in another order. */
static int32_t rejoin(struct random_model *m, const int32_t *parts, int32_t count, int32_t axis)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t inputs[3];
    if (random_between(m, 0, 1))
        return parts[random_between(m, 0, count - 1)];
    int32_t first = random_between(m, 0, count - 1);
    dims_of(m, parts[0], d);
    d[axis] = 0;
    for (int32_t i = 0; i < count; i++) {
        inputs[i] = parts[(i + first) % count];
        d[axis] += m->file.tensors[inputs[i]].dims[axis];
    }
    int32_t out = add_like(m, parts[0], RANK, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONCATENATION, 10, (uint32_t)count, inputs, out);
    op->fields[0] = (struct lp_tw_field){4, axis};
    return out;
}

static int32_t split(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t parts[3];
    int32_t axis = random_between(m, 0, 3) == 0 ? random_between(m, 0, RANK - 1) : RANK - 1;
    int32_t count = random_between(m, 1, 3);
    dims_of(m, in, d);
    while (d[axis] % count != 0)
        count--;
    d[axis] /= count;
    for (int32_t i = 0; i < count; i++)
        parts[i] = add_like(m, in, RANK, d);
    int32_t inputs[2] = {one_number(m, maybe_from_end(m, axis, RANK)), in};
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_SPLIT, 35, 2, inputs, parts[0]);
    memcpy(op->outputs, parts, sizeof parts);
    op->output_count = (uint32_t)count;
    op->fields[0] = (struct lp_tw_field){4, count};
    return rejoin(m, parts, count, axis);
}

static int32_t split_v(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t parts[2];
    int32_t axis = random_between(m, 0, 3) == 0 ? random_between(m, 0, RANK - 1) : RANK - 1;
    dims_of(m, in, d);
    if (d[axis] == 1)
        return split(m, in);
    int32_t sizes[2] = {random_between(m, 1, d[axis] - 1), 0};
    sizes[1] = d[axis] - sizes[0];
    for (int i = 0; i < 2; i++) {
        d[axis] = sizes[i];
        parts[i] = add_like(m, in, RANK, d);
    }
    if (random_between(m, 0, 1))
        sizes[random_between(m, 0, 1)] = -1;
    int32_t inputs[3] = {in, list(m, sizes, 2), one_number(m, axis)};
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_SPLIT_V, 79, 3, inputs, parts[0]);
    memcpy(op->outputs, parts, sizeof parts);
    op->output_count = 2;
    op->fields[0] = (struct lp_tw_field){4, 2};
    return rejoin(m, parts, 2, axis);
}

static void shuffle(struct random_model *m, int32_t *order, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        order[i] = i;
    for (int32_t i = count - 1; i > 0; i--) {
        int32_t k = random_between(m, 0, i);
        int32_t kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
}

static int32_t add_transpose(struct random_model *m, int32_t in, int32_t rank, const int32_t *order)
{
    int32_t d[LP_TW_MAX_LIST];
    for (int32_t i = 0; i < rank; i++)
        d[i] = m->file.tensors[in].dims[order[i]];
    int32_t out = add_like(m, in, rank, d);
    lp_tw_add_op(&m->file, TW_TRANSPOSE, 26, 2, (int32_t[]){in, list(m, order, rank)}, out);
    return out;
}

/* Often there and back again, as converters of channels-first models do. */
static int32_t transpose(struct random_model *m, int32_t in)
{
    int32_t order[RANK];
    shuffle(m, order, RANK);
    if (random_between(m, 0, 1))
        return add_transpose(m, in, RANK, order);
    int32_t first = add_transpose(m, in, RANK, (int32_t[]){0, 3, 1, 2});
    return random_between(m, 0, 2) == 0 ? first : add_transpose(m, first, RANK, (int32_t[]){0, 2, 3, 1});
}

/* PACK with one more tensor, any order of the five dimensions, UNPACK along any of length 2. */
static int32_t stack(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t five[5];
    int32_t order[5];
    int32_t axis = random_between(m, 0, RANK);
    dims_of(m, in, d);
    for (int32_t i = 0; i < 5; i++)
        five[i] = i == axis ? 2 : d[i < axis ? i : i - 1];
    int32_t packed = add_like(m, in, 5, five);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_PACK, 59, 2, (int32_t[]){in, find_partner(m, in, -1)}, packed);
    set_fields(op, (int32_t[]){2, maybe_from_end(m, axis, 5)}, 2);
    shuffle(m, order, 5);
    int32_t mixed = add_transpose(m, packed, 5, order);
    for (axis = 0; m->file.tensors[mixed].dims[axis] != 2; axis++)
        continue;
    int32_t rest = 0;
    for (int32_t i = 0; i < 5; i++)
        if (i != axis)
            d[rest++] = m->file.tensors[mixed].dims[i];
    int32_t parts[2] = {add_like(m, in, RANK, d), add_like(m, in, RANK, d)};
    op = lp_tw_add_op(&m->file, TW_UNPACK, 64, 1, &mixed, parts[0]);
    op->outputs[1] = parts[1];
    op->output_count = 2;
    set_fields(op, (int32_t[]){2, maybe_from_end(m, axis, 5)}, 2);
    return rejoin(m, parts, 2, random_between(m, 0, RANK - 1));
}

static int32_t slice(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t begin[RANK] = {0};
    int32_t size[RANK];
    dims_of(m, in, d);
    for (int32_t i = 0; i < RANK; i++) {
        size[i] = d[i];
        if (random_between(m, 0, 1)) {
            begin[i] = random_between(m, 0, d[i] - 1);
            size[i] = random_between(m, 1, d[i] - begin[i]);
        }
        d[i] = size[i];
        if (begin[i] + size[i] == m->file.tensors[in].dims[i] && random_between(m, 0, 1))
            size[i] = -1;
    }
    int32_t out = add_like(m, in, RANK, d);
    lp_tw_add_op(&m->file, TW_SLICE, 48, 3, (int32_t[]){in, list(m, begin, RANK), list(m, size, RANK)}, out);
    return out;
}

/* One dimension of STRIDED_SLICE: a walk from `first` on, told in one of the ways that the operator has. */
static int32_t stride_over(struct random_model *m, int32_t size, int32_t i, int32_t *begin, int32_t *end, int32_t *step,
                           int32_t masks[5])
{
    *step = random_between(m, 1, 3) * (random_between(m, 0, 2) == 0 ? -1 : 1);
    int32_t first = random_between(m, 0, 1) ? (*step > 0 ? 0 : size - 1) : random_between(m, 0, size - 1);
    int32_t most = *step > 0 ? (size - 1 - first) / *step + 1 : first / -*step + 1;
    int32_t count = random_between(m, 0, 1) ? most : random_between(m, 1, most);
    int32_t last = first + (count - 1) * *step;
    *begin = random_between(m, 0, 1) ? first - size : first;
    *end = last + (*step > 0 ? 1 : -1);
    if (*end < 0)
        *end = -size - 1;
    else if (*end<size && * end> 0 && random_between(m, 0, 2) == 0)
        *end -= size;
    else if (*end == size && random_between(m, 0, 1))
        *end += 7;
    bool is_first = first == (*step > 0 ? 0 : size - 1);
    if (is_first && random_between(m, 0, 1)) {
        masks[0] |= 1 << i;
        *begin = random_between(m, -9, 9);
    }
    if (count == most && random_between(m, 0, 1)) {
        masks[1] |= 1 << i;
        *end = random_between(m, -9, 9);
    }
    return count;
}

static int32_t strided_slice(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t begin[5] = {0};
    int32_t end[5] = {0};
    int32_t step[5] = {1, 1, 1, 1, 1};
    int32_t masks[5] = {0}; /* begin, end, ellipsis, new axis, shrink axis */
    int32_t entries = 0;
    int32_t rank = 0;
    int32_t dropped = random_between(m, 0, 2) == 0 ? random_between(m, 0, RANK - 1) : -1;
    int32_t added = dropped < 0 ? -1 : random_between(m, 0, RANK - 1);
    int32_t listed = random_between(m, 0, 3) == 0 ? random_between(m, 1, RANK) : RANK; /* dimensions, the rest is whole */
    int32_t dots = dropped < 0 && listed < RANK && random_between(m, 0, 1) ? random_between(m, 0, listed) : -1;
    const int32_t *whole = m->file.tensors[in].dims;
    listed = dropped >= 0 ? RANK : listed;
    for (int32_t i = 0, from = 0; i < listed; i++, from++) {
        if (i == dots) {
            masks[2] = 1 << entries++;
            for (int32_t k = listed; k < RANK; k++)
                d[rank++] = whole[from++];
        }
        if (i == added) {
            masks[3] |= 1 << entries++;
            d[rank++] = 1;
        }
        int32_t count = stride_over(m, whole[from], entries, &begin[entries], &end[entries], &step[entries], masks);
        if (i == dropped) {
            masks[0] &= ~(1 << entries);
            masks[4] = 1 << entries;
            step[entries] = 1;
            begin[entries] = random_between(m, 0, whole[from] - 1) - (random_between(m, 0, 1) ? whole[from] : 0);
        } else {
            d[rank++] = count;
        }
        entries++;
    }
    if (dots == listed)
        masks[2] = 1 << entries++;
    while (rank < RANK) {
        d[rank] = whole[rank];
        rank++;
    }
    int32_t out = add_like(m, in, RANK, d);
    int32_t inputs[4] = {in, list(m, begin, entries), list(m, end, entries), list(m, step, entries)};
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_STRIDED_SLICE, 32, 4, inputs, out);
    set_fields(op, masks, 5);
    return out;
}

static int32_t gather(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t indices[4];
    int32_t axis = random_between(m, 0, RANK - 1);
    int32_t count = random_between(m, 1, 4);
    dims_of(m, in, d);
    for (int32_t i = 0; i < count; i++)
        indices[i] = random_between(m, 0, d[axis] - 1);
    d[axis] = count;
    int32_t out = add_like(m, in, RANK, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_GATHER, 23, 2, (int32_t[]){in, list(m, indices, count)}, out);
    op->fields[0] = (struct lp_tw_field){4, maybe_from_end(m, axis, RANK)};
    return out;
}

static int32_t to_depth_or_space(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t block_size = random_between(m, 1, 3);
    bool to_depth = random_between(m, 0, 1);
    dims_of(m, in, d);
    while (to_depth ? d[1] % block_size != 0 || d[2] % block_size != 0 : d[3] % (block_size * block_size) != 0)
        block_size--;
    d[1] = to_depth ? d[1] / block_size : d[1] * block_size;
    d[2] = to_depth ? d[2] / block_size : d[2] * block_size;
    d[3] = to_depth ? d[3] * block_size * block_size : d[3] / (block_size * block_size);
    int32_t out = add_like(m, in, RANK, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, to_depth ? TW_SPACE_TO_DEPTH : TW_DEPTH_TO_SPACE, to_depth ? 19 : 94, 1, &in,
                                       out);
    op->fields[0] = (struct lp_tw_field){4, block_size};
    return out;
}

static int32_t mirror(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t pads[2 * RANK] = {0};
    int32_t is_symmetric = random_between(m, 0, 1);
    dims_of(m, in, d);
    for (int32_t i = 0; i < 2 * RANK; i++) {
        int32_t most = m->file.tensors[in].dims[i / 2] - 1 + is_symmetric;
        pads[i] = random_between(m, 0, 2) == 0 ? random_between(m, 0, most < 2 ? most : 2) : 0;
        d[i / 2] += pads[i];
    }
    int32_t out = add_like(m, in, RANK, d);
    int32_t numbers = add_numbers(m, pads, 2 * RANK, 2, (int32_t[]){RANK, 2});
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_MIRROR_PAD, 77, 2, (int32_t[]){in, numbers}, out);
    op->fields[0] = (struct lp_tw_field){1, is_symmetric};
    return out;
}

static int32_t pad_with(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t pads[2 * RANK] = {0};
    dims_of(m, in, d);
    for (int32_t i = 0; i < 2 * RANK; i++) {
        pads[i] = random_between(m, 0, 2) == 0 ? random_between(m, 0, 2) : 0;
        d[i / 2] += pads[i];
    }
    int32_t out = add_like(m, in, RANK, d);
    int32_t constant = add_like(m, in, 0, NULL);
    fill_randomly(m, constant);
    int32_t numbers = add_numbers(m, pads, 2 * RANK, 2, (int32_t[]){RANK, 2});
    lp_tw_add_op(&m->file, TW_PADV2, 43, 3, (int32_t[]){in, numbers, constant}, out);
    return out;
}

static int32_t resize(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    dims_of(m, in, d);
    d[1] = random_between(m, 1, 2 * d[1]);
    d[2] = random_between(m, 1, d[2] + 3);
    int32_t out = add_like(m, in, RANK, d);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_RESIZE_NEAREST_NEIGHBOR, 74, 2, (int32_t[]){in, list(m, d + 1, 2)}, out);
    op->fields[0] = (struct lp_tw_field){1, random_between(m, 0, 1)};
    op->fields[1] = (struct lp_tw_field){1, random_between(m, 0, 1)};
    return out;
}

static int32_t repeat(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t times[RANK];
    bool is_tile = random_between(m, 0, 1);
    dims_of(m, in, d);
    for (int32_t i = 0; i < RANK; i++) {
        times[i] = is_tile || d[i] == 1 ? random_between(m, 1, 2) : 1;
        d[i] *= times[i];
    }
    int32_t out = add_like(m, in, RANK, d);
    lp_tw_add_op(&m->file, is_tile ? TW_TILE : TW_BROADCAST_TO, 0, 2, (int32_t[]){in, list(m, is_tile ? times : d, RANK)}, out);
    return out;
}

static int32_t reverse(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t axes[RANK];
    dims_of(m, in, d);
    shuffle(m, axes, RANK);
    int32_t out = add_like(m, in, RANK, d);
    lp_tw_add_op(&m->file, TW_REVERSE_V2, 81, 2, (int32_t[]){in, list(m, axes, random_between(m, 1, 3))}, out);
    return out;
}

/* SQUEEZE of a list of dimensions of 1, or without a list of all of them; back by EXPAND_DIMS or RESHAPE. */
static int32_t squeeze(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST], left[RANK];
    int32_t *listed = block(m, RANK * sizeof *listed);
    int32_t count = 0, rank = 0;
    dims_of(m, in, d);
    for (int32_t i = 0; i < RANK; i++)
        if (d[i] == 1 && random_between(m, 0, 2) == 0)
            listed[count++] = i;
    for (int32_t i = 0, next = 0; i < RANK; i++) {
        bool is_gone = count == 0 ? d[i] == 1 : next < count && listed[next] == i;
        next += is_gone;
        if (!is_gone)
            left[rank++] = d[i];
    }
    int32_t flat = add_like(m, in, rank, left);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_SQUEEZE, 30, 1, &in, flat);
    op->list = count == 0 ? NULL : listed;
    op->list_count = (uint32_t)count;
    int32_t out = add_like(m, in, RANK, d);
    if (count == 1 && random_between(m, 0, 1))
        lp_tw_add_op(&m->file, TW_EXPAND_DIMS, 0, 2, (int32_t[]){flat, one_number(m, maybe_from_end(m, listed[0], RANK))}, out);
    else
        lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){flat, list(m, d, RANK)}, out);
    return out;
}

/* SPACE_TO_BATCH_ND and back; between them nothing, or a convolution of no padding, which can be fused. */
static int32_t blocks(struct random_model *m, int32_t in)
{
    int32_t d[LP_TW_MAX_LIST];
    int32_t sizes[2] = {random_between(m, 1, 3), random_between(m, 1, 3)};
    int32_t pads[4] = {0};
    int32_t crops[4] = {0};
    dims_of(m, in, d);
    for (int32_t i = 0; i < 2; i++) {
        pads[2 * i] = random_between(m, 0, 2);
        pads[2 * i + 1] = random_between(m, 0, 2);
        while ((d[1 + i] + pads[2 * i] + pads[2 * i + 1]) % sizes[i] != 0)
            pads[2 * i + 1]++;
        d[1 + i] = (d[1 + i] + pads[2 * i] + pads[2 * i + 1]) / sizes[i];
    }
    d[0] *= sizes[0] * sizes[1];
    int32_t parts = add_like(m, in, RANK, d);
    int32_t block_list = list(m, sizes, 2);
    int32_t inputs[3] = {in, block_list, add_numbers(m, pads, 4, 2, (int32_t[]){2, 2})};
    lp_tw_add_op(&m->file, TW_SPACE_TO_BATCH_ND, 25, 3, inputs, parts);
    if (random_between(m, 0, 1))
        parts = random_plain_conv(m, parts);
    if (random_between(m, 0, 3) == 0)
        return parts;
    dims_of(m, parts, d);
    d[0] /= sizes[0] * sizes[1];
    for (int32_t i = 0; i < 2; i++) {
        int32_t size = d[1 + i] * sizes[i];
        crops[2 * i] = size > 2 ? random_between(m, 0, 1) : 0;
        crops[2 * i + 1] = size > 2 ? random_between(m, 0, 1) : 0;
        d[1 + i] = size - crops[2 * i] - crops[2 * i + 1];
    }
    int32_t out = add_like(m, parts, RANK, d);
    int32_t again[3] = {parts, block_list, add_numbers(m, crops, 4, 2, (int32_t[]){2, 2})};
    lp_tw_add_op(&m->file, TW_BATCH_TO_SPACE_ND, 24, 3, again, out);
    return out;
}

int32_t random_move(struct random_model *m, int32_t in)
{
    static int32_t (*const shrinking[])(struct random_model *, int32_t) = {slice,  strided_slice,     split,   split_v, transpose,
                                                                           gather, to_depth_or_space, reverse, squeeze};
    static int32_t (*const growing[])(struct random_model *, int32_t) = {concatenate, stack,  mirror, pad_with,
                                                                         resize,      repeat, blocks, concatenate};
    bool shrinks = is_large(m, in) || random_between(m, 0, 1);
    return shrinks ? shrinking[random_between(m, 0, 8)](m, in) : growing[random_between(m, 0, 7)](m, in);
}
