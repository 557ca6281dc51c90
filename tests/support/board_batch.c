#include "tests/support/board_batch.h"

#include "cli/batch.h"
#include "cli/emulate/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void must(struct board_batch *b, lp_status status, const char *what)
{
    if (status != LP_OK)
        fail_msg("%s: status %d: %s", what, (int)status, lp_text_get(&b->session.diag.errors));
}

static size_t ports_bytes(const struct lp_graph *graph, const int32_t *ports, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += (size_t)lp_tensor_bytes(&graph->tensors[ports[i]]);
    return bytes;
}

size_t board_input_bytes(const struct lp_graph *graph)
{
    return ports_bytes(graph, graph->inputs, graph->input_count);
}

size_t board_output_bytes(const struct lp_graph *graph)
{
    return ports_bytes(graph, graph->outputs, graph->output_count);
}

void board_batch_open(struct board_batch *b, const char *target)
{
    memset(b, 0, sizeof *b);
    must(b, lp_session_targets(&b->session, target), target);
    must(b, lp_folder_temporary(&b->session.arena, &b->session.diag, &b->folder), "temporary folder");
}

lp_status board_batch_compile(struct board_batch *b, const char *what, const uint8_t *model, size_t model_bytes,
                              enum lp_rounding rounding, struct lp_unit *unit)
{
    struct lp_session *s = &b->session;
    s->model_path = what;
    s->model = model;
    s->model_bytes = model_bytes;
    s->options.rounding = rounding;
    s->name = lp_arena_printf(&s->arena, "net_%zu", b->count);
    assert_non_null(s->name);
    return lp_session_compile(s, &s->targets[0], NULL, unit);
}

static void add_sources(struct board_batch *b, const struct lp_emulate_program *program)
{
    if (b->source_count + program->source_count > b->source_capacity) {
        b->source_capacity = 2 * (b->source_count + program->source_count);
        b->sources = realloc(b->sources, b->source_capacity * sizeof *b->sources);
        assert_non_null(b->sources);
    }
    memcpy(b->sources + b->source_count, program->sources, program->source_count * sizeof *b->sources);
    b->source_count += program->source_count;
}

static uint8_t *copy_of(struct board_batch *b, const uint8_t *data, size_t size_bytes)
{
    uint8_t *copy = lp_arena_alloc(&b->session.arena, size_bytes, 1);
    assert_non_null(copy);
    if (data != NULL)
        memcpy(copy, data, size_bytes);
    return copy;
}

void board_batch_add(struct board_batch *b, const char *what, const struct lp_unit *unit, const uint8_t *input,
                     const uint8_t *output, uint32_t inference_count)
{
    struct lp_emulate_program program;
    struct lp_session *s = &b->session;
    size_t input_bytes = board_input_bytes(unit->graph), output_bytes = board_output_bytes(unit->graph);
    assert_true(b->count < BOARD_BATCH_MODELS);
    must(b, lp_batch_program(s, unit, b->folder, &program), what);
    add_sources(b, &program);
    b->networks[b->count] = (struct lp_emulate_network){
        .symbol = lp_arena_printf(&s->arena, "%s_network", unit->name),
        .input = copy_of(b, input, input_bytes * inference_count),
        .output = copy_of(b, NULL, output_bytes * inference_count),
        .input_bytes = (uint32_t)input_bytes,
        .output_bytes = (uint32_t)output_bytes,
        .inference_count = inference_count,
        .repeat_count = 1,
    };
    b->expected[b->count] = (struct board_expectation){
        .what = lp_arena_text(&s->arena, what, strlen(what)),
        .output = copy_of(b, output, output_bytes * inference_count),
        .arena_bytes = unit->plan.peak_bytes,
    };
    assert_non_null(b->networks[b->count].symbol);
    assert_non_null(b->expected[b->count].what);
    b->count++;
}

static void compare(struct board_batch *b, size_t i)
{
    const struct lp_emulate_network *n = &b->networks[i];
    const struct board_expectation *e = &b->expected[i];
    const char *target = b->session.targets[0].name;
    size_t bytes = (size_t)n->inference_count * n->output_bytes;
    assert_int_equal(n->status, LP_OK);
    assert_int_equal(n->done_count, n->inference_count);
    for (size_t k = 0; k < bytes; k++)
        if (n->output[k] != e->output[k])
            fail_msg("%s on %s: inference %zu, output byte %zu is %d, expected %d", e->what, target, k / n->output_bytes,
                     k % n->output_bytes, (int8_t)n->output[k], (int8_t)e->output[k]);
    if (n->touched_bytes != e->arena_bytes)
        fail_msg("%s on %s: %u bytes of the arena are touched, %u were planned", e->what, target, (unsigned)n->touched_bytes,
                 (unsigned)e->arena_bytes);
    b->output_bytes += bytes;
}

void board_batch_run(struct board_batch *b, uint32_t timeout_s)
{
    const struct lp_target *target = &b->session.targets[0];
    struct lp_emulate_program program = {.board = target->board,
                                         .cflags = target->cflags,
                                         .cflag_count = target->cflag_count,
                                         .folder = b->folder,
                                         .sources = b->sources,
                                         .source_count = b->source_count};
    assert_true(b->count > 0);
    must(b, lp_emulate_run(&b->session.arena, &b->session.diag, &program, b->networks, b->count, timeout_s), target->name);
    for (size_t i = 0; i < b->count; i++)
        compare(b, i);
}

void board_batch_close(struct board_batch *b)
{
    if (b->folder != NULL)
        lp_folder_remove(&b->session.diag, b->folder);
    free(b->sources);
    lp_diag_free(&b->session.diag);
    lp_arena_free(&b->session.arena);
    memset(b, 0, sizeof *b);
}
