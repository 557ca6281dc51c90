#define _GNU_SOURCE /* memmem */
#include "cli/check/check.h"
#include "cli/choices.h"
#include "cli/commands.h"
#include "cli/npu_build.h"
#include "cli/session.h"
#include "compiler/base/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct generate {
    struct lp_session session;
    const char *folder;
    struct lp_npu_build npu;
};

enum { KEY_EPOCH_CONTROLLER = 0x200, KEY_HEX, LARGEST_REPORT_BYTES = 1 << 30 };

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "Folder to write into (made when it is not there)", 0},
    {"epoch-controller", KEY_EPOCH_CONTROLLER, NULL, 0, "For an NPU: programs of its epoch controller instead of tables", 0},
    {"hex", KEY_HEX, NULL, 0, "For an NPU: the images as Intel hex, too", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct generate *g = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &g->session; return 0;
    case 'o': g->folder = arg; return 0;
    case KEY_EPOCH_CONTROLLER: g->npu.as_blobs = true; return 0;
    case KEY_HEX: g->npu.with_hex = true; return 0;
    case ARGP_KEY_ARG:
        if (g->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        g->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (g->session.model_path == NULL)
            argp_error(state, "a model file is missing");
        if (g->folder == NULL)
            argp_error(state, "an output folder is missing: -o DIR");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Makes the folders of a relative path below the output folder. */
static lp_status make_parents(struct lp_session *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? NULL : lp_arena_text(&s->arena, path, (size_t)(slash - path));
    if (folder == NULL)
        return slash == NULL ? LP_OK : lp_no_memory(&s->diag);
    return lp_folder_make(&s->diag, folder);
}

static lp_status write_files(struct generate *g, const struct lp_unit *unit)
{
    struct lp_session *s = &g->session;
    lp_status status = lp_folder_make(&s->diag, g->folder);
    for (size_t i = 0; i < unit->output.count && status == LP_OK; i++) {
        const struct lp_output_file *file = &unit->output.files[i];
        const char *path = lp_arena_printf(&s->arena, "%s/%s", g->folder, file->path);
        status = path == NULL ? lp_no_memory(&s->diag) : make_parents(s, path);
        if (status == LP_OK)
            status = lp_file_update(&s->diag, path, file->data, file->size_bytes);
    }
    return status;
}

/* Files that are not on disk yet. */
static lp_status read_output(void *user, const char *file, const uint8_t **data, size_t *size_bytes)
{
    const struct lp_unit *unit = user;
    *data = NULL;
    for (size_t i = 0; i < unit->output.count; i++)
        if (strcmp(unit->output.files[i].path, file) == 0) {
            *data = (const uint8_t *)unit->output.files[i].data;
            *size_bytes = unit->output.files[i].size_bytes;
        }
    return LP_OK;
}

/* Nothing is written before the bytes of the files are those that the ledger explains. */
static lp_status check_output(struct generate *g, struct lp_unit *unit, const json_t *report)
{
    struct lp_session *s = &g->session;
    const struct lp_check_source source = {read_output, unit};
    struct lp_check check = {.arena = &s->arena, .diag = &s->diag};
    lp_status status = lp_check_contents(&check, report, &source);
    if (status == LP_OK && check.finding_count != 0)
        status = lp_error(&s->diag, LP_INTERNAL, "the ledger does not explain the files: %s", lp_text_get(&check.findings));
    lp_text_free(&check.findings);
    return status;
}

static lp_status add_report(struct generate *g, struct lp_unit *unit)
{
    struct lp_report_model model = lp_session_report_model(unit);
    struct lp_report_target target = lp_session_report_target(unit);
    struct lp_text text = {0};
    lp_status status = g->npu.linked.program == NULL ? LP_OK : lp_choices_find(&g->session, unit, &target);
    if (status != LP_OK)
        return status;
    json_t *json = lp_report_json(&model, &target, 1);
    status = json == NULL || json_object_set_new(json, "name", json_string(unit->name)) != 0
                 ? lp_no_memory(&g->session.diag)
                 : lp_check_add(&g->session, unit, json);
    if (status == LP_OK)
        status = check_output(g, unit, json);
    if (status == LP_OK)
        status = lp_check_sealed_text(&g->session.diag, json, &text);
    json_decref(json);
    return status == LP_OK ? lp_output_add(&unit->output, &g->session.diag, "report.json", &text) : status;
}

static lp_status add_program(struct generate *g, struct lp_unit *unit)
{
    struct lp_text text = {0};
    lp_npu_program_text(g->npu.linked.program, &text);
    return lp_output_add(&unit->output, &g->session.diag, "program.json", &text);
}

/* The report that is there already, when it is of another network. A string of JSON has no line breaks: a line with the name of
 * this network, as reports have it, is the report's own. */
static json_t *other_report(const char *path, const char *name)
{
    struct lp_arena arena = {0};
    struct lp_diag quiet = {0};
    const uint8_t *data = NULL;
    size_t size = 0;
    json_t *other = NULL;
    const char *line = lp_arena_printf(&arena, "\n  \"name\": \"%s\",\n", name);
    if (line != NULL && lp_file_read(&arena, &quiet, path, LARGEST_REPORT_BYTES, &data, &size) == LP_OK &&
        memmem(data, size, line, strlen(line)) == NULL)
        other = json_loadb((const char *)data, size, 0, NULL);
    lp_diag_free(&quiet);
    lp_arena_free(&arena);
    return other;
}

/* A second network in the same folder shares the runtime's sources; the report of the first one is kept under its name. */
static lp_status keep_other_report(struct generate *g, const struct lp_unit *unit)
{
    struct lp_session *s = &g->session;
    const char *path = lp_arena_printf(&s->arena, "%s/report.json", g->folder);
    if (path == NULL)
        return lp_no_memory(&s->diag);
    json_t *old = other_report(path, unit->name);
    const char *name = json_string_value(json_object_get(old, "name"));
    lp_status status = LP_OK;
    const char *checked = NULL;
    if (name != NULL && strcmp(name, unit->name) != 0 && lp_emit_name(&s->arena, &s->diag, name, &checked) == LP_OK) {
        const char *kept = lp_arena_printf(&s->arena, "%s/%s.report.json", g->folder, checked);
        if (kept == NULL)
            status = lp_no_memory(&s->diag);
        else if (rename(path, kept) != 0)
            status = lp_error(&s->diag, LP_IO, "cannot keep the report of '%s' as %s", name, kept);
    }
    json_decref(old);
    return status;
}

static void add_summary(const struct generate *g, const struct lp_unit *unit, struct lp_text *out)
{
    if (g->session.json) {
        const struct lp_output_file *report = &unit->output.files[unit->output.count - 1];
        lp_text_add(out, report->data, report->size_bytes);
        return;
    }
    lp_text_printf(out, "%s: %zu files for %s\n", g->folder, unit->output.count, unit->target->name);
    lp_text_printf(out, "  %s%-10s  what your program includes\n", unit->name, ".h");
    lp_text_printf(out, "  %s%-10s  how to use it\n", unit->name, "_example.c");
    lp_text_printf(out, "  %s%-10s  what to compile\n", unit->name, ".sources");
    lp_text_printf(out, "  %-*s  where every byte comes from\n", (int)strlen(unit->name) + 10, "report.json");
    if (g->npu.linked.program != NULL) {
        lp_text_printf(out, "  %-*s  run it on the simulator: limpid run %s\n", (int)strlen(unit->name) + 10, "program.json",
                       g->folder);
        lp_text_printf(out, "  %s%-10s  what to write where\n", unit->name, "_placement.txt");
        lp_text_printf(out, "  %s%-10s  power, clocks and firewall\n", unit->name, "_board.c");
    }
    lp_text_printf(out, "weights %u bytes, tables %u bytes, arena %u bytes\n", (unsigned)unit->program->weights.size_bytes,
                   (unsigned)unit->program->tables.size_bytes, (unsigned)unit->plan.peak_bytes);
}

static lp_status generate(struct generate *g)
{
    struct lp_session *s = &g->session;
    struct lp_unit unit;
    struct lp_text out = {0};
    if (s->target_count != 1)
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "generate takes one target, %u were given", (unsigned)s->target_count);
    bool has_npu = s->targets[0].kind == LP_TARGET_NPU;
    if (!has_npu && (g->npu.as_blobs || g->npu.with_hex))
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "--epoch-controller and --hex are for targets with an NPU; %s has none",
                        s->targets[0].name);
    lp_status status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], NULL, &unit);
    if (status == LP_OK && has_npu)
        status = lp_npu_build(s, &unit, &g->npu);
    if (status == LP_OK && has_npu)
        status = add_program(g, &unit);
    if (status == LP_OK)
        status = add_report(g, &unit);
    if (status == LP_OK)
        status = keep_other_report(g, &unit);
    if (status == LP_OK)
        status = write_files(g, &unit);
    if (status != LP_OK)
        return status;
    add_summary(g, &unit, &out);
    return lp_session_print(s, &out);
}

int lp_cmd_generate(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL",
        .doc = "Writes C source that compiles alone: the network, its weights, the kernels and runtime it uses, an example and "
               "report.json.\vExample: limpid generate model.tflite --target cortex-m55 -o out",
        .children = children};
    struct generate g = {0};
    lp_status status = lp_session_parse(&g.session, &argp, argc, argv, &g);
    if (status == LP_OK)
        status = generate(&g);
    return lp_session_close(&g.session, status, LP_EXIT_FINE);
}
