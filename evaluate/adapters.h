/* One adapter for each operator: asks compiler/semantics for the kernel's arguments and points them to the tensors. */
#ifndef LP_EVALUATE_ADAPTERS_H
#define LP_EVALUATE_ADAPTERS_H

#include "evaluate/evaluate.h"

struct lp_adapting {
    struct lp_evaluation *evaluation;
    struct lp_diag *diag;
    const struct lp_op *op;
};

/* Appends the operator's steps: one, or several that run one after the other. */
typedef lp_status lp_adapter(struct lp_adapting *a);

/* evaluate.c. */
lp_status lp_evaluate_add_step(struct lp_evaluation *evaluation, const struct lp_op *op, lp_kernel *run, const void *args,
                               struct lp_diag *diag);

/* By operator kind; null where there is no reference kernel. */
extern lp_adapter *const lp_adapters[LP_OP_KIND_COUNT];

/* Steps that hold the operator's shape operands to the values that it is compiled for. */
lp_status lp_adapt_expected(struct lp_adapting *a);

#endif
