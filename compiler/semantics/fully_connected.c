#include "compiler/semantics/weights.h"

static lp_status check_shape(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    lp_status status = lp_need_rank(at, w->filter, "filter", 2);
    if (status != LP_OK)
        return status;
    int32_t in_c = w->filter->dims[1];
    int64_t batches = lp_tensor_elements(w->in) / in_c;
    if (lp_tensor_elements(w->in) % in_c != 0 || lp_tensor_elements(w->out) != batches * w->out_c)
        return lp_op_error(
            at, LP_BAD_INPUT,
            "%lld input elements and a filter of %ld x %ld give an output of %lld elements; the input has to hold whole "
            "rows of %ld",
            (long long)lp_tensor_elements(w->in), (long)w->out_c, (long)in_c, (long long)lp_tensor_elements(w->out), (long)in_c);
    return LP_OK;
}

lp_status lp_fully_connected_scales(const struct lp_place_of_op *at, const struct lp_weighted *w, enum lp_rounding rounding,
                                    struct lp_arena *arena, struct lp_channel_scales *scales)
{
    lp_status status = lp_weighted_scales(at, w, rounding, arena, scales);
    if (status != LP_OK || scales->count > 1)
        return status;
    const float product = lp_scale_of(w->in) * lp_scale_of(w->filter);
    return lp_need_multiplier(at, (double)product / (double)lp_scale_of(w->out), rounding, scales->multiplier, scales->shift);
}

lp_status lp_fully_connected_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w)
{
    *w = (struct lp_weighted){.element = element, .filter_axis = 0};
    lp_status status = lp_weighted_operands(at, w);
    return status == LP_OK ? check_shape(at, w) : status;
}

lp_status lp_fully_connected_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                    struct lp_arena *arena, struct lp_diag *diag, struct lp_fully_connected_s8 *out,
                                    struct lp_channel_scales *scales)
{
    const struct lp_place_of_op at = {graph, op, diag};
    struct lp_weighted w;
    lp_status status = lp_fully_connected_operands(&at, LP_ELEMENT_INT8, &w);
    if (status == LP_OK)
        status = lp_weighted_sums(&at, &w);
    if (status == LP_OK)
        status = lp_fully_connected_scales(&at, &w, rounding, arena, scales);
    if (status != LP_OK)
        return status;
    *out = (struct lp_fully_connected_s8){
        .batches = (int32_t)(lp_tensor_elements(w.in) / w.filter->dims[1]),
        .in_c = w.filter->dims[1],
        .out_c = w.out_c,
        .in_offset = -lp_zero_point_of(w.in),
        .out_offset = lp_zero_point_of(w.out),
        .per_channel = scales->count > 1,
        .rounding = (uint8_t)rounding,
    };
    lp_activation_range(op->activation, w.out, &out->act_min, &out->act_max);
    return LP_OK;
}
