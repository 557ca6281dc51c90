/* Operators that move elements. */
#include "tests/support/single_op_parts.h"

#include <stdlib.h>
#include <string.h>

void single_gather(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const int32_t axis = random_between(m, 0, s.rank - 1), batches = random_between(m, 0, axis);
    struct shape places = {.rank = random_between(m, batches, batches > 3 ? batches : 3)}, result = {0};
    int32_t count = 1;
    for (int32_t i = 0; i < places.rank; i++) {
        places.dims[i] = i < batches ? s.dims[i] : random_between(m, 1, 3);
        count *= places.dims[i];
    }
    int32_t *numbers = block(m, sizeof *numbers * (size_t)count);
    for (int32_t i = 0; i < count; i++)
        numbers[i] = random_between(m, 0, s.dims[axis] - 1);
    for (int32_t i = 0; i < axis; i++)
        result.dims[result.rank++] = s.dims[i];
    for (int32_t i = batches; i < places.rank; i++)
        result.dims[result.rank++] = places.dims[i];
    for (int32_t i = axis + 1; i < s.rank; i++)
        result.dims[result.rank++] = s.dims[i];
    const int32_t in = add_port(m, int8_or_int16(m), &s), out = add_same(m, in, &result);
    const int32_t where = add_numbers(m, numbers, count, places.rank, places.dims);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_GATHER, 23, 2, (int32_t[]){in, where}, out);
    set_word(op, 0, from_either_end(m, axis, s.rank));
    set_word(op, 1, batches);
}

/* With zeros, with a constant, or mirrored. */
void single_pad(struct random_model *m)
{
    const int32_t kind = random_between(m, 0, 2);
    const bool is_symmetric = random_between(m, 0, 1);
    const struct shape s = random_shape(m, 1, kind == 2 ? 4 : 5);
    struct shape result = s;
    int32_t pads[2 * SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < 2 * s.rank; i++) {
        const int32_t whole = s.dims[i / 2] - 1 + is_symmetric;
        pads[i] = random_between(m, 0, kind == 2 && whole < 3 ? whole : 3);
        result.dims[i / 2] += pads[i];
    }
    const int32_t in = add_port(m, int8_or_int16(m), &s), out = add_same(m, in, &result);
    const int32_t list = add_numbers(m, pads, 2 * s.rank, 2, (int32_t[]){s.rank, 2});
    if (kind == 0) {
        lp_tw_add_op(&m->file, TW_PAD, 22, 2, (int32_t[]){in, list}, out);
    } else if (kind == 1) {
        const int32_t value = add_same(m, in, &(struct shape){.rank = 0});
        fill_typed(m, value);
        lp_tw_add_op(&m->file, TW_PADV2, 43, 3, (int32_t[]){in, list, value}, out);
    } else {
        set_byte(lp_tw_add_op(&m->file, TW_MIRROR_PAD, 77, 2, (int32_t[]){in, list}, out), 0, is_symmetric);
    }
}

static void tile(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    struct shape result = s;
    int32_t times[SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < s.rank; i++) {
        times[i] = random_between(m, 1, 3);
        result.dims[i] *= times[i];
    }
    const int32_t in = add_port(m, int8_or_int16(m), &s), list = add_list(m, times, s.rank);
    lp_tw_add_op(&m->file, TW_TILE, 0, 2, (int32_t[]){in, list}, add_same(m, in, &result));
}

static void transpose(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 6);
    struct shape result = s;
    int32_t order[SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < s.rank; i++) {
        const int32_t k = random_between(m, 0, i);
        order[i] = order[k];
        order[k] = i;
    }
    for (int32_t i = 0; i < s.rank; i++)
        result.dims[i] = s.dims[order[i]];
    const int32_t in = add_port(m, int8_or_int16(m), &s), list = add_list(m, order, s.rank);
    lp_tw_add_op(&m->file, TW_TRANSPOSE, 26, 2, (int32_t[]){in, list}, add_same(m, in, &result));
}

/* Dimensions in a row: LiteRT has no others. */
static void reverse(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    const int32_t first = random_between(m, 0, s.rank - 1), count = random_between(m, 1, s.rank - first);
    int32_t axes[SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < count; i++)
        axes[i] = first + i;
    const int32_t in = add_port(m, int8_or_int16(m), &s), list = add_list(m, axes, count);
    lp_tw_add_op(&m->file, TW_REVERSE_V2, 81, 2, (int32_t[]){in, list}, add_same(m, in, &s));
}

