/* The run loop of examples/run-loops on the simulated board, with each of its mistakes: what the network then sees, or the
 * program reads, is what a plain reading of the mistake says. */
#include "examples/run-loops/bench.h"
#include "tests/support/board_session.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 6, MOST_BYTES = 1 << 14 };

#define HW_LAST "tests/vectors/models/net_inverted_residual.tflite"
#define SENSOR "models/sensor.tflite"

static struct subject {
    struct board_session s;
    struct bench bench;
    uint8_t inputs[ROWS][MOST_BYTES], right[ROWS][MOST_BYTES];
    float windows[ROWS][MOST_BYTES], results[ROWS][MOST_BYTES];
} subject;

static float real_of(const struct lp_npu_buffer *b, int32_t q)
{
    return (float)b->scale[0] * (float)(q - b->zero_point[0]);
}

/* The loop with one mistake over ROWS windows. */
static void run(const char *model, enum run_loop_mistake mistake, uint32_t variant)
{
    struct board_session *s = &subject.s;
    uint64_t random = 0x9e3779b97f4a7c15u;
    assert_true(board_session_open(s, model, NULL, 0, mistake == RUN_LOOP_SHARED_LINE ? BOARD_SHARED_LINE : BOARD_OWN_PORTS));
    const struct lp_npu_buffer *in = &s->linked.program->buffers[LP_NPU_INPUT].items[0];
    assert_true(s->input_bytes <= MOST_BYTES && s->output_bytes <= MOST_BYTES);
    for (int n = 0; n < ROWS; n++) {
        for (size_t i = 0; i < s->input_bytes; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            subject.inputs[n][i] = (uint8_t)(int8_t)((int32_t)(random >> 20 & 0xff) - 128);
            subject.windows[n][i] = real_of(in, (int8_t)subject.inputs[n][i]);
        }
        board_session_expect(s, subject.inputs[n], subject.right[n]);
    }
    lp_board_bring_up(&s->on.board);
    subject.bench = (struct bench){0};
    assert_int_equal(bench_open(&subject.bench, &s->on, mistake, variant), LP_OK);
    for (int n = 0; n < ROWS; n++)
        bench_infer(&subject.bench, subject.windows[n], n + 1 < ROWS ? subject.windows[n + 1] : NULL, subject.results[n]);
    assert_int_equal(bench_end(&subject.bench), LP_OK);
}

static void end(void)
{
    bench_close(&subject.bench);
    board_session_close(&subject.s);
}

/* What the network gives when it sees these bytes. */
static const uint8_t *given(const uint8_t *input)
{
    static uint8_t output[MOST_BYTES];
    board_session_expect(&subject.s, input, output);
    return output;
}

static bool is_result(int n, const uint8_t *output)
{
    const struct lp_npu_buffer *out = &subject.s.linked.program->buffers[LP_NPU_OUTPUT].items[0];
    for (size_t i = 0; i < subject.s.output_bytes; i++)
        if (subject.results[n][i] != real_of(out, (int8_t)output[i]))
            return false;
    return true;
}

/* ---- each mistake shows what it should ---- */

static void the_right_loop_follows_its_input(void **state)
{
    static const char *const models[] = {SENSOR, HW_LAST, "tests/vectors/models/net_conv1d_gap_dense.tflite"};
    (void)state;
    for (size_t m = 0; m < LP_COUNT(models); m++) {
        run(models[m], RUN_LOOP_RIGHT, 0);
        for (int n = 0; n < ROWS; n++)
            assert_true(is_result(n, subject.right[n]));
        end();
    }
}

static void without_a_reset_the_second_run_is_done_at_once(void **state)
{
    (void)state;
    run(SENSOR, RUN_LOOP_FORGOTTEN_RESET, 0);
    for (int n = 0; n < ROWS; n++)
        assert_true(is_result(n, subject.right[0]));
    assert_non_null(strstr(lp_text_get(&subject.bench.trace), "inference n=1\nrun result=done block=4\ninference n=2\n"));
    end();
}

static void an_input_that_is_not_cleaned_is_not_seen(void **state)
{
    static const enum run_loop_mistake blind[] = {RUN_LOOP_FORGOTTEN_CLEAN, RUN_LOOP_CLEAN_OF_WRONG_ADDRESS,
                                                  RUN_LOOP_INVALIDATE_BEFORE_CLEAN, RUN_LOOP_USER_BUFFER};
    static const uint8_t zeros[MOST_BYTES];
    (void)state;
    for (size_t k = 0; k < LP_COUNT(blind); k++) {
        run(SENSOR, blind[k], 0);
        for (int n = 0; n < ROWS; n++)
            assert_true(is_result(n, given(zeros))); /* memory as it was when it was switched on */
        end();
    }
}

