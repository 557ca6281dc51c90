/* The kernels for PCs against the reference, for each level that this CPU has: random shapes and parameters, byte by byte, in both
 * roundings. Inputs end where a page without access begins; around the output lie bytes that must keep their value; the output
 * also lies as close below the input as the compiler may place it, or a little further. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "compiler/lower/cpu/slide.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/x86/x86.h"

enum { CASES = 1500, PAGE = 4096, IN_BYTES = 64 * PAGE, OUT_BYTES = 256 << 10, GUARD = 64, CHANNELS = 160, WEIGHTS = 160 << 10 };

static uint8_t *pages; /* IN_BYTES, then a page without access; twice */
static int8_t expected[OUT_BYTES], around[OUT_BYTES + 2 * GUARD];
static int8_t *const found = around + GUARD;
static int8_t weights[WEIGHTS], shifts[CHANNELS];
static int32_t biases[CHANNELS], multipliers[CHANNELS];
static enum lp_x86_level level;
static uint32_t state;

static int32_t between(int32_t low, int32_t high)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return low + (int32_t)(state % (uint32_t)(high - low + 1));
}

static int8_t *input(int which, int32_t bytes)
{
    int8_t *data = (int8_t *)pages + (which + 1) * (IN_BYTES + PAGE) - PAGE - bytes;
    const int32_t kind = between(0, 2), same = between(-128, 127);
    assert_in_range(bytes, 1, IN_BYTES);
    for (int32_t i = 0; i < bytes; i++)
        data[i] = (int8_t)(kind == 0 ? between(-128, 127) : kind == 1 ? between(0, 1) * 255 - 128 : same);
    return data;
}

static void make_channels(int32_t channels, int32_t taps)
{
    /* Mostly scales that bring sums into the range, sometimes any that the structures allow. */
    const int32_t usual = taps > 100 ? -9 : taps > 20 ? -8 : -6, any = between(0, 5) == 0;
    assert_true(channels <= CHANNELS && channels * taps <= WEIGHTS);
    for (int32_t i = 0; i < channels * taps; i++)
        weights[i] = (int8_t)between(-127, 127);
    for (int32_t c = 0; c < channels; c++) {
        biases[c] = between(-2000, 2000) * (1 << between(0, 10));
        multipliers[c] = between(0, 3) == 0 ? 1 << 30 : between(1 << 30, INT32_MAX);
        shifts[c] = (int8_t)(any ? between(-31, 3) : between(usual - 2, usual + 2));
    }
}

static void activation(int8_t *min, int8_t *max)
{
    *min = (int8_t)(between(0, 1) ? -128 : between(-128, 127));
    *max = (int8_t)(between(0, 1) ? 127 : between(*min, 127));
}

/* Runs the variant of `reference` for `args`, whose output is `found`. */
static bool run_variant(lp_kernel *reference, const void *args)
{
    const size_t bytes = lp_x86_bytes(level, reference, args);
    if (bytes == 0)
        return false;
    void *memory = aligned_alloc(LP_X86_ALIGN_BYTES, bytes);
    assert_non_null(memory);
    lp_kernel *variant = lp_x86_prepare(level, reference, args, memory);
    assert_int_equal(variant(memory), LP_OK);
    free(memory);
    return true;
}

static void compare(int32_t bytes, bool with_guards, const char *what)
{
    for (int32_t i = 0; i < bytes; i++)
        if (found[i] != expected[i])
            fail_msg("%s, level %d: byte %d of %d is %d, not %d", what, (int)level, (int)i, (int)bytes, found[i], expected[i]);
    for (int32_t i = 0; with_guards && i < GUARD; i++)
        if (around[i] != 0x5c || found[bytes + i] != 0x5c)
            fail_msg("%s, level %d: wrote outside its output", what, (int)level);
}

/* `in` and `out` are those of `args`. Returns how often the variant ran. */
static int check(lp_kernel *reference, const void *args, const int8_t **in, int8_t **out, int32_t in_bytes, int32_t out_bytes,
                 int64_t gap, const char *what)
{
    assert_in_range(out_bytes, 1, OUT_BYTES);
    *out = expected;
    assert_int_equal(reference(args), LP_OK);
    memset(around, 0x5c, sizeof around);
    *out = found;
    if (!run_variant(reference, args))
        return 0;
    compare(out_bytes, true, what);
    gap += gap > 0 && between(0, 1) ? between(1, 40) : 0;
    if (gap < 0 || gap + in_bytes > OUT_BYTES)
        return 1;
    memmove(found + gap, *in, (size_t)in_bytes);
    *in = found + gap;
    assert_true(run_variant(reference, args));
    compare(out_bytes, false, what);
    return 2;
}

