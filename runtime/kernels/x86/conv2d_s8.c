/* Convolution and fully connected: windows are read where they lie in the map. A map that has to be padded, or whose last window
 * would be read beyond the map's end, is copied first. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/variants.h"

#include <string.h>

struct conv {
    struct lp_conv2d_s8 p;
    const struct lp_x86_ops *ops;
    struct lp_x86_tiles tiles;
    struct lp_x86_output output;
    int32_t *offset;      /* of a window's steps */
    int8_t *map;          /* the padded copy; null where the input itself is read */
    int32_t map_h, map_w; /* of it */
    int8_t *results;      /* LP_X86_PLACES pixels, where the output may lie over what is still to be read; else null */
};

static void copy_map(const struct conv *c, const int8_t *in)
{
    const struct lp_conv2d_s8 *p = &c->p;
    const size_t row_bytes = (size_t)p->in_w * (size_t)p->in_c;
    int8_t *to = c->map + ((ptrdiff_t)p->pad_top * c->map_w + p->pad_left) * p->in_c;
    for (int32_t y = 0; y < p->in_h; y++, in += row_bytes, to += (ptrdiff_t)c->map_w * p->in_c)
        memcpy(to, in, row_bytes);
}

static void run_row(const struct conv *c, const int8_t *in, int8_t *out)
{
    const struct lp_conv2d_s8 *p = &c->p;
    struct lp_x86_dot dot = {.offset = c->offset, .place_bytes = p->stride_w * p->in_c, .out_bytes = p->out_c};
    for (int32_t x = 0; x < p->out_w; x += dot.places) {
        int8_t *to = out + (ptrdiff_t)x * p->out_c;
        dot.in = in + (ptrdiff_t)x * dot.place_bytes;
        dot.out = c->results != NULL ? c->results : to;
        dot.places = p->out_w - x < LP_X86_PLACES ? p->out_w - x : LP_X86_PLACES;
        c->ops->dot(&c->tiles, &c->output, &dot);
        if (c->results != NULL)
            memcpy(to, c->results, (size_t)dot.places * (size_t)p->out_c);
    }
}

lp_status lp_conv2d_s8__x86(const void *args)
{
    const struct conv *c = args;
    const struct lp_conv2d_s8 *p = &c->p;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++, in += (ptrdiff_t)p->in_h * p->in_w * p->in_c) {
        if (c->map != NULL)
            copy_map(c, in);
        const int8_t *row = c->map != NULL ? c->map : in;
        for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->out_c)
            run_row(c, row + (ptrdiff_t)y * p->stride_h * c->map_w * p->in_c, out);
    }
    return LP_OK;
}

/* One tap everywhere: the maps are one long row. */
static void join_rows(struct lp_conv2d_s8 *p)
{
    if (p->kernel_h != 1 || p->kernel_w != 1 || p->stride_h != 1 || p->stride_w != 1 || p->out_h != p->in_h ||
        p->out_w != p->in_w)
        return;
    p->in_w = p->out_w = p->batches * p->in_h * p->in_w;
    p->batches = p->in_h = p->out_h = 1;
}

/* Rows or columns that the windows reach, those before the map included. */
static int32_t reached(int32_t in, int32_t out, int32_t stride, int32_t pad, int32_t kernel, int32_t dilation)
{
    const int32_t last = (out - 1) * stride + (kernel - 1) * dilation + 1;
    return last > in + pad ? last : in + pad;
}

/* A row of a window is a row of the kernel, or a tap where taps do not lie side by side. */
static struct lp_x86_weights weights_of(const struct lp_conv2d_s8 *p)
{
    const bool is_row = p->dilation_w == 1;
    return (struct lp_x86_weights){.weight = p->weight,
                                   .bias = p->bias,
                                   .multiplier = p->multiplier,
                                   .shift = p->shift,
                                   .per_channel = p->per_channel != 0,
                                   .in_offset = p->in_offset,
                                   .channels = p->out_c,
                                   .rows = is_row ? p->kernel_h : p->kernel_h * p->kernel_w,
                                   .row_weights = is_row ? p->kernel_w * p->in_c : p->in_c,
                                   .channel_stride = p->kernel_h * p->kernel_w * p->in_c,
                                   .row_stride = is_row ? p->kernel_w * p->in_c : p->in_c,
                                   .tap_stride = 1,
                                   .repeat = 1};
}