static void a_clean_that_is_too_short_shows_the_first_line(void **state)
{
    uint8_t seen[MOST_BYTES] = {0};
    (void)state;
    run(SENSOR, RUN_LOOP_CLEAN_OF_WRONG_LENGTH, 0);
    for (int n = 0; n < ROWS; n++) {
        memcpy(seen, subject.inputs[n], 32);
        assert_true(is_result(n, given(seen)));
    }
    end();
}

static void an_output_that_is_not_invalidated_is_one_late(void **state)
{
    (void)state;
    run(HW_LAST, RUN_LOOP_FORGOTTEN_INVALIDATE, 0);
    for (int n = 1; n < ROWS; n++)
        assert_true(is_result(n, subject.right[n - 1]));
    end();
}

/* The line that holds the end of the output and the start of the next input goes back to memory as the processor has it: with
 * what stood there before the NPU wrote. */
static void a_shared_line_brings_old_bytes_back(void **state)
{
    uint8_t seen[MOST_BYTES];
    (void)state;
    run(HW_LAST, RUN_LOOP_SHARED_LINE, 0);
    size_t shared = subject.s.output_bytes % 32;
    assert_int_equal(shared, 16);
    for (int n = 0; n + 1 < ROWS; n++) {
        memcpy(seen, subject.right[n], subject.s.output_bytes);
        memset(seen + subject.s.output_bytes - shared, 0, shared);
        assert_true(is_result(n, seen));
        assert_false(is_result(n, subject.right[n]));
    }
    assert_true(is_result(ROWS - 1, subject.right[ROWS - 1])); /* no next input */
    end();
}

static void a_reset_before_done_leaves_the_output_alone(void **state)
{
    static const uint8_t zeros[MOST_BYTES];
    (void)state;
    run(HW_LAST, RUN_LOOP_RESET_BEFORE_DONE, 0);
    for (int n = 0; n < ROWS; n++)
        assert_true(is_result(n, zeros));
    end();
}

static void another_type_or_layout_is_what_the_network_sees(void **state)
{
    uint8_t seen[MOST_BYTES];
    (void)state;
    run(SENSOR, RUN_LOOP_UINT8_INPUT, 0);
    for (int n = 0; n < ROWS; n++) {
        for (size_t i = 0; i < subject.s.input_bytes; i++)
            seen[i] = (uint8_t)(subject.inputs[n][i] ^ 0x80);
        assert_true(is_result(n, given(seen)));
    }
    end();
    run(SENSOR, RUN_LOOP_FLOAT_INPUT, 0);
    for (int n = 0; n < ROWS; n++)
        assert_true(is_result(n, given((const uint8_t *)subject.windows[n])));
    end();
    run(SENSOR, RUN_LOOP_UNSCALED_INPUT, 0);
    for (int n = 0; n < ROWS; n++) {
        for (size_t i = 0; i < subject.s.input_bytes; i++)
            seen[i] = (uint8_t)(int8_t)subject.windows[n][i];
        assert_true(is_result(n, given(seen)));
    }
    end();
    run(SENSOR, RUN_LOOP_CHANNEL_FIRST, 0);
    for (int n = 0; n < ROWS; n++) {
        for (size_t i = 0; i < subject.s.input_bytes; i++)
            seen[i % 10 * 50 + i / 10] = subject.inputs[n][i];
        assert_true(is_result(n, given(seen)));
    }
    end();
}

static void a_wrong_conversion_changes_right_bytes(void **state)
{
    (void)state;
    run(SENSOR, RUN_LOOP_SOFTMAX_TWICE, 0);
    for (int n = 0; n < ROWS; n++) {
        double sum = 0;
        for (size_t i = 0; i < subject.s.output_bytes; i++)
            sum += (double)subject.results[n][i];
        assert_true(fabs(sum - 1) < 1e-5); /* float sums of five values */
        assert_false(is_result(n, subject.right[n]));
    }
    end();
    run(SENSOR, RUN_LOOP_STALE_QUANTIZATION, 0);
    for (int n = 0; n < ROWS; n++)
        for (size_t i = 0; i < subject.s.output_bytes; i++)
            assert_true(2 * subject.results[n][i] == ((float)(int8_t)subject.right[n][i] + 128) / 256);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_loop_follows_its_input),
        cmocka_unit_test(without_a_reset_the_second_run_is_done_at_once),
        cmocka_unit_test(an_input_that_is_not_cleaned_is_not_seen),
        cmocka_unit_test(a_clean_that_is_too_short_shows_the_first_line),
        cmocka_unit_test(an_output_that_is_not_invalidated_is_one_late),
        cmocka_unit_test(a_shared_line_brings_old_bytes_back),
        cmocka_unit_test(a_reset_before_done_leaves_the_output_alone),
        cmocka_unit_test(another_type_or_layout_is_what_the_network_sees),
        cmocka_unit_test(a_wrong_conversion_changes_right_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
