#include "tests/support/neural_art_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/file.h"

void na_open(struct na_session *s, const char *folder)
{
    memset(s, 0, sizeof *s);
    if (lp_npu_program_load(&s->arena, &s->diag, folder, &s->program) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
    if (lp_sim_ram_open(&s->arena, &s->diag, s->program, &s->ram) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
}

void na_open_program(struct na_session *s, struct lp_npu_program *program)
{
    s->program = program;
    if (lp_sim_ram_open(&s->arena, &s->diag, program, &s->ram) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
}

void na_close(struct na_session *s)
{
    lp_arena_free(&s->arena);
    lp_diag_free(&s->diag);
}

size_t na_role_bytes(const struct lp_npu_program *program, enum lp_npu_buffer_role role)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < program->buffers[role].count; i++)
        bytes += program->buffers[role].items[i].size_bytes;
    return bytes;
}

lp_status na_run(struct na_session *s, const uint8_t *inputs, uint8_t *outputs)
{
    const struct lp_npu_program *p = s->program;
    assert_int_equal(lp_sim_ram_reset(&s->ram, p), LP_OK);
    for (uint32_t i = 0; i < p->buffers[LP_NPU_INPUT].count; i++) {
        const struct lp_npu_buffer *b = &p->buffers[LP_NPU_INPUT].items[i];
        assert_int_equal(lp_sim_ram_put(&s->ram, b->address, inputs, b->size_bytes), LP_OK);
        inputs += b->size_bytes;
    }
    lp_status status = lp_sim_run(&s->arena, p, &s->ram.memory, &s->options, &s->report);
    for (uint32_t i = 0; i < p->buffers[LP_NPU_OUTPUT].count; i++) {
        const struct lp_npu_buffer *b = &p->buffers[LP_NPU_OUTPUT].items[i];
        assert_int_equal(lp_sim_ram_get(&s->ram, b->address, outputs, b->size_bytes), LP_OK);
        outputs += b->size_bytes;
    }
    return status;
}

void na_print_findings(const struct na_session *s)
{
    struct lp_text text = {0};
    lp_sim_findings_print(&s->report.findings, &text);
    print_message("%s", lp_text_get(&text));
    lp_text_free(&text);
}

const uint8_t *na_file(struct na_session *s, const char *folder, const char *name, size_t *size)
{
    const uint8_t *bytes = NULL;
    const char *path = lp_arena_printf(&s->arena, "%s/%s", folder, name);
    assert_non_null(path);
    if (lp_file_read(&s->arena, &s->diag, path, 0, &bytes, size) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
    return bytes;
}

size_t na_run_vectors(struct na_session *s, const struct lp_npu_vectors *set, size_t *compared)
{
    size_t in_bytes = na_role_bytes(s->program, LP_NPU_INPUT), out_bytes = na_role_bytes(s->program, LP_NPU_OUTPUT);
    size_t in_size = 0, out_size = 0, different = 0;
    assert_int_equal(set->input_count, 1);
    assert_int_equal(set->output_count, 1);
    const uint8_t *inputs = na_file(s, s->program->folder, set->inputs[0], &in_size);
    const uint8_t *expected = na_file(s, s->program->folder, set->outputs[0], &out_size);
    assert_int_equal(in_size, set->count * in_bytes);
    assert_int_equal(out_size, set->count * out_bytes);
    uint8_t *outputs = malloc(out_bytes);
    assert_non_null(outputs);
    for (uint32_t v = 0; v < set->count; v++) {
        if (na_run(s, inputs + v * in_bytes, outputs) != LP_OK) {
            na_print_findings(s);
            fail_msg("%s: vector %u of set %s does not run", s->program->name, v, set->set);
        }
        for (size_t i = 0; i < out_bytes; i++)
            different += outputs[i] != expected[v * out_bytes + i];
    }
    *compared += set->count * out_bytes;
    free(outputs);
    return different;
}
