#include "runtime/npu/npu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "contract/crc32.h"
#include "runtime/epoch/network.h"

enum { BLOCKS = 3, BYTES = 40, TIMEOUT_US = 1000 };

/* A machine of three blocks; what happens is written down in `events`. */
static _Alignas(32) uint8_t memory[256];
static _Alignas(32) uint8_t constants[64];
static char events[200];
static uint64_t clock_us;
static uint32_t block;
static int waits, hanging_block, fails_in;
static bool ignores_input, writes_nothing, ends_with_done;
static volatile uint16_t failed_epoch;
static uint8_t *dead_cell;
static const uint16_t epochs[BLOCKS] = {2, 3, 7};

static uint64_t now_us(void *ctx)
{
    (void)ctx;
    return clock_us += 10;
}

static void note(const char *what)
{
    snprintf(events + strlen(events), sizeof events - strlen(events), "%s ", what);
}

static void cache_clean(void *ctx, const void *addr, uint32_t size_bytes)
{
    (void)ctx;
    if (size_bytes > 1)
        note(addr == memory ? "clean-in" : "clean-out");
    if (dead_cell != NULL && addr == dead_cell)
        *dead_cell = 0;
}

static void cache_invalidate(void *ctx, void *addr, uint32_t size_bytes)
{
    (void)ctx;
    if (size_bytes > 1)
        note(addr == memory + 64 ? "invalidate-out" : "invalidate");
}

static lp_status driver_open(void *instance)
{
    note(instance == &block ? "open" : "open?");
    block = BLOCKS;
    return LP_OK;
}

static void driver_reset(void *instance)
{
    (void)instance;
    note("reset");
    block = 0;
    waits = 2;
}

static enum lp_npu_step driver_step(void *instance)
{
    (void)instance;
    if (block == BLOCKS)
        return LP_NPU_DONE;
    if ((int)block == hanging_block || waits-- > 0)
        return LP_NPU_WAITS;
    waits = 2;
    note("end");
    if ((int)block == fails_in)
        failed_epoch = (uint16_t)(epochs[block] + 1);
    if (++block == BLOCKS && !writes_nothing)
        for (int i = 0; i < BYTES; i++)
            memory[64 + i] = ignores_input ? 3 : (uint8_t)(memory[i] + 1);
    return ends_with_done && block == BLOCKS ? LP_NPU_DONE : LP_NPU_ENDED;
}

static uint32_t driver_waits_for(void *instance, uint32_t index)
{
    (void)instance;
    return 0x10u << index;
}

static const struct lp_npu_driver driver = {driver_open, driver_reset, driver_step, driver_waits_for};
static struct lp_port_desc inputs[2], outputs[1];
static struct lp_npu_range pools[1];
static struct lp_npu_constants list[1];
static const struct lp_npu_written written[] = {{1, {memory + 128, 16}}, {2, {memory + 64, BYTES}}};
static struct lp_npu_state npu_state;
static struct lp_npu_network n;
static struct lp_epoch table[1];
static struct lp_network_desc desc;
static struct lp_port port;
static struct lp_network net;

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 3);
    memset(constants, 7, sizeof constants);
    events[0] = '\0';
    hanging_block = fails_in = -1;
    ignores_input = writes_nothing = ends_with_done = false;
    failed_epoch = 0;
    dead_cell = NULL;
    inputs[0] = (struct lp_port_desc){.data = memory, .size_bytes = BYTES};
    outputs[0] = (struct lp_port_desc){.data = memory + 64, .size_bytes = BYTES};
    pools[0] = (struct lp_npu_range){memory, sizeof memory};
    list[0] = (struct lp_npu_constants){constants, sizeof constants, lp_crc32(constants, sizeof constants)};
    n = (struct lp_npu_network){.driver = &driver,
                                .instance = &block,
                                .desc = &desc,
                                .state = &npu_state,
                                .failed_epoch = &failed_epoch,
                                .epochs = epochs,
                                .pools = pools,
                                .constants = list,
                                .written = written,
                                .timeout_us = TIMEOUT_US,
                                .block_count = BLOCKS,
                                .written_count = 2,
                                .pool_count = 1,
                                .constants_count = 1};
    table[0] = (struct lp_epoch){lp_npu_run, &n};
    desc = (struct lp_network_desc){.abi = LP_ABI,
                                    .epoch_count = 1,
                                    .input_count = 1,
                                    .output_count = 1,
                                    .epochs = table,
                                    .inputs = inputs,
                                    .outputs = outputs,
                                    .arena_bytes = sizeof memory,
                                    .arena = memory,
                                    .setup = lp_npu_setup};
    port = (struct lp_port){.now_us = now_us, .cache_clean = cache_clean, .cache_invalidate = cache_invalidate};
    return 0;
}