/* Padding and the number of outputs of one dimension, as any exporter may have them. */
static void dimension(int32_t in, int32_t reach, int32_t stride, uint16_t *pad, int32_t *out)
{
    int32_t before = between(0, 1) ? 0 : between(0, reach - 1), after = between(0, 1) ? 0 : between(0, reach - 1);
    if (in + before + after < reach)
        before = after = reach - 1;
    *pad = (uint16_t)before;
    *out = (in + before + after - reach) / stride + 1;
}

static struct lp_conv2d_s8 random_conv(void)
{
    const bool is_folded = between(0, 1);
    struct lp_conv2d_s8 p = {
        .batches = between(0, 4) == 0 ? 2 : 1,
        .in_h = between(1, 14),
        .in_w = between(1, 20),
        .in_c = between(0, 1) ? between(1, 70) : 4 * between(1, 8),
        .out_c = between(1, between(0, 2) == 0 ? 100 : 20),
        .kernel_h = (uint16_t)between(1, between(0, 3) == 0 ? 6 : 3),
        .kernel_w = (uint16_t)between(1, between(0, 3) == 0 ? 6 : 3),
        .stride_h = (uint16_t)between(1, 3),
        .stride_w = (uint16_t)between(1, 3),
        .dilation_h = (uint16_t)(between(0, 3) == 0 ? 2 : 1),
        .dilation_w = (uint16_t)(between(0, 3) == 0 ? 2 : 1),
        .in_offset = is_folded ? 0 : between(-127, 128),
        .out_offset = between(-128, 127),
        .pad_value = is_folded ? between(-128, 127) : 0,
        .per_channel = (uint8_t)between(0, 1),
        .rounding = (uint8_t)between(0, 1),
        .weight = weights,
        .bias = between(0, 3) == 0 ? NULL : biases,
        .multiplier = multipliers,
        .shift = shifts,
    };
    if (between(0, 2) == 0)
        p.kernel_h = p.kernel_w = 1;
    activation(&p.act_min, &p.act_max);
    dimension(p.in_h, (p.kernel_h - 1) * p.dilation_h + 1, p.stride_h, &p.pad_top, &p.out_h);
    dimension(p.in_w, (p.kernel_w - 1) * p.dilation_w + 1, p.stride_w, &p.pad_left, &p.out_w);
    p.filter_c = p.in_c;
    return p;
}

static int conv_case(void)
{
    struct lp_conv2d_s8 p = random_conv();
    const int32_t in_bytes = p.batches * p.in_h * p.in_w * p.in_c;
    make_channels(p.out_c, p.kernel_h * p.kernel_w * p.in_c);
    p.in = input(0, in_bytes);
    const struct lp_slide slide = {p.batches, p.in_h,     p.in_w,     p.out_h,   p.out_w,    p.in_c,
                                   p.out_c,   p.stride_h, p.stride_w, p.pad_top, p.pad_left, 1};
    return check(lp_conv2d_s8__reference, &p, &p.in, &p.out, in_bytes, p.batches * p.out_h * p.out_w * p.out_c,
                 lp_slide_gap_bytes(&slide), "convolution");
}

