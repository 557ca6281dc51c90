/* Runs other programs: no shell, standard input empty, output into a file, a time limit, and never left behind.
 *
 * Signals that would end this program (SIGINT, SIGTERM, SIGHUP) are held back between lp_guard_open and lp_guard_close, so
 * that children are killed and files removed first; then they take their usual effect. Who includes this needs POSIX names. */
#ifndef LP_EMULATE_PROCESS_H
#define LP_EMULATE_PROCESS_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lp_guard {
    sigset_t before;
};

void lp_guard_open(struct lp_guard *guard);
/* A signal that came meanwhile strikes here. */
void lp_guard_close(const struct lp_guard *guard);

struct lp_process {
    const char *const *argv; /* ends with null; argv[0] is looked up in PATH */
    const char *folder;      /* where it runs, and where its temporary files go */
    const char *output_path; /* file in that folder for standard output and error, replaced */
    uint32_t timeout_ms;
    /* Results. */
    bool timed_out;  /* it was killed */
    int exit_status; /* 128 + signal when a signal ended it, as a shell says it; 127 when it could not be started */
    /* While it runs. */
    pid_t pid;
    int64_t deadline_ms;
};

/* Called now and then while processes run; `done` have ended. */
struct lp_process_watch {
    void (*tick)(void *user, size_t done);
    void *user;
};

/* Runs all, at most `at_once` at the same time, and waits for them. LP_OK when all were started and have ended, whatever
 * they returned. LP_IO, and no process left, when one can't be started or a signal asks this program to end. Needs an open
 * guard. `watch` may be null. */
lp_status lp_process_run(struct lp_diag *diag, struct lp_process *processes, size_t count, size_t at_once,
                         const struct lp_process_watch *watch);

/* True when PATH has such a program. */
bool lp_process_exists(const char *program);

/* Number of processors for `at_once`, 1 to 16. */
size_t lp_process_parallel(void);

#endif
