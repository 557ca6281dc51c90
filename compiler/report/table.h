/* Tables of text whose columns line up. */
#ifndef LP_REPORT_TABLE_H
#define LP_REPORT_TABLE_H

#include "compiler/base/arena.h"
#include "compiler/base/text.h"

#include <stdbool.h>

enum { LP_TABLE_COLUMNS = 10 };

struct lp_table {
    struct lp_arena *arena;
    uint32_t columns;
    const char *align;  /* a letter per column: 'l' or 'r' */
    const char **cells; /* row by row */
    size_t count, capacity;
    bool failed; /* no memory: printing makes the text fail, too */
};

/* Adds the next cell, formatted, at most 255 bytes; rows fill up from left to right. Control characters become '?'. */
void lp_table_cell(struct lp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number with thousands separators: 219,064. */
void lp_table_number(struct lp_table *table, int64_t number);

/* A name that may be long: its end, which says more than its start, behind dots. */
void lp_table_name(struct lp_table *table, const char *before, const char *name, const char *behind);

/* A name out of a model file on one line of text: control characters become '?'. */
void lp_text_name(struct lp_text *out, const char *name);

/* Words in lines of at most `width` characters, each behind `indent`. */
void lp_text_wrapped(struct lp_text *out, const char *text, const char *indent, size_t width);

/* Writes the rows; the first one is the heading and is underlined. */
void lp_table_print(const struct lp_table *table, struct lp_text *out);

/* 219064 -> "219,064". Returns `buffer`, which needs 32 bytes. */
const char *lp_number_text(int64_t number, char *buffer);

#endif
