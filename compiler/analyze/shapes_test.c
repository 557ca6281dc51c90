#include "compiler/analyze/shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* One operator with its tensors: inputs first, the output last. */
struct bench {
    struct lp_graph graph;
    struct lp_tensor tensors[4];
    struct lp_op op;
    int32_t input_list[3], output_list[1];
    struct lp_diag diag;
};

static struct lp_tensor tensor(const char *name, uint32_t rank, const int32_t *dims)
{
    struct lp_tensor t = {.name = name, .element = LP_ELEMENT_INT8, .rank = (uint8_t)rank, .source_index = -1};
    for (uint32_t i = 0; i < rank; i++)
        t.dims[i] = dims[i];
    return t;
}

#define DIMS(...)                                                                     \
    (uint32_t)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]) \
    {                                                                                 \
        __VA_ARGS__                                                                   \
    }

static void begin(struct bench *b, enum lp_op_kind kind, uint32_t rank, const int32_t *dims)
{
    memset(b, 0, sizeof *b);
    b->op = (struct lp_op){
        .kind = kind, .source_index = 7, .inputs = b->input_list, .outputs = b->output_list, .input_count = 1, .output_count = 1};
    b->tensors[0] = tensor("in", rank, dims);
    b->tensors[3] = tensor("result", 0, NULL);
    b->output_list[0] = 3;
    b->graph = (struct lp_graph){.tensors = b->tensors, .ops = &b->op, .tensor_count = 4, .op_count = 1, .description = ""};
    b->op.as.window = (struct lp_window){.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
}

static struct lp_tensor *add_input(struct bench *b, uint32_t rank, const int32_t *dims)
{
    uint32_t i = b->op.input_count++;
    b->input_list[i] = (int32_t)i;
    b->tensors[i] = tensor("operand", rank, dims);
    return &b->tensors[i];
}

static void add_constant(struct bench *b, int32_t count, const int32_t *values)
{
    struct lp_tensor *t = add_input(b, DIMS(count));
    t->element = LP_ELEMENT_INT32;
    t->data = values;
}

#define CONSTANT(b, ...) \
    add_constant((b), (int32_t)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]){__VA_ARGS__})

static void expect_shape(struct bench *b, uint32_t rank, const int32_t *dims)
{
    lp_status status = lp_analyze_shapes(&b->graph, &b->diag);
    assert_string_equal(lp_text_get(&b->diag.errors), "");
    assert_int_equal(status, LP_OK);
    assert_int_equal(b->tensors[3].rank, rank);
    for (uint32_t i = 0; i < rank; i++)
        assert_int_equal(b->tensors[3].dims[i], dims[i]);
    lp_diag_free(&b->diag);
}

/* One error, of that status, that names the operator and contains `part`. */
static void expect_error(struct bench *b, lp_status status, const char *part)
{
    assert_int_equal(lp_analyze_shapes(&b->graph, &b->diag), status);
    assert_int_equal(b->diag.error_count, 1);
    const char *text = lp_text_get(&b->diag.errors);
    assert_non_null(strstr(text, "operator 7 ("));
    assert_non_null(strstr(text, " 'result'): "));
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in: %s", part, text);
    lp_diag_free(&b->diag);
}

static void begin_conv(struct bench *b, enum lp_padding padding, int32_t stride, int32_t dilation)
{
    begin(b, LP_OP_CONV_2D, DIMS(1, 49, 10, 4));
    add_input(b, DIMS(64, 10, 4, 4));
    b->op.as.window = (struct lp_window){
        .padding = padding, .stride_h = stride, .stride_w = stride, .dilation_h = dilation, .dilation_w = dilation};
}

static void expect_pads(const struct bench *b, int32_t top, int32_t bottom, int32_t left, int32_t right)
{
    const struct lp_window *w = &b->op.as.window;
    assert_int_equal(w->pad_top, top);
    assert_int_equal(w->pad_bottom, bottom);
    assert_int_equal(w->pad_left, left);
    assert_int_equal(w->pad_right, right);
}

