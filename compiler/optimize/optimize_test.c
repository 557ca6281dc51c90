/* Small graphs by hand: what goes, what stays, and why. Values are compared elsewhere, on thousands of random models. */
#include "compiler/optimize/optimize.h"

#include "compiler/analyze/shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 24 };

static const float one = 1.0f;
static const int32_t zeros[1] = {0};
static const int32_t minus_five[1] = {-5};

/* Built in place; nothing is freed but the arena of the analysis. */
struct small {
    struct lp_graph graph;
    struct lp_tensor tensors[MOST];
    struct lp_op ops[MOST];
    int32_t lists[4 * MOST];
    uint32_t list_count;
    int32_t inputs[2], outputs[2];
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_removal *removal;
};

static void start(struct small *s)
{
    memset(s, 0, sizeof *s);
    s->graph = (struct lp_graph){
        .arena = &s->arena, .tensors = s->tensors, .ops = s->ops, .inputs = s->inputs, .outputs = s->outputs, .description = ""};
}

static int32_t add_tensor(struct small *s, enum lp_element element, uint8_t rank, const int32_t *dims, const int32_t *zero_point,
                          const void *data)
{
    struct lp_tensor *t = &s->tensors[s->graph.tensor_count];
    *t = (struct lp_tensor){
        .name = "t", .element = element, .rank = rank, .data = data, .source_index = (int32_t)s->graph.tensor_count};
    memcpy(t->dims, dims, rank * sizeof *dims);
    if (element == LP_ELEMENT_INT8)
        t->quant = (struct lp_quant){.count = 1, .scale = &one, .zero_point = zero_point};
    return (int32_t)s->graph.tensor_count++;
}

static int32_t add_map(struct small *s, int32_t size, int32_t channels, const int32_t *zero_point)
{
    return add_tensor(s, LP_ELEMENT_INT8, 4, (int32_t[]){1, size, size, channels}, zero_point, NULL);
}

