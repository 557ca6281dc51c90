#include "diagnose/rescale.h"

#include "compiler/analyze/weighted_view.h"

#include <math.h>
#include <string.h>

static struct lp_graph *copy_graph(struct lp_arena *arena, const struct lp_graph *g)
{
    struct lp_graph *copy = LP_NEW(arena, struct lp_graph);
    struct lp_tensor *tensors = LP_NEW_ARRAY(arena, g->tensor_count, struct lp_tensor);
    struct lp_op *ops = LP_NEW_ARRAY(arena, g->op_count, struct lp_op);
    if (copy == NULL || tensors == NULL || ops == NULL)
        return NULL;
    *copy = *g;
    memcpy(tensors, g->tensors, g->tensor_count * sizeof *tensors);
    if (g->op_count != 0)
        memcpy(ops, g->ops, g->op_count * sizeof *ops);
    copy->arena = arena;
    copy->tensors = tensors;
    copy->ops = ops;
    return copy;
}

static bool renames(enum lp_op_kind kind)
{
    return kind == LP_OP_RESHAPE || kind == LP_OP_EXPAND_DIMS || kind == LP_OP_SQUEEZE;
}

/* Operators whose output may have another scale than their input. */
static bool is_free(enum lp_op_kind kind)
{
    return lp_is_weighted(kind) || kind == LP_OP_MEAN || kind == LP_OP_QUANTIZE || kind == LP_OP_ADD;
}

static bool is_int8_layer(const struct lp_graph *g, const struct lp_op *op)
{
    return lp_is_weighted(op->kind) && lp_op_input(g, op, 0)->element == LP_ELEMENT_INT8;
}

/* A bias that means the same with another input scale. */
static lp_status rescale_bias(struct lp_arena *arena, struct lp_diag *diag, struct lp_graph *g, struct lp_op *op, double factor)
{
    struct lp_tensor *bias = lp_op_input(g, op, 2);
    if (bias == NULL || bias->data == NULL || bias->element != LP_ELEMENT_INT32)
        return LP_OK;
    int64_t count = lp_tensor_elements(bias);
    int32_t *to = LP_NEW_ARRAY(arena, (size_t)count, int32_t);
    float *scales = LP_NEW_ARRAY(arena, bias->quant.count + 1, float);
    if (to == NULL || scales == NULL)
        return lp_no_memory(diag);
    for (int64_t i = 0; i < count; i++) {
        double value = round((double)((const int32_t *)bias->data)[i] * factor);
        to[i] = (int32_t)fmax(fmin(value, INT32_MAX / 2), INT32_MIN / 2);
    }
    for (uint32_t i = 0; i < bias->quant.count; i++)
        scales[i] = (float)((double)bias->quant.scale[i] / factor);
    bias->data = to;
    bias->quant.scale = scales;
    return LP_OK;
}

lp_status lp_rescale(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, int32_t tensor, float scale,
                     int32_t zero_point, struct lp_graph **out)
{
    struct lp_graph *g = copy_graph(arena, graph);
    bool *same = LP_NEW_ARRAY(arena, graph->tensor_count, bool);
    float *new_scale = LP_NEW(arena, float);
    int32_t *new_zero = LP_NEW(arena, int32_t);
    *out = NULL;
    if (g == NULL || same == NULL || new_scale == NULL || new_zero == NULL)
        return lp_no_memory(diag);
    if (graph->tensors[tensor].quant.count != 1)
        return LP_OK;
    double factor = (double)graph->tensors[tensor].quant.scale[0] / (double)scale;
    *new_scale = scale;
    *new_zero = zero_point;
    same[tensor] = true;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->op_count && status == LP_OK; i++) {
        struct lp_op *op = &g->ops[i];
        bool reads = op->inputs[0] != LP_NO_TENSOR && same[op->inputs[0]], writes = op->outputs[0] == tensor;
        if (writes && !is_free(op->kind))
            return LP_OK;
        if (reads && renames(op->kind))
            same[op->outputs[0]] = true;
        else if (reads && is_int8_layer(g, op))
            status = rescale_bias(arena, diag, g, op, factor);
        else if (reads && (lp_is_weighted(op->kind) || !is_free(op->kind)) && op->kind != LP_OP_SOFTMAX)
            return LP_OK;
    }
    for (uint32_t i = 0; i < g->tensor_count; i++)
        if (same[i]) {
            g->tensors[i].quant.scale = new_scale;
            g->tensors[i].quant.zero_point = new_zero;
        }
    if (status == LP_OK)
        *out = g;
    return status;
}

