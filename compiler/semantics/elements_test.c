/* SOFTMAX, the pools, QUANTIZE and its relatives, and the copies. */
#include "compiler/semantics/one_op_test.h"

#include <math.h>

static void softmax(struct one_op *o, float beta, float scale)
{
    one_op_open(o, LP_OP_SOFTMAX);
    one_op_shape(o, 0, LP_ELEMENT_INT8, DIMS(2, 3, 5), 1.0f / 256, -128);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(2, 3, 5), scale, 20);
    o->op.as.softmax.beta = beta;
}

static void softmax_arguments(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_softmax_s8 p;
    softmax(&o, 1, 0.125f);
    assert_int_equal(lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.rows, 6);
    assert_int_equal(p.depth, 5);
    /* 0.125 * 2^26 = 2^23; 31 * 2^26 / 2^24 */
    assert_int_equal(p.multiplier, 1 << 30);
    assert_int_equal(p.shift, 24);
    assert_int_equal(p.diff_min, -124);
    one_op_close(&o);
}

static void softmax_of_huge_factors_knows_equal_inputs_only(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_softmax_s8 p;
    softmax(&o, 1000, 100);
    assert_int_equal(lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.diff_min, 0);
    assert_int_equal(lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.shift, 30);
    assert_int_equal(p.diff_min, -1);
    one_op_close(&o);
}

static void softmax_refusals(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_softmax_s8 p;
    const float senseless[] = {0, -1, NAN, 1e-9f};
    for (size_t i = 0; i < LP_COUNT(senseless); i++) {
        softmax(&o, senseless[i], 0.5f);
        one_op_expect_error(&o, lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_UNSUPPORTED, "too small");
    }
    softmax(&o, 1, 0.5f);
    o.scales[0] = 1.0f / 128;
    one_op_expect_error(&o, lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_UNSUPPORTED, "1/256");
    softmax(&o, 1, 0.5f);
    o.tensors[1].dims[2] = 4096;
    one_op_expect_error(&o, lp_softmax_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_UNSUPPORTED, "4095");
}

static void pool(struct one_op *o)
{
    one_op_open(o, LP_OP_AVERAGE_POOL_2D);
    one_op_shape(o, 0, LP_ELEMENT_INT8, DIMS(1, 2, 3, 4), 0.5f, 3);
    one_op_input(o, LP_ELEMENT_INT8, DIMS(1, 4, 6, 4), 0.5f, 3);
    o->op.as.window = (struct lp_window){
        .stride_h = 2, .stride_w = 2, .dilation_h = 1, .dilation_w = 1, .kernel_h = 2, .kernel_w = 2};
}

static void pool_arguments_and_refusals(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_pool_s8 p;
    pool(&o);
    o.op.activation = LP_ACT_RELU;
    assert_int_equal(lp_pool_params(&o.graph, &o.op, &o.diag, &p), LP_OK);
    assert_int_equal(p.in_h * 1000 + p.in_w * 100 + p.out_h * 10 + p.out_w, 4623);
    assert_int_equal(p.channels, 4);
    assert_int_equal(p.act_min, 3);
    one_op_close(&o);
    pool(&o);
    o.zero_points[0] = 4;
    one_op_expect_error(&o, lp_pool_params(&o.graph, &o.op, &o.diag, &p), LP_UNSUPPORTED, "QUANTIZE");
    pool(&o);
    o.op.as.window.pad_left = 2;
    one_op_expect_error(&o, lp_pool_params(&o.graph, &o.op, &o.diag, &p), LP_BAD_INPUT, "width");
}

static void unary(struct one_op *o, enum lp_op_kind kind, enum lp_element from, enum lp_element to)
{
    one_op_open(o, kind);
    one_op_shape(o, 0, to, DIMS(1, 6), 0.7f, 3);
    one_op_input(o, from, DIMS(1, 6), 0.3f, 1);
}

