#include "runtime/kernels/kernels.h"

#include <stdbool.h>

static int64_t read_integer(const struct lp_cast *p, int32_t i)
{
    switch (p->in_element) {
    case LP_ELEMENT_INT8: return ((const int8_t *)p->in)[i];
    case LP_ELEMENT_UINT8: return ((const uint8_t *)p->in)[i];
    case LP_ELEMENT_INT16: return ((const int16_t *)p->in)[i];
    case LP_ELEMENT_INT32: return ((const int32_t *)p->in)[i];
    case LP_ELEMENT_INT64: return ((const int64_t *)p->in)[i];
    default: return ((const uint8_t *)p->in)[i] != 0; /* bool */
    }
}

static void write_integer(const struct lp_cast *p, int32_t i, int64_t value)
{
    switch (p->out_element) {
    case LP_ELEMENT_INT8: ((int8_t *)p->out)[i] = (int8_t)value; break;
    case LP_ELEMENT_UINT8: ((uint8_t *)p->out)[i] = (uint8_t)value; break;
    case LP_ELEMENT_INT16: ((int16_t *)p->out)[i] = (int16_t)value; break;
    case LP_ELEMENT_INT32: ((int32_t *)p->out)[i] = (int32_t)value; break;
    case LP_ELEMENT_INT64: ((int64_t *)p->out)[i] = value; break;
    default: ((uint8_t *)p->out)[i] = value != 0; break; /* bool */
    }
}

/* The ends of all integer types, as float32 numbers or the next one outside. */
static int64_t cut(enum lp_element element, float value)
{
    static const struct {
        float low, high;
        int64_t lowest, highest;
    } ends[] = {
        [LP_ELEMENT_INT8] = {-128.0f, 127.0f, INT8_MIN, INT8_MAX},
        [LP_ELEMENT_UINT8] = {0.0f, 255.0f, 0, UINT8_MAX},
        [LP_ELEMENT_INT16] = {-32768.0f, 32767.0f, INT16_MIN, INT16_MAX},
        [LP_ELEMENT_INT32] = {-2147483648.0f, 2147483648.0f, INT32_MIN, INT32_MAX},
        [LP_ELEMENT_INT64] = {-9223372036854775808.0f, 9223372036854775808.0f, INT64_MIN, INT64_MAX},
    };
    if (element == LP_ELEMENT_BOOL)
        return value != 0.0f;
    if (value != value)
        return 0;
    if (value <= ends[element].low)
        return ends[element].lowest;
    if (value >= ends[element].high)
        return ends[element].highest;
    /* Processors for which 64 bits are many convert to 32 in one instruction. */
    return element == LP_ELEMENT_INT64 ? (int64_t)value : (int32_t)value;
}

/* A loop for each kind of number: GCC 12 for the Cortex-M55 gives its assembler a conditional conversion to float32 that it
 * does not know. */
lp_status lp_cast__reference(const void *args)
{
    const struct lp_cast *p = args;
    const bool from_real = p->in_element == LP_ELEMENT_FLOAT32;
    const bool to_real = p->out_element == LP_ELEMENT_FLOAT32;
    const bool is_wide = p->in_element == LP_ELEMENT_INT64;
    if (p->in_element > LP_ELEMENT_BOOL || p->out_element > LP_ELEMENT_BOOL)
        return LP_BAD_ARGUMENT;
    for (int32_t i = 0; i < p->count && from_real && to_real; i++)
        ((float *)p->out)[i] = ((const float *)p->in)[i];
    for (int32_t i = 0; i < p->count && from_real && !to_real; i++)
        write_integer(p, i, cut((enum lp_element)p->out_element, ((const float *)p->in)[i]));
    for (int32_t i = 0; i < p->count && !from_real && to_real && !is_wide; i++)
        ((float *)p->out)[i] = (float)(int32_t)read_integer(p, i);
    for (int32_t i = 0; i < p->count && to_real && is_wide; i++)
        ((float *)p->out)[i] = (float)((const int64_t *)p->in)[i];
    for (int32_t i = 0; i < p->count && !from_real && !to_real; i++)
        write_integer(p, i, read_integer(p, i));
    return LP_OK;
}
