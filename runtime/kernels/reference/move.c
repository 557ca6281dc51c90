#include "runtime/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

/* The innermost loop. Single bytes are the usual run of a transposition, and a call for each of them costs more than they do. */
static void move_row(const uint8_t *in, uint8_t *out, int32_t count, int32_t in_stride, int32_t out_stride, uint32_t run_bytes)
{
    if (run_bytes == 1) {
        for (int32_t i = 0; i < count; i++, in += in_stride, out += out_stride)
            *out = *in;
        return;
    }
    for (int32_t i = 0; i < count; i++, in += in_stride, out += out_stride)
        memcpy(out, in, run_bytes);
}

lp_status lp_move__reference(const void *args)
{
    const struct lp_move *p = args;
    const uint8_t *in = (const uint8_t *)p->in + p->in_offset_bytes;
    uint8_t *out = (uint8_t *)p->out + p->out_offset_bytes;
    int32_t index[LP_MOVE_RANK] = {0};
    const int32_t last = p->rank - 1;
    if (last < 0) {
        memcpy(out, in, p->run_bytes);
        return LP_OK;
    }
    for (;;) {
        move_row(in, out, p->dims[last], p->in_stride_bytes[last], p->out_stride_bytes[last], p->run_bytes);
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->dims[d] - 1) {
            in -= (ptrdiff_t)index[d] * p->in_stride_bytes[d];
            out -= (ptrdiff_t)index[d] * p->out_stride_bytes[d];
            index[d--] = 0;
        }
        if (d < 0)
            return LP_OK;
        in += p->in_stride_bytes[d];
        out += p->out_stride_bytes[d];
        index[d]++;
    }
}
