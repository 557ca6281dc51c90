/* A compiled program in the memory of this PC: the same epochs, kernels and addresses as the emitted C has, walked by the
 * same runtime. This is how the target `host` runs without a C compiler. */
#ifndef LP_EVALUATE_LOAD_H
#define LP_EVALUATE_LOAD_H

#include "compiler/lower/program.h"
#include "runtime/epoch/network.h"

struct lp_loaded {
    struct lp_network_desc desc;
    struct lp_network net;
    const struct lp_program *program;
    const struct lp_graph *graph;
};

/* Lays the program out: arena of arena_bytes (filled with zeros), weights, argument structures. All memory is taken from
 * `arena` and lives as long. Then opens the network. */
lp_status lp_load(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_program *program,
                  uint32_t arena_bytes, struct lp_loaded *out);

/* inputs[i], outputs[i]: bytes of one inference in the model's order. Errors name the epoch and its operator. */
lp_status lp_loaded_run(struct lp_loaded *loaded, struct lp_diag *diag, const uint8_t *const *inputs, uint8_t *const *outputs);

/* Called behind every epoch with the index of a tensor that it finished and that tensor's bytes. */
struct lp_tensor_watch {
    void (*seen)(void *user, int32_t tensor, const void *data);
    void *user;
};

/* The same, epoch by epoch, showing every tensor right after it was written (its memory is reused later). */
lp_status lp_loaded_run_watched(struct lp_loaded *loaded, struct lp_diag *diag, const uint8_t *const *inputs,
                                uint8_t *const *outputs, const struct lp_tensor_watch *watch);

#endif
