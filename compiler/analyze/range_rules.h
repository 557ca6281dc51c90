/* What the range rule of one operator works with. One file per operator family holds the rules; ranges.c has the table. */
#ifndef LP_ANALYZE_RANGE_RULES_H
#define LP_ANALYZE_RANGE_RULES_H

#include "compiler/analyze/ranges.h"
#include "contract/kernel_args.h"

/* Longer periods are folded: a constant map of this many different values is rare, and each costs 8 bytes. */
enum { LP_RANGE_LONGEST_PERIOD = 1 << 16 };

struct lp_range_work {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *graph;
    const struct lp_op *op;
    struct lp_ranges *ranges;
};

typedef lp_status lp_range_rule(struct lp_range_work *w);

lp_range_rule lp_range_weighted;                                                       /* range_weighted.c */
lp_range_rule lp_range_svdf;                                                           /* range_svdf.c */
lp_range_rule lp_range_add, lp_range_binary;                                           /* range_add.c */
lp_range_rule lp_range_quantize, lp_range_rectify, lp_range_dequantize, lp_range_keep; /* range_elementwise.c */
lp_range_rule lp_range_pool, lp_range_pad, lp_range_mean;                              /* range_gather.c */
lp_range_rule lp_range_move, lp_range_gather, lp_range_mirror_pad, lp_range_resize;    /* range_move.c */
lp_range_rule lp_range_space_batch, lp_range_cast;                                     /* range_move.c */
lp_range_rule lp_range_table, lp_range_reduce, lp_range_blend, lp_range_arg_max;       /* range_arithmetic.c */
lp_range_rule lp_range_batch_matmul, lp_range_leaky_relu, lp_range_sigmoid;            /* range_arithmetic.c */
lp_range_rule lp_range_softmax, lp_range_log_softmax, lp_range_l2_normalization;       /* range_softmax.c */

/* The range of the operator's i-th input; constants included. */
const struct lp_tensor_range *lp_range_input(const struct lp_range_work *w, uint32_t i);

/* Gives the first output a range of this period, to be filled in; null when there is no memory (the message is said). */
struct lp_interval *lp_range_output(struct lp_range_work *w, uint32_t period);

/* Room for intervals that only the rule sees; the same. */
struct lp_interval *lp_range_scratch(struct lp_range_work *w, uint32_t count);

/* The operator's i-th input refolded to `period`. */
struct lp_interval *lp_range_input_folded(struct lp_range_work *w, uint32_t i, uint32_t period);

struct lp_interval lp_range_hull(struct lp_interval a, struct lp_interval b);

/* All products of two values; the extremes lie in the corners. */
struct lp_wide_interval lp_range_product(struct lp_interval a, struct lp_interval b);

/* The last step of most operators: clamp(requantize(sum) + offset). */
struct lp_range_scaling {
    int32_t multiplier;
    int32_t shift;
    int32_t offset;
    int32_t min, max;
    uint8_t rounding;
};

/* Where both ends go; requantization never falls when the sum rises. A sum, or a step of the way, that can leave int32
 * wraps around on the device: then nothing but the clamp is known. */
struct lp_interval lp_range_requantize(const struct lp_range_scaling *s, struct lp_wide_interval sum);
/* The same with lp_requantize_wide; the sum has 48 bits. */
struct lp_interval lp_range_requantize_wide(const struct lp_range_scaling *s, struct lp_wide_interval sum);

/* range_weighted.c. One tap of one filter. The window's share of every input channel is counted from the zero point; what lies
 * outside the map adds 0. `partial` grows by what any part of the terms can add. */
struct lp_wide_interval lp_range_add_tap(const struct lp_weighted_view *v, const struct lp_interval *in, const int8_t *weight,
                                         struct lp_wide_interval *partial);

/* range_sums.c. Gives the operator `count` accumulators, each of no term; null when there is no memory (the message is said). */
struct lp_accumulator_range *lp_range_accumulators(struct lp_range_work *w, uint32_t count);
/* Adds `times` terms that may each have any value of the interval. */
void lp_range_add_terms(struct lp_accumulator_range *acc, struct lp_wide_interval term, int64_t times);
/* Adds what another accumulator reaches. */
void lp_range_join_sums(struct lp_accumulator_range *acc, const struct lp_accumulator_range *other);
/* The accumulators of AVERAGE_POOL_2D; `in`: by channel. */
lp_status lp_range_average_sums(struct lp_range_work *w, const struct lp_pool_s8 *p, const struct lp_interval *in);

/* range_transposed.c. The accumulators of TRANSPOSE_CONV; `in`: less the zero point, for all input channels. */
lp_status lp_range_transposed(struct lp_range_work *w, const struct lp_weighted_view *v, const struct lp_interval *in,
                              struct lp_accumulator_range *acc);

#endif
