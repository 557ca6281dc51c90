/* Reachable ranges: for every element of every tensor an interval of integers that no input can leave, by interval
 * arithmetic through the exact integer semantics of each operator and of the chosen rounding.
 *
 * Sound: whatever the inputs are (within their declared ranges), no value lies outside its interval. Not always tight: two
 * values that depend on the same input are taken as independent. */
#ifndef LP_ANALYZE_RANGES_H
#define LP_ANALYZE_RANGES_H

#include "compiler/analyze/weighted_view.h"
#include "compiler/graph/graph.h"
#include "contract/requantize.h"

struct lp_interval {
    int32_t low, high; /* both reachable as far as is known; low <= high */
};

struct lp_wide_interval {
    int64_t low, high;
};

/* Element i of the tensor, counted in memory order, lies in of[i % period]. The period is the number of channels (last
 * dimension) as a rule, and survives changes of shape; 1 when all elements share one interval. */
struct lp_tensor_range {
    uint32_t period; /* 0: nothing is known: not computed by an operator, or not of an integer type that has ranges */
    const struct lp_interval *of;
};

/* An accumulator. Terms of operators with a filter, and of BATCH_MATMUL, are (input - zero point) * (weight or other input -
 * its zero point); a tap outside the map adds nothing. Those of AVERAGE_POOL_2D and MEAN are inputs as they are; MEAN adds what
 * zero points make in the place of a bias. L2_NORMALIZATION sums squares, SOFTMAX and LOG_SOFTMAX exponentials in units of 2^-19,
 * of int16 2^-15, SVDF what it remembers times weights: that sum wraps around on the device where it leaves 32 bits. */
struct lp_accumulator_range {
    struct lp_wide_interval anywhere; /* the whole sum with its bias, at any position */
    /* Where the whole window, or all of its taps that the position sees, lie in the map; `anywhere` when there is no such
     * position. */
    struct lp_wide_interval interior;
    struct lp_wide_interval partial; /* any part of the terms, added in any order, with or without the bias */
};

struct lp_op_range {
    uint32_t count; /* 0 for operators that add two terms (ADD, SUB), blend four (RESIZE_BILINEAR), or sum none */
    const struct lp_accumulator_range *of;       /* of element i of the output, in memory order: of[i % count] */
    const struct lp_weighted_view *view;         /* null for operators without a window or matrix of weights; `inputs` too */
    const struct lp_interval *inputs;            /* of the in_c input channels of the view */
    const struct lp_accumulator_range *features; /* of SVDF: what its filters make of one input, before it is scaled */
    uint32_t feature_count;
};

struct lp_ranges {
    const struct lp_graph *graph;
    enum lp_rounding rounding;
    struct lp_tensor_range *tensors; /* by tensor */
    struct lp_op_range *ops;         /* by operator */
    bool is_narrowed;                /* some input was declared narrower than its type: all holds only for such inputs */
    int32_t slack;                   /* what a target's int8 results may differ from the reference, at every operator */
};

/* What the user promises about one graph input. */
struct lp_input_range {
    uint32_t count; /* 0: the whole range of its type; 1: for all its elements; else one for each channel (last dimension) */
    const struct lp_interval *of;
};

/* `inputs`: one entry for each graph input, or null. The graph has been verified and its shapes analyzed. The result lives
 * in `arena`. LP_BAD_ARGUMENT: a declared range has the wrong number of channels or leaves the type; LP_UNSUPPORTED and
 * LP_BAD_INPUT as compiler/semantics. */
lp_status lp_ranges_find(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, enum lp_rounding rounding,
                         const struct lp_input_range *inputs, struct lp_ranges **out);

/* The same for a target whose operators give int8 values that differ from the reference by up to `slack`: every interval that
 * an operator computes is that much wider at both ends, and what follows from it with it. */
lp_status lp_ranges_find_near(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                              enum lp_rounding rounding, const struct lp_input_range *inputs, int32_t slack,
                              struct lp_ranges **out);

/* Ranges that hold in both: of the same graph, found with different roundings. Accumulators are those of `a`. */
lp_status lp_ranges_join(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ranges *a, const struct lp_ranges *b,
                         struct lp_ranges **out);

/* Interval of an element; the range of the tensor's type when nothing is known. */
struct lp_interval lp_range_at(const struct lp_ranges *ranges, int32_t tensor, int64_t element);

/* All values of an element type. False for types without ranges: float32, int64, bool. */
bool lp_range_of_element(enum lp_element element, struct lp_interval *out);

/* Last dimension; 1 for rank 0. */
uint32_t lp_range_channels(const struct lp_tensor *tensor);

/* The intervals for another period: element i lies in out[i % period]. Room for `period` entries. */
void lp_range_refold(const struct lp_tensor_range *range, uint32_t period, struct lp_interval *out);

/* Part of an accumulator, by a view of the operator and the intervals of its input channels: the terms of output channel `channel` with the filter's input channels [first, first + count),
 * each (input + offset) * weight, where a tap outside the map counts as (zero point + offset) * weight. Any part of these
 * terms, added in any order to 0, stays in the interval; so does the whole sum of them.
 * For CONV_2D, DEPTHWISE_CONV_2D (first 0, count 1) and FULLY_CONNECTED. */
struct lp_wide_interval lp_range_partial_sum(const struct lp_weighted_view *view, const struct lp_interval *inputs,
                                             int32_t channel, int32_t first, int32_t count, int32_t offset);

/* Marks the channels of a tensor (last dimension, that many entries) that are below another one for every input. Returns
 * how many. */
uint32_t lp_range_never_largest(const struct lp_ranges *ranges, int32_t tensor, bool *never);

/* Reads "MIN,MAX", or the text of a CSV with one line "MIN,MAX" a channel (a first line without numbers is a heading).
 * Raw integers. `what` names the text in messages. */
lp_status lp_input_range_parse(struct lp_arena *arena, struct lp_diag *diag, const char *what, const char *text,
                               struct lp_input_range *out);

#endif
