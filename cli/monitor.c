/* limpid monitor: Modbus -> window -> quantize -> network -> softmax -> decision, live. */
#define _POSIX_C_SOURCE 200809L
#include "cli/commands.h"
#include "cli/monitor/example.h"
#include "cli/monitor/header.h"
#include "cli/monitor/lockstep.h"
#include "cli/monitor/watch.h"
#include "compiler/base/file.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_INIT = 0x300, KEY_HEADER, KEY_FORMAT, KEY_LOG, KEY_WINDOWS, KEY_SECONDS, KEY_LOCKSTEP };

struct monitor {
    struct lp_arena arena;
    struct lp_diag diag;
    const char *path; /* of the configuration, or of the model with --init */
    const char *output, *log, *header;
    int format; /* -1: as configured */
    uint64_t windows;
    double seconds;
    bool init, in_lockstep;
    struct lp_lockstep lockstep;
    struct lp_monitor_config config;
    struct lp_watch watch;
};

static volatile int stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static const char *const formats[] = {"auto", "table", "csv", "json"};

static const struct argp_option options[] = {
    {"init", KEY_INIT, NULL, 0, "Write an example of a configuration for this MODEL to standard output, or to --output", 0},
    {"header", KEY_HEADER, "FILE", 0, "Write registers and rules of CONFIG.ini as a C header for firmware, and end", 0},
    {"format", KEY_FORMAT, "F", 0, "auto, table, csv or json instead of the configured one", 0},
    {"json", 'j', NULL, 0, "The same as --format json", 0},
    {"output", 'o', "FILE", 0, "Write the lines there", 0},
    {"log", KEY_LOG, "FILE", 0, "Write every sample in real units there, as CSV", 0},
    {"windows", KEY_WINDOWS, "N", 0, "End after so many windows", 0},
    {"lockstep", KEY_LOCKSTEP, NULL, 0,
     "A sample after the other as fast as they come, whatever the clock says (comparisons, tests)", 0},
    {"seconds", KEY_SECONDS, "S", 0, "End after so many seconds", 0},
    {0},
};