/* Expected values by hand: ceil(49 / 2) = 25, padding 24 * 2 + 10 - 49 = 9, split 4 and 5. */
static void conv_shapes_and_padding(void **state)
{
    (void)state;
    struct bench b;
    begin_conv(&b, LP_PADDING_SAME, 2, 1);
    expect_shape(&b, DIMS(1, 25, 5, 64));
    expect_pads(&b, 4, 5, 1, 1);
    assert_int_equal(b.op.as.window.kernel_h, 10);
    assert_int_equal(b.op.as.window.kernel_w, 4);
    begin_conv(&b, LP_PADDING_VALID, 2, 1);
    expect_shape(&b, DIMS(1, 20, 4, 64));
    expect_pads(&b, 0, 0, 0, 0);
    begin_conv(&b, LP_PADDING_SAME, 1, 3);
    expect_shape(&b, DIMS(1, 49, 10, 64));
    expect_pads(&b, 13, 14, 4, 5);
    begin_conv(&b, LP_PADDING_VALID, 1, 3);
    expect_shape(&b, DIMS(1, 22, 1, 64));
    begin_conv(&b, LP_PADDING_EXPLICIT, 3, 1);
    b.op.as.window.pad_top = 2;
    b.op.as.window.pad_right = 1;
    expect_shape(&b, DIMS(1, 14, 3, 64));
    expect_pads(&b, 2, 0, 0, 1);
    /* A stride larger than the kernel needs no padding: the formula's total is negative. */
    begin(&b, LP_OP_MAX_POOL_2D, DIMS(2, 7, 9, 3));
    b.op.as.window = (struct lp_window){
        .stride_h = 4, .stride_w = 5, .dilation_h = 1, .dilation_w = 1, .kernel_h = 1, .kernel_w = 2};
    expect_shape(&b, DIMS(2, 2, 2, 3));
    expect_pads(&b, 0, 0, 0, 0);
}

static void conv_rejects_wrong_channels(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_CONV_2D, DIMS(1, 8, 8, 6));
    add_input(&b, DIMS(4, 1, 1, 3));
    b.op.as.window = (struct lp_window){.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    expect_shape(&b, DIMS(1, 8, 8, 4)); /* two groups */
    b.tensors[3].rank = 0;
    b.tensors[1].dims[0] = 5;
    expect_error(&b, LP_BAD_INPUT, "6 channels, its 5 filters have 3 each");
    b.tensors[1].dims[0] = 4;
    b.tensors[1].dims[3] = 4;
    expect_error(&b, LP_BAD_INPUT, "have 4 each");
    b.tensors[1].dims[3] = 6;
    add_input(&b, DIMS(3));
    expect_error(&b, LP_BAD_INPUT, "its bias has 3 values for 4 output channels");
    b.input_list[2] = LP_NO_TENSOR;
    expect_shape(&b, DIMS(1, 8, 8, 4));
    b.tensors[1].rank = 3;
    expect_error(&b, LP_BAD_INPUT, "its filter has the shape 4x1x1 (3 dimensions); it has to have 4");
    b.tensors[0].rank = 2;
    expect_error(&b, LP_BAD_INPUT, "its input has the shape 1x8 (2 dimensions)");
}

static void depthwise_multiplier(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_DEPTHWISE_CONV_2D, DIMS(1, 5, 5, 3));
    add_input(&b, DIMS(1, 3, 3, 6));
    b.op.as.window = (struct lp_window){
        .padding = LP_PADDING_VALID, .stride_h = 1, .stride_w = 2, .dilation_h = 1, .dilation_w = 1};
    expect_shape(&b, DIMS(1, 3, 2, 6));
    b.tensors[1].dims[3] = 7;
    expect_error(&b, LP_BAD_INPUT, "makes 7 channels of 3");
    b.tensors[1].dims[0] = 2;
    expect_error(&b, LP_BAD_INPUT, "first dimension of its filter is 2");
}

