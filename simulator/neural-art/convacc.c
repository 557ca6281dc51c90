#include "simulator/neural-art/units.h"

#include <string.h>

#include "simulator/neural-art/dot.h"

/* Working memory of one frame, in the order in which it is cut out of the scratch. */
struct work {
    int32_t *samples; /* unpacked features minus fsub, [fHeight][fWidth][batchDepth] */
    int32_t *wide;    /* the same, cropped and padded */
    int16_t *narrow;  /* the same as int16_t, for the fast path */
    int16_t *weights; /* [nKernels][line][column][channel], each kernel padded to whole vectors */
    int16_t *columns; /* samples under the kernel for every output of a line, padded likewise */
    int64_t *sums;    /* one line of results */
};

static uint64_t map_columns(const struct lp_npu_convacc *c)
{
    return (uint64_t)(c->right_crop - c->left_crop + 1 + c->left_padding + c->right_padding);
}

static uint64_t map_lines(const struct lp_npu_convacc *c)
{
    return (uint64_t)(c->bot_crop - c->top_crop + 1 + c->top_padding + c->bot_padding);
}

static uint64_t sample_count(const struct lp_npu_convacc *c)
{
    return (uint64_t)c->fWidth * (uint64_t)c->fHeight * (uint64_t)c->batchDepth;
}

static uint64_t taps(const struct lp_npu_convacc *c)
{
    return (uint64_t)c->kernelWidth * (uint64_t)c->kernelHeight * (uint64_t)c->batchDepth;
}

static uint64_t padded(uint64_t count)
{
    return (count + LP_SIM_DOT_LANES - 1) / LP_SIM_DOT_LANES * LP_SIM_DOT_LANES;
}

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

uint64_t lp_sim_convacc_feature_words(const struct lp_npu_convacc *c)
{
    uint64_t samples = sample_count(c);
    if (c->deepmode)
        return c->inbytes_f == 3 ? (samples + 2) / 3
                                 : (uint64_t)c->fWidth * (uint64_t)c->fHeight * (((uint64_t)c->batchDepth + 2) / 3);
    return c->dss2mode ? samples / 2 : samples;
}

uint64_t lp_sim_convacc_out_words(const struct lp_npu_convacc *c)
{
    return (uint64_t)lp_npu_convacc_out_height(c) * lp_npu_convacc_out_width(c) * (uint64_t)c->nKernels;
}

/* Places the parts in `scratch` (null: only counts) and returns their size. */
static uint64_t lay_out(const struct lp_npu_convacc *c, void *scratch, struct work *w)
{
    uint64_t map = map_columns(c) * map_lines(c) * (uint64_t)c->batchDepth;
    uint64_t rows = ((uint64_t)c->nKernels + LP_SIM_DOT_ROWS - 1) / LP_SIM_DOT_ROWS * LP_SIM_DOT_ROWS;
    uint64_t width = lp_npu_convacc_out_width(c);
    const uint64_t bytes[6] = {
        aligned(4 * sample_count(c)),         aligned(4 * map),         aligned(2 * map), aligned(2 * rows * padded(taps(c))),
        aligned(2 * width * padded(taps(c))), aligned(8 * width * rows)};
    uint64_t offset[7] = {0};
    for (int i = 0; i < 6; i++)
        offset[i + 1] = offset[i] + bytes[i];
    if (scratch != NULL) {
        char *base = scratch;
        w->samples = (int32_t *)(void *)(base + offset[0]);
        w->wide = (int32_t *)(void *)(base + offset[1]);
        w->narrow = (int16_t *)(void *)(base + offset[2]);
        w->weights = (int16_t *)(void *)(base + offset[3]);
        w->columns = (int16_t *)(void *)(base + offset[4]);
        w->sums = (int64_t *)(void *)(base + offset[5]);
    }
    return offset[6];
}

uint64_t lp_sim_convacc_scratch_bytes(const struct lp_npu_convacc *c)
{
    return lay_out(c, NULL, NULL);
}

enum lp_sim_accumulator lp_sim_convacc_accumulator(const struct lp_npu_convacc *c, uint64_t frame)
{
    if (!c->accumulate || (frame == 0 && (!c->accumulate_first || c->accumulate_gen_first)))
        return LP_SIM_ACC_UNUSED;
    if (c->afilt_mode != LP_NPU_AFILT_FRAMEZERO)
        return LP_SIM_ACC_ADDED;
    uint64_t position = frame % (uint64_t)c->afilt_tot;
    return position >= (uint64_t)c->afilt_first && position <= (uint64_t)c->afilt_last ? LP_SIM_ACC_ADDED
                                                                                       : LP_SIM_ACC_TAKEN_AND_DROPPED;
}

