#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/binary.h"

static int32_t larger(const struct lp_binary *p, int32_t a, int32_t b)
{
    (void)p;
    return a > b ? a : b;
}

static int32_t smaller(const struct lp_binary *p, int32_t a, int32_t b)
{
    (void)p;
    return a < b ? a : b;
}

LP_BINARY_ROW(max_s8, int8_t, larger)
LP_BINARY_ROW(max_s16, int16_t, larger)
LP_BINARY_ROW(max_s32, int32_t, larger)
LP_BINARY_ROW(min_s8, int8_t, smaller)
LP_BINARY_ROW(min_s16, int16_t, smaller)
LP_BINARY_ROW(min_s32, int32_t, smaller)

lp_status lp_maximum__reference(const void *args)
{
    const struct lp_binary *p = args;
    switch (p->element) {
    case LP_ELEMENT_INT8: lp_binary_walk(p, sizeof(int8_t), max_s8); return LP_OK;
    case LP_ELEMENT_INT16: lp_binary_walk(p, sizeof(int16_t), max_s16); return LP_OK;
    case LP_ELEMENT_INT32: lp_binary_walk(p, sizeof(int32_t), max_s32); return LP_OK;
    default: return LP_BAD_ARGUMENT;
    }
}

lp_status lp_minimum__reference(const void *args)
{
    const struct lp_binary *p = args;
    switch (p->element) {
    case LP_ELEMENT_INT8: lp_binary_walk(p, sizeof(int8_t), min_s8); return LP_OK;
    case LP_ELEMENT_INT16: lp_binary_walk(p, sizeof(int16_t), min_s16); return LP_OK;
    case LP_ELEMENT_INT32: lp_binary_walk(p, sizeof(int32_t), min_s32); return LP_OK;
    default: return LP_BAD_ARGUMENT;
    }
}
