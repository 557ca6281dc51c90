/* Mean of neighbouring elements whose sums are taken over other dimensions. */
#include "runtime/kernels/helium/sum_s8.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

static struct lp_sum sum_from(const struct lp_mean_s8 *p, const int8_t *in, mve_pred16_t active)
{
    struct lp_sum sum = {vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int32_t a = 0; a < p->reduce_dims[0]; a++)
        for (int32_t b = 0; b < p->reduce_dims[1]; b++)
            for (int32_t c = 0; c < p->reduce_dims[2]; c++) {
                const int8_t *at = in + a * p->reduce_stride[0] + b * p->reduce_stride[1] + c * p->reduce_stride[2];
                int32_t rest = p->reduce_dims[3];
                for (; rest > 0; rest -= LP_SUM_RUN, at += LP_SUM_RUN * p->reduce_stride[3])
                    sum = lp_sum_run(sum, at, p->reduce_stride[3], rest < LP_SUM_RUN ? rest : LP_SUM_RUN, active);
            }
    return sum;
}

static void means_from(const struct lp_mean_s8 *p, const int8_t *in, int8_t *out)
{
    const struct lp_output_s8 output = {&p->multiplier, &p->shift, p->out_offset, INT8_MIN, INT8_MAX, 0, p->rounding};
    int32_t sums[LP_SUM_LANES];
    for (int32_t first = 0; first < p->keep_dims[3]; first += LP_SUM_LANES) {
        lp_sum_store(sums, sum_from(p, in + first, vctp16q((uint32_t)(p->keep_dims[3] - first))));
        for (int32_t c = 0; c < LP_SUM_LANES && first + c < p->keep_dims[3]; c++)
            *out++ = lp_output_s8(&output, sums[c] + p->sum_offset, 0);
    }
}

lp_status lp_mean_s8__helium(const void *args)
{
    const struct lp_mean_s8 *p = args;
    int8_t *out = p->out;
    for (int32_t a = 0; a < p->keep_dims[0]; a++)
        for (int32_t b = 0; b < p->keep_dims[1]; b++)
            for (int32_t c = 0; c < p->keep_dims[2]; c++, out += p->keep_dims[3])
                means_from(p, p->in + a * p->keep_stride[0] + b * p->keep_stride[1] + c * p->keep_stride[2], out);
    return LP_OK;
}
