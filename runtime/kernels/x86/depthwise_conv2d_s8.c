/* Depthwise convolution with one output channel for each input channel. 3x3 windows go by columns of the map, where the CPU has
 * what that takes; others by the addresses of their taps. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/variants.h"

#include <string.h>

enum { MOST_TAPS = 64 };

struct depthwise {
    struct lp_depthwise_conv2d_s8 p;
    const struct lp_x86_ops *ops;
    struct lp_x86_output output;
    struct lp_x86_tiles tiles; /* of one pixel */
    struct lp_x86_tiles wide;  /* of `at_once` pixels side by side: their channels are repeated */
    bool by_columns;
    int32_t at_once;
    int8_t *pad;                      /* a pixel outside the map, a tile's width at least */
    int8_t *result;                   /* a row, where the output may lie over what is still to be read; else null */
    int32_t first_inside, end_inside; /* output columns whose windows lie inside the map */
};

/* The taps of the window whose first one is at row y and column x. */
static void find_taps(const struct depthwise *d, const int8_t *in, int32_t y, int32_t x, const int8_t **tap)
{
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    for (int32_t ky = 0; ky < p->kernel_h; ky++)
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t row = y + ky * p->dilation_h, column = x + kx * p->dilation_w;
            const bool is_in_map = row >= 0 && row < p->in_h && column >= 0 && column < p->in_w;
            *tap++ = is_in_map ? in + ((ptrdiff_t)row * p->in_w + column) * p->in_c : d->pad;
        }
}

/* Outputs [x, x + places) of a row, which lie inside the map if they are several. */
static void run_taps(const struct depthwise *d, const int8_t *in, int32_t y, int8_t *out, int32_t x, int32_t places)
{
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    const int8_t *tap[MOST_TAPS + LP_X86_STEP];
    find_taps(d, in, y, x * p->stride_w - p->pad_left, tap);
    for (int32_t i = p->kernel_h * p->kernel_w; i < d->tiles.steps * LP_X86_STEP; i++)
        tap[i] = tap[0]; /* its weights are zeros */
    const struct lp_x86_taps taps = {tap, p->stride_w * p->in_c, out + (ptrdiff_t)x * p->out_c, places};
    d->ops->taps(&d->tiles, &d->output, &taps);
}

static void run_row_by_taps(const struct depthwise *d, const int8_t *in, int32_t y, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    /* With rows outside the map, a window's taps there stay where they are while others move on. */
    const bool is_inside = y >= 0 && y + (p->kernel_h - 1) * p->dilation_h < p->in_h;
    const int32_t first = is_inside ? d->first_inside : p->out_w, end = is_inside ? d->end_inside : p->out_w;
    for (int32_t x = 0; x < first; x++)
        run_taps(d, in, y, out, x, 1);
    if (first < end)
        run_taps(d, in, y, out, first, end - first);
    for (int32_t x = end; x < p->out_w; x++)
        run_taps(d, in, y, out, x, 1);
}

static void run_columns(const struct depthwise *d, struct lp_x86_columns *columns, int8_t *out, int32_t x, int32_t end,
                        bool is_wide)
{
    const int32_t at_once = is_wide ? d->at_once : 1;
    columns->first_column = x * d->p.stride_w - d->p.pad_left;
    columns->in_w = d->p.in_w - at_once + 1;
    columns->advance = at_once * d->p.stride_w;
    columns->out = out + (ptrdiff_t)x * d->p.out_c;
    columns->places = (end - x) / at_once;
    if (columns->places > 0)
        d->ops->columns(is_wide ? &d->wide : &d->tiles, &d->output, columns);
}

static void run_row_by_columns(const struct depthwise *d, const int8_t *in, int32_t y, int8_t *out)
{
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    struct lp_x86_columns columns = {.pad = d->pad};
    for (int32_t r = 0; r < 3; r++) {
        const bool is_inside = y + r >= 0 && y + r < p->in_h;
        columns.row[r] = is_inside ? in + (ptrdiff_t)(y + r) * p->in_w * p->in_c : d->pad;
        columns.column_bytes[r] = is_inside ? p->in_c : 0;
    }
    if (d->at_once == 1) {
        run_columns(d, &columns, out, 0, p->out_w, false);
        return;
    }
    const int32_t whole = d->first_inside + (d->end_inside - d->first_inside) / d->at_once * d->at_once;
    run_columns(d, &columns, out, 0, d->first_inside, false);
    run_columns(d, &columns, out, d->first_inside, whole, true);
    run_columns(d, &columns, out, whole, p->out_w, false);
}

