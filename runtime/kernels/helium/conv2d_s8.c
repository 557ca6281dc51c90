#include "runtime/kernels/helium/dot_s8.h"
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>
#include <stddef.h>

struct conv {
    const struct lp_conv2d_s8 *p;
    lp_helium_dot_run *pair;
    const int8_t *in; /* of the batch */
    struct lp_helium_dot dot;
    struct lp_helium_rest rest;
    int32_t window_bytes;
    int8_t *windows; /* LP_WINDOW_BYTES for windows that don't lie in the map as they are */
};

/* `count` bytes, 0 or more. */
static inline void fill(int8_t *to, int8x16_t value, int32_t count)
{
    for (; count > 0; count -= LP_LANES, to += LP_LANES)
        vstrbq_p_s8(to, value, vctp8q((uint32_t)count));
}

static inline void copy(int8_t *to, const int8_t *from, int32_t count)
{
    for (; count > 0; count -= LP_LANES, to += LP_LANES, from += LP_LANES) {
        mve_pred16_t lanes = vctp8q((uint32_t)count);
        vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
    }
}

/* One row of a window whose first tap lies in column x, and which has taps inside the map: columns side by side at once. */
static void gather_row(const struct lp_conv2d_s8 *p, const int8_t *row, int32_t x, int8_t *to)
{
    if (p->dilation_w == 1 || p->kernel_w == 1) {
        int32_t before = x < 0 ? -x : 0;
        int32_t end = p->in_w - x < p->kernel_w ? p->in_w - x : p->kernel_w;
        if (before < end)
            copy(to + before * p->in_c, row + (x + before) * p->in_c, (end - before) * p->in_c);
        return;
    }
    for (int32_t kx = 0; kx < p->kernel_w; kx++, x += p->dilation_w, to += p->in_c)
        if (x >= 0 && x < p->in_w)
            copy(to, row + x * p->in_c, p->in_c);
}

/* The window whose first tap lies in row y and column x, as the filters have it. */
static void gather(const struct conv *c, int32_t y, int32_t x, int8_t *window)
{
    const struct lp_conv2d_s8 *p = c->p;
    const int32_t row_bytes = p->kernel_w * p->in_c;
    const int32_t last_x = x + (p->kernel_w - 1) * p->dilation_w;
    const int32_t last_y = y + (p->kernel_h - 1) * p->dilation_h;
    if (x < 0 || y < 0 || last_x >= p->in_w || last_y >= p->in_h)
        fill(window, vdupq_n_s8((int8_t)p->pad_value), c->window_bytes);
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h, window += row_bytes)
        if (y >= 0 && y < p->in_h)
            gather_row(p, c->in + y * p->in_w * p->in_c, x, window);
}

/* Two places, or one where both are the same. */
static void run_groups(struct conv *c, const int8_t *in, int32_t step, int8_t *out, int32_t places, int32_t times)
{
    struct lp_helium_dot *dot = &c->dot;
    if (dot->groups == dot->groups_end)
        return;
    dot->in[0] = in;
    dot->in[1] = places == 2 ? in + step : in;
    dot->out[0] = out;
    dot->out[1] = places == 2 ? out + c->p->out_c : out;
    dot->places = times;
    dot->in_step_bytes = 2 * step;
    c->pair(dot);
}

/* `places` outputs that lie side by side, two at a time, `step` bytes apart in the input. */
static void run(struct conv *c, const int8_t *in, int32_t step, int8_t *out, int32_t places)
{
    const int32_t out_c = c->p->out_c;
    if (c->rest.channels == 0 && places > 1) {
        int32_t times = places / 2;
        run_groups(c, in, step, out, 2, times);
        in += 2 * times * step;
        out += 2 * times * out_c;
        places -= 2 * times;
    }
    /* The output may slide over the input: a pair's last channels come before the next pair. */
    for (; places > 0; places -= 2, in += 2 * step, out += 2 * out_c) {
        run_groups(c, in, step, out, places > 1 ? 2 : 1, 1);
        for (int32_t i = 0; c->rest.channels != 0 && i < 2 && i < places; i++)
            lp_helium_dot_rest(&c->rest, in + i * step, out + (i + 1) * out_c - c->rest.channels);
    }
}

static void set_rows(struct conv *c, int32_t rows, int32_t row_bytes, int32_t pitch_bytes)
{
    c->dot.rows = c->rest.rows = rows;
    c->dot.row_vectors = row_bytes / LP_LANES;
    c->dot.row_tail_bytes = row_bytes % LP_LANES;
    c->dot.row_step_bytes = pitch_bytes - row_bytes / LP_LANES * LP_LANES;
    c->rest.row_bytes = row_bytes;
    c->rest.row_pitch_bytes = pitch_bytes;
}

/* Where the window of an output column starts. */
static inline int32_t start_of(int32_t at, int32_t stride, int32_t pad)
{
    return at * stride - pad;
}

