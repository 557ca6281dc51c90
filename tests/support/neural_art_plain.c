#include "tests/support/neural_art_plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/fields.h"

/* A stream that arrived at a port: all words ever, where each frame ends, and how far both are used up. */
struct stream {
    int64_t *words;
    size_t count, capacity, used;
    size_t *ends;
    size_t frames, frame_capacity, frames_used;
};

struct unit {
    int type;
    int number;
    const void *config;
    struct stream in[3];
    uint64_t done;     /* frames */
    uint64_t elements; /* ARITH */
    uint64_t held;     /* CONVACC: uses of the first feature frame so far */
    uint64_t seen[64]; /* frames given to each route */
};

struct plain {
    const struct lp_npu_epoch *epoch;
    const struct na_plain_memory *memories;
    size_t memory_count;
    struct unit units[22];
    size_t unit_count;
};

/* ---- primitives ---- */

static int64_t low(int64_t word, int bytes)
{
    return (int64_t)((uint64_t)word % (UINT64_C(1) << (8 * bytes)));
}

static int64_t low_signed(int64_t word, int bytes)
{
    int64_t v = low(word, bytes), half = INT64_C(1) << (8 * bytes - 1);
    return v >= half ? v - 2 * half : v;
}

static int64_t divide_down(int64_t v, int64_t by)
{
    int64_t q = v / by;
    return v % by < 0 ? q - 1 : q;
}

static int64_t rounded(int64_t v, int shift, int rounding, int mode)
{
    if (shift <= 0)
        return v * (INT64_C(1) << -shift);
    int64_t by = INT64_C(1) << shift;
    if (!rounding)
        return divide_down(v, by);
    if (mode % 2 == 0)
        return divide_down(v + by / 2, by);
    return v < 0 ? -((-v + by / 2) / by) : (v + by / 2) / by;
}

static int64_t limited(int64_t v, int bytes)
{
    int64_t half = INT64_C(1) << (8 * bytes - 1);
    return v < -half ? -half : v >= half ? half - 1 : v;
}

static int64_t output(int64_t v, int relu, int shift, int rounding, int mode, int saturation, int bytes)
{
    if (relu && v < 0)
        v = 0;
    v = rounded(v, shift, rounding, mode);
    return low_signed(saturation ? limited(v, bytes) : v, bytes);
}

/* ---- memory ---- */

static uint8_t *byte_at(const struct plain *p, uint64_t address)
{
    for (size_t i = 0; i < p->memory_count; i++)
        if (address >= p->memories[i].base && address < (uint64_t)p->memories[i].base + p->memories[i].size_bytes)
            return &p->memories[i].bytes[address - p->memories[i].base];
    fail_msg("the plain executor has no memory at %llu", (unsigned long long)address);
    return NULL;
}

static int64_t number_at(const struct plain *p, uint64_t address, int bytes)
{
    int64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v += (int64_t)*byte_at(p, address + (uint64_t)i) << (8 * i);
    return v;
}

/* ---- streams ---- */

static void push_word(struct stream *s, int64_t word)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity * 2 + 64;
        s->words = realloc(s->words, s->capacity * sizeof *s->words);
        assert_non_null(s->words);
    }
    s->words[s->count++] = word;
}

static void end_frame(struct stream *s)
{
    if (s->frames == s->frame_capacity) {
        s->frame_capacity = s->frame_capacity * 2 + 16;
        s->ends = realloc(s->ends, s->frame_capacity * sizeof *s->ends);
        assert_non_null(s->ends);
    }
    s->ends[s->frames++] = s->count;
}

static bool has_frame(const struct stream *s)
{
    return s->frames_used < s->frames;
}

static const int64_t *first_frame(const struct stream *s, size_t *count)
{
    *count = s->ends[s->frames_used] - s->used;
    return s->words + s->used;
}

static void drop_frame(struct stream *s)
{
    s->used = s->ends[s->frames_used++];
}

static struct unit *unit_of(struct plain *p, int type, int number)
{
    for (size_t i = 0; i < p->unit_count; i++)
        if (p->units[i].type == type && p->units[i].number == number)
            return &p->units[i];
    return NULL;
}