lp_status lp_depthwise_conv2d_s8__x86(const void *args)
{
    const struct depthwise *d = args;
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    const size_t row_bytes = (size_t)p->out_w * (size_t)p->out_c;
    for (int32_t b = 0; b < p->batches; b++, in += (ptrdiff_t)p->in_h * p->in_w * p->in_c)
        for (int32_t y = 0; y < p->out_h; y++, out += row_bytes) {
            int8_t *row = d->result != NULL ? d->result : out;
            if (d->by_columns)
                run_row_by_columns(d, in, y * p->stride_h - p->pad_top, row);
            else
                run_row_by_taps(d, in, y * p->stride_h - p->pad_top, row);
            if (row != out)
                memcpy(out, row, row_bytes);
        }
    return LP_OK;
}

static void pack(struct depthwise *d, struct lp_x86_room *room)
{
    const struct lp_depthwise_conv2d_s8 *p = &d->p;
    struct lp_x86_weights weights = {.weight = p->weight,
                                     .bias = p->bias,
                                     .multiplier = p->multiplier,
                                     .shift = p->shift,
                                     .per_channel = p->per_channel != 0,
                                     .in_offset = p->in_offset,
                                     .channels = p->out_c,
                                     .rows = 1,
                                     .row_weights = p->kernel_h * p->kernel_w,
                                     .channel_stride = 1,
                                     .tap_stride = p->out_c,
                                     .repeat = 1};
    if (d->by_columns) {
        weights.rows = p->kernel_w;
        weights.row_weights = p->kernel_h;
        weights.row_stride = p->out_c;
        weights.tap_stride = p->kernel_w * p->out_c;
    }
    lp_x86_pack(room, &weights, d->ops->adds_128, &d->tiles);
    weights.repeat = d->at_once;
    if (d->at_once > 1)
        lp_x86_pack(room, &weights, d->ops->adds_128, &d->wide);
    d->output = (struct lp_x86_output){p->out_offset, p->act_min, p->act_max, lp_x86_rounding_of_all(&weights, p->rounding)};
}

bool lp_x86_prepare_depthwise(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    struct depthwise made = {.p = *(const struct lp_depthwise_conv2d_s8 *)args, .ops = ops};
    const struct lp_depthwise_conv2d_s8 *p = &made.p;
    if (p->depth_multiplier != 1 || p->kernel_h * p->kernel_w > MOST_TAPS)
        return false;
    struct depthwise *d = lp_x86_take(room, sizeof *d);
    lp_x86_columns_inside(p->in_w, p->out_w, p->stride_w, p->pad_left, (p->kernel_w - 1) * p->dilation_w + 1, &made.first_inside,
                          &made.end_inside);
    made.by_columns = ops->columns != NULL && p->kernel_h == 3 && p->kernel_w == 3 && p->dilation_h == 1 && p->dilation_w == 1;
    /* Neighbouring outputs that read neighbouring inputs fill a tile. */
    made.at_once = made.by_columns && p->stride_w == 1 && p->out_c < LP_X86_LANES ? LP_X86_LANES / p->out_c : 1;
    pack(&made, room);
    made.pad = lp_x86_take(room, (size_t)p->in_c + LP_X86_LANES);
    const size_t in_bytes = (size_t)p->batches * (size_t)p->in_h * (size_t)p->in_w * (size_t)p->in_c;
    const size_t row_bytes = (size_t)p->out_w * (size_t)p->out_c;
    if (lp_x86_overlap(p->in, in_bytes, p->out, (size_t)p->batches * (size_t)p->out_h * row_bytes))
        made.result = lp_x86_take(room, row_bytes);
    if (d != NULL) {
        memset(made.pad, p->pad_value - p->in_offset, (size_t)p->in_c + LP_X86_LANES);
        *d = made;
    }
    return true;
}

#endif
