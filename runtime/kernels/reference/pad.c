#include "runtime/kernels/kernels.h"

#include <stdbool.h>
#include <string.h>

/* Writes `count` elements of the border; bytes, because nothing says that out is aligned for more than one element. */
static uint8_t *fill(const struct lp_pad *p, uint8_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        for (uint32_t b = 0; b < p->element_bytes; b++)
            *out++ = (uint8_t)(p->value >> (8 * b));
    return out;
}

/* The row of the innermost dimension at the outer index is border altogether. */
static bool in_border(const struct lp_pad *p, const int32_t *index)
{
    for (int32_t d = 0; d < p->rank - 1; d++)
        if (index[d] < p->before[d] || index[d] >= p->before[d] + p->in_dims[d])
            return true;
    return false;
}

lp_status lp_pad__reference(const void *args)
{
    const struct lp_pad *p = args;
    const int32_t last = p->rank - 1;
    const size_t row_bytes = (size_t)p->in_dims[last] * p->element_bytes;
    int32_t index[LP_PAD_RANK] = {0};
    const uint8_t *in = p->in;
    uint8_t *out = p->out;
    for (;;) {
        if (in_border(p, index)) {
            out = fill(p, out, p->before[last] + p->in_dims[last] + p->after[last]);
        } else {
            out = fill(p, out, p->before[last]);
            memcpy(out, in, row_bytes);
            out = fill(p, out + row_bytes, p->after[last]);
            in += row_bytes;
        }
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->before[d] + p->in_dims[d] + p->after[d] - 1)
            index[d--] = 0;
        if (d < 0)
            return LP_OK;
        index[d]++;
    }
}
