/* Two tensors element by element: broadcast, and a scale in common. Private to the folder. */
#ifndef LP_SEMANTICS_BROADCAST_H
#define LP_SEMANTICS_BROADCAST_H

#include "compiler/semantics/operands.h"

/* Dimensions from the innermost outwards, neighbours merged where both inputs go on densely or both stand still. */
struct lp_broadcast {
    int32_t size[LP_MAX_RANK];
    int32_t stride1[LP_MAX_RANK];
    int32_t stride2[LP_MAX_RANK];
    uint32_t rank;
};

/* LP_BAD_INPUT: the shapes don't fit; LP_UNSUPPORTED: more than LP_BROADCAST_RANK dimensions remain. */
lp_status lp_broadcast_merge(const struct lp_place_of_op *at, const struct lp_tensor *in1, const struct lp_tensor *in2,
                             const struct lp_tensor *out, struct lp_broadcast *m);
/* The kernel's arrays, from the outermost dimension to the innermost one. */
void lp_broadcast_fill(const struct lp_broadcast *m, int32_t *dims, int32_t *stride1, int32_t *stride2, uint8_t *rank);

/* Factors of both inputs and the output (in this order) of ADD and SUB. */
struct lp_common_scale {
    int32_t multiplier[3];
    int8_t shift[3];
};
lp_status lp_common_scale_of(const struct lp_place_of_op *at, int32_t left_shift, enum lp_rounding rounding,
                             struct lp_common_scale *out);

#endif