static void slice(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    struct shape result = s;
    int32_t begin[SINGLE_OP_MOST_DIMS], size[SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < s.rank; i++) {
        begin[i] = random_between(m, 0, s.dims[i] - 1);
        result.dims[i] = random_between(m, 1, s.dims[i] - begin[i]);
        const bool is_rest = begin[i] + result.dims[i] == s.dims[i] && random_between(m, 0, 1);
        size[i] = is_rest ? -1 : result.dims[i];
    }
    const int32_t in = add_port(m, int8_or_int16(m), &s), from = add_list(m, begin, s.rank), much = add_list(m, size, s.rank);
    lp_tw_add_op(&m->file, TW_SLICE, 48, 3, (int32_t[]){in, from, much}, add_same(m, in, &result));
}

static void concatenate(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    const int32_t axis = random_between(m, 0, s.rank - 1);
    struct shape other = s, result = s;
    other.dims[axis] = random_between(m, 1, 4);
    result.dims[axis] += other.dims[axis];
    const int32_t in = add_port(m, int8_or_int16(m), &s), more = add_same(m, in, &other);
    fill_or_feed(m, more);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONCATENATION, 10, 2, (int32_t[]){in, more}, add_same(m, in, &result));
    set_word(op, 0, from_either_end(m, axis, s.rank));
}

static void pack(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const int32_t axis = random_between(m, 0, s.rank), count = random_between(m, 1, 4);
    struct shape result = {.rank = s.rank + 1};
    for (int32_t i = 0; i < result.rank; i++)
        result.dims[i] = i == axis ? count : s.dims[i < axis ? i : i - 1];
    int32_t inputs[4];
    for (int32_t i = 0; i < count; i++) {
        inputs[i] = i == 0 ? add_port(m, int8_or_int16(m), &s) : add_same(m, inputs[0], &s);
        if (i > 0)
            fill_or_feed(m, inputs[i]);
    }
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_PACK, 59, (uint32_t)count, inputs, add_same(m, inputs[0], &result));
    set_word(op, 0, count);
    set_word(op, 1, from_either_end(m, axis, result.rank));
}

static void unpack(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    const int32_t axis = random_between(m, 0, s.rank - 1);
    struct shape part = {0};
    for (int32_t i = 0; i < s.rank; i++)
        if (i != axis)
            part.dims[part.rank++] = s.dims[i];
    const int32_t in = add_port(m, int8_or_int16(m), &s);
    int32_t outputs[SINGLE_OP_MOST_DIMS];
    for (int32_t i = 0; i < s.dims[axis]; i++)
        outputs[i] = add_same(m, in, &part);
    struct lp_tw_op *op = add_unary(m, TW_UNPACK, 64, in, outputs[0]);
    set_outputs(op, outputs, s.dims[axis]);
    set_word(op, 0, s.dims[axis]);
    set_word(op, 1, from_either_end(m, axis, s.rank));
}

/* In equal parts, or in parts of given sizes of which one may be left open. */
static void split(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    const int32_t axis = random_between(m, 0, s.rank - 1), whole = s.dims[axis];
    const bool are_equal = random_between(m, 0, 1);
    int32_t sizes[SINGLE_OP_MOST_DIMS], outputs[SINGLE_OP_MOST_DIMS];
    int32_t count = random_between(m, 1, whole);
    while (are_equal && whole % count != 0)
        count--;
    for (int32_t i = 0, left = whole; i < count; left -= sizes[i++])
        sizes[i] = are_equal ? whole / count : i == count - 1 ? left : random_between(m, 1, left - (count - 1 - i));
    const int32_t in = add_port(m, int8_or_int16(m), &s), where = add_axis(m, axis, s.rank);
    for (int32_t i = 0; i < count; i++) {
        struct shape part = s;
        part.dims[axis] = sizes[i];
        outputs[i] = add_same(m, in, &part);
    }
    if (random_between(m, 0, 1))
        sizes[random_between(m, 0, count - 1)] = -1;
    const int32_t list = are_equal ? -1 : add_list(m, sizes, count);
    struct lp_tw_op *op = are_equal ? lp_tw_add_op(&m->file, TW_SPLIT, 35, 2, (int32_t[]){where, in}, outputs[0])
                                    : lp_tw_add_op(&m->file, TW_SPLIT_V, 79, 3, (int32_t[]){in, list, where}, outputs[0]);
    set_outputs(op, outputs, count);
    set_word(op, 0, count);
}

