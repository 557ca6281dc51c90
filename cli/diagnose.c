#define _POSIX_C_SOURCE 200809L
#include "cli/commands.h"
#include "cli/diagnose/parts.h"
#include "cli/emulate/folder.h"
#include "cli/emulate/process.h"
#include "cli/npu_network.h"
#include "compiler/base/file.h"

#include <string.h>

enum {
    KEY_INPUTS = 'i',
    KEY_OBSERVED = 'o',
    KEY_TRACE = 0x200,
    KEY_LOG,
    KEY_PROGRAM,
    KEY_IMAGE,
    KEY_HTML,
    KEY_REAL,
    KEY_RAW,
    KEY_RAW_INPUTS
};

struct diagnose {
    struct lp_session session;
    struct lp_diagnose_options options;
    const char *folder; /* for a network.c as program */
};

static const struct argp_option options[] = {
    {"inputs", KEY_INPUTS, "LOG", 0,
     "What the device was given: .csv in real units, .npy, .bin, or random:N[:SEED]; a row an inference, in order; repeated for "
     "further inputs",
     0},
    {"observed", KEY_OBSERVED, "OUT", 0,
     "What the device answered, a row for each of LOG: .csv (integers, or real values with a decimal point), .npy or .bin; "
     "repeated "
     "for further outputs",
     0},
    {"trace", KEY_TRACE, "FILE", 0, "The run loop's return codes (docs/formats.md): evidence level 2", 0},
    {"device-log", KEY_LOG, "FILE", 0, "Self-test, addresses and CRC of the device (docs/formats.md): evidence level 3", 0},
    {"program", KEY_PROGRAM, "DIR|network.c", 0,
     "The device's own program (program.json), run on the simulator: outputs are then compared bit "
     "for bit",
     0},
    {"image", KEY_IMAGE, "POOL|ADDRESS=FILE", 0, "Memory of network.c before the start, as for limpid run; repeated", 0},
    {"html", KEY_HTML, "FILE", 0, "Write a page as well: heat map of the input, layers, the place where the change dies", 0},
    {"real", KEY_REAL, NULL, 0, "Observed values are in real units", 0},
    {"raw", KEY_RAW, NULL, 0, "Observed values are the network's integers", 0},
    {"raw-inputs", KEY_RAW_INPUTS, NULL, 0, "Inputs are the network's integers, not real values", 0},
    {0},
};

