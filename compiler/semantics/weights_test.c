/* CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: arguments, scales, and what is refused. */
#include "compiler/semantics/one_op_test.h"

static int8_t weights[4096];
static int32_t biases[64];

/* 1x5x6x4 -> 1x3x3x6 by 3x3 with stride 2, padded by 1 */
static void conv2d(struct one_op *o)
{
    memset(weights, 1, sizeof weights);
    memset(biases, 0, sizeof biases);
    one_op_open(o, LP_OP_CONV_2D);
    one_op_shape(o, 0, LP_ELEMENT_INT8, DIMS(1, 3, 3, 6), 0.25f, 7);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(1, 5, 6, 4), 0.5f, -3);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(6, 3, 3, 4), 0.125f, 0)->data = weights;
    one_op_input(o, LP_ELEMENT_INT32, DIMS(6), 0, 0)->data = biases;
    o->op.as.window = (struct lp_window){.padding = LP_PADDING_SAME,
                                         .stride_h = 2,
                                         .stride_w = 2,
                                         .dilation_h = 1,
                                         .dilation_w = 1,
                                         .kernel_h = 3,
                                         .kernel_w = 3,
                                         .pad_top = 1,
                                         .pad_left = 1,
                                         .pad_bottom = 1,
                                         .pad_right = 0};
}

static lp_status conv2d_params(struct one_op *o, struct lp_conv2d_s8 *out, struct lp_channel_scales *scales)
{
    return lp_conv2d_params(&o->graph, &o->op, LP_ROUNDING_SINGLE, &o->arena, &o->diag, out, scales);
}

static void conv2d_arguments(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_conv2d_s8 p;
    struct lp_channel_scales scales;
    conv2d(&o);
    o.op.activation = LP_ACT_RELU;
    assert_int_equal(conv2d_params(&o, &p, &scales), LP_OK);
    assert_null(p.in);
    assert_null(p.weight);
    assert_int_equal(p.in_h * 100 + p.in_w * 10 + p.in_c, 564);
    assert_int_equal(p.out_h * 100 + p.out_w * 10 + p.out_c, 336);
    assert_int_equal(p.filter_c, 4);
    assert_int_equal(p.in_offset, 3);
    assert_int_equal(p.pad_value, 0);
    assert_int_equal(p.out_offset, 7);
    assert_int_equal(p.stride_w * 10 + p.pad_top, 21);
    assert_int_equal(p.act_min, 7);
    assert_int_equal(p.per_channel, 0);
    assert_int_equal(scales.count, 1);
    /* 0.5 * 0.125 / 0.25 = 2^-2 */
    assert_int_equal(scales.multiplier[0], 1 << 30);
    assert_int_equal(scales.shift[0], -1);
    assert_int_equal(lp_op_macs(&o.graph, &o.op), 3 * 3 * 6 * 3 * 3 * 4);
    assert_int_equal(lp_op_constants_bytes(&o.graph, &o.op), 6 * 3 * 3 * 4 + 6 * 4);
    one_op_close(&o);
}

static void a_scale_per_channel(void **state)
{
    (void)state;
    static const float scale[6] = {0.125f, 0.25f, 0.5f, 1, 2, 4};
    static const int32_t zero[6] = {0};
    struct one_op o;
    struct lp_conv2d_s8 p;
    struct lp_channel_scales scales;
    conv2d(&o);
    o.tensors[2].quant = (struct lp_quant){.count = 6, .axis = 0, .scale = scale, .zero_point = zero};
    assert_int_equal(conv2d_params(&o, &p, &scales), LP_OK);
    assert_int_equal(p.per_channel, 1);
    assert_int_equal(scales.count, 6);
    for (int c = 0; c < 6; c++)
        assert_int_equal(scales.shift[c], c - 1);
    one_op_close(&o);

    conv2d(&o);
    o.tensors[2].quant = (struct lp_quant){.count = 6, .axis = 3, .scale = scale, .zero_point = zero};
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), LP_UNSUPPORTED, "along dimension 3");
    conv2d(&o);
    o.tensors[2].quant = (struct lp_quant){.count = 5, .axis = 0, .scale = scale, .zero_point = zero};
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), LP_UNSUPPORTED, "5 scales");
}

static void conv2d_refusals(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_conv2d_s8 p;
    struct lp_channel_scales scales;
#define REFUSED(change, status, words) \
    conv2d(&o);                        \
    change;                            \
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), status, words)

    REFUSED(o.tensors[1].element = LP_ELEMENT_FLOAT32, LP_UNSUPPORTED, "input is float32");
    REFUSED(o.tensors[0].element = LP_ELEMENT_INT16, LP_UNSUPPORTED, "output is int16");
    REFUSED(o.tensors[1].quant.count = 0, LP_UNSUPPORTED, "input has 0 scales");
    REFUSED(o.scales[1] = -1, LP_BAD_INPUT, "scale -1");
    REFUSED(o.zero_points[0] = 128, LP_BAD_INPUT, "zero point 128");
    REFUSED(o.zero_points[2] = 1, LP_UNSUPPORTED, "zero point of channel 0 is 1");
    REFUSED(o.tensors[2].data = NULL, LP_UNSUPPORTED, "filter is computed at run time");
    REFUSED(o.tensors[3].data = NULL, LP_UNSUPPORTED, "bias is computed at run time");
    REFUSED(o.tensors[3].element = LP_ELEMENT_INT64, LP_UNSUPPORTED, "bias is int64");
    REFUSED(o.tensors[3].dims[0] = 5, LP_BAD_INPUT, "5 elements for 6");
    REFUSED(o.tensors[1].rank = 3, LP_UNSUPPORTED, "3 dimensions");
    REFUSED(o.tensors[2].dims[3] = 3, LP_BAD_INPUT, "4 input channels");
    REFUSED(o.op.as.window.stride_h = 0, LP_UNSUPPORTED, "stride 0");
    REFUSED(o.op.as.window.dilation_w = 65536, LP_UNSUPPORTED, "dilation 65536");
    REFUSED(o.op.as.window.pad_top = 3, LP_BAD_INPUT, "outside");
    REFUSED(o.op.as.window.stride_w = 4, LP_BAD_INPUT, "outside");
