#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/dot_s16.h"

static int16_t *multiply(const struct lp_batch_matmul *p, const int16_t *in1, const int16_t *in2, int16_t *out)
{
    const struct lp_output_s16 output = {&p->multiplier, &p->shift, INT16_MIN, INT16_MAX, 0, p->rounding, 1};
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t c = 0; c < p->columns; c++) {
            int64_t sum = 0;
            for (int32_t d = 0; d < p->depth; d++)
                sum += in1[r * p->in1_row + d * p->in1_depth] * in2[d * p->in2_depth + c * p->in2_column];
            *out++ = lp_output_s16(&output, sum, 0);
        }
    }
    return out;
}

lp_status lp_batch_matmul_s16__reference(const void *args)
{
    const struct lp_batch_matmul *p = args;
    const int16_t *in1 = p->in1;
    const int16_t *in2 = p->in2;
    int16_t *out = p->out;
    for (int32_t a = 0; a < p->batches[0]; a++)
        for (int32_t b = 0; b < p->batches[1]; b++)
            for (int32_t c = 0; c < p->batches[2]; c++)
                out = multiply(p, in1 + a * p->in1_batch[0] + b * p->in1_batch[1] + c * p->in1_batch[2],
                               in2 + a * p->in2_batch[0] + b * p->in2_batch[1] + c * p->in2_batch[2], out);
    return LP_OK;
}
