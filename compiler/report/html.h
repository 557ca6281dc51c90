/* Pages that need nothing else: no script, no font, no image from elsewhere; in the light, in the dark and on paper. */
#ifndef LP_REPORT_HTML_H
#define LP_REPORT_HTML_H

#include "compiler/base/text.h"

#include <jansson.h>
#include <stdint.h>

/* Everything up to the page's own content. `skip_to` and `skip_text`: where the first link leads, for keyboards. */
void lp_html_start(struct lp_text *out, const char *title, const char *skip_to, const char *skip_text);
void lp_html_end(struct lp_text *out);

/* Foreign text: what means something to HTML or SVG is escaped, control characters and what is no UTF-8 become '?'. */
void lp_html_text(struct lp_text *out, const char *text);

/* A name that may be long: its end behind dots; all of it is the element's title. */
void lp_html_name(struct lp_text *out, const char *name);

/* A table in a frame that scrolls by itself and can be reached by the keyboard. `id`: of the heading that names it. `heads`: a
 * letter for the alignment ('l' or 'n' for numbers) and the text of each column. Rows are the caller's. */
void lp_html_table_start(struct lp_text *out, const char *id, const char *const *heads, size_t count);
void lp_html_table_end(struct lp_text *out);

/* A cell with a number, 219,064, that names the member of the report's JSON it shows: "targets/0/weights_bytes". A number with
 * `sign` shows its plus. */
void lp_html_number(struct lp_text *out, const char *member, int64_t number, bool sign);

/* A cell with a bar for `bytes` of `most`. */
void lp_html_bar(struct lp_text *out, int64_t bytes, int64_t most, const char *kind);

void lp_html_cell(struct lp_text *out, const char *text);

/* Styles of the pictures, inside a page and alone. */
extern const char lp_picture_style[];

#endif
