#include "explain/scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const int64_t LARGEST_NUMBER = (int64_t)1 << 48;

void lp_scan_start(struct lp_scan *scan, const char *text, size_t length)
{
    *scan = (struct lp_scan){.at = text, .end = text + length};
    lp_scan_next(scan);
}

static void skip_to(struct lp_scan *scan, const char *ending, size_t length)
{
    while ((size_t)(scan->end - scan->at) >= length && memcmp(scan->at, ending, length) != 0)
        scan->at++;
    scan->at = (size_t)(scan->end - scan->at) >= length ? scan->at + length : scan->end;
}

static void skip_line(struct lp_scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n')
        scan->at++;
}

static bool starts(const struct lp_scan *scan, const char *sign)
{
    size_t length = strlen(sign);
    return (size_t)(scan->end - scan->at) >= length && memcmp(scan->at, sign, length) == 0;
}

static void skip_space(struct lp_scan *scan)
{
    scan->comment = NULL;
    while (scan->at < scan->end) {
        if (isspace((unsigned char)*scan->at)) {
            scan->at++;
        } else if (starts(scan, "/*")) {
            scan->comment = scan->at + 2;
            scan->at += 2;
            skip_to(scan, "*/", 2);
            scan->comment_length = (size_t)(scan->at - scan->comment);
        } else if (starts(scan, "//") || *scan->at == '#') {
            skip_line(scan);
        } else {
            return;
        }
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Suffixes (UL, f), fractions and exponents belong to the token; only whole numbers have a value, and no number of such a file
 * needs more than 48 bits: larger ones count as the largest, so that sums of a text's numbers stay numbers. */
static void scan_number(struct lp_scan *scan)
{
    char digits[32];
    size_t length = 0;
    while (scan->at < scan->end && (is_word(*scan->at) || *scan->at == '.')) {
        if (length + 1 < sizeof digits)
            digits[length++] = *scan->at;
        scan->at++;
    }
    digits[length] = '\0';
    scan->token.kind = LP_TOKEN_NUMBER;
    long long value = strtoll(digits, NULL, 0);
    scan->token.number = value > LARGEST_NUMBER ? LARGEST_NUMBER : value;
}

void lp_scan_next(struct lp_scan *scan)
{
    skip_space(scan);
    scan->token = (struct lp_token){.kind = LP_TOKEN_END, .start = scan->at};
    if (scan->at == scan->end)
        return;
    if (*scan->at == '"') {
        scan->token.kind = LP_TOKEN_TEXT;
        scan->token.start = ++scan->at;
        while (scan->at < scan->end && *scan->at != '"')
            scan->at++;
        scan->token.length = (size_t)(scan->at - scan->token.start);
        scan->at += scan->at < scan->end;
        return;
    }
    if (isdigit((unsigned char)*scan->at)) {
        scan_number(scan);
    } else if (is_word(*scan->at)) {
        scan->token.kind = LP_TOKEN_WORD;
        while (scan->at < scan->end && is_word(*scan->at))
            scan->at++;
    } else {
        scan->token.kind = LP_TOKEN_SIGN;
        scan->at++;
    }
    scan->token.length = (size_t)(scan->at - scan->token.start);
}

bool lp_scan_is(const struct lp_scan *scan, const char *word)
{
    return scan->token.kind != LP_TOKEN_TEXT && scan->token.length == strlen(word) && scan->token.length != 0 &&
           memcmp(scan->token.start, word, scan->token.length) == 0;
}

/* Up to the comma or brace that ends the member. */
static bool scan_value(struct lp_scan *scan, struct lp_member *member)
{
    int depth = 0;
    int64_t sign = 1;
    while (scan->token.kind != LP_TOKEN_END) {
        if (depth == 0 && (lp_scan_is(scan, ",") || lp_scan_is(scan, "}")))
            return true;
        if (lp_scan_is(scan, "{") || lp_scan_is(scan, "("))
            depth++;
        else if (lp_scan_is(scan, "}") || lp_scan_is(scan, ")"))
            depth--;
        if (scan->token.kind == LP_TOKEN_NUMBER) {
            if (member->number < LARGEST_NUMBER && member->number > -LARGEST_NUMBER)
                member->number += sign * scan->token.number;
            member->has_number = true;
        } else if (scan->token.kind == LP_TOKEN_WORD || scan->token.kind == LP_TOKEN_TEXT) {
            member->word = scan->token.start;
            member->word_length = scan->token.length;
        }
        if (scan->token.kind != LP_TOKEN_WORD)
            sign = lp_scan_is(scan, "-") ? -1 : 1;
        lp_scan_next(scan);
    }
    return false;
}

static bool skip_entry(struct lp_scan *scan)
{
    struct lp_member unused = {0};
    return scan_value(scan, &unused);
}

bool lp_scan_members(struct lp_scan *scan, struct lp_members *out)
{
    out->count = 0;
    lp_scan_next(scan);
    while (scan->token.kind != LP_TOKEN_END && !lp_scan_is(scan, "}")) {
        if (lp_scan_is(scan, ",")) {
            lp_scan_next(scan);
            continue;
        }
        if (!lp_scan_is(scan, ".") || out->count == LP_SCAN_MOST_MEMBERS) {
            if (!skip_entry(scan))
                return false;
            continue;
        }
        lp_scan_next(scan);
        struct lp_member *member = &out->items[out->count];
        *member = (struct lp_member){.name = scan->token.start, .name_length = scan->token.length};
        lp_scan_next(scan);
        if (!lp_scan_is(scan, "="))
            continue;
        lp_scan_next(scan);
        if (!scan_value(scan, member))
            return false;
        out->count++;
    }
    bool is_whole = lp_scan_is(scan, "}");
    lp_scan_next(scan);
    return is_whole;
}

const struct lp_member *lp_members_find(const struct lp_members *members, const char *name)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->items[i].name_length == strlen(name) && memcmp(members->items[i].name, name, strlen(name)) == 0)
            return &members->items[i];
    return NULL;
}

int64_t lp_members_number(const struct lp_members *members, const char *name, int64_t absent)
{
    const struct lp_member *member = lp_members_find(members, name);
    return member != NULL && member->has_number ? member->number : absent;
}

size_t lp_scan_numbers(struct lp_scan *scan, int64_t *out, size_t most)
{
    size_t count = 0;
    lp_scan_next(scan);
    while (scan->token.kind != LP_TOKEN_END && !lp_scan_is(scan, "}")) {
        if (scan->token.kind == LP_TOKEN_NUMBER) {
            if (count < most)
                out[count] = scan->token.number;
            count++;
        }
        lp_scan_next(scan);
    }
    lp_scan_next(scan);
    return count;
}
