/* What runs the network behind `target = NAME`: the monitor knows only this. */
#ifndef LP_CLI_MONITOR_NETWORK_H
#define LP_CLI_MONITOR_NETWORK_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <stdbool.h>

/* An open network with one int8 input and one int8 output. */
struct lp_monitor_network {
    void *ctx;
    uint32_t input_count;            /* elements: window samples x features */
    uint32_t output_count;           /* elements: classes */
    float input_scale, output_scale; /* above 0 */
    int32_t input_zero_point, output_zero_point;
    uint32_t window_samples, features; /* the last two dimensions of the input; features is input_count for a flat one */
    bool ends_with_softmax;
    /* One inference. Anything but LP_OK ends the monitor, after `diag` was told why. */
    lp_status (*run)(void *ctx, const int8_t *input, int8_t *output, struct lp_diag *diag);
    void (*close)(void *ctx); /* null when there is nothing to do; memory is the arena's */
};

/* Opens the model file for this target; refuses a model whose input or output is not one int8 tensor. */
typedef lp_status lp_monitor_open_network(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                                          struct lp_monitor_network *network);

struct lp_monitor_target {
    const char *name; /* as in the configuration */
    lp_monitor_open_network *open;
};

/* All that exist; the last one has no name. Defined where the compiler is at hand, so that tests can bring their own. */
extern const struct lp_monitor_target lp_monitor_targets[];

#endif
