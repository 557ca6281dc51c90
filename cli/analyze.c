#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/npu_build.h"
#include "cli/npu_program.h"
#include "cli/session.h"

enum { KEY_LINK = 0x200 };

struct analyze {
    struct lp_session session;
    bool link;
};

static const struct argp_option options[] = {
    {"link", KEY_LINK, NULL, 0,
     "Also compile and link for microcontroller targets, and report the bytes of code (needs arm-none-eabi-gcc)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct analyze *a = state->input;
    struct lp_session *s = &a->session;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = s; return 0;
    case KEY_LINK: a->link = true; return 0;
    case ARGP_KEY_ARG:
        if (s->model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        s->model_path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "a model file is missing"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

struct measurement {
    struct lp_session *session;
    const struct lp_unit *unit;
    int64_t code_bytes;
};

static lp_status measure_in_folder(void *user, const char *folder)
{
    struct measurement *m = user;
    struct lp_session *s = m->session;
    const struct lp_unit *unit = m->unit;
    struct lp_emulate_program program;
    struct lp_emulate_flash flash;
    const char *symbol = lp_arena_printf(&s->arena, "%s_network", unit->name);
    const char *weights = lp_arena_printf(&s->arena, "%s_weights", unit->name);
    lp_status status = symbol == NULL || weights == NULL ? lp_no_memory(&s->diag) : lp_batch_program(s, unit, folder, &program);
    if (status == LP_OK)
        status = lp_emulate_flash(&s->arena, &s->diag, &program, symbol, &weights, unit->program->weights.size_bytes == 0 ? 0 : 1,
                                  &flash);
    if (status == LP_OK)
        m->code_bytes = flash.code_bytes;
    return status;
}

/* Code has a size only when somebody links it; this PC's own is not asked for. */
static lp_status measure_code(struct lp_session *s, const struct lp_unit *unit, int64_t *code_bytes)
{
    struct measurement m = {s, unit, -1};
    if (unit->target->board == NULL)
        return LP_OK;
    lp_status status = lp_batch_in_folder(s, measure_in_folder, &m);
    *code_bytes = m.code_bytes;
    return status;
}

static lp_status analyze(struct analyze *a, struct lp_unit *units, struct lp_report_target *reports)
{
    struct lp_session *s = &a->session;
    lp_status status = lp_session_model(s);
    for (uint32_t i = 0; i < s->target_count && status == LP_OK; i++) {
        status = lp_session_compile(s, &s->targets[i], a->link ? NULL : "plan", &units[i]);
        struct lp_npu_build build = {.as_blobs = false};
        if (status == LP_OK && s->targets[i].kind == LP_TARGET_NPU && s->dump_after == NULL)
            status = lp_npu_build(s, &units[i], &build);
        reports[i] = lp_session_report_target(&units[i]);
        if (status == LP_OK && a->link)
            status = measure_code(s, &units[i], &reports[i].code_bytes);
    }
    return status;
}

static void add_report(struct lp_session *s, const struct lp_unit *units, const struct lp_report_target *reports,
                       struct lp_text *out)
{
    struct lp_report_model model = lp_session_report_model(&units[0]);
    if (s->json) {
        json_t *json = lp_report_json(&model, reports, s->target_count);
        lp_report_json_text(json, out);
        json_decref(json);
        return;
    }
    lp_report_text_model(&model, &s->arena, out);
    for (uint32_t i = 0; i < s->target_count; i++)
        lp_report_text_target(&model, &reports[i], &s->arena, out);
}

int lp_cmd_analyze(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL|DIR",
        .doc =
            "Says what a model would cost on a target, and why: operators, multiplications (MACs), bytes by cause, memory over "
            "time. Writes no files.\vExample: limpid analyze model.tflite --target host,cortex-m55",
        .children = children};
    struct analyze a = {0};
    struct lp_session *s = &a.session;
    struct lp_unit units[LP_MAX_TARGETS];
    struct lp_report_target reports[LP_MAX_TARGETS];
    struct lp_text out = {0};
    lp_status status = lp_session_parse(s, &argp, argc, argv, &a);
    if (status == LP_OK && lp_npu_program_is(s->model_path))
        return lp_session_close(s, lp_npu_program_analyze(s), LP_EXIT_FINE);
    if (status == LP_OK)
        status = analyze(&a, units, reports);
    if (status == LP_OK && s->dump_after == NULL)
        add_report(s, units, reports, &out);
    if (status == LP_OK)
        status = lp_session_print(s, &out);
    return lp_session_close(s, status, LP_EXIT_FINE);
}
