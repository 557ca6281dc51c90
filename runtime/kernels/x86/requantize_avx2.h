/* contract/requantize.h on eight lanes. AVX2 shifts 64 bits only logically; the sign is moved out of the way. */
#ifndef LP_KERNELS_X86_REQUANTIZE_AVX2_H
#define LP_KERNELS_X86_REQUANTIZE_AVX2_H

#include "runtime/kernels/x86/ops.h"

#include <immintrin.h>
#include <string.h>

#define LP_AVX2 __attribute__((target("avx2")))
#define LP_AVX2_INLINE static inline __attribute__((always_inline)) LP_AVX2

/* Lanes 0, 2, ... of a product of 64 bits each lie in `even`; the others in `odd`. */
struct lp_avx2_wide {
    __m256i even, odd;
};

LP_AVX2_INLINE struct lp_avx2_wide lp_avx2_multiply(__m256i a, __m256i b)
{
    return (struct lp_avx2_wide){_mm256_mul_epi32(a, b), _mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32))};
}

/* (value + 2^(total - 1)) >> total with the sign of value; total 1..62. */
LP_AVX2_INLINE __m256i lp_avx2_round_shift(__m256i value, __m256i total)
{
    const __m256i one = _mm256_set1_epi64x(1), top = _mm256_set1_epi64x(INT64_MIN);
    value = _mm256_add_epi64(value, _mm256_sllv_epi64(one, _mm256_sub_epi64(total, one)));
    return _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_xor_si256(value, top), total), _mm256_srlv_epi64(top, total));
}

LP_AVX2_INLINE __m256i lp_avx2_requantize_single(__m256i value, __m256i multiplier, __m256i shift)
{
    const __m256i total = _mm256_sub_epi32(_mm256_set1_epi32(31), shift);
    const struct lp_avx2_wide p = lp_avx2_multiply(value, multiplier);
    const __m256i even = lp_avx2_round_shift(p.even, _mm256_and_si256(total, _mm256_set1_epi64x(0xffffffff)));
    const __m256i odd = lp_avx2_round_shift(p.odd, _mm256_srli_epi64(total, 32));
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

LP_AVX2_INLINE __m256i lp_avx2_requantize_double(__m256i value, __m256i multiplier, __m256i shift)
{
    const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi64x(1 << 30), one = _mm256_set1_epi32(1);
    const __m256i left = _mm256_max_epi32(shift, zero), right = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
    const struct lp_avx2_wide p = lp_avx2_multiply(_mm256_sllv_epi32(value, left), multiplier);
    const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(_mm256_add_epi64(p.even, half), 31),
                                            _mm256_slli_epi64(_mm256_add_epi64(p.odd, half), 1), 0xaa);
    const __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, right), one);
    const __m256i threshold = _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(high, 31));
    const __m256i up = _mm256_cmpgt_epi32(_mm256_and_si256(high, mask), threshold);
    return _mm256_sub_epi32(_mm256_srav_epi32(high, right), up);
}

/* The same as single where shift is -2 or less: all that is rounded away of the product's lower half is below the half that
 * decides, so the upper half is enough. */
LP_AVX2_INLINE __m256i lp_avx2_requantize_right(__m256i value, __m256i multiplier, __m256i shift)
{
    const struct lp_avx2_wide p = lp_avx2_multiply(value, multiplier);
    const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(p.even, 32), p.odd, 0xaa);
    const __m256i rest = _mm256_sub_epi32(_mm256_set1_epi32(-1), shift);
    const __m256i half = _mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_sub_epi32(rest, _mm256_set1_epi32(1)));
    return _mm256_srav_epi32(_mm256_add_epi32(high, half), rest);
}

LP_AVX2_INLINE __m256i lp_avx2_requantize(__m256i value, __m256i multiplier, __m256i shift, enum lp_x86_rounding rounding)
{
    if (rounding == LP_X86_RIGHT)
        return lp_avx2_requantize_right(value, multiplier, shift);
    return rounding == LP_X86_DOUBLE ? lp_avx2_requantize_double(value, multiplier, shift)
                                     : lp_avx2_requantize_single(value, multiplier, shift);
}

/* Sums of 16 lanes, requantized, to `count` bytes. */
struct lp_avx2_sums {
    __m256i low, high;
};

LP_AVX2_INLINE __m256i lp_avx2_clamp(__m256i value, const struct lp_x86_output *o)
{
    value = _mm256_add_epi32(value, _mm256_set1_epi32(o->offset));
    return _mm256_min_epi32(_mm256_max_epi32(value, _mm256_set1_epi32(o->min)), _mm256_set1_epi32(o->max));
}

LP_AVX2_INLINE void lp_avx2_store(const struct lp_x86_output *o, struct lp_avx2_sums values, int8_t *out, int32_t count)
{
    const __m256i low = lp_avx2_clamp(values.low, o), high = lp_avx2_clamp(values.high, o);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    if (count >= LP_X86_LANES) {
        _mm_storeu_si128((__m128i *)(void *)out, bytes);
        return;
    }
    int8_t last[LP_X86_LANES];
    _mm_storeu_si128((__m128i *)(void *)last, bytes);
    memcpy(out, last, (size_t)count);
}

/* `count` bytes, at most 16; nothing behind them is read. */
LP_AVX2_INLINE __m128i lp_avx2_load(const int8_t *in, int32_t count)
{
    if (count >= LP_X86_LANES)
        return _mm_loadu_si128((const __m128i *)(const void *)in);
    int8_t last[LP_X86_LANES] = {0};
    memcpy(last, in, (size_t)count);
    return _mm_loadu_si128((const __m128i *)(const void *)last);
}

LP_AVX2_INLINE struct lp_avx2_sums lp_avx2_widen(__m128i bytes)
{
    return (struct lp_avx2_sums){_mm256_cvtepi8_epi32(bytes), _mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8))};
}

#endif
