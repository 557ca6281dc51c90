#include "runtime/kernels/kernels.h"

/* The difference to the zero point is exact in float32, so one product rounds once, as the reference's does in double. */
lp_status lp_dequantize__reference(const void *args)
{
    const struct lp_dequantize *p = args;
    for (int32_t i = 0; i < p->count; i++) {
        int32_t value = 0;
        switch (p->in_element) {
        case LP_ELEMENT_INT8: value = ((const int8_t *)p->in)[i]; break;
        case LP_ELEMENT_UINT8: value = ((const uint8_t *)p->in)[i]; break;
        case LP_ELEMENT_INT16: value = ((const int16_t *)p->in)[i]; break;
        default: return LP_BAD_ARGUMENT;
        }
        p->out[i] = p->scale * (float)(value - p->zero_point);
    }
    return LP_OK;
}