/* The packed modes deliver several 8-bit samples a word. */
static void unpack_packed(const struct lp_npu_convacc *c, const int32_t *words, int32_t *samples)
{
    uint64_t depth = (uint64_t)c->batchDepth, per_word = c->dss2mode ? 2 : 3, count = sample_count(c);
    bool pixel_begins_word = c->deepmode && c->inbytes_f != 3;
    uint64_t words_a_pixel = (depth + 2) / 3;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t word = pixel_begins_word ? i / depth * words_a_pixel + i % depth / 3 : i / per_word;
        uint64_t lane = pixel_begins_word ? i % depth % 3 : i % per_word;
        int32_t byte = (int32_t)((uint32_t)words[word] >> (8 * lane) & 0xff);
        samples[i] = c->f_unsigned ? byte : (int8_t)byte;
    }
}

static void unpack(const struct lp_npu_convacc *c, const int32_t *words, int32_t *samples)
{
    uint64_t count = sample_count(c);
    if (c->deepmode || c->dss2mode)
        unpack_packed(c, words, samples);
    else if (c->f_unsigned)
        for (uint64_t i = 0; i < count; i++)
            samples[i] = lp_sim_unsigned(words[i], c->inbytes_f);
    else
        for (uint64_t i = 0; i < count; i++)
            samples[i] = lp_sim_signed(words[i], c->inbytes_f);
    enum lp_sim_rounding rounding = lp_sim_rounding_of(c->rounding_f, c->round_mode_f);
    if (c->shift_f != 0)
        for (uint64_t i = 0; i < count; i++)
            samples[i] = (int32_t)lp_sim_round_shift(samples[i], c->shift_f, rounding);
    if (c->fsub != 0)
        for (uint64_t i = 0; i < count; i++)
            samples[i] -= c->fsub;
}

/* Cuts the crop window out and lays the padding around it. */
static void crop_and_pad(const struct lp_npu_convacc *c, const int32_t *samples, int32_t *map)
{
    uint64_t depth = (uint64_t)c->batchDepth, line = map_columns(c) * depth, lines = map_lines(c);
    uint64_t kept = (uint64_t)(c->right_crop - c->left_crop + 1) * depth;
    for (uint64_t i = 0; i < line * lines; i++)
        map[i] = c->zfbias;
    for (int32_t y = c->top_crop; y <= c->bot_crop; y++) {
        const int32_t *from = samples + ((uint64_t)y * (uint64_t)c->fWidth + (uint64_t)c->left_crop) * depth;
        int32_t *to = map + (uint64_t)(y - c->top_crop + c->top_padding) * line + (uint64_t)c->left_padding * depth;
        memcpy(to, from, kept * sizeof *to);
    }
}

/* Kernels in stream order to [kernel][line][column][channel], each padded with zeros to whole vectors. Deep mode streams
 * runs of eight kernels, channel by channel. */
static void unpack_kernels(const struct lp_npu_convacc *c, const uint8_t *bytes, int16_t *weights)
{
    uint64_t n = taps(c), stride = padded(n), kernels = (uint64_t)c->nKernels;
    uint64_t rows = (kernels + LP_SIM_DOT_ROWS - 1) / LP_SIM_DOT_ROWS * LP_SIM_DOT_ROWS;
    memset(weights, 0, rows * stride * sizeof *weights);
    for (uint64_t k = 0; k < kernels; k++) {
        uint64_t run = k / 8 * 8, run_kernels = kernels - run < 8 ? kernels - run : 8;
        for (uint64_t i = 0; i < n; i++) {
            uint8_t byte = c->deepmode ? bytes[run * n + i * run_kernels + (k - run)] : bytes[k * n + i];
            weights[k * stride + i] = c->k_unsigned ? byte : (int8_t)byte;
        }
    }
}

