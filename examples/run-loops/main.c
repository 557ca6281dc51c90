/* Runs a model through a run loop on the simulated board: the loop of run_loop.c with one of its mistakes or without, or the
 * runtime's own adapter. Leaves what limpid diagnose takes: outputs, trace, device log. */
#include "cli/npu_build.h"
#include "cli/values/values.h"
#include "compiler/base/file.h"
#include "examples/run-loops/application.h"
#include "examples/run-loops/bench.h"
#include "simulator/board/cpu.h"

#include <stdlib.h>

enum {
    KEY_MISTAKE = 'm',
    KEY_INPUTS = 'i',
    KEY_OUTPUT = 'o',
    KEY_TRACE = 0x200,
    KEY_LOG,
    KEY_ADAPTER,
    KEY_VARIANT,
    KEY_NO_CACHE
};

struct options {
    struct lp_session session;
    enum run_loop_mistake mistake;
    uint32_t variant;
    bool adapter, no_cache;
    const char *inputs, *output, *trace, *log;
};

/* Everything of one run. */
struct run {
    struct options *options;
    struct lp_unit unit;
    struct lp_npu_linked linked;
    struct lp_npu_on_board on;
    struct lp_values windows;
    float *results;
    size_t in_count, out_count; /* elements of one inference */
};

static const struct argp_option options[] = {
    {"inputs", KEY_INPUTS, "LOG", 0, "Windows in real units, a row an inference: .csv or .npy", 0},
    {"mistake", KEY_MISTAKE, "NAME", 0, "What the loop does wrong; README.md lists the names", 0},
    {"variant", KEY_VARIANT, "N", 0, "Of the mistake: how far, how much", 0},
    {"adapter", KEY_ADAPTER, NULL, 0, "Use lp_network_run instead of the loop", 0},
    {"no-cache", KEY_NO_CACHE, NULL, 0,
     "Switch the data cache off, as SCB_DisableDCache does: what is right then, the cache hides", 0},
    {"output", KEY_OUTPUT, "OUT", 0, "Results in real units: .csv or .npy", 0},
    {"trace", KEY_TRACE, "FILE", 0, "What the loop's calls returned", 0},
    {"device-log", KEY_LOG, "FILE", 0, "What a debugger saw on the board", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    char *end;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->session; return 0;
    case KEY_INPUTS: o->inputs = arg; return 0;
    case KEY_OUTPUT: o->output = arg; return 0;
    case KEY_TRACE: o->trace = arg; return 0;
    case KEY_LOG: o->log = arg; return 0;
    case KEY_ADAPTER: o->adapter = true; return 0;
    case KEY_NO_CACHE: o->no_cache = true; return 0;
    case KEY_VARIANT:
        o->variant = (uint32_t)strtoul(arg, &end, 10);
        if (end == arg || *end != '\0')
            argp_error(state, "--variant %s: a number is needed", arg);
        return 0;
    case KEY_MISTAKE:
        o->mistake = bench_mistake(arg);
        if (o->mistake == RUN_LOOP_MISTAKES)
            argp_error(state, "--mistake %s: there is none of that name; README.md beside this program lists them", arg);
        return 0;
    case ARGP_KEY_ARG:
        if (o->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        o->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->session.model_path == NULL || o->inputs == NULL)
            argp_error(state, "a model and --inputs are needed");
        if (o->adapter && (o->mistake != RUN_LOOP_RIGHT || o->trace != NULL || o->log != NULL))
            argp_error(state, "--adapter has no mistakes, no trace and no debugger's log");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static struct lp_tensor as_float(const struct lp_tensor *t)
{
    struct lp_tensor real = *t;
    real.element = LP_ELEMENT_FLOAT32;
    real.quant = (struct lp_quant){0};
    return real;
}

/* What a loop forgot shows as itself, and not as an input or an intermediate result that lies where the output was. */
static lp_status build(struct run *r)
{
    struct lp_session *s = &r->options->session;
    s->options.keep_inputs = true;
    if (!s->is_default_target)
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "the board is an STM32N6: leave out --target");
    s->target_count = 0;
    lp_status status = lp_session_targets(s, "stm32n6");
    if (status == LP_OK)
        status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], "plan", &r->unit);
    if (status == LP_OK)
        status = lp_npu_build_place(s, &r->unit);
    if (status == LP_OK && !bench_place_ports(&r->unit, r->options->mistake == RUN_LOOP_SHARED_LINE))
        status = lp_error(&s->diag, LP_UNSUPPORTED, "the output of %s fills its last cache line: nothing else fits there",
                          s->model_path);
    if (status == LP_OK)
        status = lp_npu_build_link(s, &r->unit, &r->linked);
    return status == LP_OK ? lp_npu_on_board_open(&s->arena, &s->diag, &r->linked, &r->on) : status;
}