static void give(struct plain *p, struct unit *u, const int64_t *words, size_t count)
{
    for (uint32_t r = 0; r < p->epoch->route_count; r++) {
        const struct lp_npu_route *route = &p->epoch->routes[r];
        if (route->contexts[0].source.type != u->type || route->contexts[0].source.index != u->number)
            continue;
        uint64_t n = u->seen[r]++;
        int context = 0;
        if (route->context_count == 2 && route->contexts[0].frames > 0)
            context = (int)(n % (uint64_t)(route->contexts[0].frames + route->contexts[1].frames)) >= route->contexts[0].frames;
        if (!route->contexts[context].enable)
            continue;
        struct stream *to = &unit_of(p, route->destination.type, route->destination.index)->in[route->destination.port];
        for (size_t i = 0; i < count; i++)
            push_word(to, low(words[i], 3));
        end_frame(to);
    }
}

/* ---- stream engines ---- */

static uint64_t element_address(const struct lp_npu_streng *s, uint64_t frame, uint64_t e)
{
    uint64_t bytes = (uint64_t)(s->dir ? s->nbits_out : s->nbits_in) / 8, start = (uint64_t)s->addr_base + s->offset_start;
    if (s->raw) {
        uint64_t count = s->frame_count ? s->frame_count : (s->offset_end - s->offset_start) / bytes;
        if (s->continuous)
            return start + (frame * count + e) * bytes;
    }
    if (s->frame_loop_cnt)
        start += frame % s->frame_loop_cnt * s->frame_offset + frame / s->frame_loop_cnt * s->loop_offset;
    else
        start += frame * s->frame_offset;
    if (s->raw)
        return start + e * bytes;
    uint64_t line = e / (s->fwidth * s->batch_depth), x = e / s->batch_depth % s->fwidth, d = e % s->batch_depth;
    uint64_t pitch = s->line_offset ? s->line_offset : s->fwidth * s->batch_offset;
    return start + line * pitch + x * s->batch_offset + d * bytes;
}

static uint64_t frame_elements(const struct lp_npu_streng *s)
{
    uint64_t bytes = (uint64_t)(s->dir ? s->nbits_out : s->nbits_in) / 8;
    if (!s->raw)
        return (uint64_t)s->fwidth * s->fheight * s->batch_depth;
    return s->frame_count ? s->frame_count : (s->offset_end - s->offset_start) / bytes;
}

static bool read_frame(struct plain *p, struct unit *u)
{
    const struct lp_npu_streng *s = u->config;
    if (u->done >= s->frame_tot_cnt)
        return false;
    if (s->sync_with_other && unit_of(p, LP_NPU_STRENG, s->sync_dma)->done <= u->done)
        return false;
    size_t count = (size_t)frame_elements(s);
    int64_t *words = calloc(count, sizeof *words);
    assert_non_null(words);
    for (size_t e = 0; e < count; e++) {
        int64_t v = number_at(p, element_address(s, u->done, e), s->nbits_in / 8);
        if (s->align_right)
            words[e] = s->nbits_unsigned ? v : low_signed(v, s->nbits_in / 8);
        else if (s->nbits_out > s->nbits_in)
            words[e] = v * (INT64_C(1) << (s->nbits_out - s->nbits_in));
        else
            words[e] = s->mem_lsb ? low(v, s->nbits_out / 8) : v / (INT64_C(1) << (s->nbits_in - s->nbits_out));
    }
    u->done++;
    give(p, u, words, count);
    free(words);
    return true;
}

/* Elements count here, not the frames of who sends them. */
static bool write_frame(struct plain *p, struct unit *u)
{
    const struct lp_npu_streng *s = u->config;
    uint64_t count = frame_elements(s);
    if (u->done >= s->frame_tot_cnt || u->in[0].count - u->in[0].used < count)
        return false;
    for (uint64_t e = 0; e < count; e++) {
        int64_t v = u->in[0].words[u->in[0].used++];
        for (int i = 0; i < s->nbits_out / 8; i++)
            *byte_at(p, element_address(s, u->done, e) + (uint64_t)i) = (uint8_t)(v >> (8 * i));
    }
    u->done++;
    return true;
}

/* ---- CONVACC ---- */

