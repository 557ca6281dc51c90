/* A progress bar on a terminal; nothing when standard error is something else. */
#ifndef LP_CLI_PROGRESS_H
#define LP_CLI_PROGRESS_H

#include <stddef.h>

struct lp_progress {
    const char *what;
    size_t total;
    int shown_percent; /* -1: nothing shown yet */
    int is_terminal;
};

struct lp_progress lp_progress_start(const char *what, size_t total);
void lp_progress_step(struct lp_progress *progress, size_t done);
/* Wipes the bar. */
void lp_progress_end(struct lp_progress *progress);

#endif
