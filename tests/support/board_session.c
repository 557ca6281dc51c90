#include "tests/support/board_session.h"

#include "examples/run-loops/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void must(struct board_session *s, lp_status status)
{
    if (status != LP_OK)
        fail_msg("%s: %s", s->session.model_path, lp_text_get(&s->session.diag.errors));
}

bool board_session_open(struct board_session *s, const char *path, const uint8_t *model, size_t model_bytes,
                        enum board_ports ports)
{
    struct lp_session *session = &s->session;
    memset(s, 0, sizeof *s);
    session->model_path = path;
    session->model = model;
    session->model_bytes = model_bytes;
    session->options.keep_inputs = ports != BOARD_REUSE_INPUTS;
    must(s, lp_session_targets(session, "stm32n6"));
    if (model == NULL)
        must(s, lp_session_model(session));
    must(s, lp_session_compile(session, &session->targets[0], "plan", &s->unit));
    must(s, lp_npu_build_place(session, &s->unit));
    if (ports >= BOARD_OWN_PORTS && !bench_place_ports(&s->unit, ports == BOARD_SHARED_LINE)) {
        lp_diag_free(&session->diag);
        lp_arena_free(&session->arena);
        return false;
    }
    must(s, lp_npu_build_link(session, &s->unit, &s->linked));
    must(s, lp_npu_simulation_open(&session->arena, &session->diag, s->unit.graph, s->unit.program, s->unit.placement, &s->linked,
                                   &s->plain));
    must(s, lp_npu_on_board_open(&session->arena, &session->diag, &s->linked, &s->on));
    const struct lp_npu_program *p = s->linked.program;
    assert_int_equal(p->buffers[LP_NPU_INPUT].count, 1);
    assert_true(p->buffers[LP_NPU_OUTPUT].count >= 1);
    s->input_at = p->buffers[LP_NPU_INPUT].items[0].address;
    s->input_bytes = p->buffers[LP_NPU_INPUT].items[0].size_bytes;
    s->output_at = p->buffers[LP_NPU_OUTPUT].items[0].address;
    s->output_bytes = p->buffers[LP_NPU_OUTPUT].items[0].size_bytes;
    return true;
}

void board_session_close(struct board_session *s)
{
    lp_npu_on_board_close(&s->on);
    lp_diag_free(&s->session.diag);
    lp_arena_free(&s->session.arena);
}

void board_session_expect(struct board_session *s, const uint8_t *input, uint8_t *output)
{
    must(s, lp_npu_simulation_run(&s->plain, &input, &output, NULL, NULL));
}
