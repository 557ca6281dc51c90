/* What a user writes about the inputs: one pair of numbers, or a CSV with one pair a channel. */
#include "compiler/analyze/ranges.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CHANNELS = 1 << 20 };

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* A whole number and what follows it; null when there is none. */
static const char *read_number(const char *at, int32_t *out)
{
    char *end = NULL;
    at = skip_blanks(at);
    if (!isdigit((unsigned char)*at) && *at != '-' && *at != '+')
        return NULL;
    long long value = strtoll(at, &end, 10);
    if (end == at || value < INT32_MIN || value > INT32_MAX)
        return NULL;
    *out = (int32_t)value;
    return skip_blanks(end);
}

/* MIN,MAX up to the end of the line. Null when the line is anything else. */
static const char *read_pair(const char *at, struct lp_interval *out)
{
    at = read_number(at, &out->low);
    if (at == NULL || (*at != ',' && *at != ';'))
        return NULL;
    at = read_number(at + 1, &out->high);
    return at != NULL && (*at == '\0' || *at == '\n') ? at : NULL;
}

static const char *next_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at == '\n' ? at + 1 : at;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text = next_line(text))
        count++;
    return count;
}

static bool is_heading(const char *line)
{
    for (; *line != '\0' && *line != '\n'; line++)
        if (isdigit((unsigned char)*line))
            return false;
    return true;
}

lp_status lp_input_range_parse(struct lp_arena *arena, struct lp_diag *diag, const char *what, const char *text,
                               struct lp_input_range *out)
{
    size_t lines = count_lines(text);
    if (lines > MOST_CHANNELS)
        return lp_error(diag, LP_BAD_ARGUMENT, "%s has %zu lines; one for each channel, at most %d, is allowed", what, lines,
                        MOST_CHANNELS);
    struct lp_interval *of = LP_NEW_ARRAY(arena, lines, struct lp_interval);
    if (of == NULL)
        return lp_no_memory(diag);
    const char *at = text;
    uint32_t count = 0;
    for (size_t line = 0; line < lines; line++, at = next_line(at)) {
        const char *blank = skip_blanks(at);
        if (*blank == '\n' || *blank == '\0' || (line == 0 && is_heading(at)))
            continue;
        if (read_pair(at, &of[count]) == NULL || of[count].low > of[count].high)
            return lp_error(diag, LP_BAD_ARGUMENT,
                            "%s, line %zu: '%.*s' is no range; two whole numbers MIN,MAX are needed, the smaller one first", what,
                            line + 1, (int)strcspn(at, "\r\n") > 60 ? 60 : (int)strcspn(at, "\r\n"), at);
        count++;
    }
    if (count == 0)
        return lp_error(diag, LP_BAD_ARGUMENT, "%s holds no range; MIN,MAX is needed, or one such line for each channel", what);
    *out = (struct lp_input_range){count, of};
    return LP_OK;
}
