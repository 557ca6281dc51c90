/* SVDF: filters make one number each of the input and remember the last ones; outputs are sums over what they remember. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

static struct lp_wide_interval times(struct lp_interval value, int32_t weight)
{
    return lp_range_product(value, (struct lp_interval){weight, weight});
}

/* What every filter makes of one input, before and after it is scaled. */
static lp_status find_features(struct lp_range_work *w, const struct lp_svdf_s8 *p, struct lp_accumulator_range *sums,
                               struct lp_interval *newest)
{
    const int8_t *weight = lp_op_input(w->graph, w->op, 1)->data;
    const struct lp_range_scaling s = {p->feature_multiplier, p->feature_shift, 0, INT16_MIN, INT16_MAX, p->rounding};
    const struct lp_interval *in = lp_range_input_folded(w, 0, (uint32_t)p->in_c);
    for (int32_t f = 0; in != NULL && f < p->units * p->rank; f++) {
        for (int32_t i = 0; i < p->in_c; i++)
            lp_range_add_terms(&sums[f],
                               times((struct lp_interval){in[i].low + p->in_offset, in[i].high + p->in_offset},
                                     weight[(int64_t)f * p->in_c + i]),
                               1);
        newest[f] = lp_range_requantize(&s, sums[f].anywhere);
    }
    return in == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

/* Whatever an earlier moment left may be remembered. */
static void add_memory(struct lp_accumulator_range *sum, const int16_t *weight, int32_t memory, struct lp_interval newest)
{
    for (int32_t t = 0; t < memory; t++)
        lp_range_add_terms(sum, times(t + 1 < memory ? (struct lp_interval){INT16_MIN, INT16_MAX} : newest, weight[t]), 1);
}

lp_status lp_range_svdf(struct lp_range_work *w)
{
    struct lp_svdf_s8 p;
    lp_status status = lp_svdf_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *bias = lp_op_input(w->graph, w->op, 3);
    const int16_t *weight = lp_op_input(w->graph, w->op, 2)->data;
    const struct lp_range_scaling s = {p.out_multiplier, p.out_shift, p.out_offset, INT8_MIN, INT8_MAX, p.rounding};
    const uint32_t filters = (uint32_t)(p.units * p.rank);
    struct lp_accumulator_range *features = LP_NEW_ARRAY(w->arena, filters, struct lp_accumulator_range);
    struct lp_interval *newest = features == NULL ? NULL : lp_range_scratch(w, filters);
    struct lp_interval *out = newest == NULL ? NULL : lp_range_output(w, (uint32_t)p.units);
    struct lp_accumulator_range *acc = out == NULL ? NULL : lp_range_accumulators(w, (uint32_t)p.units);
    if (acc == NULL)
        return lp_no_memory(w->diag);
    status = find_features(w, &p, features, newest);
    for (int32_t u = 0; u < p.units && status == LP_OK; u++) {
        const int64_t start = bias == NULL ? 0 : ((const int32_t *)bias->data)[u];
        lp_range_add_terms(&acc[u], (struct lp_wide_interval){start, start}, 1);
        for (int32_t f = u * p.rank; f < (u + 1) * p.rank; f++)
            add_memory(&acc[u], weight + (int64_t)f * p.memory, p.memory, newest[f]);
        out[u] = lp_range_requantize(&s, acc[u].anywhere);
    }
    struct lp_op_range *range = &w->ranges->ops[w->op - w->graph->ops];
    range->features = features;
    range->feature_count = filters;
    return status;
}
