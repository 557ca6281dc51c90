#include "runtime/epoch/network.h"

#include "contract/crc32.h"
#include "runtime/epoch/states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { EPOCHS = 7, ARENA_BYTES = 40, WEIGHTS_BYTES = 20 };

/* A kernel that writes down that it ran, and fails when it is told to. */
struct step {
    int index;
    lp_status answer;
};

static struct step steps[EPOCHS];
static int ran[EPOCHS + 1];
static int ran_count;

static lp_status run_step(const void *args)
{
    const struct step *step = args;
    assert_true(ran_count < EPOCHS);
    ran[ran_count++] = step->index;
    return step->answer;
}

/* Stands for memory that loses what is written: its cells read as zero again once the cache lets go of them. */
static uint8_t *dead_cell;

static uint64_t now_us(void *ctx)
{
    (void)ctx;
    return 0;
}

static void cache_clean(void *ctx, const void *addr, uint32_t size_bytes)
{
    (void)ctx;
    (void)addr;
    assert_true(size_bytes > 0);
}

static void cache_invalidate(void *ctx, void *addr, uint32_t size_bytes)
{
    (void)ctx;
    uint8_t *from = addr;
    if (dead_cell != NULL && dead_cell >= from && dead_cell < from + size_bytes)
        *dead_cell = 0;
}

static _Alignas(16) uint8_t arena[ARENA_BYTES + 16];
static _Alignas(16) uint8_t weights[WEIGHTS_BYTES + 16];
static struct lp_epoch epochs[EPOCHS];
static struct lp_port_desc inputs[2];
static struct lp_port_desc outputs[1];
static struct lp_network_desc desc;
static struct lp_port port;
static struct lp_network net;

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof arena; i++)
        arena[i] = (uint8_t)(i * 7 + 1);
    for (size_t i = 0; i < sizeof weights; i++)
        weights[i] = (uint8_t)(i * 31);
    for (int i = 0; i < EPOCHS; i++) {
        steps[i] = (struct step){.index = i, .answer = LP_OK};
        epochs[i] = (struct lp_epoch){.run = run_step, .args = &steps[i]};
    }
    inputs[0] = (struct lp_port_desc){.data = arena, .size_bytes = 8};
    inputs[1] = (struct lp_port_desc){.data = arena + 8, .size_bytes = 12};
    outputs[0] = (struct lp_port_desc){.data = arena + 20, .size_bytes = ARENA_BYTES - 20};
    desc = (struct lp_network_desc){
        .abi = LP_ABI,
        .epoch_count = EPOCHS,
        .input_count = 2,
        .output_count = 1,
        .epochs = epochs,
        .inputs = inputs,
        .outputs = outputs,
        .weights = weights,
        .weights_bytes = WEIGHTS_BYTES,
        .weights_crc32 = lp_crc32(weights, WEIGHTS_BYTES),
        .arena_bytes = ARENA_BYTES,
        .arena = arena,
    };
    port = (struct lp_port){.now_us = now_us, .cache_clean = cache_clean, .cache_invalidate = cache_invalidate};
    dead_cell = NULL;
    ran_count = 0;
    memset(&net, 0xa5, sizeof net);
    return 0;
}

/* A network that does not open gives the status and a reason, and can't be used. */
static void assert_refused(lp_status status)
{
    ran_count = 0;
    assert_int_equal(lp_network_open(&net, &desc, &port), status);
    assert_int_equal(net.failure.code, status);
    assert_int_equal(net.failure.epoch, LP_NO_EPOCH);
    assert_non_null(net.failure.why);
    assert_int_equal(lp_network_run(&net), status);
    assert_int_equal(ran_count, 0);
    assert_null(lp_network_input(&net, 0));
    assert_null(lp_network_output(&net, 0));
    assert_int_equal(lp_network_input_bytes(&net, 0), 0);
    assert_int_equal(lp_network_output_bytes(&net, 0), 0);
}

static void assert_runs(void)
{
    ran_count = 0;
    assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
    assert_int_equal(lp_network_run(&net), LP_OK);
    assert_int_equal(ran_count, EPOCHS);
    for (int i = 0; i < EPOCHS; i++)
        assert_int_equal(ran[i], i);
}

static void epochs_run_in_order_as_often_as_wanted(void **state)
{
    (void)state;
    assert_runs();
    ran_count = 0;
    assert_int_equal(lp_network_run(&net), LP_OK);
    assert_int_equal(ran_count, EPOCHS);
    assert_int_equal(net.failure.code, LP_OK);
}