static void open_it(void)
{
    assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
    events[0] = '\0';
}

/* Clean, reset, all blocks, invalidate: in every run. */
static void every_run_has_the_right_order(void **state)
{
    (void)state;
    assert_int_equal(lp_network_open(&net, &desc, &port), LP_OK);
    assert_string_equal(events, "open ");
    for (int run = 0; run < 3; run++) {
        events[0] = '\0';
        memory[5] = (uint8_t)(100 + run);
        assert_int_equal(lp_network_run(&net), LP_OK);
        assert_non_null(strstr(events, "clean-in reset end "));
        assert_non_null(strstr(events, "end invalidate-out "));
        assert_int_equal(((const uint8_t *)lp_network_output(&net, 0))[5], 101 + run);
    }
}

/* The call that ends the last block may say DONE at once, as the vendor's loop does after a block of the NPU. */
static void the_last_block_may_end_with_done(void **state)
{
    (void)state;
    open_it();
    ends_with_done = true;
    for (int run = 0; run < 2; run++) {
        memory[5] = (uint8_t)(40 + run);
        assert_int_equal(lp_network_run(&net), LP_OK);
        assert_int_equal(((const uint8_t *)lp_network_output(&net, 0))[5], 41 + run);
    }
    assert_int_equal(npu_state.block, BLOCKS - 1);
    n.block_count = BLOCKS - 1; /* more than there should be */
    assert_int_equal(lp_npu_run(&n), LP_INTERNAL);
}

static void a_block_that_hangs_is_named(void **state)
{
    (void)state;
    open_it();
    hanging_block = 1;
    assert_int_equal(lp_network_run(&net), LP_TIMEOUT);
    assert_int_equal(npu_state.block, 1);
    assert_int_equal(npu_state.epoch, 3);
    assert_int_equal(npu_state.waiting, 0x20);
    /* Closed until it is opened again. */
    hanging_block = -1;
    assert_int_equal(lp_network_run(&net), LP_TIMEOUT);
    open_it();
    assert_int_equal(lp_network_run(&net), LP_OK);
}

static void a_call_that_failed_inside_a_block_is_no_success(void **state)
{
    (void)state;
    open_it();
    failed_epoch = 9; /* of an earlier run: forgotten */
    assert_int_equal(lp_network_run(&net), LP_OK);
    fails_in = 2;
    assert_int_equal(lp_npu_run(&n), LP_INTERNAL);
    assert_int_equal(npu_state.epoch, 7);
    fails_in = -1;
    n.block_count = BLOCKS + 1; /* the run loop ends before all blocks ran */
    assert_int_equal(lp_npu_run(&n), LP_INTERNAL);
    n.block_count = BLOCKS - 1;
    assert_int_equal(lp_npu_run(&n), LP_INTERNAL);
}

static void refused(lp_status status, uint16_t place)
{
    assert_int_equal(lp_network_open(&net, &desc, &port), status);
    assert_int_equal(net.failure.code, status);
    assert_int_equal(net.failure.epoch, place);
    assert_non_null(net.failure.why);
    assert_null(lp_network_input(&net, 0));
}

