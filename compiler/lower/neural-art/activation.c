/* LOGISTIC, TANH and other functions of one byte: ACTIV with quadratics on segments (curve.h). */
#include "compiler/lower/neural-art/curve.h"
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

#include <math.h>
#include <stddef.h>

enum {
    CODE_SHIFT = 8,         /* brings the input to 16 bits */
    SEEN_PARAMETER = 32640, /* what all executed programs have; without effect on values */
    ROW_NUMBERS = 3
};

static void add_table(struct lp_npu_build *b, const struct lp_op *op, const char *name, enum lp_element element, const void *data,
                      int32_t count, struct lp_npu_activ *u, size_t member)
{
    const struct lp_item item = {.cause = LP_CAUSE_ACTIVATION_TABLES,
                                 .layer = (int32_t)op->source_index,
                                 .name = lp_lower_item_name(b->l, name, op),
                                 .element = element,
                                 .data = data,
                                 .count = (uint32_t)count};
    lp_npu_point(b, LP_NPU_ACTIV, u, member, lp_npu_parameters(b, item));
}

static struct lp_npu_stream add_unit(struct lp_npu_build *b, const struct lp_op *op, struct lp_npu_stream stream,
                                     const struct lp_npu_curve *curve)
{
    struct lp_npu_activ *u = lp_npu_activ(b);
    u->operation = LP_NPU_ACTIV_FUNC;
    u->inbytes_f = u->outbytes_f = u->outbytes_o = 1;
    u->rounding_o = u->saturation_o = u->round_mode_o = 1;
    u->signedop = 1;
    u->shift_o = LP_NPU_CURVE_SHIFT;
    u->shift_norm = CODE_SHIFT;
    u->parameter = SEEN_PARAMETER;
    u->bwidth = curve->outer_bits;
    u->shift_b = curve->shift_b;
    u->shift_c = curve->shift_c;
    u->ROM0_nbytes = 1u << curve->outer_bits;
    u->ROM1_nbytes = (uint32_t)(curve->row_count * ROW_NUMBERS) * (uint32_t)sizeof curve->rows[0][0];
    add_table(b, op, "segments", LP_ELEMENT_UINT8, curve->outer, 1 << curve->outer_bits, u,
              offsetof(struct lp_npu_activ, ROM0_vector));
    add_table(b, op, "quadratics", LP_ELEMENT_INT16, curve->rows, curve->row_count * ROW_NUMBERS, u,
              offsetof(struct lp_npu_activ, ROM1_vector));
    lp_npu_route(b, stream.port, lp_npu_port(LP_NPU_ACTIV, u, 0));
    lp_npu_busy(b, stream.frames * stream.width * stream.height * stream.depth);
    stream.port = lp_npu_port(LP_NPU_ACTIV, u, 0);
    return stream;
}

bool lp_npu_activation_can_follow(const struct lp_npu_work *w, const struct lp_op *op)
{
    return lp_npu_follows(w, op) && lp_npu_units_left(w->tail.build, LP_NPU_ACTIV) > 0;
}

lp_status lp_npu_lower_activation(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    struct lp_npu_curve *curve = LP_NEW(w->l->arena, struct lp_npu_curve);
    struct lp_npu_build *b = NULL;
    struct lp_npu_stream stream;
    struct lp_table_s8 args;
    int8_t table[LP_TABLE_BYTES];
    if (curve == NULL)
        return lp_no_memory(w->l->diag);
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_table_params(w->l->graph, op, w->l->program->rounding, w->l->diag, table, &args);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (!lp_npu_curve_fit(table, curve))
        return lp_npu_refuse(w->l, no, LP_NPU_RULE_CURVE, "more bends",
                             "scales that leave fewer steps of the result for one of the input");
    status = lp_npu_need_precision(w, curve->largest_error == 0 ? 0.0 : 1.0 - ldexp(1.0, -LP_NPU_CURVE_SHIFT), no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_npu_open(w, op, op->inputs[0], &b, &stream);
    if (status != LP_OK || no->rule != NULL)
        return status;
    stream = add_unit(b, op, stream, curve);
    return lp_npu_result(w, b, op, &stream);
}
