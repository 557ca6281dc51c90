/* The model as the vendor's compiler would run it on the NPU, over the log: which accumulators saturate, for which inputs,
 * what the output becomes, and what safe shifts give. */
#ifndef LP_DIAGNOSE_VENDOR_STUDY_H
#define LP_DIAGNOSE_VENDOR_STUDY_H

#include "diagnose/case.h"
#include "diagnose/vendor_layer.h"

struct lp_vendor_finding {
    uint32_t op;                     /* index in the graph */
    int32_t shift, safe_shift;       /* of the accumulator: by the vendor's rule, and one that cannot saturate */
    double accumulators_share;       /* of all values of the accumulator over the log that saturate */
    double between_share;            /* two-stage form: of all values between the stages */
    double inferences_share;         /* of the log: at least one accumulator saturates */
    double inferences_between_share; /* likewise between the stages */
};

struct lp_vendor_study {
    struct lp_vendor_finding *layers; /* every layer with weights that can be modelled */
    uint32_t count;
    uint8_t *outputs[LP_VENDOR_FORMS]; /* case->count * output_bytes, by the vendor's rule */
    uint8_t *safe;                     /* likewise: fused form, safe shifts */
    uint32_t distinct[LP_VENDOR_FORMS], distinct_safe;
    double largest_error[LP_VENDOR_FORMS]; /* LSB from the reference */
    double wrong_share[LP_VENDOR_FORMS];   /* of the inferences: some output further from the reference than the tolerance */
    double largest_error_safe;
    bool saturates; /* some accumulator, or value between the stages, does */
};

/* Needs case->reference. */
lp_status lp_vendor_study_make(const struct lp_case *c, struct lp_vendor_study *out);

/* The layer that saturates for most inferences; UINT32_MAX when none does. */
uint32_t lp_vendor_worst(const struct lp_vendor_study *study);

#endif
