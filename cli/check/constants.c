#include "cli/check/constants.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void skip_space(struct lp_constants_text *t)
{
    while (t->at < t->end && isspace((unsigned char)*t->at)) {
        t->line += *t->at == '\n';
        t->at++;
    }
}

static bool take(struct lp_constants_text *t, const char *word)
{
    size_t length = strlen(word);
    skip_space(t);
    if ((size_t)(t->end - t->at) < length || memcmp(t->at, word, length) != 0)
        return false;
    t->at += length;
    return true;
}

bool lp_constants_start(struct lp_constants_text *t, const char *data, size_t size_bytes)
{
    static const char mark[] = "_weights = {";
    *t = (struct lp_constants_text){data, data + size_bytes, 1};
    for (; (size_t)(t->end - t->at) >= sizeof mark - 1; t->at++) {
        t->line += *t->at == '\n';
        if (memcmp(t->at, mark, sizeof mark - 1) == 0) {
            t->at += sizeof mark - 1;
            return true;
        }
    }
    return false;
}

uint32_t lp_constants_element_bytes(enum lp_element element)
{
    static const uint8_t bytes[] = {
        [LP_ELEMENT_INT8] = 1,  [LP_ELEMENT_UINT8] = 1,   [LP_ELEMENT_INT16] = 2, [LP_ELEMENT_INT32] = 4,
        [LP_ELEMENT_INT64] = 8, [LP_ELEMENT_FLOAT32] = 4, [LP_ELEMENT_BOOL] = 1,
    };
    return bytes[element];
}

/* "-2147483647 - 1": the most negative numbers have no literal in C. The digits are bounded by what int64 holds. */
static bool take_integer(struct lp_constants_text *t, int64_t *out)
{
    bool is_negative = take(t, "-");
    uint64_t value = 0;
    const uint64_t most = INT64_MAX;
    const char *start = t->at;
    for (; t->at < t->end && isdigit((unsigned char)*t->at); t->at++) {
        uint64_t digit = (uint64_t)(*t->at - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (t->at == start)
        return false;
    *out = is_negative ? -(int64_t)value : (int64_t)value;
    if (take(t, "-")) {
        if (!take(t, "1") || *out == INT64_MIN)
            return false;
        *out -= 1;
    }
    return true;
}

static bool take_float(struct lp_constants_text *t, float *out)
{
    char text[48];
    size_t length = 0;
    skip_space(t);
    while (t->at < t->end && length + 1 < sizeof text && strchr("+-.0123456789e", *t->at) != NULL && *t->at != '\0')
        text[length++] = *t->at++;
    text[length] = '\0';
    char *end = NULL;
    *out = strtof(text, &end);
    return length != 0 && *end == '\0' && take(t, "f");
}

/* True when the value is one of the element's. */
static bool put(enum lp_element element, int64_t value, uint8_t *out)
{
    static const struct {
        int64_t low, high;
    } limits[] = {[LP_ELEMENT_INT8] = {INT8_MIN, INT8_MAX},    [LP_ELEMENT_UINT8] = {0, UINT8_MAX},
                  [LP_ELEMENT_INT16] = {INT16_MIN, INT16_MAX}, [LP_ELEMENT_INT32] = {INT32_MIN, INT32_MAX},
                  [LP_ELEMENT_INT64] = {INT64_MIN, INT64_MAX}, [LP_ELEMENT_BOOL] = {0, 1}};
    if (value < limits[element].low || value > limits[element].high)
        return false;
    for (uint32_t b = 0; b < lp_constants_element_bytes(element); b++)
        out[b] = (uint8_t)((uint64_t)value >> (8 * b));
    return true;
}

/* Bytes as they are written, " -12," each, which is most of a file. Stops at the first that stands there otherwise; how many. */
static uint32_t take_bytes(struct lp_constants_text *t, uint32_t count, uint8_t *out)
{
    enum { LONGEST = 32 }; /* white space and text of one */
    uint32_t i = 0;
    for (; i < count && t->end - t->at > LONGEST; i++) {
        const char *at = t->at;
        if (at[0] == '\n' && memcmp(at + 1, "       ", 7) == 0) {
            at += 8;
            t->line++;
            t->at = at;
        }
        if (*at++ != ' ')
            break;
        bool is_negative = *at == '-';
        at += is_negative;
        int value = 0, digits = 0;
        for (; digits < 3 && *at >= '0' && *at <= '9'; digits++)
            value = 10 * value + (*at++ - '0');
        value = is_negative ? -value : value;
        if (digits == 0 || *at++ != ',' || value < INT8_MIN || value > INT8_MAX)
            break;
        out[i] = (uint8_t)value;
        t->at = at;
    }
    return i;
}

bool lp_constants_member(struct lp_constants_text *t, const char *name, enum lp_element element, uint32_t count, uint8_t *out)
{
    uint32_t size = lp_constants_element_bytes(element);
    if (!take(t, ".") || !take(t, name) || !take(t, "=") || !take(t, "{"))
        return false;
    for (uint32_t i = element == LP_ELEMENT_INT8 ? take_bytes(t, count, out) : 0; i < count; i++) {
        int64_t value = 0;
        float real = 0;
        bool is_real = element == LP_ELEMENT_FLOAT32;
        if (!(is_real ? take_float(t, &real) : take_integer(t, &value)) || !take(t, ","))
            return false;
        if (is_real)
            memcpy(out + i * size, &real, sizeof real);
        else if (!put(element, value, out + i * size))
            return false;
    }
    return take(t, "}") && take(t, ",");
}

bool lp_constants_end(struct lp_constants_text *t)
{
    if (!take(t, "};"))
        return false;
    skip_space(t);
    return t->at == t->end;
}