static void the_self_check_finds_what_is_wrong(void **state)
{
    (void)state;
    dead_cell = memory + 127; /* the middle of the pool */
    refused(LP_MEMORY_FAULT, 0);
    (void)set_up(state);
    constants[63] ^= 1;
    refused(LP_WEIGHTS_CORRUPT, 0);
    (void)set_up(state);
    outputs[0].data = memory + 72;
    refused(LP_BAD_ARGUMENT, 0);
    (void)set_up(state);
    inputs[1] = (struct lp_port_desc){.data = memory + 32, .size_bytes = 8}; /* in the last line of input 0 */
    desc.input_count = 2;
    refused(LP_BAD_ARGUMENT, 1);
    (void)set_up(state);
    n.driver = &lp_npu_driver_null;
    refused(LP_NOT_IMPLEMENTED, UINT16_MAX);
    assert_int_equal(lp_npu_run(&n), LP_BAD_ARGUMENT);
}

static void the_self_check_leaves_memory_as_it_was(void **state)
{
    (void)state;
    uint8_t before[sizeof memory];
    memcpy(before, memory, sizeof memory);
    open_it();
    assert_memory_equal(before, memory, sizeof memory);
}

static void poison_and_probe_tell_what_a_run_does(void **state)
{
    (void)state;
    bool reacts = false;
    open_it();
    lp_npu_poison(&n);
    assert_true(lp_npu_is_poisoned(&n));
    writes_nothing = true;
    assert_int_equal(lp_network_run(&net), LP_OK);
    assert_true(lp_npu_is_poisoned(&n));
    writes_nothing = false;
    assert_int_equal(lp_network_run(&net), LP_OK);
    assert_false(lp_npu_is_poisoned(&n));
    assert_int_equal(lp_npu_probe(&n, &reacts), LP_OK);
    assert_true(reacts);
    ignores_input = true;
    assert_int_equal(lp_npu_probe(&n, &reacts), LP_OK);
    assert_false(reacts);
}

static char log_text[1000];

static void keep(void *ctx, const char *text)
{
    (void)ctx;
    snprintf(log_text + strlen(log_text), sizeof log_text - strlen(log_text), "%s\n", text);
}

/* The log's functions, as run.c calls them when it is compiled with LP_NPU_LOG. */
static void the_log_holds_what_diagnosis_needs(void **state)
{
    (void)state;
    char expected[1000];
    open_it();
    lp_npu_log_start(&n); /* nobody listens */
    log_text[0] = '\0';
    lp_npu_log_to(keep, NULL);
    lp_npu_log_open(&n, &net.failure);
    lp_npu_log_start(&n);
    lp_npu_log_block(&n, 0);
    lp_npu_log_block(&n, 1);
    npu_state = (struct lp_npu_state){&port, 2, 7, 0x10};
    lp_npu_log_end(&n, LP_TIMEOUT);
    lp_npu_log_to(NULL, NULL);
    const unsigned start = (unsigned)(uintptr_t)memory, flash = (unsigned)(uintptr_t)constants;
    snprintf(expected, sizeof expected,
             "limpid-device-log 1\npool base=0x%x bytes=0x100 cpu=ok\nweights address=0x%x bytes=0x40 crc=0x%x plan_crc=0x%x\n"
             "network blocks=0x3\ninference n=0x0\ninput index=0x0 address=0x%x bytes=0x28 crc=0x%x\n"
             "epoch index=0x3 address=0x%x bytes=0x10 crc=0x%x\nepoch index=0x7 state=timeout unit=STRENG4\n"
             "output index=0x0 address=0x%x bytes=0x28 crc=0x%x\nend\n",
             start, flash, (unsigned)list[0].crc32, (unsigned)list[0].crc32, start, (unsigned)lp_crc32(memory, BYTES),
             start + 128, (unsigned)lp_crc32(memory + 128, 16), start + 64, (unsigned)lp_crc32(memory + 64, BYTES));
    assert_string_equal(log_text, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_run_has_the_right_order, set_up),
        cmocka_unit_test_setup(the_last_block_may_end_with_done, set_up),
        cmocka_unit_test_setup(a_block_that_hangs_is_named, set_up),
        cmocka_unit_test_setup(a_call_that_failed_inside_a_block_is_no_success, set_up),
        cmocka_unit_test_setup(the_self_check_finds_what_is_wrong, set_up),
        cmocka_unit_test_setup(the_self_check_leaves_memory_as_it_was, set_up),
        cmocka_unit_test_setup(poison_and_probe_tell_what_a_run_does, set_up),
        cmocka_unit_test_setup(the_log_holds_what_diagnosis_needs, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
