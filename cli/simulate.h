/* Inferences of a network that was compiled for the NPU, on the simulator. */
#ifndef LP_CLI_SIMULATE_H
#define LP_CLI_SIMULATE_H

#include "cli/batch.h"

/* What a tensor of the compiled graph must hold before an epoch reads it; null: whatever is there. */
struct lp_batch_force {
    const void *(*value)(void *user, size_t inference, int32_t tensor);
    void *user;
};

struct lp_batch_costs {
    uint64_t saturations; /* of all inferences; the operators' own clamps of their 8-bit results do not count */
    uint64_t cycles;      /* of the hardware, one inference */
};

/* `watch` and `force` may be null. */
lp_status lp_batch_simulate(struct lp_session *session, const struct lp_unit *unit, struct lp_batch *batch,
                            const struct lp_batch_watch *watch, const struct lp_batch_force *force, struct lp_batch_costs *costs);

#endif
