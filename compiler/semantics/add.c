#include "compiler/semantics/broadcast.h"

#include <string.h>

enum { LEFT_SHIFT = 20 };

static lp_status fill_scales(const struct lp_place_of_op *at, enum lp_rounding rounding, struct lp_add_s8 *out)
{
    struct lp_common_scale scale;
    lp_status status = lp_common_scale_of(at, LEFT_SHIFT, rounding, &scale);
    if (status != LP_OK)
        return status;
    out->in1_multiplier = scale.multiplier[0];
    out->in2_multiplier = scale.multiplier[1];
    out->out_multiplier = scale.multiplier[2];
    out->in1_shift = scale.shift[0];
    out->in2_shift = scale.shift[1];
    out->out_shift = scale.shift[2];
    return LP_OK;
}

lp_status lp_add_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                        struct lp_add_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in1 = lp_op_input(graph, op, 0);
    const struct lp_tensor *in2 = lp_op_input(graph, op, 1);
    const struct lp_tensor *sum = lp_op_output(graph, op, 0);
    struct lp_broadcast m = {.rank = 0};
    lp_status status = lp_need_int8(&at, in1, "first input");
    if (status == LP_OK)
        status = lp_need_int8(&at, in2, "second input");
    if (status == LP_OK)
        status = lp_need_int8(&at, sum, "output");
    if (status == LP_OK)
        status = lp_broadcast_merge(&at, in1, in2, sum, &m);
    if (status != LP_OK)
        return status;
    memset(out, 0, sizeof *out);
    lp_broadcast_fill(&m, out->dims, out->in1_stride, out->in2_stride, &out->rank);
    out->in1_offset = -lp_zero_point_of(in1);
    out->in2_offset = -lp_zero_point_of(in2);
    out->out_offset = lp_zero_point_of(sum);
    out->left_shift = LEFT_SHIFT;
    out->rounding = (uint8_t)rounding;
    lp_activation_range(op->activation, sum, &out->act_min, &out->act_max);
    return fill_scales(&at, rounding, out);
}
