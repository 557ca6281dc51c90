/* Mean that keeps neighbouring elements apart, 16 of them at a time. */
#if defined(__x86_64__)

#include "runtime/kernels/x86/requantize_avx2.h"
#include "runtime/kernels/x86/variants.h"

static LP_AVX2 struct lp_avx2_sums sum_from(const struct lp_mean_s8 *p, const int8_t *in, int32_t count)
{
    struct lp_avx2_sums sums = {_mm256_set1_epi32(p->sum_offset), _mm256_set1_epi32(p->sum_offset)};
    for (int32_t a = 0; a < p->reduce_dims[0]; a++)
        for (int32_t b = 0; b < p->reduce_dims[1]; b++)
            for (int32_t c = 0; c < p->reduce_dims[2]; c++) {
                const int8_t *at = in + a * p->reduce_stride[0] + b * p->reduce_stride[1] + c * p->reduce_stride[2];
                for (int32_t d = 0; d < p->reduce_dims[3]; d++) {
                    const struct lp_avx2_sums more = lp_avx2_widen(lp_avx2_load(at + d * p->reduce_stride[3], count));
                    sums.low = _mm256_add_epi32(sums.low, more.low);
                    sums.high = _mm256_add_epi32(sums.high, more.high);
                }
            }
    return sums;
}

static LP_AVX2 void mean_row(const struct lp_mean_s8 *p, const int8_t *in, int8_t *out)
{
    const struct lp_x86_output output = {p->out_offset, INT8_MIN, INT8_MAX, lp_x86_rounding_of(p->rounding, p->shift)};
    const __m256i multiplier = _mm256_set1_epi32(p->multiplier), shift = _mm256_set1_epi32(p->shift);
    const int32_t length = p->keep_dims[LP_MEAN_RANK - 1];
    for (int32_t i = 0; i < length; i += LP_X86_LANES) {
        struct lp_avx2_sums sums = sum_from(p, in + i, length - i);
        sums.low = lp_avx2_requantize(sums.low, multiplier, shift, output.rounding);
        sums.high = lp_avx2_requantize(sums.high, multiplier, shift, output.rounding);
        lp_avx2_store(&output, sums, out + i, length - i);
    }
}

lp_status lp_mean_s8__avx2(const void *args)
{
    const struct lp_mean_s8 *p = args;
    int8_t *out = p->out;
    for (int32_t a = 0; a < p->keep_dims[0]; a++)
        for (int32_t b = 0; b < p->keep_dims[1]; b++)
            for (int32_t c = 0; c < p->keep_dims[2]; c++, out += p->keep_dims[3])
                mean_row(p, p->in + a * p->keep_stride[0] + b * p->keep_stride[1] + c * p->keep_stride[2], out);
    return LP_OK;
}

bool lp_x86_prepare_mean(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room)
{
    (void)ops;
    struct lp_mean_s8 *p = lp_x86_take(room, sizeof *p);
    if (p != NULL)
        memcpy(p, args, sizeof *p);
    return ((const struct lp_mean_s8 *)args)->keep_stride[LP_MEAN_RANK - 1] == 1;
}

#endif
