#include "compiler/semantics/operands.h"

lp_status lp_cast_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_cast *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    *out = (struct lp_cast){
        .count = (int32_t)lp_tensor_elements(in),
        .in_element = (uint8_t)in->element,
        .out_element = (uint8_t)result->element,
    };
    return lp_need_same_size(&at, in, result);
}
