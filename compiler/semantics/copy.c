#include "compiler/semantics/operands.h"

lp_status lp_copy_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_copy *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    if (in->element != result->element || lp_tensor_elements(in) != lp_tensor_elements(result))
        return lp_op_error(&at, LP_BAD_INPUT, "%lld elements of %s can't become %lld elements of %s",
                           (long long)lp_tensor_elements(in), lp_element_name(in->element), (long long)lp_tensor_elements(result),
                           lp_element_name(result->element));
    *out = (struct lp_copy){.size_bytes = (uint32_t)lp_tensor_bytes(in)};
    return LP_OK;
}
