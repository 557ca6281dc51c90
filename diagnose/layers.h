/* Layer by layer over a log: how many different tensors remain of N different inputs, how far they move, where the change
 * dies and why. */
#ifndef LP_DIAGNOSE_LAYERS_H
#define LP_DIAGNOSE_LAYERS_H

#include "diagnose/case.h"

enum lp_death {
    LP_DEATH_NONE,
    LP_DEATH_AVERAGED, /* the mean moved by less than half an LSB */
    LP_DEATH_CLIPPED,  /* all elements stand at a limit of the layer's range */
    LP_DEATH_DEAD,     /* weights that are zero, or a range that no input leaves */
    LP_DEATH_ROUNDED   /* the change came to less than half an LSB */
};

struct lp_layer {
    uint32_t op; /* index in the graph */
    int32_t tensor;
    uint32_t distinct_inputs;     /* of the operator's own inputs, all of them together */
    uint32_t distinct_outputs;    /* of the tensor it computes */
    double largest_change;        /* of one element over the log, LSB */
    double mean_change;           /* over the elements: largest minus smallest, LSB */
    double moved_before_rounding; /* averages only: how far the exact mean moved, LSB of the output; else -1 */
    double clipped_share;         /* of all values: at the layer's smallest or largest integer */
    double channels_constant;     /* share of the channels that never change over the log */
};

struct lp_layers {
    struct lp_layer *items;
    uint32_t count;
    uint32_t distinct_inputs;  /* of the graph */
    uint32_t distinct_outputs; /* of all graph outputs together */
    uint32_t distinct_decisions;
    uint32_t dies_at; /* index in items; UINT32_MAX: the change arrives at the output */
    enum lp_death death;
};

/* Runs the reference on all inferences of the case. Fills case->reference as well. */
lp_status lp_layers_find(const struct lp_case *c, struct lp_layers *out);

/* "averaged below half an LSB", and so on. */
const char *lp_death_text(enum lp_death death);

/* The range of integers of a layer's output, a fused activation included. False for floats. */
bool lp_layer_limits(const struct lp_graph *graph, const struct lp_op *op, double *low, double *high);

/* How many different blocks of `bytes` lie back to back; 64-bit hashes are compared. UINT32_MAX when there is no memory. */
uint32_t lp_distinct_blocks(struct lp_arena *arena, const uint8_t *data, size_t bytes, size_t count);

#endif