/* Output columns [first, end) of row y by copies of their windows, two at a time where there is room for two. */
static void run_gathered(struct conv *c, int32_t y, int8_t *out, int32_t first, int32_t end)
{
    const struct lp_conv2d_s8 *p = c->p;
    const bool rows_apart = !lp_conv2d_s8_is_gathered(p);
    const int32_t row_bytes = p->kernel_w * p->in_c;
    /* The weights are in the order of whole rows of the map, or of one row that is the whole window. */
    if (rows_apart)
        set_rows(c, p->kernel_h, row_bytes, row_bytes);
    else
        set_rows(c, 1, c->window_bytes, c->window_bytes);
    int32_t at_once = 2 * c->window_bytes <= LP_WINDOW_BYTES ? 2 : 1;
    for (int32_t x = first; x < end; x += at_once) {
        int32_t places = end - x < at_once ? end - x : at_once;
        for (int32_t i = 0; i < places; i++)
            gather(c, start_of(y, p->stride_h, p->pad_top), start_of(x + i, p->stride_w, p->pad_left),
                   c->windows + i * c->window_bytes);
        run(c, c->windows, c->window_bytes, out + x * p->out_c, places);
    }
}

/* [*first, *end): outputs all of whose taps lie inside `size`; *first = *end when there are none. */
static void inside(int32_t size, int32_t count, int32_t stride, int32_t pad, int32_t reach, int32_t *first, int32_t *end)
{
    *first = (pad + stride - 1) / stride;
    *end = size + pad - reach < 0 ? 0 : (size + pad - reach) / stride + 1;
    if (*end > count)
        *end = count;
    if (*first > *end)
        *first = *end;
}

static void run_map(struct conv *c, int8_t *out)
{
    const struct lp_conv2d_s8 *p = c->p;
    int32_t first = 0, end = 0, top = 0, bottom = 0;
    if (!lp_conv2d_s8_is_gathered(p)) {
        inside(p->in_h, p->out_h, p->stride_h, p->pad_top, (p->kernel_h - 1) * p->dilation_h + 1, &top, &bottom);
        inside(p->in_w, p->out_w, p->stride_w, p->pad_left, p->kernel_w, &first, &end);
    }
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->out_c) {
        bool is_inside = y >= top && y < bottom && first < end;
        if (!is_inside) {
            run_gathered(c, y, out, 0, p->out_w);
            continue;
        }
        if (first > 0)
            run_gathered(c, y, out, 0, first);
        set_rows(c, p->kernel_h, p->kernel_w * p->in_c, p->dilation_h * p->in_w * p->in_c);
        const int8_t *in = c->in +
                           (start_of(y, p->stride_h, p->pad_top) * p->in_w + start_of(first, p->stride_w, p->pad_left)) * p->in_c;
        run(c, in, p->stride_w * p->in_c, out + first * p->out_c, end - first);
        if (end < p->out_w)
            run_gathered(c, y, out, end, p->out_w);
    }
}

static struct conv prepare(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair)
{
    const int32_t rest = p->out_c % LP_GROUP;
    const int32_t window_bytes = p->kernel_h * p->kernel_w * p->in_c;
    const int32_t shift = p->per_channel ? 0 : *p->shift;
    struct conv c = {.p = p, .pair = pair, .in = p->in, .window_bytes = window_bytes};
    c.dot = (struct lp_helium_dot){
        .groups = p->weight,
        .groups_end = p->weight + (p->out_c - rest) * (window_bytes + (p->per_channel ? 9 : 4)),
        .out_step_bytes = p->out_c + rest,
        .per_channel = p->per_channel,
        .out_offset = p->out_offset,
        .act_min = p->act_min,
        .act_max = p->act_max,
        .multiplier = p->per_channel ? 0 : *p->multiplier,
        .shift = lp_packed_shift(shift, p->rounding),
    };
    c.rest = (struct lp_helium_rest){
        .constants = c.dot.groups_end,
        .channels = rest,
        .out_offset = p->out_offset,
        .multiplier = c.dot.multiplier,
        .shift = shift,
        .act_min = p->act_min,
        .act_max = p->act_max,
        .per_channel = p->per_channel,
        .rounding = p->rounding,
    };
    return c;
}

static void convolve(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair)
{
    int8_t windows[LP_WINDOW_BYTES];
    struct conv c = prepare(p, pair);
    c.windows = windows;
    for (int32_t b = 0; b < p->batches; b++, c.in += p->in_h * p->in_w * p->in_c)
        run_map(&c, p->out + b * p->out_h * p->out_w * p->out_c);
}

/* One tap a window and no padding: the map is one long row. */
static void convolve_1x1(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair)
{
    struct conv c = prepare(p, pair);
    set_rows(&c, 1, p->in_c, p->in_c);
    const int32_t rows = p->stride_h == 1 && p->stride_w == 1 ? 1 : p->batches * p->out_h;
    const int32_t places = p->batches * p->out_h * p->out_w / rows;
    for (int32_t y = 0; y < rows; y++) {
        int32_t in_row = y / p->out_h * p->in_h + y % p->out_h * p->stride_h;
        run(&c, p->in + (rows == 1 ? 0 : in_row * p->in_w * p->in_c), p->stride_w * p->in_c, p->out + y * places * p->out_c,
            places);
    }
}

lp_status lp_conv2d_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_single);
    return LP_OK;
}

lp_status lp_conv2d_s8_double__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_double);
    return LP_OK;
}

lp_status lp_conv2d_1x1_s8_single__helium(const void *args)
{
    convolve_1x1(args, lp_helium_dot_pair_single);
    return LP_OK;
}

lp_status lp_conv2d_1x1_s8_double__helium(const void *args)
{
    convolve_1x1(args, lp_helium_dot_pair_double);
    return LP_OK;
}
