/* What MEAN, REDUCE_MAX and REDUCE_MIN share. Private to the folder. */
#ifndef LP_SEMANTICS_REDUCE_H
#define LP_SEMANTICS_REDUCE_H

#include "compiler/semantics/operands.h"

/* Dimensions from the innermost outwards; kept neighbours and reduced neighbours are merged, so that at most half of
 * LP_MAX_RANK remain of either. */
struct lp_reduce_merged {
    int32_t size[2][LP_MEAN_RANK]; /* [0] kept, [1] reduced */
    int32_t stride[2][LP_MEAN_RANK];
    uint32_t count[2];
};

/* One flag a dimension from the list of axes. */
lp_status lp_reduce_axes(const struct lp_place_of_op *at, const struct lp_tensor *in, bool *is_reduced);
void lp_reduce_merge(const struct lp_tensor *in, const bool *is_reduced, struct lp_reduce_merged *m);
/* The kernel's arrays of the kept (0) or reduced (1) dimensions. */
void lp_reduce_fill(const struct lp_reduce_merged *m, int which, int32_t *dims, int32_t *strides);

#endif
