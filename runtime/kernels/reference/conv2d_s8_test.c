#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { MAX_SIDE = 7, MAX_C = 6, MAX_KERNEL = 4, ROUNDS = 4000 };

static int8_t in[2 * MAX_SIDE * MAX_SIDE * MAX_C];
static int8_t weight[MAX_C * MAX_KERNEL * MAX_KERNEL * MAX_C];
static int32_t bias[MAX_C];
static int32_t multiplier[MAX_C];
static int8_t shift[MAX_C];
static int8_t found[2 * 16 * 16 * MAX_C];
static int8_t expected[2 * 16 * 16 * MAX_C];

/* Real value of the input minus its zero point; 0 outside the map. The zero point is -in_offset, or pad_value when folded. */
static int32_t centred(const struct lp_conv2d_s8 *p, int32_t zero_point, int32_t b, int32_t y, int32_t x, int32_t c)
{
    if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w)
        return 0;
    return p->in[((b * p->in_h + y) * p->in_w + x) * p->in_c + c] - zero_point;
}

static int8_t naive_output(const struct lp_conv2d_s8 *p, int32_t zero_point, const int32_t *raw_bias, const int32_t at[4])
{
    const int32_t b = at[0], oy = at[1], ox = at[2], o = at[3];
    const int32_t group = o / (p->out_c / (p->in_c / p->filter_c));
    int64_t sum = raw_bias != NULL ? raw_bias[o] : 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++)
        for (int32_t kx = 0; kx < p->kernel_w; kx++)
            for (int32_t c = 0; c < p->filter_c; c++)
                sum += (int64_t)p->weight[((o * p->kernel_h + ky) * p->kernel_w + kx) * p->filter_c + c] *
                       centred(p, zero_point, b, oy * p->stride_h + ky * p->dilation_h - p->pad_top,
                               ox * p->stride_w + kx * p->dilation_w - p->pad_left, group * p->filter_c + c);
    int32_t i = p->per_channel ? o : 0;
    int32_t scaled = naive_requantize((int32_t)sum, p->multiplier[i], p->shift[i], p->rounding);
    return (int8_t)naive_clamp(scaled + p->out_offset, p->act_min, p->act_max);
}

static int32_t naive_conv2d(const struct lp_conv2d_s8 *p, int32_t zero_point, const int32_t *raw_bias)
{
    int32_t count = 0;
    for (int32_t b = 0; b < p->batches; b++)
        for (int32_t y = 0; y < p->out_h; y++)
            for (int32_t x = 0; x < p->out_w; x++)
                for (int32_t o = 0; o < p->out_c; o++)
                    expected[count++] = naive_output(p, zero_point, raw_bias, (const int32_t[]){b, y, x, o});
    return count;
}

static int32_t outputs(int32_t size, int32_t before, int32_t after, int32_t kernel, int32_t stride, int32_t dilation)
{
    int32_t reach = (kernel - 1) * dilation + 1;
    return size + before + after < reach ? 0 : (size + before + after - reach) / stride + 1;
}

/* False when the random window does not fit the random map. */
static bool random_conv2d(struct lp_conv2d_s8 *p)
{
    int32_t groups = random_in(0, 2) == 0 ? random_in(2, 3) : 1;
    *p = (struct lp_conv2d_s8){.in = in, .weight = weight, .bias = bias, .multiplier = multiplier, .shift = shift, .out = found};
    p->batches = random_in(1, 2);
    p->in_h = random_in(1, MAX_SIDE);
    p->in_w = random_in(1, MAX_SIDE);
    p->filter_c = random_in(1, MAX_C / groups);
    p->in_c = p->filter_c * groups;
    p->out_c = groups * random_in(1, MAX_C / groups);
    p->kernel_h = (uint16_t)random_in(1, MAX_KERNEL);
    p->kernel_w = (uint16_t)random_in(1, MAX_KERNEL);
    p->stride_h = (uint16_t)random_in(1, 3);
    p->stride_w = (uint16_t)random_in(1, 3);
    p->dilation_h = (uint16_t)random_in(1, 3);
    p->dilation_w = (uint16_t)random_in(1, 3);
    p->pad_top = (uint16_t)random_in(0, 3);
    p->pad_left = (uint16_t)random_in(0, 3);
    p->out_h = outputs(p->in_h, p->pad_top, random_in(0, 3), p->kernel_h, p->stride_h, p->dilation_h);
    p->out_w = outputs(p->in_w, p->pad_left, random_in(0, 3), p->kernel_w, p->stride_w, p->dilation_w);
    p->out_offset = random_in(-128, 127);
    p->per_channel = (uint8_t)random_in(0, 1);
    p->rounding = (uint8_t)random_in(0, 1);
    random_range(&p->act_min, &p->act_max);
    for (int32_t o = 0; o < MAX_C; o++) {
        random_factor(&multiplier[o], &shift[o]);
        bias[o] = random_in(-20000, 20000);
    }
    return p->out_h > 0 && p->out_w > 0;
}

