/* Random legal programs of one epoch: every mode of every unit, chains, pipes, accumulation, packed and raster streams. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_RANDOM_H
#define LP_TESTS_SUPPORT_NEURAL_ART_RANDOM_H

#include "neural-art/program.h"

enum { NA_RANDOM_RAM = 0x34000000, NA_RANDOM_FLASH = 0x70000000, NA_RANDOM_POOL_BYTES = 1 << 18 };

/* The same seed gives the same program. Images of random bytes fill what the program uses of
 * the two pools: image 0 the RAM, image 1 the flash. Lives in `arena`. */
struct lp_npu_program *na_random_program(struct lp_arena *arena, uint64_t seed);

#endif
