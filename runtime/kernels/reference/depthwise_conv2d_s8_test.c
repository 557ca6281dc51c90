#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { MAX_SIDE = 7, MAX_C = 8, MAX_KERNEL = 4, ROUNDS = 4000 };

static int8_t in[2 * MAX_SIDE * MAX_SIDE * MAX_C];
static int8_t weight[MAX_KERNEL * MAX_KERNEL * MAX_C];
static int32_t bias[MAX_C];
static int32_t multiplier[MAX_C];
static int8_t shift[MAX_C];
static int8_t found[2 * 16 * 16 * MAX_C];

static int8_t naive_output(const struct lp_depthwise_conv2d_s8 *p, int32_t zero_point, const int32_t *raw_bias,
                           const int32_t at[4])
{
    const int32_t b = at[0], o = at[3];
    int64_t sum = raw_bias != NULL ? raw_bias[o] : 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            int32_t y = at[1] * p->stride_h + ky * p->dilation_h - p->pad_top;
            int32_t x = at[2] * p->stride_w + kx * p->dilation_w - p->pad_left;
            if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w)
                continue;
            int32_t value = p->in[((b * p->in_h + y) * p->in_w + x) * p->in_c + o / p->depth_multiplier] - zero_point;
            sum += (int64_t)value * p->weight[(ky * p->kernel_w + kx) * p->out_c + o];
        }
    }
    int32_t i = p->per_channel ? o : 0;
    int32_t scaled = naive_requantize((int32_t)sum, p->multiplier[i], p->shift[i], p->rounding);
    return (int8_t)naive_clamp(scaled + p->out_offset, p->act_min, p->act_max);
}

static void compare(const struct lp_depthwise_conv2d_s8 *p, int32_t zero_point, const int32_t *raw_bias)
{
    const int8_t *next = found;
    assert_int_equal(lp_depthwise_conv2d_s8__reference(p), LP_OK);
    for (int32_t b = 0; b < p->batches; b++)
        for (int32_t y = 0; y < p->out_h; y++)
            for (int32_t x = 0; x < p->out_w; x++)
                for (int32_t o = 0; o < p->out_c; o++)
                    assert_int_equal(*next++, naive_output(p, zero_point, raw_bias, (const int32_t[]){b, y, x, o}));
}

static int32_t outputs(int32_t size, int32_t before, int32_t after, int32_t kernel, int32_t stride, int32_t dilation)
{
    int32_t reach = (kernel - 1) * dilation + 1;
    return size + before + after < reach ? 0 : (size + before + after - reach) / stride + 1;
}

static bool random_depthwise(struct lp_depthwise_conv2d_s8 *p)
{
    *p = (struct lp_depthwise_conv2d_s8){
        .in = in, .weight = weight, .bias = bias, .multiplier = multiplier, .shift = shift, .out = found};
    p->batches = random_in(1, 2);
    p->in_h = random_in(1, MAX_SIDE);
    p->in_w = random_in(1, MAX_SIDE);
    p->depth_multiplier = random_in(0, 2) == 0 ? random_in(2, 4) : 1;
    p->in_c = random_in(1, MAX_C / p->depth_multiplier);
    p->out_c = p->in_c * p->depth_multiplier;
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
        bias[o] = random_in(-5000, 5000);
    }
    random_bytes(in, (int32_t)sizeof in);
    random_bytes(weight, (int32_t)sizeof weight);
    return p->out_h > 0 && p->out_w > 0;
}

static void every_window_as_naively(void **state)
{
    (void)state;
    int compared = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_depthwise_conv2d_s8 p;
        if (!random_depthwise(&p))
            continue;
        if (random_in(0, 3) == 0)
            p.bias = NULL;
        p.in_offset = random_in(-127, 128);
        compare(&p, -p.in_offset, p.bias);
        compared++;
    }
    assert_true(compared > ROUNDS / 2);
}

static void folded_zero_point_gives_the_same(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_depthwise_conv2d_s8 p;
        if (!random_depthwise(&p))
            continue;
        int32_t zero_point = random_in(-128, 127);
        int32_t raw_bias[MAX_C];
        memcpy(raw_bias, bias, sizeof bias);
        for (int32_t i = 0; i < p.kernel_h * p.kernel_w * p.out_c; i++)
            bias[i % p.out_c] -= zero_point * weight[i];
        p.pad_value = zero_point;
        compare(&p, zero_point, raw_bias);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_as_naively),
        cmocka_unit_test(folded_zero_point_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
