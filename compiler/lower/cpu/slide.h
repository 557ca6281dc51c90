/* How far a windowed kernel's output has to lie below its dying input, so that no byte is written before it was read for the
 * last time. */
#ifndef LP_LOWER_CPU_SLIDE_H
#define LP_LOWER_CPU_SLIDE_H

#include "compiler/lower/lowering.h"

/* A kernel that makes output pixels in their order in memory, at most `pixels_at_once` neighbours of a row at a time, beginning
 * with any. Of those it writes outputs and reads windows in any order and as often as it likes; it has written nothing of later
 * pixels by then. */
struct lp_slide {
    int32_t batches;
    int32_t in_h, in_w, out_h, out_w;
    int32_t in_pixel_bytes, out_pixel_bytes;
    int32_t stride_h, stride_w, pad_top, pad_left;
    int32_t pixels_at_once;
};

/* Smallest g such that output + g <= input is safe. Larger than the output when sharing is never safe. */
int64_t lp_slide_gap_bytes(const struct lp_slide *slide);

/* The epoch's first output may lie so far below `tensor`, which dies here. */
void lp_lower_slide(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor, const struct lp_slide *slide);

#endif
