#include "compiler/base/text.h"

#include "compiler/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct lp_text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 4 - text->length)
        return !(text->failed = true);
    size_t need = text->length + more + 1;
    if (need <= text->capacity)
        return true;
    size_t capacity = text->capacity < 128 ? 256 : text->capacity * 2;
    if (capacity < need)
        capacity = need;
    char *data = lp_allocate(1, capacity);
    if (data == NULL)
        return !(text->failed = true);
    if (text->length != 0)
        memcpy(data, text->data, text->length);
    free(text->data);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void lp_text_reserve(struct lp_text *text, size_t more)
{
    (void)reserve(text, more);
}

void lp_text_add(struct lp_text *text, const char *bytes, size_t length)
{
    if (text->is_discarded || !reserve(text, length))
        return;
    if (length != 0)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void lp_text_printf(struct lp_text *text, const char *format, ...)
{
    if (text->is_discarded)
        return;
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    /* Most texts fit what is left: those are formatted once. */
    size_t room = text->failed ? 0 : text->capacity - text->length;
    int length = vsnprintf(room == 0 ? NULL : text->data + text->length, room, format, args);
    va_end(args);
    if (length < 0)
        text->failed = true;
    else if ((size_t)length < room)
        text->length += (size_t)length;
    else if (reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

const char *lp_text_get(const struct lp_text *text)
{
    return text->data == NULL ? "" : text->data;
}

void lp_text_free(struct lp_text *text)
{
    free(text->data);
    *text = (struct lp_text){0};
}
