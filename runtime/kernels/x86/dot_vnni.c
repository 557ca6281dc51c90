/* AVX-512 with VNNI: one instruction multiplies four unsigned by four signed bytes in each lane and adds to the sums. In vectors
 * of 256 bits: CPUs that split those of 512 lose a third of the products by them (measured on one: 8.3 a nanosecond of 256 bits,
 * 2.8 of 512), and there are 32 registers either way. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/requantize_avx2.h"

#define VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni,avx512vbmi")))
#define VNNI_INLINE static inline __attribute__((always_inline)) VNNI

enum { HALF = LP_X86_LANES / 2, HALF_BYTES = LP_X86_STEP_BYTES / 2 };

VNNI_INLINE __m256i at(const int8_t *tile, int32_t offset)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(tile + offset));
}

/* 16 sums of a tile. */
struct lanes {
    __m256i low, high;
};

/* What is done to the sums of a tile; `count` of its lanes are channels. */
struct finish {
    struct lanes multiplier, shift;
    __m256i offset;
    __m128i min, max;
    int32_t count;
};

VNNI_INLINE struct lanes lanes_at(const int8_t *tile, int32_t offset)
{
    return (struct lanes){at(tile, offset), at(tile, offset + 32)};
}

VNNI_INLINE struct finish finish_of(const struct lp_x86_output *o, const int8_t *tile, int32_t count)
{
    return (struct finish){lanes_at(tile, 64),
                           lanes_at(tile, 128),
                           _mm256_set1_epi32(o->offset),
                           _mm_set1_epi8((int8_t)o->min),
                           _mm_set1_epi8((int8_t)o->max),
                           count};
}

/* To bytes. The offset is added before anything saturates: at the ends of int32 the sum wraps around, as it does elsewhere. */
VNNI_INLINE __m128i bytes_of(const struct finish *f, enum lp_x86_rounding rounding, struct lanes sums)
{
    const __m256i low = lp_avx2_requantize(sums.low, f->multiplier.low, f->shift.low, rounding);
    const __m256i high = lp_avx2_requantize(sums.high, f->multiplier.high, f->shift.high, rounding);
    const __m256i words = _mm256_packs_epi32(_mm256_add_epi32(low, f->offset), _mm256_add_epi32(high, f->offset));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5);
    __m128i bytes = _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(_mm256_packs_epi16(words, words), order));
    return _mm_min_epi8(_mm_max_epi8(bytes, f->min), f->max);
}

VNNI_INLINE void store(const struct finish *f, enum lp_x86_rounding rounding, struct lanes sums, int8_t *out)
{
    const __m128i bytes = bytes_of(f, rounding, sums);
    if (f->count >= LP_X86_LANES)
        _mm_storeu_si128((__m128i *)(void *)out, bytes);
    else if (f->count == HALF)
        _mm_storel_epi64((__m128i *)(void *)out, bytes);
    else
        _mm_mask_storeu_epi8(out, (__mmask16)((1u << f->count) - 1), bytes);
}

/* Four bytes of a place in every lane, as input + 128. */
VNNI_INLINE __m256i four_inputs(const int8_t *in)
{
    int32_t word;
    memcpy(&word, in, sizeof word);
    return _mm256_xor_si256(_mm256_set1_epi32(word), _mm256_set1_epi8(INT8_MIN));
}

/* Compilers copy the sums to and fro around their intrinsic for this. */
VNNI_INLINE __m256i add_four_products(__m256i sums, __m256i x, __m256i w)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(w));
    return sums;
}

/* Windows that share a load of the weights. */
enum { MOST_HALVES = 8, MOST_PLACES = 6 };

/* Sums of places for a tile, `step` vectors apart, to bytes. */
VNNI_INLINE void finish_tile(const struct finish *f, const enum lp_x86_rounding rounding, const __m256i *sums, const int step,
                             const struct lp_x86_dot *d)
{
    const int32_t places = d->places, out_bytes = d->out_bytes;
    int8_t *out = d->out;
    for (int32_t i = 0; i < places; i++, out += out_bytes, sums += step)
        store(f, rounding, (struct lanes){sums[0], sums[1]}, out);
}

