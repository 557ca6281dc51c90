/* Runs programs of the epoch controller: register writes gather, and when the program waits for engines that it has
 * started, the epoch is handed to somebody who can execute it. */
#ifndef LP_NEURAL_ART_EC_RUN_H
#define LP_NEURAL_ART_EC_RUN_H

#include "neural-art/ec_units.h"

struct lp_ec_host {
    void *ctx;
    uint32_t table_address; /* device memory of LP_EC_TABLE_BYTES that nothing else uses */
    lp_status (*put)(void *ctx, uint32_t address, const uint8_t *bytes, size_t count);
    lp_status (*epoch)(void *ctx, const struct lp_npu_epoch *epoch); /* valid during the call */
};

/* `words` are instructions, as lp_ec_program gives them. Ends at the interrupt. An unknown instruction, registers without
 * known meaning and a poll that can never succeed are errors with the word's position. */
lp_status lp_ec_run(struct lp_arena *arena, struct lp_diag *diag, const char *label, const uint32_t *words, uint32_t count,
                    const struct lp_ec_host *host);

#endif
