/* What stands in a .tflite arrives in the graph: every operator with every option, constants wherever they lie, operator codes
 * in the old and the new form. The files come from a writer that shares no code with the reader. */
#include "tests/support/import_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check_window(const struct lp_op *op, enum lp_padding padding, int32_t stride_h, int32_t stride_w, int32_t dilation_h,
                         int32_t dilation_w)
{
    assert_int_equal(op->as.window.padding, padding);
    assert_int_equal(op->as.window.stride_h, stride_h);
    assert_int_equal(op->as.window.stride_w, stride_w);
    assert_int_equal(op->as.window.dilation_h, dilation_h);
    assert_int_equal(op->as.window.dilation_w, dilation_w);
}

static void convolutions_arrive_with_all_options(void **state)
{
    (void)state;
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_CONV_2D, 1, 2);
    import_bench_option(op, 0, 1, 1);
    import_bench_option(op, 1, 4, 2);
    import_bench_option(op, 2, 4, 3);
    import_bench_option(op, 3, 1, 3);
    import_bench_option(op, 4, 4, 5);
    import_bench_option(op, 5, 4, 4);
    const struct lp_op *found = import_bench_take(&b, LP_OP_CONV_2D);
    check_window(found, LP_PADDING_VALID, 3, 2, 4, 5);
    assert_int_equal(found->activation, LP_ACT_RELU6);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_DEPTHWISE_CONV_2D, 2, 2);
    import_bench_option(op, 0, 1, 1);
    import_bench_option(op, 1, 4, 2);
    import_bench_option(op, 2, 4, 3);
    import_bench_option(op, 3, 4, 77); /* the depth multiplier, which follows from the shapes */
    import_bench_option(op, 4, 1, 1);
    import_bench_option(op, 5, 4, 5);
    import_bench_option(op, 6, 4, 4);
    found = import_bench_take(&b, LP_OP_DEPTHWISE_CONV_2D);
    check_window(found, LP_PADDING_VALID, 3, 2, 4, 5);
    assert_int_equal(found->activation, LP_ACT_RELU);
    import_bench_end(&b);
}

static void absent_options_have_the_defaults_of_the_format(void **state)
{
    (void)state;
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_CONV_2D, 1, 2);
    import_bench_option(op, 1, 4, 1);
    import_bench_option(op, 2, 4, 1);
    const struct lp_op *found = import_bench_take(&b, LP_OP_CONV_2D);
    check_window(found, LP_PADDING_SAME, 1, 1, 1, 1);
    assert_int_equal(found->activation, LP_ACT_NONE);
    import_bench_end(&b);
    (void)import_bench_begin(&b, CODE_MEAN, 0, 2); /* not even a table of options */
    assert_false(import_bench_take(&b, LP_OP_MEAN)->as.reduce.keep_dims);
    import_bench_end(&b);
    (void)import_bench_begin(&b, CODE_RESHAPE, 0, 2);
    assert_false(import_bench_take(&b, LP_OP_RESHAPE)->as.reshape.given);
    import_bench_end(&b);
    (void)import_bench_begin(&b, CODE_SQUEEZE, 0, 1);
    assert_int_equal(import_bench_take(&b, LP_OP_SQUEEZE)->as.squeeze.count, 0);
    import_bench_end(&b);
}

static void pools_arrive_with_all_options(void **state)
{
    (void)state;
    static const struct {
        int32_t code;
        enum lp_op_kind kind;
    } pools[] = {{CODE_AVERAGE_POOL_2D, LP_OP_AVERAGE_POOL_2D}, {CODE_MAX_POOL_2D, LP_OP_MAX_POOL_2D}};
    for (size_t i = 0; i < LP_COUNT(pools); i++) {
        struct import_bench b;
        struct lp_tw_op *op = import_bench_begin(&b, pools[i].code, 5, 1);
        import_bench_option(op, 0, 1, 1);
        import_bench_option(op, 1, 4, 2);
        import_bench_option(op, 2, 4, 3);
        import_bench_option(op, 3, 4, 5);
        import_bench_option(op, 4, 4, 4);
        import_bench_option(op, 5, 1, 2);
        const struct lp_op *found = import_bench_take(&b, pools[i].kind);
        check_window(found, LP_PADDING_VALID, 3, 2, 1, 1);
        assert_int_equal(found->as.window.kernel_h, 4);
        assert_int_equal(found->as.window.kernel_w, 5);
        assert_int_equal(found->activation, LP_ACT_RELU_N1_TO_1);
        import_bench_end(&b);
    }
}

