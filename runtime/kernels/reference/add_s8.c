#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

static int32_t to_common_scale(const struct lp_add_s8 *p, int32_t value, int32_t multiplier, int32_t shift)
{
    return lp_requantize(value * ((int32_t)1 << p->left_shift), multiplier, shift, p->rounding);
}

static int8_t add(const struct lp_add_s8 *p, const struct lp_output_s8 *output, int32_t value1, int32_t value2)
{
    int32_t scaled1 = to_common_scale(p, value1 + p->in1_offset, p->in1_multiplier, p->in1_shift);
    int32_t scaled2 = to_common_scale(p, value2 + p->in2_offset, p->in2_multiplier, p->in2_shift);
    return lp_output_s8(output, scaled1 + scaled2, 0);
}

lp_status lp_add_s8__reference(const void *args)
{
    const struct lp_add_s8 *p = args;
    const struct lp_output_s8 output = {&p->out_multiplier, &p->out_shift, p->out_offset, p->act_min, p->act_max, 0, p->rounding};
    const int32_t last = p->rank - 1;
    int32_t index[LP_BROADCAST_RANK] = {0};
    const int8_t *in1 = p->in1;
    const int8_t *in2 = p->in2;
    int8_t *out = p->out;
    for (;;) {
        for (int32_t i = 0; i < p->dims[last]; i++)
            *out++ = add(p, &output, in1[i * p->in1_stride[last]], in2[i * p->in2_stride[last]]);
        /* On to the next row: the innermost index that has not reached its end rises, those behind it start over. */
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->dims[d] - 1) {
            in1 -= index[d] * p->in1_stride[d];
            in2 -= index[d] * p->in2_stride[d];
            index[d--] = 0;
        }
        if (d < 0)
            return LP_OK;
        index[d]++;
        in1 += p->in1_stride[d];
        in2 += p->in2_stride[d];
    }
}