/* Feature (y, x, c) of the frame, after subtraction. */
static int64_t feature(const struct lp_npu_convacc *c, const int64_t *words, int y, int x, int channel)
{
    size_t pixel = (size_t)(y * c->fWidth + x), depth = (size_t)c->batchDepth, e = pixel * depth + (size_t)channel;
    int64_t v;
    if (c->deepmode && c->inbytes_f == 3)
        v = words[e / 3] >> (8 * (e % 3)) & 255;
    else if (c->deepmode)
        v = words[pixel * ((depth + 2) / 3) + (size_t)channel / 3] >> (8 * ((size_t)channel % 3)) & 255;
    else if (c->dss2mode)
        v = words[e / 2] >> (8 * (e % 2)) & 255;
    else
        v = low(words[e], c->inbytes_f);
    if (!c->f_unsigned)
        v = low_signed(v, c->deepmode || c->dss2mode ? 1 : c->inbytes_f);
    return rounded(v, c->shift_f, c->rounding_f, c->round_mode_f) - c->fsub;
}

/* The padded, cropped frame at (y, x). */
static int64_t padded_feature(const struct lp_npu_convacc *c, const int64_t *words, int y, int x, int channel)
{
    int line = y - c->top_padding + c->top_crop, column = x - c->left_padding + c->left_crop;
    if (line < c->top_crop || line > c->bot_crop || column < c->left_crop || column > c->right_crop)
        return c->zfbias;
    return feature(c, words, line, column, channel);
}

static int64_t kernel_value(const struct lp_npu_convacc *c, const int64_t *bytes, int k, int y, int x, int channel)
{
    int64_t v;
    if (c->deepmode) {
        int run = k / 8 * 8, wide = c->nKernels - run < 8 ? c->nKernels - run : 8;
        v = bytes[run * c->batchDepth + channel * wide + k - run];
    } else {
        v = bytes[((k * c->kernelHeight + y) * c->kernelWidth + x) * c->batchDepth + channel];
    }
    return c->k_unsigned ? v : low_signed(v, 1);
}

/* Byte `i` of the kernel stream behind what is used: three a word in deep mode. */
static int64_t kernel_byte(const struct lp_npu_convacc *c, const struct stream *s, size_t i)
{
    size_t lanes = c->deepmode ? 3 : 1;
    return s->words[s->used + i / lanes] >> (8 * (i % lanes)) & 255;
}

static bool uses_port_2(const struct lp_npu_convacc *c, uint64_t n)
{
    return c->accumulate && !(n == 0 && (!c->accumulate_first || c->accumulate_gen_first));
}

static bool adds_port_2(const struct lp_npu_convacc *c, uint64_t n)
{
    uint64_t turn = c->afilt_tot > 0 ? n % (uint64_t)c->afilt_tot : 0;
    return c->afilt_mode != LP_NPU_AFILT_FRAMEZERO || (turn >= (uint64_t)c->afilt_first && turn <= (uint64_t)c->afilt_last);
}

static void convolve(struct plain *p, struct unit *u, const int64_t *features, const int64_t *kernels, const int64_t *partial)
{
    const struct lp_npu_convacc *c = u->config;
    int vs = c->vstride > 0 ? c->vstride : 1, hs = c->hstride > 0 ? c->hstride : 1;
    int height = c->bot_crop - c->top_crop + 1 + c->top_padding + c->bot_padding;
    int width = c->right_crop - c->left_crop + 1 + c->left_padding + c->right_padding;
    int out_height = (height - c->kernelHeight) / vs + 1, out_width = (width - c->kernelWidth) / hs + 1;
    size_t count = (size_t)(out_height * out_width * c->nKernels), i = 0;
    int64_t *out = calloc(count, sizeof *out);
    assert_non_null(out);
    for (int y = 0; y < out_height; y++)
        for (int x = 0; x < out_width; x++)
            for (int k = 0; k < c->nKernels; k++, i++) {
                int64_t sum = 0;
                for (int j = 0; j < c->kernelHeight; j++)
                    for (int l = 0; l < c->kernelWidth; l++)
                        for (int d = 0; d < c->batchDepth; d++)
                            sum += padded_feature(c, features, y * vs + j, x * hs + l, d) * kernel_value(c, kernels, k, j, l, d);
                if (partial != NULL)
                    sum += low_signed(partial[i], 3) * (INT64_C(1) << c->shift_a);
                out[i] = output(sum, c->relu_mode_o, c->shift_o, c->rounding_o, c->round_mode_o, c->saturation_o, c->outbytes_o);
            }
    give(p, u, out, count);
    free(out);
}

