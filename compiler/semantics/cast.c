#include "compiler/semantics/operands.h"

lp_status lp_cast_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_cast *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    if (in->element == LP_ELEMENT_INT64 || result->element == LP_ELEMENT_INT64)
        return lp_op_error(&at, LP_UNSUPPORTED,
                           "from %s to %s is not supported at run time; allowed are int8, uint8, int16, int32, float32 and bool",
                           lp_element_name(in->element), lp_element_name(result->element));
    *out = (struct lp_cast){
        .count = (int32_t)lp_tensor_elements(in),
        .in_element = (uint8_t)in->element,
        .out_element = (uint8_t)result->element,
    };
    return LP_OK;
}
