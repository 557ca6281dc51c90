/* Kernels with weights, windows and sums. */
#include "evaluate/check/rules.h"

void lp_check_windows(struct lp_kernel_checking *c, const char *what, int64_t out, int64_t stride, int64_t kernel,
                      int64_t dilation)
{
    lp_check_range(c, what, stride, 1, UINT16_MAX);
    lp_check_range(c, what, kernel, 1, UINT16_MAX);
    lp_check_range(c, what, dilation, 1, UINT16_MAX);
    lp_check_range(c, what, (out - 1) * stride + kernel * dilation, 1, LP_CHECK_MOST);
}

void lp_check_groups(struct lp_kernel_checking *c, int32_t in_c, int32_t out_c, int32_t filter_c)
{
    if (c->why[0] != '\0')
        return;
    lp_check_range(c, "in_c % filter_c", in_c % filter_c, 0, 0);
    lp_check_range(c, "in_c / filter_c", in_c / filter_c, 1, out_c);
    if (c->why[0] == '\0')
        lp_check_range(c, "out_c % groups", out_c % (in_c / filter_c), 0, 0);
}

LP_CHECK_OF(lp_conv2d_s8)
{
    const struct lp_check_weights weights = {.weight = a->weight,
                                             .bias = a->bias,
                                             .multiplier = a->multiplier,
                                             .shift = a->shift,
                                             .channels = a->out_c,
                                             .taps = LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w, a->filter_c),
                                             .channel_stride = (int64_t)a->kernel_h * a->kernel_w * a->filter_c,
                                             .tap_stride = 1,
                                             .in_offset = a->in_offset,
                                             .out_offset = a->out_offset,
                                             .per_channel = a->per_channel,
                                             .rounding = a->rounding};
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->out_c);
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->in_c), 1);
    lp_check_memory(c, "out", a->out, out, 1);
    lp_check_groups(c, a->in_c, a->out_c, a->filter_c);
    lp_check_range(c, "pad_value", a->pad_value, -128, 127);
    lp_check_windows(c, "the windows' rows", a->out_h, a->stride_h, a->kernel_h, a->dilation_h);
    lp_check_windows(c, "the windows' columns", a->out_w, a->stride_w, a->kernel_w, a->dilation_w);
    lp_check_work(c, out, weights.taps);
    lp_check_weights(c, &weights);
}

LP_CHECK_OF(lp_depthwise_conv2d_s8)
{
    const struct lp_check_weights weights = {.weight = a->weight,
                                             .bias = a->bias,
                                             .multiplier = a->multiplier,
                                             .shift = a->shift,
                                             .channels = a->out_c,
                                             .taps = LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w),
                                             .channel_stride = 1,
                                             .tap_stride = a->out_c,
                                             .in_offset = a->in_offset,
                                             .out_offset = a->out_offset,
                                             .per_channel = a->per_channel,
                                             .rounding = a->rounding};
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->out_c);
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->in_c), 1);
    lp_check_memory(c, "out", a->out, out, 1);
    lp_check_range(c, "out_c", a->out_c, (int64_t)a->in_c * a->depth_multiplier, (int64_t)a->in_c * a->depth_multiplier);
    lp_check_range(c, "pad_value", a->pad_value, -128, 127);
    lp_check_windows(c, "the windows' rows", a->out_h, a->stride_h, a->kernel_h, a->dilation_h);
    lp_check_windows(c, "the windows' columns", a->out_w, a->stride_w, a->kernel_w, a->dilation_w);
    lp_check_work(c, out, weights.taps);
    lp_check_weights(c, &weights);
}

LP_CHECK_OF(lp_transpose_conv_s8)
{
    const struct lp_check_weights weights = {.weight = a->weight,
                                             .bias = a->bias,
                                             .multiplier = a->multiplier,
                                             .shift = a->shift,
                                             .channels = a->out_c,
                                             .taps = LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w, a->in_c),
                                             .channel_stride = (int64_t)a->kernel_h * a->kernel_w * a->in_c,
                                             .tap_stride = 1,
                                             .in_offset = a->in_offset,
                                             .out_offset = a->out_offset,
                                             .per_channel = a->per_channel,
                                             .rounding = a->rounding};
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->out_c);
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->in_c), 1);
    lp_check_memory(c, "out", a->out, out, 1);
    lp_check_windows(c, "the windows' rows", a->in_h, a->stride_h, a->kernel_h, 1);
    lp_check_windows(c, "the windows' columns", a->in_w, a->stride_w, a->kernel_w, 1);
    lp_check_work(c, out, weights.taps);
    lp_check_weights(c, &weights);
}

LP_CHECK_OF(lp_fully_connected_s8)
{
    const struct lp_check_weights weights = {.weight = a->weight,
                                             .bias = a->bias,
                                             .multiplier = a->multiplier,
                                             .shift = a->shift,
                                             .channels = a->out_c,
                                             .taps = a->in_c,
                                             .channel_stride = a->in_c,
                                             .tap_stride = 1,
                                             .in_offset = a->in_offset,
                                             .out_offset = a->out_offset,
                                             .per_channel = a->per_channel,
                                             .rounding = a->rounding};
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_c);
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_c), 1);
    lp_check_memory(c, "out", a->out, out, 1);
    lp_check_work(c, out, a->in_c);
    lp_check_weights(c, &weights);
}

