/* Rows whose elements depend on each other: SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

/* How far the kernels' fixed-point results may be from the true value: SOFTMAX rounds down and is less than 1.01 away, and the
 * sum here is a little inexact too; the others round to the nearest with much less than half a step of error. SOFTMAX of int16
 * reads exponentials from a table: each is up to 2 steps of 2^-15 away, also where it should vanish, and so are all in the sum. */
enum { SOFTMAX_MARGIN = 2, NEAREST_MARGIN = 1, WIDE_MARGIN = 8, WIDE_MARGIN_OF_EACH = 2 };

static int32_t clamp(double value)
{
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : (int32_t)value;
}

/* Beyond, exponentials leave the range of double. Nothing is said then. */
static const double largest_exponent = 510;

/* before[c]: sum of the exponentials of the channels in front of c; behind[c]: of those after it. Differences of sums would
 * cancel. */
struct sums {
    double *at, *before, *behind;
};

/* The kernels' sums of exponentials: 2^-19 is their unit, 2^-15 of int16, of which the largest element's is 1. */
enum { ONE_OF_SUM = 1 << 19, ONE_OF_WIDE_SUM = INT16_MAX };

static lp_status add_exponentials(struct lp_range_work *w, int64_t depth, int64_t one, int64_t least)
{
    struct lp_accumulator_range *acc = lp_range_accumulators(w, 1);
    if (acc == NULL)
        return LP_OUT_OF_MEMORY;
    lp_range_add_terms(acc, (struct lp_wide_interval){0, one}, depth);
    acc->anywhere.low = acc->interior.low = least;
    return LP_OK;
}

/* Exponentials are relative to that of `top`. */
static bool add_up(struct lp_range_work *w, const struct lp_interval *in, uint32_t depth, bool high, double step, int32_t top,
                   struct sums *s)
{
    s->at = LP_NEW_ARRAY(w->arena, depth, double);
    s->before = LP_NEW_ARRAY(w->arena, depth, double);
    s->behind = LP_NEW_ARRAY(w->arena, depth, double);
    if (s->at == NULL || s->before == NULL || s->behind == NULL)
        return false;
    for (uint32_t c = 0; c < depth; c++) {
        s->at[c] = exp(((high ? in[c].high : in[c].low) - top) * step);
        s->before[c] = c == 0 ? 0 : s->before[c - 1] + s->at[c - 1];
    }
    for (uint32_t c = depth; c-- > 0;)
        s->behind[c] = c + 1 == depth ? 0 : s->behind[c + 1] + s->at[c + 1];
    return true;
}

/* The exponentials of channel c and of all others, where c is as low as it can be and they are as high, and the other way
 * round: nothing else makes its share smaller or larger. */
struct shares {
    double low, high_of_others, high, low_of_others;
    uint32_t depth;
};

static struct lp_interval softmax_of(const struct shares *s)
{
    double least = s->low / (s->low + s->high_of_others);
    double most = s->high / (s->high + s->low_of_others);
    return (struct lp_interval){clamp(floor(least * 256) + INT8_MIN - SOFTMAX_MARGIN),
                                clamp(floor(most * 256) + INT8_MIN + SOFTMAX_MARGIN)};
}

static struct lp_interval softmax_s16_of(const struct shares *s)
{
    double least = s->low / (s->low + s->high_of_others);
    double most = s->high / (s->high + s->low_of_others);
    double margin = WIDE_MARGIN + WIDE_MARGIN_OF_EACH * (double)s->depth;
    return (struct lp_interval){(int32_t)fmax(floor(least * 32768 - margin), 0),
                                (int32_t)fmin(ceil(most * 32768 + margin), INT16_MAX)};
}

static struct lp_interval log_softmax_of(const struct shares *s)
{
    double least = -log1p(s->high_of_others / s->low);
    double most = -log1p(s->low_of_others / s->high);
    return (struct lp_interval){clamp(floor(least * 16 + 0.5) + INT8_MAX - NEAREST_MARGIN),
                                clamp(floor(most * 16 + 0.5) + INT8_MAX + NEAREST_MARGIN)};
}

