/* The sources of evidence. Each adds its opinions and sentences; none looks at another's. */
#ifndef LP_DIAGNOSE_EVIDENCE_H
#define LP_DIAGNOSE_EVIDENCE_H

#include "diagnose/findings.h"
#include "diagnose/layers.h"
#include "diagnose/vendor_study.h"

/* What the model does with these inputs: insensitive, saturated, out of range. `study` may be null. */
lp_status lp_weigh_model(const struct lp_case *c, const struct lp_layers *layers, const struct lp_vendor_study *study,
                         struct lp_findings *f);

/* Observed outputs against what each mistake would have given. Needs case->observed_values. */
lp_status lp_weigh_outputs(const struct lp_case *c, const struct lp_vendor_study *study, struct lp_findings *f);

/* Mistakes that lie behind the network: scale, softmax, an address within the output, lines of the output. Part of the above. */
struct lp_output_view {
    const struct lp_case *c;
    struct lp_findings *f;
    const bool *is_right; /* by inference */
    size_t wrong;         /* inferences that are not */
};
lp_status lp_weigh_output_forms(const struct lp_output_view *view, lp_trouble_set *found);
bool lp_weigh_output_lines(const struct lp_output_view *view, lp_trouble_set *found);

/* The run loop's return codes. */
void lp_weigh_trace(const struct lp_trace *trace, enum lp_source source, struct lp_findings *f);

/* Self-test, addresses and CRC. */
lp_status lp_weigh_log(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f);

#endif
