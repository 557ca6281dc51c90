#include "runtime/kernels/kernels.h"

#include <string.h>

lp_status lp_gather__reference(const void *args)
{
    const struct lp_gather *p = args;
    const uint8_t *in = p->in;
    uint8_t *out = p->out;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int32_t *indices = p->indices + (size_t)batch * (size_t)p->count;
        for (int32_t o = 0; o < p->outer; o++) {
            for (int32_t i = 0; i < p->count; i++) {
                if (indices[i] < 0 || indices[i] >= p->axis)
                    return LP_BAD_INPUT;
                memcpy(out, in + (size_t)indices[i] * p->run_bytes, p->run_bytes);
                out += p->run_bytes;
            }
            in += (size_t)p->axis * p->run_bytes;
        }
    }
    return LP_OK;
}