static void ports_are_found_by_index(void **state)
{
    (void)state;
    assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
    assert_ptr_equal(lp_network_input(&net, 0), arena);
    assert_ptr_equal(lp_network_input(&net, 1), arena + 8);
    assert_null(lp_network_input(&net, 2));
    assert_ptr_equal(lp_network_output(&net, 0), arena + 20);
    assert_null(lp_network_output(&net, 1));
    assert_int_equal(lp_network_input_bytes(&net, 1), 12);
    assert_int_equal(lp_network_input_bytes(&net, 2), 0);
    assert_int_equal(lp_network_output_bytes(&net, 0), ARENA_BYTES - 20);
    assert_int_equal(lp_network_output_bytes(&net, UINT32_MAX), 0);
}

static void every_failure_at_every_epoch_is_reported_and_survived(void **state)
{
    (void)state;
    for (int at = 0; at < EPOCHS; at++)
        for (int status = LP_OK + 1; status <= LP_INTERNAL; status++) {
            steps[at].answer = (lp_status)status;
            ran_count = 0;
            assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
            assert_int_equal(lp_network_run(&net), status);
            assert_int_equal(ran_count, at + 1);
            assert_int_equal(net.failure.code, status);
            assert_int_equal(net.failure.epoch, at);
            assert_non_null(net.failure.why);
            steps[at].answer = LP_OK;
            assert_int_equal(lp_network_run(&net), status);
            assert_int_equal(ran_count, at + 1);
            assert_int_equal(net.failure.epoch, at);
            assert_runs();
        }
}

static void a_closed_network_refuses(void **state)
{
    (void)state;
    net = (struct lp_network){0};
    assert_int_equal(lp_network_run(&net), LP_BAD_ARGUMENT);
    assert_null(lp_network_input(&net, 0));
    assert_int_equal(ran_count, 0);
    assert_int_equal(lp_network_run(NULL), LP_BAD_ARGUMENT);
    assert_null(lp_network_input(NULL, 0));
    assert_null(lp_network_output(NULL, 0));
    assert_int_equal(lp_network_open(NULL, &desc, &port), LP_BAD_ARGUMENT);
    assert_int_equal(lp_network_open(&net, NULL, &port), LP_BAD_ARGUMENT);
    assert_int_equal(lp_network_open(&net, &desc, NULL), LP_BAD_ARGUMENT);
    assert_int_equal(lp_network_run(&net), LP_BAD_ARGUMENT);
    assert_runs();
}

static void another_abi_is_refused(void **state)
{
    (void)state;
    desc.abi = LP_ABI + 1;
    assert_refused(LP_BAD_ABI);
    desc.abi = LP_ABI - 1;
    assert_refused(LP_BAD_ABI);
}

static void a_port_without_a_function_is_refused(void **state)
{
    (void)state;
    port.now_us = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    port.cache_clean = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    port.cache_invalidate = NULL;
    assert_refused(LP_BAD_ARGUMENT);
}

static void a_null_inside_the_network_is_refused(void **state)
{
    (void)state;
    desc.arena = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    desc.arena_bytes = 0;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    desc.weights = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    desc.epochs = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    desc.inputs = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    set_up(state);
    desc.outputs = NULL;
    assert_refused(LP_BAD_ARGUMENT);
    for (int i = 0; i < EPOCHS; i++) {
        set_up(state);
        epochs[i].run = NULL;
        assert_refused(LP_BAD_ARGUMENT);
        set_up(state);
        epochs[i].args = NULL;
        assert_refused(LP_BAD_ARGUMENT);
    }
}

static void what_the_network_does_not_have_may_be_null(void **state)
{
    (void)state;
    desc.weights = NULL;
    desc.weights_bytes = 0;
    desc.weights_crc32 = 0;
    desc.inputs = NULL;
    desc.input_count = 0;
    assert_runs();
}

