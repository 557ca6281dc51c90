#include "cli/compare.h"

#include <math.h>

double lp_element_value(enum lp_element element, const void *data, int64_t i)
{
    switch (element) {
    case LP_ELEMENT_INT8:
        return (double)((const int8_t *)data)[i];
    case LP_ELEMENT_INT16:
        return (double)((const int16_t *)data)[i];
    case LP_ELEMENT_INT32:
        return (double)((const int32_t *)data)[i];
    case LP_ELEMENT_INT64:
        return (double)((const int64_t *)data)[i];
    case LP_ELEMENT_FLOAT32:
        return (double)((const float *)data)[i];
    default:
        return (double)((const uint8_t *)data)[i];
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

/* Nothing varies or everything is zero: exact agreement counts as 1, anything else as 0. */
static double ratio(double numerator, double denominator, bool is_exact)
{
    return denominator > 0 ? numerator / denominator : is_exact ? 1 : 0;
}

void lp_compare_json(const struct lp_compare *c, json_t *into)
{
    double n = c->elements == 0 ? 1 : (double)c->elements;
    double variance = c->sum_aa - c->sum_a * c->sum_a / n;
    bool is_exact = lp_compare_is_exact(c);
    json_object_set_new(into, "exact", json_real((double)c->exact / n));
    json_object_set_new(into, "max_abs_diff", json_real(c->max_abs_diff));
    json_object_set_new(into, "bias", json_real(c->sum_diff / n));
    json_object_set_new(into, "rmse", json_real(sqrt(c->sum_square / n)));
    json_object_set_new(into, "mae", json_real(c->sum_abs / n));
    json_object_set_new(into, "cosine", json_real(is_exact ? 1 : ratio(c->sum_ab, sqrt(c->sum_aa) * sqrt(c->sum_bb), false)));
    json_object_set_new(into, "nse", json_real(is_exact ? 1 : 1 - ratio(c->sum_square, variance, false)));
    json_object_set_new(into, "argmax_agreement", json_real(c->inferences == 0 ? 1 : (double)c->argmax_agreed / (double)c->inferences));
}
