#include "compiler/optimize/rewrite.h"

#include <string.h>

/* A constant summand with one value for each channel loses the channels that the sum loses. */
static lp_status gather_summand(struct lp_rewrite *w, struct lp_op *op, uint32_t input)
{
    const struct lp_tensor *old = &w->before->tensors[op->inputs[input]];
    uint32_t channels = lp_last_dim(old);
    int32_t out = op->outputs[0];
    uint32_t period = w->channels->period[out];
    if (channels != lp_last_dim(&w->before->tensors[out]) || w->channels->left[out] == period)
        return LP_OK;
    struct lp_tensor summand = *old;
    summand.dims[summand.rank - 1] = (int32_t)(channels / period * w->channels->left[out]);
    const uint32_t element_bytes = lp_element_bytes(old->element);
    uint8_t *data = lp_arena_alloc(w->channels->arena, (size_t)lp_tensor_elements(&summand), element_bytes);
    if (data == NULL)
        return lp_no_memory(w->channels->diag);
    size_t count = 0;
    for (int64_t i = 0; i < lp_tensor_elements(old); i++)
        if (lp_channels_stays(w->channels, out, (uint32_t)(i % channels)))
            memcpy(data + element_bytes * count++, (const uint8_t *)old->data + element_bytes * (size_t)i, element_bytes);
    summand.data = data;
    return lp_rewrite_input(w, op, input, &summand);
}

lp_status lp_rewrite_summand(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < 2 && status == LP_OK; i++)
        if (w->before->tensors[before->inputs[i]].data != NULL)
            status = gather_summand(w, op, i);
    return status;
}

/* Operand `input` says the output's shape as it is now. */
static lp_status say_shape(struct lp_rewrite *w, struct lp_op *op, uint32_t input)
{
    const struct lp_tensor *out = lp_op_output(w->after, op, 0);
    struct lp_tensor shape = w->before->tensors[op->inputs[input]];
    void *data = lp_arena_alloc(w->channels->arena, out->rank, sizeof(int64_t));
    if (data == NULL)
        return lp_no_memory(w->channels->diag);
    for (uint8_t d = 0; d < out->rank; d++) {
        if (shape.element == LP_ELEMENT_INT64)
            ((int64_t *)data)[d] = out->dims[d];
        else
            ((int32_t *)data)[d] = out->dims[d];
    }
    shape.data = data;
    return lp_rewrite_input(w, op, input, &shape);
}

lp_status lp_rewrite_out_shape(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    bool is_same = lp_tensors_same_shape(lp_op_output(w->after, op, 0), lp_op_output(w->before, before, 0));
    return is_same ? LP_OK : say_shape(w, op, 0);
}

/* Where a RESHAPE says the new shape, it says the smaller one. */
lp_status lp_rewrite_new_shape(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    const struct lp_tensor *out = lp_op_output(w->after, op, 0);
    if (lp_tensors_same_shape(out, lp_op_output(w->before, before, 0)))
        return LP_OK;
    if (op->as.reshape.given) {
        op->as.reshape.rank = out->rank;
        memcpy(op->as.reshape.dims, out->dims, sizeof out->dims);
    }
    return lp_op_input(w->before, before, 1) == NULL ? LP_OK : say_shape(w, op, 1);
}
