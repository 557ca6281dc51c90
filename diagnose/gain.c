/* A bound, layer by layer, of what a change of the input can do before rounding: for each channel the largest change of an
 * element, and the sum over its elements. A single sample moves a mean over 50 steps by a fiftieth. */
#include "diagnose/sensitivity.h"

#include <math.h>
#include <stdlib.h>

struct change {
    double *largest, *sum; /* by channel, LSB; null: no bound known */
    uint32_t channels;
};

static uint32_t channels_of(const struct lp_tensor *t)
{
    return t->rank == 0 ? 1 : (uint32_t)t->dims[t->rank - 1];
}

static struct change new_change(const struct lp_case *c, const struct lp_tensor *t)
{
    struct change made = {.channels = channels_of(t)};
    made.largest = LP_NEW_ARRAY(c->arena, made.channels, double);
    made.sum = LP_NEW_ARRAY(c->arena, made.channels, double);
    if (made.largest == NULL || made.sum == NULL)
        made.largest = NULL;
    return made;
}

static double scale_of(const struct lp_tensor *t)
{
    return t->quant.count == 0 ? 1 : (double)t->quant.scale[0];
}

/* Sum and largest of the absolute weights of filter o for filter channel i. */
static void weigh_taps(const struct lp_weighted_view *v, int32_t o, int32_t i, double *sum, double *largest)
{
    *sum = *largest = 0;
    for (int32_t tap = 0; tap < v->kernel_h * v->kernel_w; tap++) {
        double w = abs(v->weight[o * v->filter_stride + (int64_t)tap * v->tap_stride + i]);
        *sum += w;
        *largest = fmax(*largest, w);
    }
}

static struct change through_weights(const struct lp_case *c, const struct lp_op *op, const struct change *in)
{
    struct lp_weighted_view v;
    struct lp_channel_scales unused;
    const struct lp_tensor *from = lp_op_input(c->graph, op, 0), *w = lp_op_input(c->graph, op, 1),
                           *to = lp_op_output(c->graph, op, 0);
    struct change out = new_change(c, to);
    if (out.largest == NULL || w->data == NULL ||
        lp_weighted_view_of(c->arena, c->diag, c->graph, op, c->rounding, &v, &unused) != LP_OK ||
        (uint32_t)v.in_c % in->channels != 0)
        return (struct change){.largest = NULL};
    /* A matrix product over a flattened map: each of its inputs is one element. */
    bool is_flat = (uint32_t)v.in_c != in->channels;
    for (int32_t o = 0; o < v.out_c; o++) {
        double factor = scale_of(from) * (double)w->quant.scale[w->quant.count == 1 ? 0 : o] / scale_of(to);
        double one = 0, spread = 0, total = 0;
        for (int32_t i = 0; i < v.filter_c; i++) {
            double sum, largest;
            uint32_t ch = (uint32_t)(lp_weighted_first_input(&v, o) + i) % in->channels;
            weigh_taps(&v, o, i, &sum, &largest);
            spread += in->largest[ch] * sum;
            one = is_flat ? fmax(one, in->sum[ch] * largest) : one + in->sum[ch] * largest;
            total += in->sum[ch] * sum;
        }
        out.largest[o] = factor * fmin(is_flat ? spread : one, spread);
        out.sum[o] = factor * (is_flat ? spread : total);
    }
    return out;
}

/* The mean of P elements: their sum by P. */
static struct change through_mean(const struct lp_case *c, const struct lp_op *op, const struct change *in)
{
    const struct lp_tensor *from = lp_op_input(c->graph, op, 0), *to = lp_op_output(c->graph, op, 0);
    struct change out = new_change(c, to);
    double elements = (double)lp_tensor_elements(from) / (double)lp_tensor_elements(to);
    double factor = scale_of(from) / scale_of(to);
    if (out.largest == NULL || out.channels != in->channels)
        return (struct change){.largest = NULL};
    for (uint32_t i = 0; i < out.channels; i++) {
        out.largest[i] = factor * fmin(in->sum[i] / elements, in->largest[i]);
        out.sum[i] = factor * in->sum[i] / elements;
    }
    return out;
}

/* Every element is a function of one element that moves at most `factor` times as far. */
static struct change through_elements(const struct lp_case *c, const struct lp_op *op, const struct change *in)
{
    const struct lp_tensor *from = lp_op_input(c->graph, op, 0), *to = lp_op_output(c->graph, op, 0);
    struct change out = new_change(c, to);
    double factor = scale_of(from) / scale_of(to), largest = 0, sum = 0;
    if (out.largest == NULL || lp_tensor_elements(from) != lp_tensor_elements(to))
        return (struct change){.largest = NULL};
    for (uint32_t i = 0; i < in->channels; i++) {
        largest = fmax(largest, in->largest[i]);
        sum += in->sum[i];
    }
    for (uint32_t i = 0; i < out.channels; i++) {
        out.largest[i] = factor * (in->channels == out.channels ? in->largest[i] : largest);
        out.sum[i] = factor * (in->channels == out.channels ? in->sum[i] : sum);
    }
    return out;
}

static struct change through(const struct lp_case *c, const struct lp_op *op, const struct change *in)
{
    static const enum lp_op_kind plain[] = {LP_OP_RESHAPE, LP_OP_EXPAND_DIMS, LP_OP_SQUEEZE,
                                            LP_OP_RELU,    LP_OP_RELU6,       LP_OP_QUANTIZE};
    if (lp_is_weighted(op->kind))
        return through_weights(c, op, in);
    if (op->kind == LP_OP_MEAN)
        return through_mean(c, op, in);
    for (size_t i = 0; i < LP_COUNT(plain); i++)
        if (plain[i] == op->kind)
            return through_elements(c, op, in);
    return (struct change){.largest = NULL};
}

lp_status lp_gain_find(const struct lp_case *c, uint32_t channel, bool one, int32_t target, double *gain)
{
    const struct lp_graph *g = c->graph;
    const struct lp_tensor *input = &g->tensors[g->inputs[0]];
    struct change *changes = LP_NEW_ARRAY(c->arena, g->tensor_count, struct change);
    if (changes == NULL)
        return lp_no_memory(c->diag);
    *gain = -1;
    struct change first = new_change(c, input);
    if (first.largest == NULL)
        return lp_no_memory(c->diag);
    first.largest[channel] = 1;
    first.sum[channel] = one ? 1 : (double)lp_tensor_elements(input) / first.channels;
    changes[g->inputs[0]] = first;
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        if (op->inputs[0] != LP_NO_TENSOR && changes[op->inputs[0]].largest != NULL)
            changes[op->outputs[0]] = through(c, op, &changes[op->inputs[0]]);
    }
    if (changes[target].largest == NULL)
        return LP_OK;
    for (uint32_t i = 0; i < changes[target].channels; i++)
        *gain = fmax(*gain, changes[target].largest[i]);
    return LP_OK;
}
