/* Sum of tensors whose rows lie dense in both, 16 elements at a time. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/requantize_avx2.h"
#include "runtime/kernels/x86/variants.h"

/* One input on its way to the common scale. */
struct addend {
    __m256i offset, multiplier, shift;
    enum lp_x86_rounding rounding;
};

LP_AVX2_INLINE struct lp_avx2_sums scale(const struct lp_add_s8 *p, const struct addend *a, const int8_t *in, int32_t count)
{
    struct lp_avx2_sums v = lp_avx2_widen(lp_avx2_load(in, count));
    v.low = _mm256_slli_epi32(_mm256_add_epi32(v.low, a->offset), p->left_shift);
    v.high = _mm256_slli_epi32(_mm256_add_epi32(v.high, a->offset), p->left_shift);
    v.low = lp_avx2_requantize(v.low, a->multiplier, a->shift, a->rounding);
    v.high = lp_avx2_requantize(v.high, a->multiplier, a->shift, a->rounding);
    return v;
}

static LP_AVX2 void add_row(const struct lp_add_s8 *p, const int8_t *in1, const int8_t *in2, int8_t *out, int32_t length)
{
    const struct addend first = {_mm256_set1_epi32(p->in1_offset), _mm256_set1_epi32(p->in1_multiplier),
                                 _mm256_set1_epi32(p->in1_shift), lp_x86_rounding_of(p->rounding, p->in1_shift)};
    const struct addend second = {_mm256_set1_epi32(p->in2_offset), _mm256_set1_epi32(p->in2_multiplier),
                                  _mm256_set1_epi32(p->in2_shift), lp_x86_rounding_of(p->rounding, p->in2_shift)};
    const __m256i multiplier = _mm256_set1_epi32(p->out_multiplier), shift = _mm256_set1_epi32(p->out_shift);
    const struct lp_x86_output output = {p->out_offset, p->act_min, p->act_max, lp_x86_rounding_of(p->rounding, p->out_shift)};
    for (int32_t i = 0; i < length; i += LP_X86_LANES) {
        const struct lp_avx2_sums a = scale(p, &first, in1 + i, length - i), b = scale(p, &second, in2 + i, length - i);
        const struct lp_avx2_sums sums = {
            lp_avx2_requantize(_mm256_add_epi32(a.low, b.low), multiplier, shift, output.rounding),
            lp_avx2_requantize(_mm256_add_epi32(a.high, b.high), multiplier, shift, output.rounding)};
        lp_avx2_store(&output, sums, out + i, length - i);
    }
}

lp_status lp_add_s8__avx2(const void *args)
{
    const struct lp_add_s8 *p = args;
    const int32_t length = p->dims[p->rank - 1];
    int32_t rows = 1;
    for (int32_t d = 0; d < p->rank - 1; d++)
        rows *= p->dims[d];
    for (int32_t row = 0; row < rows; row++) {
        ptrdiff_t at1 = 0, at2 = 0;
        for (int32_t d = p->rank - 2, rest = row; d >= 0; rest /= p->dims[d], d--) {
            at1 += (ptrdiff_t)(rest % p->dims[d]) * p->in1_stride[d];
            at2 += (ptrdiff_t)(rest % p->dims[d]) * p->in2_stride[d];
        }
        add_row(p, p->in1 + at1, p->in2 + at2, p->out + (ptrdiff_t)row * length, length);
    }
    return LP_OK;
}

bool lp_x86_prepare_add(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    (void)ops;
    const struct lp_add_s8 *from = args;
    struct lp_add_s8 *p = lp_x86_take(room, sizeof *p);
    if (p != NULL)
        *p = *from;
    return from->in1_stride[from->rank - 1] == 1 && from->in2_stride[from->rank - 1] == 1;
}

#endif
