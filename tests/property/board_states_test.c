/* A network with variables on the simulated board: what an inference leaves in memory is what the next one finds there, whether
 * the NPU or the processor with its cache wrote it, and lp_network_reset begins a new sequence. Expected is plain arithmetic. */
#include "runtime/epoch/network.h"
#include "runtime/epoch/states.h"
#include "simulator/board/cpu.h"
#include "tests/support/board_session.h"
#include "tests/support/streaming_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOMENTS = 120, RESET_AT = 50, TIMEOUT_US = 5000 };

struct outputs {
    int8_t classes[STREAM_CLASSES], sum[STREAM_CHANNELS], old[STREAM_CHANNELS];
};

static void make_moment(uint32_t moment, int8_t *input)
{
    for (uint32_t i = 0; i < STREAM_CHANNELS; i++)
        input[i] = (int8_t)((moment * 2654435761u + i * 40503u) >> 13);
}

/* The dense layer may differ by one from the reference, and the board by nothing from the simulator. */
static void compare(const struct outputs *found, const struct outputs *expected, const struct outputs *simulated, uint32_t moment)
{
    if (memcmp(found, simulated, sizeof *found) != 0)
        fail_msg("moment %u: the board differs from the simulator", (unsigned)moment);
    assert_memory_equal(found->sum, expected->sum, sizeof found->sum);
    assert_memory_equal(found->old, expected->old, sizeof found->old);
    for (int i = 0; i < STREAM_CLASSES; i++)
        assert_in_range(found->classes[i] - expected->classes[i] + 1, 0, 2);
}

static void run_on_board(struct board_session *s, struct lp_network *net, const int8_t *input, struct outputs *out)
{
    void *to[] = {out->classes, out->sum, out->old};
    const size_t bytes[] = {sizeof out->classes, sizeof out->sum, sizeof out->old};
    const struct lp_npu_buffers *outputs = &s->linked.program->buffers[LP_NPU_OUTPUT];
    assert_int_equal(lp_board_cpu_write(&s->on.board, s->input_at, input, STREAM_CHANNELS), LP_OK);
    assert_int_equal(lp_network_run(net), LP_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lp_board_cpu_read(&s->on.board, outputs->items[i].address, to[i], bytes[i]), LP_OK);
}

static void run_sequence(enum board_ports ports)
{
    struct lp_tw file = {0};
    struct board_session s;
    struct lp_network net;
    struct streaming_naive naive = {0};
    size_t bytes = 0;
    streaming_model_make(&file);
    const uint8_t *model = lp_tw_finish(&file, &bytes);
    assert_true(board_session_open(&s, "streaming.tflite", model, bytes, ports));
    assert_int_equal(s.linked.program->state_count, 3);
    assert_int_equal(lp_npu_on_board_describe(&s.session.arena, &s.on, TIMEOUT_US), LP_OK);
    lp_cpu_enter(&s.on.board);
    lp_board_bring_up(&s.on.board);
    assert_int_equal(lp_network_open(&net, &s.on.desc, &s.on.port), LP_OK);
    assert_int_equal(lp_network_reset(&net), LP_OK);
    for (uint32_t m = 0; m < MOMENTS; m++) {
        int8_t input[STREAM_CHANNELS];
        struct outputs expected, simulated, found;
        if (m == RESET_AT) {
            assert_int_equal(lp_network_reset(&net), LP_OK);
            assert_int_equal(lp_sim_ram_set_states(&s.plain.ram, s.linked.program, &s.session.diag), LP_OK);
            naive = (struct streaming_naive){0};
        }
        make_moment(m, input);
        streaming_naive_run(&naive, input, expected.classes, expected.sum, expected.old);
        const uint8_t *in = (const uint8_t *)input;
        uint8_t *out[] = {(uint8_t *)simulated.classes, (uint8_t *)simulated.sum, (uint8_t *)simulated.old};
        assert_int_equal(lp_npu_simulation_run(&s.plain, &in, out, NULL, NULL), LP_OK);
        run_on_board(&s, &net, input, &found);
        compare(&found, &expected, &simulated, m);
    }
    board_session_close(&s);
    lp_tw_free(&file);
}

static void sequences_go_on_through_caches(void **state)
{
    (void)state;
    run_sequence(BOARD_REUSE_INPUTS);
    run_sequence(BOARD_KEEP_INPUTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sequences_go_on_through_caches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