/* Where only a tile's lower half has channels: two places at a time. */
VNNI_INLINE void finish_half(const struct finish *f, const enum lp_x86_rounding rounding, const __m256i *sums,
                             const struct lp_x86_dot *d)
{
    const int32_t places = d->places, out_bytes = d->out_bytes;
    const __mmask16 mask = (__mmask16)((1u << f->count) - 1);
    int8_t *out = d->out;
    for (int32_t i = 0; i < places; i += 2, out += 2 * out_bytes, sums += 2) {
        const bool is_pair = i + 1 < places;
        const __m128i bytes = bytes_of(f, rounding, (struct lanes){sums[0], sums[is_pair ? 1 : 0]});
        if (f->count == HALF)
            _mm_storel_epi64((__m128i *)(void *)out, bytes);
        else
            _mm_mask_storeu_epi8(out, mask, bytes);
        if (is_pair && f->count == HALF)
            _mm_storel_epi64((__m128i *)(void *)(out + out_bytes), _mm_srli_si128(bytes, HALF));
        else if (is_pair)
            _mm_mask_storeu_epi8(out + out_bytes, mask, _mm_srli_si128(bytes, HALF));
    }
}

VNNI_INLINE void finish_rounded(struct finish *f, const enum lp_x86_rounding rounding, const __m256i *sums, const int step,
                                const struct lp_x86_dot *d)
{
    if (step > 1) {
        finish_tile(f, rounding, sums, step, d);
        return;
    }
    f->multiplier.high = f->multiplier.low;
    f->shift.high = f->shift.low;
    finish_half(f, rounding, sums, d);
}

/* The loops that are seldom needed are not copied to every caller. */
static VNNI __attribute__((noinline)) void finish_seldom(struct finish *f, const struct lp_x86_output *o, const __m256i *sums,
                                                         int step, const struct lp_x86_dot *d)
{
    finish_rounded(f, o->rounding, sums, step, d);
}

/* `places` windows times `count` halves of tiles; both are constants of the caller's, so that all sums stay in registers. */
VNNI_INLINE void multiply(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_dot *d,
                          int32_t first_place, int32_t channel, const int places, const int count)
{
    __m256i sums[MOST_PLACES * MOST_HALVES];
    __m256i results[MOST_PLACES * MOST_HALVES];
    const ptrdiff_t tile_bytes = t->tile_bytes, place_bytes = d->place_bytes;
    const int8_t *tile = t->first + channel / LP_X86_LANES * tile_bytes;
    LP_X86_UNROLL
    for (int h = 0; h < count; h++)
        LP_X86_UNROLL
    for (int i = 0; i < places; i++)
        sums[i * count + h] = at(tile + h / 2 * tile_bytes, h % 2 * HALF_BYTES);
    const int8_t *weights = tile + LP_X86_HEAD_BYTES;
    const int8_t *first = d->in + first_place * place_bytes;
    const int32_t *offset = d->offset, *end = offset + t->steps;
    for (; offset < end; offset++, weights += LP_X86_STEP_BYTES) {
        const int8_t *in = first + *offset;
        __m256i w[MOST_HALVES];
        LP_X86_UNROLL
        for (int h = 0; h < count; h++)
            w[h] = at(weights + h / 2 * tile_bytes, h % 2 * HALF_BYTES);
        LP_X86_UNROLL
        for (int i = 0; i < places; i++) {
            const __m256i x = four_inputs(in + i * place_bytes);
            LP_X86_UNROLL
            for (int h = 0; h < count; h++)
                sums[i * count + h] = add_four_products(sums[i * count + h], x, w[h]);
        }
    }
    LP_X86_UNROLL
    for (int k = 0; k < places * count; k++)
        results[k] = sums[k];
    struct lp_x86_dot made = *d;
    made.places = places;
    made.out += (ptrdiff_t)first_place * d->out_bytes + channel;
    for (int h = 0; h < count && channel + h * HALF < t->channels; h += 2, made.out += LP_X86_LANES) {
        struct finish f = finish_of(o, tile + h / 2 * tile_bytes, t->channels - channel - h * HALF);
        if (o->rounding == LP_X86_RIGHT)
            finish_rounded(&f, LP_X86_RIGHT, results + h, count, &made);
        else
            finish_seldom(&f, o, results + h, count, &made);
    }
}

