#include "cli/session.h"

#include "cli/commands.h"
#include "cli/embedded.h"
#include "compiler/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* No model for a microcontroller comes near; a hostile or mistaken file is refused before it is read. */
enum { MODEL_LIMIT_BYTES = 1 << 29 };

static void print_lines(const char *text, const char *prefix)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(stderr, "limpid: %s%.*s\n", prefix, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

int lp_session_close(struct lp_session *session, lp_status status, int exit)
{
    print_lines(lp_text_get(&session->diag.notes), "note: ");
    print_lines(lp_text_get(&session->diag.errors), "");
    if (status != LP_OK && session->diag.error_count == 0)
        fprintf(stderr, "limpid: stopped with status %d and no message: please report this\n", (int)status);
    lp_diag_free(&session->diag);
    lp_arena_free(&session->arena);
    return status == LP_OK ? exit : LP_EXIT_BAD;
}

lp_status lp_session_print(struct lp_session *session, struct lp_text *text)
{
    lp_status status = text->failed ? lp_no_memory(&session->diag) : LP_OK;
    if (status == LP_OK && (fwrite(lp_text_get(text), 1, text->length, stdout) != text->length || fflush(stdout) != 0))
        status = lp_error(&session->diag, LP_IO, "cannot write to standard output: %s", strerror(errno));
    lp_text_free(text);
    return status;
}

enum { KEY_TARGET = 't', KEY_JSON = 'j', KEY_ROUNDING = 0x100, KEY_KEEP_INPUTS, KEY_NAME, KEY_DUMP_AFTER };

static const struct argp_option shared_options[] = {
    {"target", KEY_TARGET, "T[,T...]", 0, "Target or targets; see limpid targets (default: host)", 10},
    {"rounding", KEY_ROUNDING, "R", 0, "single (default; LiteRT, XNNPACK) or double (TensorFlow Lite Micro, CMSIS-NN)", 10},
    {"keep-inputs", KEY_KEEP_INPUTS, NULL, 0, "Inputs keep their values during a run, at the cost of memory", 10},
    {"name", KEY_NAME, "NAME", 0, "C name of the network (default: the model file's name)", 10},
    {"dump-after", KEY_DUMP_AFTER, "STAGE", 0, "Print what a stage made: import, analyze, lower, plan, emit", 10},
    {"json", KEY_JSON, NULL, 0, "Machine-readable output on standard output", 10},
    {0},
};

static error_t parse_shared(int key, char *arg, struct argp_state *state)
{
    struct lp_session *s = state->input;
    switch (key) {
    case KEY_TARGET:
        /* The message was collected; argp ends the parse with the status. */
        return lp_session_targets(s, arg) == LP_OK ? 0 : EINVAL;
    case KEY_ROUNDING:
        if (strcmp(arg, "single") != 0 && strcmp(arg, "double") != 0) {
            lp_error(&s->diag, LP_BAD_ARGUMENT, "--rounding %s: allowed are single and double", arg);
            return EINVAL;
        }
        s->options.rounding = strcmp(arg, "double") == 0 ? LP_ROUNDING_DOUBLE : LP_ROUNDING_SINGLE;
        return 0;
    case KEY_KEEP_INPUTS:
        s->options.keep_inputs = true;
        return 0;
    case KEY_NAME:
        s->name = arg;
        return 0;
    case KEY_DUMP_AFTER:
        s->dump_after = arg;
        return 0;
    case KEY_JSON:
        s->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp lp_session_argp = {.options = shared_options, .parser = parse_shared};

lp_status lp_session_parse(struct lp_session *session, const struct argp *argp, int argc, char **argv, void *input)
{
    /* Usage errors end the program inside argp with argp_err_exit_status, which main() has set to 2. */
    error_t error = argp_parse(argp, argc, argv, 0, NULL, input);
    if (error != 0)
        return session->diag.error_count != 0 ? session->diag.first : lp_error(&session->diag, LP_BAD_ARGUMENT, "bad usage: %s", strerror(error));
    return session->target_count == 0 ? lp_session_targets(session, "host") : LP_OK;
}

static const struct lp_embedded_file *find_target(const char *name, size_t length)
{
    for (size_t i = 0; i < lp_embedded_file_count; i++) {
        const char *path = lp_embedded_files[i].path;
        if (strncmp(path, "targets/", 8) == 0 && strlen(path) == 8 + length + 4 && strncmp(path + 8, name, length) == 0 &&
            strcmp(path + 8 + length, ".ini") == 0)
            return &lp_embedded_files[i];
    }
    return NULL;
}

static lp_status add_target(struct lp_session *session, const char *name, size_t length)
{
    const struct lp_embedded_file *file = find_target(name, length);
    if (file == NULL) {
        struct lp_text known = {0};
        for (size_t i = 0; i < lp_embedded_file_count; i++)
            if (strncmp(lp_embedded_files[i].path, "targets/", 8) == 0)
                lp_text_printf(&known, "%s%.*s", known.length == 0 ? "" : ", ", (int)strcspn(lp_embedded_files[i].path + 8, "."), lp_embedded_files[i].path + 8);
        lp_status status = lp_error(&session->diag, LP_BAD_ARGUMENT, "there is no target '%.*s': known are %s", (int)length, name, lp_text_get(&known));
        lp_text_free(&known);
        return status;
    }
    if (session->target_count == LP_MAX_TARGETS)
        return lp_error(&session->diag, LP_BAD_ARGUMENT, "more than %d targets at once", LP_MAX_TARGETS);
    lp_status status = lp_target_parse(&session->arena, &session->diag, file->path, (const char *)file->data, file->size_bytes,
                                       &session->targets[session->target_count]);
    if (status == LP_OK)
        session->target_count++;
    return status;
}

lp_status lp_session_targets(struct lp_session *session, const char *list)
{
    lp_status status = LP_OK;
    while (status == LP_OK) {
        size_t length = strcspn(list, ",");
        status = add_target(session, list, length);
        if (list[length] == '\0')
            break;
        list += length + 1;
    }
    return status;
}

lp_status lp_session_model(struct lp_session *session)
{
    return lp_file_read(&session->arena, &session->diag, session->model_path, MODEL_LIMIT_BYTES, &session->model, &session->model_bytes);
}

static const char *flags_text(struct lp_session *session)
{
    return lp_arena_printf(&session->arena, "--rounding %s%s", session->options.rounding == LP_ROUNDING_DOUBLE ? "double" : "single",
                           session->options.keep_inputs ? " --keep-inputs" : "");
}

lp_status lp_session_compile(struct lp_session *session, const struct lp_target *target, const char *last_stage, struct lp_unit *unit)
{
    struct lp_source_file *sources = LP_NEW_ARRAY(&session->arena, lp_embedded_file_count, struct lp_source_file);
    const char *flags = flags_text(session);
    if (sources == NULL || flags == NULL)
        return lp_no_memory(&session->diag);
    for (size_t i = 0; i < lp_embedded_file_count; i++)
        sources[i] = (struct lp_source_file){lp_embedded_files[i].path, (const char *)lp_embedded_files[i].data, lp_embedded_files[i].size_bytes};
    *unit = (struct lp_unit){
        .model_path = session->model_path,
        .model = session->model,
        .model_bytes = session->model_bytes,
        .name = session->name,
        .flags = flags,
        .version = LP_VERSION,
        .target = target,
        .options = session->options,
        .sources = sources,
        .source_count = lp_embedded_file_count,
        .dump_after = session->dump_after,
        .last_stage = last_stage,
        .all_outputs = session->all_outputs,
        .diag = &session->diag,
        .arena = &session->arena,
    };
    lp_status status = lp_compile(unit);
    if (unit->dump.length != 0) {
        lp_status printed = lp_session_print(session, &unit->dump);
        return status == LP_OK ? printed : status;
    }
    lp_text_free(&unit->dump);
    return status;
}

struct lp_report_model lp_session_report_model(const struct lp_unit *unit)
{
    return (struct lp_report_model){.version = LP_VERSION, .file = lp_unit_model_file(unit), .sha256 = unit->model_sha256, .graph = unit->graph};
}

struct lp_report_target lp_session_report_target(const struct lp_unit *unit)
{
    return (struct lp_report_target){.graph = unit->graph, .program = unit->program, .plan = &unit->plan, .code_bytes = -1};
}
