#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

lp_status lp_fully_connected_s8__reference(const void *args)
{
    const struct lp_fully_connected_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        const int8_t *weight = p->weight;
        for (int32_t o = 0; o < p->out_c; o++) {
            int32_t sum = p->bias != NULL ? p->bias[o] : 0;
            for (int32_t i = 0; i < p->in_c; i++)
                sum += (in[i] + p->in_offset) * *weight++;
            *out++ = lp_output_s8(&output, sum, o);
        }
        in += p->in_c;
    }
    return LP_OK;
}