static void hostile_windows(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        const char *what;
    } members[] = {
        {offsetof(struct lp_window, stride_h), "stride in height"},
        {offsetof(struct lp_window, stride_w), "stride in width"},
        {offsetof(struct lp_window, dilation_h), "dilation in height"},
        {offsetof(struct lp_window, dilation_w), "dilation in width"},
        {offsetof(struct lp_window, kernel_h), "kernel's height"},
        {offsetof(struct lp_window, kernel_w), "kernel's width"},
    };
    static const int32_t values[] = {0, -1, INT32_MIN, 65536, INT32_MAX};
    for (size_t m = 0; m < LP_COUNT(members); m++)
        for (size_t v = 0; v < LP_COUNT(values); v++) {
            struct bench b;
            begin(&b, LP_OP_AVERAGE_POOL_2D, DIMS(1, 8, 8, 2));
            b.op.as.window.kernel_h = b.op.as.window.kernel_w = 2;
            memcpy((char *)&b.op.as.window + members[m].offset, &values[v], sizeof values[v]);
            expect_error(&b, LP_BAD_INPUT, members[m].what);
        }
    struct bench b;
    begin(&b, LP_OP_AVERAGE_POOL_2D, DIMS(1, 8, 8, 2));
    b.op.as.window = (struct lp_window){.padding = LP_PADDING_VALID,
                                        .stride_h = 65535,
                                        .stride_w = 65535,
                                        .dilation_h = 65535,
                                        .dilation_w = 65535,
                                        .kernel_h = 65535,
                                        .kernel_w = 1};
    expect_error(&b, LP_BAD_INPUT, "covers 4294770691 values in height, but its input has 8");
    b.op.as.window.padding = LP_PADDING_SAME;
    expect_error(&b, LP_BAD_INPUT, "it pads height by 4294770683");
    b.op.as.window = (struct lp_window){.padding = LP_PADDING_EXPLICIT,
                                        .stride_h = 1,
                                        .stride_w = 1,
                                        .dilation_h = 1,
                                        .dilation_w = 1,
                                        .kernel_h = 1,
                                        .kernel_w = 1,
                                        .pad_left = -1};
    expect_error(&b, LP_BAD_INPUT, "padding in width is -1 and 0");
    b.op.as.window.pad_left = INT32_MAX;
    b.op.as.window.pad_right = INT32_MAX;
    expect_error(&b, LP_BAD_INPUT, "it pads width by 4294967294");
}

static void fully_connected(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_FULLY_CONNECTED, DIMS(2, 3, 4));
    b.op.as.fully_connected.keep_num_dims = false;
    add_input(&b, DIMS(5, 12));
    add_input(&b, DIMS(5));
    expect_shape(&b, DIMS(2, 5));
    b.tensors[3].rank = 0;
    b.op.as.fully_connected.keep_num_dims = true;
    expect_error(&b, LP_BAD_INPUT, "keeps the dimensions of its input of shape 2x3x4, so the last has to be 12");
    b.tensors[1].dims[1] = 4;
    expect_shape(&b, DIMS(2, 3, 5));
    b.tensors[1].dims[1] = 7;
    expect_error(&b, LP_BAD_INPUT, "2x3x4 can't be cut into rows of 7");
    b.tensors[1].dims[1] = 4;
    b.tensors[2].dims[0] = 4;
    expect_error(&b, LP_BAD_INPUT, "its bias has 4 values for 5");
    b.tensors[1].rank = 1;
    expect_error(&b, LP_BAD_INPUT, "its weight tensor has the shape 5 (1 dimensions)");
}

