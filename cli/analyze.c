#include "cli/analyze/budget.h"
#include "cli/analyze/files.h"
#include "cli/analyze/reports.h"
#include "cli/batch.h"
#include "cli/check/check.h"
#include "cli/choices.h"
#include "cli/commands.h"
#include "cli/npu_build.h"
#include "cli/npu_program.h"
#include "cli/session.h"
#include "compiler/report/difference.h"
#include "compiler/report/side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LINK = 0x200, KEY_AGAINST, KEY_BUDGET, KEY_HTML, KEY_SVG, KEY_CHECK };

struct analyze {
    struct lp_session session;
    bool link;
    const char *against; /* a model or a report */
    const char *check;   /* a folder */
    struct lp_budget budget;
    struct lp_analyze_files files;
    struct lp_unit units[LP_MAX_TARGETS];
    struct lp_report_target reports[LP_MAX_TARGETS];
    struct lp_cost costs[LP_MAX_TARGETS], before[LP_MAX_TARGETS]; /* the second with --against */
    struct lp_report_model model;
    json_t *json;
};

static const struct argp_option options[] = {
    {"link", KEY_LINK, NULL, 0,
     "Also compile and link for microcontroller targets, and report the bytes of code (needs arm-none-eabi-gcc)", 0},
    {"against", KEY_AGAINST, "MODEL|REPORT|DIR", 0,
     "What changed from another model, or from a report that --json or generate wrote earlier, by cause and by layer", 0},
    {"budget", KEY_BUDGET, "LIMITS", 0,
     "Exit status 1 when a target needs more: weights=BYTES,ram=BYTES,flash=BYTES; K and M are 1,024 and 1,048,576. A limit for "
     "flash links microcontroller targets, as --link does",
     0},
    {"check", KEY_CHECK, "DIR", 0,
     "Recompute the ledger of a folder that generate wrote from its files; exit status 1 and the place when a byte is not what "
     "was written",
     0},
    {"html", KEY_HTML, "FILE", 0, "Write one page that needs nothing else, with pictures", 0},
    {"svg", KEY_SVG, "[WHAT=]FILE", 0,
     "Write the pictures alone, for documents: WHAT is waterfall or memory, both without it; may be repeated", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct analyze *a = state->input;
    struct lp_session *s = &a->session;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = s; return 0;
    case KEY_LINK: a->link = true; return 0;
    case KEY_AGAINST: a->against = arg; return 0;
    case KEY_CHECK: a->check = arg; return 0;
    case KEY_HTML: a->files.html = arg; return 0;
    case KEY_SVG: return lp_analyze_files_add(&s->diag, &a->files, arg) == LP_OK ? 0 : EINVAL;
    case KEY_BUDGET:
        if (lp_budget_parse(&s->diag, arg, &a->budget) != LP_OK)
            return EINVAL;
        a->link = a->link || a->budget.is_given[LP_BUDGET_FLASH];
        return 0;
    case ARGP_KEY_ARG:
        if (s->model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        s->model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (s->model_path == NULL && a->check == NULL)
            argp_error(state, "a model file is missing");
        if (s->model_path != NULL && a->check != NULL)
            argp_error(state, "--check takes a folder and no model: '%s' is too many", s->model_path);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

struct measurement {
    struct lp_session *session;
    const struct lp_unit *unit;
    struct lp_emulate_flash flash;
};

static lp_status measure_in_folder(void *user, const char *folder)
{
    struct measurement *m = user;
    struct lp_session *s = m->session;
    const struct lp_unit *unit = m->unit;
    struct lp_emulate_program program;
    const char *symbol = lp_arena_printf(&s->arena, "%s_network", unit->name);
    const char *weights = lp_arena_printf(&s->arena, "%s_weights", unit->name);
    lp_status status = symbol == NULL || weights == NULL ? lp_no_memory(&s->diag) : lp_batch_program(s, unit, folder, &program);
    if (status == LP_OK)
        status = lp_emulate_flash(&s->arena, &s->diag, &program, symbol, &weights, unit->program->weights.size_bytes == 0 ? 0 : 1,
                                  &m->flash);
    return status;
}

/* Code has a size only when somebody links it; this PC's own is not asked for. */
static lp_status measure_code(struct lp_session *s, const struct lp_unit *unit, struct lp_report_target *report)
{
    struct measurement m = {.session = s, .unit = unit};
    if (unit->target->board == NULL)
        return LP_OK;
    lp_status status = lp_batch_in_folder(s, measure_in_folder, &m);
    if (status == LP_OK) {
        report->code_bytes = m.flash.code_bytes;
        report->kernels_bytes = m.flash.kernels_bytes;
        report->tables_bytes = m.flash.tables_bytes;
    }
    return status;
}

static lp_status analyze(struct analyze *a, struct lp_unit *units, struct lp_report_target *reports)
{
    struct lp_session *s = &a->session;
    lp_status status = lp_session_model(s);
    for (uint32_t i = 0; i < s->target_count && status == LP_OK; i++) {
        status = lp_session_compile(s, &s->targets[i], a->link ? NULL : "plan", &units[i]);
        struct lp_npu_build build = {.only_accounts = true};
        if (status == LP_OK && s->targets[i].kind == LP_TARGET_NPU && s->dump_after == NULL)
            status = lp_npu_build(s, &units[i], &build);
        reports[i] = lp_session_report_target(&units[i]);
        if (status == LP_OK && build.linked.program != NULL)
            status = lp_choices_find(s, &units[i], &reports[i]);
        if (status == LP_OK && a->link)
            status = measure_code(s, &units[i], &reports[i]);
    }
    return status;
}

static lp_status compare_with_model(struct analyze *a)
{
    struct lp_session *s = &a->session;
    const char *path = s->model_path;
    struct lp_unit *units = LP_NEW_ARRAY(&s->arena, LP_MAX_TARGETS, struct lp_unit);
    struct lp_report_target *reports = LP_NEW_ARRAY(&s->arena, LP_MAX_TARGETS, struct lp_report_target);
    if (units == NULL || reports == NULL)
        return lp_no_memory(&s->diag);
    s->model_path = a->against;
    lp_status status = analyze(a, units, reports);
    s->model_path = path;
    if (status != LP_OK)
        return status;
    const struct lp_report_model model = lp_session_report_model(&units[0]);
    json_t *json = lp_report_json(&model, reports, s->target_count);
    status = json == NULL ? lp_no_memory(&s->diag) : lp_reports_costs(s, a->against, json, a->before);
    json_decref(json);
    return status;
}

/* What is compared with is read first: it may say for which targets. */
static lp_status compare(struct analyze *a)
{
    struct lp_session *s = &a->session;
    const char *report = NULL;
    json_t *json = NULL;
    lp_status status = lp_reports_find(s, a->against, &report);
    if (status != LP_OK || report == NULL)
        return status == LP_OK ? compare_with_model(a) : status;
    status = lp_reports_load(s, report, &json);
    if (status == LP_OK && s->is_default_target)
        status = lp_reports_targets(s, report, json);
    if (status == LP_OK)
        status = lp_reports_costs(s, report, json, a->before);
    json_decref(json);
    return status;
}

static void add_against_json(struct analyze *a, json_t *out)
{
    struct lp_session *s = &a->session;
    bool is_against = a->against != NULL;
    json_t *list = json_array();
    for (uint32_t i = is_against ? 0 : 1; i < s->target_count; i++) {
        struct lp_difference difference;
        const struct lp_cost *from = is_against ? &a->before[i] : &a->costs[0];
        if (lp_difference_find(&s->arena, &s->diag, from, &a->costs[i], &difference) == LP_OK)
            json_array_append_new(list, lp_difference_json(&difference));
    }
    json_object_set_new(out, "differences", list);
    json_object_set_new(out, "questions", lp_questions_json(&a->model, a->reports, a->costs, s->target_count));
}

static void add_against_text(struct analyze *a, struct lp_text *out)
{
    struct lp_session *s = &a->session;
    for (uint32_t i = 0; i < s->target_count; i++) {
        bool is_same = strcmp(a->before[i].model, a->costs[i].model) == 0;
        const char *const heads[] = {is_same ? "before" : a->before[i].model, is_same ? "now" : a->costs[i].model};
        const struct lp_cost both[] = {a->before[i], a->costs[i]};
        struct lp_difference difference;
        lp_text_printf(out, "%s%s\n\n", i == 0 ? "" : "\n", a->costs[i].target);
        lp_side_text(both, heads, 2, &s->arena, out);
        if (lp_difference_find(&s->arena, &s->diag, &both[0], &both[1], &difference) == LP_OK)
            lp_difference_text(&difference, &s->arena, out);
    }
}

static void add_side_by_side(struct analyze *a, struct lp_text *out)
{
    struct lp_session *s = &a->session;
    const char *heads[LP_MAX_TARGETS];
    for (uint32_t i = 0; i < s->target_count; i++)
        heads[i] = a->costs[i].target;
    lp_report_text_model_line(&a->model, out);
    lp_text_printf(out, "\n");
    lp_side_text(a->costs, heads, s->target_count, &s->arena, out);
    for (uint32_t i = 0; i < s->target_count; i++)
        lp_report_text_refusals(&a->reports[i], out);
    for (uint32_t i = 1; i < s->target_count; i++) {
        struct lp_difference difference;
        if (lp_difference_find(&s->arena, &s->diag, &a->costs[0], &a->costs[i], &difference) == LP_OK)
            lp_difference_text(&difference, &s->arena, out);
    }
    lp_questions_text(&a->model, a->reports, a->costs, s->target_count, out);
    lp_text_printf(out, "\nEverything about one of them: one target at a time\n");
}

static void add_text(struct analyze *a, struct lp_text *out)
{
    struct lp_session *s = &a->session;
    if (a->against != NULL) {
        add_against_text(a, out);
    } else if (s->target_count > 1) {
        add_side_by_side(a, out);
    } else {
        lp_report_text_model(&a->model, &s->arena, out);
        lp_report_text_target(&a->model, &a->reports[0], &s->arena, out);
    }
}

static lp_status report(struct analyze *a, int *exit)
{
    struct lp_session *s = &a->session;
    struct lp_text out = {0};
    json_t *budget = json_array();
    a->model = lp_session_report_model(&a->units[0]);
    a->json = lp_report_json(&a->model, a->reports, s->target_count);
    lp_status status = a->json == NULL || budget == NULL ? lp_no_memory(&s->diag)
                                                         : lp_reports_costs(s, s->model_path, a->json, a->costs);
    if (status == LP_OK && (a->against != NULL || s->target_count > 1))
        add_against_json(a, a->json);
    if (status == LP_OK)
        status = lp_analyze_files_write(&s->diag, &a->files, a->json);
    if (status == LP_OK && !s->json)
        add_text(a, &out);
    if (status == LP_OK && lp_budget_check(&a->budget, a->costs, s->target_count, s->json ? NULL : &out, budget) != 0)
        *exit = LP_EXIT_FOUND;
    if (status == LP_OK && s->json) {
        if (json_array_size(budget) != 0)
            json_object_set(a->json, "budget", budget);
        lp_report_json_text(a->json, &out);
    }
    json_decref(budget);
    json_decref(a->json);
    if (status == LP_OK)
        status = s->diag.error_count == 0 ? lp_session_print(s, &out) : s->diag.first;
    lp_text_free(&out);
    return status;
}

int lp_cmd_analyze(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL|DIR\n--check DIR",
        .doc =
            "Says what a model would cost on a target, and why: operators, multiplications (MACs), bytes by cause, memory over "
            "time. Several targets stand side by side, with what makes the difference. Of a folder with program.json, a program "
            "of the NPU: epochs, units, routes, buffers, bytes and how well each configuration is proven. Writes no files but "
            "those asked for."
            "\vExit status 1: a budget is exceeded, or a checked folder was changed.\nExample: limpid analyze model.tflite "
            "--target cortex-m55,stm32n6",
        .children = children};
    struct analyze *a = calloc(1, sizeof *a);
    int exit = LP_EXIT_FINE;
    if (a == NULL)
        return LP_EXIT_BAD;
    struct lp_session *s = &a->session;
    lp_status status = lp_session_parse(s, &argp, argc, argv, a);
    if (status == LP_OK && a->check != NULL) {
        bool found = false;
        status = lp_check_folder(s, a->check, &found);
        exit = found ? LP_EXIT_FOUND : LP_EXIT_FINE;
    } else if (status == LP_OK && lp_npu_program_is(s->model_path)) {
        status = lp_npu_program_analyze(s);
    } else {
        if (status == LP_OK && a->against != NULL)
            status = compare(a);
        if (status == LP_OK)
            status = analyze(a, a->units, a->reports);
        if (status == LP_OK && s->dump_after == NULL)
            status = report(a, &exit);
    }
    exit = lp_session_close(s, status, exit);
    free(a);
    return exit;
}
