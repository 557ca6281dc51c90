/* needs: ranges, shapes      gives: a smaller graph that computes the same bits, and what became of every operator */
#include "compiler/optimize/optimize.h"

#include "compiler/analyze/shapes.h"
#include "compiler/optimize/rewrite.h"

#include <string.h>

static bool filter_is_zero(const struct lp_weighted_view *v, int32_t o)
{
    for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++)
        for (int32_t i = 0; i < v->filter_c; i++)
            if (v->weight[o * v->filter_stride + (int64_t)t * v->tap_stride + i] != 0)
                return false;
    return true;
}

static bool reads(const struct lp_channels *c, uint32_t op, int32_t tensor)
{
    const struct lp_weighted_view *v = c->ranges->ops[op].view;
    return c->is_needed[op] && v != NULL && c->graph->ops[op].inputs[v->input] == tensor;
}

/* Filters of one group that stay. */
static int64_t filters_left(const struct lp_channels *c, int32_t out, const struct lp_weighted_view *v, int32_t group)
{
    int64_t filters = 0;
    if (v->group_c == v->out_c)
        return (int64_t)(uint32_t)v->out_c / c->period[out] * c->left[out];
    for (int32_t o = 0; o < v->group_c; o++)
        filters += lp_channels_stays(c, out, (uint32_t)(group * v->group_c + o));
    return filters;
}

/* Weights of a reader, in filters that stay, that are multiplied with the channel. */
static int64_t reading_bytes(const struct lp_channels *c, const struct lp_op *op, const struct lp_weighted_view *v, uint32_t slot)
{
    int32_t in = op->inputs[v->input];
    int64_t inner = c->inner[in], all = inner * c->period[in];
    int64_t weights = 0;
    for (int64_t run = (slot - c->first[in]) * inner; run < v->in_c; run += all)
        for (int64_t i = run; i < run + inner && i < v->in_c; i++)
            weights += filters_left(c, op->outputs[0], v, (int32_t)i / v->filter_c);
    return weights * v->kernel_h * v->kernel_w;
}

/* The channel's own filter and bias, and the weights of convolutions and matrix products that read it. */
static int64_t channel_bytes(const struct lp_channels *c, const struct lp_weighted_view *v, int32_t tensor, uint32_t slot)
{
    int64_t bytes = (int64_t)v->kernel_h * v->kernel_w * v->filter_c + (v->bias == NULL ? 0 : v->is_wide ? 8 : 4);
    for (uint32_t i = 0; i < c->graph->op_count; i++)
        if (reads(c, i, tensor))
            bytes += reading_bytes(c, &c->graph->ops[i], c->ranges->ops[i].view, slot);
    return bytes;
}

static bool leaves_map(const struct lp_weighted_view *v)
{
    if (v->is_transposed)
        return true;
    for (int32_t k = 0; k < v->kernel_h; k++)
        if (lp_tap_leaves(k, v->in_h, v->out_h, v->stride_h, v->dilation_h, v->pad_top))
            return true;
    for (int32_t k = 0; k < v->kernel_w; k++)
        if (lp_tap_leaves(k, v->in_w, v->out_w, v->stride_w, v->dilation_w, v->pad_left))
            return true;
    return false;
}

static enum lp_kept_reason kept_reason(const struct lp_channels *c, int32_t tensor, uint32_t slot, int32_t value)
{
    uint8_t need = c->need[lp_channels_class(c, slot)];
    bool is_at_border = (need & LP_NEED_AT_BORDER) != 0;
    if (need == LP_NEED_OF_TILING)
        return LP_KEPT_FOR_TILING;
    /* Behind a depthwise convolution its channel changes along the border, and is asked for. */
    for (uint32_t i = 0; i < c->graph->op_count && (need & LP_NEED_OF_GRAPH) == 0; i++)
        is_at_border = is_at_border ||
                       (reads(c, i, tensor) && c->ranges->ops[i].view->in_zero != value && leaves_map(c->ranges->ops[i].view));
    return (need & LP_NEED_OF_GRAPH) != 0                     ? LP_KEPT_FOR_ALL
           : is_at_border                                     ? LP_KEPT_AT_BORDER
           : (need & (LP_NEED_VALUE | LP_NEED_OF_GROUP)) != 0 ? LP_KEPT_WITH_OTHER
                                                              : LP_KEPT_AS_LAST;
}

