#define _POSIX_C_SOURCE 200809L
#include "cli/batch.h"

#include "cli/emulate/folder.h"
#include "cli/emulate/process.h"
#include "cli/progress.h"
#include "cli/simulate.h"
#include "compiler/semantics/semantics.h"
#include "evaluate/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "random:N" for one input is stretched over all of them with another seed each. */
static const char *spec_of(struct lp_session *s, const char *const *specs, uint32_t spec_count, uint32_t input)
{
    if (spec_count > 1 || input == 0)
        return specs[input];
    char *end = NULL;
    unsigned long long count = strtoull(specs[0] + strlen("random:"), &end, 10);
    unsigned long long seed = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
    return lp_arena_printf(&s->arena, "random:%llu:%llu", count, seed + 1000003ULL * input);
}

lp_status lp_batch_read(struct lp_session *s, const struct lp_graph *graph, const char *const *specs, uint32_t spec_count,
                        enum lp_values_mode mode, struct lp_batch *batch)
{
    bool random_for_all = spec_count == 1 && strncmp(specs[0], "random:", 7) == 0;
    if (graph->input_count > LP_MAX_PORTS || graph->output_count > LP_MAX_PORTS)
        return lp_error(&s->diag, LP_UNSUPPORTED, "the model has %u inputs and %u outputs; at most %d of each can be run here",
                        (unsigned)graph->input_count, (unsigned)graph->output_count, LP_MAX_PORTS);
    if (spec_count != graph->input_count && !random_for_all)
        return lp_error(&s->diag, LP_BAD_ARGUMENT,
                        "the model has %u inputs, %u were given: repeat --input once for each, in the model's order",
                        (unsigned)graph->input_count, (unsigned)spec_count);
    for (uint32_t i = 0; i < graph->input_count; i++) {
        const char *spec = spec_of(s, specs, spec_count, i);
        if (spec == NULL)
            return lp_no_memory(&s->diag);
        lp_status status = lp_values_read(&s->arena, &s->diag, spec, mode, &graph->tensors[graph->inputs[i]], &batch->inputs[i]);
        if (status != LP_OK)
            return status;
        for (size_t n = 0; strncmp(spec, "random:", 7) == 0 && n < batch->inputs[i].inference_count; n++)
            lp_fit_input(graph, graph->inputs[i], batch->inputs[i].data + n * batch->inputs[i].inference_bytes);
        if (batch->inputs[i].inference_count != batch->inputs[0].inference_count)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu inferences, %s has %zu: every input needs the same number", spec,
                            batch->inputs[i].inference_count, specs[0], batch->inputs[0].inference_count);
    }
    batch->count = graph->input_count == 0 ? 1 : batch->inputs[0].inference_count;
    return LP_OK;
}

lp_status lp_batch_outputs(struct lp_session *s, const struct lp_graph *graph, struct lp_batch *batch)
{
    if (graph->output_count > LP_MAX_PORTS)
        return lp_error(&s->diag, LP_UNSUPPORTED, "%u outputs (with --layers: tensors) at once; at most %d can be run here",
                        (unsigned)graph->output_count, LP_MAX_PORTS);
    for (uint32_t i = 0; i < graph->output_count; i++) {
        size_t bytes = (size_t)lp_tensor_bytes(&graph->tensors[graph->outputs[i]]);
        uint8_t *data = lp_arena_alloc(&s->arena, batch->count, bytes);
        if (data == NULL)
            return lp_no_memory(&s->diag);
        batch->outputs[i] = (struct lp_values){.data = data, .inference_count = batch->count, .inference_bytes = bytes};
    }
    return LP_OK;
}

struct seen {
    const struct lp_batch_watch *watch;
    size_t inference;
};

static void pass_on(void *user, int32_t tensor, const void *data)
{
    const struct seen *seen = user;
    seen->watch->seen(seen->watch->user, seen->inference, tensor, data);
}

static lp_status run_here(struct lp_session *s, const struct lp_unit *unit, struct lp_batch *batch,
                          const struct lp_batch_watch *watch)
{
    struct lp_loaded loaded;
    lp_status status = lp_load(&s->arena, &s->diag, unit->graph, unit->program, unit->plan.peak_bytes, &loaded);
    struct lp_progress progress = lp_progress_start("running", batch->count);
    for (size_t n = 0; n < batch->count && status == LP_OK; n++) {
        const uint8_t *inputs[LP_MAX_PORTS];
        uint8_t *outputs[LP_MAX_PORTS];
        struct seen seen = {watch, n};
        struct lp_tensor_watch each = {pass_on, &seen};
        for (uint32_t i = 0; i < unit->graph->input_count; i++)
            inputs[i] = batch->inputs[i].data + n * batch->inputs[i].inference_bytes;
        for (uint32_t i = 0; i < unit->graph->output_count; i++)
            outputs[i] = batch->outputs[i].data + n * batch->outputs[i].inference_bytes;
        status = watch == NULL ? lp_loaded_run(&loaded, &s->diag, inputs, outputs)
                               : lp_loaded_run_watched(&loaded, &s->diag, inputs, outputs, &each);
        lp_progress_step(&progress, n + 1);
    }
    lp_progress_end(&progress);
    return status;
}

