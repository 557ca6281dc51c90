/* The NPU at work on a board: one program, block by block, in virtual time. Hardware epochs run on the simulator through the
 * NPU's view of memory, software epochs through the processor's. An epoch stores what it computed when it ends: a reset
 * before that leaves the old bytes. */
#ifndef LP_SIMULATOR_BOARD_NPU_H
#define LP_SIMULATOR_BOARD_NPU_H

#include "simulator/board/board.h"
#include "simulator/neural-art/executor.h"

struct lp_board_npu {
    struct lp_board *board;
    const struct lp_npu_program *program;
    struct lp_diag *diag;
    void *software_ctx; /* runs the kernel of a software epoch; null: such an epoch is an error */
    lp_status (*software)(void *ctx, uint32_t epoch, const struct lp_sim_memory *cpu);
    void *seen_ctx;                            /* first argument of the two below, each of which may be null */
    void (*begins)(void *ctx, uint32_t epoch); /* an epoch is about to begin */
    void (*seen)(void *ctx, uint32_t epoch);   /* it has ended, hardware or software */

    lp_status status; /* first failure, told in diag: the program cannot run there */
    bool is_running, has_stored, hangs;
    uint64_t started_ns, ends_ns;
};

/* Before block `epoch` begins (start) and when it has ended: cache operations, units, the kernel of a software epoch. */
void lp_board_npu_start(struct lp_board_npu *npu, uint32_t epoch);
void lp_board_npu_end(struct lp_board_npu *npu, uint32_t epoch);

/* The running epoch has stored everything and its interrupt has reached the processor. */
bool lp_board_npu_has_ended(struct lp_board_npu *npu, uint32_t epoch);

/* Whatever runs is given up. */
void lp_board_npu_stop(struct lp_board_npu *npu);

/* The processor sleeps until something wakes it: the NPU's interrupt, or the next tick of its clock, 1 ms later. */
void lp_board_npu_wait(struct lp_board_npu *npu);

#endif