static struct lp_op *add_op(struct small *s, enum lp_op_kind kind, const int32_t *inputs, uint32_t count, int32_t output)
{
    struct lp_op *op = &s->ops[s->graph.op_count];
    *op = (struct lp_op){.kind = kind, .source_index = s->graph.op_count++, .input_count = count, .output_count = 1};
    op->inputs = &s->lists[s->list_count];
    memcpy(op->inputs, inputs, count * sizeof *inputs);
    op->outputs = op->inputs + count;
    op->outputs[0] = output;
    s->list_count += count + 1;
    op->as.window = (struct lp_window){
        .padding = LP_PADDING_SAME, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    return op;
}

/* A convolution of `kernel` x `kernel` taps; weights [out][taps][in], a bias or null. */
static int32_t add_conv(struct small *s, int32_t in, int32_t out_c, int32_t kernel, const int8_t *weights, const int32_t *bias,
                        const int32_t *zero_point)
{
    const struct lp_tensor *map = &s->tensors[in];
    int32_t filter = add_tensor(s, LP_ELEMENT_INT8, 4, (int32_t[]){out_c, kernel, kernel, map->dims[3]}, zeros, weights);
    int32_t out = add_map(s, map->dims[1], out_c, zero_point);
    int32_t inputs[3] = {in, filter, LP_NO_TENSOR};
    if (bias != NULL)
        inputs[2] = add_tensor(s, LP_ELEMENT_INT32, 1, &out_c, NULL, bias);
    add_op(s, LP_OP_CONV_2D, inputs, bias == NULL ? 2 : 3, out);
    return out;
}

static void finish(struct small *s, int32_t in, int32_t out)
{
    struct lp_ranges *ranges = NULL;
    s->graph.inputs[s->graph.input_count++] = in;
    s->graph.outputs[s->graph.output_count++] = out;
    lp_status status = lp_graph_verify(&s->graph, "the test", &s->diag);
    if (status == LP_OK)
        status = lp_analyze_shapes(&s->graph, &s->diag);
    if (status == LP_OK)
        status = lp_ranges_find(&s->arena, &s->diag, &s->graph, LP_ROUNDING_SINGLE, NULL, &ranges);
    const struct lp_optimize_options options = {.ranges = ranges};
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

/* Filter 1 is zero, its value 7 all over; the next layer's biases take over 7 * weight. */
static void a_constant_moves_into_the_bias(void **state)
{
    (void)state;
    struct small s;
    static const int8_t first[3] = {3, 0, -2};
    static const int32_t first_bias[3] = {1, 7, 2};
    static const int8_t second[6] = {1, 2, 3, 4, -5, 6};
    static const int32_t second_bias[2] = {100, 200};
    start(&s);
    int32_t in = add_map(&s, 2, 1, zeros);
    int32_t middle = add_conv(&s, in, 3, 1, first, first_bias, zeros);
    int32_t out = add_conv(&s, middle, 2, 1, second, second_bias, zeros);
    finish(&s, in, out);
    assert_true(s.removal->is_changed);
    const struct lp_graph *g = s.removal->after;
    assert_int_equal(s.removal->layers[0].dead[LP_DEAD_ZERO_FILTER], 1);
    assert_int_equal(g->tensors[middle].dims[3], 2);
    const struct lp_tensor *weights = lp_op_input(g, &g->ops[1], 1);
    const struct lp_tensor *bias = lp_op_input(g, &g->ops[1], 2);
    assert_memory_equal(weights->data, ((int8_t[]){1, 3, 4, 6}), 4);
    assert_memory_equal(bias->data, ((int32_t[]){100 + 7 * 2, 200 - 7 * 5}), 8);
    assert_memory_equal(lp_op_input(g, &g->ops[0], 1)->data, ((int8_t[]){3, -2}), 2);
    /* What the model's own graph says is as it was. */
    assert_int_equal(s.tensors[middle].dims[3], 3);
    assert_int_equal(s.removal->layers[0].constants_bytes - s.removal->layers[0].constants_bytes_after, 5);
    const int8_t before[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    int8_t left[12];
    assert_int_equal(lp_removal_gather(s.removal, middle, before, left), 8);
    assert_memory_equal(left, ((int8_t[]){1, 3, 4, 6, 7, 9, 10, 12}), 8);
    end(&s);
}

/* The same under a kernel of 3 x 3 with padding: 7 is not what the padding shows, so the channel stays and is told about;
 * where the value is the zero point it goes. */
static void a_constant_shows_at_the_border(void **state)
{
    (void)state;
    static const int8_t first[2] = {3, 0};
    static const int32_t at_seven[2] = {1, 7};
    static const int32_t no_bias[2] = {0, 0};
    int8_t second[18];
    for (int zero_point = 0; zero_point < 2; zero_point++) {
        struct small s;
        static const int32_t seven[1] = {7};
        memset(second, 1, sizeof second);
        start(&s);
        int32_t in = add_map(&s, 4, 1, zeros);
        /* With a zero point of 7 the bias of 0 gives 7 as well. */
        int32_t middle = add_conv(&s, in, 2, 1, first, zero_point == 0 ? at_seven : no_bias, zero_point == 0 ? zeros : seven);
        int32_t out = add_conv(&s, middle, 1, 3, second, NULL, zeros);
        finish(&s, in, out);
        assert_int_equal(s.removal->is_changed, zero_point == 1);
        assert_int_equal(s.removal->layers[0].kept[LP_KEPT_AT_BORDER], zero_point == 0);
        /* One weight and a bias of its own, nine weights that read it. */
        assert_int_equal(s.removal->layers[0].kept_bytes[LP_KEPT_AT_BORDER], zero_point == 0 ? 1 + 4 + 9 : 0);
        end(&s);
    }
}

/* x + conv(conv(x)): the block's inner channel 0 only feeds output channel 1, which only feeds inner channel 0. */
static void a_ring_that_feeds_itself_goes(void **state)
{
    (void)state;
    struct small s;
    static const int8_t head[2] = {1, 0};
    static const int32_t head_bias[2] = {0, 0};
    static const int8_t inner[4] = {0, 9, 4, 0}; /* inner 0 reads channel 1, inner 1 reads channel 0 */
    static const int8_t outer[4] = {0, 3, 5, 0}; /* channel 0 reads inner 1, channel 1 reads inner 0 */
    static const int8_t tail[2] = {2, 0};        /* nobody reads channel 1 */
    start(&s);
    int32_t in = add_map(&s, 2, 1, zeros);
    int32_t x = add_conv(&s, in, 2, 1, head, head_bias, zeros);
    int32_t a = add_conv(&s, x, 2, 1, inner, NULL, zeros);
    int32_t b = add_conv(&s, a, 2, 1, outer, NULL, zeros);
    int32_t sum = add_map(&s, 2, 2, zeros);
    add_op(&s, LP_OP_ADD, (int32_t[]){x, b}, 2, sum);
    int32_t out = add_conv(&s, sum, 1, 1, tail, NULL, zeros);
    finish(&s, in, out);
    const struct lp_graph *g = s.removal->after;
    assert_int_equal(g->tensors[x].dims[3], 1);
    assert_int_equal(g->tensors[a].dims[3], 1);
    assert_int_equal(g->tensors[b].dims[3], 1);
    assert_int_equal(g->tensors[sum].dims[3], 1);
    end(&s);
}

/* An output of the graph keeps all channels, dead or not; an operator that nobody needs goes. */
static void outputs_stay_and_the_unneeded_goes(void **state)
{
    (void)state;
    struct small s;
    static const int8_t weights[2] = {0, 0};
    static const int32_t bias[2] = {-5, 5};
    start(&s);
    int32_t in = add_map(&s, 2, 1, minus_five);
    int32_t out = add_conv(&s, in, 2, 1, weights, bias, minus_five);
    int32_t aside = add_conv(&s, in, 2, 1, weights, bias, minus_five);
    (void)aside;
    finish(&s, in, out);
    assert_true(s.removal->is_changed);
    assert_int_equal(s.removal->after->op_count, 1);
    assert_true(s.removal->layers[1].is_gone);
    assert_int_equal(s.removal->layers[1].constants_bytes_after, 0);
    assert_int_equal(s.removal->after->tensors[out].dims[3], 2);
    end(&s);
}

/* Only the middle tap of 3 x 3 is left: a window of 1 x 1 without padding. Two more filters keep the lower row. */
static void empty_rows_are_cut(void **state)
{
    (void)state;
    int8_t weights[9] = {0, 0, 0, 0, 4, 0, 0, 0, 0};
    struct small s;
    start(&s);
    int32_t in = add_map(&s, 5, 1, minus_five);
    int32_t out = add_conv(&s, in, 1, 3, weights, NULL, zeros);
    finish(&s, in, out);
    const struct lp_window *w = &s.removal->after->ops[0].as.window;
    assert_int_equal(w->kernel_h, 1);
    assert_int_equal(w->kernel_w, 1);
    assert_int_equal(w->pad_top + w->pad_left + w->pad_bottom + w->pad_right, 0);
    assert_int_equal(w->padding, LP_PADDING_SAME);
    assert_int_equal(((const int8_t *)lp_op_input(s.removal->after, &s.removal->after->ops[0], 1)->data)[0], 4);
    assert_int_equal(s.removal->layers[0].trimmed_rows, 2);
    end(&s);
    weights[7] = 1;
    start(&s);
    in = add_map(&s, 5, 1, minus_five);
    out = add_conv(&s, in, 1, 3, weights, NULL, zeros);
    finish(&s, in, out);
    w = &s.removal->after->ops[0].as.window;
    assert_int_equal(w->kernel_h, 2);
    assert_int_equal(w->pad_top, 0);
    assert_int_equal(w->pad_bottom, 1);
    end(&s);
}

static lp_status differ(void *user, const struct lp_graph *graph, enum lp_rounding rounding, uint32_t runs,
                        const uint8_t *const *inputs, uint8_t *const *outputs, struct lp_diag *diag)
{
    const struct lp_graph *before = user;
    (void)rounding;
    (void)inputs;
    (void)diag;
    memset(outputs[runs - 1], graph == before ? 0 : 1, 1);
    return LP_OK;
}

/* The last of all runs differs in one byte: an error of ours, said so. */
static void a_difference_is_found(void **state)
{
    (void)state;
    struct small s;
    static const int8_t first[2] = {3, 0};
    static const int32_t bias[2] = {1, 7};
    static const int8_t second[2] = {1, 2};
    start(&s);
    int32_t in = add_map(&s, 2, 1, zeros);
    int32_t out = add_conv(&s, add_conv(&s, in, 2, 1, first, bias, zeros), 1, 1, second, NULL, zeros);
    finish(&s, in, out);
    struct lp_ranges *ranges = NULL;
    const struct lp_graph_runner runner = {differ, &s.graph};
    assert_int_equal(lp_ranges_find(&s.arena, &s.diag, &s.graph, LP_ROUNDING_SINGLE, NULL, &ranges), LP_OK);
    assert_int_equal(lp_rewrite_check(&s.diag, s.removal->before, s.removal->after, ranges, LP_ROUNDING_SINGLE, &runner),
                     LP_INTERNAL);
    assert_non_null(strstr(lp_text_get(&s.diag.errors), "--keep-dead"));
    /* A bias that was not there carries the constant. */
    assert_int_equal(s.removal->after->ops[1].input_count, 3);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_moves_into_the_bias),
        cmocka_unit_test(a_constant_shows_at_the_border),
        cmocka_unit_test(a_ring_that_feeds_itself_goes),
        cmocka_unit_test(outputs_stay_and_the_unneeded_goes),
        cmocka_unit_test(empty_rows_are_cut),
        cmocka_unit_test(a_difference_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
