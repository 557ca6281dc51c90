/* Tables of text whose columns line up. */
#ifndef LP_REPORT_TABLE_H
#define LP_REPORT_TABLE_H

#include "compiler/base/arena.h"
#include "compiler/base/text.h"

enum { LP_TABLE_COLUMNS = 10 };

struct lp_table {
    struct lp_arena *arena;
    uint32_t columns;
    const char *align; /* a letter per column: 'l' or 'r' */
    const char **cells; /* row by row */
    size_t count, capacity;
};

/* Adds the next cell, formatted; rows fill up from left to right. A failed allocation shows as an empty cell. */
void lp_table_cell(struct lp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number with thousands separators: 219,064. */
void lp_table_number(struct lp_table *table, int64_t number);

/* Writes the rows; the first one is the heading and is underlined. */
void lp_table_print(const struct lp_table *table, struct lp_text *out);

/* 219064 -> "219,064". Returns `buffer`, which needs 32 bytes. */
const char *lp_number_text(int64_t number, char *buffer);

#endif
