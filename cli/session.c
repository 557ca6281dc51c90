#include "cli/session.h"

#include "cli/commands.h"
#include "cli/embedded.h"
#include "cli/graph_runner.h"
#include "compiler/base/file.h"
#include "compiler/lower/neural-art/backend.h"

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
    for (size_t i = 0; i < text->length; i++)
        if (((unsigned char)text->data[i] < 0x20 && text->data[i] != '\n') || text->data[i] == 0x7f)
            text->data[i] = '?';
    if (status == LP_OK && (fwrite(lp_text_get(text), 1, text->length, stdout) != text->length || fflush(stdout) != 0))
        status = lp_error(&session->diag, LP_IO, "cannot write to standard output: %s", strerror(errno));
    lp_text_free(text);
    return status;
}

enum {
    KEY_TARGET = 't',
    KEY_JSON = 'j',
    KEY_ROUNDING = 0x100,
    KEY_KEEP_INPUTS,
    KEY_NAME,
    KEY_DUMP_AFTER,
    KEY_KEEP_DEAD,
    KEY_INPUT_RANGE,
    KEY_OPTIMIZE,
    KEY_POOLS,
    KEY_ALLOW_SPILL,
    KEY_ALLOW_UNPROVEN
};

static const struct argp_option shared_options[] = {
    {"target", KEY_TARGET, "T[,T...]", 0, "Target or targets; see limpid targets (default: host)", 10},
    {"rounding", KEY_ROUNDING, "R", 0, "single (default; LiteRT, XNNPACK) or double (TensorFlow Lite Micro, CMSIS-NN)", 10},
    {"keep-inputs", KEY_KEEP_INPUTS, NULL, 0, "Inputs keep their values during a run, at the cost of memory", 10},
    {"keep-dead", KEY_KEEP_DEAD, NULL, 0, "Keep channels that no input can change", 10},
    {"input-range", KEY_INPUT_RANGE, "RANGE", 0,
     "Raw integers that an input can take: MIN,MAX for all of it, or a file with such a line for each channel; repeat for "
     "further "
     "inputs. Results hold only for such inputs",
     10},
    {"optimize", KEY_OPTIMIZE, "GOAL", 0, "Where storage and speed are a choice: size, balanced (default) or speed", 10},
    {"allow-unproven", KEY_ALLOW_UNPROVEN, NULL, 0, "Also NPU configurations that nobody has seen to work", 10},
    {"pools", KEY_POOLS, "FILE.mpool", 0, "Memory pools of an existing project, for targets with an NPU", 10},
    {"allow-spill", KEY_ALLOW_SPILL, NULL, 0, "Activations that do not fit may lie in external memory, at a cost that is said",
     10},
    {"name", KEY_NAME, "NAME", 0, "C name of the network (default: the model file's name)", 10},
    {"dump-after", KEY_DUMP_AFTER, "STAGE", 0, "Print what a stage made: import, analyze, optimize, lower, plan, emit", 10},
    {"json", KEY_JSON, NULL, 0, "Machine-readable output on standard output", 10},
    {0},
};

static const char *const goal_names[] = {[LP_GOAL_BALANCED] = "balanced", [LP_GOAL_SIZE] = "size", [LP_GOAL_SPEED] = "speed"};

const char *lp_session_goal_name(enum lp_goal goal)
{
    return goal_names[goal];
}

static error_t parse_goal(struct lp_session *s, const char *text)
{
    for (int goal = 0; goal < (int)LP_COUNT(goal_names); goal++)
        if (strcmp(text, goal_names[goal]) == 0) {
            s->options.goal = (enum lp_goal)goal;
            return 0;
        }
    lp_error(&s->diag, LP_BAD_ARGUMENT, "--optimize %s: allowed are size, balanced and speed", text);
    return EINVAL;
}

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
    case KEY_OPTIMIZE: return parse_goal(s, arg);
    case KEY_POOLS: s->pools_file = arg; return 0;
    case KEY_ALLOW_SPILL: s->placement.allow_slow = true; return 0;
    case KEY_ALLOW_UNPROVEN: s->options.allow_unproven = true; return 0;
    case KEY_KEEP_INPUTS: s->options.keep_inputs = true; return 0;
    case KEY_KEEP_DEAD: s->keep_dead = true; return 0;
    case KEY_INPUT_RANGE:
        if (s->input_range_count == LP_MAX_INPUT_RANGES) {
            lp_error(&s->diag, LP_BAD_ARGUMENT, "--input-range: more than %d inputs", LP_MAX_INPUT_RANGES);
            return EINVAL;
        }
        s->input_ranges[s->input_range_count++] = arg;
        return 0;
    case KEY_NAME: s->name = arg; return 0;
    case KEY_DUMP_AFTER: s->dump_after = arg; return 0;
    case KEY_JSON: s->json = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp lp_session_argp = {.options = shared_options, .parser = parse_shared};

static lp_status read_pools(struct lp_session *session)
{
    enum { FILE_LIMIT_BYTES = 1 << 20 };
    const uint8_t *text = NULL;
    size_t size_bytes = 0;
    bool is_used = false;
    lp_status status = lp_file_read(&session->arena, &session->diag, session->pools_file, FILE_LIMIT_BYTES, &text, &size_bytes);
    for (uint32_t i = 0; i < session->target_count && status == LP_OK; i++) {
        if (session->targets[i].kind != LP_TARGET_NPU)
            continue;
        is_used = true;
        status = lp_mpool_parse(&session->arena, &session->diag, session->pools_file, (const char *)text, size_bytes,
                                &session->targets[i]);
    }
    if (status == LP_OK && !is_used)
        return lp_error(&session->diag, LP_BAD_ARGUMENT, "--pools is for targets with an NPU; none was given");
    return status;
}

