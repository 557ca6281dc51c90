#include "cli/commands.h"
#include "cli/session.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct lp_session *s = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = s;
        return 0;
    case ARGP_KEY_ARG:
        if (s->model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        s->model_path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a model file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static lp_status analyze(struct lp_session *s, struct lp_unit *units, struct lp_report_target *reports)
{
    lp_status status = lp_session_model(s);
    for (uint32_t i = 0; i < s->target_count && status == LP_OK; i++) {
        status = lp_session_compile(s, &s->targets[i], "plan", &units[i]);
        reports[i] = lp_session_report_target(&units[i]);
    }
    return status;
}

static void add_report(struct lp_session *s, const struct lp_unit *units, const struct lp_report_target *reports, struct lp_text *out)
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
    static const struct argp argp = {.parser = parse,
                                     .args_doc = "MODEL",
                                     .doc = "Says what a model would cost on a target, and why: operators, multiplications (MACs), bytes by cause, memory over "
                                            "time. Writes no files.\vExample: limpid analyze model.tflite --target host,cortex-m55",
                                     .children = children};
    struct lp_session s = {0};
    struct lp_unit units[LP_MAX_TARGETS];
    struct lp_report_target reports[LP_MAX_TARGETS];
    struct lp_text out = {0};
    lp_status status = lp_session_parse(&s, &argp, argc, argv, &s);
    if (status == LP_OK)
        status = analyze(&s, units, reports);
    if (status == LP_OK && s.dump_after == NULL)
        add_report(&s, units, reports, &out);
    if (status == LP_OK)
        status = lp_session_print(&s, &out);
    return lp_session_close(&s, status, LP_EXIT_FINE);
}
