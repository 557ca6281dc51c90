/* Dead channels pass through operators that move elements and through convolutions in groups: small graphs by hand. Values are
 * compared elsewhere, on thousands of random models. */
#include "compiler/analyze/shapes.h"
#include "compiler/optimize/optimize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 24, SIZE = 2 };

static const float one = 1.0f;
static const int32_t zero[1] = {0};

struct small {
    struct lp_graph graph;
    struct lp_tensor tensors[MOST];
    struct lp_op ops[MOST];
    int32_t lists[4 * MOST];
    uint32_t list_count;
    int32_t inputs[1], outputs[2];
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_removal *removal;
};

static int32_t add_tensor(struct small *s, enum lp_element element, uint8_t rank, const int32_t *dims, const void *data)
{
    struct lp_tensor *t = &s->tensors[s->graph.tensor_count];
    *t = (struct lp_tensor){.name = "t", .element = element, .rank = rank, .data = data};
    for (uint8_t d = 0; d < rank; d++)
        t->dims[d] = dims[d];
    if (element == LP_ELEMENT_INT8)
        t->quant = (struct lp_quant){.count = 1, .scale = &one, .zero_point = zero};
    return (int32_t)s->graph.tensor_count++;
}

static int32_t add_map(struct small *s, int32_t channels)
{
    return add_tensor(s, LP_ELEMENT_INT8, 4, (int32_t[]){1, SIZE, SIZE, channels}, NULL);
}

static int32_t add_list(struct small *s, uint32_t count, const int32_t *numbers)
{
    return add_tensor(s, LP_ELEMENT_INT32, 1, (int32_t[]){(int32_t)count}, numbers);
}

static struct lp_op *add_op(struct small *s, enum lp_op_kind kind, uint32_t count, const int32_t *inputs, uint32_t outputs,
                            int32_t first_output)
{
    struct lp_op *op = &s->ops[s->graph.op_count];
    *op = (struct lp_op){.kind = kind, .source_index = s->graph.op_count++, .input_count = count, .output_count = outputs};
    op->inputs = &s->lists[s->list_count];
    op->outputs = op->inputs + count;
    memcpy(op->inputs, inputs, count * sizeof *inputs);
    for (uint32_t i = 0; i < outputs; i++)
        op->outputs[i] = first_output + (int32_t)i;
    s->list_count += count + outputs;
    return op;
}

