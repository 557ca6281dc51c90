/* Which variant serves which shape: the cases at the edge of each class. */
#include "compiler/lower/cpu/choose.h"

#include "contract/packing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

enum { CHANNELS = 64 };

static int32_t multiplier[CHANNELS];
static int8_t shift[CHANNELS];
static int8_t weights[CHANNELS * 16];
static struct lp_channel_scales scales = {CHANNELS, multiplier, shift};
static struct lp_target target;
static struct lp_program program;

static int set_up(void **state)
{
    (void)state;
    for (int c = 0; c < CHANNELS; c++) {
        multiplier[c] = 1 << 30;
        shift[c] = -2;
    }
    memset(weights, 127, sizeof weights);
    target = (struct lp_target){.isa = LP_ISA_HELIUM};
    program = (struct lp_program){.target = &target, .rounding = LP_ROUNDING_SINGLE};
    return 0;
}

static struct lp_conv2d_s8 conv(int32_t kernel, int32_t channels)
{
    return (struct lp_conv2d_s8){.batches = 1,
                                 .in_h = 8,
                                 .in_w = 8,
                                 .in_c = channels,
                                 .filter_c = channels,
                                 .out_h = 8,
                                 .out_w = 8,
                                 .out_c = CHANNELS,
                                 .kernel_h = (uint16_t)kernel,
                                 .kernel_w = (uint16_t)kernel,
                                 .stride_h = 1,
                                 .stride_w = 1,
                                 .dilation_h = 1,
                                 .dilation_w = 1,
                                 .pad_top = (uint16_t)(kernel / 2),
                                 .pad_left = (uint16_t)(kernel / 2)};
}

static void expect_conv(const struct lp_conv2d_s8 *args, const char *symbol)
{
    const char *found = lp_choose_kernel(&program, LP_FAMILY_CONV_2D, "reference", args, &scales, weights);
    assert_string_equal(found, symbol);
}

static void convolutions_go_by_their_windows(void **state)
{
    (void)state;
    struct lp_conv2d_s8 p = conv(1, 20);
    expect_conv(&p, "lp_conv2d_1x1_s8_single__helium");
    p.out_h = 9; /* the last row sees padding alone */
    expect_conv(&p, "lp_conv2d_s8_single__helium");
    p = conv(1, 20);
    p.stride_h = p.stride_w = 2;
    p.out_h = p.out_w = 4;
    expect_conv(&p, "lp_conv2d_1x1_s8_single__helium");
    p = conv(3, 5); /* rows of 15 bytes */
    expect_conv(&p, "lp_conv2d_narrow_s8_single__helium");
    p = conv(3, 6);
    expect_conv(&p, "lp_conv2d_s8_single__helium");
    p.dilation_w = 2;
    expect_conv(&p, "lp_conv2d_narrow_s8_single__helium");
    p.filter_c = 3;
    expect_conv(&p, "reference");
}

static void copied_windows_have_to_fit(void **state)
{
    (void)state;
    struct lp_conv2d_s8 p = conv(3, LP_WINDOW_BYTES / 9);
    expect_conv(&p, "lp_conv2d_s8_single__helium");
    p = conv(3, LP_WINDOW_BYTES / 9 + 1);
    expect_conv(&p, "lp_conv2d_large_s8_single__helium");
    shift[0] = 0;
    expect_conv(&p, "lp_conv2d_large_s8_single__helium");
    shift[0] = -2;
    p.dilation_w = 2; /* its taps do not lie side by side */
    expect_conv(&p, "reference");
    p.dilation_w = 1;
    p.pad_top = p.pad_left = 0;
    p.out_h = p.out_w = 6; /* nothing is copied */
    expect_conv(&p, "lp_conv2d_s8_single__helium");
}

static void rounding_shifts_and_target_decide(void **state)
{
    (void)state;
    struct lp_conv2d_s8 p = conv(1, 20);
    program.rounding = LP_ROUNDING_DOUBLE;
    expect_conv(&p, "lp_conv2d_1x1_s8_double__helium");
    shift[CHANNELS - 1] = 0;
    expect_conv(&p, "lp_conv2d_1x1_s8_double__helium");
    shift[CHANNELS - 1] = 1;
    expect_conv(&p, "reference");
    shift[CHANNELS - 1] = -31;
    expect_conv(&p, "lp_conv2d_1x1_s8_double__helium");
    target.isa = LP_ISA_REFERENCE;
    expect_conv(&p, "reference");
}

/* One channel of a scale from 1/4 on is enough for a variant that shifts to the left, from 1 on for the reference. */
static void large_scales_have_variants(void **state)
{
    (void)state;
    struct lp_conv2d_s8 one = conv(1, 20), narrow = conv(3, 5), wide = conv(3, 20);
    struct lp_depthwise_conv2d_s8 depthwise = {
        .kernel_h = 3, .kernel_w = 3, .in_c = CHANNELS, .out_c = CHANNELS, .depth_multiplier = 1, .stride_w = 1};
    struct lp_fully_connected_s8 matrix = {.batches = 1, .in_c = 8, .out_c = CHANNELS};
    for (int8_t large = -1; large <= 1; large++) {
        shift[CHANNELS - 1] = large;
        expect_conv(&one, large > 0 ? "reference" : "lp_conv2d_1x1_scaled_s8_single__helium");
        expect_conv(&narrow, large > 0 ? "reference" : "lp_conv2d_narrow_scaled_s8_single__helium");
        expect_conv(&wide, large > 0 ? "reference" : "lp_conv2d_scaled_s8_single__helium");
        assert_string_equal(lp_choose_kernel(&program, LP_FAMILY_DEPTHWISE_CONV_2D, "reference", &depthwise, &scales, weights),
                            large > 0 ? "reference" : "lp_depthwise_conv2d_scaled_s8_single__helium");
        assert_string_equal(lp_choose_kernel(&program, LP_FAMILY_FULLY_CONNECTED, "reference", &matrix, &scales, weights),
                            large > 0 ? "reference" : "lp_fully_connected_scaled_s8_single__helium");
    }
    assert_true(lp_choice_is_packed("lp_depthwise_conv2d_scaled_s8_single__helium"));
}

