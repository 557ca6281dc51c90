/* Blocks into several memories: the fastest first, slow ones only when allowed; constants into memories of their own. Numbers
 * only, like plan.h. Memories that touch and are equally fast count as one: a block may cross from one into the next. */
#ifndef LP_PLAN_POOLS_H
#define LP_PLAN_POOLS_H

#include "compiler/base/arena.h"
#include "compiler/plan/plan.h"

enum {
    LP_CACHE_LINE_BYTES = 32, /* of the processor: what it touches owns whole lines */
    LP_PREFETCH_BYTES = 64    /* behind every block there is readable memory: who reads ahead may reach so far */
};

struct lp_region {
    uint64_t base, size_bytes;
    uint32_t cost;    /* time for a thousand bytes; the order in which regions are used */
    bool is_slow;     /* used only with allow_slow */
    bool is_writable; /* false: constants only */
    bool prefers_constants;
    uint32_t family; /* only regions of the same family become one */
};

/* Two blocks that one epoch reads or writes at the same time. */
struct lp_bank_pair {
    uint32_t a, b;
    uint64_t traffic_bytes;
};

struct lp_pools_problem {
    struct lp_plan_problem plan;   /* blocks (offset_bytes is not used), overlaps, messages */
    const uint64_t *traffic_bytes; /* by block: read and written in one inference */
    const bool *whole_lines;       /* by block: the processor touches it */
    const struct lp_region *regions;
    uint32_t region_count;
    bool allow_slow;
    bool spread; /* blocks of one epoch in different regions, even when that takes more memory */
    const struct lp_bank_pair *pairs;
    uint32_t pair_count;
};

struct lp_pools_result {
    uint64_t *addresses;  /* by block; 0 for a block without bytes */
    uint64_t *used_bytes; /* by region: up to its highest byte in use */
    uint64_t peak_bytes;  /* of all regions together */
    uint64_t lower_bound_bytes;
    uint64_t spilled_bytes; /* of blocks outside the fastest regions */
    uint64_t spill_cost;    /* time that their traffic takes beyond what it would take in the fastest region */
    /* When nothing fits: what the fastest regions lack, and the blocks alive where it is worst, largest first. */
    uint64_t missing_bytes;
    uint32_t peak_epoch, alive_count;
    uint32_t *alive;
};

/* Arrays of the result live in `arena`. LP_DOES_NOT_FIT: no message, the result says what is missing. Every plan passes
 * lp_pools_are_sound before it is returned. */
lp_status lp_pools_plan(struct lp_arena *arena, const struct lp_pools_problem *problem, struct lp_pools_result *result);

/* A run of bytes of a section of constants, and where it lies. */
struct lp_chunk {
    uint32_t region;
    uint64_t start_bytes, size_bytes; /* in the section */
    uint64_t address;
};

/* Constants, in their order, into the regions that prefer them and then into any other; a region that is full is left for
 * the next one. The section may be cut at `cuts` (rising, the first is 0, the last its size) only; each chunk begins at a
 * multiple of 64 bytes. A writable region loses what its chunk takes at its beginning. `chunks` has room for region_count.
 * LP_DOES_NOT_FIT: *missing_bytes says how much found no place. */
lp_status lp_pools_place_constants(const uint64_t *cuts, uint32_t cut_count, const struct lp_region *regions,
                                   uint32_t region_count, struct lp_chunk *chunks, uint32_t *chunk_count,
                                   uint64_t *missing_bytes);

#endif
