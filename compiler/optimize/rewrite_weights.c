#include "compiler/optimize/rewrite.h"

#include <string.h>

/* What stays of an operator with weights, by index. */
struct kept {
    int32_t *outputs;
    int32_t *inputs; /* of the filters, for one group behind the other; DEPTHWISE_CONV_2D has one a filter, which stays */
    int32_t output_count, input_count; /* input_count: of one filter */
    int32_t group_count;               /* of a convolution in groups; 1 for all others */
    bool is_whole;
};

static bool group_stays(const struct lp_rewrite *w, const struct lp_op *op, const struct lp_weighted_view *v, int32_t group)
{
    for (int32_t o = 0; o < v->group_c; o++)
        if (lp_channels_stays(w->channels, op->outputs[0], (uint32_t)(group * v->group_c + o)))
            return true;
    return false;
}

static void find_kept_inputs(const struct lp_rewrite *w, const struct lp_op *op, const struct lp_weighted_view *v, struct kept *k)
{
    int32_t count = 0;
    k->group_count = 0;
    for (int32_t g = 0; g < v->in_c / v->filter_c; g++) {
        if (!group_stays(w, op, v, g))
            continue;
        k->group_count++;
        for (int32_t i = 0; i < v->filter_c; i++)
            if (lp_channels_stays(w->channels, op->inputs[v->input], (uint32_t)(g * v->filter_c + i)))
                k->inputs[count++] = i;
    }
    k->input_count = count / k->group_count;
    k->is_whole = k->output_count == v->out_c && count == v->in_c;
}

static lp_status find_kept(const struct lp_rewrite *w, const struct lp_op *op, const struct lp_weighted_view *v, struct kept *k)
{
    const struct lp_channels *c = w->channels;
    k->outputs = LP_NEW_ARRAY(c->arena, (size_t)v->out_c, int32_t);
    k->inputs = LP_NEW_ARRAY(c->arena, (size_t)v->in_c, int32_t);
    if (k->outputs == NULL || k->inputs == NULL)
        return lp_no_memory(c->diag);
    for (int32_t o = 0; o < v->out_c; o++)
        if (lp_channels_stays(c, op->outputs[0], (uint32_t)o))
            k->outputs[k->output_count++] = o;
    if (op->kind == LP_OP_DEPTHWISE_CONV_2D) {
        k->input_count = k->group_count = 1;
        k->is_whole = k->output_count == v->out_c;
    } else {
        find_kept_inputs(w, op, v, k);
    }
    return LP_OK;
}

/* Scales of a constant whose dimension `axis` keeps the entries of `kept`. */
static lp_status gather_scales(const struct lp_rewrite *w, struct lp_quant *q, int32_t axis, const int32_t *kept, int32_t count)
{
    if (q->count <= 1 || q->axis != axis)
        return LP_OK;
    float *scale = LP_NEW_ARRAY(w->channels->arena, (size_t)count, float);
    int32_t *zero_point = LP_NEW_ARRAY(w->channels->arena, (size_t)count, int32_t);
    if (scale == NULL || zero_point == NULL)
        return lp_no_memory(w->channels->diag);
    for (int32_t i = 0; i < count; i++) {
        scale[i] = q->scale[kept[i]];
        zero_point[i] = q->zero_point[kept[i]];
    }
    *q = (struct lp_quant){.count = (uint32_t)count, .axis = axis, .scale = scale, .zero_point = zero_point};
    return LP_OK;
}

static int8_t *gather_weights(const struct lp_rewrite *w, const struct lp_weighted_view *v, const struct kept *k,
                              bool outputs_last)
{
    int32_t taps = v->kernel_h * v->kernel_w;
    size_t per_filter = (size_t)taps * (size_t)k->input_count;
    int8_t *data = LP_NEW_ARRAY(w->channels->arena, per_filter * (size_t)k->output_count, int8_t);
    for (int32_t o = 0; data != NULL && o < k->output_count; o++) {
        const int8_t *filter = v->weight + k->outputs[o] * v->filter_stride;
        const int32_t *inputs = k->inputs + o / (k->output_count / k->group_count) * k->input_count;
        for (int32_t t = 0; t < taps; t++)
            for (int32_t i = 0; i < k->input_count; i++) {
                size_t at = (size_t)t * (size_t)k->input_count + (size_t)i;
                data[outputs_last ? at * (size_t)k->output_count + (size_t)o : (size_t)o * per_filter + at] =
                    filter[(int64_t)t * v->tap_stride + inputs[i]];
            }
    }
    return data;
}

static lp_status rewrite_filter(struct lp_rewrite *w, struct lp_op *op, const struct lp_weighted_view *v, const struct kept *k)
{
    struct lp_tensor filter = w->before->tensors[op->inputs[1]];
    int32_t axis = op->kind == LP_OP_DEPTHWISE_CONV_2D ? 3 : 0;
    filter.data = gather_weights(w, v, k, axis == 3);
    if (filter.data == NULL)
        return lp_no_memory(w->channels->diag);
    filter.dims[axis] = k->output_count;
    if (axis == 0)
        filter.dims[filter.rank - 1] = k->input_count;
    lp_status status = gather_scales(w, &filter.quant, axis, k->outputs, k->output_count);
    return status == LP_OK ? lp_rewrite_input(w, op, 1, &filter) : status;
}

