/* Constants of packed kernels: in which order the compiler writes them, and the few questions about shapes that compiler and
 * kernels must answer alike. docs/decisions/packing.md says why.
 *
 * Groups (convolution, fully connected): `weight` points to the packed constants, `bias` is null; multiplier and shift are null
 * when per_channel is 1 and hold one entry otherwise. Four output channels at a time:
 *   int32 bias[4]; when per_channel: int32 multiplier[4], int8 shift[4];
 *   then row by row of the window: vectors of LP_LANES weights, one of each channel in turn; what is left of the row likewise.
 * The 1 to 3 channels that fill no group follow: int32 bias[n]; when per_channel: int32 multiplier[n], int8 shift[n], zeros up to
 * a multiple of 4; then the weights of each. At the end LP_LANES readable bytes follow the start of any vector.
 * A window is one row when the kernel gathers it (lp_conv2d_s8_is_gathered), else kernel_h rows of kernel_w * in_c.
 *
 * Blocks (depthwise): LP_LANES channels at a time (fewer in the last block), in the order of LP_BLOCK_ORDER:
 *   int8 shift[LP_LANES], int32 bias[LP_LANES], int32 multiplier[LP_LANES], zeros for missing channels;
 *   int8 weights[taps][lanes] in the channels' own order.
 *
 * `shift` in groups and blocks is what a vector is shifted by: LP_PACKED_SHIFT; among the last 1 to 3 channels it is the plain
 * shift. */
#ifndef LP_CONTRACT_PACKING_H
#define LP_CONTRACT_PACKING_H

#include "contract/kernel_args.h"

#include <stdbool.h>

enum {
    LP_LANES = 16,
    LP_GROUP = 4,
    LP_BLOCK_HEAD_BYTES = LP_LANES * 9,
    LP_WINDOW_BYTES = 1152, /* of stack, for windows that are gathered */
    LP_PAD_CHANNELS = 256,  /* of stack, for channels outside the map */
    LP_MAX_TAPS = 64,       /* of stack, for the addresses of a depthwise window */
};

/* A channel's place in a block's head: lanes are multiplied as even and odd bytes, then widened as even and odd halves. */
static inline int32_t lp_block_place(int32_t lane)
{
    static const int8_t quarter[4] = {0, 2, 1, 3};
    return quarter[lane % 4] * 4 + lane / 4;
}

/* With the high half of the product, "single" has rounded away 31 - shift bits of which 32 are gone already. At 0 and 1 nothing
 * would be left to round: variants named "scaled" shift the sum left, so that its product is shifted right by one bit. */
static inline int8_t lp_packed_shift(int32_t shift, uint8_t rounding)
{
    return (int8_t)(rounding == LP_ROUNDING_SINGLE ? shift + 1 : shift);
}

/* Shifts that vector kernels take: above, one rounding needs more than the high half of the product. */
static inline bool lp_shift_is_packable(int32_t shift, uint8_t rounding)
{
    return shift <= (rounding == LP_ROUNDING_SINGLE ? -2 : 0);
}

/* Shifts that those named "scaled" take: above, a sum may be too large to be shifted left. */
static inline bool lp_shift_is_scalable(int32_t shift)
{
    return shift <= 0;
}

/* Rows of few bytes, or taps that do not lie side by side, are copied together before they are multiplied. */
static inline bool lp_conv2d_s8_is_gathered(const struct lp_conv2d_s8 *p)
{
    return (p->kernel_h > 1 && p->kernel_w * p->in_c < LP_LANES) || (p->kernel_w > 1 && p->dilation_w > 1);
}

/* Pixels side by side that share the lanes of one block: their channels are repeated there. */
static inline int32_t lp_depthwise_s8_repeat(const struct lp_depthwise_conv2d_s8 *p)
{
    bool fits = p->depth_multiplier == 1 && p->kernel_h == 3 && p->kernel_w == 3 && p->stride_w == 1 && p->in_c < LP_LANES &&
                LP_LANES % p->in_c == 0;
    return fits ? LP_LANES / p->in_c : 1;
}

#endif
