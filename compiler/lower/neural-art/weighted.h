/* Convolutions and matrix products on the NPU. Internal to lower/neural-art. */
#ifndef LP_LOWER_NEURAL_ART_WEIGHTED_H
#define LP_LOWER_NEURAL_ART_WEIGHTED_H

#include "compiler/analyze/ranges.h"
#include "compiler/lower/neural-art/axis.h"
#include "compiler/lower/neural-art/flow.h"
#include "compiler/lower/neural-art/requant.h"
#include "compiler/lower/neural-art/work.h"

enum lp_npu_mode {
    LP_NPU_SIGNED, /* 8x8 bits; a zero point other than 0 goes into the offsets, which padding forbids */
    LP_NPU_DEEP,   /* the same for 1x1 kernels, three channels a word */
    LP_NPU_WIDE,   /* 16x8 bits, the unit subtracts the zero point */
    LP_NPU_MODES
};

/* How slices of the input channels and parts of the kernel are added up. */
enum lp_npu_adding {
    LP_NPU_PIPES, /* up to four units hand exact sums on; further parts start from stored 16-bit sums in an epoch of their own */
    LP_NPU_SELF   /* one unit, its own 16-bit sums fed back */
};

/* What can be chosen. */
struct lp_npu_tiling {
    enum lp_npu_mode mode;
    enum lp_npu_adding adding;
    int32_t depth, kernels; /* channels of a slice and results of a frame, at most */
};

struct lp_npu_part;

struct lp_npu_weighted {
    struct lp_npu_work *w;
    const struct lp_op *op;
    const struct lp_weighted_view *view;
    struct lp_channel_scales scales;
    const struct lp_interval *inputs; /* by input channel */
    int32_t batches;
    /* The results that this is about: `count` from `first` on, both ways. */
    struct lp_npu_run {
        int32_t first, count;
    } lines, columns;
    enum lp_cause kernels_cause;
    bool is_cut; /* sums are too large for the units: groups of channels are added up for themselves, never fed back */
    struct lp_npu_axis y, x;
    struct lp_npu_tiling tiling;
    int64_t cycles, epochs; /* as estimated for the tiling */
    int64_t stored_bytes;
    struct lp_npu_part *parts; /* of one piece, used again for the next and for every candidate */
    size_t part_capacity;
};

/* A part of the sum: kernel taps (y, x) and input channels first .. first + depth - 1 of the filter. */
struct lp_npu_part {
    const struct lp_npu_axis_part *y, *x;
    struct lp_npu_span rows, columns;
    int32_t first, depth;
};

/* Results that one sequence of epochs computes: channels, and a piece of the map. */
struct lp_npu_piece {
    int32_t batch;
    int32_t channel, channels; /* first and how many */
    /* Frame f computes `kernels` channels from `channel` + f * step on. A step below that computes some channels twice, alike, so
     * that all frames are of one size. */
    int32_t kernels, step, frames;
    const struct lp_npu_axis_tile *y, *x;
    int32_t x_first, x_count; /* of the tile's columns */
    const struct lp_npu_part *parts;
    int32_t part_count;
};

/* How sums are kept. */
struct lp_npu_precision {
    bool keeps_sums;   /* the last ones whole, in 24 bits; else all in 16 */
    int32_t sum_shift; /* of those in 16 bits */
    int32_t groups;    /* of slices: 1; or 2 or 4, whose sums are added behind the units */
};

/* A tiling with what it gives. */
struct lp_npu_prepared {
    struct lp_npu_weighted *p;
    const struct lp_npu_channel *channels;
    struct lp_npu_precision precision;
    double deviation;
    int32_t pieces;
};

/* Everything that can refuse, before the first epoch. */
lp_status lp_npu_weighted_prepare(struct lp_npu_weighted *p, struct lp_refusal *no, struct lp_npu_prepared *out);

/* Emits one operator, whose results `count` such parts make together. */
lp_status lp_npu_weighted_emit(const struct lp_npu_prepared *parts, int32_t count);

/* AVERAGE_POOL_2D and MEAN as sums of windows, each run of windows that see equally many elements with a factor of its own. */
lp_status lp_npu_lower_average_sums(struct lp_npu_work *w, const struct lp_op *op, const struct lp_npu_reduced *sums,
                                    struct lp_refusal *no);

/* Chooses the tiling. No tiling: `no` says why. */
lp_status lp_npu_weighted_plan(struct lp_npu_weighted *p, struct lp_refusal *no);

/* Calls `visit` for every piece, in order. What a piece points to is valid until the next one. */
lp_status lp_npu_weighted_pieces(struct lp_npu_weighted *p, lp_status (*visit)(void *user, const struct lp_npu_piece *piece),
                                 void *user);

/* The kernel stream of parts[0 .. count) for all frames of a piece: the blocks of a frame one after the other. Null: no memory.
 * *padding_bytes: zeros in it that fill blocks up. */
uint8_t *lp_npu_weighted_kernels(const struct lp_npu_weighted *p, const struct lp_npu_piece *piece,
                                 const struct lp_npu_part *parts, int32_t count, uint32_t *size_bytes, uint32_t *padding_bytes);
/* Bytes of one block. */
uint32_t lp_npu_block_bytes(enum lp_npu_mode mode, int32_t taps, int32_t depth, int32_t kernels);

/* What is added to every input before it is multiplied. */
int32_t lp_npu_weighted_offset(const struct lp_npu_weighted *p);
/* Passes through 16 bits of every sum. */
int32_t lp_npu_weighted_roundings(const struct lp_npu_weighted *p, const struct lp_npu_piece *piece);

enum { LP_NPU_PIPE_UNITS = 4, LP_NPU_MOST_CHANNELS = 512 };

#endif
