/* The runtime's adapter, unchanged and compiled as code of the board's processor: right on a healthy board for every model,
 * and with every fault at every epoch, buffer and memory either refused with a status that names it, or wrong exactly as the
 * fault says and right again when it is healed. Time is the board's: nothing sleeps. */
#include "cli/diagnose/parts.h"
#include "simulator/board/cpu.h"
#include "simulator/faults/faults.h"
#include "tests/support/board_session.h"

#include "runtime/epoch/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 4, MOST_BYTES = 1 << 16, TIMEOUT_US = 5000 };

static const char *const models[] = {"models/sensor.tflite", "tests/vectors/models/net_inverted_residual.tflite",
                                     "tests/vectors/models/net_conv1d_gap_dense.tflite"};

struct subject {
    struct board_session s;
    struct lp_network net;
    uint8_t inputs[ROWS][MOST_BYTES], outputs[ROWS][MOST_BYTES];
};

static struct subject subject;

static void open_subject(const char *path, enum board_ports ports)
{
    uint64_t random = 0x9e3779b97f4a7c15u;
    assert_true(board_session_open(&subject.s, path, NULL, 0, ports));
    assert_true(subject.s.input_bytes <= MOST_BYTES && subject.s.output_bytes <= MOST_BYTES);
    for (int n = 0; n < ROWS; n++) {
        for (size_t i = 0; i < subject.s.input_bytes; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            subject.inputs[n][i] = (uint8_t)random;
        }
        board_session_expect(&subject.s, subject.inputs[n], subject.outputs[n]);
        assert_true(n == 0 || memcmp(subject.outputs[n], subject.outputs[n - 1], subject.s.output_bytes) != 0);
    }
    assert_int_equal(lp_npu_on_board_describe(&subject.s.session.arena, &subject.s.on, TIMEOUT_US), LP_OK);
    lp_cpu_enter(&subject.s.on.board);
}

static lp_status open_network(void)
{
    return lp_network_open(&subject.net, &subject.s.on.desc, &subject.s.on.port);
}

/* As an application does it: the accessors' pointers, written and read by the processor. */
static lp_status infer(int n, uint8_t *output)
{
    struct lp_board *b = &subject.s.on.board;
    uint32_t input = lp_cpu_address(lp_network_input(&subject.net, 0));
    if (lp_board_cpu_write(b, input, subject.inputs[n], subject.s.input_bytes) != LP_OK)
        return LP_BAD_ARGUMENT;
    lp_status status = lp_network_run(&subject.net);
    assert_int_equal(lp_board_cpu_read(b, subject.s.output_at, output, subject.s.output_bytes), LP_OK);
    assert_int_equal(subject.s.on.npu.status, LP_OK);
    return status;
}

static void expect_row(int n)
{
    uint8_t output[MOST_BYTES];
    assert_int_equal(infer(n, output), LP_OK);
    assert_memory_equal(output, subject.outputs[n], subject.s.output_bytes);
}

static void a_healthy_board_gives_the_right_outputs(void **state)
{
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++)
        for (int keep = 0; keep < 2; keep++) {
            open_subject(models[m], keep == 1 ? BOARD_KEEP_INPUTS : BOARD_REUSE_INPUTS);
            assert_int_equal(open_network(), LP_MEMORY_FAULT); /* nothing has power yet */
            lp_board_bring_up(&subject.s.on.board);
            assert_int_equal(open_network(), LP_OK);
            for (int n = 0; n < 3 * ROWS; n++)
                expect_row(n % ROWS);
            board_session_close(&subject.s);
        }
}

/* Another compiler's program may leave its outputs' lines to whoever reads them: the adapter forgets them after every run. */
static void outputs_are_fetched_from_memory(void **state)
{
    (void)state;
    open_subject("tests/vectors/models/net_inverted_residual.tflite", BOARD_OWN_PORTS);
    const struct lp_npu_program *p = subject.s.linked.program;
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        assert_int_equal(p->epochs[i].kind, LP_NPU_EPOCH_HW);
        p->epochs[i].cache_op_count = 0;
    }
    lp_board_bring_up(&subject.s.on.board);
    assert_int_equal(open_network(), LP_OK);
    for (int n = 0; n < 2 * ROWS; n++)
        expect_row(n % ROWS);
    board_session_close(&subject.s);
}

/* ---- one fault, one place, one step ---- */

