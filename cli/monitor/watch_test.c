/* The loop on a virtual clock: an hour of 10 ms polls, gaps at every place, broken outputs. */
#define _POSIX_C_SOURCE 200809L
#include "cli/monitor/watch.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { T = 4, F = 2, CLASSES = 3 };

/* Time that only this test moves. Every sample takes latency_us; *stop is set at the end. */
struct world {
    int64_t now_us, latency_us;
    uint64_t sampled;
    uint64_t last_tick;
    int64_t worst_us;    /* how late a sample was against the time grid */
    uint64_t lost_tick;  /* this sample is missing */
    uint64_t stall_tick; /* after this sample the whole program stands still for stall_us */
    int64_t stall_us;
    int64_t period_us;
    uint64_t stop_at;
    volatile int stop;
    uint64_t runs;
    int8_t first_inputs[16];
};

static int64_t now_us(void *ctx)
{
    return ((struct world *)ctx)->now_us;
}

static void sleep_until_us(void *ctx, int64_t time_us)
{
    struct world *w = ctx;
    w->now_us = time_us > w->now_us ? time_us + 37 : w->now_us; /* wakes a little late, as a system does */
}

static void sample(void *ctx, uint64_t tick, int64_t deadline_us, float *values)
{
    struct world *w = ctx;
    int64_t late_us = w->now_us - (int64_t)tick * w->period_us;
    assert_true(late_us >= 0 && deadline_us == (int64_t)(tick + 1) * w->period_us);
    w->worst_us = late_us > w->worst_us ? late_us : w->worst_us;
    w->now_us += w->latency_us + (tick == w->stall_tick ? w->stall_us : 0);
    values[0] = tick == w->lost_tick ? NAN : (float)(tick % 100);
    values[1] = tick == w->lost_tick ? NAN : -values[0];
    w->sampled++;
    w->last_tick = tick;
    if (w->stop_at != 0 && w->sampled == w->stop_at)
        w->stop = 1;
}

static void counters(void *ctx, uint32_t device, struct lp_device_counters *out)
{
    (void)device;
    *out = (struct lp_device_counters){.polls = ((struct world *)ctx)->sampled};
}

/* Says the class that the window's first value names; remembers the first inputs. */
static lp_status run_network(void *ctx, const int8_t *input, int8_t *output, struct lp_diag *diag)
{
    struct world *w = ctx;
    (void)diag;
    if (w->runs < 16)
        w->first_inputs[w->runs] = input[0];
    w->runs++;
    for (int i = 0; i < CLASSES; i++)
        output[i] = i == (input[0] / 10) % CLASSES ? 100 : -100;
    return LP_OK;
}

struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_monitor_config config;
    struct world world;
    struct lp_watch watch;
};

static void open_bench(struct bench *b, uint32_t period_ms)
{
    memset(b, 0, sizeof *b);
    struct lp_monitor_config *c = &b->config;
    *c = (struct lp_monitor_config){.path = "test.ini",
                                    .model = "fake",
                                    .target = "host",
                                    .format = LP_MONITOR_CSV,
                                    .line_count = 1,
                                    .device_count = 1,
                                    .feature_count = F,
                                    .output = "/dev/null"};
    c->devices[0].name = "d";
    for (uint32_t f = 0; f < F; f++) {
        c->features[f] = (struct lp_monitor_feature){.name = f == 0 ? "up" : "down", .unit = ""};
        c->mean[f] = 0.0f;
        c->deviation[f] = 1.0f;
    }
    c->pipeline.window = (struct lp_window_config){
        .samples = T, .stride = 1, .max_gap = 2, .period_ms = period_ms, .gap_rule = LP_GAP_INTERPOLATE};
    c->pipeline.decide = (struct lp_decide_config){0.5f, 1, 1};
    b->world = (struct world){
        .period_us = (int64_t)period_ms * 1000, .latency_us = 700, .lost_tick = UINT64_MAX, .stall_tick = UINT64_MAX};
    b->watch = (struct lp_watch){.arena = &b->arena,
                                 .diag = &b->diag,
                                 .config = c,
                                 .source = {&b->world, sample, counters},
                                 .clock = {&b->world, now_us, sleep_until_us},
                                 .stop = &b->world.stop};
    b->watch.network = (struct lp_monitor_network){.ctx = &b->world,
                                                   .input_count = T * F,
                                                   .output_count = CLASSES,
                                                   .input_scale = 1.0f,
                                                   .output_scale = 0.1f,
                                                   .window_samples = T,
                                                   .features = F,
                                                   .run = run_network};
    assert_int_equal(lp_watch_fit(&b->watch), LP_OK);
}

