/* Operators that put tensors together along one dimension, or take them apart. */
#include "compiler/semantics/moves.h"

/* A block of `own` elements along the dimension, of `all` that the other side has; `inner`: elements inside of it. */
struct block {
    int64_t outer, own, all, before, inner;
    bool is_input; /* the block is what is read, and lies inside the output */
};

static void add_block(struct lp_move_part *out, const struct block *b)
{
    int64_t own = b->own * b->inner;
    int64_t all = b->all * b->inner;
    int64_t *offset = b->is_input ? &out->out_offset : &out->in_offset;
    *offset = b->before * b->inner;
    lp_move_add_loop(out, b->outer, b->is_input ? own : all, b->is_input ? all : own);
    lp_move_add_loop(out, own, 1, 1);
}

static lp_status check_like_first(const struct lp_place_of_op *at, uint32_t input, uint32_t free_axis)
{
    const struct lp_tensor *first = lp_op_input(at->graph, at->op, 0);
    const struct lp_tensor *t = lp_op_input(at->graph, at->op, input);
    char a[LP_SHAPE_BYTES];
    char b[LP_SHAPE_BYTES];
    if (t == NULL)
        return lp_op_error(at, LP_BAD_INPUT, "input %u is missing", (unsigned)input);
    bool is_alike = t->rank == first->rank;
    for (uint32_t d = 0; d < first->rank && is_alike; d++)
        is_alike = d == free_axis || t->dims[d] == first->dims[d];
    if (!is_alike)
        return lp_op_error(at, LP_BAD_INPUT, "inputs 0 and %u have the shapes %s and %s, which don't fit together",
                           (unsigned)input, lp_shape_text(first, a, sizeof a), lp_shape_text(t, b, sizeof b));
    if (t->element != first->element)
        return lp_op_error(at, LP_BAD_INPUT, "inputs 0 and %u are of the types %s and %s, one type is allowed", (unsigned)input,
                           lp_element_name(first->element), lp_element_name(t->element));
    return LP_OK;
}

lp_status lp_move_concatenation(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *first = lp_op_input(at->graph, at->op, 0);
    const struct lp_tensor *own = lp_op_input(at->graph, at->op, part);
    uint32_t axis = 0;
    int64_t all = 0;
    int64_t before = 0;
    lp_status status = lp_need_axis(at, at->op->as.along.axis, first->rank, &axis);
    for (uint32_t i = 0; i < at->op->input_count && status == LP_OK; i++) {
        status = check_like_first(at, i, axis);
        before = i == part ? all : before;
        all += status == LP_OK ? lp_op_input(at->graph, at->op, i)->dims[axis] : 0;
    }
    if (status != LP_OK)
        return status;
    out->input = part;
    for (uint32_t d = 0; d < first->rank; d++)
        lp_move_add_dim(out, d == axis ? all : first->dims[d]);
    add_block(out, &(struct block){.outer = lp_move_elements(first, 0, axis),
                                   .own = own->dims[axis],
                                   .all = all,
                                   .before = before,
                                   .inner = lp_move_elements(first, axis + 1, first->rank),
                                   .is_input = true});
    return LP_OK;
}

/* Each input is one element along a new dimension. */
lp_status lp_move_pack(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *first = lp_op_input(at->graph, at->op, 0);
    uint32_t axis = 0;
    if (first->rank == LP_MAX_RANK)
        return lp_op_error(at, LP_UNSUPPORTED, "its inputs have %d dimensions already; more are not supported", LP_MAX_RANK);
    lp_status status = lp_need_axis(at, at->op->as.along.axis, first->rank + 1u, &axis);
    for (uint32_t i = 0; i < at->op->input_count && status == LP_OK; i++)
        status = check_like_first(at, i, LP_MAX_RANK);
    if (status != LP_OK)
        return status;
    out->input = part;
    for (uint32_t d = 0; d <= first->rank; d++)
        lp_move_add_dim(out, d == axis ? (int64_t)at->op->input_count : first->dims[d < axis ? d : d - 1]);
    add_block(out, &(struct block){.outer = lp_move_elements(first, 0, axis),
                                   .own = 1,
                                   .all = at->op->input_count,
                                   .before = part,
                                   .inner = lp_move_elements(first, axis, first->rank),
                                   .is_input = true});
    return LP_OK;
}

