/* The text form that traces and device logs share: a record a line, a word and key=value pairs (docs/formats.md). */
#ifndef LP_DIAGNOSE_RECORDS_H
#define LP_DIAGNOSE_RECORDS_H

#include "compiler/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_RECORD_FIELDS = 24, LP_RECORD_LINE_BYTES = 2000 };

struct lp_record_field {
    const char *key, *value;
};

/* Texts live until the next record. */
struct lp_record {
    const char *word;
    struct lp_record_field fields[LP_RECORD_FIELDS];
    uint32_t field_count;
};

struct lp_record_reader {
    struct lp_diag *diag;
    const char *path; /* for messages */
    const char *rest, *end;
    size_t line; /* of the record, from 1 */
    char text[LP_RECORD_LINE_BYTES + 1];
    struct lp_record record;
};

/* Passes over everything up to the line "FORMAT 1". Errors: there is none, or it has another version. */
lp_status lp_records_open(struct lp_record_reader *reader, struct lp_diag *diag, const char *path, const char *format,
                          const void *data, size_t size_bytes);

/* The next record, *found false at the end of the file. Errors: a line too long, with other than printable characters, a
 * field without '=', too many fields, a key given twice. */
lp_status lp_records_next(struct lp_record_reader *reader, bool *found);

/* Null when the record does not have the key. */
const char *lp_record_text(const struct lp_record_reader *reader, const char *key);

/* A number of low..high; `fallback` null: the key must be there. */
lp_status lp_record_number(const struct lp_record_reader *reader, const char *key, uint64_t low, uint64_t high,
                           const uint64_t *fallback, uint64_t *out);

/* One of `choices`, as its index; `fallback` below 0: the key must be there. */
lp_status lp_record_choice(const struct lp_record_reader *reader, const char *key, const char *const *choices, size_t count,
                           int fallback, int *out);

/* PATH, line N: WORD: problem */
lp_status lp_record_refuse(const struct lp_record_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
