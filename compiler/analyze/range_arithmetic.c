/* Functions of one byte, reductions, interpolation and products of matrices. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

/* Every value of the interval is looked up. */
lp_status lp_range_table(struct lp_range_work *w)
{
    struct lp_table_s8 p;
    int8_t table[LP_TABLE_BYTES];
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

/* 32768 times the true function; it never falls. */
static double sigmoid_of(bool is_tanh, double x)
{
    return 32768 * (is_tanh ? tanh(x) : 1 / (1 + exp(-x)));
}

/* LOGISTIC and TANH of int16 are read from a table of 24 entries for 1, between which the kernel goes straight: up to 1.4 steps
 * away, and about as much by the 15 bits of the input's factor and by rounding. */
static lp_status sigmoid_s16(struct lp_range_work *w)
{
    enum { MARGIN = 4 };
    struct lp_sigmoid_s16 p;
    lp_status status = lp_sigmoid_s16_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK)
        return status;
    const double scale = (double)lp_op_input(w->graph, w->op, 0)->quant.scale[0];
    const double lowest = p.is_tanh != 0 ? INT16_MIN : 0;
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    struct lp_interval *out = lp_range_output(w, in->period);
    for (uint32_t i = 0; out != NULL && i < in->period; i++) {
        double low = floor(sigmoid_of(p.is_tanh != 0, scale * in->of[i].low)) - MARGIN;
        double high = ceil(sigmoid_of(p.is_tanh != 0, scale * in->of[i].high)) + MARGIN;
        out[i] = (struct lp_interval){(int32_t)fmax(low, lowest), (int32_t)fmin(high, INT16_MAX)};
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

lp_status lp_range_sigmoid(struct lp_range_work *w)
{
    return lp_op_input(w->graph, w->op, 0)->element == LP_ELEMENT_INT8 ? lp_range_table(w) : sigmoid_s16(w);
}

/* Two lines that meet at zero and never fall. */
static struct lp_interval bend(const struct lp_leaky_relu_s16 *p, struct lp_interval v)
{
    const struct lp_range_scaling below = {p->negative_multiplier, p->negative_shift, 0, INT16_MIN, INT16_MAX, p->rounding};
    const struct lp_range_scaling above = {p->positive_multiplier, p->positive_shift, 0, INT16_MIN, INT16_MAX, p->rounding};
    if (v.low >= 0)
        return lp_range_requantize(&above, (struct lp_wide_interval){v.low, v.high});
    struct lp_interval negative = lp_range_requantize(&below, (struct lp_wide_interval){v.low, v.high < 0 ? v.high : -1});
    return v.high < 0 ? negative : lp_range_hull(negative, lp_range_requantize(&above, (struct lp_wide_interval){0, v.high}));
}

lp_status lp_range_leaky_relu(struct lp_range_work *w)
{
    struct lp_leaky_relu_s16 p;
    if (lp_op_input(w->graph, w->op, 0)->element == LP_ELEMENT_INT8)
        return lp_range_table(w);
    lp_status status = lp_leaky_relu_s16_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    struct lp_interval *out = lp_range_output(w, in->period);
    for (uint32_t i = 0; out != NULL && i < in->period; i++)
        out[i] = bend(&p, in->of[i]);
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

/* lp_range_requantize of int8, lp_range_requantize_wide of int16. */
typedef struct lp_interval requantize_rule(const struct lp_range_scaling *s, struct lp_wide_interval sum);

/* Both inputs less their zero points: by place in the sum; by place and column, one matrix behind the other. */
struct factors {
    struct lp_interval *left, *right;
    uint32_t matrices;
};

/* The first input's rows are taken together. So are the second one's matrices unless each has its own intervals. */
static lp_status find_factors(struct lp_range_work *w, const struct lp_batch_matmul *p, struct factors *f)
{
    const uint32_t depth = (uint32_t)p->depth, rows = (uint32_t)p->rows, columns = (uint32_t)p->columns;
    const uint32_t size = depth * columns;
    const uint32_t period = lp_range_input(w, 1)->period;
    f->matrices = period % size == 0 ? period / size : 1;
    struct lp_interval *a = lp_range_input_folded(w, 0, rows * depth);
    struct lp_interval *b = a == NULL ? NULL : lp_range_input_folded(w, 1, f->matrices * size);
    f->left = b == NULL ? NULL : lp_range_scratch(w, depth);
    f->right = f->left == NULL ? NULL : lp_range_scratch(w, f->matrices * size);
    if (f->right == NULL)
        return LP_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < rows * depth; i++) {
        uint32_t row = i / depth, k = i % depth;
        struct lp_interval value = a[row * (uint32_t)p->in1_row + k * (uint32_t)p->in1_depth];
        value = (struct lp_interval){value.low + p->in1_offset, value.high + p->in1_offset};
        f->left[k] = row == 0 ? value : lp_range_hull(f->left[k], value);
    }
    for (uint32_t i = 0; i < f->matrices * size; i++) {
        uint32_t k = i % size / columns, column = i % columns;
        struct lp_interval value = b[i / size * size + k * (uint32_t)p->in2_depth + column * (uint32_t)p->in2_column];
        f->right[i] = (struct lp_interval){value.low + p->in2_offset, value.high + p->in2_offset};
    }
    return LP_OK;
}

/* Operands that are too large to be looked at one by one: every product may be any. */
static lp_status sum_alike(struct lp_range_work *w, const struct lp_batch_matmul *p, const struct lp_range_scaling *s,
                           requantize_rule *requantize)
{
    const struct lp_interval *a = lp_range_input_folded(w, 0, 1);
    const struct lp_interval *b = a == NULL ? NULL : lp_range_input_folded(w, 1, 1);
    struct lp_interval *out = b == NULL ? NULL : lp_range_output(w, 1);
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    struct lp_accumulator_range *acc = lp_range_accumulators(w, 1);
    if (acc == NULL)
        return LP_OUT_OF_MEMORY;
    lp_range_add_terms(acc,
                       lp_range_product((struct lp_interval){a->low + p->in1_offset, a->high + p->in1_offset},
                                        (struct lp_interval){b->low + p->in2_offset, b->high + p->in2_offset}),
                       p->depth);
    *out = requantize(s, acc->anywhere);
    return LP_OK;
}

/* One interval a column. */
lp_status lp_range_batch_matmul(struct lp_range_work *w)
{
    struct lp_batch_matmul p;
    struct factors f;
    lp_status status = lp_batch_matmul_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    if (status != LP_OK)
        return status;
    const bool is_int16 = lp_op_input(w->graph, w->op, 0)->element == LP_ELEMENT_INT16;
    const struct lp_range_scaling s = {
        p.multiplier, p.shift, p.out_offset, is_int16 ? INT16_MIN : INT8_MIN, is_int16 ? INT16_MAX : INT8_MAX, p.rounding};
    requantize_rule *requantize = is_int16 ? lp_range_requantize_wide : lp_range_requantize;
    int64_t larger_side = p.rows > p.columns ? p.rows : p.columns;
    if (larger_side * p.depth > LP_RANGE_LONGEST_PERIOD)
        return sum_alike(w, &p, &s, requantize);
    status = find_factors(w, &p, &f);
    if (status != LP_OK)
        return status;
    const uint32_t columns = (uint32_t)p.columns;
    struct lp_interval *out = lp_range_output(w, columns);
    struct lp_accumulator_range *acc = out == NULL ? NULL : lp_range_accumulators(w, columns);
    for (uint32_t i = 0; acc != NULL && i < f.matrices * columns; i++) {
        struct lp_accumulator_range sum = {0};
        for (uint32_t k = 0; k < (uint32_t)p.depth; k++) {
            uint32_t at = (i / columns * (uint32_t)p.depth + k) * columns + i % columns;
            lp_range_add_terms(&sum, lp_range_product(f.left[k], f.right[at]), 1);
        }
        if (i < columns)
            acc[i] = sum;
        else
            lp_range_join_sums(&acc[i % columns], &sum);
        out[i % columns] = requantize(&s, acc[i % columns].anywhere);
    }
    return acc == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