static void explain_layer(const struct lp_channels *c, uint32_t op, struct lp_removed_layer *layer)
{
    const struct lp_weighted_view *v = c->ranges->ops[op].view;
    int32_t out = c->graph->ops[op].outputs[0];
    const struct lp_tensor_range *range = &c->ranges->tensors[out];
    layer->channels = (uint32_t)v->out_c;
    for (int32_t o = 0; o < v->out_c; o++) {
        struct lp_interval value = range->of[(uint32_t)o % range->period];
        uint32_t slot = lp_channels_slot(c, out, (uint32_t)o);
        bool is_constant = value.low == value.high;
        if (!lp_channels_stays(c, out, (uint32_t)o)) {
            layer->dead[filter_is_zero(v, o) ? LP_DEAD_ZERO_FILTER : is_constant ? LP_DEAD_BY_RANGE : LP_DEAD_UNUSED]++;
        } else if (is_constant || c->need[lp_channels_class(c, slot)] == LP_NEED_OF_TILING) {
            enum lp_kept_reason reason = kept_reason(c, out, slot, value.low);
            layer->kept[reason]++;
            layer->kept_bytes[reason] += channel_bytes(c, v, out, slot);
        }
    }
}

static void explain(const struct lp_channels *c, const struct lp_rewrite *w, struct lp_removal *r)
{
    const struct lp_graph *g = c->graph;
    uint32_t next = 0;
    for (uint32_t i = 0; i < g->op_count; i++) {
        struct lp_removed_layer *layer = &r->layers[i];
        layer->is_gone = !c->is_needed[i];
        layer->constants_bytes = lp_op_constants_bytes(g, &g->ops[i]);
        layer->macs = lp_op_macs(g, &g->ops[i]);
        if (layer->is_gone)
            continue;
        const struct lp_op *after = &w->after->ops[next++];
        layer->constants_bytes_after = lp_op_constants_bytes(w->after, after);
        layer->macs_after = lp_op_macs(w->after, after);
        if (c->ranges->ops[i].view != NULL)
            explain_layer(c, i, layer);
    }
}

static lp_status list_kept(const struct lp_channels *c, struct lp_removal *r)
{
    for (uint32_t t = 0; t < c->graph->tensor_count; t++) {
        if (c->left[t] == c->period[t])
            continue;
        bool *is_kept = LP_NEW_ARRAY(c->arena, c->period[t], bool);
        if (is_kept == NULL)
            return lp_no_memory(c->diag);
        for (uint32_t i = 0; i < c->period[t]; i++)
            is_kept[i] = lp_channels_stays(c, (int32_t)t, i * c->inner[t]);
        r->kept[t] = (struct lp_kept_channels){c->inner[t], c->period[t], is_kept};
    }
    return LP_OK;
}

/* Our own checks say so when a rewrite contradicts itself: shapes are computed anew from what was written. */
static lp_status check_shapes(struct lp_graph *graph, struct lp_diag *diag)
{
    lp_status status = lp_graph_verify(graph, "optimize", diag);
    return status == LP_OK ? lp_analyze_shapes(graph, diag) : status;
}

lp_status lp_optimize(struct lp_arena *arena, struct lp_diag *diag, struct lp_graph *graph,
                      const struct lp_optimize_options *options, struct lp_removal **out)
{
    struct lp_removal *r = LP_NEW(arena, struct lp_removal);
    if (r == NULL)
        return lp_no_memory(diag);
    *r = (struct lp_removal){.before = graph, .after = graph};
    r->layers = LP_NEW_ARRAY(arena, graph->op_count, struct lp_removed_layer);
    r->kept = LP_NEW_ARRAY(arena, graph->tensor_count, struct lp_kept_channels);
    if (r->layers == NULL || r->kept == NULL)
        return lp_no_memory(diag);
    struct lp_channels c = {.arena = arena,
                            .diag = diag,
                            .graph = graph,
                            .ranges = options->ranges,
                            .only_tflite = options->only_tflite,
                            .multiple = options->multiple};
    struct lp_rewrite w = {.channels = &c,
                           .before = graph,
                           .layers = r->layers,
                           .only_tflite = options->only_tflite,
                           .keep_kernels = options->keep_kernels};
    lp_status status = lp_channels_make(&c);
    if (status == LP_OK)
        status = lp_channels_find_needed(&c);
    if (status == LP_OK)
        status = lp_rewrite_graph(&w);
    if (status == LP_OK)
        status = list_kept(&c, r);
    if (status == LP_OK && w.is_changed)
        status = check_shapes(w.after, diag);
    if (status != LP_OK)
        return status;
    explain(&c, &w, r);
    r->is_changed = w.is_changed;
    r->after = w.is_changed ? w.after : graph;
    *out = r;
    return LP_OK;
}

size_t lp_removal_gather(const struct lp_removal *removal, int32_t tensor, const void *before, void *after)
{
    const struct lp_tensor *t = &removal->before->tensors[tensor];
    const struct lp_kept_channels *kept = &removal->kept[tensor];
    size_t element_bytes = lp_element_bytes(t->element);
    int64_t elements = lp_tensor_elements(t);
    size_t written = 0;
    for (int64_t i = 0; i < elements; i++) {
        if (kept->period != 0 && !kept->is_kept[i / kept->inner % kept->period])
            continue;
        memcpy((uint8_t *)after + written, (const uint8_t *)before + (size_t)i * element_bytes, element_bytes);
        written += element_bytes;
    }
    return written;
}
