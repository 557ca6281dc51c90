#include "compiler/semantics/reduce.h"

#include <string.h>

/* The factor 1 / count goes into the multiplier with as many bits as the count has, as the reference does. It also does so
 * where both scales are equal. */
static lp_status fill_scale(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *mean,
                            int32_t count, enum lp_rounding rounding, struct lp_mean_s8 *out)
{
    lp_status status = lp_need_multiplier(at, (double)lp_scale_of(in) / (double)lp_scale_of(mean), rounding, &out->multiplier,
                                          &out->shift);
    if (status != LP_OK)
        return status;
    int32_t bits = 0;
    while ((count >> bits) > 1)
        bits++;
    bits = bits > 31 + out->shift ? 31 + out->shift : bits;
    out->multiplier = (int32_t)(((int64_t)out->multiplier << bits) / count);
    out->shift = (int8_t)(out->shift - bits);
    return LP_OK;
}

lp_status lp_mean_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                         struct lp_mean_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *mean = lp_op_output(graph, op, 0);
    bool is_reduced[LP_MAX_RANK] = {false};
    struct lp_reduce_merged m = {.count = {0, 0}};
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, mean, "output");
    if (status == LP_OK)
        status = lp_reduce_axes(&at, in, is_reduced);
    if (status != LP_OK)
        return status;
    lp_reduce_merge(in, is_reduced, &m);
    int64_t count = lp_tensor_elements(in) / lp_tensor_elements(mean);
    if (count > INT32_MAX / 256)
        return lp_op_error(&at, LP_UNSUPPORTED, "the mean of %lld values can overflow the 32-bit sum, at most %ld are supported",
                           (long long)count, (long)INT32_MAX / 256);
    memset(out, 0, sizeof *out);
    lp_reduce_fill(&m, 0, out->keep_dims, out->keep_stride);
    lp_reduce_fill(&m, 1, out->reduce_dims, out->reduce_stride);
    out->sum_offset = -lp_zero_point_of(in) * (int32_t)count;
    out->out_offset = lp_zero_point_of(mean);
    out->rounding = (uint8_t)rounding;
    return fill_scale(&at, in, mean, (int32_t)count, rounding, out);
}
