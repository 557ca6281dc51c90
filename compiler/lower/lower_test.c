#include "compiler/lower/lower.h"

#include "compiler/analyze/shapes.h"
#include "compiler/lower/moves.h"
#include "contract/kernel_args.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

enum { MAX_TENSORS = 12, MAX_OPS = 6, CHANNELS = 4 };

/* A graph put together by hand; every tensor is int8 [1, 4] with the quantization of its own entry unless changed. */
struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph graph;
    struct lp_tensor tensors[MAX_TENSORS];
    struct lp_op ops[MAX_OPS];
    int32_t lists[MAX_OPS][4];
    int32_t inputs[4], outputs[4];
    float scales[MAX_TENSORS];
    int32_t zero_points[MAX_TENSORS];
    struct lp_program *program;
    const struct lp_move_before *move;
};

static const struct lp_target target = {
    .name = "test", .title = "", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};

static int open_bench(void **state)
{
    static struct bench bench;
    bench = (struct bench){
        .graph = {
            .tensors = bench.tensors, .ops = bench.ops, .inputs = bench.inputs, .outputs = bench.outputs, .description = ""}};
    bench.graph.arena = &bench.arena;
    *state = &bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
    return 0;
}

static int32_t add_tensor(struct bench *b, float scale, int32_t zero_point)
{
    uint32_t i = b->graph.tensor_count++;
    assert_true(i < MAX_TENSORS);
    b->scales[i] = scale;
    b->zero_points[i] = zero_point;
    b->tensors[i] = (struct lp_tensor){.name = "t", .element = LP_ELEMENT_INT8, .rank = 2, .dims = {1, CHANNELS}};
    b->tensors[i].quant = (struct lp_quant){.count = 1, .scale = &b->scales[i], .zero_point = &b->zero_points[i]};
    return (int32_t)i;
}

static int32_t add_constant(struct bench *b, enum lp_element element, int32_t rows, const void *data)
{
    int32_t i = add_tensor(b, 0.5f, 0);
    struct lp_tensor *t = &b->tensors[i];
    t->element = element;
    t->data = data;
    t->dims[0] = rows;
    if (element == LP_ELEMENT_INT32) {
        t->rank = 1;
        t->dims[0] = CHANNELS;
    }
    return i;
}

static struct lp_op *add_op(struct bench *b, enum lp_op_kind kind, int32_t in, int32_t second, int32_t third, int32_t out)
{
    uint32_t i = b->graph.op_count++;
    assert_true(i < MAX_OPS);
    int32_t *list = b->lists[i];
    uint32_t count = second == LP_NO_TENSOR ? 1 : third == LP_NO_TENSOR ? 2 : 3;
    list[0] = in;
    list[1] = second;
    list[2] = third;
    list[3] = out;
    b->ops[i] = (struct lp_op){
        .kind = kind, .source_index = i, .inputs = list, .outputs = list + 3, .input_count = count, .output_count = 1};
    return &b->ops[i];
}

static int32_t add_reshape(struct bench *b, int32_t in)
{
    int32_t out = add_tensor(b, b->scales[in], b->zero_points[in]);
    struct lp_op *op = add_op(b, LP_OP_RESHAPE, in, LP_NO_TENSOR, LP_NO_TENSOR, out);
    b->tensors[out].rank = 1;
    b->tensors[out].dims[0] = CHANNELS;
    op->as.reshape.rank = 1;
    op->as.reshape.dims[0] = CHANNELS;
    op->as.reshape.given = true;
    return out;
}

static int32_t add_relu(struct bench *b, int32_t in)
{
    int32_t out = add_tensor(b, 0.25f, 0);
    b->tensors[out].rank = b->tensors[in].rank;
    memcpy(b->tensors[out].dims, b->tensors[in].dims, sizeof b->tensors[in].dims);
    add_op(b, LP_OP_RELU, in, LP_NO_TENSOR, LP_NO_TENSOR, out);
    return out;
}

static int32_t add_fully_connected(struct bench *b, int32_t in, const int8_t *weights, const int32_t *bias)
{
    int32_t filter = add_constant(b, LP_ELEMENT_INT8, CHANNELS, weights);
    int32_t bias_tensor = bias == NULL ? LP_NO_TENSOR : add_constant(b, LP_ELEMENT_INT32, 1, bias);
    int32_t out = add_tensor(b, 8.0f, 3);
    add_op(b, LP_OP_FULLY_CONNECTED, in, filter, bias_tensor, out);
    return out;
}

