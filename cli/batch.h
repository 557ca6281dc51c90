/* Inferences of one network: the values of all its inputs and outputs, and who computes them. */
#ifndef LP_CLI_BATCH_H
#define LP_CLI_BATCH_H

#include "cli/emulate/emulate.h"
#include "cli/session.h"
#include "cli/values/values.h"

enum { LP_MAX_PORTS = 4096 };

/* inputs[i].data: `count` inferences back to back, likewise outputs[i]. */
struct lp_batch {
    size_t count;
    struct lp_values inputs[LP_MAX_PORTS];
    struct lp_values outputs[LP_MAX_PORTS];
};

/* Reads one spec per input, in the model's order; a single "random:N" serves all inputs (seed + index for the further
 * ones). Errors: too few or too many specs, differing numbers of inferences. */
lp_status lp_batch_read(struct lp_session *session, const struct lp_graph *graph, const char *const *specs, uint32_t spec_count,
                        enum lp_values_mode mode, struct lp_batch *batch);

/* Room for the outputs. */
lp_status lp_batch_outputs(struct lp_session *session, const struct lp_graph *graph, struct lp_batch *batch);

/* Called after each tensor that an inference computed; null when nobody wants to know. */
struct lp_batch_watch {
    void (*seen)(void *user, size_t inference, int32_t tensor, const void *data);
    void *user;
};

/* Runs `work` with a temporary folder that is gone afterwards, also when a signal asks the program to end. */
lp_status lp_batch_in_folder(struct lp_session *session, lp_status (*work)(void *user, const char *folder), void *user);

/* Writes the emitted files to `folder` and describes them to the emulator. */
lp_status lp_batch_program(struct lp_session *session, const struct lp_unit *unit, const char *folder,
                           struct lp_emulate_program *program);

/* Runs the compiled unit on its target: in this process, or on the emulated board. A progress bar on a terminal.
 * `watch` works in this process only: elsewhere compile with all tensors as outputs (lp_unit.all_outputs). */
lp_status lp_batch_run(struct lp_session *session, const struct lp_unit *unit, struct lp_batch *batch,
                       const struct lp_batch_watch *watch);

/* Compiles once more for a target, every tensor an output, and makes room for them; batch->inputs and count are given. */
lp_status lp_batch_exposed(struct lp_session *session, const struct lp_target *target, struct lp_unit *unit,
                           struct lp_batch *batch);

/* Runs the inputs of `given` once more on a build for the same target in which every tensor is an output, since on a board only
 * outputs can be seen. `unit` and `batch` are filled in: unit->graph->outputs says which tensor batch->outputs[i] is. */
lp_status lp_batch_run_exposed(struct lp_session *session, const struct lp_target *target, const struct lp_batch *given,
                               struct lp_unit *unit, struct lp_batch *batch);

#endif