static void reshape(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 5);
    int32_t elements = 1, first = random_between(m, 1, 4);
    for (int32_t i = 0; i < s.rank; i++)
        elements *= s.dims[i];
    while (elements % first != 0)
        first--;
    int32_t wanted[2] = {first, elements / first};
    const struct shape result = {2, {wanted[0], wanted[1]}};
    if (random_between(m, 0, 1))
        wanted[random_between(m, 0, 1)] = -1;
    const int32_t in = add_port(m, int8_or_int16(m), &s), list = add_list(m, wanted, 2);
    lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){in, list}, add_same(m, in, &result));
}

static void expand(struct random_model *m)
{
    const struct shape s = random_shape(m, 1, 4);
    const int32_t axis = random_between(m, 0, s.rank);
    struct shape result = {.rank = s.rank + 1};
    for (int32_t i = 0; i < result.rank; i++)
        result.dims[i] = i == axis ? 1 : s.dims[i < axis ? i : i - 1];
    const int32_t in = add_port(m, int8_or_int16(m), &s), where = add_axis(m, axis, result.rank);
    lp_tw_add_op(&m->file, TW_EXPAND_DIMS, 52, 2, (int32_t[]){in, where}, add_same(m, in, &result));
}

static void to_depth_or_space(struct random_model *m)
{
    struct shape small = random_shape(m, 4, 4), large = small;
    const int32_t side = random_between(m, 1, 3);
    const bool to_depth = random_between(m, 0, 1);
    large.dims[1] *= side;
    large.dims[2] *= side;
    small.dims[3] *= side * side;
    const int32_t in = add_port(m, LP_ELEMENT_INT8, to_depth ? &large : &small);
    const int32_t out = add_same(m, in, to_depth ? &small : &large);
    set_word(add_unary(m, to_depth ? TW_SPACE_TO_DEPTH : TW_DEPTH_TO_SPACE, to_depth ? 19 : 94, in, out), 0, side);
}

void single_move(struct random_model *m)
{
    static void (*const kinds[])(struct random_model *) = {tile,   transpose, reverse, slice,   concatenate, pack,
                                                           unpack, split,     split,   reshape, expand,      to_depth_or_space};
    kinds[random_between(m, 0, (int32_t)(sizeof kinds / sizeof *kinds) - 1)](m);
}

/* SPACE_TO_BATCH_ND and back, of maps and of sequences. */
void single_batches(struct random_model *m)
{
    const bool is_map = random_between(m, 0, 1), to_batches = random_between(m, 0, 1);
    struct shape batched = random_shape(m, is_map ? 4 : 3, is_map ? 4 : 3), whole = batched;
    int32_t sides[2], around[4];
    const int32_t count = is_map ? 2 : 1;
    for (int32_t i = 0; i < count; i++) {
        sides[i] = random_between(m, 1, 3);
        batched.dims[0] *= sides[i];
        const int32_t padded = batched.dims[1 + i] * sides[i];
        around[2 * i] = random_between(m, 0, padded - 1 < 2 ? padded - 1 : 2);
        around[2 * i + 1] = random_between(m, 0, padded - 1 - around[2 * i] < 2 ? padded - 1 - around[2 * i] : 2);
        whole.dims[1 + i] = padded - around[2 * i] - around[2 * i + 1];
    }
    const int32_t in = add_port(m, LP_ELEMENT_INT8, to_batches ? &whole : &batched);
    const int32_t list = add_list(m, sides, count), edges = add_numbers(m, around, 2 * count, 2, (int32_t[]){count, 2});
    lp_tw_add_op(&m->file, to_batches ? TW_SPACE_TO_BATCH_ND : TW_BATCH_TO_SPACE_ND, 0, 3, (int32_t[]){in, list, edges},
                 add_same(m, in, to_batches ? &batched : &whole));
}