static void every_flipped_bit_of_the_weights_is_found(void **state)
{
    (void)state;
    for (int bit = 0; bit < WEIGHTS_BYTES * 8; bit++) {
        weights[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_refused(LP_WEIGHTS_CORRUPT);
        weights[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    weights[WEIGHTS_BYTES]++; /* the first byte behind them is not theirs */
    assert_runs();
}

static void misaligned_memory_is_found(void **state)
{
    (void)state;
    for (uint32_t shift = 1; shift < 4; shift++) {
        set_up(state);
        desc.arena = arena + shift;
        for (int i = 0; i < 2; i++)
            inputs[i].data = (uint8_t *)inputs[i].data + shift;
        outputs[0].data = (uint8_t *)outputs[0].data + shift;
        assert_refused(LP_MEMORY_FAULT);
        set_up(state);
        desc.weights = weights + shift;
        desc.weights_crc32 = lp_crc32(weights + shift, WEIGHTS_BYTES);
        assert_refused(LP_MEMORY_FAULT);
    }
}

static void ports_outside_the_arena_are_found(void **state)
{
    (void)state;
    struct lp_port_desc *const all[] = {&inputs[0], &inputs[1], &outputs[0]};
    for (int i = 0; i < 3; i++) {
        set_up(state);
        all[i]->data = arena + ARENA_BYTES - all[i]->size_bytes + 1;
        assert_refused(LP_MEMORY_FAULT);
        set_up(state);
        desc.arena = arena + 4; /* now input 0 begins before it */
        desc.arena_bytes = ARENA_BYTES - 4;
        all[i]->data = arena;
        assert_refused(LP_MEMORY_FAULT);
        set_up(state);
        all[i]->size_bytes = UINT32_MAX;
        assert_refused(LP_MEMORY_FAULT);
        set_up(state);
        all[i]->data = NULL;
        assert_refused(LP_MEMORY_FAULT);
    }
}

static void memory_that_does_not_answer_is_found(void **state)
{
    (void)state;
    dead_cell = arena;
    assert_refused(LP_MEMORY_FAULT);
    dead_cell = arena + ARENA_BYTES - 1;
    assert_refused(LP_MEMORY_FAULT);
    dead_cell = arena + ARENA_BYTES;
    assert_runs();
}

static void the_check_leaves_the_arena_as_it_was(void **state)
{
    (void)state;
    uint8_t before[sizeof arena];
    memcpy(before, arena, sizeof arena);
    assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
    assert_memory_equal(arena, before, sizeof arena);
}

static void states_get_their_first_values(void **state)
{
    (void)state;
    static const uint8_t first[4] = {9, 8, 7, 6};
    struct lp_state_desc states[2] = {{.data = arena + 8, .initial = first, .size_bytes = 4},
                                      {.data = arena + 16, .size_bytes = 3, .fill = 200}};
    desc.states = states;
    desc.state_count = 2;
    desc.setup = lp_states_setup;
    assert_int_equal(lp_network_reset(NULL), LP_BAD_ARGUMENT);
    for (int round = 0; round < 2; round++) {
        memset(arena, 1, sizeof arena);
        assert_int_equal(round == 0 ? lp_network_open(&net, &desc, &port) : lp_network_reset(&net), LP_OK);
        for (int i = 0; i < ARENA_BYTES; i++)
            assert_int_equal(arena[i], i >= 8 && i < 12 ? 17 - i : i >= 16 && i < 19 ? 200 : 1);
    }
    states[1].data = arena + ARENA_BYTES - 2;
    assert_refused(LP_MEMORY_FAULT);
    assert_int_equal(lp_network_reset(&net), LP_BAD_ARGUMENT);
    states[1].data = (void *)((uintptr_t)arena - 1);
    assert_refused(LP_MEMORY_FAULT);
    desc.states = NULL;
    assert_refused(LP_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(epochs_run_in_order_as_often_as_wanted, set_up),
        cmocka_unit_test_setup(ports_are_found_by_index, set_up),
        cmocka_unit_test_setup(every_failure_at_every_epoch_is_reported_and_survived, set_up),
        cmocka_unit_test_setup(a_closed_network_refuses, set_up),
        cmocka_unit_test_setup(states_get_their_first_values, set_up),
        cmocka_unit_test_setup(another_abi_is_refused, set_up),
        cmocka_unit_test_setup(a_port_without_a_function_is_refused, set_up),
        cmocka_unit_test_setup(a_null_inside_the_network_is_refused, set_up),
        cmocka_unit_test_setup(what_the_network_does_not_have_may_be_null, set_up),
        cmocka_unit_test_setup(every_flipped_bit_of_the_weights_is_found, set_up),
        cmocka_unit_test_setup(misaligned_memory_is_found, set_up),
        cmocka_unit_test_setup(ports_outside_the_arena_are_found, set_up),
        cmocka_unit_test_setup(memory_that_does_not_answer_is_found, set_up),
        cmocka_unit_test_setup(the_check_leaves_the_arena_as_it_was, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
