#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { ROUNDS = 2000, MOST = 8192, MOST_C = 8 };

static int16_t in[MOST], in2[MOST], found[MOST];
static int8_t weight[MOST], shift[MOST_C];
static int32_t multiplier[MOST_C], bias32[MOST_C];
static int64_t bias64[MOST_C];
static wide sums[MOST];

static void random_shorts(int16_t *values, int32_t count)
{
    bool extreme = random_in(0, 3) == 0;
    for (int32_t i = 0; i < count; i++)
        values[i] = (int16_t)(extreme ? random_in(0, 1) * 65535 - 32768 : random_in(-32768, 32767));
}

static void random_constants(void)
{
    random_bytes(weight, MOST);
    random_shorts(in, MOST);
    random_shorts(in2, MOST);
    for (int32_t o = 0; o < MOST_C; o++) {
        multiplier[o] = random_in(0, 9) == 0 ? INT32_MAX - random_in(0, 70000) : random_in(1 << 30, INT32_MAX);
        shift[o] = (int8_t)(random_in(0, 9) == 0 ? random_in(-31, 7) : random_in(-12, -4));
        bias32[o] = random_in(-2000000, 2000000);
        bias64[o] = (int64_t)random_in(-2000000, 2000000) * random_in(1, 60000);
    }
}

/* 64 bits: the multiplier loses its lower half, rounded, then one rounding, halves upwards; all in exact fractions. */
static int32_t naive_wide(wide sum, int32_t factor, int32_t exponent)
{
    wide half = naive_floor(2 * (wide)factor + 65536, 2 * 65536);
    if (half > 32767)
        half = 32767;
    wide scaled = naive_floor(2 * sum * half + naive_power(15 - exponent), 2 * naive_power(15 - exponent));
    /* What does not fit keeps its lower 32 bits. */
    scaled -= naive_floor(scaled + naive_power(31), naive_power(32)) * naive_power(32);
    return (int32_t)scaled;
}

static int16_t expected_output(wide sum, int32_t o, bool is_wide, uint8_t rounding, int16_t low, int16_t high)
{
    int32_t scaled = is_wide ? naive_wide(sum, multiplier[o], shift[o])
                             : naive_requantize((int32_t)sum, multiplier[o], shift[o], rounding);
    return (int16_t)naive_clamp(scaled, low, high);
}

static void random_window(struct lp_conv2d_s16 *p)
{
    int32_t groups = random_in(1, 3);
    p->batches = random_in(1, 2);
    p->filter_c = random_in(1, 3);
    p->in_c = groups * p->filter_c;
    p->out_c = groups * random_in(1, 2);
    p->in_h = random_in(1, 6);
    p->in_w = random_in(1, 6);
    p->out_h = random_in(1, 6);
    p->out_w = random_in(1, 6);
    p->kernel_h = (uint16_t)random_in(1, 4);
    p->kernel_w = (uint16_t)random_in(1, 4);
    p->stride_h = (uint16_t)random_in(1, 3);
    p->stride_w = (uint16_t)random_in(1, 3);
    p->dilation_h = (uint16_t)random_in(1, 2);
    p->dilation_w = (uint16_t)random_in(1, 2);
    p->pad_top = (uint16_t)random_in(0, 3);
    p->pad_left = (uint16_t)random_in(0, 3);
    /* Filters one behind the other, or, with one channel each, side by side. */
    bool is_across = p->filter_c == 1 && random_in(0, 1) == 0;
    p->filter_stride = is_across ? 1 : p->kernel_h * p->kernel_w * p->filter_c;
    p->tap_stride = is_across ? p->out_c : p->filter_c;
}

