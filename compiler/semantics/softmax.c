#include "compiler/semantics/operands.h"

#include <math.h>

enum {
    INPUT_INTEGER_BITS = 5, /* of the scaled difference to the largest input */
    LARGEST_DEPTH = 4095    /* as many exponentials of 1 fit the kernel's sum */
};

/* Larger factors make every input but the largest vanish anyway. */
static double bounded_factor(const struct lp_tensor *in, float beta, enum lp_rounding rounding)
{
    const double largest = rounding == LP_ROUNDING_SINGLE ? 1073741823.0 : 2147483647.0;
    double factor = (double)beta * (double)lp_scale_of(in) * (1 << (31 - INPUT_INTEGER_BITS));
    return factor > largest ? largest : factor;
}

static lp_status fill_scale(const struct lp_place_of_op *at, const struct lp_tensor *in, enum lp_rounding rounding,
                            struct lp_softmax_s8 *out)
{
    double factor = bounded_factor(in, at->op->as.softmax.beta, rounding);
    if (!(factor > 1))
        return lp_op_error(at, LP_UNSUPPORTED, "beta %g times the input's scale %g is too small: every output would be the same",
                           (double)at->op->as.softmax.beta, (double)lp_scale_of(in));
    if (factor > 1073741823.0) {
        /* Only equal inputs count then, whose difference is 0: the factor no longer matters. */
        out->multiplier = INT32_MAX;
        out->shift = 30;
        out->diff_min = 0;
        return LP_OK;
    }
    lp_status status = lp_need_multiplier(at, factor, rounding, &out->multiplier, &out->shift);
    if (status == LP_OK) {
        const int64_t scaled_radius = (int64_t)((1 << INPUT_INTEGER_BITS) - 1) << (31 - INPUT_INTEGER_BITS);
        out->diff_min = -(int32_t)(scaled_radius >> out->shift);
    }
    return status;
}

lp_status lp_softmax_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                            struct lp_softmax_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, result, "output");
    if (status != LP_OK)
        return status;
    if (fabsf(lp_scale_of(result) - 1.0f / 256) > 0.001f / 256 || lp_zero_point_of(result) != INT8_MIN)
        return lp_op_error(&at, LP_UNSUPPORTED, "the output has scale %g and zero point %ld, they have to be 1/256 and -128",
                           (double)lp_scale_of(result), (long)lp_zero_point_of(result));
    int32_t depth = in->rank == 0 ? 1 : in->dims[in->rank - 1];
    if (depth > LARGEST_DEPTH)
        return lp_op_error(&at, LP_UNSUPPORTED, "the last dimension has %ld elements, at most %d are supported", (long)depth,
                           LARGEST_DEPTH);
    *out = (struct lp_softmax_s8){
        .rows = (int32_t)(lp_tensor_elements(in) / depth),
        .depth = depth,
    };
    return fill_scale(&at, in, rounding, out);
}

lp_status lp_log_softmax_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                struct lp_diag *diag, struct lp_log_softmax_s8 *out)
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
    if (lp_scale_of(result) != 1.0f / 16 || lp_zero_point_of(result) != INT8_MAX)
        return lp_op_error(&at, LP_UNSUPPORTED, "the output has scale %g and zero point %ld, they have to be 1/16 and 127",
                           (double)lp_scale_of(result), (long)lp_zero_point_of(result));
    const int32_t depth = in->rank == 0 ? 1 : in->dims[in->rank - 1];
    const double factor = bounded_factor(in, 1, LP_ROUNDING_SINGLE);
    if (depth > LARGEST_DEPTH || !(factor > 1))
        return lp_op_error(&at, LP_UNSUPPORTED,
                           "the last dimension has %ld elements and the input scale %g; at most %d, and a scale above 2^-26 are "
                           "supported",
                           (long)depth, (double)lp_scale_of(in), LARGEST_DEPTH);
    *out = (struct lp_log_softmax_s8){
        .rows = (int32_t)(lp_tensor_elements(in) / depth), .depth = depth, .rounding = (uint8_t)rounding};
    status = lp_need_multiplier(&at, factor, rounding, &out->multiplier, &out->shift);
    if (status != LP_OK)
        return status;
    out->diff_min = -(int32_t)(((int64_t)((1 << INPUT_INTEGER_BITS) - 1) << (31 - INPUT_INTEGER_BITS)) >> out->shift);
    const double reverse = (double)((int64_t)1 << (31 - out->shift)) / (double)out->multiplier;
    return lp_need_multiplier(&at, reverse, rounding, &out->reverse_multiplier, &out->reverse_shift);
}
