#include "runtime/kernels/kernels.h"

#include <string.h>

lp_status lp_copy__reference(const void *args)
{
    const struct lp_copy *p = args;
    if (p->in != p->out)
        memcpy(p->out, p->in, p->size_bytes);
    return LP_OK;
}
