#include "compiler/report/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lp_number_text(int64_t number, char *buffer)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu",
                          number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number);
    char *at = buffer;
    if (number < 0)
        *at++ = '-';
    for (int i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return buffer;
}

static void add_cell(struct lp_table *table, const char *text)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
        const char **cells = LP_NEW_ARRAY(table->arena, capacity, const char *);
        if (cells == NULL) {
            table->failed = true;
            return;
        }
        if (table->count != 0)
            memcpy(cells, table->cells, table->count * sizeof *cells);
        table->cells = cells;
        table->capacity = capacity;
    }
    table->failed = table->failed || text == NULL;
    table->cells[table->count++] = text;
}

/* Names from a model file must not steer a terminal. */
static char printable(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

void lp_text_name(struct lp_text *out, const char *name)
{
    for (; *name != '\0'; name++) {
        const char c = printable(*name);
        lp_text_add(out, &c, 1);
    }
}

/* The length without the last character, which may have been cut in two. */
static size_t without_last(const char *text, size_t length)
{
    while (length != 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
        length--;
    return length == 0 ? 0 : length - 1;
}

void lp_table_cell(struct lp_table *table, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : without_last(text, sizeof text - 1);
    for (size_t i = 0; i < used; i++)
        text[i] = printable(text[i]);
    add_cell(table, lp_arena_text(table->arena, text, used));
}

void lp_table_name(struct lp_table *table, const char *before, const char *name, const char *behind)
{
    enum { LONGEST = 36, DOTS = 3 };
    size_t length = strlen(name);
    const char *shown = length > LONGEST ? name + length - (LONGEST - DOTS) : name;
    /* The cut falls between characters. */
    while (shown != name && ((unsigned char)*shown & 0xc0) == 0x80)
        shown++;
    lp_table_cell(table, "%s%s%s%s", before, length > LONGEST ? "..." : "", shown, behind);
}

void lp_table_number(struct lp_table *table, int64_t number)
{
    char buffer[32];
    lp_table_cell(table, "%s", lp_number_text(number, buffer));
}

/* Characters, not bytes: names in models may be UTF-8. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void lp_text_wrapped(struct lp_text *out, const char *text, const char *indent, size_t width)
{
    size_t used = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (used != 0 && used + 1 + length > width) {
            lp_text_printf(out, "\n");
            used = 0;
        }
        lp_text_printf(out, "%s", used == 0 ? indent : " ");
        lp_text_add(out, text, length);
        used += (used == 0 ? strlen(indent) : 1) + length;
        text += length + strspn(text + length, " ");
    }
    lp_text_printf(out, "\n");
}

static void print_cell(const char *text, size_t width, char align, bool is_last, struct lp_text *out)
{
    int gap = (int)(width - width_of(text));
    if (align == 'r')
        lp_text_printf(out, "%*s%s", gap, "", text);
    else
        lp_text_printf(out, "%s%*s", text, is_last ? 0 : gap, "");
}

void lp_table_print(const struct lp_table *table, struct lp_text *out)
{
    size_t widths[LP_TABLE_COLUMNS] = {0};
    size_t total = 0;
    if (table->failed) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (uint32_t c = 0; c < table->columns; c++)
        total += widths[c] + (c == 0 ? 0 : 2);
    for (size_t i = 0; i + table->columns <= table->count; i += table->columns) {
        for (uint32_t c = 0; c < table->columns; c++) {
            lp_text_add(out, "  ", 2);
            print_cell(table->cells[i + c], widths[c], table->align[c], c + 1 == table->columns, out);
        }
        while (out->length != 0 && out->data[out->length - 1] == ' ')
            out->length--;
        lp_text_printf(out, "\n");
        if (i == 0) {
            lp_text_printf(out, "  ");
            for (size_t k = 0; k < total; k++)
                lp_text_add(out, "-", 1);
            lp_text_printf(out, "\n");
        }
    }
}
