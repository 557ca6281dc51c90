/* Functions of one byte, reductions, interpolation and products of matrices. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

/* Every value of the interval is looked up. */
lp_status lp_range_table(struct lp_range_work *w)
{
    struct lp_table_s8 p;
    int8_t table[LP_TABLE_BYTES];
    if (lp_op_input(w->graph, w->op, 0)->element != LP_ELEMENT_INT8)
        return lp_range_unknown(w);
    lp_status status = lp_table_params(w->graph, w->op, w->ranges->rounding, w->diag, table, &p);
    if (status != LP_OK)
        return status;
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    struct lp_interval *out = lp_range_output(w, in->period);
    for (uint32_t i = 0; out != NULL && i < in->period; i++) {
        out[i] = (struct lp_interval){INT8_MAX, INT8_MIN};
        for (int32_t v = in->of[i].low; v <= in->of[i].high; v++) {
            int32_t result = table[v - INT8_MIN];
            out[i] = lp_range_hull(out[i], (struct lp_interval){result, result});
        }
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

/* REDUCE_MAX and REDUCE_MIN give one of their inputs, of any channel. */
lp_status lp_range_reduce(struct lp_range_work *w)
{
    struct lp_reduce p;
    lp_status status = lp_reduce_params(w->graph, w->op, w->diag, &p);
    struct lp_interval *in = status == LP_OK ? lp_range_input_folded(w, 0, 1) : NULL;
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, 1);
    if (out != NULL)
        *out = *in;
    return status == LP_OK && out == NULL ? LP_OUT_OF_MEMORY : status;
}

/* RESIZE_BILINEAR: weights are not negative and add up to one, except in front of the map, where both neighbours are one. */
lp_status lp_range_blend(struct lp_range_work *w)
{
    struct lp_resize_bilinear_s8 p;
    lp_status status = lp_resize_bilinear_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const uint32_t channels = (uint32_t)p.channels;
    struct lp_interval *in = lp_range_input_folded(w, 0, channels);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, channels);
    for (uint32_t c = 0; out != NULL && c < channels; c++)
        out[c] = in[c];
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

lp_status lp_range_arg_max(struct lp_range_work *w)
{
    struct lp_arg_max p;
    lp_status status = lp_arg_max_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK || p.out_element != LP_ELEMENT_INT32)
        return status;
    struct lp_interval *out = lp_range_output(w, 1);
    if (out != NULL)
        *out = (struct lp_interval){0, p.size - 1};
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

lp_status lp_range_batch_matmul(struct lp_range_work *w)
{
    struct lp_batch_matmul_s8 p;
    lp_status status = lp_batch_matmul_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    struct lp_interval *a = status == LP_OK ? lp_range_input_folded(w, 0, 1) : NULL;
    struct lp_interval *b = a == NULL ? NULL : lp_range_input_folded(w, 1, 1);
    struct lp_interval *out = b == NULL ? NULL : lp_range_output(w, 1);
    if (out == NULL)
        return status == LP_OK ? LP_OUT_OF_MEMORY : status;
    const int64_t ends[2][2] = {{a->low + p.in1_offset, a->high + p.in1_offset}, {b->low + p.in2_offset, b->high + p.in2_offset}};
    struct lp_wide_interval sum = {INT64_MAX, INT64_MIN};
    for (uint32_t i = 0; i < 4; i++) {
        int64_t corner = ends[0][i & 1] * ends[1][i >> 1] * p.depth;
        sum.low = corner < sum.low ? corner : sum.low;
        sum.high = corner > sum.high ? corner : sum.high;
    }
    const struct lp_range_scaling s = {p.multiplier, p.shift, p.out_offset, INT8_MIN, INT8_MAX, p.rounding};
    *out = lp_range_requantize(&s, sum);
    return LP_OK;
}
