/* Networks that keep something between inferences (struct lp_state_desc). Only what such a network emits refers to this. */
#ifndef LP_EPOCH_STATES_H
#define LP_EPOCH_STATES_H

#include "runtime/epoch/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The next inference is the first one of a new sequence: all states get their first values. lp_network_open has done it.
 * LP_BAD_ARGUMENT for a closed network. */
LP_MUST_USE lp_status lp_network_reset(struct lp_network *net);

/* The setup of struct lp_network_desc: gives the first values. LP_BAD_ARGUMENT: no states; LP_MEMORY_FAULT: one lies outside the
 * arena. */
lp_status lp_states_setup(const struct lp_network_desc *desc, const struct lp_port *port, struct lp_failure *failure);

#ifdef __cplusplus
}
#endif

#endif
