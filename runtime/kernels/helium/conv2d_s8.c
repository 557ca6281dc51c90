#include "runtime/kernels/helium/dot_s8.h"
#include "runtime/kernels/helium/edge_s8.h"
#include "runtime/kernels/helium/inside.h"
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>
#include <stddef.h>

struct conv {
    const struct lp_conv2d_s8 *p;
    lp_helium_dot_run *pair;
    const int8_t *in; /* of the batch */
    struct lp_helium_dot dot;
    struct lp_helium_rest rest;
    int32_t row_bytes, window_bytes;
    int8_t *windows; /* LP_WINDOW_BYTES for windows that don't lie in the map as they are */
};

/* `count` bytes, 0 or more. */
static inline void fill(int8_t *to, int8x16_t value, int32_t count)
{
    __asm__ volatile("wlstp.8 lr, %1, 2f\n1:\n\tvstrb.8 %q2, [%0], #16\n\tletp lr, 1b\n2:"
                     : "+l"(to)
                     : "r"(count), "w"(value)
                     : "lr", "memory");
}

static inline void copy(int8_t *to, const int8_t *from, int32_t count)
{
    __asm__ volatile("wlstp.8 lr, %2, 2f\n1:\n\tvldrb.u8 q0, [%1], #16\n\tvstrb.8 q0, [%0], #16\n\tletp lr, 1b\n2:"
                     : "+l"(to), "+l"(from)
                     : "r"(count)
                     : "lr", "q0", "memory");
}