static void dense_operators_arrive_with_all_options(void **state)
{
    (void)state;
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_FULLY_CONNECTED, 8, 2);
    import_bench_option(op, 0, 1, 1);
    import_bench_option(op, 1, 1, 0);
    import_bench_option(op, 2, 1, 1);
    const struct lp_op *found = import_bench_take(&b, LP_OP_FULLY_CONNECTED);
    assert_true(found->as.fully_connected.keep_num_dims);
    assert_int_equal(found->activation, LP_ACT_RELU);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_ADD, 11, 2);
    import_bench_option(op, 0, 1, 3);
    assert_int_equal(import_bench_take(&b, LP_OP_ADD)->activation, LP_ACT_RELU6);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_SOFTMAX, 9, 1);
    import_bench_option(op, 0, 4, lp_tw_float_bits(0.75f));
    assert_true(import_bench_take(&b, LP_OP_SOFTMAX)->as.softmax.beta == 0.75f);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_MEAN, 27, 2);
    import_bench_option(op, 0, 1, 1);
    assert_true(import_bench_take(&b, LP_OP_MEAN)->as.reduce.keep_dims);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_GELU, 116, 1);
    import_bench_option(op, 0, 1, 1);
    assert_true(import_bench_take(&b, LP_OP_GELU)->as.gelu.is_approximate);
    import_bench_end(&b);
}

static void operators_without_options_arrive(void **state)
{
    (void)state;
    static const struct {
        int32_t code;
        enum lp_op_kind kind;
        uint8_t options_type;
        uint32_t input_count;
    } plain[] = {{CODE_RELU, LP_OP_RELU, 0, 1},
                 {CODE_RELU6, LP_OP_RELU6, 0, 1},
                 {CODE_PAD, LP_OP_PAD, 22, 2},
                 {CODE_EXPAND_DIMS, LP_OP_EXPAND_DIMS, 52, 2},
                 {CODE_QUANTIZE, LP_OP_QUANTIZE, 89, 1}};
    for (size_t i = 0; i < LP_COUNT(plain); i++) {
        struct import_bench b;
        (void)import_bench_begin(&b, plain[i].code, plain[i].options_type, plain[i].input_count);
        assert_int_equal(import_bench_take(&b, plain[i].kind)->input_count, plain[i].input_count);
        import_bench_end(&b);
    }
}

/* Float data at the edges: a float input is quantized, a float output dequantized, and bytes may be moved between. */
static void float_edges_are_taken(void **state)
{
    (void)state;
    static const struct {
        int32_t code;
        enum lp_op_kind kind;
        enum lp_element in, out;
    } edges[] = {{CODE_QUANTIZE, LP_OP_QUANTIZE, LP_ELEMENT_FLOAT32, LP_ELEMENT_INT8},
                 {CODE_QUANTIZE, LP_OP_QUANTIZE, LP_ELEMENT_UINT8, LP_ELEMENT_INT8},
                 {CODE_DEQUANTIZE, LP_OP_DEQUANTIZE, LP_ELEMENT_INT8, LP_ELEMENT_FLOAT32},
                 {CODE_RESHAPE, LP_OP_RESHAPE, LP_ELEMENT_FLOAT32, LP_ELEMENT_FLOAT32}};
    static const int32_t zero;
    for (size_t i = 0; i < LP_COUNT(edges); i++) {
        struct import_bench b;
        (void)import_bench_begin(&b, edges[i].code, 0, 1);
        for (int t = 0; t < 2; t++) {
            b.file.tensors[t].element = t == 0 ? edges[i].in : edges[i].out;
            b.file.tensors[t].zero_points = &zero; /* float tensors with a scale exist, and it means nothing */
        }
        (void)import_bench_take(&b, edges[i].kind);
        for (int t = 0; t < 2; t++)
            assert_int_equal(b.graph->tensors[t].quant.count, b.graph->tensors[t].element == LP_ELEMENT_FLOAT32 ? 0 : 1);
        import_bench_end(&b);
    }
}

static void names_shapes_and_scales_arrive(void **state)
{
    (void)state;
    static const float scales[] = {0.5f, 0.25f, 0.125f};
    static const int32_t zeros[] = {0, 0, 0};
    const int32_t dims[] = {3, 1, 1, 2};
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_CONV_2D, 1, 3);
    int32_t filter = lp_tw_add_tensor(&b.file, "filter", LP_ELEMENT_INT8, 4, dims, NULL, NULL);
    int32_t number = lp_tw_add_tensor(&b.file, "", LP_ELEMENT_INT32, 0, dims, NULL, NULL);
    lp_tw_set_channel_scales(&b.file, filter, scales, zeros, 3, 0);
    lp_tw_set_data(&b.file, filter, "abcdef", 6);
    lp_tw_set_data(&b.file, number, "\1\0\0\0", 4);
    op->inputs[1] = filter;
    op->inputs[2] = LP_NO_TENSOR;
    (void)import_bench_take(&b, LP_OP_CONV_2D);
    const struct lp_tensor *in = lp_op_input(b.graph, &b.graph->ops[0], 0);
    assert_string_equal(in->name, "input");
    assert_true(in->rank == 4 && in->dims[0] == 1 && in->dims[1] == 4 && in->dims[2] == 4 && in->dims[3] == 2);
    assert_true(in->quant.count == 1 && in->quant.scale[0] == 0.5f && in->quant.zero_point[0] == -3);
    assert_null(in->data);
    const struct lp_tensor *f = lp_op_input(b.graph, &b.graph->ops[0], 1);
    assert_true(f->quant.count == 3 && f->quant.axis == 0 && f->quant.scale[2] == 0.125f && f->quant.zero_point[2] == 0);
    assert_memory_equal(f->data, "abcdef", 6);
    assert_null(lp_op_input(b.graph, &b.graph->ops[0], 2));
    assert_string_equal(b.graph->description, "made by a test");
    assert_int_equal(b.graph->tensors[filter].source_index, filter);
    assert_int_equal(b.graph->input_count, 3);
    assert_int_equal(b.graph->inputs[2], 2);
    assert_int_equal(b.graph->outputs[0], 3);
    import_bench_end(&b);
}

