#include "compiler/semantics/operands.h"

lp_status lp_arg_max_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_arg_max *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    int32_t axis = 0;
    uint32_t count = 0;
    lp_status status = lp_need_numbers(&at, lp_op_input(graph, op, 1), "axis", &axis, 1, &count);
    if (status != LP_OK)
        return status;
    if (in->element != LP_ELEMENT_INT8 && in->element != LP_ELEMENT_UINT8)
        return lp_op_error(&at, LP_UNSUPPORTED, "the input is %s, int8 and uint8 are supported", lp_element_name(in->element));
    if (result->element != LP_ELEMENT_INT32 && result->element != LP_ELEMENT_INT64)
        return lp_op_error(&at, LP_UNSUPPORTED, "the output is %s, int32 and int64 are supported",
                           lp_element_name(result->element));
    if (count != 1 || axis < -(int32_t)in->rank || axis >= (int32_t)in->rank)
        return lp_op_error(&at, LP_BAD_INPUT, "axis %ld does not exist, the input has %u dimensions", (long)axis,
                           (unsigned)in->rank);
    axis = axis < 0 ? axis + in->rank : axis;
    *out = (struct lp_arg_max){.outer = 1,
                               .size = in->dims[axis],
                               .inner = 1,
                               .in_element = (uint8_t)in->element,
                               .out_element = (uint8_t)result->element,
                               .is_min = op->kind == LP_OP_ARG_MIN};
    for (int32_t d = 0; d < in->rank; d++) {
        out->outer *= d < axis ? in->dims[d] : 1;
        out->inner *= d > axis ? in->dims[d] : 1;
    }
    return LP_OK;
}
