#include "compiler/semantics/operands.h"

/* As TensorFlow Lite has it, in float32: with align_corners the outermost elements of both maps lie upon each other. */
static float scale_for(bool align_corners, int32_t in, int32_t out)
{
    if (align_corners && out > 1)
        return (float)(in - 1) / (float)(out - 1);
    return (float)in / (float)out;
}

lp_status lp_resize_nearest_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                   struct lp_resize_nearest *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_same_meaning(&at, in, result);
    if (status == LP_OK)
        status = lp_need_rank(&at, in, "input", 4);
    if (status == LP_OK)
        status = lp_need_rank(&at, result, "output", 4);
    if (status != LP_OK)
        return status;
    *out = (struct lp_resize_nearest){
        .batches = in->dims[0],
        .in_h = in->dims[1],
        .in_w = in->dims[2],
        .out_h = result->dims[1],
        .out_w = result->dims[2],
        .run_bytes = (uint32_t)in->dims[3] * lp_element_bytes(in->element),
        .scale_h = scale_for(op->as.resize.align_corners, in->dims[1], result->dims[1]),
        .scale_w = scale_for(op->as.resize.align_corners, in->dims[2], result->dims[2]),
        .offset = op->as.resize.half_pixel_centers ? 0.5f : 0.0f,
        .is_rounded = op->as.resize.align_corners,
    };
    return LP_OK;
}
