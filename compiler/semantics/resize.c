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

/* Input steps an output step, in 1/1024. */
static int32_t bilinear_scale(bool align_corners, int32_t in, int32_t out)
{
    bool is_aligned = align_corners && out > 1;
    int32_t from = is_aligned ? in - 1 : in;
    int32_t to = is_aligned ? out - 1 : out;
    return (from * (1 << 10) + to / 2) / to;
}

lp_status lp_resize_bilinear_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                    struct lp_diag *diag, struct lp_resize_bilinear_s8 *out)
{
    enum { LARGEST_SIDE = 1 << 20 };
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_same_meaning(&at, in, result);
    if (status == LP_OK)
        status = lp_need_rank(&at, in, "input", 4);
    if (status == LP_OK)
        status = lp_need_rank(&at, result, "output", 4);
    if (status != LP_OK)
        return status;
    for (uint32_t d = 1; d <= 2; d++)
        if (in->dims[d] > LARGEST_SIDE || result->dims[d] > LARGEST_SIDE)
            return lp_op_error(&at, LP_UNSUPPORTED, "a map of %ld is resized to %ld, sizes up to %d are supported",
                               (long)in->dims[d], (long)result->dims[d], LARGEST_SIDE);
    const int32_t scale_h = bilinear_scale(op->as.resize.align_corners, in->dims[1], result->dims[1]);
    const int32_t scale_w = bilinear_scale(op->as.resize.align_corners, in->dims[2], result->dims[2]);
    const bool is_centered = op->as.resize.half_pixel_centers;
    *out = (struct lp_resize_bilinear_s8){
        .batches = in->dims[0],
        .in_h = in->dims[1],
        .in_w = in->dims[2],
        .out_h = result->dims[1],
        .out_w = result->dims[2],
        .channels = in->dims[3],
        .scale_h = scale_h,
        .scale_w = scale_w,
        .offset_h = is_centered ? scale_h / 2 - (1 << 9) : 0,
        .offset_w = is_centered ? scale_w / 2 - (1 << 9) : 0,
        .rounding = (uint8_t)rounding,
    };
    return LP_OK;
}