static lp_status lower(struct bench *b, int32_t input, int32_t output, bool keep_inputs)
{
    const struct lp_lower_options options = {.rounding = LP_ROUNDING_SINGLE, .keep_inputs = keep_inputs, .move = b->move};
    b->inputs[0] = input;
    b->graph.input_count = 1;
    b->outputs[0] = output;
    if (b->graph.output_count == 0)
        b->graph.output_count = 1;
    assert_int_equal(lp_graph_verify(&b->graph, "the test", &b->diag), LP_OK);
    assert_int_equal(lp_analyze_shapes(&b->graph, &b->diag), LP_OK);
    return lp_lower(&b->arena, &b->diag, &b->graph, &target, &options, &b->program);
}

static const struct lp_block *block_of(const struct bench *b, int32_t tensor)
{
    return &b->program->blocks[b->program->block_of_tensor[tensor]];
}

static bool may_overlap(const struct bench *b, int32_t writer, int32_t reader)
{
    for (uint32_t i = 0; i < b->program->overlap_count; i++)
        if ((int32_t)b->program->overlaps[i].writer == b->program->block_of_tensor[writer] &&
            (int32_t)b->program->overlaps[i].reader == b->program->block_of_tensor[reader])
            return true;
    return false;
}

static void renamed_tensors_share_one_block(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t once = add_reshape(b, in);
    int32_t twice = add_reshape(b, once);
    assert_int_equal(lower(b, in, twice, false), LP_OK);
    assert_int_equal(b->program->epoch_count, 0);
    assert_int_equal(b->program->block_count, 1);
    assert_ptr_equal(block_of(b, in), block_of(b, twice));
    assert_ptr_equal(block_of(b, once), block_of(b, twice));
}

static void a_renamed_constant_is_copied(void **state)
{
    struct bench *b = *state;
    static const int8_t values[CHANNELS] = {1, 2, 3, 4};
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t constant = add_constant(b, LP_ELEMENT_INT8, 1, values);
    int32_t out = add_reshape(b, constant);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    assert_int_equal(b->program->epoch_count, 1);
    assert_string_equal(b->program->epochs[0].kernel->symbol, "lp_copy__reference");
    assert_int_equal(b->program->weights.size_bytes, CHANNELS);
}

static void an_output_takes_over_what_dies(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t middle = add_relu(b, in);
    int32_t out = add_relu(b, middle);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    assert_true(may_overlap(b, middle, in));
    assert_true(may_overlap(b, out, middle));
    assert_false(may_overlap(b, out, in));
}

static void nobody_takes_over_what_is_read_later(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t middle = add_relu(b, in);
    int32_t sum = add_tensor(b, 1.0f, 0);
    add_op(b, LP_OP_ADD, middle, in, LP_NO_TENSOR, sum);
    assert_int_equal(lower(b, in, sum, false), LP_OK);
    assert_false(may_overlap(b, middle, in));
    assert_true(may_overlap(b, sum, in));
    assert_true(may_overlap(b, sum, middle));
}

static void a_renamed_tensor_keeps_its_memory_alive(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t renamed = add_reshape(b, in);
    int32_t middle = add_relu(b, in);
    int32_t last = add_relu(b, renamed);
    b->outputs[1] = middle;
    b->graph.output_count = 2;
    assert_int_equal(lower(b, in, last, false), LP_OK);
    assert_int_equal(block_of(b, in)->last_epoch, 1);
    assert_false(may_overlap(b, middle, in));
    assert_true(may_overlap(b, last, in));
    assert_int_equal(block_of(b, middle)->last_epoch, b->program->epoch_count);
}

static void kept_inputs_live_beyond_the_last_epoch(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t out = add_relu(b, in);
    assert_int_equal(lower(b, in, out, true), LP_OK);
    assert_int_equal(block_of(b, in)->last_epoch, b->program->epoch_count);
    assert_int_equal(b->program->overlap_count, 0);
}

static const int8_t weights[CHANNELS * CHANNELS] = {1, 2, 3, 4, -1, -2, -3, -4, 127, 127, 127, 127, 0, 0, 0, 0};

static const struct lp_item *item_named(const struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->program->weights.item_count; i++)
        if (b->program->weights.items[i].name != NULL && strcmp(b->program->weights.items[i].name, name) == 0)
            return &b->program->weights.items[i];
    return NULL;
}