static void broadcast(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_ADD, DIMS(2, 1, 4));
    add_input(&b, DIMS(3, 1));
    expect_shape(&b, DIMS(2, 3, 4));
    begin(&b, LP_OP_ADD, DIMS(4));
    add_input(&b, 0, NULL);
    expect_shape(&b, DIMS(4));
    begin(&b, LP_OP_ADD, DIMS(2, 3));
    add_input(&b, DIMS(3, 2));
    expect_error(&b, LP_BAD_INPUT, "2x3 and 3x2");
    /* Each input is small, the result is not. */
    begin(&b, LP_OP_ADD, DIMS(65536, 1));
    add_input(&b, DIMS(1, 65536));
    expect_error(&b, LP_BAD_INPUT, "output 0 has the shape 65536x65536; a tensor has to be smaller than 2 GiB");
}

static void like_input(void **state)
{
    (void)state;
    static const enum lp_op_kind kinds[] = {LP_OP_SOFTMAX, LP_OP_QUANTIZE, LP_OP_DEQUANTIZE, LP_OP_RELU, LP_OP_RELU6};
    for (size_t i = 0; i < LP_COUNT(kinds); i++) {
        struct bench b;
        begin(&b, kinds[i], DIMS(3, 5));
        expect_shape(&b, DIMS(3, 5));
        b.tensors[0].dims[0] = 4;
        expect_error(&b, LP_BAD_INPUT, "says that its output has the shape 3x5, but its inputs and options give 4x5");
    }
}

static void mean(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_MEAN, DIMS(2, 3, 4, 5));
    b.op.as.reduce.keep_dims = false;
    CONSTANT(&b, 1, -2);
    expect_shape(&b, DIMS(2, 5));
    b.tensors[3].rank = 0;
    b.op.as.reduce.keep_dims = true;
    expect_shape(&b, DIMS(2, 1, 1, 5));
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    CONSTANT(&b, 2);
    expect_error(&b, LP_BAD_INPUT, "axis 2 is out of range for 2 dimensions");
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    CONSTANT(&b, INT32_MIN);
    expect_error(&b, LP_BAD_INPUT, "axis -2147483648 is out of range");
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    CONSTANT(&b, 1, -1);
    expect_error(&b, LP_BAD_INPUT, "names dimension 1 twice");
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    CONSTANT(&b, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    expect_error(&b, LP_BAD_INPUT, "its list of axes has 9 values; at most 8");
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    add_input(&b, DIMS(1));
    expect_error(&b, LP_UNSUPPORTED, "its list of axes is computed at run time");
    b.tensors[1].data = "";
    expect_error(&b, LP_BAD_INPUT, "of type int8; int32 and int64 are allowed");
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    expect_error(&b, LP_BAD_INPUT, "it has 1 inputs; 2 to 2 are allowed");
    add_input(&b, DIMS(1));
    b.input_list[1] = LP_NO_TENSOR;
    expect_error(&b, LP_BAD_INPUT, "input 1 is missing");
}

static void mean_over_everything_is_a_scalar(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_MEAN, DIMS(2, 3));
    CONSTANT(&b, 0, 1);
    expect_shape(&b, 0, NULL);
    b.tensors[3] = tensor("result", DIMS(1));
    expect_error(&b, LP_BAD_INPUT, "has the shape 1, but its inputs and options give scalar");
}

static void pad(void **state)
{
    (void)state;
    static const int64_t wide[] = {0, 0, (int64_t)1 << 40, 0};
    struct bench b;
    begin(&b, LP_OP_PAD, DIMS(2, 3));
    CONSTANT(&b, 0, 1, 2, 3);
    b.tensors[1].rank = 2;
    b.tensors[1].dims[0] = b.tensors[1].dims[1] = 2;
    expect_shape(&b, DIMS(3, 8));
    begin(&b, LP_OP_PAD, DIMS(2, 3));
    CONSTANT(&b, 0, 1, 2, -1);
    expect_error(&b, LP_BAD_INPUT, "padding after dimension 1 is -1");
    begin(&b, LP_OP_PAD, DIMS(2, 3));
    CONSTANT(&b, 0, 1);
    expect_error(&b, LP_BAD_INPUT, "2 paddings for 2 dimensions");
    begin(&b, LP_OP_PAD, DIMS(2, 3));
    add_constant(&b, 4, NULL);
    b.tensors[1].element = LP_ELEMENT_INT64;
    b.tensors[1].data = wide;
    expect_error(&b, LP_BAD_INPUT, "padding before dimension 1 is 1099511627776");
}