static void add_path(struct argp_state *state, const char **paths, uint32_t *count, char *arg)
{
    if (*count == LP_DIAGNOSE_PATHS)
        argp_error(state, "more than %d files", LP_DIAGNOSE_PATHS);
    else
        paths[(*count)++] = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct diagnose *d = state->input;
    struct lp_diagnose_options *o = &d->options;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &d->session; return 0;
    case KEY_INPUTS: add_path(state, o->inputs, &o->input_count, arg); return 0;
    case KEY_OBSERVED: add_path(state, o->observed, &o->observed_count, arg); return 0;
    case KEY_TRACE: o->trace = arg; return 0;
    case KEY_LOG: o->log = arg; return 0;
    case KEY_PROGRAM: o->program = arg; return 0;
    case KEY_IMAGE: add_path(state, o->images, &o->image_count, arg); return 0;
    case KEY_HTML: o->html = arg; return 0;
    case KEY_RAW_INPUTS: o->input_mode = LP_VALUES_RAW; return 0;
    case KEY_REAL:
    case KEY_RAW:
        if (o->observed_mode != LP_VALUES_AUTO && o->observed_mode != (key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW))
            argp_error(state, "--real and --raw exclude each other");
        o->observed_mode = key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW;
        return 0;
    case ARGP_KEY_ARG:
        if (d->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        d->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (d->session.model_path == NULL)
            argp_error(state, "a model file is missing");
        if (o->input_count == 0)
            argp_error(state, "a log of inputs is missing: --inputs LOG.csv or --inputs random:100");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The device is the NPU unless a target says otherwise; a CPU target gives the reference's bits. */
static lp_status set_device(struct diagnose *d, struct lp_case *c, struct lp_case_device *device)
{
    struct lp_session *s = &d->session;
    if (s->target_count > 1)
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "diagnose takes one target, %u were given", (unsigned)s->target_count);
    c->expects_exact_bits = d->options.program == NULL && strcmp(s->targets[0].name, "host") != 0 &&
                            strcmp(s->targets[0].name, "stm32n6") != 0;
    c->is_vendor_possible = !c->expects_exact_bits;
    if (d->options.program == NULL)
        return LP_OK;
    c->device = device;
    return d->folder != NULL ? lp_diagnose_network(s, &d->options, d->folder, c, device)
                             : lp_diagnose_device(s, d->options.program, c, device);
}

static lp_status print_report(struct diagnose *d, const struct lp_diagnose_report *report)
{
    struct lp_session *s = &d->session;
    struct lp_text out = {0}, page = {0};
    lp_status status = LP_OK;
    if (d->options.html != NULL) {
        lp_diagnose_html(report, &page);
        status = page.failed ? lp_no_memory(&s->diag) : lp_file_write(&s->diag, d->options.html, lp_text_get(&page), page.length);
        lp_text_free(&page);
    }
    if (status != LP_OK)
        return status;
    if (s->json)
        lp_diagnose_json(report, &out);
    else
        lp_diagnose_text(report, &out);
    return lp_session_print(s, &out);
}

static lp_status diagnose(struct diagnose *d, int *exit)
{
    struct lp_session *s = &d->session;
    struct lp_unit unit = {0};
    struct lp_diagnosis diagnosis;
    struct lp_case_device device = {0};
    size_t all_rows = 0;
    lp_status status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], "analyze", &unit);
    if (status != LP_OK)
        return status;
    struct lp_case c = {.arena = &s->arena,
                        .diag = &s->diag,
                        .graph = unit.model_graph,
                        .rounding = s->options.rounding,
                        .runner = &lp_diagnose_runner};
    if (c.graph->input_count == 0 || c.graph->output_count == 0)
        return lp_error(&s->diag, LP_UNSUPPORTED, "%s has no input or no output: there is nothing to diagnose", s->model_path);
    if (c.graph->state_count != 0)
        return lp_error(
            &s->diag, LP_UNSUPPORTED,
            "%s keeps %u variables between inferences: an output depends on all inputs before it, which diagnose does "
            "not follow; give it the same model with the variables as inputs and outputs",
            s->model_path, (unsigned)c.graph->state_count);
    status = lp_diagnose_read(s, &d->options, &c, &all_rows);
    if (status == LP_OK)
        status = set_device(d, &c, &device);
    if (status == LP_OK)
        status = lp_diagnose(&c, &diagnosis);
    if (status == LP_OK)
        status = lp_diagnose_model(&c, &diagnosis);
    if (status != LP_OK)
        return status;
    *exit = diagnosis.verdict.cause == LP_TROUBLE_HEALTHY ? LP_EXIT_FINE : LP_EXIT_FOUND;
    struct lp_diagnose_report report = {lp_unit_model_file(&unit), &c, &diagnosis, all_rows, d->options.program != NULL};
    return print_report(d, &report);
}

/* A network.c is compiled in a folder that is gone afterwards, also when a signal ends the program. */
static lp_status diagnose_in_folder(struct diagnose *d, int *exit)
{
    struct lp_guard guard;
    lp_guard_open(&guard);
    lp_status status = lp_folder_temporary(&d->session.arena, &d->session.diag, &d->folder);
    if (status == LP_OK) {
        status = diagnose(d, exit);
        lp_folder_remove(&d->session.diag, d->folder);
    }
    lp_guard_close(&guard);
    return status;
}

int lp_cmd_diagnose(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL",
        .doc = "Says why an output is constant, stale or wrong, from the model, a log of inputs, and as much as is known of the "
               "device: its outputs, its run loop's trace, its log, its own program. Exit status 1 for any verdict but healthy."
               "\vExamples:\n  limpid diagnose model.tflite --inputs log.csv\n"
               "  limpid diagnose model.tflite --inputs log.csv --observed out.csv --trace loop.txt --html why.html\n"
               "docs/diagnose.md says which causes look alike at which level of evidence.",
        .children = children};
    struct diagnose d = {0};
    int exit = LP_EXIT_FINE;
    lp_status status = lp_session_parse(&d.session, &argp, argc, argv, &d);
    bool needs_folder = d.options.program != NULL && lp_npu_network_is(d.options.program);
    if (status == LP_OK)
        status = needs_folder ? diagnose_in_folder(&d, &exit) : diagnose(&d, &exit);
    return lp_session_close(&d.session, status, exit);
}
