/* Why is the output stuck, constant, stale or wrong? Joins what a device gave with what the model gives. */
#ifndef LP_DIAGNOSE_DIAGNOSE_H
#define LP_DIAGNOSE_DIAGNOSE_H

#include "diagnose/evidence.h"
#include "diagnose/judge.h"
#include "diagnose/sensitivity.h"
#include "diagnose/suggest.h"

struct lp_diagnosis {
    struct lp_layers layers;
    bool has_study;
    struct lp_vendor_study study;
    struct lp_findings findings;
    struct lp_verdict verdict;
    struct lp_sensitivity sensitivity; /* these two by lp_diagnose_model */
    struct lp_suggestions suggestions;
};

/* Fills in the case's reference, expected outputs and tolerance, then the diagnosis. The command line has filled in the rest.
 * Errors: LP_OUT_OF_MEMORY, and what a run of the model says. */
lp_status lp_diagnose(struct lp_case *c, struct lp_diagnosis *out);

/* What an input must change by to be seen, and what would help; after lp_diagnose. */
lp_status lp_diagnose_model(struct lp_case *c, struct lp_diagnosis *d);

#endif
