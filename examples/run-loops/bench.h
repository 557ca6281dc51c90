/* The run loop on a simulated board, with a debugger that looks on: what main.c and the tests share. */
#ifndef LP_EXAMPLES_BENCH_H
#define LP_EXAMPLES_BENCH_H

#include "compiler/pipeline.h"
#include "evaluate/neural-art/on_board.h"
#include "examples/run-loops/run_loop.h"
#include "simulator/board/probe.h"

struct bench {
    struct lp_npu_on_board *on;
    struct run_loop loop;
    struct lp_board_probe probe;
    struct lp_text trace;
    uint32_t inferences;
};

/* "forgotten-reset" ...; RUN_LOOP_MISTAKES: there is none of that name. */
extern const char *const bench_mistakes[RUN_LOOP_MISTAKES];
enum run_loop_mistake bench_mistake(const char *name);

/* Input and output get memory of their own, which no other tensor uses, as buffers that a user allocates have: the output
 * keeps its old bytes until the last epoch. `shares_line`: the input begins in the output's last cache line; false when the
 * output leaves no room there. Between placing and linking. */
bool bench_place_ports(struct lp_unit *unit, bool shares_line);

/* The board has been brought up; the loop is set up and opened. int8, one input, one output. */
lp_status bench_open(struct bench *bench, struct lp_npu_on_board *on, enum run_loop_mistake mistake, uint32_t variant);
void bench_infer(struct bench *bench, const float *window, const float *next, float *result);
/* The last lines of trace and log. Errors of the simulator, or of memory for the texts. */
lp_status bench_end(struct bench *bench);
void bench_close(struct bench *bench);

#endif
