/* What streams from unit to unit, and what is stored where: how many epochs small networks take on the NPU, and that what is stored
 * within a joint tensor or padded is right. All else about values is for neural_art_models_test. */
#include "cli/simulate.h"
#include "evaluate/evaluate.h"
#include "tests/support/random_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 8, CHANNELS = 8 };

struct net {
    struct random_model model;
    struct lp_session session;
    struct lp_unit unit;
};

static struct net *begin(int32_t *input)
{
    struct net *n = calloc(1, sizeof *n);
    assert_non_null(n);
    n->model.state = 77;
    *input = add_scaled(&n->model, 4, (int32_t[]){1, SIDE, SIDE, CHANNELS}, 0.5f, 3);
    n->model.file.inputs[n->model.file.input_count++] = *input;
    return n;
}

static int32_t like(struct net *n, int32_t tensor)
{
    return add_like(&n->model, tensor, 4, n->model.file.tensors[tensor].dims);
}

/* 3x3; `same`: 0 SAME, 1 VALID. */
static int32_t conv(struct net *n, int32_t in, int32_t channels, int32_t padding)
{
    const int32_t *d = n->model.file.tensors[in].dims;
    int32_t height = d[1] - 2 * padding, width = d[2] - 2 * padding, depth = d[3];
    int32_t out = add_scaled(&n->model, 4, (int32_t[]){1, height, width, channels}, 0.5f, 3);
    int32_t weights = add_weights(&n->model, 4, (int32_t[]){channels, 3, 3, depth}, 0, 9 * depth, in, out);
    struct lp_tw_op *op = lp_tw_add_op(&n->model.file, TW_CONV_2D, 1, 2, (int32_t[]){in, weights}, out);
    const int32_t fields[6] = {padding, 1, 1, 0, 1, 1};
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, fields[i]};
    return out;
}

static int32_t binary(struct net *n, int32_t code, uint8_t options, int32_t a, int32_t b)
{
    int32_t out = like(n, a);
    lp_tw_add_op(&n->model.file, code, options, 2, (int32_t[]){a, b}, out)->fields[0] = (struct lp_tw_field){1, 0};
    return out;
}

static int32_t logistic(struct net *n, int32_t in)
{
    int32_t out = add_scaled(&n->model, 4, n->model.file.tensors[in].dims, 1.0f / 256, -128);
    lp_tw_add_op(&n->model.file, TW_LOGISTIC, 0, 1, &in, out);
    return out;
}

static int32_t pool_map(struct net *n, int32_t in)
{
    const int32_t *d = n->model.file.tensors[in].dims;
    const int32_t values[6] = {1, 1, 1, d[2], d[1], 0};
    int32_t out = add_like(&n->model, in, 4, (int32_t[]){1, 1, 1, d[3]});
    struct lp_tw_op *op = lp_tw_add_op(&n->model.file, TW_AVERAGE_POOL_2D, 5, 1, &in, out);
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 5 ? 1 : 4, values[i]};
    return out;
}

static int32_t join_along(struct net *n, int32_t a, int32_t b, int32_t axis)
{
    int32_t d[4];
    memcpy(d, n->model.file.tensors[a].dims, sizeof d);
    d[axis] += n->model.file.tensors[b].dims[axis];
    int32_t out = add_like(&n->model, a, 4, d);
    lp_tw_add_op(&n->model.file, TW_CONCATENATION, 10, 2, (int32_t[]){a, b}, out)->fields[0] = (struct lp_tw_field){4, axis};
    return out;
}

static int32_t join(struct net *n, int32_t a, int32_t b)
{
    return join_along(n, a, b, 3);
}

static int32_t pad(struct net *n, int32_t in)
{
    const int32_t *d = n->model.file.tensors[in].dims;
    const int32_t pads[8] = {0, 0, 1, 1, 1, 1, 0, 0};
    int32_t numbers = add_numbers(&n->model, pads, 8, 2, (int32_t[]){4, 2});
    int32_t out = add_like(&n->model, in, 4, (int32_t[]){1, d[1] + 2, d[2] + 2, d[3]});
    lp_tw_add_op(&n->model.file, TW_PAD, 22, 2, (int32_t[]){in, numbers}, out);
    return out;
}