/* Output `part` is [before, before + size) of the dimension. */
static void take_apart(const struct lp_tensor *in, uint32_t axis, uint32_t part, int64_t before, int64_t size,
                       struct lp_move_part *out)
{
    out->output = part;
    add_block(out, &(struct block){.outer = lp_move_elements(in, 0, axis),
                                   .own = size,
                                   .all = in->dims[axis],
                                   .before = before,
                                   .inner = lp_move_elements(in, axis + 1, in->rank)});
}

lp_status lp_move_unpack(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    uint32_t axis = 0;
    lp_status status = lp_need_axis(at, at->op->as.along.axis, in->rank, &axis);
    if (status != LP_OK)
        return status;
    if ((uint32_t)in->dims[axis] != at->op->output_count)
        return lp_op_error(at, LP_BAD_INPUT, "dimension %u of its input is %ld, it has %u outputs; one for each is needed",
                           (unsigned)axis, (long)in->dims[axis], (unsigned)at->op->output_count);
    for (uint32_t d = 0; d < in->rank; d++)
        if (d != axis)
            lp_move_add_dim(out, in->dims[d]);
    take_apart(in, axis, part, part, 1, out);
    return LP_OK;
}

static lp_status axis_operand(const struct lp_place_of_op *at, uint32_t input, uint32_t rank, uint32_t *axis)
{
    int32_t value = 0;
    uint32_t count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, input), "axis", &value, 1, &count);
    return status == LP_OK ? lp_need_axis(at, value, rank, axis) : status;
}

lp_status lp_move_split(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 1);
    const int64_t parts = at->op->output_count;
    uint32_t axis = 0;
    lp_status status = axis_operand(at, 0, in->rank, &axis);
    if (status != LP_OK)
        return status;
    if (in->dims[axis] % parts != 0)
        return lp_op_error(at, LP_BAD_INPUT, "dimension %u of its input is %ld, which can't be split into %lld equal parts",
                           (unsigned)axis, (long)in->dims[axis], (long long)parts);
    int64_t size = in->dims[axis] / parts;
    out->input = 1;
    for (uint32_t d = 0; d < in->rank; d++)
        lp_move_add_dim(out, d == axis ? size : in->dims[d]);
    take_apart(in, axis, part, part * size, size, out);
    return LP_OK;
}

/* One size may be -1: what the others leave. */
static lp_status fill_open_size(const struct lp_place_of_op *at, int32_t *sizes, uint32_t count, int32_t whole)
{
    int64_t sum = 0;
    int32_t *open = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (sizes[i] == -1 && open == NULL)
            open = &sizes[i];
        else if (sizes[i] < 1)
            return lp_op_error(at, LP_BAD_INPUT, "size %u is %ld; at least 1, or -1 once, is allowed", (unsigned)i,
                               (long)sizes[i]);
        else
            sum += sizes[i];
    }
    if (open == NULL ? sum != whole : sum >= whole)
        return lp_op_error(at, LP_BAD_INPUT, "its sizes are %lld together%s, the dimension is %ld", (long long)sum,
                           open == NULL ? "" : " without the open one", (long)whole);
    if (open != NULL)
        *open = (int32_t)(whole - sum);
    return LP_OK;
}

lp_status lp_move_split_v(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    int32_t sizes[UINT8_MAX];
    uint32_t count = 0;
    uint32_t axis = 0;
    int64_t before = 0;
    lp_status status = axis_operand(at, 2, in->rank, &axis);
    if (status == LP_OK)
        status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "sizes", sizes, UINT8_MAX, &count);
    if (status == LP_OK && count != at->op->output_count)
        status = lp_op_error(at, LP_BAD_INPUT, "it has %u sizes and %u outputs; one for each is needed", (unsigned)count,
                             (unsigned)at->op->output_count);
    if (status == LP_OK)
        status = fill_open_size(at, sizes, count, in->dims[axis]);
    if (status != LP_OK)
        return status;
    for (uint32_t i = 0; i < part; i++)
        before += sizes[i];
    for (uint32_t d = 0; d < in->rank; d++)
        lp_move_add_dim(out, d == axis ? sizes[part] : in->dims[d]);
    take_apart(in, axis, part, before, sizes[part], out);
    return LP_OK;
}
