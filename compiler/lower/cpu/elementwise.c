/* Operators that read each element before they write at its place, so that the output may take over the input's memory. */
#include "compiler/lower/cpu/choose.h"
#include "compiler/lower/cpu/ops.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

lp_status lp_lower_add(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_add_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    if (lp_op_input(l->graph, op, 0)->element != LP_ELEMENT_INT8)
        return lp_lower_binary(l, op);
    lp_status status = lp_add_params(l->graph, op, l->program->rounding, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, lp_choose_plain(l->program, LP_FAMILY_ADD, "lp_add_s8__reference", &args), &args, 0,
                                &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_add_s8, in1), op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_add_s8, in2), op->inputs[1]);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, offsetof(struct lp_add_s8, out), op->outputs[0]);
    for (uint32_t i = 0; i < 2 && status == LP_OK; i++)
        if (lp_tensors_same_shape(lp_op_input(l->graph, op, i), lp_op_output(l->graph, op, 0)))
            lp_lower_overlap(l, epoch, op->inputs[i], 0);
    return status;
}

static lp_status lower_requantize_s8(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_requantize_s8 args = {0};
    lp_status status = lp_requantize_s8_params(l->graph, op, l->program->rounding, l->diag, &args);
    const char *symbol = status == LP_OK
                             ? lp_choose_plain(l->program, LP_FAMILY_REQUANTIZE_S8, "lp_requantize_s8__reference", &args)
                             : NULL;
    return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct lp_requantize_s8, in),
                                            offsetof(struct lp_requantize_s8, out), LP_UNARY_IN_PLACE)
                           : status;
}

static lp_status lower_requantize(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_requantize args = {0};
    lp_status status = lp_requantize_params(l->graph, op, l->program->rounding, l->diag, &args);
    /* The kernel's contract: in place to bytes, or within one element type. */
    enum lp_element out = lp_op_output(l->graph, op, 0)->element;
    bool in_place = lp_element_bytes(out) == 1 || out == lp_op_input(l->graph, op, 0)->element;
    enum lp_unary_memory memory = in_place ? LP_UNARY_IN_PLACE : LP_UNARY_APART;
    return status == LP_OK ? lp_lower_unary(l, op, "lp_requantize__reference", &args, offsetof(struct lp_requantize, in),
                                            offsetof(struct lp_requantize, out), memory)
                           : status;
}

lp_status lp_lower_quantize(struct lp_lowering *l, const struct lp_op *op)
{
    enum lp_quantize_form form = lp_quantize_form(l->graph, op);
    if (form == LP_QUANTIZE_INT8)
        return lower_requantize_s8(l, op);
    if (form == LP_QUANTIZE_INTEGER)
        return lower_requantize(l, op);
    struct lp_quantize args = {0};
    lp_status status = lp_quantize_params(l->graph, op, l->diag, &args);
    bool in_place = lp_element_bytes(lp_op_output(l->graph, op, 0)->element) == 1;
    enum lp_unary_memory memory = in_place ? LP_UNARY_IN_PLACE : LP_UNARY_APART;
    return status == LP_OK ? lp_lower_unary(l, op, "lp_quantize__reference", &args, offsetof(struct lp_quantize, in),
                                            offsetof(struct lp_quantize, out), memory)
                           : status;
}

lp_status lp_lower_relu(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_requantize_s8(l, op);
}

lp_status lp_lower_dequantize(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_dequantize args = {0};
    lp_status status = lp_dequantize_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, "lp_dequantize__reference", &args, offsetof(struct lp_dequantize, in),
                                            offsetof(struct lp_dequantize, out), LP_UNARY_APART)
                           : status;
}
