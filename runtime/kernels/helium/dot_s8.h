/* Dot products of int8 vectors, four output channels at a time, requantized: the heart of convolution and fully connected.
 * Reads constants as contract/packing.h lays out groups. */
#ifndef LP_KERNELS_HELIUM_DOT_S8_H
#define LP_KERNELS_HELIUM_DOT_S8_H

#include "contract/packing.h"
#include "runtime/kernels/reference/output_s8.h"

/* The order of the members is known to the assembly in dot_s8.c. The functions change in, out and places. */
struct lp_helium_dot {
    const int8_t *in[2]; /* windows of two places; first bytes */
    int8_t *out[2];      /* first channels of two places */
    const int8_t *groups;
    const int8_t *groups_end; /* behind the last whole group; above groups */
    int32_t rows;             /* of a window */
    int32_t row_vectors;      /* whole vectors in a row */
    int32_t row_tail_bytes;   /* behind them, 0..15 */
    int32_t row_step_bytes;   /* from the end of the last whole vector to the next row */
    int32_t places;           /* how often: two places each time (pair), or one (single) */
    int32_t in_step_bytes;    /* from one time to the next */
    int32_t out_step_bytes;   /* likewise, from behind the last channel */
    int32_t per_channel;
    int32_t out_offset;
    int32_t act_min, act_max;
    int32_t multiplier, shift; /* packed; when not per_channel */
};

typedef void lp_helium_dot_run(struct lp_helium_dot *dot);

lp_helium_dot_run lp_helium_dot_pair_single;
lp_helium_dot_run lp_helium_dot_pair_double;
/* For shifts up to 0: see lp_packed_shift. */
lp_helium_dot_run lp_helium_dot_pair_scaled_single;
lp_helium_dot_run lp_helium_dot_one_single;
lp_helium_dot_run lp_helium_dot_one_double;

/* The remaining channels of one place. `channels`: 1 to 3, `constants`: behind the groups. `out`: first of these channels. */
struct lp_helium_rest {
    const int8_t *constants;
    int32_t channels;
    int32_t row_bytes, rows, row_pitch_bytes;
    struct lp_output_s8 output; /* multiplier and shift are read only when not per_channel */
};
void lp_helium_dot_rest(const struct lp_helium_rest *rest, const int8_t *in, int8_t *out);

#endif
