/* Which values were clamped, by epoch and unit, over all inferences. */
#ifndef LP_SIMULATOR_NEURAL_ART_SATURATIONS_H
#define LP_SIMULATOR_NEURAL_ART_SATURATIONS_H

#include "simulator/neural-art/executor.h"

struct lp_sim_saturation {
    int32_t epoch; /* its id */
    int32_t unit_type, index;
    uint64_t count; /* values */
};

/* Zeroed: empty. Lives in the arena that the first call names. */
struct lp_sim_saturations {
    struct lp_sim_saturation *items;
    uint32_t count, capacity;
    uint64_t total; /* values */
};

/* Intermediate values, wider than a byte, that units of the epoch had to clamp: clamping a result to one byte is what a
 * quantized layer means, clamping a wider, intermediate value loses something. */
uint64_t lp_sim_epoch_saturations(const struct lp_npu_epoch *epoch, const struct lp_sim_epoch_report *report);

/* Adds those of one run of an epoch. LP_OUT_OF_MEMORY. */
lp_status lp_sim_saturations_add(struct lp_arena *arena, struct lp_sim_saturations *list, const struct lp_npu_epoch *epoch,
                                 const struct lp_sim_epoch_report *report);

/* One line a unit: "epoch 4, CONVACC 2: 12 intermediate values saturated". */
void lp_sim_saturations_print(const struct lp_sim_saturations *list, struct lp_text *out);

#endif
