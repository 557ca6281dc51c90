/* AVERAGE_POOL_2D of windows that the pooling unit was not seen to average: a convolution unit sums them. */
#include "compiler/lower/neural-art/weighted.h"

#include <math.h>

#include "compiler/semantics/multiplier.h"
#include "compiler/semantics/semantics.h"

enum { MOST_RUNS = 16 };

struct runs {
    struct lp_npu_run of[MOST_RUNS];
    int32_t seen[MOST_RUNS]; /* elements of the map along this side, in every window of the run */
    int32_t count;           /* MOST_RUNS + 1: too many */
};

static void find_runs(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t pad, struct runs *runs)
{
    runs->count = 0;
    for (int32_t o = 0; o < out && runs->count <= MOST_RUNS; o++) {
        int32_t start = o * stride - pad, end = start + kernel;
        int32_t seen = (end < in ? end : in) - (start > 0 ? start : 0);
        if (runs->count > 0 && runs->seen[runs->count - 1] == seen) {
            runs->of[runs->count - 1].count++;
            continue;
        }
        if (runs->count < MOST_RUNS) {
            runs->of[runs->count] = (struct lp_npu_run){o, 1};
            runs->seen[runs->count] = seen;
        }
        runs->count++;
    }
}

/* Windows of ones: every channel for itself. */
static struct lp_weighted_view view_of_sums(const struct lp_graph *g, const struct lp_op *op, const struct lp_npu_reduced *sums)
{
    static const int8_t one = 1;
    const struct lp_tensor *in = lp_op_input(g, op, 0), *out = lp_op_output(g, op, 0);
    const struct lp_window *w = &sums->window;
    int8_t low, high;
    lp_activation_range(op->activation, out, &low, &high);
    return (struct lp_weighted_view){.weight = &one,
                                     .filter_c = 1,
                                     .in_h = sums->map.height,
                                     .in_w = sums->map.width,
                                     .in_c = sums->map.channels,
                                     .out_h = (sums->map.height + w->pad_top + w->pad_bottom - w->kernel_h) / w->stride_h + 1,
                                     .out_w = (sums->map.width + w->pad_left + w->pad_right - w->kernel_w) / w->stride_w + 1,
                                     .out_c = sums->map.channels,
                                     .group_c = 1,
                                     .kernel_h = w->kernel_h,
                                     .kernel_w = w->kernel_w,
                                     .stride_h = w->stride_h,
                                     .stride_w = w->stride_w,
                                     .dilation_h = 1,
                                     .dilation_w = 1,
                                     .pad_top = w->pad_top,
                                     .pad_left = w->pad_left,
                                     .in_zero = in->quant.zero_point[0],
                                     .out_offset = out->quant.zero_point[0],
                                     .act_min = low,
                                     .act_max = high};
}

/* One run of lines and columns, its factor with it. */
static lp_status prepare_run(struct lp_npu_weighted *p, int32_t seen, struct lp_refusal *no, struct lp_npu_prepared *prepared)
{
    struct lp_lowering *l = p->w->l;
    const struct lp_tensor *in = lp_op_input(l->graph, p->op, 0), *out = lp_op_output(l->graph, p->op, 0);
    int32_t *multiplier = LP_NEW(l->arena, int32_t);
    int8_t *shift = LP_NEW(l->arena, int8_t);
    if (multiplier == NULL || shift == NULL)
        return lp_no_memory(l->diag);
    const double factor = (double)in->quant.scale[0] / (double)out->quant.scale[0] / seen;
    if (!lp_quantize_multiplier(factor, l->program->rounding, multiplier, shift))
        return lp_npu_refuse(l, no, LP_NPU_RULE_DEVIATION, lp_arena_printf(l->arena, "a factor of %g", factor),
                             "scales of input and output that are alike");
    p->scales = (struct lp_channel_scales){1, multiplier, shift};
    return lp_npu_weighted_prepare(p, no, prepared);
}

lp_status lp_npu_lower_average_sums(struct lp_npu_work *w, const struct lp_op *op, const struct lp_npu_reduced *sums,
                                    struct lp_refusal *no)
{
    struct lp_lowering *l = w->l;
    struct lp_weighted_view view = view_of_sums(l->graph, op, sums);
    struct runs y, x;
    find_runs(view.in_h, view.out_h, view.kernel_h, view.stride_h, view.pad_top, &y);
    find_runs(view.in_w, view.out_w, view.kernel_w, view.stride_w, view.pad_left, &x);
    const int32_t count = y.count * x.count;
    if (y.count > MOST_RUNS || x.count > MOST_RUNS || count > LP_NPU_MOST_EPOCHS)
        return lp_npu_refuse(l, no, LP_NPU_RULE_TILES, "windows that see many different numbers of elements",
                             "VALID padding, or a smaller window");
    struct lp_npu_weighted *parts = LP_NEW_ARRAY(l->arena, (size_t)count, struct lp_npu_weighted);
    struct lp_npu_prepared *prepared = LP_NEW_ARRAY(l->arena, (size_t)count, struct lp_npu_prepared);
    struct lp_interval *inputs = LP_NEW_ARRAY(l->arena, (size_t)view.in_c, struct lp_interval);
    if (parts == NULL || prepared == NULL || inputs == NULL)
        return lp_no_memory(l->diag);
    lp_range_refold(&w->ranges->tensors[op->inputs[0]], (uint32_t)view.in_c, inputs);
    lp_status status = LP_OK;
    double deviation = 0;
    int64_t epochs = 0;
    for (int32_t i = 0; i < count && status == LP_OK && no->rule == NULL; i++) {
        parts[i] = (struct lp_npu_weighted){.w = w,
                                            .op = op,
                                            .view = &view,
                                            .inputs = inputs,
                                            .batches = sums->batches,
                                            .lines = y.of[i / x.count],
                                            .columns = x.of[i % x.count],
                                            .kernels_cause = LP_CAUSE_PAD_KERNELS};
        status = prepare_run(&parts[i], y.seen[i / x.count] * x.seen[i % x.count], no, &prepared[i]);
        deviation = fmax(deviation, prepared[i].deviation);
        epochs += parts[i].epochs;
    }
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (epochs > LP_NPU_MOST_EPOCHS)
        return lp_npu_refuse(l, no, LP_NPU_RULE_TILES, lp_arena_printf(l->arena, "%lld epochs", (long long)epochs),
                             op->kind == LP_OP_MEAN ? "a smaller batch" : "VALID padding, or a smaller window");
    l->program->deviation[op - l->graph->ops] = deviation;
    return lp_npu_weighted_emit(prepared, count);
}
