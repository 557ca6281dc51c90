/* Operands of element-by-element operators that are smaller than the result: an engine reads some of their elements again. */
#ifndef LP_LOWER_NEURAL_ART_REPEAT_H
#define LP_LOWER_NEURAL_ART_REPEAT_H

#include "compiler/lower/neural-art/flow.h"

/* `run` elements that follow each other, read `repeats` times, then the next ones, `rounds` runs in all; the whole `passes` times. */
struct lp_npu_repeat {
    int32_t run, repeats, rounds, passes;
};

/* How a tensor repeats to the shape of the result. False: in more places than an engine has loops, or too often to be counted. */
bool lp_npu_repeat_of(const struct lp_tensor *tensor, const struct lp_tensor *out, struct lp_npu_repeat *repeat);

/* The tensor as a stream in the order of the result's elements. */
struct lp_npu_port lp_npu_feed_repeated(struct lp_npu_build *b, int32_t tensor, const struct lp_npu_repeat *repeat);

#endif