/* The network's results within 1 of the reference's: for those with one operator that scales. */
static void compare(struct net *n)
{
    struct lp_batch batch = {.count = 1};
    struct lp_batch_costs costs;
    struct lp_evaluation exact;
    uint8_t input[SIDE * SIDE * CHANNELS];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)random_between(&n->model, -128, 127);
    batch.inputs[0] = (struct lp_values){.data = input, .inference_count = 1, .inference_bytes = sizeof input};
    assert_int_equal(lp_evaluate_open(&exact, n->unit.model_graph, LP_ROUNDING_SINGLE, &n->session.diag), LP_OK);
    assert_int_equal(lp_evaluate_set_input(&exact, 0, input, sizeof input), LP_OK);
    assert_int_equal(lp_evaluate_run(&exact, &n->session.diag), LP_OK);
    assert_int_equal(lp_batch_outputs(&n->session, n->unit.graph, &batch), LP_OK);
    assert_int_equal(lp_batch_simulate(&n->session, &n->unit, &batch, NULL, NULL, &costs), LP_OK);
    const int8_t *got = (const int8_t *)batch.outputs[0].data, *want = lp_evaluate_output(&exact, 0);
    for (size_t i = 0; i < batch.outputs[0].inference_bytes; i++)
        assert_in_range(got[i] - want[i] + 1, 0, 2);
    lp_evaluate_close(&exact);
}

/* All in hardware, in that many epochs. */
static void compile(struct net *n, int32_t out, uint32_t epochs)
{
    struct lp_session *s = &n->session;
    n->model.file.outputs[n->model.file.output_count++] = out;
    s->model_path = "chain.tflite";
    s->model = lp_tw_finish(&n->model.file, &s->model_bytes);
    s->keep_dead = true;
    assert_int_equal(lp_session_targets(s, "stm32n6"), LP_OK);
    if (lp_session_compile(s, &s->targets[0], "plan", &n->unit) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
    const struct lp_program *p = n->unit.program;
    assert_int_equal(p->epoch_count, epochs);
    for (uint32_t e = 0; e < p->epoch_count; e++)
        assert_non_null(p->epochs[e].hw);
}

static void end(struct net *n)
{
    struct lp_session *s = &n->session;
    lp_diag_free(&s->diag);
    lp_arena_free(&s->arena);
    for (size_t i = 0; i < n->model.block_count; i++)
        free(n->model.blocks[i]);
    lp_tw_free(&n->model.file);
    free(n);
}

static void expect(struct net *n, int32_t out, uint32_t epochs)
{
    compile(n, out, epochs);
    end(n);
}

static void expect_right(struct net *n, int32_t out, uint32_t epochs)
{
    compile(n, out, epochs);
    compare(n);
    end(n);
}

static void functions_follow_convolutions(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    expect(n, logistic(n, conv(n, in, CHANNELS, 0)), 1);
}

/* x + f(g(x)): the addition and the average behind it stream on. */
static void residuals_take_no_epoch(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    int32_t sum = binary(n, TW_ADD, 11, in, conv(n, conv(n, in, 16, 0), CHANNELS, 0));
    expect(n, pool_map(n, sum), 2);
}

/* Each channel times a value that is computed: f(x) * logistic(mean(f(x))). */
static void gates_repeat_a_value_a_channel(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    int32_t map = conv(n, in, CHANNELS, 0);
    expect(n, binary(n, TW_MUL, 21, map, logistic(n, pool_map(n, map))), 4);
}

/* A function behind a pool was never seen: it reads memory. */
static void unproven_links_go_through_memory(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    expect(n, logistic(n, pool_map(n, conv(n, in, CHANNELS, 0))), 2);
}

static void what_is_joined_is_stored_there(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    int32_t first = conv(n, in, 5, 0), second = conv(n, in, 11, 0);
    expect_right(n, join(n, first, second), 2);
    /* Along the lines, and along the columns, which are joined by copies. */
    for (int32_t axis = 1; axis <= 2; axis++) {
        n = begin(&in);
        first = conv(n, in, CHANNELS, 0);
        expect_right(n, join_along(n, first, conv(n, in, CHANNELS, 0), axis), axis == 1 ? 2 : 3);
    }
    /* The input has to be copied. */
    n = begin(&in);
    expect_right(n, join(n, in, conv(n, in, 11, 0)), 2);
}

static void borders_become_padding(void **state)
{
    (void)state;
    int32_t in;
    struct net *n = begin(&in);
    expect_right(n, conv(n, pad(n, in), CHANNELS, 1), 1);
    n = begin(&in);
    expect_right(n, pad(n, in), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_follow_convolutions),  cmocka_unit_test(residuals_take_no_epoch),
        cmocka_unit_test(gates_repeat_a_value_a_channel), cmocka_unit_test(unproven_links_go_through_memory),
        cmocka_unit_test(what_is_joined_is_stored_there), cmocka_unit_test(borders_become_padding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
