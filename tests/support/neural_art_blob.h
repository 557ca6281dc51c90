/* Epochs as programs of the epoch controller: what a driver would write to the registers, in the text form of ec.h. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_BLOB_H
#define LP_TESTS_SUPPORT_NEURAL_ART_BLOB_H

#include "compiler/base/text.h"
#include "simulator/neural-art/memory.h"

/* Appends one epoch. Coefficients and tables are fetched from `ram`. */
void na_blob_epoch(const struct lp_npu_epoch *epoch, struct lp_sim_ram *ram, struct lp_text *out);

#endif
