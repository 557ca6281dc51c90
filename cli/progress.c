#define _POSIX_C_SOURCE 200809L
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

struct lp_progress lp_progress_start(const char *what, size_t total)
{
    return (struct lp_progress){.what = what, .total = total, .shown_percent = -1, .is_terminal = isatty(STDERR_FILENO)};
}

void lp_progress_step(struct lp_progress *progress, size_t done)
{
    int percent = progress->total == 0 ? 100 : (int)(done * 100 / progress->total);
    if (!progress->is_terminal || percent == progress->shown_percent)
        return;
    progress->shown_percent = percent;
    fprintf(stderr, "\r%s [%-40.*s] %3d %%", progress->what, percent * 40 / 100, "########################################",
            percent);
    fflush(stderr);
}

void lp_progress_end(struct lp_progress *progress)
{
    if (progress->is_terminal && progress->shown_percent >= 0)
        fprintf(stderr, "\r\033[K");
}