static void close_bench(struct bench *b)
{
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
}

static void an_hour_of_10_ms_polls_neither_drifts_nor_grows(void **state)
{
    (void)state;
    static struct bench b;
    open_bench(&b, 10);
    b.watch.max_seconds = 3600;
    size_t used = 0;
    b.watch.max_windows = 100; /* first a short run, for the memory that one needs */
    assert_int_equal(lp_watch_run(&b.watch), LP_OK);
    used = b.arena.used_bytes;
    close_bench(&b);
    open_bench(&b, 10);
    b.watch.max_seconds = 3600;
    assert_int_equal(lp_watch_run(&b.watch), LP_OK);
    assert_int_equal(b.world.sampled, 360000);
    assert_int_equal(b.world.last_tick, 359999);
    assert_true(b.world.worst_us <= 37);
    assert_int_equal(b.world.runs, 360000 - (T - 1));
    assert_int_equal(b.arena.used_bytes, used);
    close_bench(&b);
}

/* What the output file holds after a run. */
static char *run_to_file(struct bench *b, lp_status want)
{
    static char text[1 << 20];
    char path[] = "/tmp/limpid-watch-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    b->config.output = path;
    assert_int_equal(lp_watch_run(&b->watch), want);
    ssize_t got = read(fd, text, sizeof text - 1);
    assert_true(got >= 0);
    text[got] = '\0';
    close(fd);
    unlink(path);
    return text;
}

