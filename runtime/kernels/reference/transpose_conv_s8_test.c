#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { ROUNDS = 2000, MOST = 4096 };

static int8_t in[MOST], weight[MOST], found[MOST];
static int32_t bias[8], sums[MOST];

/* Every input adds to the outputs that its window covers. */
static void scatter(const struct lp_transpose_conv_s8 *p)
{
    for (int32_t i = 0; i < p->batches * p->out_h * p->out_w * p->out_c; i++)
        sums[i] = bias[i % p->out_c];
    for (int32_t i = 0; i < p->batches * p->in_h * p->in_w * p->in_c; i++) {
        int32_t c = i % p->in_c, x = i / p->in_c % p->in_w, y = i / p->in_c / p->in_w % p->in_h;
        int32_t b = i / p->in_c / p->in_w / p->in_h;
        for (int32_t k = 0; k < p->out_c * p->kernel_h * p->kernel_w; k++) {
            int32_t kx = k % p->kernel_w, ky = k / p->kernel_w % p->kernel_h, o = k / p->kernel_w / p->kernel_h;
            int32_t row = y * p->stride_h - p->pad_top + ky, column = x * p->stride_w - p->pad_left + kx;
            if (row >= 0 && row < p->out_h && column >= 0 && column < p->out_w)
                sums[((b * p->out_h + row) * p->out_w + column) * p->out_c + o] += (in[i] + p->in_offset) *
                                                                                   weight[k * p->in_c + c];
        }
    }
}

static void every_sum_as_scattered(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        int32_t multiplier = random_in(1 << 30, INT32_MAX);
        int8_t shift = (int8_t)random_in(-12, -4);
        struct lp_transpose_conv_s8 p = {.in = in, .weight = weight, .bias = bias, .multiplier = &multiplier, .shift = &shift};
        p.out = found;
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
        p.in_offset = random_in(-127, 128);
        p.out_offset = random_in(-128, 127);
        p.act_min = -100;
        p.act_max = 120;
        p.rounding = (uint8_t)random_in(0, 1);
        random_bytes(in, MOST);
        random_bytes(weight, MOST);
        for (int o = 0; o < 8; o++)
            bias[o] = random_in(-100000, 100000);
        scatter(&p);
        assert_int_equal(lp_transpose_conv_s8__reference(&p), LP_OK);
        for (int32_t i = 0; i < p.batches * p.out_h * p.out_w * p.out_c; i++) {
            int32_t scaled = naive_requantize(sums[i], multiplier, shift, p.rounding) + p.out_offset;
            assert_int_equal(found[i], naive_clamp(scaled, -100, 120));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sum_as_scattered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
