/* A linked program of the NPU on the simulator: hardware epochs on its units, software epochs on the kernels of this PC. */
#ifndef LP_EVALUATE_NEURAL_ART_SIMULATE_H
#define LP_EVALUATE_NEURAL_ART_SIMULATE_H

#include "compiler/lower/neural-art/link.h"
#include "evaluate/load.h"
#include "simulator/neural-art/executor.h"

struct lp_npu_simulation {
    const struct lp_graph *graph;
    const struct lp_program *lowered;
    const struct lp_npu_linked *linked;
    const struct lp_placement *placement;
    struct lp_diag *diag;
    struct lp_sim_ram ram;
    uint64_t *saturations; /* by epoch, of all runs: values that a unit had to clamp before the last 8-bit stage */
    uint64_t *cycles;      /* by epoch, of one run */
};

/* Memory with the program's images. Everything lives in `arena`. */
lp_status lp_npu_simulation_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                                 const struct lp_program *lowered, const struct lp_placement *placement,
                                 const struct lp_npu_linked *linked, struct lp_npu_simulation *out);

/* Gives the bytes that a tensor must have before an epoch reads it; null: it stays as it is. */
struct lp_npu_force {
    const void *(*value)(void *user, int32_t tensor);
    void *user;
};

/* One inference. inputs[i], outputs[i] as in lp_loaded_run. `watch` and `force` may be null. */
lp_status lp_npu_simulation_run(struct lp_npu_simulation *simulation, const uint8_t *const *inputs, uint8_t *const *outputs,
                                const struct lp_tensor_watch *watch, const struct lp_npu_force *force);

#endif
