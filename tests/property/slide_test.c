/* A windowed kernel may write over its dying input from the distance that lowering states: on random shapes the result is the
 * one with memory of its own, the bytes around stay as they were, and a pixel less breaks most of them. */
#include "compiler/lower/cpu/slide.h"
#include "runtime/kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 3000, ROOM = 1 << 16, GUARD = 64, MOST_WEIGHTS = 1 << 14, MOST_CHANNELS = 64 };

static uint32_t random_state = 12345;

static int32_t between(int32_t low, int32_t high)
{
    random_state = random_state * 1664525u + 1013904223u;
    return low + (int32_t)((random_state >> 8) % (uint32_t)(high - low + 1));
}

static int8_t memory[ROOM], expected[ROOM], input[ROOM], weights[MOST_WEIGHTS];
static int32_t bias[MOST_CHANNELS], multiplier[MOST_CHANNELS];
static int8_t shift[MOST_CHANNELS];

/* A kernel with everything but its two tensors. */
struct job {
    lp_kernel *run;
    union {
        struct lp_conv2d_s8 conv;
        struct lp_depthwise_conv2d_s8 depthwise;
        struct lp_pool_s8 pool;
    } args;
    const int8_t **in;
    int8_t **out;
    struct lp_slide slide;
};

static void fill(void)
{
    for (int i = 0; i < ROOM; i++)
        input[i] = (int8_t)between(-128, 127);
    for (int i = 0; i < MOST_WEIGHTS; i++)
        weights[i] = (int8_t)between(-127, 127);
    for (int i = 0; i < MOST_CHANNELS; i++) {
        bias[i] = between(-5000, 5000);
        multiplier[i] = between(1 << 30, INT32_MAX);
        shift[i] = (int8_t)between(-10, -6);
    }
}

static struct lp_slide random_window(int32_t *kernel_h, int32_t *kernel_w)
{
    struct lp_slide s = {.batches = between(1, 2), .stride_h = between(1, 3), .stride_w = between(1, 3), .pixels_at_once = 1};
    *kernel_h = between(1, 4);
    *kernel_w = between(1, 4);
    s.pad_top = between(0, *kernel_h - 1);
    s.pad_left = between(0, *kernel_w - 1);
    s.in_h = between(*kernel_h, 9);
    s.in_w = between(*kernel_w, 9);
    s.out_h = (s.in_h + s.pad_top + between(0, *kernel_h - 1) - *kernel_h) / s.stride_h + 1;
    s.out_w = (s.in_w + s.pad_left + between(0, *kernel_w - 1) - *kernel_w) / s.stride_w + 1;
    return s;
}

#define GEOMETRY(s)                                                                                           \
    .batches = (s).batches, .in_h = (s).in_h, .in_w = (s).in_w, .out_h = (s).out_h, .out_w = (s).out_w,       \
    .stride_h = (uint16_t)(s).stride_h, .stride_w = (uint16_t)(s).stride_w, .pad_top = (uint16_t)(s).pad_top, \
    .pad_left = (uint16_t)(s).pad_left, .act_min = -128, .act_max = 127
#define CHANNELS .multiplier = multiplier, .shift = shift, .bias = bias, .weight = weights, .per_channel = 1, .in_offset = 3

static void random_job(struct job *j)
{
    static lp_kernel *const pools[] = {lp_max_pool_s8__reference, lp_average_pool_s8__reference};
    int32_t kernel_h, kernel_w, kind = between(0, 3), in_c = between(1, 6), out_c = between(1, 12);
    struct lp_slide s = random_window(&kernel_h, &kernel_w);
    uint16_t h = (uint16_t)kernel_h, w = (uint16_t)kernel_w;
    if (kind == 0) {
        j->run = lp_conv2d_s8__reference;
        j->args.conv = (struct lp_conv2d_s8){GEOMETRY(s),   CHANNELS,      .in_c = in_c,    .filter_c = in_c, .out_c = out_c,
                                             .kernel_h = h, .kernel_w = w, .dilation_h = 1, .dilation_w = 1};
        j->in = &j->args.conv.in;
        j->out = &j->args.conv.out;
    } else if (kind == 1) {
        out_c = in_c * between(1, 3);
        j->run = lp_depthwise_conv2d_s8__reference;
        j->args.depthwise = (struct lp_depthwise_conv2d_s8){
            GEOMETRY(s),   CHANNELS,      .in_c = in_c,    .out_c = out_c, .depth_multiplier = out_c / in_c,
            .kernel_h = h, .kernel_w = w, .dilation_h = 1, .dilation_w = 1};
        j->in = &j->args.depthwise.in;
        j->out = &j->args.depthwise.out;
    } else {
        out_c = in_c;
        j->run = pools[kind - 2];
        j->args.pool = (struct lp_pool_s8){GEOMETRY(s), .channels = in_c, .kernel_h = h, .kernel_w = w};
        j->in = &j->args.pool.in;
        j->out = &j->args.pool.out;
    }
    s.in_pixel_bytes = in_c;
    s.out_pixel_bytes = out_c;
    j->slide = s;
}

/* Runs with the output `distance` below the input, in memory full of one pattern. Returns whether the result is right. */
static bool is_right(struct job *j, int64_t distance, int64_t in_bytes, int64_t out_bytes)
{
    int64_t in_at = GUARD + distance, out_at = GUARD,
            end = in_at + in_bytes > out_at + out_bytes ? in_at + in_bytes : out_at + out_bytes;
    assert_true(end + GUARD < ROOM);
    memset(memory, 0x5a, sizeof memory);
    memcpy(memory + in_at, input, (size_t)in_bytes);
    *j->in = memory + in_at;
    *j->out = memory + out_at;
    assert_int_equal(j->run(&j->args), LP_OK);
    for (int i = 0; i < GUARD; i++) {
        assert_int_equal(memory[i], 0x5a);
        assert_int_equal(memory[end + i], 0x5a);
    }
    return memcmp(memory + out_at, expected, (size_t)out_bytes) == 0;
}

static void the_stated_distance_is_safe_and_no_pixel_too_large(void **state)
{
    (void)state;
    int broken = 0, shortened = 0;
    for (int n = 0; n < CASES; n++) {
        struct job j = {0};
        fill();
        random_job(&j);
        const struct lp_slide *s = &j.slide;
        int64_t in_bytes = (int64_t)s->batches * s->in_h * s->in_w * s->in_pixel_bytes;
        int64_t out_bytes = (int64_t)s->batches * s->out_h * s->out_w * s->out_pixel_bytes;
        int64_t gap = lp_slide_gap_bytes(s);
        *j.in = input;
        *j.out = expected;
        assert_int_equal(j.run(&j.args), LP_OK);
        if (!is_right(&j, gap, in_bytes, out_bytes))
            fail_msg("case %d: the output differs %lld bytes below the input", n, (long long)gap);
        /* The last channel of a pixel may be written over what nobody reads after it: a byte less can be harmless. */
        int64_t less = gap - s->in_pixel_bytes - s->out_pixel_bytes;
        shortened += less >= 0;
        broken += less >= 0 && !is_right(&j, less, in_bytes, out_bytes);
    }
    printf("%d cases, of %d with a pixel less %d give another result\n", CASES, shortened, broken);
    assert_true(broken > shortened / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_stated_distance_is_safe_and_no_pixel_too_large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