static bool step_convacc(struct plain *p, struct unit *u)
{
    const struct lp_npu_convacc *c = u->config;
    size_t lanes = c->deepmode ? 3 : 1, taps = (size_t)(c->nKernels * c->batchDepth * c->kernelWidth * c->kernelHeight), count;
    size_t block = (taps + lanes - 1) / lanes * lanes; /* our bytes of a frame */
    size_t members = c->kfilt_tot > 0 ? (size_t)(c->kfilt_tot / c->nKernels) : 1;
    size_t ours = c->kfilt_tot > 0 ? (size_t)(c->kfilt_first / c->nKernels) : 0;
    if (!has_frame(&u->in[0]) || (u->in[1].count - u->in[1].used) * lanes < members * block)
        return false;
    if (uses_port_2(c, u->done) && !has_frame(&u->in[2]))
        return false;
    int64_t *kernels = calloc(block, sizeof *kernels);
    assert_non_null(kernels);
    for (size_t i = 0; i < block; i++)
        kernels[i] = kernel_byte(c, &u->in[1], ours * block + i);
    const int64_t *partial = NULL;
    if (uses_port_2(c, u->done) && adds_port_2(c, u->done))
        partial = first_frame(&u->in[2], &count);
    convolve(p, u, first_frame(&u->in[0], &count), kernels, partial);
    free(kernels);
    u->in[1].used += members * block / lanes;
    if (uses_port_2(c, u->done))
        drop_frame(&u->in[2]);
    u->held++;
    if (!c->fstat || u->held % (uint64_t)c->fstatcnt == 0)
        drop_frame(&u->in[0]);
    u->done++;
    return true;
}

/* ---- ARITH ---- */

static int64_t arith_input(int64_t word, int bytes, int shift, int rounding, int mode, int saturation, int out_bytes)
{
    int64_t v = rounded(low_signed(word, bytes), shift, rounding, mode);
    return low_signed(saturation ? limited(v, out_bytes) : v, out_bytes);
}

static uint64_t arith_index(const struct lp_npu_arith *c, uint64_t e)
{
    uint64_t w = (uint64_t)c->fWidth, h = (uint64_t)c->fHeight, bd = (uint64_t)c->batchDepth, ch = (uint64_t)c->fChannels;
    if (c->scalar || c->bcast == LP_NPU_BCAST_NONE || c->bcast == LP_NPU_BCAST_SCALAR)
        return 0;
    if (c->bcast == LP_NPU_BCAST_CHAN)
        return e / (w * h * bd) % (ch / bd) * bd + e % bd;
    return c->bcast == LP_NPU_BCAST_HEIGHT ? e / (w * bd) % h : c->bcast == LP_NPU_BCAST_WIDTH ? e / bd % w : e / bd % (h * w);
}

static int64_t coefficient(const struct plain *p, const struct lp_npu_arith *c, int which, uint64_t index)
{
    const uint32_t vectors[3] = {c->A_vector, c->B_vector, c->C_vector};
    const int32_t scalars[3] = {c->A_scalar, c->B_scalar, c->C_scalar};
    int bytes = c->vec_precision[which] / 8;
    if (c->scalar || vectors[which] == 0)
        return scalars[which];
    return low_signed(number_at(p, vectors[which] + index * (uint64_t)bytes, bytes), bytes);
}

static int64_t affine(const struct plain *p, const struct lp_npu_arith *c, uint64_t e, int64_t x, int64_t y)
{
    uint64_t index = arith_index(c, e);
    int64_t a = coefficient(p, c, 0, index), b = coefficient(p, c, 1, index), k = coefficient(p, c, 2, index);
    bool from_vector = !c->scalar && c->C_vector != 0;
    if (from_vector && c->C_scalar == -1)
        k = -k;
    int64_t r = divide_down(a * x, INT64_C(1) << c->Ax_shift);
    if (!c->combinebc)
        return r + divide_down(b * y, INT64_C(1) << c->By_shift) + k * (INT64_C(1) << c->C_shift);
    int64_t bc = from_vector && c->vec_precision[2] == 32 ? k : b * 65536 + low(k, 2);
    return r + bc * (INT64_C(1) << c->C_shift);
}

