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

/* Channel c is largest when it is as high and all others are as low as they can be. */
lp_status lp_range_softmax(struct lp_range_work *w)
{
    struct lp_softmax_s8 p;
    lp_status status = lp_softmax_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    uint32_t depth = (uint32_t)p.depth;
    struct lp_interval *in = lp_range_input_folded(w, 0, depth);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, depth);
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    const double step = (double)w->op->as.softmax.beta * (double)lp_op_input(w->graph, w->op, 0)->quant.scale[0];
    double low_sum = 0;
    double high_sum = 0;
    for (uint32_t c = 0; c < depth; c++) {
        low_sum += exp((in[c].low - INT8_MAX) * step);
        high_sum += exp((in[c].high - INT8_MAX) * step);
    }
    for (uint32_t c = 0; c < depth; c++) {
        double low = exp((in[c].low - INT8_MAX) * step);
        double high = exp((in[c].high - INT8_MAX) * step);
        double others_low = fmax(low_sum - low, 0);
        double others_high = fmax(high_sum - high, 0);
        /* Where the numbers leave the range of double, or cancel, nothing is said. */
        double least = low / (low + others_high);
        double most = high / (high + others_low);
        bool is_sure = low > 1e-100 && step < 100;
        out[c].low = is_sure ? output_of(least, -MARGIN) : INT8_MIN;
        out[c].high = is_sure ? output_of(most, MARGIN) : INT8_MAX;
    }
    return LP_OK;
}
