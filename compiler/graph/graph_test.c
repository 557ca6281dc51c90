#include "compiler/graph/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void elements_have_the_sizes_of_the_format(void **state)
{
    (void)state;
    static const struct {
        enum lp_element element;
        uint32_t bytes;
        const char *name;
    } known[] = {
        {LP_ELEMENT_INT8, 1, "int8"},   {LP_ELEMENT_UINT8, 1, "uint8"}, {LP_ELEMENT_INT16, 2, "int16"},
        {LP_ELEMENT_INT32, 4, "int32"}, {LP_ELEMENT_INT64, 8, "int64"}, {LP_ELEMENT_FLOAT32, 4, "float32"},
        {LP_ELEMENT_BOOL, 1, "bool"},
    };
    assert_int_equal(LP_COUNT(known), LP_ELEMENT_BOOL + 1);
    for (size_t i = 0; i < LP_COUNT(known); i++) {
        assert_int_equal(lp_element_bytes(known[i].element), known[i].bytes);
        assert_string_equal(lp_element_name(known[i].element), known[i].name);
    }
}

static void sizes_and_texts_follow_the_shape(void **state)
{
    (void)state;
    char text[100];
    const struct lp_tensor image = {.name = "", .element = LP_ELEMENT_INT16, .rank = 4, .dims = {1, 96, 95, 3}};
    const struct lp_tensor number = {.name = "", .element = LP_ELEMENT_INT32};
    assert_int_equal(lp_tensor_elements(&image), 96 * 95 * 3);
    assert_int_equal(lp_tensor_bytes(&image), 2 * 96 * 95 * 3);
    assert_string_equal(lp_shape_text(&image, text, sizeof text), "1x96x95x3");
    assert_int_equal(lp_tensor_elements(&number), 1);
    assert_int_equal(lp_tensor_bytes(&number), 4);
    assert_string_equal(lp_shape_text(&number, text, sizeof text), "scalar");
    /* Cut, never written beyond the buffer. */
    char small[6] = "-----";
    assert_string_equal(lp_shape_text(&image, small, 5), "1x96");
    assert_int_equal(small[5], 0);
}

static void shapes_and_scales_are_compared_whole(void **state)
{
    (void)state;
    const float scales[] = {0.5f, 0.25f};
    const float others[] = {0.5f, 0.125f};
    const int32_t zeros[] = {0, 0};
    const int32_t ones[] = {0, 1};
    struct lp_tensor a = {.name = "", .rank = 2, .dims = {2, 2}, .quant = {2, 0, scales, zeros}};
    struct lp_tensor b = a;
    assert_true(lp_tensors_same_shape(&a, &b) && lp_tensors_same_quant(&a, &b));
    b.dims[1] = 3;
    assert_false(lp_tensors_same_shape(&a, &b));
    b.rank = 1;
    assert_false(lp_tensors_same_shape(&a, &b));
    b.quant.scale = others;
    assert_false(lp_tensors_same_quant(&a, &b));
    b.quant.count = 1; /* the first scales are alike, and then the axis means nothing */
    b.quant.axis = 1;
    assert_false(lp_tensors_same_quant(&a, &b));
    a.quant.count = 1;
    assert_true(lp_tensors_same_quant(&a, &b));
    a.quant = (struct lp_quant){2, 0, scales, zeros};
    b.quant = (struct lp_quant){2, 1, scales, zeros};
    assert_false(lp_tensors_same_quant(&a, &b));
    b.quant = (struct lp_quant){2, 0, scales, ones};
    assert_false(lp_tensors_same_quant(&a, &b));
}

static void the_graph_prints_one_operator_a_line(void **state)
{
    (void)state;
    static const float scales[] = {0.5f, 0.25f};
    static const int32_t zeros[] = {-3, 0};
    static const int8_t filter[8] = {0};
    struct lp_tensor tensors[] = {
        {.name = "in", .rank = 4, .dims = {1, 3, 3, 4}, .quant = {1, 0, scales, zeros}},
        {.name = "filter", .rank = 4, .dims = {2, 1, 1, 4}, .quant = {2, 0, scales, zeros}, .data = filter},
        {.name = "middle", .rank = 4, .dims = {1, 2, 3, 2}, .quant = {1, 0, scales + 1, zeros + 1}},
        {.name = "out", .rank = 2, .dims = {1, 12}},
    };
    int32_t conv_inputs[] = {0, 1, LP_NO_TENSOR};
    int32_t index[] = {0, 1, 2, 3};
    struct lp_op ops[] = {
        {.kind = LP_OP_CONV_2D,
         .inputs = conv_inputs,
         .outputs = &index[2],
         .input_count = 3,
         .output_count = 1,
         .activation = LP_ACT_RELU,
         .as.window = {LP_PADDING_VALID, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0}},
        {.kind = LP_OP_RESHAPE,
         .source_index = 7,
         .inputs = &index[2],
         .outputs = &index[3],
         .input_count = 1,
         .output_count = 1,
         .as.reshape = {{1, -1}, 2, true}},
    };
    const struct lp_graph graph = {.tensors = tensors,
                                   .ops = ops,
                                   .inputs = index,
                                   .outputs = &index[3],
                                   .tensor_count = 4,
                                   .op_count = 2,
                                   .input_count = 1,
                                   .output_count = 1,
                                   .description = ""};
    struct lp_text text = {0};
    lp_graph_print(&graph, &text);
    assert_string_equal(lp_text_get(&text),
                        "inputs  t0:1x3x3x4:int8:0.5/-3\n"
                        "outputs t3:1x12:int8\n"
                        "0 CONV_2D t0:1x3x3x4:int8:0.5/-3 t1:2x1x1x4:int8:constant:2 scales - -> t2:1x2x3x2:int8:0.25/0"
                        " kernel=1x1 stride=2x1 dilation=1x1 padding=valid:0,0,0,0 relu  'middle'\n"
                        "7 RESHAPE t2:1x2x3x2:int8:0.25/0 -> t3:1x12:int8 shape=1,-1  'out'\n");
    lp_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_have_the_sizes_of_the_format),
        cmocka_unit_test(sizes_and_texts_follow_the_shape),
        cmocka_unit_test(shapes_and_scales_are_compared_whole),
        cmocka_unit_test(the_graph_prints_one_operator_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
