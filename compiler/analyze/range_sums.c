/* Accumulators of operators that sum without a filter: AVERAGE_POOL_2D, MEAN, BATCH_MATMUL. */
#include "compiler/analyze/range_rules.h"

struct lp_accumulator_range *lp_range_accumulators(struct lp_range_work *w, uint32_t count)
{
    struct lp_accumulator_range *acc = LP_NEW_ARRAY(w->arena, count, struct lp_accumulator_range);
    if (acc == NULL)
        (void)lp_no_memory(w->diag);
    else
        w->ranges->ops[w->op - w->graph->ops] = (struct lp_op_range){.count = count, .of = acc};
    return acc;
}

static void add(struct lp_wide_interval *sum, struct lp_wide_interval term, int64_t times)
{
    sum->low += term.low * times;
    sum->high += term.high * times;
}

void lp_range_add_terms(struct lp_accumulator_range *acc, struct lp_wide_interval term, int64_t times)
{
    add(&acc->anywhere, term, times);
    add(&acc->interior, term, times);
    /* A part of the terms leaves out what it likes. */
    add(&acc->partial, (struct lp_wide_interval){term.low < 0 ? term.low : 0, term.high > 0 ? term.high : 0}, times);
}

void lp_range_join_sums(struct lp_accumulator_range *acc, const struct lp_accumulator_range *other)
{
    struct lp_wide_interval *to[] = {&acc->anywhere, &acc->interior, &acc->partial};
    const struct lp_wide_interval *from[] = {&other->anywhere, &other->interior, &other->partial};
    for (size_t i = 0; i < LP_COUNT(to); i++) {
        to[i]->low = from[i]->low < to[i]->low ? from[i]->low : to[i]->low;
        to[i]->high = from[i]->high > to[i]->high ? from[i]->high : to[i]->high;
    }
}

struct counts {
    int64_t least, most;
};

/* Elements of the map that a window sees along one side. */
static struct counts counts_along(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t pad)
{
    struct counts n = {kernel, 0};
    for (int64_t o = 0; o < out; o++) {
        int64_t start = o * stride - pad, end = start + kernel;
        int64_t seen = (end < in ? end : in) - (start > 0 ? start : 0);
        n.least = seen < n.least ? seen : n.least;
        n.most = seen > n.most ? seen : n.most;
    }
    return n;
}

lp_status lp_range_average_sums(struct lp_range_work *w, const struct lp_pool_s8 *p, const struct lp_interval *in)
{
    struct lp_accumulator_range *acc = lp_range_accumulators(w, (uint32_t)p->channels);
    const struct counts y = counts_along(p->in_h, p->out_h, p->kernel_h, p->stride_h, p->pad_top);
    const struct counts x = counts_along(p->in_w, p->out_w, p->kernel_w, p->stride_w, p->pad_left);
    const bool has_interior = y.most == p->kernel_h && x.most == p->kernel_w;
    for (int32_t c = 0; acc != NULL && c < p->channels; c++) {
        struct lp_wide_interval term = {in[c].low, in[c].high};
        struct lp_accumulator_range fewest = {0};
        lp_range_add_terms(&acc[c], term, y.most * x.most);
        lp_range_add_terms(&fewest, term, y.least * x.least);
        const struct lp_wide_interval interior = acc[c].interior;
        lp_range_join_sums(&acc[c], &fewest);
        acc[c].interior = has_interior ? interior : acc[c].anywhere;
    }
    return acc == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
