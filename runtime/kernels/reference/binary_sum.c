#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/binary.h"

static int32_t to_common_scale(const struct lp_binary *p, int32_t value, int32_t multiplier, int32_t shift)
{
    return lp_requantize(value * ((int32_t)1 << p->left_shift), multiplier, shift, p->rounding);
}

static int32_t add(const struct lp_binary *p, int32_t value1, int32_t value2)
{
    int32_t scaled1 = to_common_scale(p, value1 + p->in1_offset, p->in1_multiplier, p->in1_shift);
    int32_t scaled2 = to_common_scale(p, value2 + p->in2_offset, p->in2_multiplier, p->in2_shift);
    return lp_binary_output(p, scaled1 + scaled2, p->out_multiplier, p->out_shift);
}

static int32_t subtract(const struct lp_binary *p, int32_t value1, int32_t value2)
{
    int32_t scaled1 = to_common_scale(p, value1 + p->in1_offset, p->in1_multiplier, p->in1_shift);
    int32_t scaled2 = to_common_scale(p, value2 + p->in2_offset, p->in2_multiplier, p->in2_shift);
    return lp_binary_output(p, scaled1 - scaled2, p->out_multiplier, p->out_shift);
}

/* Both differ by less than 2^15 on the common scale. */
static int32_t square_difference(const struct lp_binary *p, int32_t value1, int32_t value2)
{
    int32_t scaled1 = to_common_scale(p, value1 + p->in1_offset, p->in1_multiplier, p->in1_shift);
    int32_t scaled2 = to_common_scale(p, value2 + p->in2_offset, p->in2_multiplier, p->in2_shift);
    return lp_binary_output(p, (scaled1 - scaled2) * (scaled1 - scaled2), p->out_multiplier, p->out_shift);
}

LP_BINARY_ROW(add_s16, int16_t, add)
LP_BINARY_ROW(squared_difference_s8, int8_t, square_difference)
LP_BINARY_ROW(sub_s8, int8_t, subtract)
LP_BINARY_ROW(sub_s16, int16_t, subtract)

lp_status lp_add_s16__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int16_t), add_s16);
    return LP_OK;
}

lp_status lp_squared_difference_s8__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), squared_difference_s8);
    return LP_OK;
}

lp_status lp_sub_s8__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), sub_s8);
    return LP_OK;
}

lp_status lp_sub_s16__reference(const void *args)
{
    lp_binary_walk(args, sizeof(int16_t), sub_s16);
    return LP_OK;
}
