#include "runtime/kernels/reference/space_batch.h"

#include <string.h>

static void run(const struct lp_space_batch *p, size_t part_bytes, size_t whole_bytes)
{
    uint8_t *out = (uint8_t *)p->out + part_bytes;
    if (whole_bytes != LP_OUTSIDE) {
        memcpy(out, (const uint8_t *)p->in + whole_bytes, p->run_bytes);
        return;
    }
    for (uint32_t i = 0; i < p->run_bytes; i++)
        out[i] = (uint8_t)(p->value >> (8 * (i % p->element_bytes)));
}

lp_status lp_space_to_batch__reference(const void *args)
{
    lp_space_batch_walk(args, run);
    return LP_OK;
}
