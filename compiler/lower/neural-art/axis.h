/* One side of a sliding window as the NPU can run it: which parts of the kernel slide over which lines of the map.
 *
 * The unit takes kernels of a few lines, and steps of 1 or 2. Longer kernels are cut into parts whose results are added; a
 * longer step, and a step that only one side has, becomes a window of step 1 on every n-th line of the map; a dilation d becomes
 * d windows, each on every d-th line of map and result. Pooling, convolution and padding share this. */
#ifndef LP_LOWER_NEURAL_ART_AXIS_H
#define LP_LOWER_NEURAL_ART_AXIS_H

#include "compiler/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct lp_npu_side {
    int32_t in, out;
    int32_t kernel, stride, dilation, pad; /* pad: before the first line */
};

/* A run of kernel taps on a sub-map: lines start, start + step, ... of the map, `lines` of them. */
struct lp_npu_axis_part {
    int32_t tap_first, tap_step, taps;
    int32_t start, step, lines;
    int32_t lead; /* line of the sub-map below the first tap for the first result; negative in the padding */
};

/* Results first, first + step, ... (`count` of them) and the parts that add up to them. */
struct lp_npu_axis_tile {
    int32_t first, step, count;
    struct lp_npu_axis_part *parts;
    int32_t part_count;
};

struct lp_npu_axis {
    struct lp_npu_axis_tile *tiles;
    int32_t tile_count;
    int32_t stride; /* of the unit: 1 or 2 */
    int32_t most_parts;
};

/* most_taps: of one part. is_native: the unit itself makes the step (1 or 2, no dilation); else sub-maps do. False: no memory. */
bool lp_npu_axis_plan(struct lp_arena *arena, const struct lp_npu_side *side, int32_t most_taps, bool is_native,
                      struct lp_npu_axis *out);

/* What a part needs for results first .. first + count - 1 of its tile. */
struct lp_npu_span {
    int32_t start, lines; /* of the map, with the part's step; lines 0: sees only padding */
    int32_t pad_before, pad_after;
};
struct lp_npu_span lp_npu_axis_span(const struct lp_npu_axis_part *part, int32_t stride, int32_t first, int32_t count);

#endif