static bool step_arith(struct plain *p, struct unit *u)
{
    const struct lp_npu_arith *c = u->config;
    if (!has_frame(&u->in[0]))
        return false;
    size_t count;
    const int64_t *x = first_frame(&u->in[0], &count);
    if (c->dualinput && u->in[1].count - u->in[1].used < count)
        return false;
    int64_t *out = calloc(count + 1, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        int64_t vx = arith_input(x[i], c->inbytes_x, c->shift_x, c->rounding_x, c->round_mode_x, c->saturation_x, c->outbytes_x),
                vy = 0;
        if (c->dualinput)
            vy = arith_input(u->in[1].words[u->in[1].used++], c->inbytes_y, c->shift_y, c->rounding_y, c->round_mode_y,
                             c->saturation_y, c->outbytes_y);
        int64_t r = c->operation == LP_NPU_ARITH_MUL   ? vx * vy
                    : c->operation == LP_NPU_ARITH_MIN ? (vx < vy ? vx : vy)
                    : c->operation == LP_NPU_ARITH_MAX ? (vx > vy ? vx : vy)
                                                       : affine(p, c, u->elements, vx, vy);
        out[i] = output(r, c->relu_mode_o, c->shift_o, c->rounding_o, c->round_mode_o, c->saturation_o, c->outbytes_o);
        if (c->clipout)
            out[i] = out[i] < c->clipmin ? c->clipmin : out[i] > c->clipmax ? c->clipmax : out[i];
        u->elements++;
    }
    drop_frame(&u->in[0]);
    u->done++;
    give(p, u, out, count);
    free(out);
    return true;
}

/* ---- POOL and ACTIV ---- */

static int64_t pooled(const struct lp_npu_pool *c, const int64_t *words, int top, int left, int lines, int columns, int channel)
{
    int64_t sum = 0, high = INT64_MIN, least = INT64_MAX;
    for (int y = top; y < top + lines; y++)
        for (int x = left; x < left + columns; x++) {
            int64_t v = low_signed(words[(y * c->inputX + x) * c->batchSize + channel], c->inbytes_f);
            v = rounded(v, c->shift_f, c->rounding_f, c->round_mode_f);
            v = low_signed(c->saturation_f ? limited(v, c->outbytes_f) : v, c->outbytes_f);
            sum += v;
            high = v > high ? v : high;
            least = v < least ? v : least;
        }
    return c->operation == LP_NPU_POOL_MAX ? high : c->operation == LP_NPU_POOL_MIN ? least : sum * c->mulval;
}

static bool step_pool(struct plain *p, struct unit *u)
{
    const struct lp_npu_pool *c = u->config;
    if (!has_frame(&u->in[0]))
        return false;
    size_t count;
    const int64_t *in = first_frame(&u->in[0], &count);
    int lines = c->bottomCrop - c->topCrop + 1, columns = c->rightCrop - c->leftCrop + 1, out_lines = 1, out_columns = 1;
    int win_lines = lines, win_columns = columns;
    if (c->operation != LP_NPU_POOL_GAVG) {
        win_lines = c->poolWinY;
        win_columns = c->poolWinX;
        out_lines = (lines - win_lines) / c->strideY + 1;
        out_columns = (columns - win_columns) / c->strideX + 1;
    }
    size_t out_count = (size_t)(out_lines * out_columns * c->batchSize), i = 0;
    int64_t *out = calloc(out_count, sizeof *out);
    assert_non_null(out);
    for (int y = 0; y < out_lines; y++)
        for (int x = 0; x < out_columns; x++)
            for (int k = 0; k < c->batchSize; k++, i++)
                out[i] = output(
                    pooled(c, in, c->topCrop + y * c->strideY, c->leftCrop + x * c->strideX, win_lines, win_columns, k),
                    c->relu_mode_o, c->shift_o, c->rounding_o, c->round_mode_o, c->saturation_o, c->outbytes_o);
    drop_frame(&u->in[0]);
    u->done++;
    give(p, u, out, out_count);
    free(out);
    return true;
}

