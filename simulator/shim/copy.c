/* Library functions that move data between epochs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/shim/internal.h"

static uint8_t *bytes_of(struct lp_shim_session *s, const struct lp_shim_buffer *b)
{
    uint8_t *bytes = lp_arena_alloc(&s->scratch, b->bytes, 1);
    if (bytes == NULL)
        s->status = lp_no_memory(&s->diag);
    else
        lp_shim_get(s, b->address, bytes, b->bytes);
    return bytes;
}

static size_t element_bytes(const struct lp_shim_buffer *b)
{
    return b->bits == 0 ? 1 : (b->bits + 7) / 8;
}

/* Sizes of N, C, H, W: shape lists N, H, W, C, of which the last four count. */
static void sizes_of(const struct lp_shim_buffer *b, size_t nchw[4])
{
    size_t nhwc[4] = {1, 1, 1, 1};
    for (uint32_t i = 0; i < b->rank && i < 4; i++)
        nhwc[3 - i] = b->shape[b->rank - 1 - i];
    nchw[0] = nhwc[0];
    nchw[1] = nhwc[3];
    nchw[2] = nhwc[1];
    nchw[3] = nhwc[2];
}

/* Runs of bytes that a tensor contributes at once: everything to the right of the axis in memory (N, H, W, C). */
static size_t run_bytes(const struct lp_shim_buffer *b, uint32_t axis)
{
    size_t n[4], run = element_bytes(b);
    sizes_of(b, n);
    run *= n[1];
    if (axis == 1)
        return run;
    run *= n[3];
    if (axis == 3)
        return run;
    run *= n[2];
    return axis == 2 ? run : run * n[0];
}

/* Whether channels lie in blocks: [C/b][H][W][b]. */
static bool is_blocked(const struct lp_shim_buffer *b)
{
    size_t nchw[4];
    sizes_of(b, nchw);
    return b->batch != 0 && b->batch < nchw[1];
}

/* One input of which `run` bytes at a time go to `to`, `out_run` bytes apart; its channels may lie in blocks. */
static void interleave(struct lp_shim_session *s, const struct lp_shim_buffer *in, const uint8_t *bytes, size_t run,
                       bool in_blocks, uintptr_t to, size_t out_run)
{
    size_t block = in_blocks ? in->batch * element_bytes(in) : run, pixels = in->bytes / run;
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = 0; k < run / block; k++)
            lp_shim_put(s, to + p * out_run + k * block, bytes + (k * pixels + p) * block, block);
}

static int concat(struct lp_shim_session *s, const struct lp_shim_copy_request *r)
{
    const struct lp_shim_buffer *out = &r->outputs[0];
    size_t at = 0, out_run = run_bytes(out, r->axis);
    bool to_blocks = r->axis == 1 && is_blocked(out);
    for (uint32_t i = 0; i < r->input_count; i++) {
        const struct lp_shim_buffer *in = &r->inputs[i];
        size_t run = run_bytes(in, r->axis);
        uint8_t *bytes = bytes_of(s, in);
        if (bytes == NULL || run == 0 || (to_blocks && in->batch != out->batch))
            return -1;
        if (to_blocks) /* one after the other */
            lp_shim_put(s, out->address + at, bytes, in->bytes);
        else
            interleave(s, in, bytes, run, r->axis == 1 && is_blocked(in), out->address + at, out_run);
        at += to_blocks ? in->bytes : run;
    }
    return 0;
}

