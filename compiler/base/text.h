/* A growing text. A failed allocation makes it `failed` for good; who writes checks once at the end. */
#ifndef LP_BASE_TEXT_H
#define LP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct lp_text {
    char *data; /* zero-terminated once anything was added; null before */
    size_t length;
    size_t capacity;
    bool failed;
    bool is_discarded; /* given: nobody will read it, nothing is kept */
};

void lp_text_printf(struct lp_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lp_text_add(struct lp_text *text, const char *bytes, size_t length);
/* Room for `more` bytes, where it is known that many pieces follow. */
void lp_text_reserve(struct lp_text *text, size_t more);
/* Never null: "" for an empty text. */
const char *lp_text_get(const struct lp_text *text);
void lp_text_free(struct lp_text *text);

#endif