static int depthwise_case(void)
{
    const struct lp_conv2d_s8 c = random_conv();
    struct lp_depthwise_conv2d_s8 p = {
        .batches = c.batches,
        .in_h = c.in_h,
        .in_w = c.in_w,
        .in_c = between(0, 2) == 0 ? 8 : c.in_c,
        .depth_multiplier = 1,
        .in_offset = c.in_offset,
        .pad_value = c.pad_value,
        .out_offset = c.out_offset,
        .kernel_h = c.kernel_h,
        .kernel_w = c.kernel_w,
        .stride_h = c.stride_h,
        .stride_w = c.stride_w,
        .dilation_h = c.dilation_h,
        .dilation_w = c.dilation_w,
        .act_min = c.act_min,
        .act_max = c.act_max,
        .per_channel = c.per_channel,
        .rounding = c.rounding,
        .weight = weights,
        .bias = c.bias,
        .multiplier = multipliers,
        .shift = shifts,
    };
    if (between(0, 1)) {
        p.kernel_h = p.kernel_w = 3;
        p.dilation_h = p.dilation_w = 1;
    }
    dimension(p.in_h, (p.kernel_h - 1) * p.dilation_h + 1, p.stride_h, &p.pad_top, &p.out_h);
    dimension(p.in_w, (p.kernel_w - 1) * p.dilation_w + 1, p.stride_w, &p.pad_left, &p.out_w);
    p.out_c = p.in_c;
    const int32_t in_bytes = p.batches * p.in_h * p.in_w * p.in_c;
    make_channels(p.out_c, p.kernel_h * p.kernel_w);
    p.in = input(0, in_bytes);
    const struct lp_slide slide = {p.batches, p.in_h,     p.in_w,     p.out_h,   p.out_w,    p.in_c,
                                   p.out_c,   p.stride_h, p.stride_w, p.pad_top, p.pad_left, 1};
    return check(lp_depthwise_conv2d_s8__reference, &p, &p.in, &p.out, in_bytes, p.batches * p.out_h * p.out_w * p.out_c,
                 lp_slide_gap_bytes(&slide), "depthwise convolution");
}

static int fully_connected_case(void)
{
    struct lp_fully_connected_s8 p = {
        .batches = between(0, 2) == 0 ? between(2, 9) : 1,
        .in_c = between(1, between(0, 3) == 0 ? 700 : 40),
        .out_c = between(1, CHANNELS),
        .in_offset = between(0, 1) ? 0 : between(-127, 128),
        .out_offset = between(-128, 127),
        .per_channel = (uint8_t)between(0, 1),
        .rounding = (uint8_t)between(0, 1),
        .weight = weights,
        .bias = between(0, 3) == 0 ? NULL : biases,
        .multiplier = multipliers,
        .shift = shifts,
    };
    activation(&p.act_min, &p.act_max);
    make_channels(p.out_c, p.in_c);
    p.in = input(0, p.batches * p.in_c);
    return check(lp_fully_connected_s8__reference, &p, &p.in, &p.out, p.batches * p.in_c, p.batches * p.out_c, -1,
                 "fully connected");
}

static int add_case(void)
{
    struct lp_add_s8 p = {
        .rank = (uint8_t)between(1, 4),
        .left_shift = 20,
        .in1_offset = between(-127, 128),
        .in2_offset = between(-127, 128),
        .out_offset = between(-128, 127),
        .in1_multiplier = between(1 << 30, INT32_MAX),
        .in2_multiplier = between(1 << 30, INT32_MAX),
        .out_multiplier = between(1 << 30, INT32_MAX),
        .in1_shift = (int8_t)between(-8, 0),
        .in2_shift = (int8_t)between(-8, -1),
        .out_shift = (int8_t)between(-20, -12),
        .rounding = (uint8_t)between(0, 1),
    };
    int32_t bytes1 = 1, bytes2 = 1, out_bytes = 1;
    if (p.in1_shift == 0)
        p.in1_multiplier = 1 << 30;
    activation(&p.act_min, &p.act_max);
    for (int32_t d = LP_BROADCAST_RANK - 1; d >= 0; d--) {
        p.dims[d] = d < p.rank ? between(1, d == p.rank - 1 ? 70 : 9) : 1;
        const bool both = d == p.rank - 1 || between(0, 1), first = both || between(0, 1);
        p.in1_stride[d] = first ? bytes1 : 0;
        p.in2_stride[d] = both || !first ? bytes2 : 0;
        bytes1 *= p.in1_stride[d] != 0 ? p.dims[d] : 1;
        bytes2 *= p.in2_stride[d] != 0 ? p.dims[d] : 1;
        out_bytes *= p.dims[d];
    }
    p.in1 = input(0, bytes1);
    p.in2 = input(1, bytes2);
    return check(lp_add_s8__reference, &p, &p.in1, &p.out, bytes1, out_bytes, bytes1 == out_bytes ? 0 : -1, "sum");
}

