#include "runtime/kernels/kernels.h"

#include <stdbool.h>

static bool is_known(uint8_t element)
{
    return element == LP_ELEMENT_INT8 || element == LP_ELEMENT_UINT8 || element == LP_ELEMENT_INT16 ||
           element == LP_ELEMENT_INT32;
}

static int32_t load(const void *data, uint8_t element, int32_t i)
{
    switch (element) {
    case LP_ELEMENT_INT8: return ((const int8_t *)data)[i];
    case LP_ELEMENT_UINT8: return ((const uint8_t *)data)[i];
    case LP_ELEMENT_INT16: return ((const int16_t *)data)[i];
    default: return ((const int32_t *)data)[i];
    }
}

static void store(void *data, uint8_t element, int32_t i, int32_t value)
{
    switch (element) {
    case LP_ELEMENT_INT8: ((int8_t *)data)[i] = (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX); break;
    case LP_ELEMENT_UINT8: ((uint8_t *)data)[i] = (uint8_t)lp_clamp_s32(value, 0, UINT8_MAX); break;
    case LP_ELEMENT_INT16: ((int16_t *)data)[i] = (int16_t)lp_clamp_s32(value, INT16_MIN, INT16_MAX); break;
    default: ((int32_t *)data)[i] = value; break;
    }
}

lp_status lp_requantize__reference(const void *args)
{
    const struct lp_requantize *p = args;
    if (!is_known(p->in_element) || !is_known(p->out_element))
        return LP_BAD_ARGUMENT;
    for (int32_t i = 0; i < p->count; i++) {
        int32_t value = lp_add_wrapping(load(p->in, p->in_element, i), p->in_offset);
        int32_t scaled = lp_requantize(value, p->multiplier, p->shift, p->rounding);
        store(p->out, p->out_element, i, lp_add_wrapping(scaled, p->out_offset));
    }
    return LP_OK;
}
