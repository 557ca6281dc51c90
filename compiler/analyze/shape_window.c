/* Convolutions and pools: a window slides over height and width of [batch, height, width, channels]. */
#include "compiler/analyze/shape_rules.h"

static lp_status check_range(const struct lp_shape_work *w, const char *what, int64_t value, int64_t low)
{
    if (value >= low && value <= LP_WINDOW_LIMIT)
        return LP_OK;
    return lp_shape_error(w, LP_BAD_INPUT, "%s is %lld; %lld to %d is allowed", what, (long long)value, (long long)low,
                          LP_WINDOW_LIMIT);
}

static lp_status check_window(const struct lp_shape_work *w)
{
    const struct lp_window *win = &w->op->as.window;
    const struct {
        const char *what;
        int32_t value;
    } values[] = {
        {"its stride in height", win->stride_h},     {"its stride in width", win->stride_w},
        {"its dilation in height", win->dilation_h}, {"its dilation in width", win->dilation_w},
        {"its kernel's height", win->kernel_h},      {"its kernel's width", win->kernel_w},
    };
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(values) && status == LP_OK; i++)
        status = check_range(w, values[i].what, values[i].value, 1);
    return status;
}

/* One axis of the window. `before` and `after` are given for explicit padding and found otherwise. */
struct axis {
    const char *name;
    int64_t in, kernel, stride, dilation, out;
    int32_t *before, *after;
};

static lp_status slide(const struct lp_shape_work *w, enum lp_padding padding, struct axis *a)
{
    int64_t reach = (a->kernel - 1) * a->dilation + 1;
    int64_t before = 0;
    int64_t total = 0;
    switch (padding) {
    case LP_PADDING_SAME:
        /* tensorflow/lite/kernels/padding.h: what is missing for ceil(in / stride) windows, the odd one behind. */
        a->out = (a->in + a->stride - 1) / a->stride;
        total = (a->out - 1) * a->stride + reach - a->in;
        total = total < 0 ? 0 : total;
        before = total / 2;
        break;
    case LP_PADDING_VALID: a->out = a->in < reach ? 0 : (a->in - reach) / a->stride + 1; break;
    case LP_PADDING_EXPLICIT:
        before = *a->before;
        total = before + *a->after;
        if (*a->before < 0 || *a->after < 0)
            return lp_shape_error(w, LP_BAD_INPUT, "its padding in %s is %lld and %lld; it can't be negative", a->name,
                                  (long long)before, (long long)*a->after);
        a->out = a->in + total < reach ? 0 : (a->in + total - reach) / a->stride + 1;
        break;
    }
    if (a->out < 1)
        return lp_shape_error(w, LP_BAD_INPUT, "its window covers %lld values in %s, but its input has %lld: no output is left",
                              (long long)reach, a->name, (long long)(a->in + total));
    if (before > LP_WINDOW_LIMIT || total - before > LP_WINDOW_LIMIT)
        return lp_shape_error(w, LP_BAD_INPUT, "it pads %s by %lld; at most %d on each side are allowed", a->name,
                              (long long)total, LP_WINDOW_LIMIT);
    *a->before = (int32_t)before;
    *a->after = (int32_t)(total - before);
    return LP_OK;
}

static lp_status set_output(struct lp_shape_work *w, int64_t channels)
{
    struct lp_window *win = &w->op->as.window;
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    struct axis height = {.name = "height",
                          .in = in->dims[1],
                          .kernel = win->kernel_h,
                          .stride = win->stride_h,
                          .dilation = win->dilation_h,
                          .before = &win->pad_top,
                          .after = &win->pad_bottom};
    struct axis width = {.name = "width",
                         .in = in->dims[2],
                         .kernel = win->kernel_w,
                         .stride = win->stride_w,
                         .dilation = win->dilation_w,
                         .before = &win->pad_left,
                         .after = &win->pad_right};
    lp_status status = check_window(w);
    if (status == LP_OK)
        status = slide(w, win->padding, &height);
    if (status == LP_OK)
        status = slide(w, win->padding, &width);
    if (status != LP_OK)
        return status;
    struct lp_shape out = {.rank = 4, .dims = {in->dims[0], height.out, width.out, channels}};
    return lp_shape_set(w, 0, &out);
}

/* Input and filter have four dimensions each; the filter's middle two are the kernel. */
static lp_status take_filter(struct lp_shape_work *w)
{
    lp_status status = lp_shape_need_rank(w, 0, 4, "its input");
    if (status == LP_OK)
        status = lp_shape_need_rank(w, 1, 4, "its filter");
    if (status != LP_OK)
        return status;
    const struct lp_tensor *filter = lp_op_input(w->graph, w->op, 1);
    w->op->as.window.kernel_h = filter->dims[1];
    w->op->as.window.kernel_w = filter->dims[2];
    return LP_OK;
}

