/* Kernels without weights: random cases. */
#include "runtime/kernels/kernels.h"
#include "tests/variants/plain.h"

#include <string.h>

bool device_add(void)
{
    struct lp_add_s8 p = {
        .rank = (uint8_t)device_between(1, 4),
        .left_shift = 20,
        .in1_offset = device_between(-127, 128),
        .in2_offset = device_between(-127, 128),
        .out_offset = device_between(-128, 127),
        .in1_multiplier = device_between(1 << 30, INT32_MAX),
        .in2_multiplier = device_between(1 << 30, INT32_MAX),
        .out_multiplier = device_between(1 << 30, INT32_MAX),
        .in1_shift = (int8_t)device_between(-8, 0),
        .in2_shift = (int8_t)device_between(-8, -1),
        .out_shift = (int8_t)device_between(-20, -12),
        .rounding = (uint8_t)device_between(0, 1),
    };
    if (p.in1_shift == 0)
        p.in1_multiplier = 1 << 30;
    device_activation(&p.act_min, &p.act_max);
    uint32_t bytes1 = 1, bytes2 = 1, out_bytes = 1;
    for (int32_t d = LP_BROADCAST_RANK - 1; d >= 0; d--) {
        p.dims[d] = d < p.rank ? device_between(1, 9) : 1;
        bool last = d == p.rank - 1;
        bool both = last || device_between(0, 1);
        bool first = both || device_between(0, 1);
        p.in1_stride[d] = first ? (int32_t)bytes1 : 0;
        p.in2_stride[d] = both || !first ? (int32_t)bytes2 : 0;
        bytes1 *= p.in1_stride[d] != 0 ? (uint32_t)p.dims[d] : 1;
        bytes2 *= p.in2_stride[d] != 0 ? (uint32_t)p.dims[d] : 1;
        out_bytes *= (uint32_t)p.dims[d];
    }
    int8_t *in1 = device_input(bytes1);
    int8_t *in2 = device_constants(bytes2);
    device_fill(in1, bytes1, device_between(0, 2));
    device_fill(in2, bytes2, device_between(0, 2));
    p.in1 = in1;
    p.in2 = in2;
    p.out = device_expected();
    (void)lp_add_s8__reference(&p);
    p.out = device_found();
    (void)(p.rounding == LP_ROUNDING_SINGLE ? lp_add_s8_single__helium(&p) : lp_add_s8_double__helium(&p));
    device_compare(out_bytes);
    return true;
}

static bool pool(lp_kernel *reference, lp_kernel *variant)
{
    struct lp_pool_s8 p = {
        .batches = device_between(1, 2),
        .in_h = device_between(1, 20),
        .in_w = device_between(1, 20),
        .channels = device_between(1, 40),
        .stride_h = (uint16_t)device_between(1, 4),
        .stride_w = (uint16_t)device_between(1, 4),
    };
    p.kernel_h = (uint16_t)device_between(1, p.in_h);
    p.kernel_w = (uint16_t)device_between(1, p.in_w);
    p.pad_top = (uint16_t)device_between(0, p.kernel_h - 1);
    p.pad_left = (uint16_t)device_between(0, p.kernel_w - 1);
    p.out_h = (p.in_h + p.pad_top - 1) / p.stride_h + 1;
    p.out_w = (p.in_w + p.pad_left - 1) / p.stride_w + 1;
    device_activation(&p.act_min, &p.act_max);
    uint32_t in_bytes = (uint32_t)(p.batches * p.in_h * p.in_w * p.channels);
    uint32_t out_bytes = (uint32_t)(p.batches * p.out_h * p.out_w * p.channels);
    int8_t *in = device_input(in_bytes);
    if (in == NULL || out_bytes > DEVICE_OUTPUT_BYTES)
        return false;
    device_fill(in, in_bytes, device_between(0, 2));
    p.in = in;
    p.out = device_expected();
    (void)reference(&p);
    p.out = device_found();
    (void)variant(&p);
    device_compare(out_bytes);
    return true;
}

bool device_average_pool(void)
{
    return pool(lp_average_pool_s8__reference, lp_average_pool_s8__helium);
}

bool device_max_pool(void)
{
    return pool(lp_max_pool_s8__reference, lp_max_pool_s8__helium);
}

bool device_mean(void)
{
    struct lp_mean_s8 p = {
        .sum_offset = device_between(-30000, 30000),
        .multiplier = device_between(1 << 30, INT32_MAX),
        .out_offset = device_between(-128, 127),
        .shift = (int8_t)device_between(-10, 0),
        .rounding = (uint8_t)device_between(0, 1),
    };
    /* A dense tensor of eight dimensions, kept and reduced in turn; the last is kept. */
    int32_t stride = 1;
    uint32_t out_bytes = 1;
    for (int32_t d = LP_MEAN_RANK - 1; d >= 0; d--) {
        p.keep_dims[d] = d == LP_MEAN_RANK - 1 ? device_between(1, 40) : device_between(1, 3);
        p.keep_stride[d] = stride;
        stride *= p.keep_dims[d];
        out_bytes *= (uint32_t)p.keep_dims[d];
        p.reduce_dims[d] = d == LP_MEAN_RANK - 1 && device_between(0, 9) == 0 ? 600 : device_between(1, 4);
        p.reduce_stride[d] = stride;
        stride *= p.reduce_dims[d];
    }
    int8_t *in = device_input((uint32_t)stride);
    if (in == NULL)
        return false;
    device_fill(in, (uint32_t)stride, device_between(0, 2));
    p.in = in;
    p.out = device_expected();
    (void)lp_mean_s8__reference(&p);
    p.out = device_found();
    (void)lp_mean_s8__helium(&p);
    device_compare(out_bytes);
    return true;
}

