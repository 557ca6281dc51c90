/* Vector table and start-up in C. Exceptions all end in lp_board_fault; a program with interrupts makes its own table. */
#include "runtime/ports/cortex-m/startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SCB_ICSR REGISTER(0xe000ed04u)
#define SCB_CFSR REGISTER(0xe000ed28u)
#define SCB_BFAR REGISTER(0xe000ed38u)
#define SCB_CPACR REGISTER(0xe000ed88u)

#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
enum { HAS_FAULT_STATUS = 0 };
#else
enum { HAS_FAULT_STATUS = 1 };
#endif

#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
enum { HAS_COPROCESSORS = 1 };
#else
enum { HAS_COPROCESSORS = 0 };
#endif

/* Armv8-M stops a stack at its limit. */
#if __ARM_ARCH >= 8
#define SET_STACK_LIMIT(address) __asm__ volatile("msr msplim, %0" ::"r"(address))
#define LIFT_STACK_LIMIT "movs r1, #0\n\tmsr msplim, r1\n\t"
#else
#define SET_STACK_LIMIT(address) (void)(address)
#define LIFT_STACK_LIMIT ""
#endif

/* From the linker script. */
extern uint32_t lp_data_load[], lp_data_start[], lp_data_end[], lp_bss_start[], lp_bss_end[];

void lp_reset(void);
void lp_fault_entry(void);
_Noreturn void lp_fault_report(const uint32_t *frame);

/* `frame`: r0-r3, r12, lr, pc, xpsr as the processor pushed them; after an overflow of the stack they may not be there. */
_Noreturn void lp_fault_report(const uint32_t *frame)
{
    struct lp_fault fault;
    fault.exception = SCB_ICSR & 0x1ff;
    fault.pc = fault.lr = fault.cfsr = fault.bfar = 0;
    if (frame >= lp_stack_limit && frame + 8 <= lp_stack_top) {
        fault.pc = frame[6];
        fault.lr = frame[5];
    }
    if (HAS_FAULT_STATUS) {
        fault.cfsr = SCB_CFSR;
        fault.bfar = SCB_BFAR;
    }
    lp_board_fault(&fault);
}

/* Goes on in the room below the stack's limit: the stack itself may be used up. */
__attribute__((naked)) void lp_fault_entry(void)
{
    __asm__ volatile("mrs r0, msp\n\t" LIFT_STACK_LIMIT "ldr r1, =lp_stack_limit\n\tmov sp, r1\n\t"
                     "ldr r1, =lp_fault_report\n\tbx r1");
}

/* Apart from lp_reset, because the compiler may use floating-point or vector registers here. */
__attribute__((noinline)) static void start(void)
{
    /* Volatile keeps the loops: memcpy and memset would enter the program for start-up alone. */
    const uint32_t *from = lp_data_load;
    for (volatile uint32_t *to = lp_data_start; to < lp_data_end; to++)
        *to = *from++;
    for (volatile uint32_t *to = lp_bss_start; to < lp_bss_end; to++)
        *to = 0;
    lp_board_exit(main());
}

void lp_reset(void)
{
    SET_STACK_LIMIT(lp_stack_limit);
    if (HAS_COPROCESSORS) {
        /* CP10 and CP11: floating point and Helium, full access. */
        SCB_CPACR |= 15u << 20;
        __asm__ volatile("dsb\n\tisb" ::: "memory");
    }
    start();
}

struct vectors {
    uint32_t *stack_top;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    lp_stack_top,
    {lp_reset, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry,
     lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry, lp_fault_entry},
};
