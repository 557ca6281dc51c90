#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

static int32_t sum_from(const struct lp_mean_s8 *p, const int8_t *in)
{
    int32_t sum = 0;
    for (int32_t a = 0; a < p->reduce_dims[0]; a++) {
        for (int32_t b = 0; b < p->reduce_dims[1]; b++) {
            for (int32_t c = 0; c < p->reduce_dims[2]; c++) {
                const int8_t *at = in + a * p->reduce_stride[0] + b * p->reduce_stride[1] + c * p->reduce_stride[2];
                for (int32_t d = 0; d < p->reduce_dims[3]; d++)
                    sum += at[d * p->reduce_stride[3]];
            }
        }
    }
    return sum;
}

static int8_t mean_from(const struct lp_mean_s8 *p, const int8_t *in)
{
    const struct lp_output_s8 output = {&p->multiplier, &p->shift, p->out_offset, INT8_MIN, INT8_MAX, 0, p->rounding};
    return lp_output_s8(&output, sum_from(p, in) + p->sum_offset, 0);
}

lp_status lp_mean_s8__reference(const void *args)
{
    const struct lp_mean_s8 *p = args;
    int8_t *out = p->out;
    for (int32_t a = 0; a < p->keep_dims[0]; a++) {
        for (int32_t b = 0; b < p->keep_dims[1]; b++) {
            for (int32_t c = 0; c < p->keep_dims[2]; c++) {
                const int8_t *at = p->in + a * p->keep_stride[0] + b * p->keep_stride[1] + c * p->keep_stride[2];
                for (int32_t d = 0; d < p->keep_dims[3]; d++)
                    *out++ = mean_from(p, at + d * p->keep_stride[3]);
            }
        }
    }
    return LP_OK;
}