/* `most` halves at a time, an even number. */
VNNI_INLINE void run_places(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_dot *d,
                            int32_t first_place, const int places, const int most)
{
    int32_t channel = 0;
    for (; t->channels - channel > (most - 2) * HALF; channel += most * HALF)
        multiply(t, o, d, first_place, channel, places, most);
    for (; t->channels - channel > HALF; channel += LP_X86_LANES)
        multiply(t, o, d, first_place, channel, places, 2);
    if (channel < t->channels)
        multiply(t, o, d, first_place, channel, places, 1);
}

static VNNI void dot(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_dot *d)
{
    /* As few rounds as can be, as even as can be. */
    for (int32_t place = 0, places; place < d->places; place += places) {
        const int32_t left = d->places - place, rounds = (left + MOST_PLACES - 1) / MOST_PLACES;
        places = (left + rounds - 1) / rounds;
        switch (places) {
        case 1: run_places(t, o, d, place, 1, 8); break;
        case 2: run_places(t, o, d, place, 2, 4); break;
        case 3: run_places(t, o, d, place, 3, 4); break;
        case 4: run_places(t, o, d, place, 4, 4); break;
        case 5: run_places(t, o, d, place, 5, 4); break;
        default: run_places(t, o, d, place, MOST_PLACES, 4); break;
        }
    }
}

/* Taps of up to 16 channels, as input + 128, tap beside tap for each channel. */
VNNI_INLINE struct lanes put_beside(__m256i taps01, __m256i taps23)
{
    static const uint8_t order[2][32] = {
        {0, 16, 32, 48, 1, 17, 33, 49, 2, 18, 34, 50, 3, 19, 35, 51, 4, 20, 36, 52, 5, 21, 37, 53, 6, 22, 38, 54, 7, 23, 39, 55},
        {8,  24, 40, 56, 9,  25, 41, 57, 10, 26, 42, 58, 11, 27, 43, 59,
         12, 28, 44, 60, 13, 29, 45, 61, 14, 30, 46, 62, 15, 31, 47, 63}};
    const __m256i flip = _mm256_set1_epi8(INT8_MIN);
    taps01 = _mm256_xor_si256(taps01, flip);
    taps23 = _mm256_xor_si256(taps23, flip);
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)order[0]);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)order[1]);
    return (struct lanes){_mm256_permutex2var_epi8(taps01, low, taps23), _mm256_permutex2var_epi8(taps01, high, taps23)};
}

VNNI_INLINE __m256i pair(const int8_t *first, const int8_t *second, __mmask16 mask)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_maskz_loadu_epi8(mask, first)), _mm_maskz_loadu_epi8(mask, second),
                                   1);
}

VNNI_INLINE __mmask16 mask_of(int32_t count)
{
    return (__mmask16)(count >= LP_X86_LANES ? 0xffff : (1u << count) - 1);
}

VNNI_INLINE struct lanes add_products(struct lanes sums, struct lanes x, const int8_t *weights)
{
    return (struct lanes){_mm256_dpbusd_epi32(sums.low, x.low, at(weights, 0)),
                          _mm256_dpbusd_epi32(sums.high, x.high, at(weights, HALF_BYTES))};
}

