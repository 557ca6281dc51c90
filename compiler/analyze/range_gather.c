/* Pools, padding and mean: operators that gather or spread elements of one channel. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

/* The largest and the average of values from an interval lie in it, and the rounding of the average keeps order; padding
 * doesn't count. */
lp_status lp_range_pool(struct lp_range_work *w)
{
    struct lp_pool_s8 p;
    lp_status status = lp_pool_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK)
        return status;
    uint32_t channels = (uint32_t)p.channels;
    struct lp_interval *in = lp_range_input_folded(w, 0, channels);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, channels);
    for (uint32_t c = 0; out != NULL && c < channels; c++)
        out[c] = (struct lp_interval){lp_clamp_s32(in[c].low, p.act_min, p.act_max),
                                      lp_clamp_s32(in[c].high, p.act_min, p.act_max)};
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    return w->op->kind == LP_OP_AVERAGE_POOL_2D ? lp_range_average_sums(w, &p, in) : LP_OK;
}

/* Number i of the paddings, which lp_pad_params has found to be constant. */
static int64_t padding_at(const struct lp_tensor *pads, uint32_t i)
{
    return pads->element == LP_ELEMENT_INT64 ? ((const int64_t *)pads->data)[i] : ((const int32_t *)pads->data)[i];
}

/* The number that an element's lowest bytes mean. */
static int32_t pattern_value(enum lp_element element, uint32_t bits)
{
    switch (element) {
    case LP_ELEMENT_INT8: return (int8_t)bits;
    case LP_ELEMENT_UINT8: return (uint8_t)bits;
    case LP_ELEMENT_INT16: return (int16_t)bits;
    default: return (int32_t)bits;
    }
}

lp_status lp_range_pad(struct lp_range_work *w)
{
    struct lp_pad p;
    lp_status status = lp_pad_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK || lp_range_input(w, 0)->period == 0)
        return status;
    const struct lp_tensor *in_tensor = lp_op_input(w->graph, w->op, 0);
    const struct lp_tensor *out_tensor = lp_op_output(w->graph, w->op, 0);
    const struct lp_tensor *pads = lp_op_input(w->graph, w->op, 1);
    bool is_bordered = false; /* along a dimension other than the channels */
    for (uint32_t d = 0; d + 1 < in_tensor->rank; d++)
        is_bordered = is_bordered || padding_at(pads, 2 * d) != 0 || padding_at(pads, 2 * d + 1) != 0;
    uint32_t in_channels = lp_range_channels(in_tensor);
    uint32_t out_channels = lp_range_channels(out_tensor);
    uint32_t before = in_tensor->rank == 0 ? 0 : (uint32_t)padding_at(pads, 2 * (in_tensor->rank - 1u));
    int32_t border = pattern_value(in_tensor->element, p.value);
    struct lp_interval *in = lp_range_input_folded(w, 0, in_channels);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, out_channels);
    for (uint32_t c = 0; out != NULL && c < out_channels; c++) {
        out[c] = (struct lp_interval){border, border};
        if (c >= before && c - before < in_channels)
            out[c] = is_bordered ? lp_range_hull(out[c], in[c - before]) : in[c - before];
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

/* Elements that follow each other in memory and are all kept, or all summed: dims of stride 1, 1 when there are none. */
static uint32_t innermost(const int32_t *dims, const int32_t *strides)
{
    for (uint32_t i = 0; i < LP_MEAN_RANK; i++)
        if (dims[i] > 1 && strides[i] == 1)
            return (uint32_t)dims[i];
    return 1;
}

lp_status lp_range_mean(struct lp_range_work *w)
{
    struct lp_mean_s8 p;
    lp_status status = lp_mean_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_range_scaling s = {p.multiplier, p.shift, p.out_offset, INT8_MIN, INT8_MAX, p.rounding};
    int64_t count = 1;
    for (uint32_t i = 0; i < LP_MEAN_RANK; i++)
        count *= p.reduce_dims[i];
    uint32_t kept = innermost(p.keep_dims, p.keep_stride);
    uint32_t summed = innermost(p.reduce_dims, p.reduce_stride);
    /* All other strides are multiples of the innermost run, so its elements are the remainders. One of the two runs is 1. */
    struct lp_interval *in = lp_range_input_folded(w, 0, kept > summed ? kept : summed);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, kept);
    struct lp_accumulator_range *acc = out == NULL ? NULL : lp_range_accumulators(w, kept);
    for (uint32_t c = 0; acc != NULL && c < kept; c++) {
        lp_range_add_terms(&acc[c], (struct lp_wide_interval){p.sum_offset, p.sum_offset}, 1);
        for (uint32_t i = 0; i < summed; i++)
            lp_range_add_terms(&acc[c], (struct lp_wide_interval){in[c + i].low, in[c + i].high}, count / summed);
        out[c] = lp_range_requantize(&s, acc[c].anywhere);
    }
    return acc == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
