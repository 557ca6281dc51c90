/* MAXIMUM, MINIMUM, and what is made of them. */
#ifndef LP_LOWER_NEURAL_ART_CHOICE_H
#define LP_LOWER_NEURAL_ART_CHOICE_H

#include "compiler/lower/neural-art/flow.h"

enum { LP_NPU_CHOICE_UNITS = 2 }; /* of ARITH */

/* Element by element the larger (or smaller) of x and y, both bytes, clamped. y[0] and y[1] are two streams of the same values, in
 * the order of x: the second one waits for what the first became, so one stream could not serve both. */
struct lp_npu_stream lp_npu_add_choice(struct lp_npu_build *b, const struct lp_npu_stream *x, const struct lp_npu_port y[2],
                                       bool is_larger, int32_t act_min, int32_t act_max);

#endif
