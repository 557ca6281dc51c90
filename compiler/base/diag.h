/* What is told to a person when the PC half stops: full sentences that name file, place, what was found, what is
 * allowed and what to do. The first error stays the first; several may be collected (all unsupported operators). */
#ifndef LP_BASE_DIAG_H
#define LP_BASE_DIAG_H

#include "compiler/base/text.h"
#include "contract/status.h"

struct lp_diag {
    struct lp_text errors; /* one sentence a line */
    struct lp_text notes;  /* warnings and remarks, one a line */
    int error_count;
    lp_status first; /* status of the first error, LP_OK when there is none */
};

/* Appends a line and returns `status`, so that a caller can write: return lp_error(diag, LP_BAD_INPUT, "..."); */
lp_status lp_error(struct lp_diag *diag, lp_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void lp_note(struct lp_diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Each line of the text a note of its own; empty ones are left out. */
void lp_note_lines(struct lp_diag *diag, const char *text);

/* The one sentence for a failed allocation. */
lp_status lp_no_memory(struct lp_diag *diag);

void lp_diag_free(struct lp_diag *diag);

#endif
