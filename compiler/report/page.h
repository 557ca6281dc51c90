/* A report as one page for people, made from its JSON: every number on it is a number there. */
#ifndef LP_REPORT_PAGE_H
#define LP_REPORT_PAGE_H

#include "compiler/base/text.h"

#include <jansson.h>

/* A whole HTML file. Cells with numbers say in `data-json` which member of the report they show. */
void lp_report_page(const json_t *report, struct lp_text *out);

/* The page's parts that go by layer; internal. */
void lp_page_layers(const json_t *report, struct lp_text *out);
void lp_page_dead(const json_t *report, size_t target, struct lp_text *out);
void lp_page_ranges(const json_t *report, size_t target, struct lp_text *out);

#endif
