/* A stream of whole lines. The first error is said once, on standard error; after it the stream takes nothing more. */
#ifndef LP_CLI_MONITOR_WRITER_H
#define LP_CLI_MONITOR_WRITER_H

#include "compiler/base/diag.h"
#include "compiler/base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct lp_writer {
    const char *name; /* for the message */
    int fd;           /* -1: closed, or failed */
    bool owned;       /* close it at the end */
    bool failed;
    int64_t whole_bytes; /* of a regular file that we write alone: what ends with a whole line; -1 otherwise */
};

/* Null path: standard output. A file is emptied first. */
lp_status lp_writer_open(struct lp_writer *writer, struct lp_diag *diag, const char *path);

/* Writes all bytes, which end with a line, through interruptions; false after an error. When a disk is full the file is cut back
 * to its last whole line. */
bool lp_writer_put(struct lp_writer *writer, const struct lp_text *text);

/* An error that shows only when a file is closed is said too. False when the stream ever failed. */
bool lp_writer_close(struct lp_writer *writer);

#endif
