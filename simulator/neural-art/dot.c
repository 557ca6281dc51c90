#include "simulator/neural-art/dot.h"

#if defined(__SSE2__)
#include <emmintrin.h>

/* Lane sums of four accumulators, in order. */
static inline __m128i sum_lanes(__m128i a, __m128i b, __m128i c, __m128i d)
{
    __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
    return _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}

static void four_rows(const int16_t *column, const int16_t *weights, size_t length, int32_t sums[4])
{
    __m128i a = _mm_setzero_si128(), b = a, c = a, d = a;
    for (size_t i = 0; i < length; i += LP_SIM_DOT_LANES) {
        __m128i f = _mm_loadu_si128((const void *)(column + i));
        a = _mm_add_epi32(a, _mm_madd_epi16(f, _mm_load_si128((const void *)(weights + i))));
        b = _mm_add_epi32(b, _mm_madd_epi16(f, _mm_load_si128((const void *)(weights + length + i))));
        c = _mm_add_epi32(c, _mm_madd_epi16(f, _mm_load_si128((const void *)(weights + 2 * length + i))));
        d = _mm_add_epi32(d, _mm_madd_epi16(f, _mm_load_si128((const void *)(weights + 3 * length + i))));
    }
    _mm_storeu_si128((void *)sums, sum_lanes(a, b, c, d));
}
#else
static void four_rows(const int16_t *column, const int16_t *weights, size_t length, int32_t sums[4])
{
    for (size_t row = 0; row < LP_SIM_DOT_ROWS; row++) {
        int32_t sum = 0;
        for (size_t i = 0; i < length; i++)
            sum += column[i] * weights[row * length + i];
        sums[row] = sum;
    }
}
#endif

void lp_sim_dot_rows(const int16_t *columns, size_t count, const int16_t *weights, size_t kernels, size_t length, int64_t *sums)
{
    for (size_t x = 0; x < count; x++)
        for (size_t k = 0; k < kernels; k += LP_SIM_DOT_ROWS) {
            int32_t four[LP_SIM_DOT_ROWS];
            four_rows(columns + x * length, weights + k * length, length, four);
            size_t rows = kernels - k < LP_SIM_DOT_ROWS ? kernels - k : LP_SIM_DOT_ROWS;
            for (size_t r = 0; r < rows; r++)
                sums[x * kernels + k + r] = four[r];
        }
}
