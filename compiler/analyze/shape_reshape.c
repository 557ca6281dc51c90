/* Operators that keep the elements and change only the dimensions. */
#include "compiler/analyze/shape_rules.h"

/* All of them copy bytes, so the meaning of a byte must stay as well. */
static lp_status set_kept(struct lp_shape_work *w, const struct lp_shape *shape)
{
    enum lp_element in = lp_op_input(w->graph, w->op, 0)->element;
    enum lp_element out = lp_op_output(w->graph, w->op, 0)->element;
    if (in != out)
        return lp_shape_error(w, LP_BAD_INPUT, "its input is %s and its output %s; both must be of one type", lp_element_name(in),
                              lp_element_name(out));
    return lp_shape_set(w, 0, shape);
}

/* From the constant second input, or from the option. */
static lp_status wanted_shape(struct lp_shape_work *w, struct lp_shape *out)
{
    if (lp_op_input(w->graph, w->op, 1) != NULL)
        return lp_shape_operand(w, 1, "its new shape", out->dims, &out->rank);
    if (!w->op->as.reshape.given)
        return lp_shape_error(w, LP_BAD_INPUT, "neither an input nor an option gives its new shape");
    if (w->op->as.reshape.rank > LP_MAX_RANK)
        return lp_shape_error(w, LP_BAD_INPUT, "its new shape has %u dimensions; at most %d are allowed",
                              (unsigned)w->op->as.reshape.rank, LP_MAX_RANK);
    out->rank = w->op->as.reshape.rank;
    for (uint32_t i = 0; i < out->rank; i++)
        out->dims[i] = w->op->as.reshape.dims[i];
    if (out->rank == 1 && out->dims[0] == 0)
        out->rank = 0; /* how old converters write the option of a single number */
    return LP_OK;
}

/* Puts what is left of `elements` in place of a single -1. */
static lp_status fill_open_dimension(struct lp_shape_work *w, struct lp_shape *out, int64_t elements)
{
    int64_t product = 1;
    int64_t *open = NULL;
    for (uint32_t i = 0; i < out->rank; i++) {
        int64_t dim = out->dims[i];
        if (dim == -1 && open == NULL) {
            open = &out->dims[i];
            continue;
        }
        if (dim == -1)
            return lp_shape_error(w, LP_BAD_INPUT, "its new shape leaves two dimensions open (-1); one is allowed");
        if (dim < 1)
            return lp_shape_error(w, LP_BAD_INPUT, "dimension %u of its new shape is %lld; at least 1, or -1 once, is allowed",
                                  (unsigned)i, (long long)dim);
        if (dim > elements / product)
            return lp_shape_error(w, LP_BAD_INPUT, "its new shape has more elements than its input, which has %lld",
                                  (long long)elements);
        product *= dim;
    }
    if (open == NULL ? product != elements : elements % product != 0)
        return lp_shape_error(w, LP_BAD_INPUT, "its new shape has %lld elements%s and its input has %lld", (long long)product,
                              open == NULL ? "" : " without the open dimension", (long long)elements);
    if (open != NULL)
        *open = elements / product;
    return LP_OK;
}

lp_status lp_shape_reshape(struct lp_shape_work *w)
{
    struct lp_shape out = {0};
    lp_status status = wanted_shape(w, &out);
    if (status == LP_OK)
        status = fill_open_dimension(w, &out, lp_tensor_elements(lp_op_input(w->graph, w->op, 0)));
    return status == LP_OK ? set_kept(w, &out) : status;
}

lp_status lp_shape_expand_dims(struct lp_shape_work *w)
{
    struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    int64_t value = 0;
    uint32_t count = 0;
    lp_status status = lp_shape_constant(w, 1, "its axis", &value, 1, &count);
    if (status != LP_OK)
        return status;
    if (in.rank == LP_MAX_RANK)
        return lp_shape_error(w, LP_BAD_INPUT, "its input has %d dimensions already; more are not supported", LP_MAX_RANK);
    uint32_t axis = 0;
    status = lp_shape_axis(w, value, in.rank + 1, &axis);
    if (status != LP_OK)
        return status;
    struct lp_shape out = {.rank = in.rank + 1};
    for (uint32_t d = 0; d < out.rank; d++)
        out.dims[d] = d < axis ? in.dims[d] : d == axis ? 1 : in.dims[d - 1];
    return set_kept(w, &out);
}

lp_status lp_shape_squeeze(struct lp_shape_work *w)
{
    struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    uint32_t count = w->op->as.squeeze.count;
    if (count > LP_MAX_RANK)
        return lp_shape_error(w, LP_BAD_INPUT, "it removes %u dimensions; at most %d are allowed", (unsigned)count, LP_MAX_RANK);
    bool is_removed[LP_MAX_RANK] = {false};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t axis = 0;
        lp_status status = lp_shape_axis(w, w->op->as.squeeze.axes[i], in.rank, &axis);
        if (status != LP_OK)
            return status;
        if (is_removed[axis])
            return lp_shape_error(w, LP_BAD_INPUT, "it removes dimension %u twice", (unsigned)axis);
        if (in.dims[axis] != 1)
            return lp_shape_error(w, LP_BAD_INPUT, "it removes dimension %u, which is %lld; only dimensions of 1 can be removed",
                                  (unsigned)axis, (long long)in.dims[axis]);
        is_removed[axis] = true;
    }
    struct lp_shape out = {0};
    for (uint32_t d = 0; d < in.rank; d++)
        if (count == 0 ? in.dims[d] != 1 : !is_removed[d])
            out.dims[out.rank++] = in.dims[d];
    return set_kept(w, &out);
}