static void every_window_as_naively(void **state)
{
    (void)state;
    int compared = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_conv2d_s8 p;
        if (!random_conv2d(&p))
            continue;
        random_bytes(in, (int32_t)sizeof in);
        random_bytes(weight, (int32_t)sizeof weight);
        if (random_in(0, 3) == 0)
            p.bias = NULL;
        p.in_offset = random_in(-127, 128);
        assert_int_equal(lp_conv2d_s8__reference(&p), LP_OK);
        int32_t count = naive_conv2d(&p, -p.in_offset, p.bias);
        assert_same_bytes(found, expected, count);
        compared++;
    }
    assert_true(compared > ROUNDS / 2);
}

/* With the zero point in the bias the kernel sees raw inputs, and the border counts as the zero point. */
static void folded_zero_point_gives_the_same(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_conv2d_s8 p;
        if (!random_conv2d(&p))
            continue;
        random_bytes(in, (int32_t)sizeof in);
        random_bytes(weight, (int32_t)sizeof weight);
        int32_t zero_point = random_in(-128, 127);
        int32_t raw_bias[MAX_C];
        int32_t filter_size = p.kernel_h * p.kernel_w * p.filter_c;
        memcpy(raw_bias, bias, sizeof bias);
        for (int32_t o = 0; o < p.out_c; o++)
            for (int32_t i = 0; i < filter_size; i++)
                bias[o] -= zero_point * weight[o * filter_size + i];
        p.in_offset = 0;
        p.pad_value = zero_point;
        assert_int_equal(lp_conv2d_s8__reference(&p), LP_OK);
        int32_t count = naive_conv2d(&p, zero_point, raw_bias);
        assert_same_bytes(found, expected, count);
    }
}

static void sums_near_the_ends_of_int32_wrap_as_in_the_reference(void **state)
{
    (void)state;
    struct lp_conv2d_s8 p = {.in = in,
                             .weight = weight,
                             .bias = bias,
                             .multiplier = multiplier,
                             .shift = shift,
                             .out = found,
                             .batches = 1,
                             .in_h = 1,
                             .in_w = 1,
                             .in_c = 1,
                             .out_h = 1,
                             .out_w = 1,
                             .out_c = 2,
                             .filter_c = 1,
                             .in_offset = 128,
                             .out_offset = 127,
                             .kernel_h = 1,
                             .kernel_w = 1,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .act_min = -128,
                             .act_max = 127};
    in[0] = 127;
    weight[0] = 127;
    weight[1] = -128;
    bias[0] = INT32_MAX - 255 * 127;
    bias[1] = INT32_MIN + 255 * 128;
    multiplier[0] = INT32_MAX;
    shift[0] = 0;
    for (int rounding = 0; rounding < 2; rounding++) {
        p.rounding = (uint8_t)rounding;
        assert_int_equal(lp_conv2d_s8__reference(&p), LP_OK);
        /* 2^31 - 2 plus the offset wraps around, as it does in the reference */
        assert_int_equal(found[0], -128);
        assert_int_equal(found[1], -128);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_as_naively),
        cmocka_unit_test(folded_zero_point_gives_the_same),
        cmocka_unit_test(sums_near_the_ends_of_int32_wrap_as_in_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
