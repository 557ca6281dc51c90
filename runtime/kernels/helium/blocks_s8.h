/* Depthwise convolution with a window of 3 x 3, 16 channels at a time. Products of bytes are added in pairs as 16 bits, where
 * two of them always fit, then widened. Reads constants as contract/packing.h lays out blocks. */
#ifndef LP_KERNELS_HELIUM_BLOCKS_S8_H
#define LP_KERNELS_HELIUM_BLOCKS_S8_H

#include "contract/packing.h"

/* A run of output places. The order of the members is known to the assembly, which changes the first two and `places`. */
struct lp_helium_blocks {
    const int8_t *taps[9]; /* first channel of each tap of the first place */
    int8_t *out;
    const int8_t *blocks;
    int32_t block_count; /* whole ones of 16 channels, 0 or more */
    int32_t places;
    int32_t in_step_bytes;  /* from behind the last whole block to the next place */
    int32_t out_step_bytes; /* likewise */
    int32_t out_offset;
    int8_t act_min[LP_LANES], act_max[LP_LANES];
    int32_t tail_lanes;  /* channels behind the whole blocks, 0..15 */
    int32_t tail_stride; /* bytes from one tap's weights to the next in the block that holds them */
};
typedef void lp_helium_blocks_run(struct lp_helium_blocks *run);

lp_helium_blocks_run lp_helium_blocks_single;
lp_helium_blocks_run lp_helium_blocks_scaled_single; /* for shifts up to 0: see lp_packed_shift */
lp_helium_blocks_run lp_helium_blocks_double;

#endif