static void zero_points_go_into_the_biases(void **state)
{
    struct bench *b = *state;
    static const int32_t bias[CHANNELS] = {100, 0, -5, 7};
    int32_t in = add_tensor(b, 0.5f, -9);
    int32_t out = add_fully_connected(b, in, weights, bias);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    const struct lp_fully_connected_s8 *args = b->program->epochs[0].args;
    const struct lp_item *folded = item_named(b, "bias_0");
    const int32_t expected[CHANNELS] = {100 + 9 * 10, -9 * 10, -5 + 9 * 508, 7};
    assert_int_equal(args->in_offset, 0);
    assert_non_null(folded);
    assert_int_equal(folded->cause, LP_CAUSE_MODEL_CONSTANTS);
    assert_memory_equal(folded->data, expected, sizeof expected);
}

static void without_bias_the_terms_have_a_cause_of_their_own(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, -9);
    int32_t out = add_fully_connected(b, in, weights, NULL);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    assert_int_equal(item_named(b, "bias_0")->cause, LP_CAUSE_ZERO_POINT_TERMS);
    assert_int_equal(lp_section_cause_bytes(&b->program->weights, LP_CAUSE_ZERO_POINT_TERMS, 0), 4 * CHANNELS);
    assert_int_equal(lp_section_cause_bytes(&b->program->weights, LP_CAUSE_MODEL_CONSTANTS, 0), sizeof weights);
}

/* 256 * |weights| + |bias| bounds every partial sum, folded or not: at INT32_MAX it still fits, one more does not. */
static void a_bias_that_could_overflow_is_refused(void **state)
{
    for (int32_t beyond = 0; beyond <= 1; beyond++) {
        struct bench *b = *state;
        int32_t bias[CHANNELS] = {0, 0, INT32_MAX - 256 * 508 + beyond, 0};
        int32_t in = add_tensor(b, 0.5f, -128);
        int32_t out = add_fully_connected(b, in, weights, bias);
        assert_int_equal(lower(b, in, out, false), beyond ? LP_UNSUPPORTED : LP_OK);
        if (!beyond)
            assert_int_equal(((const int32_t *)item_named(b, "bias_0")->data)[2], bias[2] + 128 * 508);
        close_bench(state);
        open_bench(state);
    }
}

static void equal_scales_are_stored_once(void **state)
{
    struct bench *b = *state;
    static const float scales[CHANNELS] = {0.5f, 0.5f, 0.5f, 0.25f};
    static const int32_t zeros[CHANNELS];
    for (int different = 0; different <= 1; different++) {
        int32_t in = add_tensor(b, 0.5f, 0);
        int32_t out = add_fully_connected(b, in, weights, NULL);
        b->tensors[1].quant = (struct lp_quant){
            .count = different ? CHANNELS : 1, .axis = 0, .scale = scales, .zero_point = zeros};
        assert_int_equal(lower(b, in, out, false), LP_OK);
        const struct lp_fully_connected_s8 *args = b->program->epochs[0].args;
        assert_int_equal(args->per_channel, different);
        assert_int_equal(item_named(b, "multiplier_0")->count, different ? CHANNELS : 1);
        assert_int_equal(item_named(b, "shift_0")->count, different ? CHANNELS : 1);
        close_bench(state);
        open_bench(state);
    }
}

static void a_constant_that_two_layers_read_is_stored_once(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t middle = add_fully_connected(b, in, weights, NULL);
    b->zero_points[middle] = 0;
    int32_t out = add_tensor(b, 8.0f, 3);
    add_op(b, LP_OP_FULLY_CONNECTED, middle, 1, LP_NO_TENSOR, out);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    assert_int_equal(lp_section_cause_bytes(&b->program->weights, LP_CAUSE_MODEL_CONSTANTS, LP_ANY_LAYER), sizeof weights);
    assert_int_equal(lp_section_cause_bytes(&b->program->weights, LP_CAUSE_MODEL_CONSTANTS, 1), 0);
}

static void a_constant_as_output_is_refused(void **state)
{
    struct bench *b = *state;
    static const int8_t values[CHANNELS] = {1, 2, 3, 4};
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t constant = add_constant(b, LP_ELEMENT_INT8, 1, values);
    add_relu(b, in);
    assert_int_equal(lower(b, in, constant, false), LP_UNSUPPORTED);
    assert_non_null(strstr(lp_text_get(&b->diag.errors), "output 0 ('t') is a constant of the model file"));
}

static void more_outputs_than_the_description_holds_are_refused(void **state)
{
    struct bench *b = *state;
    static int32_t many[65536];
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t out = add_relu(b, in);
    for (size_t i = 0; i < LP_COUNT(many); i++)
        many[i] = out;
    b->graph.outputs = many;
    b->graph.output_count = 65535;
    assert_int_equal(lower(b, in, out, false), LP_OK);
    b->graph.output_count = 65536;
    assert_int_equal(lower(b, in, out, false), LP_UNSUPPORTED);
    assert_non_null(strstr(lp_text_get(&b->diag.errors), "65536 outputs"));
}

