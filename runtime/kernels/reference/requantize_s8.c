#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

lp_status lp_requantize_s8__reference(const void *args)
{
    const struct lp_requantize_s8 *p = args;
    const struct lp_output_s8 output = {&p->multiplier, &p->shift, p->out_offset, p->act_min, p->act_max, 0, p->rounding};
    for (int32_t i = 0; i < p->count; i++)
        p->out[i] = lp_output_s8(&output, p->in[i] + p->in_offset, 0);
    return LP_OK;
}