static uint32_t count_lines(const char *text)
{
    uint32_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void a_lost_sample_at_any_place_never_shifts_the_window(void **state)
{
    (void)state;
    for (uint64_t lost = 1; lost < 20; lost++) {
        static struct bench b;
        open_bench(&b, 100);
        b.world.lost_tick = lost;
        b.watch.max_seconds = 3;
        char *text = run_to_file(&b, LP_OK);
        /* Interpolation fills it exactly: the windows begin with 0, 1, 2 ... as if nothing had been lost. */
        for (int i = 0; i < 16; i++)
            assert_int_equal(b.world.first_inputs[i], i);
        assert_int_equal(b.world.runs, 30 - (T - 1));
        assert_int_equal(count_lines(text), 1 + b.world.runs);
        assert_non_null(strstr(text, "\n2.900,26,"));
        close_bench(&b);
    }
}

static void a_program_that_stood_still_goes_on_at_the_right_place(void **state)
{
    (void)state;
    static struct bench b;
    open_bench(&b, 100);
    b.world.stall_tick = 10;
    b.world.stall_us = 250000; /* samples 11 and 12 cannot be taken any more at their time; 12 is taken late within its period */
    b.watch.max_seconds = 3;
    (void)run_to_file(&b, LP_OK);
    assert_int_equal(b.world.sampled, 29);
    for (int i = 0; i < 16; i++)
        assert_int_equal(b.world.first_inputs[i], i);
    close_bench(&b);

    open_bench(&b, 100);
    b.world.stall_tick = 10;
    b.world.stall_us = 1000000; /* longer than max_gap: the window begins anew */
    b.watch.max_seconds = 3;
    char *text = run_to_file(&b, LP_OK);
    assert_int_equal(b.world.first_inputs[7], 7);
    assert_int_equal(b.world.first_inputs[8], 20);
    assert_non_null(strstr(text, ",9,0,0,1\n"));
    close_bench(&b);
}

static void stopping_leaves_whole_lines(void **state)
{
    (void)state;
    for (uint64_t at = 1; at < 40; at++) {
        static struct bench b;
        open_bench(&b, 10);
        b.world.stop_at = at;
        b.config.format = LP_MONITOR_JSON;
        char *text = run_to_file(&b, LP_OK);
        size_t length = strlen(text);
        assert_true(text[length - 1] == '\n');
        uint64_t windows = at - 1 >= T ? at - 1 - (T - 1) : 0; /* the poll that was cut short does not count */
        assert_int_equal(count_lines(text), windows + 1);
        assert_non_null(strstr(text, "{\"type\":\"end\""));
        close_bench(&b);
    }
}

/* Runs in a child, so that standard error can be read. */
static int run_child(struct bench *b, int out_fd, char *message, size_t room)
{
    int err[2];
    assert_int_equal(pipe(err), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(err[1], STDERR_FILENO);
        if (out_fd >= 0)
            dup2(out_fd, STDOUT_FILENO);
        signal(SIGPIPE, SIG_IGN);
        _exit(lp_watch_run(&b->watch) == LP_IO ? 42 : 43);
    }
    close(err[1]);
    ssize_t got = 0, part = 0;
    while ((part = read(err[0], message + got, room - 1 - (size_t)got)) > 0)
        got += part;
    message[got] = '\0';
    close(err[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_once(const char *message, const char *words)
{
    const char *found = strstr(message, words);
    assert_non_null(found);
    assert_null(strstr(found + 1, words));
}

static void a_full_disk_is_said_once_and_ends_it(void **state)
{
    (void)state;
    static struct bench b;
    char message[4096];
    open_bench(&b, 10);
    b.config.output = "/dev/full";
    b.watch.max_seconds = 60;
    assert_int_equal(run_child(&b, -1, message, sizeof message), 42);
    expect_once(message, "/dev/full: No space left on device");
    close_bench(&b);
}

static void a_closed_pipe_is_said_once_while_the_log_goes_on(void **state)
{
    (void)state;
    static struct bench b;
    char message[4096], path[] = "/tmp/limpid-watch-XXXXXX", log[65536];
    int out[2], fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(pipe(out), 0);
    close(out[0]);
    open_bench(&b, 10);
    b.config.output = NULL;
    b.config.log = path;
    b.watch.max_seconds = 1;
    assert_int_equal(run_child(&b, out[1], message, sizeof message), 42);
    expect_once(message, "standard output: Broken pipe");
    ssize_t got = read(fd, log, sizeof log - 1);
    assert_true(got > 0);
    log[got] = '\0';
    assert_int_equal(count_lines(log), 101);
    assert_non_null(strstr(log, "time_s,up,down\n0.000,0,-0\n0.010,1,-1\n"));
    close(out[1]);
    close(fd);
    unlink(path);
    close_bench(&b);
}

static void networks_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        static struct bench b;
        open_bench(&b, 10);
        switch (i) {
        case 0:
            b.watch.network.features = 3;
            b.watch.network.input_count = 12;
            b.watch.network.window_samples = 4;
            break;
        case 1: b.config.pipeline.window.samples = 5; break;
        case 2: b.config.label_count = 2; break;
        default: b.watch.network.output_count = 65; break;
        }
        assert_int_not_equal(lp_watch_fit(&b.watch), LP_OK);
        assert_int_equal(b.diag.error_count, 1);
        close_bench(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_of_10_ms_polls_neither_drifts_nor_grows),
        cmocka_unit_test(a_lost_sample_at_any_place_never_shifts_the_window),
        cmocka_unit_test(a_program_that_stood_still_goes_on_at_the_right_place),
        cmocka_unit_test(stopping_leaves_whole_lines),
        cmocka_unit_test(a_full_disk_is_said_once_and_ends_it),
        cmocka_unit_test(a_closed_pipe_is_said_once_while_the_log_goes_on),
        cmocka_unit_test(networks_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