/* Both divide 0.3f by 0.7f, one of them in float32. */
static void relu_divides_in_float32_and_quantize_in_double(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_requantize_s8 p;
    /* 10066330 * 2^-25 and 11744051 * 2^-24 */
    long double exact = 10066330.0L / 2 / 11744051.0L;
    unary(&o, LP_OP_QUANTIZE, LP_ELEMENT_INT8, LP_ELEMENT_INT8);
    assert_int_equal(lp_quantize_form(&o.graph, &o.op), LP_QUANTIZE_INT8);
    assert_int_equal(lp_requantize_s8_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.shift, -1);
    assert_int_equal(p.multiplier, (int32_t)roundl(exact * 4294967296.0L));
    assert_int_equal(p.in_offset, -1);
    assert_int_equal(p.out_offset, 3);
    assert_int_equal(p.act_min, -128);
    one_op_close(&o);

    unary(&o, LP_OP_RELU6, LP_ELEMENT_INT8, LP_ELEMENT_INT8);
    assert_int_equal(lp_requantize_s8_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    /* 24 bits: between 2^-2 and 2^-1 in steps of 2^-25 */
    assert_int_equal(p.multiplier, (int32_t)roundl(exact * 33554432.0L) * 128);
    assert_int_equal(p.act_min, 3);
    assert_int_equal(p.act_max, 12);
    one_op_close(&o);
}

static void quantize_takes_all_pairs_of_integers(void **state)
{
    (void)state;
    static const enum lp_element none[] = {LP_ELEMENT_INT64, LP_ELEMENT_BOOL, LP_ELEMENT_FLOAT32};
    struct one_op o;
    struct lp_requantize p;
    for (enum lp_element from = LP_ELEMENT_INT8; from <= LP_ELEMENT_INT32; from++) {
        for (enum lp_element to = LP_ELEMENT_INT8; to <= LP_ELEMENT_INT32; to++) {
            unary(&o, LP_OP_QUANTIZE, from, to);
            assert_int_equal(lp_requantize_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
            assert_int_equal(p.in_element, from);
            assert_int_equal(p.out_element, to);
            one_op_close(&o);
        }
        for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
            unary(&o, LP_OP_QUANTIZE, from, none[i]);
            lp_status status = lp_requantize_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p);
            one_op_expect_error(&o, status, LP_UNSUPPORTED, "allowed are int8, uint8, int16 and int32");
        }
    }
}

static void floats_at_the_edges(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_quantize q;
    struct lp_dequantize d;
    unary(&o, LP_OP_QUANTIZE, LP_ELEMENT_FLOAT32, LP_ELEMENT_UINT8);
    o.tensors[1].quant.count = 0;
    assert_int_equal(lp_quantize_form(&o.graph, &o.op), LP_QUANTIZE_FLOAT);
    assert_int_equal(lp_quantize_params(&o.graph, &o.op, &o.diag, &q), LP_OK);
    assert_int_equal(q.count, 6);
    assert_true(q.scale == 0.7f);
    one_op_close(&o);
    unary(&o, LP_OP_DEQUANTIZE, LP_ELEMENT_INT16, LP_ELEMENT_FLOAT32);
    assert_int_equal(lp_dequantize_params(&o.graph, &o.op, &o.diag, &d), LP_OK);
    assert_int_equal(d.zero_point, 1);
    one_op_close(&o);
    unary(&o, LP_OP_QUANTIZE, LP_ELEMENT_FLOAT32, LP_ELEMENT_INT32);
    one_op_expect_error(&o, lp_quantize_params(&o.graph, &o.op, &o.diag, &q), LP_UNSUPPORTED, "to int32");
    unary(&o, LP_OP_DEQUANTIZE, LP_ELEMENT_INT32, LP_ELEMENT_FLOAT32);
    one_op_expect_error(&o, lp_dequantize_params(&o.graph, &o.op, &o.diag, &d), LP_UNSUPPORTED, "from int32");
}

static void copies_count_bytes(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_copy p;
    unary(&o, LP_OP_RESHAPE, LP_ELEMENT_FLOAT32, LP_ELEMENT_FLOAT32);
    assert_int_equal(lp_copy_params(&o.graph, &o.op, &o.diag, &p), LP_OK);
    assert_int_equal(p.size_bytes, 24);
    one_op_close(&o);
    unary(&o, LP_OP_SQUEEZE, LP_ELEMENT_INT8, LP_ELEMENT_INT8);
    o.tensors[0].dims[1] = 7;
    one_op_expect_error(&o, lp_copy_params(&o.graph, &o.op, &o.diag, &p), LP_BAD_INPUT, "6 elements of int8");
}

/* Shape operands are instructions, not data; a constant summand is data. */
static void constants_are_data_operands(void **state)
{
    (void)state;
    static const int32_t words[8];
    struct one_op o;
    unary(&o, LP_OP_RESHAPE, LP_ELEMENT_INT8, LP_ELEMENT_INT8);
    one_op_input(&o, LP_ELEMENT_INT32, DIMS(2), 0, 0)->data = words;
    assert_int_equal(lp_op_constants_bytes(&o.graph, &o.op), 0);
    assert_int_equal(lp_op_macs(&o.graph, &o.op), 0);
    unary(&o, LP_OP_ADD, LP_ELEMENT_INT8, LP_ELEMENT_INT8);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(6), 1, 0)->data = words;
    assert_int_equal(lp_op_constants_bytes(&o.graph, &o.op), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softmax_arguments),
        cmocka_unit_test(softmax_of_huge_factors_knows_equal_inputs_only),
        cmocka_unit_test(softmax_refusals),
        cmocka_unit_test(pool_arguments_and_refusals),
        cmocka_unit_test(relu_divides_in_float32_and_quantize_in_double),
        cmocka_unit_test(quantize_takes_all_pairs_of_integers),
        cmocka_unit_test(floats_at_the_edges),
        cmocka_unit_test(copies_count_bytes),
        cmocka_unit_test(constants_are_data_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
