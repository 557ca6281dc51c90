/* The plain form of the simulator: every value is computed alone, straight from the rule that defines it, one frame at a time.
 * Slow, without checks, and written apart from simulator/neural-art: the oracle for its fast form. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_PLAIN_H
#define LP_TESTS_SUPPORT_NEURAL_ART_PLAIN_H

#include "neural-art/program.h"

/* A stretch of device memory. */
struct na_plain_memory {
    uint32_t base;
    uint32_t size_bytes;
    uint8_t *bytes;
};

/* Runs one epoch in `memories`. False when not every engine of the wait mask stored all of its frames. The configuration
 * must be one that lp_sim_check_epoch accepts. */
bool na_plain_run_epoch(const struct lp_npu_epoch *epoch, const struct na_plain_memory *memories, size_t memory_count);

#endif