/* depth to space: out[y * bh + i][x * bw + j][c] = in[y][x][(i * bw + j) * C + c]; and back. */
static int move_blocks(struct lp_shim_session *s, const struct lp_shim_copy_request *r, bool to_space)
{
    const struct lp_shim_buffer *in = &r->inputs[0], *out = &r->outputs[0], *deep = to_space ? in : out;
    size_t n[4], element = element_bytes(in), bh = r->block_height, bw = r->block_width;
    uint8_t *bytes = bytes_of(s, in);
    sizes_of(deep, n);
    if (bytes == NULL || bh * bw == 0 || n[1] % (bh * bw) != 0 || n[0] * n[1] * n[2] * n[3] * element > in->bytes)
        return -1;
    size_t height = n[2], width = n[3], run = n[1] / (bh * bw) * element;
    for (size_t b = 0; b < n[0]; b++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++)
                for (size_t k = 0; k < bh * bw; k++) {
                    size_t packed = (((b * height + y) * width + x) * bh * bw + k) * run;
                    size_t wide = ((b * height * bh + y * bh + k / bw) * width * bw + x * bw + k % bw) * run;
                    lp_shim_put(s, out->address + (to_space ? wide : packed), bytes + (to_space ? packed : wide), run);
                }
    return 0;
}

/* Input in the order of its shape; the element with index (i0, i1, ...) goes to the sum of i_k * out_offsets[target[k]]. */
static int transpose(struct lp_shim_session *s, const struct lp_shim_copy_request *r)
{
    const struct lp_shim_buffer *in = &r->inputs[0];
    size_t element = element_bytes(in), count = 1;
    uint8_t *bytes = bytes_of(s, in);
    for (uint32_t k = 0; k < in->rank; k++)
        count *= in->shape[k];
    if (bytes == NULL || count * element > in->bytes)
        return -1;
    for (size_t i = 0; i < count; i++) {
        size_t rest = i, to = 0;
        for (uint32_t k = in->rank; k-- > 0;) {
            to += rest % in->shape[k] * r->out_offsets[r->target[k] & 7];
            rest /= in->shape[k];
        }
        lp_shim_put(s, r->outputs[0].address + to, bytes + i * element, element);
    }
    return 0;
}

static int64_t integer_of(const struct lp_shim_buffer *b, const uint8_t *bytes, size_t i)
{
    size_t element = element_bytes(b);
    uint64_t value = 0;
    for (size_t k = 0; k < element && k < 8; k++)
        value |= (uint64_t)bytes[i * element + k] << (8 * k);
    if (!b->is_unsigned && element < 8 && (value >> (8 * element - 1) & 1) != 0)
        value -= UINT64_C(1) << (8 * element);
    return (int64_t)value;
}

/* The low bytes. */
static void put_integer(struct lp_shim_session *s, const struct lp_shim_buffer *b, size_t i, int64_t number)
{
    uint8_t bytes[8];
    for (size_t k = 0; k < 8; k++)
        bytes[k] = (uint8_t)((uint64_t)number >> (8 * k));
    lp_shim_put(s, b->address + i * element_bytes(b), bytes, element_bytes(b) < 8 ? element_bytes(b) : 8);
}

static int fraction_bits(const struct lp_shim_buffer *b)
{
    return b->is_fixed_point ? b->q_fraction : 0;
}

/* Between two fixed-point formats, the device shifts to the left in both directions. */
static int shift_between(const struct lp_shim_buffer *in, const struct lp_shim_buffer *out)
{
    return abs(fraction_bits(out) - fraction_bits(in)) & 63;
}

static bool is_same_format(const struct lp_shim_buffer *a, const struct lp_shim_buffer *b)
{
    bool same_scale = a->has_scale == b->has_scale && a->scale == b->scale && a->zero_point == b->zero_point;
    return a->is_float == b->is_float && a->bits == b->bits &&
           (a->is_float || (same_scale && fraction_bits(a) == fraction_bits(b)));
}

static double number_of(const struct lp_shim_buffer *b, const uint8_t *bytes, size_t i)
{
    if (b->is_float) {
        float value;
        memcpy(&value, bytes + i * 4, sizeof value);
        return (double)value;
    }
    int64_t value = integer_of(b, bytes, i);
    if (b->has_scale)
        return ((double)value - b->zero_point) * (double)b->scale;
    return b->is_fixed_point ? ldexp((double)value, -b->q_fraction) : (double)value;
}

