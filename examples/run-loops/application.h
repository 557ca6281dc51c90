/* The same inference as in run_loop.h, by the four functions that generated code comes with: nothing to forget. Code of the
 * device. */
#ifndef LP_EXAMPLES_APPLICATION_H
#define LP_EXAMPLES_APPLICATION_H

#include "runtime/epoch/network.h"

/* A window of real values to the network's real results; int8, one input, one output. What lp_network_run says. */
lp_status application_infer(struct lp_network *net, const float *window, float *result);

#endif
