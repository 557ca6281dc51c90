#define _GNU_SOURCE
#include "cli/emulate/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 100, COULD_NOT_START = 127 };

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};

/* A signal that the caller's parent told us to ignore (nohup, a job in the background) stays ignored. */
static void add_ending_signals(sigset_t *set)
{
    for (size_t i = 0; i < LP_COUNT(ending_signals); i++) {
        struct sigaction action;
        if (sigaction(ending_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(set, ending_signals[i]);
    }
}

void lp_guard_open(struct lp_guard *guard)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    add_ending_signals(&set);
    sigprocmask(SIG_BLOCK, &set, &guard->before);
}

void lp_guard_close(const struct lp_guard *guard)
{
    sigprocmask(SIG_SETMASK, &guard->before, NULL);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Ours, but temporary files go to where the child runs, and with that folder. Null when there is no memory. */
static char **child_environment(void)
{
    static char own[] = "TMPDIR=.";
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **list = lp_allocate(count + 2, sizeof *list);
    if (list == NULL)
        return NULL;
    size_t kept = 0;
    list[kept++] = own;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], own, strlen("TMPDIR=")) != 0)
            list[kept++] = environ[i];
    return list;
}

/* In the child: only calls that are safe between fork and exec. */
_Noreturn static void become(const struct lp_process *process, pid_t parent, char **environment)
{
    sigset_t none;
    sigemptyset(&none);
    /* A group of its own, so that it can be killed together with whatever it starts; and it must not outlive this program. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int in = open("/dev/null", O_RDONLY);
    bool ready = getppid() == parent && in >= 0 && chdir(process->folder) == 0;
    int out = ready ? open(process->output_path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(COULD_NOT_START);
    if (in > 2)
        close(in);
    if (out > 2)
        close(out);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvpe(process->argv[0], (char *const *)(uintptr_t)process->argv, environment);
    _exit(COULD_NOT_START);
}

static lp_status start(struct lp_diag *diag, struct lp_process *process, char **environment)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return lp_error(diag, LP_IO, "%s can't be started: %s", process->argv[0], strerror(errno));
    if (pid == 0)
        become(process, parent, environment);
    /* Also here, because either side may be first. */
    setpgid(pid, pid);
    process->pid = pid;
    process->deadline_ms = now_ms() + process->timeout_ms;
    process->timed_out = false;
    return LP_OK;
}

/* True when the process has ended. */
static bool reap(struct lp_process *process, bool wait)
{
    int status;
    pid_t got;
    do
        got = waitpid(process->pid, &status, wait ? 0 : WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return false;
    process->pid = 0;
    process->exit_status = got < 0 ? COULD_NOT_START : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

static void kill_and_reap(struct lp_process *process)
{
    kill(-process->pid, SIGKILL);
    (void)reap(process, true);
}

/* Until a child ends, a deadline may have come, or somebody wants this program to end: then true. */
static bool interrupted_while_waiting(int64_t wait_ms)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    add_ending_signals(&set);
    struct timespec time = {.tv_sec = (time_t)(wait_ms / 1000), .tv_nsec = (long)(wait_ms % 1000) * 1000000};
    int signal = sigtimedwait(&set, NULL, &time);
    if (signal < 0 || signal == SIGCHLD)
        return false;
    raise(signal); /* still held back: strikes when the guard closes */
    return true;
}

struct running {
    struct lp_process *processes;
    size_t started, count;
    size_t active, done;
};

static void look_after(struct running *r)
{
    int64_t now = now_ms();
    for (size_t i = 0; i < r->started; i++) {
        struct lp_process *process = &r->processes[i];
        if (process->pid == 0)
            continue;
        bool ended = reap(process, false);
        if (!ended && now >= process->deadline_ms) {
            process->timed_out = true;
            kill_and_reap(process);
            ended = true;
        }
        if (ended) {
            r->active--;
            r->done++;
        }
    }
}

static void kill_all(struct running *r)
{
    for (size_t i = 0; i < r->started; i++)
        if (r->processes[i].pid != 0)
            kill_and_reap(&r->processes[i]);
}

/* How long nothing can happen that no signal tells. */
static int64_t wait_limit_ms(const struct running *r)
{
    int64_t limit = POLL_MS;
    int64_t now = now_ms();
    for (size_t i = 0; i < r->started; i++) {
        int64_t left = r->processes[i].deadline_ms - now;
        if (r->processes[i].pid != 0 && left < limit)
            limit = left < 0 ? 0 : left;
    }
    return limit;
}

static lp_status run_all(struct lp_diag *diag, struct running *r, size_t at_once, char **environment,
                         const struct lp_process_watch *watch)
{
    while (r->done < r->count) {
        while (r->started < r->count && r->active < at_once) {
            lp_status status = start(diag, &r->processes[r->started], environment);
            if (status != LP_OK)
                return status;
            r->started++;
            r->active++;
        }
        if (interrupted_while_waiting(wait_limit_ms(r)))
            return lp_error(diag, LP_IO, "interrupted");
        look_after(r);
        if (watch != NULL)
            watch->tick(watch->user, r->done);
    }
    return LP_OK;
}

lp_status lp_process_run(struct lp_diag *diag, struct lp_process *processes, size_t count, size_t at_once,
                         const struct lp_process_watch *watch)
{
    struct running r = {.processes = processes, .count = count};
    char **environment = child_environment();
    if (environment == NULL)
        return lp_no_memory(diag);
    lp_status status = run_all(diag, &r, at_once, environment, watch);
    kill_all(&r);
    free(environment);
    return status;
}

bool lp_process_exists(const char *program)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != 0) {
        size_t length = strcspn(path, ":");
        char file[4096];
        int needed = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, program);
        if (needed > 0 && (size_t)needed < sizeof file && access(file, X_OK) == 0)
            return true;
        path += length;
        path += *path == ':';
    }
    return false;
}

size_t lp_process_parallel(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > 16 ? 16 : (size_t)processors;
}
