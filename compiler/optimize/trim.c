/* Rows and columns at a kernel's edges that are zero in all filters: the window gets smaller, the padding moves with it. */
#include "compiler/optimize/rewrite.h"

#include <string.h>

/* One side of the window. */
struct side {
    int32_t in, out, kernel, stride, dilation, before, after;
    int32_t cut_front, cut_end;
};

/* The window still touches the map at every position; compiler/semantics demands it. */
static bool touches(const struct side *s)
{
    return (int64_t)(s->kernel - 1) * s->dilation - s->before >= 0 && (int64_t)(s->out - 1) * s->stride - s->before < s->in;
}

static int64_t windows_of(const struct side *s)
{
    return ((int64_t)s->in + s->before + s->after - ((int64_t)(s->kernel - 1) * s->dilation + 1)) / s->stride + 1;
}

static bool cut_front(struct side *s)
{
    struct side cut = *s;
    cut.kernel--;
    cut.before -= s->dilation;
    cut.cut_front++;
    if (cut.kernel < 1 || cut.before < 0 || !touches(&cut) || windows_of(&cut) != s->out)
        return false;
    *s = cut;
    return true;
}

/* Padding behind the map shrinks to what the last window still needs. */
static bool cut_end(struct side *s)
{
    struct side cut = *s;
    cut.kernel--;
    cut.cut_end++;
    int64_t needed = (int64_t)(s->out - 1) * s->stride + (int64_t)(cut.kernel - 1) * s->dilation + 1 - s->in - s->before;
    cut.after = needed < 0 ? 0 : (int32_t)needed;
    if (cut.kernel < 1 || !touches(&cut) || windows_of(&cut) != s->out)
        return false;
    *s = cut;
    return true;
}

/* Weights of tap (y, x) are zero in all filters; both layouts keep the taps of a kernel in rows. */
struct taps {
    const bool *is_zero;
    int32_t kernel_w;
};

static bool row_is_zero(const struct taps *t, int32_t y, int32_t columns)
{
    for (int32_t x = 0; x < columns; x++)
        if (!t->is_zero[y * t->kernel_w + x])
            return false;
    return true;
}

static bool column_is_zero(const struct taps *t, int32_t x, int32_t rows)
{
    for (int32_t y = 0; y < rows; y++)
        if (!t->is_zero[y * t->kernel_w + x])
            return false;
    return true;
}

static void cut_all(const struct taps *t, struct side *ys, struct side *xs)
{
    const int32_t rows = ys->kernel;
    const int32_t columns = xs->kernel;
    while (row_is_zero(t, ys->cut_front, columns) && cut_front(ys))
        continue;
    while (row_is_zero(t, rows - 1 - ys->cut_end, columns) && cut_end(ys))
        continue;
    while (column_is_zero(t, xs->cut_front, rows) && cut_front(xs))
        continue;
    while (column_is_zero(t, columns - 1 - xs->cut_end, rows) && cut_end(xs))
        continue;
}

/* SAME padding as tensorflow/lite/kernels/padding.h has it. */
static bool is_same(const struct side *s)
{
    int64_t out = ((int64_t)s->in + s->stride - 1) / s->stride;
    int64_t total = (out - 1) * s->stride + (int64_t)(s->kernel - 1) * s->dilation + 1 - s->in;
    total = total < 0 ? 0 : total;
    return out == s->out && total / 2 == s->before && total - total / 2 == s->after;
}

static bool is_valid(const struct side *s)
{
    return s->before == 0 && s->after == 0;
}

static void find_zero_taps(const int8_t *data, const struct lp_tensor *filter, bool is_depthwise, bool *is_zero)
{
    int64_t taps = (int64_t)filter->dims[1] * filter->dims[2];
    int64_t per_tap = filter->dims[3];
    for (int64_t t = 0; t < taps; t++)
        is_zero[t] = true;
    for (int64_t o = 0; o < (is_depthwise ? 1 : filter->dims[0]); o++)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t i = 0; i < per_tap && is_zero[t]; i++)
                is_zero[t] = data[(o * taps + t) * per_tap + i] == 0;
}

static lp_status cut_filter(struct lp_rewrite *w, struct lp_op *op, const struct side *ys, const struct side *xs)
{
    struct lp_tensor filter = *lp_op_input(w->after, op, 1);
    const int8_t *from = filter.data;
    int64_t per_tap = filter.dims[3];
    int64_t rows = filter.dims[1];
    int64_t columns = filter.dims[2];
    filter.dims[1] = ys->kernel;
    filter.dims[2] = xs->kernel;
    int8_t *data = LP_NEW_ARRAY(w->channels->arena, (size_t)lp_tensor_elements(&filter), int8_t);
    if (data == NULL)
        return lp_no_memory(w->channels->diag);
    int8_t *to = data;
    for (int64_t o = 0; o < filter.dims[0]; o++)
        for (int64_t y = ys->cut_front; y < ys->cut_front + ys->kernel; y++) {
            memcpy(to, from + ((o * rows + y) * columns + xs->cut_front) * per_tap, (size_t)(xs->kernel * per_tap));
            to += xs->kernel * per_tap;
        }
    filter.data = data;
    return lp_rewrite_input(w, op, 1, &filter);
}

lp_status lp_rewrite_trim(struct lp_rewrite *w, const struct lp_op *before, struct lp_op *op)
{
    struct lp_window *window = &op->as.window;
    const struct lp_tensor *in = lp_op_input(w->after, op, 0);
    const struct lp_tensor *filter = lp_op_input(w->after, op, 1);
    const struct lp_tensor *out = lp_op_output(w->after, op, 0);
    struct side ys = {in->dims[1],
                      out->dims[1],
                      window->kernel_h,
                      window->stride_h,
                      window->dilation_h,
                      window->pad_top,
                      window->pad_bottom,
                      0,
                      0};
    struct side xs = {in->dims[2],
                      out->dims[2],
                      window->kernel_w,
                      window->stride_w,
                      window->dilation_w,
                      window->pad_left,
                      window->pad_right,
                      0,
                      0};
    bool *is_zero = LP_NEW_ARRAY(w->channels->arena, (size_t)window->kernel_h * (size_t)window->kernel_w, bool);
    if (is_zero == NULL)
        return lp_no_memory(w->channels->diag);
    find_zero_taps(filter->data, filter, op->kind == LP_OP_DEPTHWISE_CONV_2D, is_zero);
    const struct taps taps = {is_zero, window->kernel_w};
    cut_all(&taps, &ys, &xs);
    bool is_cut = ys.cut_front + ys.cut_end + xs.cut_front + xs.cut_end != 0;
    enum lp_padding padding = is_same(&ys) && is_same(&xs)     ? LP_PADDING_SAME
                              : is_valid(&ys) && is_valid(&xs) ? LP_PADDING_VALID
                                                               : LP_PADDING_EXPLICIT;
    if (!is_cut || (padding == LP_PADDING_EXPLICIT && w->only_tflite))
        return LP_OK;
    struct lp_removed_layer *layer = &w->layers[before - w->before->ops];
    layer->trimmed_rows = ys.cut_front + ys.cut_end;
    layer->trimmed_columns = xs.cut_front + xs.cut_end;
    *window = (struct lp_window){padding,   xs.stride, xs.stride, xs.dilation, xs.dilation, ys.kernel,
                                 xs.kernel, ys.before, xs.before, ys.after,    xs.after};
    window->stride_h = ys.stride;
    window->dilation_h = ys.dilation;
    return cut_filter(w, op, &ys, &xs);
}
