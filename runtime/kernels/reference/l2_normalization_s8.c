#include "contract/fixed_point.h"
#include "runtime/kernels/kernels.h"

enum { OUTPUT_BITS = 7 };

lp_status lp_l2_normalization_s8__reference(const void *args)
{
    const struct lp_l2_normalization_s8 *p = args;
    for (int32_t r = 0; r < p->rows; r++) {
        const int8_t *in = p->in + r * p->depth;
        int8_t *out = p->out + r * p->depth;
        int32_t sum = 0;
        for (int32_t i = 0; i < p->depth; i++)
            sum += (in[i] + p->in_offset) * (in[i] + p->in_offset);
        int32_t multiplier = 0;
        int32_t shift = 0;
        lp_fixed_inverse_root(sum, &multiplier, &shift);
        for (int32_t i = 0; i < p->depth; i++) {
            int32_t value = lp_requantize(in[i] + p->in_offset, multiplier, shift + OUTPUT_BITS, p->rounding);
            out[i] = (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX);
        }
    }
    return LP_OK;
}
