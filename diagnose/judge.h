/* From evidence to a verdict. */
#ifndef LP_DIAGNOSE_JUDGE_H
#define LP_DIAGNOSE_JUDGE_H

#include "diagnose/findings.h"

struct lp_consideration {
    bool matches;
    const char *why;
};

struct lp_verdict {
    enum lp_trouble cause; /* HEALTHY and UNEXPLAINED as well */
    int level;             /* 1 outputs, 2 with a trace, 3 with a device log */
    lp_trouble_set ties;   /* causes that this evidence cannot tell apart; the verdict's own bit alone when it can */
    double confidence;     /* 0..1 */
    const char *remedy, *experiment;
    struct lp_consideration considered[LP_TROUBLES];
};

void lp_judge(const struct lp_case *c, const struct lp_findings *f, struct lp_verdict *out);

#endif