/* One tap; weights [out][in of the group], no bias. */
static int32_t add_conv(struct small *s, int32_t in, int32_t out_c, int32_t filter_c, const int8_t *weights)
{
    int32_t filter = add_tensor(s, LP_ELEMENT_INT8, 4, (int32_t[]){out_c, 1, 1, filter_c}, weights);
    int32_t out = add_map(s, out_c);
    struct lp_op *op = add_op(s, LP_OP_CONV_2D, 2, (int32_t[]){in, filter}, 1, out);
    op->as.window = (struct lp_window){
        .padding = LP_PADDING_VALID, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    return out;
}

/* Channel c of the first layer is c's weight times the input; a weight of 0 is a dead channel. */
static int32_t start(struct small *s, int32_t channels, const int8_t *weights)
{
    memset(s, 0, sizeof *s);
    s->graph = (struct lp_graph){
        .arena = &s->arena, .tensors = s->tensors, .ops = s->ops, .inputs = s->inputs, .outputs = s->outputs, .description = ""};
    int32_t in = add_map(s, 1);
    s->inputs[s->graph.input_count++] = in;
    return add_conv(s, in, channels, 1, weights);
}

static void finish(struct small *s, bool only_tflite)
{
    struct lp_ranges *ranges = NULL;
    lp_status status = lp_graph_verify(&s->graph, "the test", &s->diag);
    if (status == LP_OK)
        status = lp_analyze_shapes(&s->graph, &s->diag);
    if (status == LP_OK)
        status = lp_ranges_find(&s->arena, &s->diag, &s->graph, LP_ROUNDING_SINGLE, NULL, &ranges);
    const struct lp_optimize_options options = {.ranges = ranges, .only_tflite = only_tflite};
    if (status == LP_OK)
        status = lp_optimize(&s->arena, &s->diag, &s->graph, &options, &s->removal);
    if (status != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
}

static void end(struct small *s)
{
    lp_diag_free(&s->diag);
    lp_arena_free(&s->arena);
}

static void expect_dims(const struct small *s, int32_t tensor, int32_t d1, int32_t d2, int32_t d3)
{
    const int32_t *dims = s->removal->after->tensors[tensor].dims;
    assert_int_equal(dims[1], d1);
    assert_int_equal(dims[2], d2);
    assert_int_equal(dims[3], d3);
}

static const int8_t ones[64] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void through_concatenation(void **state)
{
    (void)state;
    struct small s;
    int32_t a = start(&s, 3, (const int8_t[]){1, 0, 1});
    int32_t b = add_conv(&s, 0, 2, 1, (const int8_t[]){0, 1});
    int32_t both = add_map(&s, 5);
    add_op(&s, LP_OP_CONCATENATION, 2, (int32_t[]){a, b}, 1, both)->as.along.axis = 3;
    s.outputs[s.graph.output_count++] = add_conv(&s, both, 2, 5, ones);
    finish(&s, false);
    expect_dims(&s, a, SIZE, SIZE, 2);
    expect_dims(&s, b, SIZE, SIZE, 1);
    expect_dims(&s, both, SIZE, SIZE, 3);
    end(&s);
}

/* Channels 1 of 4: the first part loses one, the second none. A .tflite has no such SPLIT. */
static void split_into(bool only_tflite)
{
    struct small s;
    int32_t a = start(&s, 4, (const int8_t[]){1, 0, 1, 1});
    int32_t axis = add_tensor(&s, LP_ELEMENT_INT32, 0, NULL, (const int32_t[]){3});
    int32_t part = add_map(&s, 2);
    add_map(&s, 2);
    add_op(&s, LP_OP_SPLIT, 2, (int32_t[]){axis, a}, 2, part);
    s.outputs[s.graph.output_count++] = add_conv(&s, part, 1, 2, ones);
    s.outputs[s.graph.output_count++] = add_conv(&s, part + 1, 1, 2, ones);
    finish(&s, only_tflite);
    expect_dims(&s, a, SIZE, SIZE, only_tflite ? 4 : 3);
    expect_dims(&s, part, SIZE, SIZE, only_tflite ? 2 : 1);
    expect_dims(&s, part + 1, SIZE, SIZE, 2);
    assert_int_equal(s.removal->after->ops[1].kind, only_tflite ? LP_OP_SPLIT : LP_OP_SPLIT_V);
    end(&s);
}

static void through_split(void **state)
{
    (void)state;
    split_into(false);
    split_into(true);
}

/* Channels first, flattened, multiplied: the columns of channel 1 are SIZE * SIZE that follow each other. */
static void through_transpose_and_flatten(void **state)
{
    (void)state;
    struct small s;
    int32_t a = start(&s, 3, (const int8_t[]){1, 0, 1});
    int32_t first = add_tensor(&s, LP_ELEMENT_INT8, 4, (int32_t[]){1, 3, SIZE, SIZE}, NULL);
    int32_t row = add_tensor(&s, LP_ELEMENT_INT8, 2, (int32_t[]){1, 3 * SIZE * SIZE}, NULL);
    int32_t weights = add_tensor(&s, LP_ELEMENT_INT8, 2, (int32_t[]){2, 3 * SIZE * SIZE}, ones);
    int32_t out = add_tensor(&s, LP_ELEMENT_INT8, 2, (int32_t[]){1, 2}, NULL);
    int32_t order = add_list(&s, 4, (const int32_t[]){0, 3, 1, 2});
    int32_t shape = add_list(&s, 2, (const int32_t[]){1, -1});
    add_op(&s, LP_OP_TRANSPOSE, 2, (int32_t[]){a, order}, 1, first);
    add_op(&s, LP_OP_RESHAPE, 2, (int32_t[]){first, shape}, 1, row);
    add_op(&s, LP_OP_FULLY_CONNECTED, 2, (int32_t[]){row, weights}, 1, out);
    s.outputs[s.graph.output_count++] = out;
    finish(&s, false);
    expect_dims(&s, first, 2, SIZE, SIZE);
    assert_int_equal(s.removal->after->tensors[row].dims[1], 2 * SIZE * SIZE);
    assert_int_equal(s.removal->after->tensors[s.removal->after->ops[3].inputs[1]].dims[1], 2 * SIZE * SIZE);
    uint8_t values[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    uint8_t left[12];
    assert_int_equal(lp_removal_gather(s.removal, row, values, left), 2 * SIZE * SIZE);
    assert_memory_equal(left, ((const uint8_t[]){0, 1, 2, 3, 8, 9, 10, 11}), 8);
    end(&s);
}

/* One channel of border in front, two behind: they are constant, nobody needs them. */
static void through_padded_channels(void **state)
{
    (void)state;
    struct small s;
    int32_t a = start(&s, 3, (const int8_t[]){0, 1, 1});
    int32_t padded = add_map(&s, 6);
    static const int32_t pads[8] = {0, 0, 0, 0, 0, 0, 1, 2};
    int32_t list = add_tensor(&s, LP_ELEMENT_INT32, 2, (int32_t[]){4, 2}, pads);
    add_op(&s, LP_OP_PAD, 2, (int32_t[]){a, list}, 1, padded);
    s.outputs[s.graph.output_count++] = add_conv(&s, padded, 2, 6, ones);
    finish(&s, false);
    expect_dims(&s, a, SIZE, SIZE, 2);
    expect_dims(&s, padded, SIZE, SIZE, 2);
    end(&s);
}

/* What a slice cuts off is not needed by it. */
static void through_slice(void **state)
{
    (void)state;
    struct small s;
    int32_t a = start(&s, 4, (const int8_t[]){1, 1, 0, 1});
    int32_t cut = add_map(&s, 3);
    int32_t begin = add_list(&s, 4, (const int32_t[]){0, 0, 0, 1});
    int32_t size = add_list(&s, 4, (const int32_t[]){1, SIZE, SIZE, 3});
    add_op(&s, LP_OP_SLICE, 3, (int32_t[]){a, begin, size}, 1, cut);
    s.outputs[s.graph.output_count++] = add_conv(&s, cut, 2, 3, ones);
    finish(&s, false);
    expect_dims(&s, a, SIZE, SIZE, 2);
    expect_dims(&s, cut, SIZE, SIZE, 2);
    const int32_t *begins = s.removal->after->tensors[s.removal->after->ops[1].inputs[1]].data;
    assert_int_equal(begins[3], 0);
    end(&s);
}

/* Three groups of two: one goes, the others keep as many channels each as the larger of them needs. */
static void groups_stay_equal(void **state)
{
    (void)state;
    struct small s;
    int32_t a = start(&s, 6, (const int8_t[]){1, 1, 0, 0, 1, 0});
    int32_t grouped = add_conv(&s, a, 6, 2, ones);
    s.outputs[s.graph.output_count++] = add_conv(&s, grouped, 2, 6, ones);
    finish(&s, false);
    expect_dims(&s, a, SIZE, SIZE, 4);
    expect_dims(&s, grouped, SIZE, SIZE, 4);
    assert_int_equal(s.removal->after->tensors[s.removal->after->ops[1].inputs[1]].dims[3], 2);
    end(&s);
    a = start(&s, 6, (const int8_t[]){1, 0, 0, 1, 1, 0});
    grouped = add_conv(&s, a, 6, 2, ones);
    s.outputs[s.graph.output_count++] = add_conv(&s, grouped, 2, 6, ones);
    finish(&s, false);
    expect_dims(&s, a, SIZE, SIZE, 3);
    expect_dims(&s, grouped, SIZE, SIZE, 6);
    assert_int_equal(s.removal->after->tensors[s.removal->after->ops[1].inputs[1]].dims[3], 1);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(through_concatenation),
        cmocka_unit_test(through_split),
        cmocka_unit_test(through_transpose_and_flatten),
        cmocka_unit_test(through_padded_channels),
        cmocka_unit_test(through_slice),
        cmocka_unit_test(groups_stay_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
