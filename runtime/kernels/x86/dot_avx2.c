/* AVX2: the four bytes of a lane are widened to 16 bits, bytes 0 and 2 and bytes 1 and 3, and multiplied as pairs. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/requantize_avx2.h"

struct pairs {
    __m256i even, odd;
};

LP_AVX2_INLINE struct pairs widen(__m256i bytes)
{
    return (struct pairs){_mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), _mm256_srai_epi16(bytes, 8)};
}

LP_AVX2_INLINE __m256i add_products(__m256i sums, struct pairs a, struct pairs b)
{
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a.even, b.even));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(a.odd, b.odd));
}

LP_AVX2_INLINE __m256i at(const int8_t *tile, int32_t offset)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(tile + offset));
}

LP_AVX2_INLINE void finish(const struct lp_x86_output *o, const int8_t *tile, struct lp_avx2_sums sums, int8_t *out,
                           int32_t channels)
{
    sums.low = lp_avx2_requantize(sums.low, at(tile, 64), at(tile, 128), o->rounding);
    sums.high = lp_avx2_requantize(sums.high, at(tile, 96), at(tile, 160), o->rounding);
    lp_avx2_store(o, sums, out, channels);
}

enum { MOST_PLACES = 3 };

/* `places` windows times a tile; `places` is a constant of the caller's, so that all sums stay in registers. */
LP_AVX2_INLINE void multiply_tile(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_dot *d,
                                  int32_t first_place, const int8_t *tile, int32_t channel, const int places)
{
    struct lp_avx2_sums sums[MOST_PLACES];
    LP_X86_UNROLL
    for (int i = 0; i < places; i++)
        sums[i] = (struct lp_avx2_sums){at(tile, 0), at(tile, 32)};
    const int8_t *weights = tile + LP_X86_HEAD_BYTES;
    const int8_t *first = d->in + first_place * d->place_bytes;
    for (int32_t s = 0; s < t->steps; s++, weights += LP_X86_STEP_BYTES) {
        const int8_t *in = first + d->offset[s];
        const struct pairs low = widen(at(weights, 0)), high = widen(at(weights, 32));
        LP_X86_UNROLL
        for (int i = 0; i < places; i++) {
            int32_t word;
            memcpy(&word, in + i * d->place_bytes, sizeof word);
            const struct pairs x = widen(_mm256_set1_epi32(word));
            sums[i].low = add_products(sums[i].low, x, low);
            sums[i].high = add_products(sums[i].high, x, high);
        }
    }
    LP_X86_UNROLL
    for (int i = 0; i < places; i++)
        finish(o, tile, sums[i], d->out + (first_place + i) * d->out_bytes + channel, t->channels - channel);
}

static LP_AVX2 void dot(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_dot *d)
{
    const int8_t *tile = t->first;
    for (int32_t channel = 0; channel < t->channels; channel += LP_X86_LANES, tile += t->tile_bytes) {
        int32_t place = 0;
        for (; place + MOST_PLACES <= d->places; place += MOST_PLACES)
            multiply_tile(t, o, d, place, tile, channel, MOST_PLACES);
        for (; place < d->places; place++)
            multiply_tile(t, o, d, place, tile, channel, 1);
    }
}

/* Four taps of up to 16 channels, tap beside tap for each channel. */
LP_AVX2_INLINE struct lp_avx2_sums four_taps(const int8_t *const *tap, ptrdiff_t offset, int32_t count)
{
    __m128i t[LP_X86_STEP];
    LP_X86_UNROLL
    for (int i = 0; i < LP_X86_STEP; i++)
        t[i] = lp_avx2_load(tap[i] + offset, count);
    const __m128i low01 = _mm_unpacklo_epi8(t[0], t[1]), low23 = _mm_unpacklo_epi8(t[2], t[3]);
    const __m128i high01 = _mm_unpackhi_epi8(t[0], t[1]), high23 = _mm_unpackhi_epi8(t[2], t[3]);
    return (struct lp_avx2_sums){_mm256_set_m128i(_mm_unpackhi_epi16(low01, low23), _mm_unpacklo_epi16(low01, low23)),
                                 _mm256_set_m128i(_mm_unpackhi_epi16(high01, high23), _mm_unpacklo_epi16(high01, high23))};
}

static LP_AVX2 void run_taps(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_taps *d,
                             const int8_t *tile, int32_t channel)
{
    ptrdiff_t offset = channel;
    int8_t *out = d->out + channel;
    for (int32_t i = 0; i < d->places; i++, offset += d->place_bytes, out += t->channels) {
        struct lp_avx2_sums sums = {at(tile, 0), at(tile, 32)};
        const int8_t *weights = tile + LP_X86_HEAD_BYTES;
        for (int32_t s = 0; s < t->steps; s++, weights += LP_X86_STEP_BYTES) {
            const struct lp_avx2_sums x = four_taps(d->tap + LP_X86_STEP * s, offset, t->channels - channel);
            sums.low = add_products(sums.low, widen(x.low), widen(at(weights, 0)));
            sums.high = add_products(sums.high, widen(x.high), widen(at(weights, 32)));
        }
        finish(o, tile, sums, out, t->channels - channel);
    }
}

static LP_AVX2 void taps(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_taps *d)
{
    const int8_t *tile = t->first;
    for (int32_t channel = 0; channel < t->channels; channel += LP_X86_LANES, tile += t->tile_bytes)
        run_taps(t, o, d, tile, channel);
}

const struct lp_x86_ops lp_x86_ops_avx2 = {dot, taps, NULL, false};

#endif
