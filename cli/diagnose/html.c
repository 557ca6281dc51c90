#include "cli/diagnose/parts.h"

void lp_diagnose_html(const struct lp_diagnose_report *r, struct lp_text *out)
{
    (void)r;
    lp_text_printf(out, "\n");
}
