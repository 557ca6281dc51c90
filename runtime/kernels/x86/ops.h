/* What the instruction sets do differently. Everything else - walking maps, padding, packing - is shared.
 *
 * Packed constants ("tiles"): LP_X86_LANES output channels at a time:
 *   int32 bias[16], int32 multiplier[16], int32 shift[16], zeros for missing channels;
 *   then for each row of a window, for each step of four of its bytes: int8 weight[16][4], zeros where the row has ended.
 * Where inputs are read as input + 128, the bias has 128 times the sum of the weights taken out (modulo 2^32, as sums are). */
#ifndef LP_KERNELS_X86_OPS_H
#define LP_KERNELS_X86_OPS_H

#include "contract/kernel_args.h"
#include "runtime/kernels/x86/x86.h"

#include <stdbool.h>

/* Loops of known length whose arrays are to be registers. */
#if defined(__clang__)
#define LP_X86_UNROLL _Pragma("unroll")
#else
#define LP_X86_UNROLL _Pragma("GCC unroll 32")
#endif

enum {
    LP_X86_LANES = 16,
    LP_X86_STEP = 4,
    LP_X86_STEP_BYTES = LP_X86_LANES * LP_X86_STEP,
    LP_X86_HEAD_BYTES = LP_X86_LANES * 12,
    LP_X86_PLACES = 48, /* output pixels of one call, at most */
};

struct lp_x86_tiles {
    const int8_t *first;
    int32_t tile_bytes;
    int32_t channels;
    int32_t rows, row_steps, steps; /* of a window; steps = rows * row_steps */
};

/* Roundings of contract/requantize.h. RIGHT is SINGLE for shifts of -2 or less, which takes half the instructions. */
enum lp_x86_rounding { LP_X86_SINGLE, LP_X86_DOUBLE, LP_X86_RIGHT };

static inline enum lp_x86_rounding lp_x86_rounding_of(uint8_t rounding, int32_t largest_shift)
{
    return rounding == LP_ROUNDING_DOUBLE ? LP_X86_DOUBLE : largest_shift <= -2 ? LP_X86_RIGHT : LP_X86_SINGLE;
}

/* From sums to bytes. */
struct lp_x86_output {
    int32_t offset, min, max;
    enum lp_x86_rounding rounding;
};

/* Up to LP_X86_PLACES windows that lie place_bytes apart. Step s reads LP_X86_STEP bytes at in + offset[s]; one loop over all
 * rows keeps the sums in registers where compilers lose them in two. */
struct lp_x86_dot {
    const int8_t *in;
    const int32_t *offset;
    int32_t place_bytes;
    int8_t *out;
    int32_t out_bytes; /* from a place to the next */
    int32_t places;
};

typedef void lp_x86_dot_run(const struct lp_x86_tiles *tiles, const struct lp_x86_output *output, const struct lp_x86_dot *dot);
/* Neighbouring outputs of a depthwise convolution: tap[steps * LP_X86_STEP] are those of the first; each of the others reads
 * place_bytes further and writes `channels` further. Behind what a place reads nothing is touched. */
struct lp_x86_taps {
    const int8_t *const *tap;
    int32_t place_bytes;
    int8_t *out;
    int32_t places;
};

typedef void lp_x86_taps_run(const struct lp_x86_tiles *tiles, const struct lp_x86_output *output,
                             const struct lp_x86_taps *taps);

/* Neighbouring outputs of a depthwise convolution with a 3x3 window, by columns: each column of the map is put together once for all
 * the windows that it belongs to. Tiles have a row for each column of the window. The first window's first column is
 * first_column; those outside 0..in_w are read from `pad`. */
struct lp_x86_columns {
    const int8_t *row[3];    /* column 0, or `pad` */
    int32_t column_bytes[3]; /* 0 for `pad` */
    const int8_t *pad;
    int32_t first_column, in_w;
    int32_t advance; /* columns from a place to the next */
    int8_t *out;
    int32_t places;
};

typedef void lp_x86_columns_run(const struct lp_x86_tiles *tiles, const struct lp_x86_output *output,
                                const struct lp_x86_columns *columns);

struct lp_x86_ops {
    lp_x86_dot_run *dot;
    lp_x86_taps_run *taps;
    lp_x86_columns_run *columns; /* may be null */
    bool adds_128;               /* inputs are read as input + 128 */
};

extern const struct lp_x86_ops lp_x86_ops_avx2, lp_x86_ops_vnni;

#endif
