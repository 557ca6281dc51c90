/* Pools, 16 channels at a time. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/requantize_avx2.h"
#include "runtime/kernels/x86/variants.h"

/* The part of a window that lies inside the map, from its first pixel's first channel. */
struct window {
    const int8_t *in;
    int32_t rows, columns;
    int32_t row_bytes, pixel_bytes;
};

typedef __m128i pool_of_channels(const struct window *w, int32_t channel, int32_t count);

static LP_AVX2 __m128i largest(const struct window *w, int32_t channel, int32_t count)
{
    __m128i max = _mm_set1_epi8(INT8_MIN);
    for (int32_t y = 0; y < w->rows; y++)
        for (int32_t x = 0; x < w->columns; x++)
            max = _mm_max_epi8(max, lp_avx2_load(w->in + y * w->row_bytes + x * w->pixel_bytes + channel, count));
    return max;
}

static LP_AVX2 __m128i average(const struct window *w, int32_t channel, int32_t count)
{
    struct lp_avx2_sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int32_t y = 0; y < w->rows; y++)
        for (int32_t x = 0; x < w->columns; x++) {
            const struct lp_avx2_sums more = lp_avx2_widen(
                lp_avx2_load(w->in + y * w->row_bytes + x * w->pixel_bytes + channel, count));
            sums.low = _mm256_add_epi32(sums.low, more.low);
            sums.high = _mm256_add_epi32(sums.high, more.high);
        }
    int32_t lanes[LP_X86_LANES];
    int8_t out[LP_X86_LANES] = {0};
    _mm256_storeu_si256((__m256i *)(void *)lanes, sums.low);
    _mm256_storeu_si256((__m256i *)(void *)(lanes + 8), sums.high);
    const int32_t taps = w->rows * w->columns;
    for (int32_t i = 0; i < count && i < LP_X86_LANES; i++)
        out[i] = (int8_t)((lanes[i] > 0 ? lanes[i] + taps / 2 : lanes[i] - taps / 2) / taps);
    return _mm_loadu_si128((const __m128i *)(const void *)out);
}

/* [*first, *end): `size` taps from `start`, as far as they lie in 0..limit. */
static void clip(int32_t start, int32_t size, int32_t limit, int32_t *first, int32_t *count)
{
    *first = start < 0 ? 0 : start;
    *count = (start + size > limit ? limit : start + size) - *first;
}

static LP_AVX2 void pool_pixel(const struct lp_pool_s8 *p, const struct window *w, int8_t *out, pool_of_channels *pool)
{
    const __m128i min = _mm_set1_epi8(p->act_min), max = _mm_set1_epi8(p->act_max);
    for (int32_t c = 0; c < p->channels; c += LP_X86_LANES) {
        const int32_t count = p->channels - c < LP_X86_LANES ? p->channels - c : LP_X86_LANES;
        const __m128i value = _mm_min_epi8(_mm_max_epi8(pool(w, c, count), min), max);
        int8_t bytes[LP_X86_LANES];
        _mm_storeu_si128((__m128i *)(void *)bytes, value);
        memcpy(out + c, bytes, (size_t)count);
    }
}

static LP_AVX2 void pool_maps(const struct lp_pool_s8 *p, pool_of_channels *pool)
{
    struct window w = {.row_bytes = p->in_w * p->channels, .pixel_bytes = p->channels};
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++)
        for (int32_t y = 0; y < p->out_h; y++) {
            int32_t top, left;
            clip(y * p->stride_h - p->pad_top, p->kernel_h, p->in_h, &top, &w.rows);
            for (int32_t x = 0; x < p->out_w; x++, out += p->channels) {
                clip(x * p->stride_w - p->pad_left, p->kernel_w, p->in_w, &left, &w.columns);
                w.in = p->in + (((ptrdiff_t)b * p->in_h + top) * p->in_w + left) * p->channels;
                pool_pixel(p, &w, out, pool);
            }
        }
}

lp_status lp_max_pool_s8__avx2(const void *args)
{
    pool_maps(args, largest);
    return LP_OK;
}

lp_status lp_average_pool_s8__avx2(const void *args)
{
    pool_maps(args, average);
    return LP_OK;
}

bool lp_x86_prepare_pool(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    (void)ops;
    struct lp_pool_s8 *p = lp_x86_take(room, sizeof *p);
    if (p != NULL)
        memcpy(p, args, sizeof *p);
    return true;
}

#endif