struct found {
    lp_status open, run[ROWS];
    bool is_right[ROWS];
    uint32_t strikes;
    uint32_t epoch; /* that the first failing run names */
    uint64_t us;    /* that the rows took */
};

static struct found try_fault(const char *path, const struct lp_fault_plan *plan)
{
    static uint8_t output[MOST_BYTES];
    struct found f = {.open = LP_OK};
    struct lp_faults faults;
    open_subject(path, BOARD_KEEP_INPUTS);
    lp_faults_arm(&faults, &subject.s.on.board, plan);
    lp_board_bring_up(&subject.s.on.board);
    f.open = open_network();
    uint64_t start_ns = subject.s.on.board.now_ns;
    bool failed = false;
    for (int n = 0; n < ROWS && f.open == LP_OK && !failed; n++) {
        f.run[n] = infer(n, output);
        failed = f.run[n] != LP_OK;
        f.epoch = failed ? subject.s.on.state.epoch : 0;
        f.is_right[n] = !failed && memcmp(output, subject.outputs[n], subject.s.output_bytes) == 0;
    }
    f.us = (subject.s.on.board.now_ns - start_ns) / 1000;
    f.strikes = faults.strikes;
    lp_faults_heal(&faults);
    if (f.open != LP_OK || failed)
        assert_int_equal(open_network(), LP_OK);
    for (int n = 0; n < ROWS; n++)
        expect_row(n);
    board_session_close(&subject.s);
    return f;
}

static uint32_t epochs_of(const char *path)
{
    open_subject(path, BOARD_KEEP_INPUTS);
    uint32_t count = subject.s.linked.program->epoch_count;
    board_session_close(&subject.s);
    return count;
}

static bool is_hardware(const char *path, uint32_t epoch)
{
    open_subject(path, BOARD_KEEP_INPUTS);
    bool is = subject.s.linked.program->epochs[epoch].kind == LP_NPU_EPOCH_HW;
    board_session_close(&subject.s);
    return is;
}

static void an_epoch_that_hangs_is_named_in_time(void **state)
{
    static const enum lp_fault hanging[] = {LP_FAULT_EPOCH_HANGS, LP_FAULT_CLOCK_OFF, LP_FAULT_INTERRUPT_MASKED};
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++)
        for (uint32_t epoch = 0; epoch < epochs_of(models[m]); epoch++)
            for (size_t k = 0; k < LP_COUNT(hanging) && is_hardware(models[m], epoch); k++) {
                const struct lp_fault_plan plan = {.fault = hanging[k], .inference = 1 + epoch % 2, .epoch = epoch};
                struct found f = try_fault(models[m], &plan);
                assert_int_equal(f.open, LP_OK);
                for (uint32_t n = 0; n < plan.inference; n++)
                    assert_true(f.is_right[n]);
                assert_int_equal(f.run[plan.inference], LP_TIMEOUT);
                assert_int_equal(f.epoch, epoch);
                assert_true(f.us < TIMEOUT_US + 2000); /* the run loop gives up after its own time, not later */
            }
}

/* The run loop sees nothing of it: the output is wrong where the epoch's result would have changed it. */
static void a_lost_result_changes_the_output(void **state)
{
    uint32_t wrong = 0;
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++) {
        uint32_t count = epochs_of(models[m]);
        for (uint32_t epoch = 0; epoch < count; epoch++) {
            struct found f = try_fault(models[m],
                                       &(struct lp_fault_plan){.fault = LP_FAULT_RESULT_LOST, .inference = 2, .epoch = epoch});
            assert_true(f.strikes != 0 && f.is_right[0] && f.is_right[1]);
            assert_int_equal(f.run[2], LP_OK);
            wrong += !f.is_right[2];
            assert_true(epoch + 1 < count || !f.is_right[2]); /* the last one writes the output */
        }
    }
    assert_true(wrong >= 8);
}

