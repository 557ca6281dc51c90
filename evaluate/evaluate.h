/* Runs a graph on the reference kernels, straight from the constants of the model file: no lowering, no plan, no folding.
 * Every tensor has memory of its own and can be looked at afterwards. This is what all other ways to run are compared with. */
#ifndef LP_EVALUATE_EVALUATE_H
#define LP_EVALUATE_EVALUATE_H

#include "compiler/graph/graph.h"
#include "contract/network.h"
#include "contract/requantize.h"

struct lp_evaluation_step {
    lp_kernel *run;
    const void *args;
    const struct lp_op *op;
};

struct lp_evaluation {
    const struct lp_graph *graph;
    enum lp_rounding rounding;
    struct lp_arena arena;            /* holds all that follows */
    void **values;                    /* by tensor: its bytes; constants are the graph's own and must not be written */
    struct lp_evaluation_step *steps; /* in the order of the operators, of which some take several */
    uint32_t step_count, step_capacity;
    uint8_t *aside; /* the new values of the graph's states, one behind the other */
    bool has_run;   /* since it was opened or reset */
    bool is_fast;   /* runs this PC's own kernels where it has some */
};

/* Takes memory for every tensor and prepares every operator. The graph has been verified and its shapes analyzed; it must
 * outlive the evaluation and not change. After an error, which `diag` explains, nothing is left to close. */
lp_status lp_evaluate_open(struct lp_evaluation *evaluation, const struct lp_graph *graph, enum lp_rounding rounding,
                           struct lp_diag *diag);

/* The same on this PC's own kernels: when many values are wanted and not the reference's word for them. */
lp_status lp_evaluate_open_fast(struct lp_evaluation *evaluation, const struct lp_graph *graph, enum lp_rounding rounding,
                                struct lp_diag *diag);

/* Copies the bytes of the graph's i-th input. LP_BAD_ARGUMENT: no such input, or size_bytes is not the tensor's size. */
lp_status lp_evaluate_set_input(struct lp_evaluation *evaluation, uint32_t i, const void *data, size_t size_bytes);

/* The graph's states have their first values in the next run. */
void lp_evaluate_reset(struct lp_evaluation *evaluation);

/* Runs all operators in order. Inputs keep their values, so a run may be repeated; states go on to their next ones. */
lp_status lp_evaluate_run(struct lp_evaluation *evaluation, struct lp_diag *diag);

/* The bytes of any tensor of the graph, as many as lp_tensor_bytes says; of the graph's i-th output. Valid until closed. */
const void *lp_evaluate_tensor(const struct lp_evaluation *evaluation, int32_t tensor);
const void *lp_evaluate_output(const struct lp_evaluation *evaluation, uint32_t i);

void lp_evaluate_close(struct lp_evaluation *evaluation);

#endif
