#include "runtime/kernels/kernels.h"

#include <string.h>

lp_status lp_copy_rows__reference(const void *args)
{
    const struct lp_copy_rows *p = args;
    const uint8_t *in = (const uint8_t *)p->in + p->in_offset_bytes;
    uint8_t *out = (uint8_t *)p->out + p->out_offset_bytes;
    for (int32_t row = 0; row < p->rows; row++)
        memcpy(out + (size_t)row * p->out_stride_bytes, in + (size_t)row * p->in_stride_bytes, p->run_bytes);
    return LP_OK;
}