/* What the channels that go add to the accumulator of filter o, at every position. */
static lp_status removed_sum(const struct lp_rewrite *w, const struct lp_op *op, const struct lp_op_range *range, int32_t o,
                             int64_t *sum)
{
    const struct lp_weighted_view *v = range->view;
    *sum = 0;
    if (op->kind == LP_OP_DEPTHWISE_CONV_2D)
        return LP_OK;
    const int32_t first = lp_weighted_first_input(v, o);
    for (int32_t i = 0; i < v->filter_c; i++) {
        const struct lp_interval value = range->inputs[first + i];
        if (lp_channels_stays(w->channels, op->inputs[v->input], (uint32_t)(first + i)))
            continue;
        int64_t weights = 0;
        bool is_used = false;
        for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++) {
            int8_t weight = v->weight[o * v->filter_stride + (int64_t)t * v->tap_stride + i];
            weights += weight;
            is_used = is_used || weight != 0;
        }
        if (is_used && value.low != value.high)
            return lp_error(w->channels->diag, LP_INTERNAL,
                            "operator %u: input channel %d is removed, but filter %d needs its value", (unsigned)op->source_index,
                            (int)(first + i), (int)o);
        *sum += weights * (value.low - v->in_zero);
    }
    return LP_OK;
}

/* `folded` has the biases' own type. */
static lp_status fold_biases(const struct lp_rewrite *w, const struct lp_op *before, const struct kept *k, void *folded,
                             enum lp_element element, bool *is_any)
{
    const struct lp_op_range *range = &w->channels->ranges->ops[before - w->before->ops];
    lp_status status = LP_OK;
    for (int32_t o = 0; o < k->output_count && status == LP_OK; o++) {
        int64_t sum = 0;
        status = removed_sum(w, before, range, k->outputs[o], &sum);
        *is_any = *is_any || sum != 0;
        sum += lp_weighted_bias(range->view, k->outputs[o]);
        if (element == LP_ELEMENT_INT64) {
            ((int64_t *)folded)[o] = sum;
            continue;
        }
        /* The analysis of the operator has bounded this sum of int8 already; one of int16 wraps around. */
        const bool is_int8 = lp_op_output(w->before, before, 0)->element == LP_ELEMENT_INT8;
        if (is_int8 && (sum < INT32_MIN || sum > INT32_MAX))
            return lp_error(w->channels->diag, LP_INTERNAL,
                            "operator %u: the bias of output channel %d becomes %lld, which does not fit 32 bits",
                            (unsigned)before->source_index, (int)k->outputs[o], (long long)sum);
        ((int32_t *)folded)[o] = (int32_t)(uint32_t)(uint64_t)sum;
    }
    return status;
}

/* A bias where the model has none: its scale is that of the accumulator. */
static lp_status add_bias(struct lp_rewrite *w, const struct lp_weighted_view *v, struct lp_op *op, const void *folded,
                          enum lp_element element, int32_t count)
{
    struct lp_arena *arena = w->channels->arena;
    const struct lp_tensor *in = lp_op_input(w->after, op, v->input);
    const struct lp_tensor *filter = lp_op_input(w->after, op, 1);
    uint32_t scales = filter->quant.count;
    float *scale = LP_NEW_ARRAY(arena, scales, float);
    int32_t *zero_point = LP_NEW_ARRAY(arena, scales, int32_t);
    int32_t *inputs = LP_NEW_ARRAY(arena, v->bias_input + 1u, int32_t);
    const char *name = lp_arena_printf(arena, "%s/folded_bias", filter->name);
    if (scale == NULL || zero_point == NULL || inputs == NULL || name == NULL)
        return lp_no_memory(w->channels->diag);
    for (uint32_t i = 0; i < scales; i++)
        scale[i] = in->quant.scale[0] * filter->quant.scale[i];
    struct lp_tensor bias = {
        .name = name,
        .element = element,
        .rank = 1,
        .dims = {count},
        .quant = {.count = scales, .axis = 0, .scale = scale, .zero_point = zero_point},
        .data = folded,
        .source_index = -1,
    };
    memcpy(inputs, op->inputs, v->bias_input * sizeof *inputs);
    op->inputs = inputs;
    op->input_count = v->bias_input + 1u;
    w->is_changed = true;
    return lp_rewrite_add_tensor(w, &bias, &inputs[v->bias_input]);
}

static lp_status rewrite_bias(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op,
                              const struct lp_weighted_view *v, const struct kept *k)
{
    const enum lp_element element = v->is_wide ? LP_ELEMENT_INT64 : LP_ELEMENT_INT32;
    void *folded = lp_arena_alloc(w->channels->arena, (size_t)k->output_count, lp_element_bytes(element));
    bool is_any = false;
    if (folded == NULL)
        return lp_no_memory(w->channels->diag);
    lp_status status = fold_biases(w, before, k, folded, element, &is_any);
    const struct lp_tensor *old = lp_op_input(w->before, before, v->bias_input);
    if (status != LP_OK || (old == NULL && !is_any))
        return status;
    if (old == NULL)
        return add_bias(w, v, op, folded, element, k->output_count);
    struct lp_tensor bias = *old;
    bias.data = folded;
    /* All other dimensions of a bias are 1. */
    for (uint8_t d = 0; d < bias.rank; d++)
        bias.dims[d] = d + 1 == bias.rank ? k->output_count : 1;
    status = gather_scales(w, &bias.quant, bias.quant.axis, k->outputs, k->output_count);
    return status == LP_OK ? lp_rewrite_input(w, op, v->bias_input, &bias) : status;
}

lp_status lp_rewrite_weighted(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    const struct lp_weighted_view *v = w->channels->ranges->ops[before - w->before->ops].view;
    struct kept k = {0};
    lp_status status = find_kept(w, before, v, &k);
    if (status != LP_OK || k.is_whole)
        return status;
    status = rewrite_filter(w, op, v, &k);
    return status == LP_OK ? rewrite_bias(w, before, op, v, &k) : status;
}
