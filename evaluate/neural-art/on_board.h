/* A linked program of the NPU on a simulated board: its images in the external memories, its software epochs on the kernels
 * of this PC, its cache operations as planned (lp_npu_cache_plan, by whoever linked it). And the description that the
 * runtime's adapter takes, with pointers into the board's window: what generated code states for the device. */
#ifndef LP_EVALUATE_NEURAL_ART_ON_BOARD_H
#define LP_EVALUATE_NEURAL_ART_ON_BOARD_H

#include "compiler/lower/neural-art/link.h"
#include "runtime/npu/npu.h"
#include "simulator/board/vendor.h"

struct lp_npu_on_board {
    struct lp_board board;
    struct lp_board_npu npu;
    struct lp_board_network *network;
    const struct lp_npu_linked *linked;
    struct lp_diag *diag;

    /* For lp_network_open, by lp_npu_on_board_describe. */
    struct lp_network_desc desc;
    struct lp_npu_network adapter;
    struct lp_npu_state state;
    struct lp_port port;
    struct lp_epoch epoch;
    volatile uint16_t failed_epoch;
};

/* The board after its reset, images programmed. `linked` outlives it; the rest lives in `arena` and in the board. */
lp_status lp_npu_on_board_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_linked *linked,
                               struct lp_npu_on_board *out);
void lp_npu_on_board_close(struct lp_npu_on_board *on_board);

/* Fills in desc and port. timeout_us of virtual time for each block. */
lp_status lp_npu_on_board_describe(struct lp_arena *arena, struct lp_npu_on_board *on_board, uint32_t timeout_us);

#endif
