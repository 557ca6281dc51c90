/* Requantization, and the operators that are nothing else or nothing at all. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

static bool fits_int32(int64_t value)
{
    return value >= INT32_MIN && value <= INT32_MAX;
}

/* One end. False when a step leaves int32. */
static bool requantize_end(const struct lp_range_scaling *s, int64_t sum, int32_t *out)
{
    if (!fits_int32(sum))
        return false;
    int64_t scaled = 0;
    if (s->rounding == LP_ROUNDING_DOUBLE) {
        int64_t shifted = s->shift > 0 ? sum * ((int64_t)1 << s->shift) : sum;
        if (!fits_int32(shifted))
            return false;
        scaled = lp_requantize_double((int32_t)sum, s->multiplier, s->shift);
    } else {
        int32_t total = 31 - s->shift;
        scaled = (sum * s->multiplier + ((int64_t)1 << (total - 1))) >> total;
    }
    if (!fits_int32(scaled) || !fits_int32(scaled + s->offset))
        return false;
    *out = lp_clamp_s32((int32_t)(scaled + s->offset), s->min, s->max);
    return true;
}

struct lp_interval lp_range_requantize(const struct lp_range_scaling *s, struct lp_wide_interval sum)
{
    struct lp_interval result;
    if (!requantize_end(s, sum.low, &result.low) || !requantize_end(s, sum.high, &result.high))
        return (struct lp_interval){s->min, s->max};
    return result;
}

/* What does not fit int32 wraps around, and then nothing but the clamp is known. */
static bool requantize_wide_end(const struct lp_range_scaling *s, int64_t sum, int32_t *out)
{
    const double scaled = (double)sum * s->multiplier;
    *out = lp_clamp_s32(lp_requantize_wide(sum, s->multiplier, s->shift), s->min, s->max);
    return fabs(ldexp(scaled, s->shift - 31)) < INT32_MAX / 2;
}

struct lp_interval lp_range_requantize_wide(const struct lp_range_scaling *s, struct lp_wide_interval sum)
{
    struct lp_interval result;
    if (!requantize_wide_end(s, sum.low, &result.low) || !requantize_wide_end(s, sum.high, &result.high))
        return (struct lp_interval){s->min, s->max};
    return result;
}

static lp_status scale_all(struct lp_range_work *w, const struct lp_range_scaling *s, int32_t in_offset)
{
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    struct lp_interval *out = lp_range_output(w, in->period);
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < in->period; i++) {
        struct lp_wide_interval sum = {(int64_t)in->of[i].low + in_offset, (int64_t)in->of[i].high + in_offset};
        out[i] = lp_range_requantize(s, sum);
    }
    return LP_OK;
}

/* QUANTIZE of form INT8, RELU, RELU6. */
lp_status lp_range_rectify(struct lp_range_work *w)
{
    struct lp_requantize_s8 p;
    lp_status status = lp_requantize_s8_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_range_scaling s = {p.multiplier, p.shift, p.out_offset, p.act_min, p.act_max, p.rounding};
    return scale_all(w, &s, p.in_offset);
}

static lp_status quantize_integers(struct lp_range_work *w)
{
    struct lp_requantize p;
    lp_status status = lp_requantize_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    struct lp_interval all = {INT32_MIN, INT32_MAX};
    lp_range_of_element((enum lp_element)p.out_element, &all);
    const struct lp_range_scaling s = {p.multiplier, p.shift, p.out_offset, all.low, all.high, p.rounding};
    return scale_all(w, &s, p.in_offset);
}

/* A float may be anything. */
static lp_status quantize_floats(struct lp_range_work *w)
{
    struct lp_quantize p;
    lp_status status = lp_quantize_params(w->graph, w->op, w->diag, &p);
    struct lp_interval *out = status == LP_OK ? lp_range_output(w, 1) : NULL;
    if (status == LP_OK && out == NULL)
        return LP_OUT_OF_MEMORY;
    if (status == LP_OK)
        lp_range_of_element((enum lp_element)p.out_element, out);
    return status;
}

lp_status lp_range_quantize(struct lp_range_work *w)
{
    switch (lp_quantize_form(w->graph, w->op)) {
    case LP_QUANTIZE_INT8: return lp_range_rectify(w);
    case LP_QUANTIZE_INTEGER: return quantize_integers(w);
    default: return quantize_floats(w);
    }
}

/* The output is float32, which has no interval of integers. */
lp_status lp_range_dequantize(struct lp_range_work *w)
{
    struct lp_dequantize p;
    return lp_dequantize_params(w->graph, w->op, w->diag, &p);
}

/* The elements stay in their order, so the intervals stay too, whatever the shape. */
lp_status lp_range_keep(struct lp_range_work *w)
{
    w->ranges->tensors[w->op->outputs[0]] = *lp_range_input(w, 0);
    return LP_OK;
}
