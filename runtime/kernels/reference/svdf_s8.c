#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

/* What one filter makes of this moment's input. */
static int16_t feature_of(const struct lp_svdf_s8 *p, const int8_t *in, const int8_t *weight)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->in_c; i++)
        sum += (in[i] + p->in_offset) * weight[i];
    return (int16_t)lp_clamp_s32(lp_requantize(sum, p->feature_multiplier, p->feature_shift, p->rounding), INT16_MIN, INT16_MAX);
}

/* The filter's memory, one moment on, times its weights in time. Sums wrap around. */
static int32_t remember(const struct lp_svdf_s8 *p, const int16_t *old, int16_t newest, const int16_t *weight, int16_t *memory)
{
    int32_t sum = 0;
    for (int32_t t = 0; t < p->memory; t++) {
        memory[t] = t + 1 < p->memory ? old[t + 1] : newest;
        sum = lp_add_wrapping(sum, memory[t] * weight[t]);
    }
    return sum;
}

lp_status lp_svdf_s8__reference(const void *args)
{
    const struct lp_svdf_s8 *p = args;
    const struct lp_output_s8 output = {&p->out_multiplier, &p->out_shift, p->out_offset, INT8_MIN, INT8_MAX, 0, p->rounding};
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t u = 0; u < p->units; u++) {
            int32_t sum = p->bias == NULL ? 0 : p->bias[u];
            for (int32_t f = u * p->rank; f < (u + 1) * p->rank; f++) {
                const int32_t at = (b * p->units * p->rank + f) * p->memory;
                int16_t newest = feature_of(p, p->in + b * p->in_c, p->feature_weight + f * p->in_c);
                sum = lp_add_wrapping(sum,
                                      remember(p, p->old_state + at, newest, p->time_weight + f * p->memory, p->new_state + at));
            }
            p->out[b * p->units + u] = lp_output_s8(&output, sum, 0);
        }
    }
    return LP_OK;
}
