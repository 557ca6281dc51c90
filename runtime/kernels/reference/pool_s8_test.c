#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <math.h>

enum { MAX_SIDE = 8, MAX_C = 5, ROUNDS = 5000 };

static int8_t in[2 * MAX_SIDE * MAX_SIDE * MAX_C];
static int8_t found[2 * 16 * 16 * MAX_C];

struct pooled {
    int32_t max;
    double average;
};

static struct pooled naive_window(const struct lp_pool_s8 *p, int32_t b, int32_t oy, int32_t ox, int32_t c)
{
    struct pooled result = {INT32_MIN, 0};
    int count = 0;
    for (int32_t y = 0; y < p->in_h; y++) {
        for (int32_t x = 0; x < p->in_w; x++) {
            int32_t ky = y - (oy * p->stride_h - p->pad_top);
            int32_t kx = x - (ox * p->stride_w - p->pad_left);
            if (ky < 0 || ky >= p->kernel_h || kx < 0 || kx >= p->kernel_w)
                continue;
            int8_t value = p->in[((b * p->in_h + y) * p->in_w + x) * p->channels + c];
            result.max = value > result.max ? value : result.max;
            result.average += value;
            count++;
        }
    }
    assert_true(count > 0);
    result.average /= count;
    return result;
}

/* Windows of at most 16 elements: their averages in double are exact halves where the true ones are. */
static void compare(const struct lp_pool_s8 *p, bool is_max)
{
    assert_int_equal(is_max ? lp_max_pool_s8__reference(p) : lp_average_pool_s8__reference(p), LP_OK);
    const int8_t *next = found;
    for (int32_t b = 0; b < p->batches; b++)
        for (int32_t y = 0; y < p->out_h; y++)
            for (int32_t x = 0; x < p->out_w; x++)
                for (int32_t c = 0; c < p->channels; c++) {
                    struct pooled naive = naive_window(p, b, y, x, c);
                    int32_t value = is_max ? naive.max : (int32_t)round(naive.average);
                    assert_int_equal(*next++, naive_clamp(value, p->act_min, p->act_max));
                }
}

/* Outputs of one side such that no window lies in the padding altogether. */
static int32_t outputs(int32_t size, int32_t before, int32_t stride)
{
    return (size - 1 + before) / stride + 1;
}

static void every_window_as_naively(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_pool_s8 p = {.in = in,
                               .out = found,
                               .batches = random_in(1, 2),
                               .in_h = random_in(1, MAX_SIDE),
                               .in_w = random_in(1, MAX_SIDE),
                               .channels = random_in(1, MAX_C)};
        p.kernel_h = (uint16_t)random_in(1, 4);
        p.kernel_w = (uint16_t)random_in(1, 4);
        p.stride_h = (uint16_t)random_in(1, 3);
        p.stride_w = (uint16_t)random_in(1, 3);
        p.pad_top = (uint16_t)random_in(0, p.kernel_h - 1);
        p.pad_left = (uint16_t)random_in(0, p.kernel_w - 1);
        p.out_h = random_in(1, outputs(p.in_h, p.pad_top, p.stride_h));
        p.out_w = random_in(1, outputs(p.in_w, p.pad_left, p.stride_w));
        random_range(&p.act_min, &p.act_max);
        random_bytes(in, (int32_t)sizeof in);
        compare(&p, random_in(0, 1) == 0);
    }
}

static void halves_go_away_from_zero(void **state)
{
    (void)state;
    static const int8_t pairs[][3] = {{0, 1, 1}, {0, -1, -1}, {-2, -1, -2}, {1, 2, 2}, {-128, 127, -1}, {-128, -127, -128}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct lp_pool_s8 p = {.in = pairs[i],
                               .out = found,
                               .batches = 1,
                               .in_h = 1,
                               .in_w = 2,
                               .out_h = 1,
                               .out_w = 1,
                               .channels = 1,
                               .kernel_h = 1,
                               .kernel_w = 2,
                               .stride_h = 1,
                               .stride_w = 1,
                               .act_min = -128,
                               .act_max = 127};
        assert_int_equal(lp_average_pool_s8__reference(&p), LP_OK);
        assert_int_equal(found[0], pairs[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_as_naively),
        cmocka_unit_test(halves_go_away_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