/* The layer with weights that reads the input, directly or renamed. */
static struct lp_op *first_layer(struct lp_graph *g)
{
    int32_t tensor = g->inputs[0];
    for (uint32_t i = 0; i < g->op_count; i++) {
        if (g->ops[i].inputs[0] != tensor)
            continue;
        if (!renames(g->ops[i].kind))
            return is_int8_layer(g, &g->ops[i]) ? &g->ops[i] : NULL;
        tensor = g->ops[i].outputs[0];
    }
    return NULL;
}

/* Weights of one output channel, times the factor of their input channel, rounded to 8 bits anew. */
static void requantize(const struct lp_weighted_view *v, int32_t o, const float *factors, uint32_t channels, int8_t *to,
                       double *scale_factor)
{
    double largest = 0;
    int32_t taps = v->kernel_h * v->kernel_w, first = lp_weighted_first_input(v, o);
    for (int pass = 0; pass < 2; pass++)
        for (int32_t tap = 0; tap < taps; tap++)
            for (int32_t i = 0; i < v->filter_c; i++) {
                int64_t at = o * v->filter_stride + (int64_t)tap * v->tap_stride + i;
                double w = v->weight[at] * (double)factors[(uint32_t)(first + i) % channels];
                largest = pass == 0 ? fmax(largest, fabs(w)) : largest;
                if (pass == 1)
                    to[at] = (int8_t)round(w / *scale_factor);
                else
                    *scale_factor = largest > 0 ? largest / 127 : 1;
            }
}

lp_status lp_rescale_channels(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const float *factors,
                              struct lp_graph **out)
{
    struct lp_graph *g = copy_graph(arena, graph);
    struct lp_op *op = g == NULL ? NULL : first_layer(g);
    struct lp_channel_scales unused;
    struct lp_weighted_view v;
    *out = NULL;
    if (g == NULL)
        return lp_no_memory(diag);
    if (op == NULL || lp_op_input(g, op, 1)->data == NULL)
        return LP_OK;
    lp_status status = lp_weighted_view_of(arena, diag, g, op, LP_ROUNDING_SINGLE, &v, &unused);
    if (status != LP_OK)
        return status;
    struct lp_tensor *w = lp_op_input(g, op, 1), *bias = lp_op_input(g, op, 2);
    const struct lp_tensor *input = &graph->tensors[graph->inputs[0]];
    uint32_t channels = input->rank == 0 ? 1 : (uint32_t)input->dims[input->rank - 1];
    if ((uint32_t)v.in_c % channels != 0 || w->quant.count != (uint32_t)v.out_c || (bias != NULL && bias->data == NULL))
        return LP_OK;
    int8_t *weights = LP_NEW_ARRAY(arena, (size_t)lp_tensor_bytes(w), int8_t);
    float *scales = LP_NEW_ARRAY(arena, (size_t)v.out_c, float);
    int32_t *biases = LP_NEW_ARRAY(arena, (size_t)v.out_c, int32_t);
    if (weights == NULL || scales == NULL || biases == NULL)
        return lp_no_memory(diag);
    for (int32_t o = 0; o < v.out_c; o++) {
        double factor = 1;
        requantize(&v, o, factors, channels, weights, &factor);
        scales[o] = (float)((double)w->quant.scale[o] * factor);
        biases[o] = v.bias == NULL
                        ? 0
                        : (int32_t)fmax(fmin(round((double)lp_weighted_bias(&v, o) / factor), INT32_MAX / 2), INT32_MIN / 2);
    }
    w->data = weights;
    w->quant.scale = scales;
    if (bias != NULL) {
        bias->data = biases;
        bias->quant.scale = bias->quant.count == 0 ? bias->quant.scale : NULL;
        bias->quant.count = 0;
    }
    *out = g;
    return LP_OK;
}