static void shape_lists_arrive(void **state)
{
    (void)state;
    static const int32_t axes[] = {1, 1, 2, -1};
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_SQUEEZE, 30, 1);
    op->list = axes;
    op->list_count = 4;
    const struct lp_op *found = import_bench_take(&b, LP_OP_SQUEEZE);
    assert_int_equal(found->as.squeeze.count, 4);
    assert_memory_equal(found->as.squeeze.axes, axes, sizeof axes);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_RESHAPE, 17, 1);
    op->list = axes + 2;
    op->list_count = 2;
    found = import_bench_take(&b, LP_OP_RESHAPE);
    assert_true(found->as.reshape.given && found->as.reshape.rank == 2);
    assert_memory_equal(found->as.reshape.dims, axes + 2, 8);
    import_bench_end(&b);
    op = import_bench_begin(&b, CODE_RESHAPE, 17, 1);
    op->list = axes;
    found = import_bench_take(&b, LP_OP_RESHAPE); /* a number without dimensions: the list is there and empty */
    assert_true(found->as.reshape.given && found->as.reshape.rank == 0);
    import_bench_end(&b);
}

/* Values behind the FlatBuffer, at a place that is not aligned for them. */
static void constants_behind_the_tables_arrive_aligned(void **state)
{
    (void)state;
    static const int32_t numbers[] = {3, -70000, 2147483647, 11};
    const int32_t dims[] = {2, 2};
    struct import_bench b;
    struct lp_tw_op *op = import_bench_begin(&b, CODE_PAD, 22, 2);
    int32_t shape = lp_tw_add_tensor(&b.file, "shape", LP_ELEMENT_INT32, 2, dims, NULL, NULL);
    lp_tw_set_data(&b.file, shape, numbers, sizeof numbers);
    b.file.tensors[shape].lies_behind = 1;
    op->inputs[1] = shape;
    (void)import_bench_take(&b, LP_OP_PAD);
    const void *data = b.graph->tensors[shape].data;
    assert_int_equal((uintptr_t)data % 4, 0);
    assert_memory_equal(data, numbers, sizeof numbers);
    import_bench_end(&b);
}

static void what_nobody_needs_is_passed_over(void **state)
{
    (void)state;
    struct import_bench b;
    struct lp_text plain = {0};
    struct lp_text decorated = {0};
    (void)import_bench_begin(&b, CODE_RELU, 0, 1);
    (void)import_bench_take(&b, LP_OP_RELU);
    lp_graph_print(b.graph, &plain);
    import_bench_end(&b);
    (void)import_bench_begin(&b, CODE_RELU, 0, 1);
    b.file.has_metadata = 1;
    /* A string that no operator reads. */
    const int32_t dims[] = {0};
    int32_t t = lp_tw_add_tensor(&b.file, "left behind", LP_ELEMENT_INT8, 1, dims, NULL, NULL);
    b.file.tensors[t].other_type = 5;
    (void)import_bench_take(&b, LP_OP_RELU);
    lp_graph_print(b.graph, &decorated);
    import_bench_end(&b);
    assert_string_equal(lp_text_get(&plain), lp_text_get(&decorated));
    lp_text_free(&plain);
    lp_text_free(&decorated);
}

static void codes_in_either_field_count(void **state)
{
    (void)state;
    struct import_bench b;
    import_bench_begin(&b, CODE_QUANTIZE, 0, 1)->has_only_old_code = 1;
    (void)import_bench_take(&b, LP_OP_QUANTIZE);
    import_bench_end(&b);
    import_bench_begin(&b, CODE_QUANTIZE, 0, 1)->has_only_new_code = 1;
    (void)import_bench_take(&b, LP_OP_QUANTIZE);
    import_bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_arrive_with_all_options),
        cmocka_unit_test(absent_options_have_the_defaults_of_the_format),
        cmocka_unit_test(pools_arrive_with_all_options),
        cmocka_unit_test(dense_operators_arrive_with_all_options),
        cmocka_unit_test(operators_without_options_arrive),
        cmocka_unit_test(float_edges_are_taken),
        cmocka_unit_test(names_shapes_and_scales_arrive),
        cmocka_unit_test(shape_lists_arrive),
        cmocka_unit_test(constants_behind_the_tables_arrive_aligned),
        cmocka_unit_test(what_nobody_needs_is_passed_over),
        cmocka_unit_test(codes_in_either_field_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