static wide window_sum(const struct lp_conv2d_s16 *p, int32_t at)
{
    int32_t o = at % p->out_c, x = at / p->out_c % p->out_w, y = at / p->out_c / p->out_w % p->out_h;
    int32_t b = at / p->out_c / p->out_w / p->out_h, group = o * (p->in_c / p->filter_c) / p->out_c;
    wide sum = p->bias == NULL ? 0 : p->is_wide ? (wide)bias64[o] : bias32[o];
    for (int32_t k = 0; k < p->kernel_h * p->kernel_w * p->filter_c; k++) {
        int32_t i = k % p->filter_c, kx = k / p->filter_c % p->kernel_w, ky = k / p->filter_c / p->kernel_w;
        int32_t row = y * p->stride_h - p->pad_top + ky * p->dilation_h;
        int32_t column = x * p->stride_w - p->pad_left + kx * p->dilation_w;
        if (row < 0 || row >= p->in_h || column < 0 || column >= p->in_w)
            continue;
        int32_t w = weight[o * p->filter_stride + (ky * p->kernel_w + kx) * p->tap_stride + i];
        sum += (wide)in[((b * p->in_h + row) * p->in_w + column) * p->in_c + group * p->filter_c + i] * w;
    }
    return sum;
}

static void every_window_as_summed(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_conv2d_s16 p = {.in = in, .weight = weight, .multiplier = multiplier, .shift = shift, .out = found};
        random_constants();
        random_window(&p);
        p.is_wide = (uint8_t)random_in(0, 1);
        p.per_channel = (uint8_t)random_in(0, 1);
        p.rounding = (uint8_t)random_in(0, 1);
        p.bias = random_in(0, 3) == 0 ? NULL : p.is_wide ? (const void *)bias64 : bias32;
        p.act_min = (int16_t)random_in(-32768, 0);
        p.act_max = (int16_t)random_in(0, 32767);
        if (!p.is_wide)
            for (int32_t o = 0; o < MOST_C; o++)
                shift[o] = (int8_t)random_in(-20, -4);
        assert_int_equal(lp_conv2d_s16__reference(&p), LP_OK);
        for (int32_t i = 0; i < p.batches * p.out_h * p.out_w * p.out_c; i++)
            assert_int_equal(found[i], expected_output(window_sum(&p, i), p.per_channel ? i % p.out_c : 0, p.is_wide, p.rounding,
                                                       p.act_min, p.act_max));
    }
}

/* More products than an int32 holds. */
static void long_rows_do_not_overflow(void **state)
{
    (void)state;
    for (int32_t i = 0; i < MOST; i++) {
        in[i] = INT16_MIN;
        weight[i] = INT8_MIN;
    }
    multiplier[0] = 1 << 30;
    shift[0] = -20;
    for (int32_t length = 500; length <= MOST; length += 509) {
        struct lp_conv2d_s16 p = {in, weight, NULL, multiplier, shift,     found,     1, 1, 1, length,
                                  1,  1,      1,    length,     length,    length,    1, 1, 1, 1,
                                  1,  1,      0,    0,          INT16_MIN, INT16_MAX, 0, 0, 1, 0};
        assert_int_equal(lp_conv2d_s16__reference(&p), LP_OK);
        assert_int_equal(found[0], naive_clamp(naive_wide((wide)length * 128 * 32768, 1 << 30, -20), INT16_MIN, INT16_MAX));
        p.is_wide = 0; /* 32 bits are left */
        int32_t wrapped = (int32_t)(uint32_t)((uint64_t)length * 128 * 32768);
        assert_int_equal(lp_conv2d_s16__reference(&p), LP_OK);
        assert_int_equal(found[0], naive_clamp(naive_requantize(wrapped, 1 << 30, -20, 0), INT16_MIN, INT16_MAX));
    }
}