static int read_format(const char *name, struct argp_state *state)
{
    for (size_t i = 0; i < LP_COUNT(formats); i++)
        if (strcmp(name, formats[i]) == 0)
            return (int)i;
    argp_error(state, "--format %s: allowed are auto, table, csv and json", name);
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct monitor *m = state->input;
    char *end = NULL;
    switch (key) {
    case KEY_INIT: m->init = true; return 0;
    case KEY_HEADER: m->header = arg; return 0;
    case KEY_LOCKSTEP: m->in_lockstep = true; return 0;
    case KEY_FORMAT: m->format = read_format(arg, state); return 0;
    case 'j': m->format = LP_MONITOR_JSON; return 0;
    case 'o': m->output = arg; return 0;
    case KEY_LOG: m->log = arg; return 0;
    case KEY_WINDOWS:
        m->windows = strtoull(arg, &end, 10);
        if (end == arg || *end != '\0' || arg[0] == '-' || m->windows == 0)
            argp_error(state, "--windows %s: allowed is a whole number from 1", arg);
        return 0;
    case KEY_SECONDS:
        m->seconds = strtod(arg, &end);
        if (end == arg || *end != '\0' || !(m->seconds > 0 && m->seconds < 1e9))
            argp_error(state, "--seconds %s: allowed is a number above 0", arg);
        return 0;
    case ARGP_KEY_ARG:
        if (m->path != NULL)
            argp_error(state, "one argument at a time: '%s' is too many", arg);
        m->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (m->path == NULL)
            argp_error(state, m->init ? "a model file is missing: --init MODEL" : "a configuration is missing: CONFIG.ini");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static lp_status open_network(struct monitor *m, const char *target, const char *model)
{
    struct lp_text known = {0};
    for (const struct lp_monitor_target *t = lp_monitor_targets; t->name != NULL; t++) {
        if (strcmp(t->name, target) == 0) {
            lp_text_free(&known);
            return t->open(&m->arena, &m->diag, model, &m->watch.network);
        }
        lp_text_printf(&known, "%s%s", known.length == 0 ? "" : ", ", t->name);
    }
    lp_status status = lp_error(&m->diag, LP_BAD_ARGUMENT, "%s: target = %s: allowed are %s", m->path, target,
                                lp_text_get(&known));
    lp_text_free(&known);
    return status;
}

static lp_status write_example(struct monitor *m)
{
    struct lp_text text = {0};
    lp_status status = open_network(m, "host", m->path);
    if (status != LP_OK)
        return status;
    status = lp_monitor_example(&m->arena, &m->diag, m->path, &m->watch.network, &text);
    m->watch.network.close(m->watch.network.ctx);
    if (status == LP_OK && m->output != NULL)
        status = lp_file_write(&m->diag, m->output, text.data, text.length);
    else if (status == LP_OK && (fwrite(text.data, 1, text.length, stdout) != text.length || fflush(stdout) != 0))
        status = lp_error(&m->diag, LP_IO, "cannot write to standard output: %s", strerror(errno));
    lp_text_free(&text);
    return status;
}

static lp_status take_options(struct monitor *m)
{
    if (m->format >= 0)
        m->config.format = (enum lp_monitor_format)m->format;
    if (m->output != NULL)
        m->config.output = m->output;
    if (m->log != NULL)
        m->config.log = m->log;
    if (m->config.format == LP_MONITOR_TABLE && m->config.output != NULL)
        return lp_error(&m->diag, LP_BAD_ARGUMENT, "a table goes to the terminal only: choose --format csv or json for %s",
                        m->config.output);
    return LP_OK;
}

/* Both signals end the loop after the line at work; a second one while it winds up changes nothing. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* A device has one line; what else the configuration says carries over. */
static lp_status write_header(struct monitor *m)
{
    if (m->config.line_count != 1)
        return lp_error(&m->diag, LP_UNSUPPORTED, "%s: its devices use %u lines; the firmware has one", m->path,
                        (unsigned)m->config.line_count);
    struct lp_text text = {0};
    lp_monitor_header(&m->config, &text);
    lp_status status = text.failed ? lp_no_memory(&m->diag) : lp_file_write(&m->diag, m->header, text.data, text.length);
    lp_text_free(&text);
    return status;
}

static lp_status poll_and_watch(struct monitor *m)
{
    struct lp_poller *poller = NULL;
    watch_signals();
    lp_status status = lp_poller_open(&m->arena, &m->diag, &m->config, &poller);
    if (status != LP_OK)
        return status;
    m->watch.source = lp_poller_source(poller);
    if (m->in_lockstep) {
        m->lockstep.source = m->watch.source;
        m->watch.source = lp_lockstep_source(&m->lockstep);
        m->watch.clock = lp_lockstep_clock(&m->lockstep);
    }
    status = lp_watch_run(&m->watch);
    lp_poller_close(poller);
    return status;
}

static lp_status watch(struct monitor *m)
{
    lp_status status = lp_monitor_config_read(&m->arena, &m->diag, m->path, &m->config);
    if (status == LP_OK)
        status = take_options(m);
    if (status == LP_OK)
        status = open_network(m, m->config.target, m->config.model);
    if (status != LP_OK)
        return status;
    m->watch.arena = &m->arena;
    m->watch.diag = &m->diag;
    m->watch.config = &m->config;
    m->watch.clock = lp_monitor_real_clock;
    m->watch.stop = &stop_asked;
    m->watch.max_windows = m->windows;
    m->watch.max_seconds = m->seconds;
    m->watch.terminal = isatty(STDOUT_FILENO) != 0;
    status = lp_watch_fit(&m->watch);
    if (status == LP_OK)
        status = m->header != NULL ? write_header(m) : poll_and_watch(m);
    if (m->watch.network.close != NULL)
        m->watch.network.close(m->watch.network.ctx);
    return status;
}

static void print_errors(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(stderr, "limpid: %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

int lp_cmd_monitor(int argc, char **argv)
{
    struct monitor m = {.format = -1};
    struct lp_text doc = {0};
    lp_text_printf(&doc, "Polls Modbus devices, runs the network on every window, and says what it decides.\v%s",
                   lp_monitor_config_help);
    const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "CONFIG.ini\n--init MODEL", .doc = lp_text_get(&doc)};
    lp_status status = LP_BAD_ARGUMENT;
    if (argp_parse(&argp, argc, argv, 0, NULL, &m) == 0)
        status = m.init ? write_example(&m) : watch(&m);
    print_errors(lp_text_get(&m.diag.errors));
    lp_text_free(&doc);
    lp_diag_free(&m.diag);
    lp_arena_free(&m.arena);
    return status == LP_OK ? LP_EXIT_FINE : LP_EXIT_BAD;
}
