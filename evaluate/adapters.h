/* One adapter for each operator: asks compiler/semantics for the kernel's arguments and points them to the tensors. */
#ifndef LP_EVALUATE_ADAPTERS_H
#define LP_EVALUATE_ADAPTERS_H

#include "evaluate/evaluate.h"

struct lp_adapting {
    struct lp_evaluation *evaluation;
    struct lp_diag *diag;
    const struct lp_op *op;
    struct lp_evaluation_step *step; /* to be filled in */
};

typedef lp_status lp_adapter(struct lp_adapting *a);

/* By operator kind; null where there is no reference kernel. */
extern lp_adapter *const lp_adapters[LP_OP_KIND_COUNT];

#endif
