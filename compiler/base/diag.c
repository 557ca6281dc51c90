#include "compiler/base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add_line(struct lp_text *text, const char *format, va_list args)
{
    char line[1024];
    int length = vsnprintf(line, sizeof line, format, args);
    if (length < 0)
        return;
    /* Names in a message may come from a hostile file: keep a message one printable line. */
    size_t used = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = line[i] == '\n' || line[i] == '\t' ? ' ' : '?';
    lp_text_add(text, line, used);
    lp_text_add(text, "\n", 1);
}

lp_status lp_error(struct lp_diag *diag, lp_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(&diag->errors, format, args);
    va_end(args);
    if (diag->error_count++ == 0)
        diag->first = status;
    return status;
}

void lp_note(struct lp_diag *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(&diag->notes, format, args);
    va_end(args);
}

void lp_note_lines(struct lp_diag *diag, const char *text)
{
    for (size_t length; *text != '\0'; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        if (length > 0)
            lp_note(diag, "%.*s", (int)length, text);
    }
}

lp_status lp_no_memory(struct lp_diag *diag)
{
    return lp_error(diag, LP_OUT_OF_MEMORY, "no memory left on this PC: close other programs, or use a smaller model");
}

void lp_diag_free(struct lp_diag *diag)
{
    lp_text_free(&diag->errors);
    lp_text_free(&diag->notes);
    *diag = (struct lp_diag){0};
}
