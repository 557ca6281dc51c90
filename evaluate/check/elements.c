/* Kernels that compute element by element, or row by row. */
#include "evaluate/check/rules.h"

#include <math.h>
#include <string.h>

enum {
    BITS8 = 1u << LP_ELEMENT_INT8 | 1u << LP_ELEMENT_UINT8,
    BITS16 = 1u << LP_ELEMENT_INT16,
    BITS32 = 1u << LP_ELEMENT_INT32,
    FIRST_BITS_LEFT = 20, /* of left_shift with int8 */
    WIDE_BITS_LEFT = 15   /* with int16 */
};

static void check_factor(struct lp_kernel_checking *c, int32_t shift, uint8_t rounding)
{
    lp_check_shift(c, "shift", shift, -31);
    lp_check_rounding(c, rounding);
}

LP_CHECK_OF(lp_add_s8)
{
    lp_check_range(c, "rank", a->rank, 1, LP_BROADCAST_RANK);
    if (c->why[0] != '\0')
        return;
    lp_check_memory(c, "in1", a->in1, lp_check_reach(c, "in1_stride", a->dims, a->in1_stride, a->rank), 1);
    lp_check_memory(c, "in2", a->in2, lp_check_reach(c, "in2_stride", a->dims, a->in2_stride, a->rank), 1);
    lp_check_memory(c, "out", a->out, lp_check_dims(c, "dims", a->dims, a->rank), 1);
    lp_check_range(c, "in1_offset", a->in1_offset, -127, 128);
    lp_check_range(c, "in2_offset", a->in2_offset, -127, 128);
    lp_check_out_offset(c, a->out_offset);
    lp_check_range(c, "left_shift", a->left_shift, 0, FIRST_BITS_LEFT);
    lp_check_range(c, "in1_shift", a->in1_shift, -31, 0);
    lp_check_range(c, "in2_shift", a->in2_shift, -31, 0);
    check_factor(c, a->out_shift, a->rounding);
}

/* The kernels of int8 and of int16 say so in their names; maximum and minimum take what `element` says. */
static uint32_t allowed_elements(const char *symbol)
{
    if (strstr(symbol, "_s16__") != NULL)
        return BITS16;
    return strstr(symbol, "_s8__") != NULL ? 1u << LP_ELEMENT_INT8 : 1u << LP_ELEMENT_INT8 | BITS16 | BITS32;
}

LP_CHECK_OF(lp_binary)
{
    uint32_t bytes = lp_check_element(c, "element", a->element, allowed_elements(c->symbol));
    bool is_wide = bytes != 1, is_scaled = strstr(c->symbol, "_s8__") != NULL || strstr(c->symbol, "_s16__") != NULL;
    lp_check_range(c, "rank", a->rank, 1, LP_BROADCAST_RANK);
    if (c->why[0] != '\0')
        return;
    lp_check_memory(c, "in1", a->in1, lp_check_reach(c, "in1_stride", a->dims, a->in1_stride, a->rank), bytes);
    lp_check_memory(c, "in2", a->in2, lp_check_reach(c, "in2_stride", a->dims, a->in2_stride, a->rank), bytes);
    lp_check_memory(c, "out", a->out, lp_check_dims(c, "dims", a->dims, a->rank), bytes);
    if (!is_scaled)
        return;
    lp_check_range(c, "in1_offset", a->in1_offset, is_wide ? 0 : -128, is_wide ? 0 : 128);
    lp_check_range(c, "in2_offset", a->in2_offset, is_wide ? 0 : -128, is_wide ? 0 : 128);
    lp_check_range(c, "left_shift", a->left_shift, 0, is_wide ? WIDE_BITS_LEFT : FIRST_BITS_LEFT);
    bool is_sum = strncmp(c->symbol, "lp_add", 6) == 0 || strncmp(c->symbol, "lp_sub", 6) == 0;
    lp_check_range(c, "in1_shift", a->in1_shift, -31, is_sum ? 0 : 30);
    lp_check_range(c, "in2_shift", a->in2_shift, -31, is_sum ? 0 : 30);
    check_factor(c, a->out_shift, a->rounding);
}