static void the_same_tensor_twice_is_no_trouble(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t out = add_tensor(b, 1.0f, 0);
    add_op(b, LP_OP_ADD, in, in, LP_NO_TENSOR, out);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    struct lp_plan_problem problem = {.blocks = b->program->blocks,
                                      .block_count = b->program->block_count,
                                      .overlaps = b->program->overlaps,
                                      .overlap_count = b->program->overlap_count,
                                      .diag = &b->diag};
    struct lp_plan_result plan;
    assert_int_equal(lp_plan_make(&problem, &plan), LP_OK);
    assert_int_equal(plan.peak_bytes, CHANNELS);
}

/* in -> middle -> (moved) -> last, out: who reads `middle` under either of its names finds it in its new place. */
static void a_tensor_is_moved_for_those_who_read_it_later(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t middle = add_relu(b, in);
    int32_t renamed = add_reshape(b, middle);
    int32_t out = add_relu(b, renamed);
    const struct lp_move_before move = {2, renamed};
    b->move = &move;
    assert_int_equal(lower(b, in, out, false), LP_OK);
    const struct lp_program *p = b->program;
    assert_int_equal(p->epoch_count, 3);
    assert_string_equal(p->epochs[1].kernel->symbol, "lp_copy__reference");
    assert_int_equal(p->epochs[1].op, 2);
    const uint32_t before = p->epochs[0].operands[1].index, after = p->epochs[1].operands[1].index;
    assert_int_not_equal(before, after);
    assert_int_equal(p->epochs[1].operands[0].index, before);
    assert_int_equal(p->epochs[2].operands[0].index, after);
    assert_int_equal(p->block_of_tensor[middle], after);
    assert_int_equal(p->blocks[before].last_epoch, 1);
    assert_int_equal(p->blocks[after].first_epoch, 1);
    bool is_allowed = false;
    for (uint32_t i = 0; i < p->overlap_count; i++)
        is_allowed = is_allowed || (p->overlaps[i].writer == after && p->overlaps[i].reader == before &&
                                    p->overlaps[i].gap_bytes == LP_ANYWHERE);
    assert_true(is_allowed);
}

static void what_could_be_moved(void **state)
{
    struct bench *b = *state;
    int32_t in = add_tensor(b, 0.5f, 0);
    int32_t first = add_relu(b, in);
    int32_t second = add_relu(b, first);
    int32_t third = add_relu(b, second);
    int32_t out = add_tensor(b, 1.0f, 0);
    add_op(b, LP_OP_ADD, first, third, LP_NO_TENSOR, out);
    assert_int_equal(lower(b, in, out, false), LP_OK);
    struct lp_lift lifts[8];
    struct lp_move_before moves[8];
    /* Not the input, and of two that die together the first. */
    assert_int_equal(lp_lower_find_lifts(b->program, &b->graph, CHANNELS, lifts, moves, 8), 2);
    assert_int_equal(moves[0].tensor, second);
    assert_int_equal(moves[0].op, 2);
    assert_int_equal(moves[1].tensor, first);
    assert_int_equal(lifts[1].epoch, 3);
    assert_int_equal(lp_lower_find_lifts(b->program, &b->graph, CHANNELS, lifts, moves, 1), 1);
    assert_int_equal(lp_lower_find_lifts(b->program, &b->graph, 100 * CHANNELS, lifts, moves, 8), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(renamed_tensors_share_one_block),
        TEST(a_renamed_constant_is_copied),
        TEST(an_output_takes_over_what_dies),
        TEST(nobody_takes_over_what_is_read_later),
        TEST(a_renamed_tensor_keeps_its_memory_alive),
        TEST(kept_inputs_live_beyond_the_last_epoch),
        TEST(zero_points_go_into_the_biases),
        TEST(without_bias_the_terms_have_a_cause_of_their_own),
        TEST(a_bias_that_could_overflow_is_refused),
        TEST(equal_scales_are_stored_once),
        TEST(a_constant_that_two_layers_read_is_stored_once),
        TEST(a_constant_as_output_is_refused),
        TEST(more_outputs_than_the_description_holds_are_refused),
        TEST(the_same_tensor_twice_is_no_trouble),
        TEST(a_tensor_is_moved_for_those_who_read_it_later),
        TEST(what_could_be_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
