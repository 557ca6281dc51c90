#include "runtime/kernels/kernels.h"

static int32_t element(const struct lp_arg_max *p, int32_t i)
{
    return p->in_element == LP_ELEMENT_UINT8 ? ((const uint8_t *)p->in)[i] : ((const int8_t *)p->in)[i];
}

static int32_t find(const struct lp_arg_max *p, int32_t first)
{
    int32_t best = element(p, first);
    int32_t at = 0;
    for (int32_t i = 1; i < p->size; i++) {
        int32_t value = element(p, first + i * p->inner);
        if (p->is_min != 0 ? value < best : value > best) {
            best = value;
            at = i;
        }
    }
    return at;
}

lp_status lp_arg_max__reference(const void *args)
{
    const struct lp_arg_max *p = args;
    for (int32_t i = 0; i < p->outer * p->inner; i++) {
        int32_t at = find(p, i / p->inner * p->size * p->inner + i % p->inner);
        if (p->out_element == LP_ELEMENT_INT64)
            ((int64_t *)p->out)[i] = at;
        else
            ((int32_t *)p->out)[i] = at;
    }
    return LP_OK;
}
