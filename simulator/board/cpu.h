/* The processor's code on the board: ordinary C with ordinary pointers. A pointer to device memory points into the board's
 * window, which lies at a multiple of 4 GB, so that its low 32 bits are the device address. The code is compiled with
 * -fsanitize=thread without the sanitizer's runtime: the compiler then calls a function before each access to memory, and
 * those functions (cpu.c) let the access pass through the simulated data cache. An access where the board has no memory ends
 * the program, as the bus fault would. */
#ifndef LP_SIMULATOR_BOARD_CPU_H
#define LP_SIMULATOR_BOARD_CPU_H

#include "simulator/board/board.h"

lp_status lp_cpu_window_open(struct lp_board *board, struct lp_diag *diag);
void lp_cpu_window_close(struct lp_board *board);

/* From now on this board's memory is what the code sees; null: none. There is one processor. */
void lp_cpu_enter(struct lp_board *board);
struct lp_board *lp_cpu_board(void);

/* Pointer for a device address, and back. */
static inline void *lp_cpu_pointer(const struct lp_board *board, uint32_t address)
{
    return board->window + address;
}

static inline uint32_t lp_cpu_address(const void *pointer)
{
    return (uint32_t)(uintptr_t)pointer;
}

#endif
