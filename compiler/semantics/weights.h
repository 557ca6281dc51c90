/* What the three operators with weights share: channel scales, sums that can't overflow, windows. Private to the folder. */
#ifndef LP_SEMANTICS_WEIGHTS_H
#define LP_SEMANTICS_WEIGHTS_H

#include "compiler/semantics/operands.h"

/* in, filter, bias (may be null) and out of an operator with weights. */
struct lp_weighted {
    const struct lp_tensor *in, *filter, *bias, *out;
    int32_t out_c;
    int32_t filter_axis;     /* of the output channels */
    enum lp_element element; /* of input and output: int8, or int16 with zero points 0 */
    uint8_t rank;            /* of input, filter and output; 0: not checked */
    uint8_t first;           /* 0: the inputs are in, filter, bias; 1: TRANSPOSE_CONV has output shape, filter, in, bias */
};

/* Fetches the operands and checks types, ranks, quantization and constness. */
lp_status lp_weighted_operands(const struct lp_place_of_op *at, struct lp_weighted *w);

/* The same for one operator each, with its shapes; `element` says what the caller's kernel computes. */
lp_status lp_conv2d_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w);
lp_status lp_depthwise_conv2d_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w);
lp_status lp_fully_connected_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w);
lp_status lp_transpose_conv_operands(const struct lp_place_of_op *at, enum lp_element element, struct lp_weighted *w);

/* Multipliers and shifts, one for each scale of the filter: factor = in * filter / out, in double. */
lp_status lp_weighted_scales(const struct lp_place_of_op *at, const struct lp_weighted *w, enum lp_rounding rounding,
                             struct lp_arena *arena, struct lp_channel_scales *scales);

/* The same for FULLY_CONNECTED: with one scale for the whole filter the reference multiplies input and filter scale in float32,
 * not in double. */
lp_status lp_fully_connected_scales(const struct lp_place_of_op *at, const struct lp_weighted *w, enum lp_rounding rounding,
                                    struct lp_arena *arena, struct lp_channel_scales *scales);

/* No input can drive the int32 sum of an output channel out of range, in any order of its terms and with the zero point
 * folded into the bias or not. */
lp_status lp_weighted_sums(const struct lp_place_of_op *at, const struct lp_weighted *w);

/* What lp_requantize_wide needs: no sum of int16 inputs leaves 48 bits, no factor reaches 2^8. */
lp_status lp_weighted_wide_sums(const struct lp_place_of_op *at, const struct lp_weighted *w,
                                const struct lp_channel_scales *scales);

/* The window's members fit the kernels' types, none of its coordinates leaves int32, and every window touches the map. */
lp_status lp_need_window(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out);

#endif