static void memories_and_constants_are_found_before_the_first_run(void **state)
{
    static const struct {
        enum lp_fault fault;
        lp_status status;
    } expected[] = {{LP_FAULT_MEMORY_ASLEEP, LP_MEMORY_FAULT},
                    {LP_FAULT_CONSTANTS_ERASED, LP_WEIGHTS_CORRUPT},
                    {LP_FAULT_CONSTANTS_CORRUPT, LP_WEIGHTS_CORRUPT},
                    {LP_FAULT_CONSTANTS_MOVED, LP_WEIGHTS_CORRUPT}};
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++)
        for (size_t k = 0; k < LP_COUNT(expected); k++) {
            open_subject(models[m], BOARD_KEEP_INPUTS);
            const struct lp_npu_image image = subject.s.linked.program->images[0];
            struct lp_fault_plan plan = {.fault = expected[k].fault,
                                         .inference = LP_FAULT_AT_START,
                                         .memory = lp_board_memory_at(&subject.s.on.board, subject.s.input_at),
                                         .amount = 16,
                                         .address = image.base,
                                         .size_bytes = image.size_bytes};
            uint32_t flash = lp_board_memory_at(&subject.s.on.board, image.base);
            board_session_close(&subject.s);
            assert_int_equal(try_fault(models[m], &plan).open, expected[k].status);
            if (plan.fault == LP_FAULT_MEMORY_ASLEEP) { /* external memory that is not mapped */
                plan.memory = flash;
                assert_int_equal(try_fault(models[m], &plan).open, LP_WEIGHTS_CORRUPT);
            }
        }
}

/* What the self-check of the processor cannot see: only the NPU is refused, or has an old copy. */
static void what_only_the_npu_sees_makes_the_output_wrong(void **state)
{
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++) {
        open_subject(models[m], BOARD_KEEP_INPUTS);
        const struct lp_npu_image image = subject.s.linked.program->images[0];
        uint32_t ram = lp_board_memory_at(&subject.s.on.board, subject.s.input_at);
        uint32_t flash = lp_board_memory_at(&subject.s.on.board, image.base);
        board_session_close(&subject.s);
        const struct lp_fault_plan plans[] = {
            {.fault = LP_FAULT_MEMORY_DENIED, .inference = 1, .memory = ram},
            {.fault = LP_FAULT_MEMORY_DENIED, .inference = 1, .memory = flash},
            {.fault = LP_FAULT_MEMORY_ASLEEP, .inference = 1, .memory = flash},
            {.fault = LP_FAULT_CONSTANTS_UNSEEN, .inference = 1, .address = image.base, .size_bytes = image.size_bytes}};
        for (size_t k = 0; k < LP_COUNT(plans); k++) {
            struct found f = try_fault(models[m], &plans[k]);
            assert_true(f.open == LP_OK && f.is_right[0] && f.strikes == 1);
            assert_true(f.run[1] == LP_OK && !f.is_right[1] && !f.is_right[2]);
        }
    }
}

/* A clean or invalidate that has no effect: the very bytes that the other side held before. */
static void a_lost_cache_operation_shows_stale_data(void **state)
{
    static uint8_t output[MOST_BYTES];
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++)
        for (int invalidate = 0; invalidate < 2; invalidate++) {
            struct lp_faults faults;
            open_subject(models[m], BOARD_KEEP_INPUTS);
            lp_faults_arm(&faults, &subject.s.on.board,
                          &(struct lp_fault_plan){.fault = invalidate ? LP_FAULT_INVALIDATE_LOST : LP_FAULT_CLEAN_LOST,
                                                  .inference = 1,
                                                  .address = invalidate ? subject.s.output_at : subject.s.input_at,
                                                  .size_bytes = invalidate ? subject.s.output_bytes : subject.s.input_bytes});
            lp_board_bring_up(&subject.s.on.board);
            assert_int_equal(open_network(), LP_OK);
            expect_row(0);
            assert_int_equal(infer(1, output), LP_OK);
            bool software_last = subject.s.linked.program->epochs[subject.s.linked.program->epoch_count - 1].kind !=
                                 LP_NPU_EPOCH_HW;
            /* A last epoch of the processor writes its result into the cache itself: there is nothing stale. */
            if (!(invalidate && software_last))
                assert_memory_equal(output, subject.outputs[0], subject.s.output_bytes);
            assert_true(faults.strikes != 0);
            lp_faults_heal(&faults);
            expect_row(2);
            board_session_close(&subject.s);
        }
}

/* ---- every fault at every epoch and every buffer ---- */

/* The fault stops an epoch of the NPU for ever: that one, or all from there on. */
static bool stops(const struct lp_fault_plan *plan)
{
    const struct lp_npu_program *p = subject.s.linked.program;
    bool later = false;
    for (uint32_t e = plan->epoch; e < p->epoch_count; e++)
        later = later || p->epochs[e].kind == LP_NPU_EPOCH_HW;
    if (plan->fault == LP_FAULT_EPOCH_HANGS)
        return p->epochs[plan->epoch].kind == LP_NPU_EPOCH_HW;
    return later && (plan->fault == LP_FAULT_CLOCK_OFF || plan->fault == LP_FAULT_INTERRUPT_MASKED);
}