static void the_dsp_extension_takes_any_scale(void **state)
{
    (void)state;
    struct lp_conv2d_s8 p = conv(3, 20);
    target.isa = LP_ISA_DSP;
    shift[3] = 2;
    expect_conv(&p, "lp_conv2d_s8__dsp");
    assert_false(lp_choice_is_packed("lp_conv2d_s8__dsp"));
    assert_true(lp_choice_is_packed("lp_conv2d_s8_single__helium"));
    assert_false(lp_choice_is_packed("lp_conv2d_s8__reference"));
    p.filter_c = 10;
    expect_conv(&p, "reference");
}

static void products_need_dense_rows_and_no_shift_to_the_left(void **state)
{
    (void)state;
    struct lp_binary p = {.rank = 2, .dims = {3, 5}, .in1_stride = {5, 1}, .in2_stride = {0, 1}, .out_shift = 0};
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MUL, "reference", &p), "lp_mul_s8_single__helium");
    program.rounding = LP_ROUNDING_DOUBLE;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MUL, "reference", &p), "lp_mul_s8_double__helium");
    p.out_shift = 1;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MUL, "reference", &p), "reference");
    p.out_shift = -5;
    p.in2_stride[1] = 0;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MUL, "reference", &p), "reference");
}

static void expect_depthwise(const struct lp_depthwise_conv2d_s8 *p, const char *symbol)
{
    assert_string_equal(lp_choose_kernel(&program, LP_FAMILY_DEPTHWISE_CONV_2D, "reference", p, &scales, weights), symbol);
}

static void depthwise_products_fit_in_pairs(void **state)
{
    (void)state;
    struct lp_depthwise_conv2d_s8 p = {
        .kernel_h = 3, .kernel_w = 3, .in_c = CHANNELS, .out_c = CHANNELS, .depth_multiplier = 1, .stride_w = 1};
    expect_depthwise(&p, "lp_depthwise_conv2d_s8_single__helium");
    weights[2 * CHANNELS + 5] = -128; /* with 127 beside it */
    expect_depthwise(&p, "lp_depthwise_conv2d_s8_single__helium");
    weights[3 * CHANNELS + 5] = -128; /* and the two by a kernel that adds no pairs */
    expect_depthwise(&p, "lp_depthwise_conv2d_spread_s8_single__helium");
    weights[3 * CHANNELS + 5] = 127;
    p.kernel_h = 1;
    p.kernel_w = LP_MAX_TAPS + 1;
    expect_depthwise(&p, "reference");
    p.kernel_w = 3;
    p.depth_multiplier = 2;
    expect_depthwise(&p, "lp_depthwise_conv2d_spread_s8_single__helium");
    shift[0] = 0;
    expect_depthwise(&p, "lp_depthwise_conv2d_spread_s8_single__helium");
    shift[0] = 1;
    expect_depthwise(&p, "reference");
}

static void others_go_by_their_strides(void **state)
{
    (void)state;
    struct lp_fully_connected_s8 f = {.in_c = 32, .out_c = 32};
    assert_string_equal(lp_choose_kernel(&program, LP_FAMILY_FULLY_CONNECTED, "reference", &f, &scales, weights),
                        "lp_fully_connected_small_s8_single__helium");
    f.in_c = 33;
    assert_string_equal(lp_choose_kernel(&program, LP_FAMILY_FULLY_CONNECTED, "reference", &f, &scales, weights),
                        "lp_fully_connected_s8_single__helium");
    struct lp_add_s8 a = {.rank = 1, .in1_stride = {1}, .in2_stride = {1}, .out_shift = -2};
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_ADD, "reference", &a), "lp_add_s8_single__helium");
    a.in2_stride[0] = 0;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_ADD, "reference", &a), "reference");
    struct lp_mean_s8 m = {.keep_stride = {0, 0, 0, 1}};
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MEAN, "reference", &m), "lp_mean_s8__helium");
    m.keep_stride[3] = 4;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MEAN, "reference", &m), "reference");
    struct lp_pool_s8 pool = {.kernel_w = LP_POOL_COLUMNS};
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_MAX_POOL, "reference", &pool), "lp_max_pool_s8__helium");
    pool.kernel_w++;
    assert_string_equal(lp_choose_plain(&program, LP_FAMILY_AVERAGE_POOL, "reference", &pool), "reference");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(convolutions_go_by_their_windows, set_up),
        cmocka_unit_test_setup(copied_windows_have_to_fit, set_up),
        cmocka_unit_test_setup(rounding_shifts_and_target_decide, set_up),
        cmocka_unit_test_setup(large_scales_have_variants, set_up),
        cmocka_unit_test_setup(the_dsp_extension_takes_any_scale, set_up),
        cmocka_unit_test_setup(products_need_dense_rows_and_no_shift_to_the_left, set_up),
        cmocka_unit_test_setup(depthwise_products_fit_in_pairs, set_up),
        cmocka_unit_test_setup(others_go_by_their_strides, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
