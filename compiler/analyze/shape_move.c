/* Operators that move elements; compiler/semantics knows where each of them goes. */
#include "compiler/analyze/shape_rules.h"
#include "compiler/semantics/semantics.h"

static lp_status set_part(struct lp_shape_work *w, const struct lp_move_part *part)
{
    struct lp_shape out = {.rank = part->rank};
    for (uint32_t d = 0; d < part->rank; d++)
        out.dims[d] = part->dims[d];
    enum lp_element in = lp_op_input(w->graph, w->op, part->input)->element;
    enum lp_element result = lp_op_output(w->graph, w->op, part->output)->element;
    if (in != result)
        return lp_shape_error(w, LP_BAD_INPUT, "its input is %s and its output %s; both must be of one type", lp_element_name(in),
                              lp_element_name(result));
    return lp_shape_set(w, part->output, &out);
}

lp_status lp_shape_move(struct lp_shape_work *w)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < lp_move_part_count(w->op) && status == LP_OK; i++) {
        struct lp_move_part part;
        status = lp_move_part_of(w->graph, w->op, i, w->diag, &part);
        if (status == LP_OK)
            status = set_part(w, &part);
    }
    return status;
}

/* Output: the input's dimensions before the axis, those of the indices behind the batches, the input's behind the axis. */
lp_status lp_shape_gather(struct lp_shape_work *w)
{
    struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct lp_shape indices = lp_shape_of(lp_op_input(w->graph, w->op, 1));
    struct lp_shape out = {0};
    int64_t batches = w->op->as.along.batch_dims;
    uint32_t axis = 0;
    lp_status status = lp_shape_axis(w, w->op->as.along.axis, in.rank, &axis);
    if (status != LP_OK)
        return status;
    batches += batches < 0 ? indices.rank : 0;
    if (batches < 0 || batches > axis || batches > indices.rank)
        return lp_shape_error(w, LP_BAD_INPUT,
                              "it has %ld batch dimensions; 0 to the axis (%u) and to the indices' %u are allowed",
                              (long)w->op->as.along.batch_dims, (unsigned)axis, (unsigned)indices.rank);
    for (uint32_t d = 0; d < batches; d++)
        if (in.dims[d] != indices.dims[d])
            return lp_shape_error(w, LP_BAD_INPUT, "batch dimension %u is %lld in its input and %lld in its indices", (unsigned)d,
                                  (long long)in.dims[d], (long long)indices.dims[d]);
    if (in.rank - 1 + indices.rank - batches > LP_MAX_RANK)
        return lp_shape_error(w, LP_UNSUPPORTED, "its output has more than %d dimensions", LP_MAX_RANK);
    for (uint32_t d = 0; d < axis; d++)
        out.dims[out.rank++] = in.dims[d];
    for (uint32_t d = (uint32_t)batches; d < indices.rank; d++)
        out.dims[out.rank++] = indices.dims[d];
    for (uint32_t d = axis + 1; d < in.rank; d++)
        out.dims[out.rank++] = in.dims[d];
    return lp_shape_set(w, 0, &out);
}

lp_status lp_shape_resize(struct lp_shape_work *w)
{
    struct lp_shape out = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    int64_t size[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_shape_need_rank(w, 0, 4, "its input");
    if (status == LP_OK)
        status = lp_shape_operand(w, 1, "its new size", size, &count);
    if (status != LP_OK)
        return status;
    if (count != 2)
        return lp_shape_error(w, LP_BAD_INPUT, "its new size has %u numbers; it needs height and width", (unsigned)count);
    out.dims[1] = size[0];
    out.dims[2] = size[1];
    return lp_shape_set(w, 0, &out);
}