LP_CHECK_OF(lp_softmax_s8)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->rows, a->depth);
    lp_check_memory(c, "in", a->in, elements, 1);
    lp_check_memory(c, "out", a->out, elements, 1);
    lp_check_range(c, "depth", a->depth, 1, 4095);
    lp_check_range(c, "shift", a->shift, 0, 30);
    lp_check_range(c, "multiplier", a->multiplier, 0, INT32_MAX);
    lp_check_range(c, "diff_min", a->diff_min, INT32_MIN, 0);
}

LP_CHECK_OF(lp_log_softmax_s8)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->rows, a->depth);
    lp_check_memory(c, "in", a->in, elements, 1);
    lp_check_memory(c, "out", a->out, elements, 1);
    lp_check_range(c, "depth", a->depth, 1, 4095);
    lp_check_range(c, "shift", a->shift, 0, 30);
    lp_check_range(c, "multiplier", a->multiplier, 0, INT32_MAX);
    lp_check_range(c, "reverse_multiplier", a->reverse_multiplier, 0, INT32_MAX);
    lp_check_range(c, "diff_min", a->diff_min, INT32_MIN + 1, 0);
    check_factor(c, a->reverse_shift, a->rounding);
}

LP_CHECK_OF(lp_l2_normalization_s8)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->rows, a->depth);
    lp_check_memory(c, "in", a->in, elements, 1);
    lp_check_memory(c, "out", a->out, elements, 1);
    lp_check_range(c, "depth", a->depth, 1, 33025);
    lp_check_in_offset(c, a->in_offset);
    lp_check_rounding(c, a->rounding);
}

LP_CHECK_OF(lp_requantize_s8)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, 1);
    lp_check_memory(c, "out", a->out, elements, 1);
    lp_check_range(c, "in_offset", a->in_offset, -127, 128);
    lp_check_out_offset(c, a->out_offset);
    check_factor(c, a->shift, a->rounding);
}

LP_CHECK_OF(lp_requantize)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, lp_check_element(c, "in_element", a->in_element, BITS8 | BITS16 | BITS32));
    lp_check_memory(c, "out", a->out, elements, lp_check_element(c, "out_element", a->out_element, BITS8 | BITS16 | BITS32));
    check_factor(c, a->shift, a->rounding);
}

LP_CHECK_OF(lp_leaky_relu_s16)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, sizeof *a->in);
    lp_check_memory(c, "out", a->out, elements, sizeof *a->out);
    lp_check_shift(c, "negative_shift", a->negative_shift, -31);
    check_factor(c, a->positive_shift, a->rounding);
}

/* A scale, as a condition that is 1. */
static void check_scale(struct lp_kernel_checking *c, float scale)
{
    lp_check_range(c, "scale is finite and above 0", isfinite(scale) && scale > 0.0f, 1, 1);
}

LP_CHECK_OF(lp_quantize)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, sizeof *a->in);
    lp_check_memory(c, "out", a->out, elements, lp_check_element(c, "out_element", a->out_element, BITS8 | BITS16));
    lp_check_range(c, "zero_point", a->zero_point, INT16_MIN, UINT16_MAX);
    check_scale(c, a->scale);
}

LP_CHECK_OF(lp_dequantize)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, lp_check_element(c, "in_element", a->in_element, BITS8 | BITS16));
    lp_check_memory(c, "out", a->out, elements, sizeof *a->out);
    lp_check_range(c, "zero_point", a->zero_point, INT16_MIN, UINT16_MAX);
}

LP_CHECK_OF(lp_cast)
{
    const uint32_t all = BITS8 | BITS16 | BITS32 | 1u << LP_ELEMENT_INT64 | 1u << LP_ELEMENT_FLOAT32 | 1u << LP_ELEMENT_BOOL;
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, lp_check_element(c, "in_element", a->in_element, all));
    lp_check_memory(c, "out", a->out, elements, lp_check_element(c, "out_element", a->out_element, all));
}

LP_CHECK_OF(lp_table_s8)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, 1);
    lp_check_memory(c, "table", a->table, 256, 1);
    lp_check_memory(c, "out", a->out, elements, 1);
}

LP_CHECK_OF(lp_arg_max)
{
    const uint32_t wide = BITS32 | 1u << LP_ELEMENT_INT64;
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->outer, a->size, a->inner),
                    lp_check_element(c, "in_element", a->in_element, BITS8));
    lp_check_memory(c, "out", a->out, LP_CHECK_PRODUCT(c, "out", a->outer, a->inner),
                    lp_check_element(c, "out_element", a->out_element, wide));
}
