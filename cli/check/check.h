/* A generated folder against its own report: the files are those that were written, the constants in them are those whose
 * causes the report lists, and the causes add up to the sizes of the files. */
#ifndef LP_CLI_CHECK_CHECK_H
#define LP_CLI_CHECK_CHECK_H

#include "cli/session.h"

/* Where files come from: *data is null when there is no such file. */
struct lp_check_source {
    lp_status (*read)(void *user, const char *file, const uint8_t **data, size_t *size_bytes);
    void *user;
};

struct lp_check {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_text findings; /* a sentence a line: which file, which place, what is there and what should be */
    uint32_t finding_count, file_count, constant_count;
    int64_t constants_bytes;
};

/* Adds to a report what a later check needs: "files" with a seal of each, "constants" (every item of the weights with file,
 * place, cause, layer and CRC), "claims" (bytes that causes claim beyond items). The unit's output holds the files. */
lp_status lp_check_add(struct lp_session *session, const struct lp_unit *unit, json_t *report);

/* The report as a file: with a last member, "seal", of all that stands before it. */
lp_status lp_check_sealed_text(struct lp_diag *diag, const json_t *report, struct lp_text *out);

/* The constants in the files are those the report lists, and the causes add up to the files' sizes. */
lp_status lp_check_contents(struct lp_check *check, const json_t *report, const struct lp_check_source *source);

/* Everything the report says of its files: their seals, too. */
lp_status lp_check_files(struct lp_check *check, const json_t *report, const struct lp_check_source *source);

/* The text of a report: read, its seal compared, its sums recomputed. `file` names it. *out: a new reference without the
 * seal; null when it is not readable, which is a finding. */
lp_status lp_check_report(struct lp_check *check, const char *file, const uint8_t *text, size_t length, json_t **out);

/* The command: checks every report of the folder, prints what was found. *found: whether something was. */
lp_status lp_check_folder(struct lp_session *session, const char *folder, bool *found);

#endif