/* Right before it strikes, an answer in bounded time when it does, right again when it is healed. */
static bool strike_and_heal(const struct lp_fault_plan *plan)
{
    static uint8_t output[MOST_BYTES];
    struct lp_faults faults;
    lp_faults_arm(&faults, &subject.s.on.board, plan);
    expect_row(0);
    uint64_t start_ns = subject.s.on.board.now_ns;
    lp_status status = infer(1, output);
    assert_int_equal(status, stops(plan) ? LP_TIMEOUT : LP_OK);
    assert_true(subject.s.on.board.now_ns - start_ns < (TIMEOUT_US + 2000) * UINT64_C(1000));
    lp_faults_heal(&faults);
    if (status != LP_OK)
        assert_int_equal(open_network(), LP_OK);
    for (int n = ROWS - 1; n >= 0; n--)
        expect_row(n);
    return faults.strikes != 0 && (status != LP_OK || memcmp(output, subject.outputs[1], subject.s.output_bytes) != 0);
}

static void every_fault_at_every_epoch_and_buffer(void **state)
{
    uint32_t seen[LP_FAULTS] = {0}, all = 0;
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++) {
        open_subject(models[m], BOARD_KEEP_INPUTS);
        lp_board_bring_up(&subject.s.on.board);
        assert_int_equal(open_network(), LP_OK);
        const struct lp_npu_program *p = subject.s.linked.program;
        for (int fault = LP_FAULT_NONE + 1; fault < LP_FAULTS; fault++)
            for (uint32_t epoch = 0; epoch < p->epoch_count; epoch++)
                for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
                    for (uint32_t i = 0; i < p->buffers[role].count; i++, all++) {
                        const struct lp_npu_buffer *b = &p->buffers[role].items[i];
                        seen[fault] += strike_and_heal(
                            &(struct lp_fault_plan){.fault = (enum lp_fault)fault,
                                                    .inference = 1,
                                                    .epoch = epoch,
                                                    .memory = lp_board_memory_at(&subject.s.on.board, b->address),
                                                    .amount = 1,
                                                    .address = b->address,
                                                    .size_bytes = b->size_bytes});
                    }
        board_session_close(&subject.s);
    }
    /* Not every place matters to every output, but each fault does somewhere. */
    for (int fault = LP_FAULT_NONE + 1; fault < LP_FAULTS; fault++)
        if (seen[fault] == 0)
            fail_msg("%s was never seen in %u trials", lp_fault_name((enum lp_fault)fault), all);
}

/* What the run loop does not see, poison and probe do. */
static void poison_and_probe_tell_silent_faults(void **state)
{
    static uint8_t output[MOST_BYTES];
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++) {
        struct lp_faults faults;
        bool reacts = false;
        open_subject(models[m], BOARD_OWN_PORTS);
        struct lp_npu_on_board *on = &subject.s.on;
        lp_board_bring_up(&on->board);
        assert_int_equal(open_network(), LP_OK);
        lp_faults_arm(&faults, &on->board,
                      &(struct lp_fault_plan){.fault = LP_FAULT_RESULT_LOST, .epoch = subject.s.linked.program->epoch_count - 1});
        lp_npu_poison(&on->adapter);
        assert_int_equal(infer(0, output), LP_OK);
        assert_true(lp_npu_is_poisoned(&on->adapter));
        lp_faults_heal(&faults);
        expect_row(0);
        assert_false(lp_npu_is_poisoned(&on->adapter));
        assert_int_equal(lp_npu_probe(&on->adapter, &reacts), LP_OK);
        assert_true(reacts);
        uint32_t memory = lp_board_memory_at(&on->board, subject.s.input_at);
        lp_faults_arm(&faults, &on->board, &(struct lp_fault_plan){.fault = LP_FAULT_MEMORY_DENIED, .memory = memory});
        assert_int_equal(lp_npu_probe(&on->adapter, &reacts), LP_OK);
        assert_false(reacts);
        lp_faults_heal(&faults);
        expect_row(1);
        board_session_close(&subject.s);
    }
}

/* The log that the device prints with LP_NPU_LOG, through the cache as everything else. */
static char text[20000];