static void put_number(struct lp_shim_session *s, const struct lp_shim_buffer *b, size_t i, double value)
{
    if (b->is_float) {
        float number = (float)value;
        lp_shim_put(s, b->address + i * 4, &number, sizeof number);
        return;
    }
    int q_integer = b->is_fixed_point ? b->q_integer : (int)b->bits, q_fraction = b->is_fixed_point ? b->q_fraction : 0;
    double t = b->has_scale ? value / (double)b->scale + b->zero_point : value;
    if (q_fraction >= 0)
        t = ldexp(t, q_fraction) + (t > 0 ? 0.5 : -0.5);
    else
        t = ldexp(t, q_fraction);
    double most = ldexp(1, q_integer + q_fraction) - 1;
    t = t > -most - 1 ? (t < most ? t : most) : -most - 1; /* what is no number becomes the lowest */
    put_integer(s, b, i, (int64_t)t);
}

static int cast(struct lp_shim_session *s, const struct lp_shim_copy_request *r)
{
    const struct lp_shim_buffer *in = &r->inputs[0], *out = &r->outputs[0];
    uint8_t *bytes = bytes_of(s, in);
    size_t count = 1;
    for (uint32_t k = 0; k < in->rank; k++)
        count *= in->shape[k];
    if (bytes == NULL || count * element_bytes(in) > in->bytes)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (is_same_format(in, out))
            lp_shim_put(s, out->address + i * element_bytes(in), bytes + i * element_bytes(in), element_bytes(in));
        else if (!in->is_float && !out->is_float && !in->has_scale && !out->has_scale)
            put_integer(s, out, i, (int64_t)((uint64_t)integer_of(in, bytes, i) << shift_between(in, out)));
        else
            put_number(s, out, i, number_of(in, bytes, i));
    }
    return 0;
}

/* Cases 1 and 2 split the channels of every pixel, 5 to 10 cut the bytes one after the other. */
static int split(struct lp_shim_session *s, const struct lp_shim_copy_request *r)
{
    uint8_t *bytes = bytes_of(s, &r->inputs[0]);
    bool by_pixel = r->split_case == 1 || r->split_case == 2;
    size_t at = 0, run = run_bytes(&r->inputs[0], 1);
    if (bytes == NULL)
        return -1;
    if (!by_pixel && r->split_case < 5) {
        lp_shim_fail(s, LP_UNSUPPORTED, "LL_ATON_LIB_Split of case %u, which limpid does not have", r->split_case);
        return -1;
    }
    for (uint32_t i = 0; i < r->output_count; i++) {
        const struct lp_shim_buffer *out = &r->outputs[i];
        size_t out_run = by_pixel ? run_bytes(out, 1) : out->bytes;
        if (out_run == 0 || at + out_run > (by_pixel ? run : r->inputs[0].bytes))
            return -1;
        for (size_t p = 0; p < out->bytes / out_run; p++)
            lp_shim_put(s, out->address + p * out_run, bytes + p * run + at, out_run);
        at += out_run;
    }
    return 0;
}

int lp_shim_copy(struct lp_shim_session *s, const struct lp_shim_copy_request *r)
{
    int result = -1;
    switch (r->kind) {
    case LP_SHIM_CONCAT: result = concat(s, r); break;
    case LP_SHIM_DEPTH_TO_SPACE: result = move_blocks(s, r, true); break;
    case LP_SHIM_SPACE_TO_DEPTH: result = move_blocks(s, r, false); break;
    case LP_SHIM_TRANSPOSE: result = transpose(s, r); break;
    case LP_SHIM_CAST: result = cast(s, r); break;
    case LP_SHIM_SPLIT: result = split(s, r); break;
    }
    lp_arena_free(&s->scratch);
    if (result != 0)
        lp_shim_fail(s, LP_BAD_INPUT, "a library call's tensors do not fit together");
    return result;
}
