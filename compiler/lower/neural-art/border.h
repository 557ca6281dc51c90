/* A border around a map: a convolution unit with a kernel of one 1, whose padding it is. */
#ifndef LP_LOWER_NEURAL_ART_BORDER_H
#define LP_LOWER_NEURAL_ART_BORDER_H

#include "compiler/lower/neural-art/flow.h"

struct lp_npu_border {
    int32_t top, bottom, left, right;
    int32_t value; /* of its samples, as stored */
};
enum { LP_NPU_WIDEST_BORDER = 8, LP_NPU_LONGEST_ROW = 1920 };

/* A tensor with a border, `depth` channels a frame, by rising channel: the unit sees maps of one channel, or identities of more.
 * Adds an ARITH when the value is neither 0 nor -128. */
struct lp_npu_stream lp_npu_feed_bordered(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                          const struct lp_npu_map *map, const struct lp_npu_border *border, int32_t depth);

/* A map's stream inside a larger one, whose border engines fill: of any width, in an epoch of its own for want of engines. `whole`: the
 * larger map's first pixel. */
void lp_npu_surround(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *inner,
                     const struct lp_npu_target *whole, const struct lp_npu_border *border);

/* One value in `channels` channels of [height][width] pixels of a target. */
void lp_npu_fill(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_target *target, int32_t width,
                 int32_t height, int32_t channels, int32_t value);

#endif
