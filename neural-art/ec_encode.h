/* Epochs as a program of the epoch controller: the register writes that the driver would make. */
#ifndef LP_NEURAL_ART_EC_ENCODE_H
#define LP_NEURAL_ART_EC_ENCODE_H

#include "neural-art/program.h"

/* Constants that units hold inside (coefficients, ROMs) are fetched from the device's memory when the program is made. */
struct lp_ec_memory {
    void *ctx;
    lp_status (*get)(void *ctx, uint32_t address, void *bytes, size_t count); /* gives its own message */
};

/* One program for `count` hardware epochs: magic word, number of instruction words, the instructions, zeros up to a multiple
 * of 64 bytes. LP_UNSUPPORTED for what no register is known for (ACTIV_LUT) or a value that its register has no room for:
 * the message names epoch, unit and field. */
lp_status lp_ec_encode(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_epoch *const *epochs, uint32_t count,
                       const struct lp_ec_memory *memory, const uint32_t **words, size_t *word_count);

#endif
