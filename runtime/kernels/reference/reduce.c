#include "runtime/kernels/kernels.h"

static int32_t element(const struct lp_reduce *p, int32_t i)
{
    return p->element == LP_ELEMENT_INT16 ? ((const int16_t *)p->in)[i] : ((const int8_t *)p->in)[i];
}

static int32_t best_from(const struct lp_reduce *p, int32_t first)
{
    int32_t best = element(p, first);
    for (int32_t a = 0; a < p->reduce_dims[0]; a++) {
        for (int32_t b = 0; b < p->reduce_dims[1]; b++) {
            for (int32_t c = 0; c < p->reduce_dims[2]; c++) {
                int32_t at = first + a * p->reduce_stride[0] + b * p->reduce_stride[1] + c * p->reduce_stride[2];
                for (int32_t d = 0; d < p->reduce_dims[3]; d++) {
                    int32_t value = element(p, at + d * p->reduce_stride[3]);
                    if (p->is_min != 0 ? value < best : value > best)
                        best = value;
                }
            }
        }
    }
    return best;
}

lp_status lp_reduce__reference(const void *args)
{
    const struct lp_reduce *p = args;
    int32_t i = 0;
    for (int32_t a = 0; a < p->keep_dims[0]; a++) {
        for (int32_t b = 0; b < p->keep_dims[1]; b++) {
            for (int32_t c = 0; c < p->keep_dims[2]; c++) {
                int32_t at = a * p->keep_stride[0] + b * p->keep_stride[1] + c * p->keep_stride[2];
                for (int32_t d = 0; d < p->keep_dims[3]; d++, i++) {
                    int32_t best = best_from(p, at + d * p->keep_stride[3]);
                    if (p->element == LP_ELEMENT_INT16)
                        ((int16_t *)p->out)[i] = (int16_t)best;
                    else
                        ((int8_t *)p->out)[i] = (int8_t)best;
                }
            }
        }
    }
    return LP_OK;
}
