#include "cli/compare.h"

#include <math.h>

double lp_element_value(enum lp_element element, const void *data, int64_t i)
{
    switch (element) {
    case LP_ELEMENT_INT8: return (double)((const int8_t *)data)[i];
    case LP_ELEMENT_INT16: return (double)((const int16_t *)data)[i];
    case LP_ELEMENT_INT32: return (double)((const int32_t *)data)[i];
    case LP_ELEMENT_INT64: return (double)((const int64_t *)data)[i];
    case LP_ELEMENT_FLOAT32: return (double)((const float *)data)[i];
    default: return (double)((const uint8_t *)data)[i];
    }
}

/* Sums for cosine and efficiency are about real values: zero points shift the integers. */
static double real_value(const struct lp_tensor *t, double value)
{
    return t->quant.count == 0 ? value : value - t->quant.zero_point[0];
}

void lp_compare_add(struct lp_compare *c, const struct lp_tensor *tensor, const void *reference, const void *seen)
{
    int64_t elements = lp_tensor_elements(tensor);
    int64_t best_reference = 0;
    int64_t best_seen = 0;
    for (int64_t i = 0; i < elements; i++) {
        double a = lp_element_value(tensor->element, reference, i);
        double b = lp_element_value(tensor->element, seen, i);
        bool same = a == b || (isnan(a) && isnan(b));
        double diff = same ? 0 : b - a;
        c->exact += same;
        c->max_abs_diff = fmax(c->max_abs_diff, isnan(diff) ? INFINITY : fabs(diff));
        c->sum_diff += diff;
        c->sum_abs += fabs(diff);
        c->sum_square += diff * diff;
        if (a > lp_element_value(tensor->element, reference, best_reference))
            best_reference = i;
        if (b > lp_element_value(tensor->element, seen, best_seen))
            best_seen = i;
        a = real_value(tensor, a);
        b = real_value(tensor, b);
        c->sum_ab += a * b;
        c->sum_aa += a * a;
        c->sum_bb += b * b;
        c->sum_a += a;
    }
    c->elements += (uint64_t)elements;
    c->inferences++;
    c->argmax_agreed += best_reference == best_seen;
}

/* JSON has no infinity and no NaN: what cannot be computed is null, and the key is always there. */
static void set_number(json_t *into, const char *key, double value)
{
    json_object_set_new(into, key, isfinite(value) ? json_real(value) : json_null());
}

/* Exact agreement counts as 1, also where nothing varies or everything is zero. Otherwise such a measure has no value. */
static double cosine(const struct lp_compare *c)
{
    return lp_compare_is_exact(c) ? 1 : c->sum_ab / (sqrt(c->sum_aa) * sqrt(c->sum_bb));
}

static double efficiency(const struct lp_compare *c, double n)
{
    double variance = c->sum_aa - c->sum_a * c->sum_a / n;
    return lp_compare_is_exact(c) ? 1 : variance > 0 ? 1 - c->sum_square / variance : NAN;
}

void lp_compare_json(const struct lp_compare *c, json_t *into)
{
    double n = c->elements == 0 ? 1 : (double)c->elements;
    set_number(into, "exact", c->elements == 0 ? 1 : (double)c->exact / n);
    set_number(into, "max_abs_diff", c->max_abs_diff);
    set_number(into, "bias", c->sum_diff / n);
    set_number(into, "rmse", sqrt(c->sum_square / n));
    set_number(into, "mae", c->sum_abs / n);
    set_number(into, "cosine", cosine(c));
    set_number(into, "nse", efficiency(c, n));
    set_number(into, "argmax_agreement", c->inferences == 0 ? 1 : (double)c->argmax_agreed / (double)c->inferences);
}
