#include "runtime/kernels/kernels.h"

#include <string.h>

/* Where element i of the bordered dimension comes from. */
static int32_t mirrored(const struct lp_mirror_pad *p, int32_t d, int32_t i)
{
    const int32_t size = p->in_dims[d];
    const int32_t skip = p->is_symmetric ? 0 : 1; /* the edge itself is not repeated */
    i -= p->before[d];
    if (i < 0)
        return -i - 1 + skip;
    return i < size ? i : 2 * size - 1 - skip - i;
}

static const uint8_t *row_of(const struct lp_mirror_pad *p, const int32_t *index)
{
    const int32_t last = p->rank - 1;
    size_t row = 0;
    for (int32_t d = 0; d < last; d++)
        row = row * (size_t)p->in_dims[d] + (size_t)mirrored(p, d, index[d]);
    return (const uint8_t *)p->in + row * (size_t)p->in_dims[last] * p->run_bytes;
}

lp_status lp_mirror_pad__reference(const void *args)
{
    const struct lp_mirror_pad *p = args;
    const int32_t last = p->rank - 1;
    int32_t index[LP_MIRROR_PAD_RANK] = {0};
    uint8_t *out = p->out;
    for (;;) {
        const uint8_t *row = row_of(p, index);
        for (int32_t i = 0; i < p->before[last] + p->in_dims[last] + p->after[last]; i++) {
            memcpy(out, row + (size_t)mirrored(p, last, i) * p->run_bytes, p->run_bytes);
            out += p->run_bytes;
        }
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->before[d] + p->in_dims[d] + p->after[d] - 1)
            index[d--] = 0;
        if (d < 0)
            return LP_OK;
        index[d]++;
    }
}