static lp_status find_shares(struct lp_range_work *w, uint32_t depth, double step,
                             struct lp_interval (*of)(const struct shares *s))
{
    struct lp_interval *in = lp_range_input_folded(w, 0, depth);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, depth);
    struct lp_interval all = {0, 0};
    struct sums low, high;
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    lp_range_of_element(lp_op_input(w->graph, w->op, 0)->element, &all);
    bool is_known = step * ((double)all.high - all.low) < largest_exponent;
    if (!add_up(w, in, depth, false, step, all.high, &low) || !add_up(w, in, depth, true, step, all.high, &high))
        return lp_no_memory(w->diag);
    for (uint32_t c = 0; c < depth; c++) {
        const struct shares s = {low.at[c], high.before[c] + high.behind[c], high.at[c], low.before[c] + low.behind[c], depth};
        out[c] = is_known ? of(&s) : all;
    }
    return LP_OK;
}

static double step_of(const struct lp_range_work *w, float beta)
{
    return (double)beta * (double)lp_op_input(w->graph, w->op, 0)->quant.scale[0];
}

static lp_status softmax_s16(struct lp_range_work *w)
{
    struct lp_softmax_s16 p;
    lp_status status = lp_softmax_s16_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status == LP_OK)
        status = add_exponentials(w, p.depth, ONE_OF_WIDE_SUM, 0);
    return status == LP_OK ? find_shares(w, (uint32_t)p.depth, step_of(w, w->op->as.softmax.beta), softmax_s16_of) : status;
}

lp_status lp_range_softmax(struct lp_range_work *w)
{
    struct lp_softmax_s8 p;
    if (lp_op_input(w->graph, w->op, 0)->element != LP_ELEMENT_INT8)
        return softmax_s16(w);
    lp_status status = lp_softmax_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status == LP_OK)
        status = add_exponentials(w, p.depth, ONE_OF_SUM, ONE_OF_SUM);
    return status == LP_OK ? find_shares(w, (uint32_t)p.depth, step_of(w, w->op->as.softmax.beta), softmax_of) : status;
}

lp_status lp_range_log_softmax(struct lp_range_work *w)
{
    struct lp_log_softmax_s8 p;
    lp_status status = lp_log_softmax_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status == LP_OK)
        status = add_exponentials(w, p.depth, ONE_OF_SUM, ONE_OF_SUM);
    return status == LP_OK ? find_shares(w, (uint32_t)p.depth, step_of(w, 1), log_softmax_of) : status;
}

/* Smallest and largest square. */
static struct lp_wide_interval square_of(struct lp_interval v)
{
    int64_t low = (int64_t)v.low * v.low, high = (int64_t)v.high * v.high;
    int64_t least = v.low <= 0 && v.high >= 0 ? 0 : low < high ? low : high;
    return (struct lp_wide_interval){least, low > high ? low : high};
}

/* value / sqrt(value^2 + others), in steps of the output. */
static double normalized(int32_t value, int64_t others)
{
    return value == 0 ? 0 : 128.0 * value / sqrt((double)((int64_t)value * value + others));
}

/* An element's share rises with it. The other squares bring it nearer to zero, from either side. */
lp_status lp_range_l2_normalization(struct lp_range_work *w)
{
    struct lp_l2_normalization_s8 p;
    lp_status status = lp_l2_normalization_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    struct lp_interval *in = lp_range_input_folded(w, 0, (uint32_t)p.depth);
    struct lp_interval *out = in == NULL ? NULL : lp_range_output(w, (uint32_t)p.depth);
    struct lp_accumulator_range *acc = out == NULL ? NULL : lp_range_accumulators(w, 1);
    if (acc == NULL)
        return LP_OUT_OF_MEMORY;
    for (int32_t c = 0; c < p.depth; c++) {
        in[c] = (struct lp_interval){in[c].low + p.in_offset, in[c].high + p.in_offset};
        lp_range_add_terms(acc, square_of(in[c]), 1);
    }
    const struct lp_wide_interval all = acc->anywhere;
    for (int32_t c = 0; out != NULL && c < p.depth; c++) {
        struct lp_wide_interval own = square_of(in[c]);
        struct lp_wide_interval others = {all.low - own.low, all.high - own.high};
        double least = normalized(in[c].low, in[c].low < 0 ? others.low : others.high);
        double most = normalized(in[c].high, in[c].high > 0 ? others.low : others.high);
        out[c] = (struct lp_interval){clamp(floor(least + 0.5) - NEAREST_MARGIN), clamp(floor(most + 0.5) + NEAREST_MARGIN)};
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