/* Inputs of one inference back to back, as the emulated board reads them. */
static uint8_t *gather_inputs(struct lp_session *s, const struct lp_unit *unit, const struct lp_batch *batch,
                              size_t *inference_bytes)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < unit->graph->input_count; i++)
        bytes += batch->inputs[i].inference_bytes;
    uint8_t *data = lp_arena_alloc(&s->arena, batch->count, bytes);
    uint8_t *to = data;
    for (size_t n = 0; n < batch->count && data != NULL; n++)
        for (uint32_t i = 0; i < unit->graph->input_count; i++) {
            memcpy(to, batch->inputs[i].data + n * batch->inputs[i].inference_bytes, batch->inputs[i].inference_bytes);
            to += batch->inputs[i].inference_bytes;
        }
    *inference_bytes = bytes;
    return data;
}

static void scatter_outputs(const struct lp_unit *unit, struct lp_batch *batch, const uint8_t *from)
{
    for (size_t n = 0; n < batch->count; n++)
        for (uint32_t i = 0; i < unit->graph->output_count; i++) {
            memcpy(batch->outputs[i].data + n * batch->outputs[i].inference_bytes, from, batch->outputs[i].inference_bytes);
            from += batch->outputs[i].inference_bytes;
        }
}

struct board_run {
    struct lp_session *session;
    const struct lp_unit *unit;
    struct lp_batch *batch;
};

static lp_status run_in_folder(void *user, const char *folder)
{
    const struct board_run *run = user;
    struct lp_session *s = run->session;
    const struct lp_unit *unit = run->unit;
    struct lp_batch *batch = run->batch;
    struct lp_emulate_program program;
    size_t input_bytes = 0;
    size_t output_bytes = 0;
    lp_status status = lp_batch_program(s, unit, folder, &program);
    if (status != LP_OK)
        return status;
    for (uint32_t i = 0; i < unit->graph->output_count; i++)
        output_bytes += batch->outputs[i].inference_bytes;
    uint8_t *input = gather_inputs(s, unit, batch, &input_bytes);
    uint8_t *output = lp_arena_alloc(&s->arena, batch->count, output_bytes);
    const char *symbol = lp_arena_printf(&s->arena, "%s_network", unit->name);
    if (input == NULL || output == NULL || symbol == NULL)
        return lp_no_memory(&s->diag);
    struct lp_emulate_network network = {
        .symbol = symbol,
        .input = input,
        .output = output,
        .input_bytes = (uint32_t)input_bytes,
        .output_bytes = (uint32_t)output_bytes,
        .inference_count = (uint32_t)batch->count,
        .repeat_count = 1,
    };
    status = lp_emulate_run(&s->arena, &s->diag, &program, &network, 1, 0);
    if (status == LP_OK)
        scatter_outputs(unit, batch, output);
    return status;
}

lp_status lp_batch_program(struct lp_session *s, const struct lp_unit *unit, const char *folder,
                           struct lp_emulate_program *program)
{
    const char **sources = LP_NEW_ARRAY(&s->arena, unit->output.count, const char *);
    size_t count = 0;
    lp_status status = sources == NULL ? lp_no_memory(&s->diag) : LP_OK;
    const char *example = lp_arena_printf(&s->arena, "%s_example.c", unit->name);
    for (size_t i = 0; i < unit->output.count && status == LP_OK; i++) {
        const struct lp_output_file *file = &unit->output.files[i];
        size_t length = strlen(file->path);
        status = lp_folder_write(&s->arena, &s->diag, folder, file->path, file->data, file->size_bytes);
        if (length > 2 && strcmp(file->path + length - 2, ".c") == 0 && example != NULL && strcmp(file->path, example) != 0)
            sources[count++] = file->path;
    }
    *program = (struct lp_emulate_program){.board = unit->target->board,
                                           .cflags = unit->target->cflags,
                                           .cflag_count = unit->target->cflag_count,
                                           .folder = folder,
                                           .sources = sources,
                                           .source_count = count};
    return status;
}

lp_status lp_batch_in_folder(struct lp_session *s, lp_status (*work)(void *user, const char *folder), void *user)
{
    struct lp_guard guard;
    const char *folder = NULL;
    lp_status status = lp_emulate_available(&s->diag);
    if (status != LP_OK)
        return status;
    lp_guard_open(&guard);
    status = lp_folder_temporary(&s->arena, &s->diag, &folder);
    if (status == LP_OK) {
        status = work(user, folder);
        lp_folder_remove(&s->diag, folder);
    }
    lp_guard_close(&guard);
    return status;
}

lp_status lp_batch_run(struct lp_session *s, const struct lp_unit *unit, struct lp_batch *batch,
                       const struct lp_batch_watch *watch)
{
    struct lp_batch_costs costs;
    if (unit->target->kind == LP_TARGET_NPU)
        return lp_batch_simulate(s, unit, batch, watch, NULL, &costs);
    if (unit->target->board == NULL)
        return run_here(s, unit, batch, watch);
    if (watch != NULL)
        return lp_error(&s->diag, LP_INTERNAL, "tensors on the board %s can only be seen as outputs", unit->target->board);
    struct board_run run = {s, unit, batch};
    return lp_batch_in_folder(s, run_in_folder, &run);
}

lp_status lp_batch_exposed(struct lp_session *s, const struct lp_target *target, struct lp_unit *unit, struct lp_batch *batch)
{
    s->all_outputs = true;
    lp_status status = lp_session_compile(s, target, NULL, unit);
    s->all_outputs = false;
    return status == LP_OK ? lp_batch_outputs(s, unit->graph, batch) : status;
}

lp_status lp_batch_run_exposed(struct lp_session *s, const struct lp_target *target, const struct lp_batch *given,
                               struct lp_unit *unit, struct lp_batch *batch)
{
    *batch = *given;
    lp_status status = lp_batch_exposed(s, target, unit, batch);
    return status == LP_OK ? lp_batch_run(s, unit, batch, NULL) : status;
}
