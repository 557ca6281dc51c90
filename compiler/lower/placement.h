/* A program in the memories of a target that has several: an address for every block and for every byte of the weights. */
#ifndef LP_LOWER_PLACEMENT_H
#define LP_LOWER_PLACEMENT_H

#include "compiler/lower/program.h"
#include "compiler/plan/pools.h"

struct lp_placement_options {
    bool allow_slow; /* activations may lie in external memory */
    bool spread;     /* what one epoch reads and writes in different banks, even when that takes more memory */
};

struct lp_placement {
    struct lp_pools_result plan; /* addresses by block, used bytes by pool of the target */
    struct lp_chunk *chunks;     /* the weights; `region` is a pool of the target */
    uint32_t chunk_count;
};

/* Weights first, where the pools say, then the blocks. Blocks of inputs, outputs and of epochs that call a kernel own whole
 * cache lines. LP_DOES_NOT_FIT names the tensors alive at the peak, how much is missing and what would help. What lies in
 * slower memory than the fastest is a note with its cost. */
lp_status lp_place_program(struct lp_arena *arena, struct lp_diag *diag, const struct lp_program *program,
                           const struct lp_graph *graph, const struct lp_placement_options *options, struct lp_placement *out);

/* Address of a byte of the weights section; 0 when it is in no chunk. */
uint64_t lp_weights_address(const struct lp_placement *placement, uint64_t offset_bytes);

#endif
