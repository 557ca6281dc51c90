/* Programs as a compiler for the device would emit them in C: against the vendor's interface, in either form. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_SOURCE_H
#define LP_TESTS_SUPPORT_NEURAL_ART_SOURCE_H

#include "compiler/base/text.h"
#include "simulator/neural-art/memory.h"

/* network.c: one block an epoch. */
void na_source_plain(const struct lp_npu_program *program, struct lp_text *out);

/* network.c and the network_ecblobs.h that it includes: one blob for all epochs. Tables are fetched from `ram`. */
void na_source_blobs(const struct lp_npu_program *program, struct lp_sim_ram *ram, struct lp_text *out, struct lp_text *blobs);

#endif
