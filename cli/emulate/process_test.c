#define _GNU_SOURCE
#include "cli/emulate/process.h"

#include "cli/emulate/folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static struct lp_arena arena;
static struct lp_diag diag;
static struct lp_guard guard;
static const char *folder;

static int set_up(void **state)
{
    (void)state;
    lp_guard_open(&guard);
    return lp_folder_temporary(&arena, &diag, &folder) == LP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lp_folder_remove(&diag, folder);
    lp_guard_close(&guard);
    bool removed = access(folder, F_OK) != 0;
    bool alone = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
    lp_diag_free(&diag);
    diag = (struct lp_diag){0};
    lp_arena_free(&arena);
    return removed && alone ? 0 : -1;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void status_and_output_come_back(void **state)
{
    (void)state;
    const char *const hello[] = {"printf", "a b  $HOME;'", NULL};
    const char *const fails[] = {"sh", "-c", "echo out; echo err >&2; cat; echo $TMPDIR $HOME; pwd; exit 5", NULL};
    const char *const dies[] = {"sh", "-c", "kill -TERM $$", NULL};
    const char *const missing[] = {"limpid-has-no-such-tool", NULL};
    struct lp_process p[] = {
        {.argv = hello, .folder = folder, .output_path = "hello", .timeout_ms = 10000},
        {.argv = fails, .folder = folder, .output_path = "fails", .timeout_ms = 10000},
        {.argv = dies, .folder = folder, .output_path = "dies", .timeout_ms = 10000},
        {.argv = missing, .folder = folder, .output_path = "missing", .timeout_ms = 10000},
        {.argv = hello, .folder = "/no/such/folder", .output_path = "x", .timeout_ms = 10000},
    };
    setenv("TMPDIR", "/somewhere/else", 1);
    assert_int_equal(lp_process_run(&diag, p, 5, 2, NULL), LP_OK);
    unsetenv("TMPDIR");
    assert_int_equal(p[0].exit_status, 0);
    assert_string_equal(lp_folder_read_text(&arena, folder, "hello", 100), "a b  $HOME;'");
    assert_int_equal(p[1].exit_status, 5);
    const char *said = lp_folder_read_text(&arena, folder, "fails", 1000);
    assert_true(strncmp(said, "out\nerr\n. /", 11) == 0);
    assert_non_null(strstr(said, "limpid-"));
    assert_int_equal(p[2].exit_status, 128 + SIGTERM);
    assert_int_equal(p[3].exit_status, 127);
    assert_int_equal(p[4].exit_status, 127);
    for (int i = 0; i < 5; i++)
        assert_false(p[i].timed_out);
}

static void all_run_in_any_parallelism(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    const char *const add[] = {"sh", "-c", "echo x >> all", NULL};
    for (size_t at_once = 1; at_once <= COUNT + 1; at_once += 4) {
        struct lp_process p[COUNT];
        for (int i = 0; i < COUNT; i++)
            p[i] = (struct lp_process){.argv = add, .folder = folder, .output_path = "log", .timeout_ms = 20000};
        assert_int_equal(lp_process_run(&diag, p, COUNT, at_once, NULL), LP_OK);
    }
    assert_int_equal(strlen(lp_folder_read_text(&arena, folder, "all", 1000)), 4 * COUNT * 2);
}

/* Each claims the only place for a moment; two at the same time would clash. */
static void no_more_run_than_allowed(void **state)
{
    (void)state;
    enum { COUNT = 6 };
    const char *const claim[] = {"sh", "-c", "mkdir place || echo clash >> clashes; sleep 0.03; rmdir place", NULL};
    struct lp_process p[COUNT];
    for (int i = 0; i < COUNT; i++)
        p[i] = (struct lp_process){.argv = claim, .folder = folder, .output_path = "log", .timeout_ms = 20000};
    assert_int_equal(lp_process_run(&diag, p, COUNT, 1, NULL), LP_OK);
    assert_string_equal(lp_folder_read_text(&arena, folder, "clashes", 1000), "");
    assert_int_equal(lp_process_run(&diag, p, COUNT, 2, NULL), LP_OK);
    assert_string_not_equal(lp_folder_read_text(&arena, folder, "clashes", 1000), "");
}

/* A shell that starts a child of its own: both must go. */
static void a_time_limit_kills_the_whole_group(void **state)
{
    (void)state;
    const char *const sleeper[] = {"sh", "-c", "sleep 600 & echo $!; wait", NULL};
    struct lp_process p = {.argv = sleeper, .folder = folder, .output_path = "pid", .timeout_ms = 300};
    double start = now_s();
    assert_int_equal(lp_process_run(&diag, &p, 1, 1, NULL), LP_OK);
    assert_true(p.timed_out);
    assert_true(now_s() - start < 30);
    pid_t child = (pid_t)atoi(lp_folder_read_text(&arena, folder, "pid", 20));
    assert_true(child > 1);
    /* It belongs to init now, which takes a moment to bury it. */
    for (int i = 0; i < 500 && kill(child, 0) == 0; i++) {
        const char *text = lp_folder_read_text(&arena, "/proc", lp_arena_printf(&arena, "%d/stat", (int)child), 300);
        const char *after_name = strrchr(text, ')');
        if (after_name == NULL || after_name[2] == 'Z')
            return;
        usleep(10000);
    }
    assert_int_equal(kill(child, 0), -1);
}

static void tick_count(void *user, size_t done)
{
    size_t *last = user;
    assert_true(done >= *last);
    *last = done;
}

static void the_watch_sees_the_end(void **state)
{
    (void)state;
    const char *const quick[] = {"true", NULL};
    struct lp_process p[3];
    for (int i = 0; i < 3; i++)
        p[i] = (struct lp_process){.argv = quick, .folder = folder, .output_path = "log", .timeout_ms = 20000};
    size_t last = 0;
    struct lp_process_watch watch = {tick_count, &last};
    assert_int_equal(lp_process_run(&diag, p, 3, 1, &watch), LP_OK);
    assert_int_equal(last, 3);
}

/* A child of this test runs the program's part and gets the signal; it must end by it, after it has killed and removed. */
static void a_signal_kills_cleans_up_and_then_takes_effect(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < LP_COUNT(signals); i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            signal(signals[i], SIG_DFL); /* whoever started the tests may have it ignored */
            struct lp_guard own = guard; /* what was allowed before this test */
            const char *const sleeper[] = {"sh", "-c", "kill -$0 $PPID; sleep 600", "", NULL};
            const char *argv[5];
            memcpy(argv, sleeper, sizeof sleeper);
            argv[3] = lp_arena_printf(&arena, "%d", signals[i]);
            struct lp_process p = {.argv = argv, .folder = folder, .output_path = "log", .timeout_ms = 600000};
            if (lp_process_run(&diag, &p, 1, 1, NULL) != LP_IO || p.pid != 0)
                _exit(1);
            lp_folder_remove(&diag, folder);
            lp_guard_close(&own);
            _exit(2);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(access(folder, F_OK), -1);
        assert_int_equal(lp_folder_temporary(&arena, &diag, &folder), LP_OK);
    }
}

static void programs_are_found_in_path(void **state)
{
    (void)state;
    assert_true(lp_process_exists("sh"));
    assert_false(lp_process_exists("limpid-has-no-such-tool"));
    assert_true(lp_process_parallel() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_and_output_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_run_in_any_parallelism, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_more_run_than_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_time_limit_kills_the_whole_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_watch_sees_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signal_kills_cleans_up_and_then_takes_effect, set_up, tear_down),
        cmocka_unit_test(programs_are_found_in_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