static lp_status read_windows(struct run *r)
{
    struct lp_session *s = &r->options->session;
    const struct lp_graph *g = r->unit.model_graph;
    if (g->input_count != 1 || g->output_count != 1)
        return lp_error(&s->diag, LP_UNSUPPORTED, "%s has %u inputs and %u outputs: the loop takes one of each", s->model_path,
                        (unsigned)g->input_count, (unsigned)g->output_count);
    const struct lp_tensor whole = as_float(&g->tensors[g->inputs[0]]);
    lp_status status = lp_values_read(&s->arena, &s->diag, r->options->inputs, LP_VALUES_REAL, &whole, &r->windows);
    r->in_count = (size_t)lp_tensor_elements(&g->tensors[g->inputs[0]]);
    r->out_count = (size_t)lp_tensor_elements(&g->tensors[g->outputs[0]]);
    if (status != LP_OK)
        return status;
    r->results = LP_NEW_ARRAY(&s->arena, r->windows.inference_count * r->out_count, float);
    return r->results == NULL ? lp_no_memory(&s->diag) : LP_OK;
}

static const float *window(const struct run *r, size_t n)
{
    return n < r->windows.inference_count ? (const float *)(const void *)r->windows.data + n * r->in_count : NULL;
}

static lp_status write_text(struct run *r, const char *path, const struct lp_text *text)
{
    return path == NULL ? LP_OK : lp_file_write(&r->options->session.diag, path, lp_text_get(text), text->length);
}

static lp_status run_loop(struct run *r)
{
    struct bench bench = {0};
    lp_status status = bench_open(&bench, &r->on, r->options->mistake, r->options->variant);
    for (size_t n = 0; n < r->windows.inference_count && status == LP_OK; n++)
        bench_infer(&bench, window(r, n), window(r, n + 1), r->results + n * r->out_count);
    if (status == LP_OK)
        status = bench_end(&bench);
    if (status == LP_OK)
        status = write_text(r, r->options->trace, &bench.trace);
    if (status == LP_OK)
        status = write_text(r, r->options->log, &bench.probe.log);
    bench_close(&bench);
    return status;
}

static lp_status run_adapter(struct run *r)
{
    enum { TIMEOUT_US = 1000000 };
    struct lp_session *s = &r->options->session;
    struct lp_network net = {0};
    lp_status status = lp_npu_on_board_describe(&s->arena, &r->on, TIMEOUT_US);
    lp_cpu_enter(&r->on.board);
    if (status == LP_OK && lp_network_open(&net, &r->on.desc, &r->on.port) != LP_OK)
        status = lp_error(&s->diag, net.failure.code, "the self-check found: %s", net.failure.why);
    for (size_t n = 0; n < r->windows.inference_count && status == LP_OK; n++) {
        status = application_infer(&net, window(r, n), r->results + n * r->out_count);
        if (status != LP_OK)
            status = lp_error(&s->diag, status, "inference %zu: epoch %u did not end well", n, (unsigned)r->on.state.epoch);
    }
    return status == LP_OK ? r->on.npu.status : status;
}

static lp_status run(struct run *r)
{
    struct lp_session *s = &r->options->session;
    lp_status status = build(r);
    if (status == LP_OK)
        status = read_windows(r);
    if (status != LP_OK)
        return status;
    lp_board_bring_up(&r->on.board);
    if (r->options->no_cache)
        lp_board_cache_enable(&r->on.board, false);
    status = r->options->adapter ? run_adapter(r) : run_loop(r);
    if (status != LP_OK || r->options->output == NULL)
        return status;
    const struct lp_graph *g = r->unit.model_graph;
    const struct lp_tensor whole = as_float(&g->tensors[g->outputs[0]]);
    return lp_values_write(&s->diag, r->options->output, &whole, r->results, r->windows.inference_count, true);
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "MODEL",
                                     .doc = "Runs a model for the STM32N6 through a run loop on the simulated board.",
                                     .children = children};
    struct options o = {0};
    struct run r = {.options = &o};
    argp_err_exit_status = 2;
    lp_status status = lp_session_parse(&o.session, &argp, argc, argv, &o);
    if (status == LP_OK)
        status = run(&r);
    lp_npu_on_board_close(&r.on);
    return lp_session_close(&o.session, status, 0);
}
