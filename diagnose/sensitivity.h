/* What an input must change by to be seen: dead features, and the smallest change that moves the output or the decision. */
#ifndef LP_DIAGNOSE_SENSITIVITY_H
#define LP_DIAGNOSE_SENSITIVITY_H

#include "diagnose/case.h"

enum { LP_NO_CHANGE = 0 }; /* no change within the input's range does it */

struct lp_feature {
    uint32_t channel; /* of input 0 (last dimension) */
    bool is_dead;     /* proved: no change of it can reach the output */
    /* Found by trying on inferences of the log, LSB of the input: the smallest change that had an effect in one of them. */
    int32_t one_output, one_decision; /* one element of the channel (the middle one) */
    int32_t all_output, all_decision; /* all elements of the channel by the same amount */
    double gain_one, gain_all;        /* proved bound: LSB at `gain_tensor` before rounding for one LSB; negative: not known */
};

struct lp_sensitivity {
    double unit; /* real value of one LSB of the input */
    struct lp_feature *features;
    uint32_t count, rows; /* features; inferences of the log that were tried */
    uint32_t channels;    /* of the input: features may be the first of many */
    int32_t gain_tensor;  /* tensor that the gains are stated for: the logits */
    bool *never_wins;     /* by output channel: proved by reachable ranges; null when there is nothing to choose */
    uint32_t never_wins_count, class_count;
    uint32_t constant_outputs; /* output channels that no input changes, proved */
    bool can_change;           /* the output as a whole can */
};

lp_status lp_sensitivity_find(const struct lp_case *c, struct lp_sensitivity *out);

/* Bound of how far one LSB of an input channel moves the elements of each channel of tensor `target`: the largest over its
 * channels. one: a single element of the channel changes; else all of them. Negative: an operator on the way has no bound. */
lp_status lp_gain_find(const struct lp_case *c, uint32_t channel, bool one, int32_t target, double *gain);

#endif
