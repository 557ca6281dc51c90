#include "compiler/semantics/moves.h"

static lp_status check_constant_indices(const struct lp_place_of_op *at, const struct lp_tensor *indices, int32_t axis)
{
    for (int64_t i = 0; i < lp_tensor_elements(indices); i++) {
        int32_t index = ((const int32_t *)indices->data)[i];
        if (index < 0 || index >= axis)
            return lp_op_error(at, LP_BAD_INPUT, "index %lld is %ld, 0 to %ld is allowed", (long long)i, (long)index,
                               (long)axis - 1);
    }
    return LP_OK;
}

lp_status lp_gather_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_gather *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *indices = lp_op_input(graph, op, 1);
    uint32_t axis = 0;
    lp_status status = lp_need_same_meaning(&at, in, lp_op_output(graph, op, 0));
    if (status == LP_OK && indices->element != LP_ELEMENT_INT32)
        status = lp_op_error(&at, LP_UNSUPPORTED, "its indices are %s, only int32 is supported",
                             lp_element_name(indices->element));
    if (status == LP_OK)
        status = lp_need_axis(&at, op->as.along.axis, in->rank, &axis);
    if (status != LP_OK)
        return status;
    uint32_t batches = (uint32_t)(op->as.along.batch_dims < 0 ? op->as.along.batch_dims + indices->rank
                                                              : op->as.along.batch_dims);
    *out = (struct lp_gather){
        .batches = (int32_t)lp_move_elements(in, 0, batches),
        .outer = (int32_t)lp_move_elements(in, batches, axis),
        .axis = in->dims[axis],
        .count = (int32_t)lp_move_elements(indices, batches, indices->rank),
        .run_bytes = (uint32_t)lp_move_elements(in, axis + 1, in->rank) * lp_element_bytes(in->element),
    };
    return indices->data == NULL ? LP_OK : check_constant_indices(&at, indices, in->dims[axis]);
}