/* Every window holds at least one element of the map. */
static void check_pool_windows(struct lp_kernel_checking *c, const char *what, int64_t in, int64_t out, int64_t stride,
                               int64_t kernel, int64_t pad)
{
    lp_check_windows(c, what, out, stride, kernel, 1);
    lp_check_range(c, what, kernel - pad, 1, UINT16_MAX);
    lp_check_range(c, what, (out - 1) * stride - pad, -pad, in - 1);
}

LP_CHECK_OF(lp_pool_s8)
{
    int64_t rows = a->kernel_h < a->in_h ? a->kernel_h : a->in_h, columns = a->kernel_w < a->in_w ? a->kernel_w : a->in_w;
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->channels);
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->channels), 1);
    lp_check_memory(c, "out", a->out, out, 1);
    check_pool_windows(c, "the windows' rows", a->in_h, a->out_h, a->stride_h, a->kernel_h, a->pad_top);
    check_pool_windows(c, "the windows' columns", a->in_w, a->out_w, a->stride_w, a->kernel_w, a->pad_left);
    if (c->why[0] != '\0')
        return;
    /* A sum of int8 in int32, and half a window for rounding. */
    lp_check_range(c, "elements of a window", rows * columns, 1, INT32_MAX / 129);
    lp_check_work(c, out, rows * columns);
}

LP_CHECK_OF(lp_mean_s8)
{
    int64_t keep = lp_check_dims(c, "keep_dims", a->keep_dims, LP_MEAN_RANK);
    int64_t reduce = lp_check_dims(c, "reduce_dims", a->reduce_dims, LP_MEAN_RANK);
    int64_t reach = lp_check_reach(c, "keep_stride", a->keep_dims, a->keep_stride, LP_MEAN_RANK) +
                    lp_check_reach(c, "reduce_stride", a->reduce_dims, a->reduce_stride, LP_MEAN_RANK) - 1;
    lp_check_memory(c, "in", a->in, reach, 1);
    lp_check_memory(c, "out", a->out, keep, 1);
    /* A sum of numbers of up to 255. */
    lp_check_range(c, "elements of a mean", reduce, 1, INT32_MAX / 256);
    lp_check_range(c, "sum_offset", a->sum_offset, -128 * reduce, 128 * reduce);
    lp_check_work(c, keep, reduce);
    lp_check_out_offset(c, a->out_offset);
    lp_check_shift(c, "shift", a->shift, -31);
    lp_check_rounding(c, a->rounding);
}

LP_CHECK_OF(lp_reduce)
{
    uint32_t bytes = lp_check_element(c, "element", a->element, 1u << LP_ELEMENT_INT8 | 1u << LP_ELEMENT_INT16);
    int64_t keep = lp_check_dims(c, "keep_dims", a->keep_dims, LP_MEAN_RANK);
    int64_t reach = lp_check_reach(c, "keep_stride", a->keep_dims, a->keep_stride, LP_MEAN_RANK) +
                    lp_check_reach(c, "reduce_stride", a->reduce_dims, a->reduce_stride, LP_MEAN_RANK) - 1;
    lp_check_memory(c, "in", a->in, reach, bytes);
    lp_check_memory(c, "out", a->out, keep, bytes);
    lp_check_work(c, keep, lp_check_dims(c, "reduce_dims", a->reduce_dims, LP_MEAN_RANK));
}

LP_CHECK_OF(lp_svdf_s8)
{
    int64_t filters = LP_CHECK_PRODUCT(c, "the filters", a->units, a->rank);
    int64_t states = LP_CHECK_PRODUCT(c, "a state", a->batches, a->units, a->rank, a->memory);
    if (c->why[0] != '\0')
        return;
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_c), 1);
    lp_check_memory(c, "feature_weight", a->feature_weight, LP_CHECK_PRODUCT(c, "feature_weight", filters, a->in_c), 1);
    lp_check_memory(c, "time_weight", a->time_weight, LP_CHECK_PRODUCT(c, "time_weight", filters, a->memory), 2);
    if (a->bias != NULL)
        lp_check_memory(c, "bias", a->bias, a->units, sizeof *a->bias);
    lp_check_memory(c, "old_state", a->old_state, states, sizeof *a->old_state);
    lp_check_memory(c, "new_state", a->new_state, states, sizeof *a->new_state);
    lp_check_memory(c, "out", a->out, LP_CHECK_PRODUCT(c, "out", a->batches, a->units), 1);
    lp_check_range(c, "in_c", a->in_c, 1, INT32_MAX / (255 * 128));
    lp_check_range(c, "in_offset", a->in_offset, -127, 128);
    lp_check_range(c, "out_offset", a->out_offset, -128, 127);
    lp_check_range(c, "feature_multiplier", a->feature_multiplier, 0, INT32_MAX);
    lp_check_range(c, "out_multiplier", a->out_multiplier, 0, INT32_MAX);
    lp_check_range(c, "feature_shift", a->feature_shift, -31, 30);
    lp_check_range(c, "out_shift", a->out_shift, -31, 30);
    lp_check_rounding(c, a->rounding);
    lp_check_work(c, (int64_t)a->batches * filters, (int64_t)a->in_c + a->memory);
}