/* The largest magnitude among the samples decides whether 16-bit products cannot overflow a 32-bit sum. */
static bool fits_narrow(const struct lp_npu_convacc *c, const int32_t *map, uint64_t count)
{
    int32_t low = 0, high = 0;
    for (uint64_t i = 0; i < count; i++) {
        low = map[i] < low ? map[i] : low;
        high = map[i] > high ? map[i] : high;
    }
    int64_t most = -(int64_t)low > high ? -(int64_t)low : high;
    return high <= INT16_MAX && low >= INT16_MIN && most * (c->k_unsigned ? 255 : 128) * (int64_t)taps(c) <= INT32_MAX;
}

static void line_narrow(const struct lp_npu_convacc *c, const struct work *w, uint64_t y)
{
    uint64_t depth = (uint64_t)c->batchDepth, line = map_columns(c) * depth, run = (uint64_t)c->kernelWidth * depth;
    uint64_t width = lp_npu_convacc_out_width(c), stride = padded(taps(c));
    uint64_t hstride = (uint64_t)(c->hstride > 0 ? c->hstride : 1), vstride = (uint64_t)(c->vstride > 0 ? c->vstride : 1);
    const int16_t *columns = w->columns;
    if (c->kernelHeight == 1 && stride == run && hstride * depth == stride) {
        columns = w->narrow + y * vstride * line;
    } else {
        for (uint64_t x = 0; x < width; x++)
            for (uint64_t j = 0; j < (uint64_t)c->kernelHeight; j++)
                memcpy(w->columns + x * stride + j * run, w->narrow + (y * vstride + j) * line + x * hstride * depth,
                       run * sizeof *w->columns);
    }
    lp_sim_dot_rows(columns, width, w->weights, (size_t)c->nKernels, stride, w->sums);
}

static void line_wide(const struct lp_npu_convacc *c, const struct work *w, uint64_t y)
{
    uint64_t depth = (uint64_t)c->batchDepth, line = map_columns(c) * depth, run = (uint64_t)c->kernelWidth * depth;
    uint64_t width = lp_npu_convacc_out_width(c), stride = padded(taps(c));
    uint64_t hstride = (uint64_t)(c->hstride > 0 ? c->hstride : 1), vstride = (uint64_t)(c->vstride > 0 ? c->vstride : 1);
    for (uint64_t x = 0; x < width; x++)
        for (uint64_t k = 0; k < (uint64_t)c->nKernels; k++) {
            int64_t sum = 0;
            for (uint64_t j = 0; j < (uint64_t)c->kernelHeight; j++) {
                const int32_t *samples = w->wide + (y * vstride + j) * line + x * hstride * depth;
                const int16_t *weights = w->weights + k * stride + j * run;
                for (uint64_t i = 0; i < run; i++)
                    sum += (int64_t)samples[i] * weights[i];
            }
            w->sums[x * (uint64_t)c->nKernels + k] = sum;
        }
}

void lp_sim_convacc_frame(const struct lp_npu_convacc *c, const int32_t *features, const uint8_t *kernels, const int32_t *partial,
                          void *scratch, int32_t *out, uint64_t *saturations)
{
    struct work w = {0};
    (void)lay_out(c, scratch, &w);
    uint64_t map = map_columns(c) * map_lines(c) * (uint64_t)c->batchDepth;
    unpack(c, features, w.samples);
    crop_and_pad(c, w.samples, w.wide);
    unpack_kernels(c, kernels, w.weights);
    bool narrow = fits_narrow(c, w.wide, map);
    if (narrow) {
        for (uint64_t i = 0; i < map; i++)
            w.narrow[i] = (int16_t)w.wide[i];
        memset(w.columns, 0, lp_npu_convacc_out_width(c) * padded(taps(c)) * sizeof *w.columns);
    }
    const struct lp_sim_output stage = {.relu = c->relu_mode_o != 0,
                                        .shift = c->shift_o,
                                        .rounding = lp_sim_rounding_of(c->rounding_o, c->round_mode_o),
                                        .saturates = c->saturation_o != 0,
                                        .bytes = c->outbytes_o};
    size_t count = (size_t)lp_npu_convacc_out_width(c) * (size_t)c->nKernels;
    for (uint64_t y = 0; y < lp_npu_convacc_out_height(c); y++) {
        if (narrow)
            line_narrow(c, &w, y);
        else
            line_wide(c, &w, y);
        for (size_t i = 0; partial != NULL && i < count; i++)
            w.sums[i] += (int64_t)lp_sim_signed(partial[y * count + i], 3) * (INT64_C(1) << c->shift_a);
        *saturations += lp_sim_output_stage(&stage, w.sums, count, out + y * count);
    }
}
