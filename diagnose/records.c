#include "diagnose/records.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lp_status lp_record_refuse(const struct lp_record_reader *r, const char *format, ...)
{
    char problem[400];
    va_list args;
    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    return lp_error(r->diag, LP_BAD_INPUT, "%s, line %zu: %s%s%s", r->path, r->line, r->record.word == NULL ? "" : r->record.word,
                    r->record.word == NULL ? "" : ": ", problem);
}

/* The next line without its end; false when there is none. */
static bool take_line(struct lp_record_reader *r, const char **line, size_t *length)
{
    if (r->rest == r->end)
        return false;
    const char *stop = memchr(r->rest, '\n', (size_t)(r->end - r->rest));
    *line = r->rest;
    *length = (size_t)((stop == NULL ? r->end : stop) - r->rest);
    r->rest = stop == NULL ? r->end : stop + 1;
    r->line++;
    if (*length != 0 && (*line)[*length - 1] == '\r')
        --*length;
    return true;
}

lp_status lp_records_open(struct lp_record_reader *r, struct lp_diag *diag, const char *path, const char *format,
                          const void *data, size_t size_bytes)
{
    const char *line = NULL;
    size_t length = 0, name = strlen(format);
    memset(r, 0, sizeof *r);
    r->diag = diag;
    r->path = path;
    r->rest = data;
    r->end = r->rest + size_bytes;
    while (take_line(r, &line, &length)) {
        if (length < name + 2 || memcmp(line, format, name) != 0 || line[name] != ' ')
            continue;
        if (length == name + 2 && line[name + 1] == '1')
            return LP_OK;
        return lp_record_refuse(r, "this is version '%.*s' of %s; known is 1", length - name > 20 ? 20 : (int)(length - name - 1),
                                line + name + 1, format);
    }
    return lp_error(diag, LP_BAD_INPUT, "%s: no line \"%s 1\" in %zu lines: is it another file?", path, format, r->line);
}

static lp_status copy_line(struct lp_record_reader *r, const char *line, size_t length)
{
    r->record = (struct lp_record){.word = NULL};
    if (length > LP_RECORD_LINE_BYTES)
        return lp_record_refuse(r, "%zu bytes; at most %d are allowed", length, LP_RECORD_LINE_BYTES);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if ((c < 0x20 && c != '\t') || c >= 0x7f)
            return lp_record_refuse(r, "byte 0x%02x in column %zu; only printable ASCII is allowed: is the file damaged?", c,
                                    i + 1);
    }
    memcpy(r->text, line, length);
    r->text[length] = '\0';
    r->text[strcspn(r->text, "#")] = '\0';
    return LP_OK;
}

static lp_status split(struct lp_record_reader *r)
{
    struct lp_record *record = &r->record;
    char *at = r->text;
    for (;;) {
        at += strspn(at, " \t");
        if (*at == '\0')
            return LP_OK;
        char *token = at;
        at += strcspn(at, " \t");
        if (*at != '\0')
            *at++ = '\0';
        if (record->word == NULL) {
            record->word = token;
            continue;
        }
        char *equals = strchr(token, '=');
        if (equals == NULL || equals == token)
            return lp_record_refuse(r, "'%.40s' is no key=value", token);
        *equals = '\0';
        if (lp_record_text(r, token) != NULL)
            return lp_record_refuse(r, "%.40s is given twice", token);
        if (record->field_count == LP_RECORD_FIELDS)
            return lp_record_refuse(r, "more than %d keys", LP_RECORD_FIELDS);
        record->fields[record->field_count++] = (struct lp_record_field){token, equals + 1};
    }
}

lp_status lp_records_next(struct lp_record_reader *r, bool *found)
{
    const char *line;
    size_t length;
    *found = false;
    while (take_line(r, &line, &length)) {
        lp_status status = copy_line(r, line, length);
        if (status == LP_OK)
            status = split(r);
        if (status != LP_OK)
            return status;
        *found = r->record.word != NULL;
        if (*found)
            return LP_OK;
    }
    return LP_OK;
}

const char *lp_record_text(const struct lp_record_reader *r, const char *key)
{
    for (uint32_t i = 0; i < r->record.field_count; i++)
        if (strcmp(r->record.fields[i].key, key) == 0)
            return r->record.fields[i].value;
    return NULL;
}

lp_status lp_record_number(const struct lp_record_reader *r, const char *key, uint64_t low, uint64_t high,
                           const uint64_t *fallback, uint64_t *out)
{
    const char *text = lp_record_text(r, key);
    char *end = NULL;
    if (text == NULL && fallback != NULL) {
        *out = *fallback;
        return LP_OK;
    }
    if (text == NULL)
        return lp_record_refuse(r, "%s is missing", key);
    errno = 0;
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    bool is_digits = text[0] >= '0' && text[0] <= '9';
    unsigned long long value = is_digits ? strtoull(text, &end, is_hex ? 16 : 10) : 0;
    if (!is_digits || *end != '\0' || errno != 0 || value < low || value > high)
        return lp_record_refuse(r, "%s=%.40s: allowed is a number of %llu to %llu", key, text, (unsigned long long)low,
                                (unsigned long long)high);
    *out = value;
    return LP_OK;
}

lp_status lp_record_choice(const struct lp_record_reader *r, const char *key, const char *const *choices, size_t count,
                           int fallback, int *out)
{
    const char *text = lp_record_text(r, key);
    struct lp_text known = {0};
    if (text == NULL && fallback >= 0) {
        *out = fallback;
        return LP_OK;
    }
    for (size_t i = 0; i < count && text != NULL; i++)
        if (strcmp(text, choices[i]) == 0) {
            *out = (int)i;
            return LP_OK;
        }
    for (size_t i = 0; i < count; i++)
        lp_text_printf(&known, "%s%s", i == 0 ? "" : ", ", choices[i]);
    lp_status status = text == NULL ? lp_record_refuse(r, "%s is missing: allowed are %s", key, lp_text_get(&known))
                                    : lp_record_refuse(r, "%s=%.40s: allowed are %s", key, text, lp_text_get(&known));
    lp_text_free(&known);
    return status;
}
