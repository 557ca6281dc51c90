#include "compiler/semantics/operands.h"

enum { FEATURE = 1, TIME, BIAS, STATE };

static lp_status check_types(const struct lp_place_of_op *at)
{
    const struct lp_graph *g = at->graph;
    const struct lp_tensor *bias = lp_op_input(g, at->op, BIAS);
    lp_status status = lp_need_int8(at, lp_op_input(g, at->op, 0), "input");
    if (status == LP_OK)
        status = lp_need_int8(at, lp_op_input(g, at->op, FEATURE), "weights of the features");
    if (status == LP_OK)
        status = lp_need_constant(at, lp_op_input(g, at->op, FEATURE), "weights of the features");
    if (status == LP_OK)
        status = lp_need_int16(at, lp_op_input(g, at->op, TIME), "weights in time");
    if (status == LP_OK)
        status = lp_need_constant(at, lp_op_input(g, at->op, TIME), "weights in time");
    if (status == LP_OK)
        status = lp_need_int16(at, lp_op_input(g, at->op, STATE), "state");
    if (status == LP_OK && bias != NULL)
        status = lp_need_element(at, bias, "bias", LP_ELEMENT_INT32);
    if (status == LP_OK && bias != NULL)
        status = lp_need_constant(at, bias, "bias");
    if (status == LP_OK)
        status = lp_need_int8(at, lp_op_output(g, at->op, 0), "output");
    if (status == LP_OK && lp_zero_point_of(lp_op_input(g, at->op, FEATURE)) != 0)
        return lp_op_error(at, LP_UNSUPPORTED, "the weights of the features have zero point %ld, only 0 is supported",
                           (long)lp_zero_point_of(lp_op_input(g, at->op, FEATURE)));
    return status;
}

static lp_status check_shapes(const struct lp_place_of_op *at)
{
    const struct lp_graph *g = at->graph;
    const struct lp_tensor *in = lp_op_input(g, at->op, 0), *feature = lp_op_input(g, at->op, FEATURE);
    const struct lp_tensor *time = lp_op_input(g, at->op, TIME), *bias = lp_op_input(g, at->op, BIAS);
    const int32_t rank = at->op->as.svdf.rank;
    lp_status status = lp_need_rank(at, in, "input", 2);
    if (status == LP_OK)
        status = lp_need_rank(at, feature, "weights of the features", 2);
    if (status == LP_OK)
        status = lp_need_rank(at, time, "weights in time", 2);
    if (status != LP_OK)
        return status;
    const int32_t filters = feature->dims[0];
    if (rank < 1 || filters % rank != 0 || time->dims[0] != filters || feature->dims[1] != in->dims[1])
        return lp_op_error(
            at, LP_BAD_INPUT,
            "rank %ld, %ld x %ld weights of the features, %ld x %ld in time and an input of %ld don't fit together", (long)rank,
            (long)filters, (long)feature->dims[1], (long)time->dims[0], (long)time->dims[1], (long)in->dims[1]);
    if (bias != NULL && lp_tensor_elements(bias) != filters / rank)
        return lp_op_error(at, LP_BAD_INPUT, "the bias has %lld elements for %ld units", (long long)lp_tensor_elements(bias),
                           (long)(filters / rank));
    if (lp_tensor_elements(lp_op_input(g, at->op, STATE)) != (int64_t)in->dims[0] * filters * time->dims[1] ||
        lp_tensor_elements(lp_op_output(g, at->op, 0)) != (int64_t)in->dims[0] * (filters / rank))
        return lp_op_error(at, LP_BAD_INPUT, "its state or its output has another size than its weights say");
    /* Products of bytes at most 255 * 128. */
    if (in->dims[1] > INT32_MAX / (255 * 128))
        return lp_op_error(at, LP_UNSUPPORTED, "sums of %ld products can overflow 32 bits, at most %d are supported",
                           (long)in->dims[1], INT32_MAX / (255 * 128));
    return LP_OK;
}

lp_status lp_svdf_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                         struct lp_svdf_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    lp_status status = check_types(&at);
    if (status == LP_OK)
        status = check_shapes(&at);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *in = lp_op_input(graph, op, 0), *feature = lp_op_input(graph, op, FEATURE);
    const struct lp_tensor *time = lp_op_input(graph, op, TIME), *result = lp_op_output(graph, op, 0);
    const float state_scale = lp_scale_of(lp_op_input(graph, op, STATE));
    *out = (struct lp_svdf_s8){.batches = in->dims[0],
                               .in_c = in->dims[1],
                               .units = feature->dims[0] / op->as.svdf.rank,
                               .rank = op->as.svdf.rank,
                               .memory = time->dims[1],
                               .in_offset = -lp_zero_point_of(in),
                               .out_offset = lp_zero_point_of(result),
                               .rounding = (uint8_t)rounding};
    /* The reference computes both factors in float32. */
    const float feature_factor = lp_scale_of(in) * lp_scale_of(feature) / state_scale;
    const float out_factor = state_scale * lp_scale_of(time) / lp_scale_of(result);
    status = lp_need_multiplier(&at, (double)feature_factor, rounding, &out->feature_multiplier, &out->feature_shift);
    return status == LP_OK ? lp_need_multiplier(&at, (double)out_factor, rounding, &out->out_multiplier, &out->out_shift)
                           : status;
}
