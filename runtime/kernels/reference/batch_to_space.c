#include "runtime/kernels/reference/space_batch.h"

#include <string.h>

static void run(const struct lp_space_batch *p, size_t part_bytes, size_t whole_bytes)
{
    if (whole_bytes != LP_OUTSIDE)
        memcpy((uint8_t *)p->out + whole_bytes, (const uint8_t *)p->in + part_bytes, p->run_bytes);
}

lp_status lp_batch_to_space__reference(const void *args)
{
    lp_space_batch_walk(args, run);
    return LP_OK;
}
