/* The few shapes of C that a generated network has: tokens, and designated initializers as lists of members. Internal to
 * explain/. The text is data here: nothing of it is compiled or run. */
#ifndef LP_EXPLAIN_SCAN_H
#define LP_EXPLAIN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lp_token_kind { LP_TOKEN_END, LP_TOKEN_WORD, LP_TOKEN_NUMBER, LP_TOKEN_TEXT, LP_TOKEN_SIGN };

struct lp_token {
    enum lp_token_kind kind;
    const char *start; /* of a text: behind the quote */
    size_t length;
    int64_t number;
};

struct lp_scan {
    const char *at, *end;
    struct lp_token token; /* the current one */
    const char *comment;   /* the last comment skipped before it; null: none since the last token */
    size_t comment_length;
};

void lp_scan_start(struct lp_scan *scan, const char *text, size_t length);
/* Moves to the next token; comments and preprocessor lines are skipped. */
void lp_scan_next(struct lp_scan *scan);
bool lp_scan_is(const struct lp_scan *scan, const char *word);

/* One initializer's members, as far as they hold a number, a word or a text: `{.a = 1, .b = -2, .c = NAME, .d = "x",
 * .e = {(unsigned char *)(0x1000UL + 4)}}`. The value of an expression is the sum of its numbers. */
enum { LP_SCAN_MOST_MEMBERS = 80 };

struct lp_member {
    const char *name;
    size_t name_length;
    bool has_number;
    int64_t number;
    const char *word; /* last word or text of the value; null: none */
    size_t word_length;
};

struct lp_members {
    struct lp_member items[LP_SCAN_MOST_MEMBERS];
    size_t count;
};

/* The current token is the initializer's '{'; afterwards it is what follows its '}'. False when the text ends before. */
bool lp_scan_members(struct lp_scan *scan, struct lp_members *out);
const struct lp_member *lp_members_find(const struct lp_members *members, const char *name);
/* The member's number, or `absent`. */
int64_t lp_members_number(const struct lp_members *members, const char *name, int64_t absent);

/* Numbers of `{ 1, 2, 3 }`, at most `most`; returns how many there are. Position as above. */
size_t lp_scan_numbers(struct lp_scan *scan, int64_t *out, size_t most);

#endif