/* Filter [out channels, kernel height, kernel width, in channels / groups]. */
lp_status lp_shape_conv_2d(struct lp_shape_work *w)
{
    lp_status status = take_filter(w);
    if (status != LP_OK)
        return status;
    int64_t channels = lp_op_input(w->graph, w->op, 0)->dims[3];
    int64_t filters = lp_op_input(w->graph, w->op, 1)->dims[0];
    int64_t depth = lp_op_input(w->graph, w->op, 1)->dims[3];
    if (channels % depth != 0 || filters % (channels / depth) != 0)
        return lp_shape_error(w, LP_BAD_INPUT,
                              "its input has %lld channels, its %lld filters have %lld each: "
                              "these have to divide the channels into groups, and the filters too",
                              (long long)channels, (long long)filters, (long long)depth);
    status = lp_shape_check_bias(w, 2, filters);
    return status == LP_OK ? set_output(w, filters) : status;
}

/* Filter [1, kernel height, kernel width, out channels]; each input channel makes as many output channels as the others. */
lp_status lp_shape_depthwise_conv_2d(struct lp_shape_work *w)
{
    lp_status status = take_filter(w);
    if (status != LP_OK)
        return status;
    int64_t channels = lp_op_input(w->graph, w->op, 0)->dims[3];
    int64_t filters = lp_op_input(w->graph, w->op, 1)->dims[3];
    if (lp_op_input(w->graph, w->op, 1)->dims[0] != 1)
        return lp_shape_error(w, LP_BAD_INPUT, "the first dimension of its filter is %lld; it has to be 1",
                              (long long)lp_op_input(w->graph, w->op, 1)->dims[0]);
    if (filters % channels != 0)
        return lp_shape_error(w, LP_BAD_INPUT, "its filter makes %lld channels of %lld; it has to be a multiple",
                              (long long)filters, (long long)channels);
    status = lp_shape_check_bias(w, 2, filters);
    return status == LP_OK ? set_output(w, filters) : status;
}

lp_status lp_shape_pool_2d(struct lp_shape_work *w)
{
    lp_status status = lp_shape_need_rank(w, 0, 4, "its input");
    return status == LP_OK ? set_output(w, lp_op_input(w->graph, w->op, 0)->dims[3]) : status;
}

/* What a convolution from the output to the input would pad in front. */
static int32_t padding_before(const struct lp_window *window, int64_t out, int64_t stride, int64_t kernel)
{
    int64_t windows = window->padding == LP_PADDING_SAME ? (out + stride - 1) / stride : (out + stride - kernel) / stride;
    int64_t total = (windows - 1) * stride + kernel - out;
    return total <= 0 ? 0 : (int32_t)(total / 2);
}

/* Inputs: the shape of the output, filter [out channels, kernel height, kernel width, in channels], the map, a bias. */
lp_status lp_shape_transpose_conv(struct lp_shape_work *w)
{
    struct lp_window *win = &w->op->as.window;
    int64_t shape[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_shape_need_rank(w, 1, 4, "its filter");
    if (status == LP_OK)
        status = lp_shape_need_rank(w, 2, 4, "its input");
    if (status == LP_OK)
        status = lp_shape_operand(w, 0, "its output's shape", shape, &count);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *filter = lp_op_input(w->graph, w->op, 1);
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 2);
    win->kernel_h = filter->dims[1];
    win->kernel_w = filter->dims[2];
    status = check_window(w);
    if (status == LP_OK)
        status = lp_shape_check_bias(w, 3, filter->dims[0]);
    if (status != LP_OK)
        return status;
    if (count != 4 || shape[0] != in->dims[0] || shape[3] != filter->dims[0] || in->dims[3] != filter->dims[3])
        return lp_shape_error(w, LP_BAD_INPUT,
                              "its output's shape has to have 4 numbers, with %ld batches and %ld channels, and its input %ld "
                              "channels",
                              (long)in->dims[0], (long)filter->dims[0], (long)filter->dims[3]);
    struct lp_shape out = {.rank = 4, .dims = {shape[0], shape[1], shape[2], shape[3]}};
    status = lp_shape_set(w, 0, &out);
    if (status != LP_OK)
        return status;
    win->pad_top = padding_before(win, shape[1], win->stride_h, win->kernel_h);
    win->pad_left = padding_before(win, shape[2], win->stride_w, win->kernel_w);
    return LP_OK;
}
