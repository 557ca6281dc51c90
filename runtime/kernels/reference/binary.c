#include "runtime/kernels/reference/binary.h"

void lp_binary_walk(const struct lp_binary *p, uint32_t element_bytes, lp_binary_row *row)
{
    const int32_t last = p->rank - 1;
    const int32_t bytes = (int32_t)element_bytes;
    int32_t index[LP_BROADCAST_RANK] = {0};
    const uint8_t *in1 = p->in1;
    const uint8_t *in2 = p->in2;
    uint8_t *out = p->out;
    for (;;) {
        row(p, in1, in2, out);
        out += p->dims[last] * bytes;
        /* On to the next row: the innermost index that has not reached its end rises, those behind it start over. */
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->dims[d] - 1) {
            in1 -= index[d] * p->in1_stride[d] * bytes;
            in2 -= index[d] * p->in2_stride[d] * bytes;
            index[d--] = 0;
        }
        if (d < 0)
            return;
        index[d]++;
        in1 += p->in1_stride[d] * bytes;
        in2 += p->in2_stride[d] * bytes;
    }
}

int32_t lp_binary_output(const struct lp_binary *p, int32_t value, int32_t multiplier, int32_t shift)
{
    int32_t scaled = lp_requantize(value, multiplier, shift, p->rounding);
    return lp_clamp_s32(lp_add_wrapping(scaled, p->out_offset), p->act_min, p->act_max);
}