static void reshape(void **state)
{
    (void)state;
    static const struct {
        uint8_t rank;
        int32_t dims[3];
        const char *error;
    } cases[] = {
        {2, {4, 6}, NULL},
        {3, {2, -1, 3}, NULL},
        {2, {-1, 24}, NULL},
        {2, {5, 5}, "more elements than its input, which has 24"},
        {2, {5, 4}, "has 20 elements and its input has 24"},
        {2, {-1, 5}, "has 5 elements without the open dimension"},
        {3, {-1, -1, 2}, "leaves two dimensions open"},
        {2, {0, 24}, "dimension 0 of its new shape is 0"},
        {2, {24, -2}, "dimension 1 of its new shape is -2"},
        {3, {INT32_MAX, INT32_MAX, INT32_MAX}, "more elements"},
    };
    static const int32_t results[][3] = {{4, 6}, {2, 4, 3}, {1, 24}};
    for (size_t i = 0; i < LP_COUNT(cases); i++)
        for (int by_option = 0; by_option < 2; by_option++) {
            struct bench b;
            begin(&b, LP_OP_RESHAPE, DIMS(2, 3, 4));
            b.op.as.reshape.given = by_option != 0;
            b.op.as.reshape.rank = cases[i].rank;
            memcpy(b.op.as.reshape.dims, cases[i].dims, sizeof cases[i].dims);
            if (!by_option)
                add_constant(&b, cases[i].rank, cases[i].dims);
            if (cases[i].error != NULL)
                expect_error(&b, LP_BAD_INPUT, cases[i].error);
            else
                expect_shape(&b, cases[i].rank, results[i]);
        }
    struct bench b;
    begin(&b, LP_OP_RESHAPE, DIMS(2, 3, 4));
    b.op.as.reshape.given = false;
    expect_error(&b, LP_BAD_INPUT, "neither an input nor an option");
    b.op.as.reshape.given = true;
    b.op.as.reshape.rank = 255;
    expect_error(&b, LP_BAD_INPUT, "255 dimensions; at most 8");
    begin(&b, LP_OP_RESHAPE, DIMS(1, 1));
    b.op.as.reshape.given = true;
    b.op.as.reshape.rank = 1;
    b.op.as.reshape.dims[0] = 0;
    expect_shape(&b, 0, NULL);
}

static void expand_dims(void **state)
{
    (void)state;
    static const struct {
        int32_t axis, dims[3];
    } cases[] = {{0, {1, 5, 6}}, {1, {5, 1, 6}}, {2, {5, 6, 1}}, {-1, {5, 6, 1}}, {-3, {1, 5, 6}}};
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        struct bench b;
        begin(&b, LP_OP_EXPAND_DIMS, DIMS(5, 6));
        add_constant(&b, 1, &cases[i].axis);
        b.tensors[1].rank = 0;
        expect_shape(&b, 3, cases[i].dims);
    }
    struct bench b;
    begin(&b, LP_OP_EXPAND_DIMS, DIMS(5, 6));
    CONSTANT(&b, 3);
    expect_error(&b, LP_BAD_INPUT, "axis 3 is out of range for 3 dimensions");
    begin(&b, LP_OP_EXPAND_DIMS, DIMS(1, 1, 1, 1, 1, 1, 1, 1));
    CONSTANT(&b, 0);
    expect_error(&b, LP_BAD_INPUT, "8 dimensions already");
}

