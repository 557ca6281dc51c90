/* Start-up of a bare Cortex-M: vector table, memory, coprocessors, then main(). For the boards whose linker scripts lie
 * beside this file; a project with a start-up of its own needs none of it. */
#ifndef LP_CORTEX_M_STARTUP_H
#define LP_CORTEX_M_STARTUP_H

#include <stdint.h>

/* Where and why the processor stopped: registers of the Architecture Reference Manuals. */
struct lp_fault {
    uint32_t exception; /* its number: 3 HardFault, 4 MemManage, 5 BusFault, 6 UsageFault, 7 SecureFault, ... */
    uint32_t pc;        /* 0, as lr: the stack had overflowed and did not keep them */
    uint32_t lr;
    uint32_t cfsr; /* configurable fault status; 0 on a processor without it */
    uint32_t bfar; /* address of a bus fault, if cfsr says that it is valid */
};

/* The program provides these two. */
int main(void);
/* What to do after a fault or an exception that nobody expects. It has 512 bytes of stack. */
_Noreturn void lp_board_fault(const struct lp_fault *fault);
/* What to do when main() returned. */
_Noreturn void lp_board_exit(int status);

/* The stack as the linker script places it: grows down from top to limit. */
extern uint32_t lp_stack_limit[];
extern uint32_t lp_stack_top[];

#endif
