/* Reductions over constant axes. */
#include "compiler/analyze/shape_rules.h"

lp_status lp_shape_mean(struct lp_shape_work *w)
{
    struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    int64_t axes[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_shape_constant(w, 1, "its list of axes", axes, LP_MAX_RANK, &count);
    bool is_reduced[LP_MAX_RANK] = {false};
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        uint32_t axis = 0;
        status = lp_shape_axis(w, axes[i], in.rank, &axis);
        if (status == LP_OK && is_reduced[axis])
            status = lp_shape_error(w, LP_BAD_INPUT, "its list of axes names dimension %u twice", (unsigned)axis);
        is_reduced[axis] = true;
    }
    if (status != LP_OK)
        return status;
    struct lp_shape out = {0};
    for (uint32_t d = 0; d < in.rank; d++) {
        if (!is_reduced[d])
            out.dims[out.rank++] = in.dims[d];
        else if (w->op->as.reduce.keep_dims)
            out.dims[out.rank++] = 1;
    }
    return lp_shape_set(w, 0, &out);
}

lp_status lp_shape_arg_max(struct lp_shape_work *w)
{
    struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct lp_shape out = {0};
    int64_t axes[1] = {0};
    uint32_t count = 0;
    uint32_t axis = 0;
    lp_status status = lp_shape_constant(w, 1, "its axis", axes, 1, &count);
    if (status == LP_OK && count != 1)
        status = lp_shape_error(w, LP_BAD_INPUT, "its axis has %u numbers; it needs one", (unsigned)count);
    if (status == LP_OK)
        status = lp_shape_axis(w, axes[0], in.rank, &axis);
    if (status != LP_OK)
        return status;
    for (uint32_t d = 0; d < in.rank; d++)
        if (d != axis)
            out.dims[out.rank++] = in.dims[d];
    return lp_shape_set(w, 0, &out);
}