/* The window whose first tap lies in row y and column x, as the filters have it. */
static void gather(const struct conv *c, int32_t y, int32_t x, int8_t *to)
{
    const struct lp_conv2d_s8 *p = c->p;
    const int32_t in_w = p->in_w, in_c = p->in_c;
    /* So many taps lie side by side. */
    const int32_t at_once = p->dilation_w == 1 ? p->kernel_w : 1;
    for (int32_t ky = p->kernel_h; ky > 0; ky--, y += p->dilation_h) {
        fill(to, vdupq_n_s8((int8_t)p->pad_value), c->row_bytes);
        int32_t column = x;
        for (int32_t kx = p->kernel_w; kx > 0; kx -= at_once, column += p->dilation_w) {
            const int32_t first = column < 0 ? 0 : column;
            const int32_t end = column + at_once < in_w ? column + at_once : in_w;
            if ((uint32_t)y < (uint32_t)p->in_h && first < end)
                copy(to + (first - column) * in_c, c->in + (y * in_w + first) * in_c, (end - first) * in_c);
            to += at_once * in_c;
        }
    }
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

/* From one row of a window to the next: in the map, or in the copy of a window. */
static void set_pitch(struct conv *c, int32_t pitch_bytes)
{
    c->dot.row_step_bytes = pitch_bytes - c->dot.row_vectors * LP_LANES;
    c->rest.row_pitch_bytes = pitch_bytes;
}

/* Where the window of an output column starts. */
static inline int32_t start_of(int32_t at, int32_t stride, int32_t pad)
{
    return at * stride - pad;
}

/* The same where no tap lies outside the map and those of a row lie side by side. */
static inline void gather_inside(const struct conv *c, const int8_t *from, int32_t pitch_bytes, int8_t *to)
{
    int32_t rows = c->p->kernel_h;
    const int8_t *at;
    __asm__ volatile("1:\n\tmov %[at], %[from]\n\tdlstp.8 lr, %[bytes]\n"
                     "2:\n\tvldrb.u8 q0, [%[at]], #16\n\tvstrb.8 q0, [%[to]], #16\n\tletp lr, 2b\n\t"
                     "add %[to], %[to], %[back]\n\tadd %[from], %[from], %[pitch]\n\tsubs %[rows], %[rows], #1\n\tbne 1b"
                     : [at] "=&r"(at), [from] "+r"(from), [to] "+r"(to), [rows] "+r"(rows)
                     : [bytes] "r"(c->row_bytes), [pitch] "r"(pitch_bytes), [back] "r"(-(-c->row_bytes & 15))
                     : "lr", "q0", "cc", "memory");
}

/* Output columns [first, end) of row y by copies of their windows, as many at a time as there is room for. `is_narrow`: most of
 * them lie inside the map. */
static inline void run_gathered(struct conv *c, int32_t y, int8_t *out, int32_t first, int32_t end, bool is_narrow)
{
    const struct lp_conv2d_s8 *p = c->p;
    const int32_t at_once = LP_WINDOW_BYTES / c->window_bytes;
    const int32_t top = start_of(y, p->stride_h, p->pad_top);
    const bool is_inside = is_narrow && top >= 0 && top + (p->kernel_h - 1) * p->dilation_h < p->in_h &&
                           (p->dilation_w == 1 || p->kernel_w == 1);
    while (first < end) {
        const int32_t places = end - first < at_once ? end - first : at_once;
        int8_t *to = c->windows;
        int32_t left = start_of(first, p->stride_w, p->pad_left);
        for (int32_t i = 0; i < places; i++, left += p->stride_w, to += c->window_bytes) {
            if (is_inside && left >= 0 && left + p->kernel_w <= p->in_w)
                gather_inside(c, c->in + (top * p->in_w + left) * p->in_c, p->dilation_h * p->in_w * p->in_c, to);
            else
                gather(c, top, left, to);
        }
        run(c, c->windows, c->window_bytes, out + first * p->out_c, places);
        first += places;
    }
}

/* Output columns [first, end) of row y, some of whose windows reach beyond the map. */
static void run_edge(const struct conv *c, int32_t y, int8_t *out, int32_t first, int32_t end)
{
    const struct lp_conv2d_s8 *p = c->p;
    for (int32_t x = first; x < end; x++)
        lp_helium_edge(p, c->in, start_of(y, p->stride_h, p->pad_top), start_of(x, p->stride_w, p->pad_left), out + x * p->out_c);
}

/* Rows of the map are read where they lie; only windows with taps outside are copied, or, when they are large, walked. */
static inline __attribute__((always_inline)) void run_rows(struct conv *c, int8_t *out, bool is_large)
{
    const struct lp_conv2d_s8 *p = c->p;
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const struct lp_helium_range rows = lp_helium_inside(p->in_h, p->out_h, p->stride_h, p->pad_top, reach_h);
    const struct lp_helium_range columns = lp_helium_inside(p->in_w, p->out_w, p->stride_w, p->pad_left, p->kernel_w);
    for (int32_t y = 0; y < p->out_h; y++, out += p->out_w * p->out_c) {
        const bool is_inside = y >= rows.first && y < rows.end && columns.first < columns.end;
        int32_t end = is_inside ? columns.first : p->out_w;
        set_pitch(c, c->row_bytes);
        /* Before the columns in the middle, then behind them. */
        for (int32_t first = 0;;) {
            if (is_large)
                run_edge(c, y, out, first, end);
            else
                run_gathered(c, y, out, first, end, false);
            if (end == p->out_w)
                break;
            set_pitch(c, p->dilation_h * p->in_w * p->in_c);
            int32_t at = start_of(y, p->stride_h, p->pad_top) * p->in_w + start_of(end, p->stride_w, p->pad_left);
            run(c, c->in + at * p->in_c, p->stride_w * p->in_c, out + end * p->out_c, columns.end - end);
            set_pitch(c, c->row_bytes);
            first = columns.end;
            end = p->out_w;
        }
    }
}

static void run_map(struct conv *c, int8_t *out)
{
    run_rows(c, out, false);
}

static void run_map_large(struct conv *c, int8_t *out)
{
    run_rows(c, out, true);
}

/* Rows of a few bytes: every window is copied. */
static void run_map_narrow(struct conv *c, int8_t *out)
{
    for (int32_t y = 0; y < c->p->out_h; y++, out += c->p->out_w * c->p->out_c)
        run_gathered(c, y, out, 0, c->p->out_w, true);
}

static void prepare(struct conv *c, const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair, bool is_one_row)
{
    const int32_t rest = p->out_c % LP_GROUP;
    c->p = p;
    c->pair = pair;
    c->in = p->in;
    c->row_bytes = p->kernel_w * p->in_c;
    c->window_bytes = p->kernel_h * c->row_bytes;
    /* The weights are in the order of whole rows of the map, or of one row that is the whole window. */
    c->rest.rows = c->dot.rows = is_one_row ? 1 : p->kernel_h;
    c->rest.row_bytes = is_one_row ? c->window_bytes : c->row_bytes;
    c->dot.row_vectors = c->rest.row_bytes / LP_LANES;
    c->dot.row_tail_bytes = c->rest.row_bytes % LP_LANES;
    c->dot.groups = p->weight;
    c->dot.groups_end = p->weight + (p->out_c - rest) * (c->window_bytes + (p->per_channel ? 9 : 4));
    c->dot.out_step_bytes = p->out_c + rest;
    c->rest.constants = c->dot.groups_end;
    c->rest.channels = rest;
    c->rest.output = (struct lp_output_s8){p->multiplier, p->shift,       p->out_offset, p->act_min,
                                           p->act_max,    p->per_channel, p->rounding};
    c->dot.per_channel = p->per_channel;
    c->dot.out_offset = p->out_offset;
    c->dot.act_min = p->act_min;
    c->dot.act_max = p->act_max;
    if (!p->per_channel) {
        c->dot.multiplier = *p->multiplier;
        c->dot.shift = lp_packed_shift(*p->shift, p->rounding);
    }
}

typedef void run_whole_map(struct conv *c, int8_t *out);

static void convolve(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair, run_whole_map *run_map_of, bool is_narrow)
{
    int8_t windows[LP_WINDOW_BYTES];
    struct conv c;
    prepare(&c, p, pair, is_narrow);
    c.windows = windows;
    for (int32_t b = 0; b < p->batches; b++, c.in += p->in_h * p->in_w * p->in_c)
        run_map_of(&c, p->out + b * p->out_h * p->out_w * p->out_c);
}

/* Windows that LP_WINDOW_BYTES do not hold. */
static void convolve_large(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair)
{
    struct conv c;
    prepare(&c, p, pair, false);
    for (int32_t b = 0; b < p->batches; b++, c.in += p->in_h * p->in_w * p->in_c)
        run_map_large(&c, p->out + b * p->out_h * p->out_w * p->out_c);
}

/* One tap a window and no padding: the map is one long row. */
static void convolve_1x1(const struct lp_conv2d_s8 *p, lp_helium_dot_run *pair)
{
    struct conv c;
    prepare(&c, p, pair, false);
    const int32_t rows = p->stride_h == 1 && p->stride_w == 1 ? 1 : p->batches * p->out_h;
    const int32_t places = p->batches * p->out_h * p->out_w / rows;
    for (int32_t y = 0; y < rows; y++) {
        int32_t in_row = rows == 1 ? 0 : y / p->out_h * p->in_h + y % p->out_h * p->stride_h;
        run(&c, p->in + in_row * p->in_w * p->in_c, p->stride_w * p->in_c, p->out + y * places * p->out_c, places);
    }
}

lp_status lp_conv2d_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_single, run_map, false);
    return LP_OK;
}

lp_status lp_conv2d_s8_double__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_double, run_map, false);
    return LP_OK;
}

lp_status lp_conv2d_narrow_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_single, run_map_narrow, true);
    return LP_OK;
}

lp_status lp_conv2d_narrow_s8_double__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_double, run_map_narrow, true);
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

lp_status lp_conv2d_scaled_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_scaled_single, run_map, false);
    return LP_OK;
}

lp_status lp_conv2d_narrow_scaled_s8_single__helium(const void *args)
{
    convolve(args, lp_helium_dot_pair_scaled_single, run_map_narrow, true);
    return LP_OK;
}

lp_status lp_conv2d_1x1_scaled_s8_single__helium(const void *args)
{
    convolve_1x1(args, lp_helium_dot_pair_scaled_single);
    return LP_OK;
}

/* What scaling costs is nothing beside windows of this size. */
lp_status lp_conv2d_large_s8_single__helium(const void *args)
{
    convolve_large(args, lp_helium_dot_pair_scaled_single);
    return LP_OK;
}

lp_status lp_conv2d_large_s8_double__helium(const void *args)
{
    convolve_large(args, lp_helium_dot_pair_double);
    return LP_OK;
}