#undef REFUSED
}

static void a_sum_that_can_overflow_names_its_channel(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_conv2d_s8 p;
    struct lp_channel_scales scales;
    conv2d(&o);
    biases[4] = INT32_MIN + 36 * 256;
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), LP_UNSUPPORTED, "channel 4");
    conv2d(&o);
    biases[4] = INT32_MAX - 36 * 256;
    assert_int_equal(conv2d_params(&o, &p, &scales), LP_OK);
    one_op_close(&o);
    conv2d(&o);
    biases[4] = INT32_MAX - 36 * 256;
    weights[4 * 36 + 35] = -2;
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), LP_UNSUPPORTED, "channel 4");
}

static void groups_divide_the_filters(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_conv2d_s8 p;
    struct lp_channel_scales scales;
    conv2d(&o);
    o.tensors[2].dims[3] = 2;
    assert_int_equal(conv2d_params(&o, &p, &scales), LP_OK);
    assert_int_equal(p.filter_c, 2);
    one_op_close(&o);
    conv2d(&o);
    o.tensors[2].dims[3] = 1; /* 4 groups, 6 filters */
    one_op_expect_error(&o, conv2d_params(&o, &p, &scales), LP_BAD_INPUT, "evenly");
}

/* Filters of a depthwise convolution lie interleaved: the sum of channel 1 is that of every other weight. */
static void depthwise_arguments(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_depthwise_conv2d_s8 p;
    struct lp_channel_scales scales;
    for (int round = 0; round < 2; round++) {
        conv2d(&o);
        o.op.kind = LP_OP_DEPTHWISE_CONV_2D;
        one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1, 3, 3, 8), 0.25f, 7);
        one_op_shape(&o, 2, LP_ELEMENT_INT8, DIMS(1, 3, 3, 8), 0.125f, 0)->data = weights;
        one_op_shape(&o, 3, LP_ELEMENT_INT32, DIMS(8), 0, 0)->data = biases;
        for (int i = 0; i < 9; i++)
            weights[i * 8 + 1] = 100;
        biases[1] = INT32_MAX - 9 * 100 * 256 + round;
        lp_status status = lp_depthwise_conv2d_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.arena, &o.diag, &p, &scales);
        if (round == 0) {
            assert_int_equal(status, LP_OK);
            assert_int_equal(p.depth_multiplier, 2);
            assert_int_equal(p.rounding, LP_ROUNDING_DOUBLE);
            assert_int_equal(lp_op_macs(&o.graph, &o.op), 3 * 3 * 8 * 9);
            one_op_close(&o);
        } else {
            one_op_expect_error(&o, status, LP_UNSUPPORTED, "channel 1");
        }
    }
}

static void fully_connected(struct one_op *o, float in_scale, float filter_scale, float out_scale)
{
    memset(weights, 1, sizeof weights);
    one_op_open(o, LP_OP_FULLY_CONNECTED);
    one_op_shape(o, 0, LP_ELEMENT_INT8, DIMS(2, 5, 3), out_scale, 0);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(2, 5, 8), in_scale, 0);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(3, 8), filter_scale, 0)->data = weights;
}

/* Scales chosen so that the product in float32 gives another multiplier than the one in double. */
static void fully_connected_multiplies_scales_in_float32(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_fully_connected_s8 p;
    struct lp_channel_scales scales;
    const float in = 0.1f, filter = 0.3f, out = 0.7f;
    fully_connected(&o, in, filter, out);
    lp_status status = lp_fully_connected_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.arena, &o.diag, &p, &scales);
    assert_int_equal(status, LP_OK);
    assert_int_equal(p.batches, 10);
    assert_int_equal(p.in_c, 8);
    assert_int_equal(p.out_c, 3);
    /* 0.1f = 13421773 * 2^-27, 0.3f = 10066330 * 2^-25, their product has 47 bits and is rounded to 24: 16106128 * 2^-29;
     * 0.7f = 11744051 * 2^-24; the quotient times 2^(31 + 4) is the multiplier. */
    long double quotient = 16106128.0L / 536870912 / (11744051.0L / 16777216);
    assert_int_equal(scales.shift[0], -4);
    assert_int_equal(scales.multiplier[0], (int32_t)(quotient * 34359738368.0L + 0.5L));
    one_op_close(&o);
}

static void fully_connected_refusals(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_fully_connected_s8 p;
    struct lp_channel_scales scales;
    fully_connected(&o, 1, 1, 1);
    o.tensors[1].dims[2] = 7;
    one_op_expect_error(&o, lp_fully_connected_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.arena, &o.diag, &p, &scales),
                        LP_BAD_INPUT, "whole rows of 8");
    fully_connected(&o, 1e20f, 1e20f, 1);
    one_op_expect_error(&o, lp_fully_connected_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.arena, &o.diag, &p, &scales),
                        LP_UNSUPPORTED, "factor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv2d_arguments),
        cmocka_unit_test(a_scale_per_channel),
        cmocka_unit_test(conv2d_refusals),
        cmocka_unit_test(a_sum_that_can_overflow_names_its_channel),
        cmocka_unit_test(groups_divide_the_filters),
        cmocka_unit_test(depthwise_arguments),
        cmocka_unit_test(fully_connected_multiplies_scales_in_float32),
        cmocka_unit_test(fully_connected_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
