/* Lifetimes -> addresses. Numbers only: this folder knows blocks of bytes and epochs, no graph and no tensor. */
#ifndef LP_PLAN_PLAN_H
#define LP_PLAN_PLAN_H

#include "compiler/base/diag.h"
#include "contract/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes that must lie somewhere in the arena from first_epoch to last_epoch, both included. */
struct lp_block {
    uint32_t size_bytes;  /* 0: takes no room and never collides */
    uint32_t align_bytes; /* of the offset, at least 1; need not be a power of two */
    uint32_t first_epoch;
    uint32_t last_epoch;
    uint32_t offset_bytes; /* result: from the arena's start */
};

/* Two blocks that may share bytes although both are alive in one epoch: the epoch in which `reader` dies and `writer` is
 * born (reader.last_epoch == writer.first_epoch). The written block has to start at least gap_bytes below the read one:
 * writer.offset_bytes + gap_bytes <= reader.offset_bytes. A gap of 0 is an operator that reads each byte before it writes
 * there; a kernel that runs ahead of its reads states a larger one. Of a pair that stands here twice the
 * smaller gap holds. A block that lives for a single epoch is not both a reader and a writer. LP_ANYWHERE as the gap:
 * the epoch moves the read block's bytes, and the two may lie anywhere. */
#define LP_ANYWHERE UINT32_MAX
struct lp_overlap {
    uint32_t writer; /* index of a block */
    uint32_t reader;
    uint32_t gap_bytes;
};

struct lp_plan_problem {
    struct lp_block *blocks; /* offsets are written here */
    uint32_t block_count;
    const struct lp_overlap *overlaps; /* null when there are none */
    uint32_t overlap_count;
    struct lp_diag *diag;
};

struct lp_plan_result {
    uint32_t peak_bytes;        /* the largest offset_bytes + size_bytes: the arena's exact size, not rounded up */
    uint32_t lower_bound_bytes; /* no plan can be smaller; equal to peak_bytes when is_optimal */
    uint32_t bound_bytes; /* what some epoch needs for itself; below lower_bound_bytes where epochs stand in each other's way */
    bool is_optimal;      /* proved, by the bound or by an exhaustive search */
    uint32_t plans_tried; /* whole or partial placements that the search looked at */
};

/* Places every block so that the peak is small. The work is bounded by counted steps, never by a clock, and the search has
 * a fixed seed: the same problem always gives the same plan. Every plan passes lp_plan_is_sound before it is returned.
 * LP_BAD_ARGUMENT: an epoch range is reversed, an alignment is 0, or an overlap breaks the rules above.
 * LP_DOES_NOT_FIT: the arena would need 4 GiB or more. */
lp_status lp_plan_make(struct lp_plan_problem *problem, struct lp_plan_result *result);

/* What fills a planned arena at its fullest: the epoch that uses the arena's highest byte and, of several such epochs, the
 * first with most bytes alive. Writes the indices of the blocks alive then, largest first, and returns how many there are;
 * 0 when no block has any bytes. `indices` has room for block_count. */
uint32_t lp_plan_peak_blocks(const struct lp_block *blocks, uint32_t block_count, uint32_t *indices, uint32_t *peak_epoch);

#endif
