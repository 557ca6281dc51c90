/* Removes what no input can reach: channels whose value is always the same (their effect goes into the biases of their
 * consumers), channels that nobody uses, operators that nobody needs, and rows and columns of kernels that are zero in all
 * filters. The results of the graph do not change in any bit, for all inputs that the ranges hold for. */
#ifndef LP_OPTIMIZE_OPTIMIZE_H
#define LP_OPTIMIZE_OPTIMIZE_H

#include "compiler/analyze/ranges.h"
#include "compiler/graph/graph.h"

/* Operators that a single one can do, bit for bit: SPACE_TO_BATCH_ND, CONV_2D or DEPTHWISE_CONV_2D, BATCH_TO_SPACE_ND become a
 * convolution with dilation. The graph has been verified and its shapes analyzed; it is left as it is. *out: a new graph in
 * `arena`, or the same when there is nothing to fuse. Tensors keep their numbers; those that change stand behind them. */
lp_status lp_fuse(struct lp_arena *arena, struct lp_diag *diag, struct lp_graph *graph, struct lp_graph **out);

struct lp_optimize_options {
    const struct lp_ranges *ranges; /* of the graph; what is constant is read from here */
    bool only_tflite;               /* what a .tflite can say: windows with SAME or VALID padding, parts of equal size */
    uint32_t multiple;              /* tensors keep a multiple of so many channels, or all of them; 0 and 1: any number */
    bool keep_kernels;              /* rows and columns of zeros stay */
};

/* Why an output channel of an operator with weights is gone; the first that applies. */
enum lp_dead_reason {
    LP_DEAD_ZERO_FILTER, /* all weights are zero: its value is its bias */
    LP_DEAD_BY_RANGE,    /* its value never changes, because of its input's values or its activation */
    LP_DEAD_UNUSED,      /* its value changes, but nobody looks at it */
    LP_DEAD_REASON_COUNT
};

/* Why a channel that has one value only, or that nobody looks at, stays all the same. */
enum lp_kept_reason {
    LP_KEPT_AT_BORDER, /* padding shows another value than the channel has, so the sums of a reader differ there */
    LP_KEPT_WITH_OTHER, /* it is combined element by element with a channel that changes, or is one of a group as large as others */
    LP_KEPT_AS_LAST,    /* nobody needs it, but a tensor has at least one channel */
    LP_KEPT_FOR_TILING, /* dead, but the target works on so many channels together: options.multiple */
    LP_KEPT_FOR_ALL,    /* an output of the graph, or of an operator that sees all channels together */
    LP_KEPT_REASON_COUNT
};

/* What happened to one operator of the graph as it was. */
struct lp_removed_layer {
    uint32_t channels; /* output channels of an operator with weights, before; 0 for other operators */
    uint32_t dead[LP_DEAD_REASON_COUNT];
    uint32_t kept[LP_KEPT_REASON_COUNT];      /* channels that stay all the same */
    int64_t kept_bytes[LP_KEPT_REASON_COUNT]; /* their filters and biases, and the weights that read them */
    int32_t trimmed_rows, trimmed_columns;    /* of the kernel */
    bool is_gone;                             /* nobody needs the operator */
    int64_t constants_bytes, constants_bytes_after;
    int64_t tiling_bytes; /* of these, what could be gone too if no channel stayed for the tiling; filled in by who chose that */
    int64_t macs, macs_after;
};

/* Which channels of a tensor are left: element i of the tensor as it was is still there when is_kept[i / inner % period]. */
struct lp_kept_channels {
    uint32_t inner, period; /* period 0: the tensor is as it was, or belongs to an operator that is gone */
    const bool *is_kept;
};

struct lp_removal {
    const struct lp_graph *before;
    struct lp_graph *after; /* the same as `before` when there was nothing to remove */
    bool is_changed;
    struct lp_removed_layer *layers; /* by operator of `before` */
    struct lp_kept_channels *kept;   /* by tensor of `before`; tensors have the same index in `after`, new ones stand behind */
};

/* The graph has been verified and its shapes analyzed. It is left as it is; the new one shares what did not change and lives
 * in `arena`. LP_INTERNAL: a rule of ours broke. */
lp_status lp_optimize(struct lp_arena *arena, struct lp_diag *diag, struct lp_graph *graph,
                      const struct lp_optimize_options *options, struct lp_removal **out);

/* Copies what is left of a tensor's elements: `before` holds the tensor as it was, `after` has room for what is left.
 * Returns the number of bytes written. */
size_t lp_removal_gather(const struct lp_removal *removal, int32_t tensor, const void *before, void *after);

/* Runs a graph on some inputs; handed in, because the compiler knows no kernels. inputs[n * input_count + i] are the bytes of
 * graph input i in run n, outputs alike; room is the caller's. */
struct lp_graph_runner {
    lp_status (*run)(void *user, const struct lp_graph *graph, enum lp_rounding rounding, uint32_t runs,
                     const uint8_t *const *inputs, uint8_t *const *outputs, struct lp_diag *diag);
    void *user;
};

/* Runs a graph and what a rewrite made of it on random and extreme inputs within the declared ranges, fewer for larger
 * models. `ranges`: of a graph with the same inputs; null: inputs have their whole range. LP_INTERNAL when an output differs
 * in any byte. */
lp_status lp_rewrite_check(struct lp_diag *diag, const struct lp_graph *before, const struct lp_graph *after,
                           const struct lp_ranges *ranges, enum lp_rounding rounding, const struct lp_graph_runner *runner);

#endif
