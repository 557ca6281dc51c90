/* Operands that say how many channels go where. */
#include "compiler/optimize/rewrite.h"

#include <string.h>

static int64_t number_of(const struct lp_tensor *numbers, int64_t i)
{
    return numbers->element == LP_ELEMENT_INT64 ? ((const int64_t *)numbers->data)[i] : ((const int32_t *)numbers->data)[i];
}

/* The operand as it was, with other numbers. */
static lp_status set_numbers(struct lp_rewrite *w, struct lp_op *op, uint32_t input, const int64_t *numbers, uint32_t count)
{
    struct lp_tensor operand = w->before->tensors[op->inputs[input]];
    bool is_wide = operand.element == LP_ELEMENT_INT64;
    void *data = lp_arena_alloc(w->channels->arena, count, sizeof(int64_t));
    if (data == NULL)
        return lp_no_memory(w->channels->diag);
    for (uint32_t i = 0; i < count; i++) {
        if (is_wide)
            ((int64_t *)data)[i] = numbers[i];
        else
            ((int32_t *)data)[i] = (int32_t)numbers[i];
    }
    operand.data = data;
    return lp_rewrite_input(w, op, input, &operand);
}

/* The dimension along which a tensor has lost channels; false when it has lost none. */
static bool lost_along(const struct lp_rewrite *w, int32_t tensor, uint32_t *axis)
{
    const struct lp_tensor *before = &w->before->tensors[tensor];
    for (*axis = 0; *axis < before->rank; (*axis)++)
        if (before->dims[*axis] != w->after->tensors[tensor].dims[*axis])
            return true;
    return false;
}

/* How many of the channels [first, end) along the dimension that lies `inner` elements apart stay. */
static int64_t count_stays(const struct lp_rewrite *w, int32_t tensor, uint32_t first, uint32_t end)
{
    const struct lp_channels *c = w->channels;
    int64_t count = 0;
    for (uint32_t k = first; k < end; k++)
        count += lp_channels_stays(c, tensor, k * c->inner[tensor]);
    return count;
}

lp_status lp_rewrite_slice(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    int32_t in = before->inputs[0];
    int64_t begin[LP_MAX_RANK];
    int64_t size[LP_MAX_RANK];
    uint32_t axis = 0;
    uint32_t rank = w->before->tensors[in].rank;
    if (!lost_along(w, in, &axis) && !lost_along(w, before->outputs[0], &axis))
        return LP_OK;
    for (uint32_t d = 0; d < rank; d++) {
        begin[d] = number_of(lp_op_input(w->before, before, 1), d);
        size[d] = w->after->tensors[before->outputs[0]].dims[d];
    }
    begin[axis] = count_stays(w, in, 0, (uint32_t)begin[axis]);
    lp_status status = set_numbers(w, op, 1, begin, rank);
    return status == LP_OK ? set_numbers(w, op, 2, size, rank) : status;
}

lp_status lp_rewrite_pads(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    int32_t out = before->outputs[0];
    int64_t pads[2 * LP_MAX_RANK];
    uint32_t axis = 0;
    uint32_t rank = w->before->tensors[out].rank;
    if (!lost_along(w, out, &axis))
        return LP_OK;
    for (uint32_t i = 0; i < 2 * rank; i++)
        pads[i] = number_of(lp_op_input(w->before, before, 1), i);
    if (pads[2 * axis] == 0 && pads[2 * axis + 1] == 0)
        return LP_OK;
    uint32_t end = (uint32_t)w->before->tensors[out].dims[axis];
    pads[2 * axis + 1] = count_stays(w, out, end - (uint32_t)pads[2 * axis + 1], end);
    pads[2 * axis] = count_stays(w, out, 0, (uint32_t)pads[2 * axis]);
    return set_numbers(w, op, 1, pads, 2 * rank);
}

/* Sizes of the parts as they are now. */
static bool read_sizes(const struct lp_rewrite *w, const struct lp_op *before, uint32_t axis, int64_t *sizes)
{
    bool are_equal = true;
    for (uint32_t i = 0; i < before->output_count; i++) {
        sizes[i] = w->after->tensors[before->outputs[i]].dims[axis];
        are_equal = are_equal && sizes[i] == sizes[0];
    }
    return are_equal;
}

lp_status lp_rewrite_split_v(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    int64_t sizes[UINT8_MAX];
    int64_t rank = w->before->tensors[before->inputs[0]].rank;
    int64_t axis = (number_of(lp_op_input(w->before, before, 2), 0) + rank) % rank;
    uint32_t lost = 0;
    if (!lost_along(w, before->inputs[0], &lost) || lost != axis)
        return LP_OK;
    read_sizes(w, before, (uint32_t)axis, sizes);
    return set_numbers(w, op, 1, sizes, before->output_count);
}

/* Parts that are not equal any more: SPLIT becomes SPLIT_V. */
lp_status lp_rewrite_split(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    int64_t sizes[UINT8_MAX];
    int64_t rank = w->before->tensors[before->inputs[1]].rank;
    int64_t axis = (number_of(lp_op_input(w->before, before, 0), 0) + rank) % rank;
    if (read_sizes(w, before, (uint32_t)axis, sizes))
        return LP_OK;
    struct lp_arena *arena = w->channels->arena;
    int32_t *inputs = LP_NEW_ARRAY(arena, 3, int32_t);
    int32_t *data = LP_NEW_ARRAY(arena, before->output_count, int32_t);
    if (inputs == NULL || data == NULL)
        return lp_no_memory(w->channels->diag);
    for (uint32_t i = 0; i < before->output_count; i++)
        data[i] = (int32_t)sizes[i];
    const struct lp_tensor list = {.name = "sizes",
                                   .element = LP_ELEMENT_INT32,
                                   .rank = 1,
                                   .dims = {(int32_t)before->output_count},
                                   .data = data,
                                   .source_index = -1};
    inputs[0] = op->inputs[1];
    inputs[2] = op->inputs[0];
    op->kind = LP_OP_SPLIT_V;
    op->inputs = inputs;
    op->input_count = 3;
    return lp_rewrite_add_tensor(w, &list, &inputs[1]);
}

/* Without a list all dimensions of 1 go, of which there may be one more now. */
lp_status lp_rewrite_squeeze(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(w->before, before, 0);
    uint32_t axis = 0;
    if (op->as.squeeze.count != 0 || !lost_along(w, before->inputs[0], &axis))
        return LP_OK;
    for (uint8_t d = 0; d < in->rank; d++)
        if (in->dims[d] == 1)
            op->as.squeeze.axes[op->as.squeeze.count++] = d;
    if (op->as.squeeze.count != 0)
        return LP_OK;
    /* Nothing to remove, which no list can say. */
    op->kind = LP_OP_RESHAPE;
    memset(&op->as, 0, sizeof op->as);
    op->as.reshape.given = true;
    op->as.reshape.rank = lp_op_output(w->after, op, 0)->rank;
    memcpy(op->as.reshape.dims, lp_op_output(w->after, op, 0)->dims, sizeof op->as.reshape.dims);
    return LP_OK;
}
