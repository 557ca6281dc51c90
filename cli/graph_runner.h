/* Runs graphs on the fastest kernels of this PC for whoever checks them; see struct lp_graph_runner. */
#ifndef LP_CLI_GRAPH_RUNNER_H
#define LP_CLI_GRAPH_RUNNER_H

#include "compiler/optimize/optimize.h"

extern const struct lp_graph_runner lp_pc_runner;

#endif
