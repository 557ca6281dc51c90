#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

static int8_t *multiply(const struct lp_batch_matmul *p, const int8_t *in1, const int8_t *in2, int8_t *out)
{
    const struct lp_output_s8 output = {&p->multiplier, &p->shift, p->out_offset, INT8_MIN, INT8_MAX, 0, p->rounding};
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t c = 0; c < p->columns; c++) {
            int32_t sum = 0;
            for (int32_t d = 0; d < p->depth; d++)
                sum += (in1[r * p->in1_row + d * p->in1_depth] + p->in1_offset) *
                       (in2[d * p->in2_depth + c * p->in2_column] + p->in2_offset);
            *out++ = lp_output_s8(&output, sum, 0);
        }
    }
    return out;
}

lp_status lp_batch_matmul_s8__reference(const void *args)
{
    const struct lp_batch_matmul *p = args;
    const int8_t *in1 = p->in1;
    const int8_t *in2 = p->in2;
    int8_t *out = p->out;
    for (int32_t a = 0; a < p->batches[0]; a++)
        for (int32_t b = 0; b < p->batches[1]; b++)
            for (int32_t c = 0; c < p->batches[2]; c++)
                out = multiply(p, in1 + a * p->in1_batch[0] + b * p->in1_batch[1] + c * p->in1_batch[2],
                               in2 + a * p->in2_batch[0] + b * p->in2_batch[1] + c * p->in2_batch[2], out);
    return LP_OK;
}
