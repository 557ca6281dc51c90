#include "compiler/lower/neural-art/requant.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* As the stage computes: exact product and constant, one rounding, halves away from zero. */
static double stage(const struct lp_npu_requant *q, uint32_t c, int64_t sum)
{
    double value = (double)q->factor[c] * (double)sum + ldexp((double)q->offset[c], q->offset_shift);
    return value * ldexp(1.0, -q->shift);
}

static double clamped(double value)
{
    return fmin(fmax(value, -128), 127);
}

/* The same for sums that are kept whole, with a stage before that adds in 16 bits. */
static double whole_stage(const struct lp_npu_requant *q, uint32_t c, int64_t sum)
{
    int64_t upper = (int64_t)floor(ldexp((double)sum, -8)), lower = sum - upper * 256;
    int64_t moved = upper + q->before[c];
    assert_true(moved >= INT16_MIN && moved <= INT16_MAX);
    double value = (double)q->factor[c] * (double)moved + floor((double)q->factor[c] * (double)lower / 256);
    return (value + ldexp((double)q->offset[c], q->offset_shift)) * ldexp(1.0, -q->shift);
}

static int64_t rounded_sum(int64_t sum, int32_t shift)
{
    double scaled = fabs(ldexp((double)sum, -shift)) + 0.5;
    return sum < 0 ? -(int64_t)floor(scaled) : (int64_t)floor(scaled);
}

static void sums_fit_after_the_shift_and_no_shift_is_wasted(void **state)
{
    (void)state;
    const struct lp_npu_channel edge = {-32768, 32767, 1, 0, 0}, above = {0, 32768, 1, 0, 0}, below = {-32769, 0, 1, 0, 0};
    const struct lp_npu_channel rounds_up = {0, 65535, 1, 0, 0}; /* half of it rounds to 32768 */
    assert_int_equal(lp_npu_sum_shift(&edge, 1), 0);
    assert_int_equal(lp_npu_sum_shift(&above, 1), 1);
    assert_int_equal(lp_npu_sum_shift(&below, 1), 1);
    assert_int_equal(lp_npu_sum_shift(&rounds_up, 1), 2);
}

/* Factors and offsets over many orders of magnitude: every sum within the computed deviation. */
static void no_sum_misses_by_more_than_the_deviation(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    for (int i = 0; i < 2000; i++) {
        struct lp_npu_channel channels[3];
        struct lp_npu_requant q;
        for (int c = 0; c < 3; c++) {
            int64_t reach = 1 + (int64_t)(ldexp(1.0, 8 + (i * 7 + c * 3) % 14));
            channels[c] = (struct lp_npu_channel){-reach, reach, exp(-(i * 13 % 97 + c * 5) / 8.0),
                                                  (i * 31 % 256 - 128) / (c + 0.7), i * 977 % 40001 - 20000};
        }
        int32_t shift = lp_npu_sum_shift(channels, 3);
        assert_true(lp_npu_requant(&arena, channels, 3, &(struct lp_npu_sums){shift, 1, shift, 32, false}, &q));
        for (uint32_t c = 0; c < 3; c++)
            for (int k = -50; k <= 50; k++) {
                int64_t sum = channels[c].high * k / 50;
                double want = clamped((double)(sum + channels[c].bias) * channels[c].factor + channels[c].offset);
                double got = clamped(stage(&q, c, rounded_sum(sum, shift)));
                assert_true(fabs(got - want) <= q.deviation + 1e-9);
            }
    }
    lp_arena_free(&arena);
}

static void whole_sums_are_nearer(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    double rounded_most = 0, whole_most = 0;
    for (int i = 0; i < 500; i++) {
        int64_t reach = 1 + (int64_t)ldexp(1.0, 12 + i % 11);
        const struct lp_npu_channel channel = {-reach, reach / 2, 300.0 / (double)reach * (1 + i % 7 / 7.0), i % 256 - 128,
                                               reach / 3 * (i % 5 - 2)};
        int32_t shift = lp_npu_sum_shift(&channel, 1);
        struct lp_npu_requant rounded, whole;
        assert_true(lp_npu_requant(&arena, &channel, 1, &(struct lp_npu_sums){shift, 1, shift, 32, false}, &rounded));
        assert_true(lp_npu_requant(&arena, &channel, 1, &(struct lp_npu_sums){8, 0, 0, 16, true}, &whole));
        rounded_most = fmax(rounded_most, rounded.deviation);
        whole_most = fmax(whole_most, whole.deviation);
        for (int k = -60; k <= 30; k++) {
            int64_t sum = reach * k / 60;
            double want = clamped((double)(sum + channel.bias) * channel.factor + channel.offset);
            double floor_of_lower = ldexp(1.0, -whole.shift);
            assert_true(fabs(clamped(whole_stage(&whole, 0, sum)) - want) <= whole.deviation + floor_of_lower + 1e-9);
        }
    }
    assert_true(whole_most < rounded_most && whole_most < 0.05);
    lp_arena_free(&arena);
}

static void equal_channels_need_one_entry(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_npu_channel channels[2] = {{-100, 100, 0.25, 3, 0}, {-100, 100, 0.25, 3, 0}};
    struct lp_npu_requant q;
    assert_true(lp_npu_requant(&arena, channels, 2, &(struct lp_npu_sums){0, 0, 0, 32, false}, &q));
    assert_true(q.same_factor && q.same_offset);
    channels[1].offset = 4;
    assert_true(lp_npu_requant(&arena, channels, 2, &(struct lp_npu_sums){0, 0, 0, 32, false}, &q));
    assert_true(q.same_factor && !q.same_offset);
    lp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_fit_after_the_shift_and_no_shift_is_wasted),
        cmocka_unit_test(no_sum_misses_by_more_than_the_deviation),
        cmocka_unit_test(whole_sums_are_nearer),
        cmocka_unit_test(equal_channels_need_one_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
