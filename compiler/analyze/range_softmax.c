#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

/* The kernel's fixed-point result is less than 1.01 away from the true value, and the sum here is a little inexact too. */
enum { MARGIN = 2 };

static int32_t output_of(double probability, int32_t margin)
{
    double value = floor(probability * 256) + INT8_MIN + margin;
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : (int32_t)value;
}

/* before[c]: sum of the exponentials of the channels in front of c; behind[c]: of those after it. Differences of sums would
 * cancel. */
struct sums {
    double *at, *before, *behind;
};

static bool add_up(struct lp_range_work *w, const struct lp_interval *in, uint32_t depth, bool high, double step, struct sums *s)
{
    s->at = LP_NEW_ARRAY(w->arena, depth, double);
    s->before = LP_NEW_ARRAY(w->arena, depth, double);
    s->behind = LP_NEW_ARRAY(w->arena, depth, double);
    if (s->at == NULL || s->before == NULL || s->behind == NULL)
        return false;
    for (uint32_t c = 0; c < depth; c++) {
        s->at[c] = exp(((high ? in[c].high : in[c].low) - INT8_MAX) * step);
        s->before[c] = c == 0 ? 0 : s->before[c - 1] + s->at[c - 1];
    }
    for (uint32_t c = depth; c-- > 0;)
        s->behind[c] = c + 1 == depth ? 0 : s->behind[c + 1] + s->at[c + 1];
    return true;
}

/* Probabilities are never negative. */
static lp_status softmax_s16(struct lp_range_work *w)
{
    struct lp_interval *out = lp_range_output(w, 1);
    if (out != NULL)
        *out = (struct lp_interval){0, INT16_MAX};
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

/* Channel c is largest when it is as high and all others are as low as they can be. */
lp_status lp_range_softmax(struct lp_range_work *w)
{
    struct lp_softmax_s8 p;
    if (lp_op_input(w->graph, w->op, 0)->element != LP_ELEMENT_INT8)
        return softmax_s16(w);
    lp_status status = lp_softmax_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    uint32_t depth = (uint32_t)p.depth;
    struct lp_interval *in = lp_range_input_folded(w, 0, depth);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, depth);
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    const double step = (double)w->op->as.softmax.beta * (double)lp_op_input(w->graph, w->op, 0)->quant.scale[0];
    /* Beyond, exponentials leave the range of double. Nothing is said then. */
    const double largest_step = 2;
    struct sums low, high;
    if (!add_up(w, in, depth, false, step, &low) || !add_up(w, in, depth, true, step, &high))
        return lp_no_memory(w->diag);
    for (uint32_t c = 0; c < depth; c++) {
        double least = low.at[c] / (low.at[c] + high.before[c] + high.behind[c]);
        double most = high.at[c] / (high.at[c] + low.before[c] + low.behind[c]);
        out[c].low = step < largest_step ? output_of(least, -MARGIN) : INT8_MIN;
        out[c].high = step < largest_step ? output_of(most, MARGIN) : INT8_MAX;
    }
    return LP_OK;
}
