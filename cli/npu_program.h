/* `run` and `analyze` of a folder that holds program.json: a program of the NPU, whoever compiled it. */
#ifndef LP_CLI_NPU_PROGRAM_H
#define LP_CLI_NPU_PROGRAM_H

#include "cli/session.h"
#include "cli/values/values.h"

/* The path is a folder with a program.json in it. */
bool lp_npu_program_is(const char *path);

/* Epochs, units, routes, bytes, evidence. */
lp_status lp_npu_program_analyze(struct lp_session *session);

/* As `run` of a model takes and gives them: one spec per input in the program's order. A buffer's type, shape and scale are those
 * that the program states; one whose size contradicts them is taken as bytes. */
struct lp_npu_program_run {
    const char *const *inputs;
    uint32_t input_count;
    const char *output; /* null: text or JSON on standard output */
    enum lp_values_mode mode;
};
/* *found: an intermediate value saturated. */
lp_status lp_npu_program_simulate(struct lp_session *session, const struct lp_npu_program_run *run, bool *found);

#endif