static void squeeze(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_SQUEEZE, DIMS(1, 5, 1, 6));
    b.op.as.squeeze.count = 0;
    expect_shape(&b, DIMS(5, 6));
    b.tensors[3].rank = 0;
    b.op.as.squeeze.axes[0] = -2;
    b.op.as.squeeze.count = 1;
    expect_shape(&b, DIMS(1, 5, 6));
    b.op.as.squeeze.axes[1] = 2;
    b.op.as.squeeze.count = 2;
    expect_error(&b, LP_BAD_INPUT, "removes dimension 2 twice");
    b.op.as.squeeze.axes[1] = 1;
    expect_error(&b, LP_BAD_INPUT, "removes dimension 1, which is 5");
    b.op.as.squeeze.axes[1] = 4;
    expect_error(&b, LP_BAD_INPUT, "axis 4 is out of range");
    b.op.as.squeeze.count = 9;
    expect_error(&b, LP_BAD_INPUT, "removes 9 dimensions");
}

static void bad_input_tensors(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_RELU, DIMS(3, 0));
    expect_error(&b, LP_BAD_INPUT, "input 0 has the shape 3x0; every dimension has to be at least 1");
    begin(&b, LP_OP_RELU, DIMS(3, -4));
    expect_error(&b, LP_BAD_INPUT, "input 0 has the shape 3x-4");
    begin(&b, LP_OP_RELU, DIMS(INT32_MAX, INT32_MAX, INT32_MAX));
    expect_error(&b, LP_BAD_INPUT, "smaller than 2 GiB");
    b.tensors[0].rank = 9;
    expect_error(&b, LP_BAD_INPUT, "input 0 has 9 dimensions; at most 8");
    begin(&b, LP_OP_RELU, DIMS(1, 1 << 20));
    expect_shape(&b, DIMS(1, 1 << 20));
    begin(&b, LP_OP_RELU, DIMS(1, (1 << 20) + 1));
    expect_error(&b, LP_UNSUPPORTED, "input 0 has the shape 1x1048577; of the last dimension");
    begin(&b, LP_OP_ADD, DIMS(8, 1));
    add_input(&b, DIMS(1, 1 << 20)); /* no more than that by broadcast either */
    expect_shape(&b, DIMS(8, 1 << 20));
}

/* The second operator sees what was computed for the first, not what the file said. */
static void shapes_travel_through_the_graph(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, LP_OP_RELU, DIMS(1, 6, 6, 2));
    b.tensors[2] = tensor("pooled", 0, NULL);
    int32_t first_output = 3;
    int32_t second_output = 2;
    struct lp_op ops[2] = {b.op, b.op};
    ops[1].kind = LP_OP_MAX_POOL_2D;
    ops[1].as.window.kernel_h = ops[1].as.window.kernel_w = 3;
    ops[1].as.window.stride_h = 2;
    ops[1].inputs = &first_output;
    ops[1].outputs = &second_output;
    b.graph.ops = ops;
    b.graph.op_count = 2;
    expect_shape(&b, DIMS(1, 6, 6, 2));
    assert_int_equal(b.tensors[2].rank, 4);
    assert_int_equal(b.tensors[2].dims[1], 3);
    assert_int_equal(b.tensors[2].dims[2], 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_shapes_and_padding),
        cmocka_unit_test(conv_rejects_wrong_channels),
        cmocka_unit_test(depthwise_multiplier),
        cmocka_unit_test(hostile_windows),
        cmocka_unit_test(fully_connected),
        cmocka_unit_test(broadcast),
        cmocka_unit_test(like_input),
        cmocka_unit_test(mean),
        cmocka_unit_test(mean_over_everything_is_a_scalar),
        cmocka_unit_test(pad),
        cmocka_unit_test(reshape),
        cmocka_unit_test(expand_dims),
        cmocka_unit_test(squeeze),
        cmocka_unit_test(bad_input_tensors),
        cmocka_unit_test(shapes_travel_through_the_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