struct strides {
    int32_t entries, begin[SINGLE_OP_MOST_DIMS], end[SINGLE_OP_MOST_DIMS], step[SINGLE_OP_MOST_DIMS];
    int32_t masks[5]; /* begin, end, ellipsis, new axis, shrink axis */
};

enum { BEGIN_MASK, END_MASK, ELLIPSIS_MASK, NEW_MASK, SHRINK_MASK };

static int32_t clamped(int32_t place, int32_t size, int32_t step)
{
    const int32_t counted = place < 0 ? place + size : place;
    const int32_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    return counted < low ? low : counted > high ? high : counted;
}

/* One entry about a dimension of `size`; gives what is left of it, 0 when the dimension goes away. */
static int32_t add_entry(struct random_model *m, struct strides *s, int32_t size)
{
    const int32_t i = s->entries++;
    s->begin[i] = random_between(m, -size, size - 1);
    s->end[i] = s->begin[i] + 1;
    s->step[i] = 1;
    if (random_between(m, 0, 3) == 0) {
        s->masks[SHRINK_MASK] |= 1 << i;
        return 0;
    }
    s->step[i] = random_between(m, 1, 3);
    if (random_between(m, 0, 2) == 0)
        s->step[i] = -s->step[i];
    const int32_t step = s->step[i];
    s->begin[i] = random_between(m, -size - 2, size + 2);
    s->end[i] = random_between(m, -size - 2, size + 2);
    int32_t first = clamped(s->begin[i], size, step), last = clamped(s->end[i], size, step);
    bool is_open = random_between(m, 0, 1), is_endless = random_between(m, 0, 1);
    int32_t count = 0;
    for (;;) {
        first = is_open ? (step > 0 ? 0 : size - 1) : first;
        last = is_endless ? (step > 0 ? size : -1) : last;
        count = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
        if (count > 0)
            break;
        is_open = is_endless = true;
    }
    s->masks[BEGIN_MASK] |= is_open << i;
    s->masks[END_MASK] |= is_endless << i;
    return count;
}

/* An entry about no dimension, or about several: its numbers mean nothing. */
static void add_mark(struct random_model *m, struct strides *s, int mask)
{
    const int32_t i = s->entries++;
    s->masks[mask] |= 1 << i;
    s->begin[i] = random_between(m, -9, 9);
    s->end[i] = random_between(m, -9, 9);
    s->step[i] = 1;
}

/* An ellipsis stands for one dimension or more: LiteRT has no other. */
void single_strided_slice(struct random_model *m)
{
    const struct shape whole = random_shape(m, 1, 4);
    struct strides s = {0};
    struct shape result = {0};
    const int32_t dots = random_between(m, 0, 2) == 0 ? random_between(m, 0, whole.rank - 1) : -1;
    const int32_t skipped = dots < 0 ? 0 : random_between(m, 1, whole.rank - dots);
    const int32_t listed = dots < 0 ? random_between(m, 1, whole.rank) : whole.rank;
    bool has_new = false;
    for (int32_t i = 0; i < listed;) {
        if (!has_new && random_between(m, 0, 4) == 0) {
            add_mark(m, &s, NEW_MASK);
            result.dims[result.rank++] = 1;
            has_new = true;
        } else if (i == dots) {
            add_mark(m, &s, ELLIPSIS_MASK);
            for (int32_t k = 0; k < skipped; k++)
                result.dims[result.rank++] = whole.dims[i++];
        } else {
            const int32_t count = add_entry(m, &s, whole.dims[i++]);
            if (count > 0)
                result.dims[result.rank++] = count;
        }
    }
    for (int32_t i = listed; i < whole.rank; i++)
        result.dims[result.rank++] = whole.dims[i];
    const int32_t in = add_port(m, int8_or_int16(m), &whole), begin = add_list(m, s.begin, s.entries);
    const int32_t end = add_list(m, s.end, s.entries), step = add_list(m, s.step, s.entries);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_STRIDED_SLICE, 32, 4, (int32_t[]){in, begin, end, step},
                                       add_same(m, in, &result));
    for (int i = 0; i < 5; i++)
        set_word(op, i, s.masks[i]);
}