/* In place, as the compiler may lay them. */
static void run_in_place(const int8_t *in, uint32_t bytes, lp_kernel *variant, const void *args, int8_t *place)
{
    memcpy(place, in, bytes);
    (void)variant(args);
    device_compare(bytes);
}

bool device_softmax(void)
{
    struct lp_softmax_s8 p = {
        .rows = device_between(1, 4),
        .depth = device_between(1, device_between(0, 9) == 0 ? 1000 : 20),
        .multiplier = device_between(1 << 30, INT32_MAX),
        .shift = (int8_t)device_between(15, 30),
    };
    p.diff_min = -(int32_t)(((int64_t)31 << 26) >> p.shift);
    uint32_t bytes = (uint32_t)(p.rows * p.depth);
    int8_t *in = device_input(bytes);
    device_fill(in, bytes, device_between(0, 2));
    if (device_between(0, 1))
        for (uint32_t i = 0; i < bytes; i++)
            in[i] = (int8_t)(in[i] / 16);
    p.in = in;
    p.out = device_expected();
    (void)lp_softmax_s8__reference(&p);
    p.out = device_found();
    (void)lp_softmax_s8__helium(&p);
    device_compare(bytes);
    p.out = device_found();
    p.in = p.out;
    run_in_place(in, bytes, lp_softmax_s8__helium, &p, p.out);
    return true;
}

bool device_requantize_s8(void)
{
    struct lp_requantize_s8 p = {
        .count = device_between(1, 700),
        .in_offset = device_between(-127, 128),
        .out_offset = device_between(-128, 127),
        .multiplier = device_between(0, 2) == 0 ? 1 << 30 : device_between(1 << 30, INT32_MAX),
        .shift = (int8_t)(device_between(0, 5) == 0 ? device_between(-31, 18) : device_between(-3, 3)),
        .rounding = (uint8_t)device_between(0, 1),
    };
    device_activation(&p.act_min, &p.act_max);
    uint32_t bytes = (uint32_t)p.count;
    int8_t *in = device_input(bytes);
    device_fill(in, bytes, device_between(0, 2));
    lp_kernel *variant = p.rounding == LP_ROUNDING_SINGLE ? lp_requantize_s8_single__helium : lp_requantize_s8_double__helium;
    p.in = in;
    p.out = device_expected();
    (void)lp_requantize_s8__reference(&p);
    p.out = device_found();
    (void)variant(&p);
    device_compare(bytes);
    p.out = device_found();
    p.in = p.out;
    run_in_place(in, bytes, variant, &p, p.out);
    return true;
}

bool device_mul(void)
{
    struct lp_binary p = {
        .rank = (uint8_t)device_between(1, 4),
        .in1_offset = device_between(-127, 128),
        .in2_offset = device_between(-127, 128),
        .out_offset = device_between(-128, 127),
        .out_multiplier = device_between(0, 3) == 0 ? 1 << 30 : device_between(1 << 30, INT32_MAX),
        .out_shift = (int8_t)(device_between(0, 9) == 0 ? device_between(-31, 0) : device_between(-12, -4)),
        .element = 1,
        .rounding = (uint8_t)device_between(0, 1),
    };
    int8_t act_min, act_max;
    device_activation(&act_min, &act_max);
    p.act_min = act_min;
    p.act_max = act_max;
    uint32_t bytes1 = 1, bytes2 = 1, out_bytes = 1;
    for (int32_t d = LP_BROADCAST_RANK - 1; d >= 0; d--) {
        p.dims[d] = d < p.rank ? device_between(1, 9) : 1;
        bool both = d == p.rank - 1 || device_between(0, 1);
        bool first = both || device_between(0, 1);
        p.in1_stride[d] = first ? (int32_t)bytes1 : 0;
        p.in2_stride[d] = both || !first ? (int32_t)bytes2 : 0;
        bytes1 *= p.in1_stride[d] != 0 ? (uint32_t)p.dims[d] : 1;
        bytes2 *= p.in2_stride[d] != 0 ? (uint32_t)p.dims[d] : 1;
        out_bytes *= (uint32_t)p.dims[d];
    }
    int8_t *in1 = device_input(bytes1);
    int8_t *in2 = device_constants(bytes2);
    device_fill(in1, bytes1, device_between(0, 2));
    device_fill(in2, bytes2, device_between(0, 2));
    p.in1 = in1;
    p.in2 = in2;
    p.out = device_expected();
    (void)lp_mul_s8__reference(&p);
    p.out = device_found();
    (void)(p.rounding == LP_ROUNDING_SINGLE ? lp_mul_s8_single__helium(&p) : lp_mul_s8_double__helium(&p));
    device_compare(out_bytes);
    return true;
}

bool device_table(void)
{
    struct lp_table_s8 p = {.count = device_between(1, 200)};
    int8_t *in = device_input((uint32_t)p.count);
    int8_t *table = device_constants(256);
    device_fill(in, (uint32_t)p.count, device_between(0, 1));
    device_fill(table, 256, 0);
    p.in = in;
    p.table = table;
    p.out = device_expected();
    (void)lp_table_s8__reference(&p);
    p.out = device_found();
    (void)lp_table_s8__helium(&p);
    device_compare((uint32_t)p.count);
    p.in = p.out;
    run_in_place(in, (uint32_t)p.count, lp_table_s8__helium, &p, p.out);
    return true;
}
