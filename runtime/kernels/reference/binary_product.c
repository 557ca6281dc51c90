#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/binary.h"

static int32_t multiply(const struct lp_binary *p, int32_t value1, int32_t value2)
{
    return lp_binary_output(p, (value1 + p->in1_offset) * (value2 + p->in2_offset), p->out_multiplier, p->out_shift);
}

static int32_t prelu(const struct lp_binary *p, int32_t value, int32_t slope)
{
    int32_t x = value + p->in1_offset;
    if (x >= 0)
        return lp_binary_output(p, x, p->in1_multiplier, p->in1_shift);
    return lp_binary_output(p, x * (slope + p->in2_offset), p->in2_multiplier, p->in2_shift);
}

LP_BINARY_ROW(mul_s8, int8_t, multiply)
LP_BINARY_ROW(mul_s16, int16_t, multiply)
LP_BINARY_ROW(prelu_s8, int8_t, prelu)

lp_status lp_mul_s8__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), mul_s8);
    return LP_OK;
}

lp_status lp_mul_s16__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int16_t), mul_s16);
    return LP_OK;
}

lp_status lp_prelu_s8__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), prelu_s8);
    return LP_OK;
}