static int pool_case(void)
{
    struct lp_pool_s8 p = {
        .batches = between(1, 2),
        .in_h = between(1, 14),
        .in_w = between(1, 14),
        .channels = between(1, 70),
        .stride_h = (uint16_t)between(1, 4),
        .stride_w = (uint16_t)between(1, 4),
    };
    p.kernel_h = (uint16_t)between(1, p.in_h);
    p.kernel_w = (uint16_t)between(1, p.in_w);
    p.pad_top = (uint16_t)between(0, p.kernel_h - 1);
    p.pad_left = (uint16_t)between(0, p.kernel_w - 1);
    p.out_h = (p.in_h + p.pad_top - 1) / p.stride_h + 1;
    p.out_w = (p.in_w + p.pad_left - 1) / p.stride_w + 1;
    activation(&p.act_min, &p.act_max);
    const int32_t in_bytes = p.batches * p.in_h * p.in_w * p.channels;
    p.in = input(0, in_bytes);
    const struct lp_slide slide = {p.batches,  p.in_h,     p.in_w,     p.out_h,   p.out_w,    p.channels,
                                   p.channels, p.stride_h, p.stride_w, p.pad_top, p.pad_left, 1};
    return check(between(0, 1) ? lp_max_pool_s8__reference : lp_average_pool_s8__reference, &p, &p.in, &p.out, in_bytes,
                 p.batches * p.out_h * p.out_w * p.channels, lp_slide_gap_bytes(&slide), "pool");
}

static int mean_case(void)
{
    struct lp_mean_s8 p = {
        .sum_offset = between(-30000, 30000),
        .multiplier = between(1 << 30, INT32_MAX),
        .out_offset = between(-128, 127),
        .shift = (int8_t)between(-10, 0),
        .rounding = (uint8_t)between(0, 1),
    };
    int32_t stride = 1, out_bytes = 1;
    for (int32_t d = LP_MEAN_RANK - 1; d >= 0; d--) {
        p.keep_dims[d] = d == LP_MEAN_RANK - 1 ? between(1, 70) : between(1, 3);
        p.keep_stride[d] = stride;
        stride *= p.keep_dims[d];
        out_bytes *= p.keep_dims[d];
        p.reduce_dims[d] = between(1, 3);
        p.reduce_stride[d] = stride;
        stride *= p.reduce_dims[d];
    }
    p.in = input(0, stride);
    return check(lp_mean_s8__reference, &p, &p.in, &p.out, stride, out_bytes, -1, "mean");
}

static void run_cases(int (*one)(void))
{
    int done = 0;
    if (lp_x86_level() == LP_X86_NONE) {
        puts("SKIP kernels for PCs: this CPU has no AVX2");
        skip();
    }
    if (lp_x86_level() == LP_X86_AVX2)
        puts("SKIP kernels for AVX-512: this CPU has none");
    for (level = LP_X86_AVX2; level <= lp_x86_level(); level++)
        for (uint32_t seed = 1; seed <= CASES; seed++) {
            state = seed * 2654435761u + 12345u;
            done += one();
        }
    printf("%d runs\n", done);
    assert_true(done >= CASES);
}

static void convolutions_are_equal(void **unused)
{
    (void)unused;
    run_cases(conv_case);
}

static void depthwise_convolutions_are_equal(void **unused)
{
    (void)unused;
    run_cases(depthwise_case);
}

static void fully_connected_are_equal(void **unused)
{
    (void)unused;
    run_cases(fully_connected_case);
}

static void sums_are_equal(void **unused)
{
    (void)unused;
    run_cases(add_case);
}

static void pools_are_equal(void **unused)
{
    (void)unused;
    run_cases(pool_case);
}

static void means_are_equal(void **unused)
{
    (void)unused;
    run_cases(mean_case);
}

static int open_pages(void **unused)
{
    (void)unused;
    pages = mmap(NULL, 2 * (IN_BYTES + PAGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED || mprotect(pages + IN_BYTES, PAGE, PROT_NONE) != 0 ||
           mprotect(pages + 2 * IN_BYTES + PAGE, PAGE, PROT_NONE) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_are_equal),    cmocka_unit_test(depthwise_convolutions_are_equal),
        cmocka_unit_test(fully_connected_are_equal), cmocka_unit_test(sums_are_equal),
        cmocka_unit_test(pools_are_equal),           cmocka_unit_test(means_are_equal),
    };
    return cmocka_run_group_tests(tests, open_pages, NULL);
}
