#include "diagnose/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *keep(struct lp_findings *f, const char *format, va_list args)
{
    char text[600];
    vsnprintf(text, sizeof text, format, args);
    const char *kept = lp_arena_text(f->arena, text, strlen(text));
    if (kept == NULL)
        f->status = LP_OUT_OF_MEMORY;
    return kept == NULL ? "" : kept;
}

static void set(struct lp_findings *f, enum lp_source source, uint32_t cause, enum lp_opinion opinion, const char *why)
{
    struct lp_finding *to = &f->by[source][cause];
    if (opinion >= to->opinion)
        *to = (struct lp_finding){opinion, why};
}

void lp_find(struct lp_findings *f, enum lp_source source, enum lp_trouble cause, enum lp_opinion opinion, const char *why, ...)
{
    va_list args;
    va_start(args, why);
    set(f, source, (uint32_t)cause, opinion, keep(f, why, args));
    va_end(args);
}

void lp_find_all(struct lp_findings *f, enum lp_source source, lp_trouble_set causes, enum lp_opinion opinion, const char *why,
                 ...)
{
    va_list args;
    va_start(args, why);
    const char *text = keep(f, why, args);
    va_end(args);
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        if (lp_trouble_has(causes, (enum lp_trouble)i))
            set(f, source, i, opinion, text);
}

void lp_tell(struct lp_findings *f, const char *format, ...)
{
    va_list args;
    if (f->evidence_count == sizeof f->evidence / sizeof f->evidence[0])
        return;
    va_start(args, format);
    f->evidence[f->evidence_count++] = keep(f, format, args);
    va_end(args);
}

lp_trouble_set lp_found(const struct lp_findings *f, enum lp_source source, enum lp_opinion opinion)
{
    lp_trouble_set set = 0;
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        if (f->by[source][i].opinion == opinion)
            set |= lp_trouble_bit((enum lp_trouble)i);
    return set;
}