/* Every input adds to the outputs that its window covers. */
static void scatter(const struct lp_transpose_conv_s16 *p)
{
    for (int32_t i = 0; i < p->batches * p->out_h * p->out_w * p->out_c; i++)
        sums[i] = p->bias == NULL ? 0 : p->is_wide ? (wide)bias64[i % p->out_c] : bias32[i % p->out_c];
    for (int32_t i = 0; i < p->batches * p->in_h * p->in_w * p->in_c; i++) {
        int32_t c = i % p->in_c, x = i / p->in_c % p->in_w, y = i / p->in_c / p->in_w % p->in_h;
        int32_t b = i / p->in_c / p->in_w / p->in_h;
        for (int32_t k = 0; k < p->out_c * p->kernel_h * p->kernel_w; k++) {
            int32_t kx = k % p->kernel_w, ky = k / p->kernel_w % p->kernel_h, o = k / p->kernel_w / p->kernel_h;
            int32_t row = y * p->stride_h - p->pad_top + ky, column = x * p->stride_w - p->pad_left + kx;
            if (row >= 0 && row < p->out_h && column >= 0 && column < p->out_w)
                sums[((b * p->out_h + row) * p->out_w + column) * p->out_c + o] += (wide)in[i] * weight[k * p->in_c + c];
        }
    }
}

static void every_sum_as_scattered(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_transpose_conv_s16 p = {.in = in, .weight = weight, .multiplier = multiplier, .shift = shift, .out = found};
        random_constants();
        p.batches = random_in(1, 2);
        p.in_h = random_in(1, 4);
        p.in_w = random_in(1, 4);
        p.in_c = random_in(1, 3);
        p.out_c = random_in(1, 3);
        p.kernel_h = (uint16_t)random_in(1, 5);
        p.kernel_w = (uint16_t)random_in(1, 5);
        p.stride_h = (uint16_t)random_in(1, 3);
        p.stride_w = (uint16_t)random_in(1, 3);
        p.pad_top = (uint16_t)random_in(0, 2);
        p.pad_left = (uint16_t)random_in(0, 2);
        p.out_h = random_in(1, 14);
        p.out_w = random_in(1, 14);
        p.act_min = -30000;
        p.act_max = 31000;
        p.per_channel = (uint8_t)random_in(0, 1);
        p.is_wide = 1;
        p.bias = random_in(0, 3) == 0 ? NULL : bias64;
        scatter(&p);
        assert_int_equal(lp_transpose_conv_s16__reference(&p), LP_OK);
        for (int32_t i = 0; i < p.batches * p.out_h * p.out_w * p.out_c; i++)
            assert_int_equal(found[i], expected_output(sums[i], p.per_channel ? i % p.out_c : 0, true, 0, -30000, 31000));
    }
}

static void every_product_as_summed(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        random_constants();
        int32_t rows = random_in(1, 5), columns = random_in(1, 5), depth = random_in(1, 30), batches = random_in(1, 3);
        bool is_turned = random_in(0, 1) == 0, is_repeated = random_in(0, 1) == 0;
        struct lp_batch_matmul p = {.in1 = in, .in2 = in2, .out = found, .batches = {1, batches, 1}};
        p.in1_batch[1] = is_repeated ? 0 : rows * depth;
        p.in2_batch[1] = columns * depth;
        p.rows = rows;
        p.columns = columns;
        p.depth = depth;
        p.in1_row = depth;
        p.in1_depth = 1;
        p.in2_depth = is_turned ? 1 : columns;
        p.in2_column = is_turned ? depth : 1;
        p.multiplier = multiplier[0];
        p.shift = shift[0] = (int8_t)random_in(-24, -8);
        assert_int_equal(lp_batch_matmul_s16__reference(&p), LP_OK);
        for (int32_t i = 0; i < batches * rows * columns; i++) {
            int32_t c = i % columns, r = i / columns % rows, b = i / columns / rows;
            wide sum = 0;
            for (int32_t d = 0; d < depth; d++)
                sum += (wide)in[(is_repeated ? 0 : b * rows * depth) + r * depth + d] *
                       in2[b * columns * depth + (is_turned ? c * depth + d : d * columns + c)];
            assert_int_equal(found[i], expected_output(sum, 0, true, 0, INT16_MIN, INT16_MAX));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_as_summed),
        cmocka_unit_test(long_rows_do_not_overflow),
        cmocka_unit_test(every_sum_as_scattered),
        cmocka_unit_test(every_product_as_summed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