static void find_offsets(struct conv *c)
{
    const struct lp_conv2d_s8 *p = &c->p;
    const int32_t taps = p->dilation_w == 1 ? 1 : p->kernel_w;
    for (int32_t s = 0; s < c->tiles.steps; s++) {
        const int32_t row = s / c->tiles.row_steps, y = row / taps * p->dilation_h, x = row % taps * p->dilation_w;
        c->offset[s] = (y * c->map_w + x) * p->in_c + s % c->tiles.row_steps * LP_X86_STEP;
    }
}

bool lp_x86_prepare_conv2d(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    struct conv made = {.p = *(const struct lp_conv2d_s8 *)args, .ops = ops};
    struct lp_conv2d_s8 *p = &made.p;
    if (p->filter_c != p->in_c)
        return false;
    join_rows(p);
    const struct lp_x86_weights weights = weights_of(p);
    const size_t row_steps = (size_t)(weights.row_weights + LP_X86_STEP - 1) / LP_X86_STEP;
    made.map_h = reached(p->in_h, p->out_h, p->stride_h, p->pad_top, p->kernel_h, p->dilation_h);
    made.map_w = reached(p->in_w, p->out_w, p->stride_w, p->pad_left, p->kernel_w, p->dilation_w);
    made.output = (struct lp_x86_output){p->out_offset, p->act_min, p->act_max, lp_x86_rounding_of_all(&weights, p->rounding)};
    const bool is_copied = made.map_h != p->in_h || made.map_w != p->in_w || weights.row_weights % LP_X86_STEP != 0;
    const size_t map_bytes = (size_t)made.map_h * (size_t)made.map_w * (size_t)p->in_c + LP_X86_STEP;
    struct conv *c = lp_x86_take(room, sizeof *c);
    lp_x86_pack(room, &weights, ops->adds_128, &made.tiles);
    made.offset = lp_x86_take(room, (size_t)weights.rows * row_steps * sizeof *made.offset);
    made.map = is_copied ? lp_x86_take(room, map_bytes) : NULL;
    const size_t in_bytes = (size_t)p->batches * (size_t)p->in_h * (size_t)p->in_w * (size_t)p->in_c;
    const size_t out_bytes = (size_t)p->batches * (size_t)p->out_h * (size_t)p->out_w * (size_t)p->out_c;
    const bool is_over = lp_x86_overlap(p->in, in_bytes, p->out, out_bytes);
    made.results = !is_copied && is_over ? lp_x86_take(room, LP_X86_PLACES * (size_t)p->out_c) : NULL;
    if (c == NULL)
        return true;
    find_offsets(&made);
    if (is_copied)
        memset(made.map, p->pad_value - p->in_offset, map_bytes);
    *c = made;
    return true;
}

bool lp_x86_prepare_fully_connected(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    const struct lp_fully_connected_s8 *p = args;
    const struct lp_conv2d_s8 conv = {.in = p->in,
                                      .weight = p->weight,
                                      .bias = p->bias,
                                      .multiplier = p->multiplier,
                                      .shift = p->shift,
                                      .out = p->out,
                                      .batches = 1,
                                      .in_h = 1,
                                      .in_w = p->batches,
                                      .in_c = p->in_c,
                                      .out_h = 1,
                                      .out_w = p->batches,
                                      .out_c = p->out_c,
                                      .filter_c = p->in_c,
                                      .in_offset = p->in_offset,
                                      .out_offset = p->out_offset,
                                      .kernel_h = 1,
                                      .kernel_w = 1,
                                      .stride_h = 1,
                                      .stride_w = 1,
                                      .dilation_h = 1,
                                      .dilation_w = 1,
                                      .act_min = p->act_min,
                                      .act_max = p->act_max,
                                      .per_channel = p->per_channel,
                                      .rounding = p->rounding};
    return lp_x86_prepare_conv2d(ops, &conv, room);
}

#endif
