#include "compiler/semantics/operands.h"

enum { LARGEST_DEPTH = INT32_MAX / (255 * 255) }; /* as many squares fit the kernel's sum */

lp_status lp_l2_normalization_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                     struct lp_diag *diag, struct lp_l2_normalization_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, result, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    if (lp_scale_of(result) != 1.0f / 128 || lp_zero_point_of(result) != 0 || op->activation != LP_ACT_NONE)
        return lp_op_error(&at, LP_UNSUPPORTED,
                           "the output has scale %g and zero point %ld, they have to be 1/128 and 0, without a fused activation",
                           (double)lp_scale_of(result), (long)lp_zero_point_of(result));
    const int32_t depth = in->rank == 0 ? 1 : in->dims[in->rank - 1];
    if (depth > LARGEST_DEPTH)
        return lp_op_error(&at, LP_UNSUPPORTED, "the last dimension has %ld elements, at most %d are supported", (long)depth,
                           LARGEST_DEPTH);
    *out = (struct lp_l2_normalization_s8){.rows = (int32_t)(lp_tensor_elements(in) / depth),
                                           .depth = depth,
                                           .in_offset = -lp_zero_point_of(in),
                                           .rounding = (uint8_t)rounding};
    return LP_OK;
}
