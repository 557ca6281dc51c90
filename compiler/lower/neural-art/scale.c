/* QUANTIZE between int8 tensors, RELU and its kin: one ARITH, whose clamp is the function. */
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

enum { LARGEST_VALUE = 128 };

bool lp_npu_scale_can_follow(const struct lp_npu_work *w, const struct lp_op *op)
{
    return lp_npu_follows(w, op) && lp_npu_units_left(w->tail.build, LP_NPU_ARITH) > 0;
}

lp_status lp_npu_lower_scale(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0), *out = lp_op_output(w->l->graph, op, 0);
    struct lp_requantize_s8 args = {0};
    struct lp_npu_build *b = NULL;
    struct lp_npu_stream stream;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    status = lp_requantize_s8_params(w->l->graph, op, w->l->program->rounding, w->l->diag, &args);
    if (status != LP_OK)
        return status;
    double factor = (double)in->quant.scale[0] / (double)out->quant.scale[0];
    struct lp_npu_requant *q = lp_npu_one_requant(w, factor, out->quant.zero_point[0] - factor * in->quant.zero_point[0],
                                                  LARGEST_VALUE);
    if (q == NULL)
        return lp_no_memory(w->l->diag);
    status = lp_npu_need_precision(w, q->deviation, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    status = lp_npu_open(w, op, op->inputs[0], &b, &stream);
    if (status != LP_OK)
        return status;
    stream = lp_npu_add_requant(b, op, &stream, 1, q, args.act_min, args.act_max);
    return lp_npu_result(w, b, op, &stream);
}
