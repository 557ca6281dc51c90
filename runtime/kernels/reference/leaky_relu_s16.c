#include "runtime/kernels/kernels.h"

lp_status lp_leaky_relu_s16__reference(const void *args)
{
    const struct lp_leaky_relu_s16 *p = args;
    for (int32_t i = 0; i < p->count; i++) {
        int32_t value = p->in[i] < 0 ? lp_requantize(p->in[i], p->negative_multiplier, p->negative_shift, p->rounding)
                                     : lp_requantize(p->in[i], p->positive_multiplier, p->positive_shift, p->rounding);
        p->out[i] = (int16_t)lp_clamp_s32(value, INT16_MIN, INT16_MAX);
    }
    return LP_OK;
}
