/* A debugger on the board: looks on without leaving a trace in any cache, and writes the device log that limpid diagnose
 * reads (docs/formats.md). */
#ifndef LP_SIMULATOR_BOARD_PROBE_H
#define LP_SIMULATOR_BOARD_PROBE_H

#include "compiler/base/text.h"
#include "simulator/board/npu.h"

struct lp_board_probe {
    struct lp_board_npu *npu;
    uint32_t images_at; /* where the first image was programmed, when that is not where the program reads it; 0: it is */
    struct lp_text log;
    /* Of the input, kept until the NPU begins: what the processor wrote, and where. */
    uint32_t filled_at, filled_crc;
    bool is_filled;
};

/* Head, self-test of all memories that the program uses, parameters. The board has been brought up. */
void lp_board_probe_open(struct lp_board_probe *probe, struct lp_board_npu *npu);

/* A record of the run loop's trace. */
void lp_board_probe_line(struct lp_board_probe *probe, const char *line);

/* The processor has filled the buffer at `address` for input 0; the NPU begins or is over; the output was read there. */
void lp_board_probe_input(struct lp_board_probe *probe, uint32_t address);
void lp_board_probe_begin(struct lp_board_probe *probe);
void lp_board_probe_epoch(struct lp_board_probe *probe, uint32_t epoch);
void lp_board_probe_output(struct lp_board_probe *probe, uint32_t address);

/* Writes the last line. The text belongs to probe->log. */
const char *lp_board_probe_end(struct lp_board_probe *probe);

#endif