static VNNI void taps(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_taps *d)
{
    const int8_t *tile = t->first;
    for (int32_t channel = 0; channel < t->channels; channel += LP_X86_LANES, tile += t->tile_bytes) {
        const __mmask16 mask = mask_of(t->channels - channel);
        const struct finish f = finish_of(o, tile, t->channels - channel);
        ptrdiff_t offset = channel;
        int8_t *out = d->out + channel;
        for (int32_t i = 0; i < d->places; i++, offset += d->place_bytes, out += t->channels) {
            struct lanes sums = {at(tile, 0), at(tile, HALF_BYTES)};
            const int8_t *const *tap = d->tap;
            for (int32_t s = 0; s < t->steps; s++, tap += LP_X86_STEP)
                sums = add_products(
                    sums, put_beside(pair(tap[0] + offset, tap[1] + offset, mask), pair(tap[2] + offset, tap[3] + offset, mask)),
                    tile + LP_X86_HEAD_BYTES + s * LP_X86_STEP_BYTES);
            store(&f, o->rounding, sums, out);
        }
    }
}

VNNI_INLINE struct lanes column(const struct lp_x86_columns *c, int32_t number, int32_t channel, __mmask16 mask)
{
    const int8_t *tap[3];
    const bool is_inside = (uint32_t)number < (uint32_t)c->in_w;
    LP_X86_UNROLL
    for (int r = 0; r < 3; r++)
        tap[r] = (is_inside ? c->row[r] + (ptrdiff_t)number * c->column_bytes[r] : c->pad) + channel;
    return put_beside(pair(tap[0], tap[1], mask), _mm256_castsi128_si256(_mm_maskz_loadu_epi8(mask, tap[2])));
}

/* `advance` is a constant of the caller's where columns are shared, `rounding` where it matters. */
VNNI_INLINE void run_columns(const struct lp_x86_tiles *t, struct lp_x86_columns c, const struct finish *f, const int8_t *tile,
                             int32_t channel, const int32_t advance, const enum lp_x86_rounding rounding)
{
    const __mmask16 mask = mask_of(t->channels - channel);
    const int32_t channels = t->channels;
    const int8_t *weights = tile + LP_X86_HEAD_BYTES;
    int32_t number = c.first_column;
    int8_t *out = c.out + channel;
    struct lanes first = column(&c, number, channel, mask), second = column(&c, number + 1, channel, mask);
    for (int32_t i = 0; i < c.places; i++, number += advance, out += channels) {
        const struct lanes third = column(&c, number + 2, channel, mask);
        struct lanes sums = {at(tile, 0), at(tile, HALF_BYTES)};
        sums = add_products(sums, first, weights);
        sums = add_products(sums, second, weights + LP_X86_STEP_BYTES);
        sums = add_products(sums, third, weights + 2 * LP_X86_STEP_BYTES);
        store(f, rounding, sums, out);
        first = advance == 1 ? second : advance == 2 ? third : column(&c, number + advance, channel, mask);
        second = advance == 1 ? third : column(&c, number + advance + 1, channel, mask);
    }
}

static VNNI void columns(const struct lp_x86_tiles *t, const struct lp_x86_output *o, const struct lp_x86_columns *c)
{
    const int8_t *tile = t->first;
    for (int32_t channel = 0; channel < t->channels; channel += LP_X86_LANES, tile += t->tile_bytes) {
        const struct finish f = finish_of(o, tile, t->channels - channel);
        if (c->advance == 1 && o->rounding == LP_X86_RIGHT)
            run_columns(t, *c, &f, tile, channel, 1, LP_X86_RIGHT);
        else if (c->advance == 2 && o->rounding == LP_X86_RIGHT)
            run_columns(t, *c, &f, tile, channel, 2, LP_X86_RIGHT);
        else
            run_columns(t, *c, &f, tile, channel, c->advance, o->rounding);
    }
}

const struct lp_x86_ops lp_x86_ops_vnni = {dot, taps, columns, true};

#endif