static int64_t activated(const struct plain *p, const struct lp_npu_activ *c, int64_t word)
{
    if (c->operation == LP_NPU_ACTIV_LUT)
        return low_signed(number_at(p, c->LUT_vector + (uint64_t)low(word, 1), 1), 1);
    int64_t v = rounded(low_signed(word, c->inbytes_f), c->shift_f, c->rounding_f, c->round_mode_f);
    v = low_signed(c->saturation_f ? limited(v, c->outbytes_f) : v, c->outbytes_f) - c->fsub;
    if (c->operation == LP_NPU_ACTIV_RELU)
        return v > 0 ? v : 0;
    if (c->operation == LP_NPU_ACTIV_PRELU)
        return v > 0 ? v : v * low_signed(c->parameter, 2);
    if (c->operation == LP_NPU_ACTIV_TRELU)
        return v > low_signed(c->parameter, 2) ? v : low_signed(c->parameter_2, 2);
    int64_t u = low(v * (INT64_C(1) << c->shift_norm) + 32768, 2);
    int64_t entry = number_at(p, c->ROM0_vector + (uint64_t)(u / (INT64_C(1) << (16 - c->bwidth))), 1);
    int64_t inner = INT64_C(1) << (entry / 64);
    int64_t width = (INT64_C(1) << (16 - c->bwidth)) / inner; /* of an inner segment, in u */
    uint64_t row = c->ROM1_vector + 6 * (uint64_t)(entry % 64 + u / width % inner);
    int64_t a = low_signed(number_at(p, row, 2), 2), b = low_signed(number_at(p, row + 2, 2), 2),
            k = low_signed(number_at(p, row + 4, 2), 2);
    return a * v * v + b * (INT64_C(1) << c->shift_b) * v + k * (INT64_C(1) << c->shift_c);
}

static bool step_activ(struct plain *p, struct unit *u)
{
    const struct lp_npu_activ *c = u->config;
    if (!has_frame(&u->in[0]))
        return false;
    size_t count;
    const int64_t *in = first_frame(&u->in[0], &count);
    int64_t *out = calloc(count + 1, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        out[i] = output(activated(p, c, in[i]), c->relu_mode_o, c->shift_o, c->rounding_o, c->round_mode_o, c->saturation_o,
                        c->outbytes_o);
    drop_frame(&u->in[0]);
    u->done++;
    give(p, u, out, count);
    free(out);
    return true;
}

/* ---- the epoch ---- */

static bool step(struct plain *p, struct unit *u)
{
    switch (u->type) {
    case LP_NPU_STRENG: return ((const struct lp_npu_streng *)u->config)->dir ? write_frame(p, u) : read_frame(p, u);
    case LP_NPU_CONVACC: return step_convacc(p, u);
    case LP_NPU_ARITH: return step_arith(p, u);
    case LP_NPU_POOL: return step_pool(p, u);
    default: return step_activ(p, u);
    }
}

bool na_plain_run_epoch(const struct lp_npu_epoch *epoch, const struct na_plain_memory *memories, size_t memory_count)
{
    struct plain *p = calloc(1, sizeof *p);
    assert_non_null(p);
    *p = (struct plain){.epoch = epoch, .memories = memories, .memory_count = memory_count};
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        for (uint32_t i = 0; i < epoch->unit_count[type]; i++) {
            const void *config = lp_npu_epoch_unit(epoch, (enum lp_npu_unit_type)type, i);
            p->units[p->unit_count++] = (struct unit){
                .type = type, .config = config, .number = (int)lp_npu_field_get(lp_npu_unit_fields[type].fields, config, 0)};
        }
    /* An engine reads only when nothing else can move: partial sums are then always stored before they are read. */
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < p->unit_count; i++) {
            const struct lp_npu_streng *s = p->units[i].config;
            bool is_reader = p->units[i].type == LP_NPU_STRENG && s->dir == 0;
            while (!is_reader && step(p, &p->units[i]))
                moved = true;
        }
        for (size_t i = 0; i < p->unit_count && !moved; i++)
            moved = p->units[i].type == LP_NPU_STRENG && step(p, &p->units[i]);
    }
    bool complete = true;
    for (size_t i = 0; i < p->unit_count; i++) {
        struct unit *u = &p->units[i];
        if (u->type == LP_NPU_STRENG && (epoch->wait_mask >> u->number & 1) != 0)
            complete = complete && u->done == ((const struct lp_npu_streng *)u->config)->frame_tot_cnt;
        for (int port = 0; port < 3; port++) {
            free(u->in[port].words);
            free(u->in[port].ends);
        }
    }
    free(p);
    return complete;
}