static void keep_line(void *ctx, const char *line)
{
    (void)ctx;
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", line);
}

/* Opens and runs all rows with the log on; what diagnosis says about outputs and log. */
static struct lp_verdict diagnose_with_log(void)
{
    static double observed[ROWS * MOST_BYTES];
    static uint8_t output[MOST_BYTES], inputs[ROWS * MOST_BYTES];
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_device_log log;
    struct lp_diagnosis d;
    text[0] = '\0';
    lp_npu_log_to(keep_line, NULL);
    assert_int_equal(open_network(), LP_OK);
    for (int n = 0; n < ROWS; n++) {
        memcpy(inputs + (size_t)n * subject.s.input_bytes, subject.inputs[n], subject.s.input_bytes);
        assert_int_equal(infer(n, output), LP_OK);
        for (size_t i = 0; i < subject.s.output_bytes; i++)
            observed[(size_t)n * subject.s.output_bytes + i] = (int8_t)output[i];
    }
    lp_npu_log_to(NULL, NULL);
    struct lp_case c = {.arena = &arena,
                        .diag = &diag,
                        .graph = subject.s.unit.model_graph,
                        .runner = &lp_diagnose_runner,
                        .is_vendor_possible = true,
                        .count = ROWS,
                        .input_bytes = subject.s.input_bytes,
                        .inputs = inputs,
                        .observed_values = observed,
                        .log = &log};
    if (lp_device_log_read(&arena, &diag, "log", text, strlen(text), &log) != LP_OK || lp_diagnose(&c, &d) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return d.verdict;
}

static void the_device_prints_its_log(void **state)
{
    char expected[100];
    (void)state;
    open_subject(models[0], BOARD_KEEP_INPUTS);
    lp_board_bring_up(&subject.s.on.board);
    struct lp_verdict v = diagnose_with_log();
    assert_int_equal(v.cause, LP_TROUBLE_HEALTHY);
    assert_int_equal(v.level, 3);
    const struct lp_npu_image image = subject.s.linked.program->images[0];
    snprintf(expected, sizeof expected, "\nweights address=0x%x bytes=0x%x crc=", (unsigned)image.base,
             (unsigned)image.size_bytes);
    assert_non_null(strstr(text, expected));
    snprintf(expected, sizeof expected, "\ninput index=0x0 address=0x%x bytes=0x%zx crc=", (unsigned)subject.s.input_at,
             subject.s.input_bytes);
    assert_non_null(strstr(text, expected));
    assert_true(strlen(text) < 1000 * (ROWS + 1));
    board_session_close(&subject.s);
}

/* The device's own self-test does not try the NPU: what only the firewall refuses stays among the possible causes. */
static void the_devices_log_tells_of_a_firewall(void **state)
{
    struct lp_faults faults;
    (void)state;
    open_subject(models[1], BOARD_OWN_PORTS);
    lp_faults_arm(&faults, &subject.s.on.board,
                  &(struct lp_fault_plan){.fault = LP_FAULT_MEMORY_DENIED,
                                          .inference = LP_FAULT_AT_START,
                                          .memory = lp_board_memory_at(&subject.s.on.board, subject.s.input_at)});
    lp_board_bring_up(&subject.s.on.board);
    struct lp_verdict v = diagnose_with_log();
    assert_true(lp_trouble_has(v.ties, LP_TROUBLE_POOL_FIREWALLED));
    assert_true(v.cause == LP_TROUBLE_POOL_FIREWALLED || v.confidence <= 0.5);
    lp_faults_heal(&faults);
    board_session_close(&subject.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_board_gives_the_right_outputs),
        cmocka_unit_test(outputs_are_fetched_from_memory),
        cmocka_unit_test(an_epoch_that_hangs_is_named_in_time),
        cmocka_unit_test(a_lost_result_changes_the_output),
        cmocka_unit_test(memories_and_constants_are_found_before_the_first_run),
        cmocka_unit_test(what_only_the_npu_sees_makes_the_output_wrong),
        cmocka_unit_test(a_lost_cache_operation_shows_stale_data),
        cmocka_unit_test(every_fault_at_every_epoch_and_buffer),
        cmocka_unit_test(poison_and_probe_tell_silent_faults),
        cmocka_unit_test(the_device_prints_its_log),
        cmocka_unit_test(the_devices_log_tells_of_a_firewall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