lp_status lp_session_parse(struct lp_session *session, const struct argp *argp, int argc, char **argv, void *input)
{
    /* Usage errors end the program inside argp with argp_err_exit_status, which main() has set to 2. */
    error_t error = argp_parse(argp, argc, argv, 0, NULL, input);
    if (error != 0)
        return session->diag.error_count != 0 ? session->diag.first
                                              : lp_error(&session->diag, LP_BAD_ARGUMENT, "bad usage: %s", strerror(error));
    if (session->json && session->dump_after != NULL)
        return lp_error(&session->diag, LP_BAD_ARGUMENT, "--dump-after prints text: leave out --json, or --dump-after");
    session->is_default_target = session->target_count == 0;
    lp_status status = session->target_count == 0 ? lp_session_targets(session, "host") : LP_OK;
    return status == LP_OK && session->pools_file != NULL ? read_pools(session) : status;
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
                lp_text_printf(&known, "%s%.*s", known.length == 0 ? "" : ", ", (int)strcspn(lp_embedded_files[i].path + 8, "."),
                               lp_embedded_files[i].path + 8);
        lp_status status = lp_error(&session->diag, LP_BAD_ARGUMENT, "there is no target '%.*s': known are %s", (int)length, name,
                                    lp_text_get(&known));
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
    return lp_file_read(&session->arena, &session->diag, session->model_path, MODEL_LIMIT_BYTES, &session->model,
                        &session->model_bytes);
}

/* Without folders: emitted files must not depend on where something lay. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *flags_text(struct lp_session *session)
{
    const char *ranges = "";
    for (uint32_t i = 0; i < session->input_range_count && ranges != NULL; i++)
        ranges = lp_arena_printf(&session->arena, "%s --input-range %s", ranges, name_of(session->input_ranges[i]));
    if (ranges == NULL)
        return NULL;
    const char *goal = session->options.goal == LP_GOAL_BALANCED ? "" : goal_names[session->options.goal];
    return lp_arena_printf(
        &session->arena, "--rounding %s%s%s%s%s%s%s%s%s%s", session->options.rounding == LP_ROUNDING_DOUBLE ? "double" : "single",
        session->options.keep_inputs ? " --keep-inputs" : "", session->keep_dead ? " --keep-dead" : "",
        goal[0] == '\0' ? "" : " --optimize ", goal, session->options.allow_unproven ? " --allow-unproven" : "",
        session->pools_file == NULL ? "" : " --pools ", session->pools_file == NULL ? "" : name_of(session->pools_file),
        session->placement.allow_slow ? " --allow-spill" : "", ranges);
}

/* Text that begins like a number and has a comma is the range itself, anything else names a file. */
static lp_status read_input_ranges(struct lp_session *session, struct lp_input_range *ranges)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < session->input_range_count && status == LP_OK; i++) {
        const char *text = session->input_ranges[i];
        const char *what = "--input-range";
        if (strchr("+-0123456789", text[0]) == NULL || strchr(text, ',') == NULL) {
            const uint8_t *data = NULL;
            size_t size_bytes = 0;
            what = text;
            status = lp_file_read(&session->arena, &session->diag, text, MODEL_LIMIT_BYTES, &data, &size_bytes);
            text = status == LP_OK ? lp_arena_text(&session->arena, (const char *)data, size_bytes) : "";
            if (text == NULL)
                status = lp_no_memory(&session->diag);
        }
        if (status == LP_OK)
            status = lp_input_range_parse(&session->arena, &session->diag, what, text, &ranges[i]);
    }
    return status;
}

lp_status lp_session_compile(struct lp_session *session, const struct lp_target *target, const char *last_stage,
                             struct lp_unit *unit)
{
    struct lp_source_file *sources = LP_NEW_ARRAY(&session->arena, lp_embedded_file_count, struct lp_source_file);
    const char *flags = flags_text(session);
    struct lp_input_range *ranges = LP_NEW_ARRAY(&session->arena, LP_MAX_INPUT_RANGES, struct lp_input_range);
    if (sources == NULL || flags == NULL || ranges == NULL)
        return lp_no_memory(&session->diag);
    lp_status status = read_input_ranges(session, ranges);
    if (status != LP_OK)
        return status;
    for (size_t i = 0; i < lp_embedded_file_count; i++)
        sources[i] = (struct lp_source_file){lp_embedded_files[i].path, (const char *)lp_embedded_files[i].data,
                                             lp_embedded_files[i].size_bytes};
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
        .keep_dead = session->keep_dead,
        .input_ranges = ranges,
        .input_range_count = session->input_range_count,
        .runner = session->is_checked ? NULL : &lp_pc_runner,
        .diag = &session->diag,
        .arena = &session->arena,
    };
    if (target->kind == LP_TARGET_NPU) {
        unit->options.backend = &lp_npu_backend;
        unit->last_stage = last_stage == NULL ? "plan" : last_stage;
    }
    status = lp_compile(unit);
    if (unit->dump.length != 0) {
        lp_status printed = lp_session_print(session, &unit->dump);
        return status == LP_OK ? printed : status;
    }
    lp_text_free(&unit->dump);
    return status;
}

struct lp_report_model lp_session_report_model(const struct lp_unit *unit)
{
    return (struct lp_report_model){
        .version = LP_VERSION, .file = lp_unit_model_file(unit), .sha256 = unit->model_sha256, .graph = unit->model_graph};
}

struct lp_report_target lp_session_report_target(const struct lp_unit *unit)
{
    return (struct lp_report_target){.graph = unit->graph,
                                     .program = unit->program,
                                     .plan = &unit->plan,
                                     .removal = unit->removal,
                                     .ranges = unit->ranges,
                                     .placement = unit->placement,
                                     .code_bytes = -1};
}
