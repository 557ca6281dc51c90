/* QUANTIZE between tensors of 8 bits, RELU and its kin: one ARITH, whose clamp is the function. What leaves as uint8 passes another
 * one, which keeps the low byte of 128 more (NEURAL-ART.md 12.2). */
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

enum { LARGEST_VALUE = 128, LARGEST_BYTE = 255, HALF_RANGE = 128, SAME_SHIFT = 14 };

bool lp_npu_scale_can_follow(const struct lp_npu_work *w, const struct lp_op *op)
{
    return lp_npu_follows(w, op) && lp_op_input(w->l->graph, op, 0)->element == LP_ELEMENT_INT8 &&
           lp_npu_units_left(w->tail.build, LP_NPU_ARITH) >= 2;
}

static bool is_unsigned(const struct lp_tensor *t)
{
    return t->element == LP_ELEMENT_UINT8;
}

static lp_status check_types(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0), *out = lp_op_output(w->l->graph, op, 0);
    lp_status status = lp_npu_need_element(w, in, is_unsigned(in) ? LP_ELEMENT_UINT8 : LP_ELEMENT_INT8, no);
    return status != LP_OK || no->rule != NULL
               ? status
               : lp_npu_need_element(w, out, is_unsigned(out) ? LP_ELEMENT_UINT8 : LP_ELEMENT_INT8, no);
}

/* value + 128 as a byte. */
static struct lp_npu_stream add_unsigned(struct lp_npu_build *b, struct lp_npu_stream stream)
{
    struct lp_npu_arith *a = lp_npu_arith(b);
    a->operation = LP_NPU_ARITH_AFFINE;
    a->scalar = a->combinebc = 1;
    a->inbytes_x = a->outbytes_x = a->outbytes_o = 1;
    a->shift_o = SAME_SHIFT;
    a->A_scalar = 1 << SAME_SHIFT;
    a->B_scalar = HALF_RANGE >> (16 - SAME_SHIFT); /* the upper half of 128 << 14 */
    a->fWidth = stream.width;
    a->fHeight = stream.height;
    a->fChannels = a->batchDepth = stream.depth;
    lp_npu_route(b, stream.port, lp_npu_port(LP_NPU_ARITH, a, 0));
    stream.port = lp_npu_port(LP_NPU_ARITH, a, 0);
    return stream;
}

/* The clamp of a result as int8, and what the reference refuses. */
static lp_status read_params(struct lp_npu_work *w, const struct lp_op *op, struct lp_requantize_s8 *args)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0), *out = lp_op_output(w->l->graph, op, 0);
    struct lp_requantize any;
    if (!is_unsigned(in) && !is_unsigned(out))
        return lp_requantize_s8_params(w->l->graph, op, w->l->program->rounding, w->l->diag, args);
    args->act_min = INT8_MIN;
    args->act_max = INT8_MAX;
    return lp_requantize_params(w->l->graph, op, w->l->program->rounding, w->l->diag, &any);
}

lp_status lp_npu_lower_scale(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *in = lp_op_input(w->l->graph, op, 0), *out = lp_op_output(w->l->graph, op, 0);
    struct lp_requantize_s8 args = {0};
    struct lp_npu_build *b = NULL;
    struct lp_npu_stream stream;
    lp_status status = check_types(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = read_params(w, op, &args);
    if (status != LP_OK || no->rule != NULL)
        return status;
    double factor = (double)in->quant.scale[0] / (double)out->quant.scale[0];
    double zero_point = out->quant.zero_point[0] - (is_unsigned(out) ? HALF_RANGE : 0);
    struct lp_npu_requant *q = lp_npu_one_requant(w, factor, zero_point - factor * in->quant.zero_point[0],
                                                  is_unsigned(in) ? LARGEST_BYTE : LARGEST_VALUE);
    if (q == NULL)
        return lp_no_memory(w->l->diag);
    status = lp_npu_need_precision(w, q->deviation, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_npu_open(w, op, op->inputs[0], &b, &stream);
    if (status != LP_OK || no->rule != NULL)
        return status;
    /* Engines fill bytes up with zeros: read as two, they have no sign. */
    stream = lp_npu_add_requant(b, op, &stream, is_unsigned(in) ? 2 : 1, q, args.act_min, args.act_max);
    if (is_unsigned(out))
        stream = add_unsigned(b, stream);
    return lp_npu_result(w, b, op, &stream);
}
