/* Reductions: which dimensions go, and the largest or smallest element over them. */
#include "compiler/semantics/reduce.h"

/* Reads the axes into one flag a dimension; negative ones count from the end, repeated ones count once. */
lp_status lp_reduce_axes(const struct lp_place_of_op *at, const struct lp_tensor *in, bool *is_reduced)
{
    int32_t axes[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "axes", axes, LP_MAX_RANK, &count);
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        int32_t axis = axes[i] < 0 ? axes[i] + in->rank : axes[i];
        if (axis < 0 || axis >= in->rank)
            return lp_op_error(at, LP_BAD_INPUT, "axis %ld does not exist, the input has %u dimensions", (long)axes[i],
                               (unsigned)in->rank);
        is_reduced[axis] = true;
    }
    return status;
}

_Static_assert(LP_MEAN_RANK * 2 >= LP_MAX_RANK, "kept and reduced dimensions alternate at worst");

void lp_reduce_merge(const struct lp_tensor *in, const bool *is_reduced, struct lp_reduce_merged *m)
{
    int32_t stride = 1;
    int previous = -1;
    for (int32_t d = in->rank - 1; d >= 0; d--) {
        if (in->dims[d] == 1)
            continue;
        int which = is_reduced[d] ? 1 : 0;
        if (which == previous) {
            m->size[which][m->count[which] - 1] *= in->dims[d];
        } else {
            m->size[which][m->count[which]] = in->dims[d];
            m->stride[which][m->count[which]++] = stride;
        }
        previous = which;
        stride *= in->dims[d];
    }
}

/* The kernel's arrays run from the outermost dimension to the innermost one, sizes of 1 in front. */
void lp_reduce_fill(const struct lp_reduce_merged *m, int which, int32_t *dims, int32_t *strides)
{
    for (uint32_t i = 0; i < LP_MEAN_RANK; i++) {
        uint32_t at = LP_MEAN_RANK - 1 - i;
        bool used = i < m->count[which];
        dims[at] = used ? m->size[which][i] : 1;
        strides[at] = used ? m->stride[which][i] : 0;
    }
}

lp_status lp_reduce_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_reduce *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    bool is_reduced[LP_MAX_RANK] = {false};
    struct lp_reduce_merged m = {.count = {0, 0}};
    lp_status status = lp_need_small(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_same_meaning(&at, in, lp_op_output(graph, op, 0));
    if (status == LP_OK)
        status = lp_reduce_axes(&at, in, is_reduced);
    if (status != LP_OK)
        return status;
    lp_reduce_merge(in, is_reduced, &m);
    *out = (struct lp_reduce){.element = (uint8_t)in->element, .is_min = op->kind == LP_OP_REDUCE_MIN};
    lp_reduce_fill(&m, 0, out->keep_dims, out->keep_stride);
    lp_reduce_fill(&m, 1, out->reduce_dims, out->reduce_stride);
    return LP_OK;
}
