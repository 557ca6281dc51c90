/* One inference between two markers, with a timer and a painted stack, for bench/emulated.py. LP_MEASURED_NETWORK is the
 * symbol of the network's description. Writes measured.bin: little-endian words, enum measured. */
#include "runtime/epoch/network.h"
#include "runtime/ports/cortex-m/semihosting.h"
#include "runtime/ports/cortex-m/startup.h"
#include "runtime/ports/port.h"

#include <stddef.h>
#include <string.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xe000e010u)
#define SYST_RVR REGISTER(0xe000e014u)
#define SYST_CVR REGISTER(0xe000e018u)

enum { SYST_ON_PROCESSOR_CLOCK = 5, SYST_MAX = 0xffffff, STACK_PAINT = 0x6b6b6b6b };
enum measured {
    MEASURED_STATUS,
    MEASURED_TICKS,
    MEASURED_STACK_BYTES,
    MEASURED_STATE_BYTES,
    MEASURED_ARENA_BYTES,
    MEASURED_COUNT
};

extern const struct lp_network_desc LP_MEASURED_NETWORK;

void lp_count_begin(void);
void lp_count_end(void);

/* Semihosting needs it, a product does not: one of this file's own does not enter the product's flash. */
size_t strlen(const char *text)
{
    const volatile char *end = text; /* volatile: not to be made a call of strlen */
    while (*end != 0)
        end++;
    return (size_t)(end - text);
}

/* What runs between these two is counted. */
__attribute__((noinline)) void lp_count_begin(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void lp_count_end(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void paint_stack(void)
{
    uint32_t *end = __builtin_frame_address(0);
    for (volatile uint32_t *word = lp_stack_limit; word < end; word++)
        *word = STACK_PAINT;
}

static uint32_t painted_over_bytes(const void *from)
{
    const uint32_t *word = lp_stack_limit;
    while (word < (const uint32_t *)from && *word == STACK_PAINT)
        word++;
    return (uint32_t)((const char *)from - (const char *)word);
}

/* Every value of a byte occurs; the same ones every time. */
static void fill_inputs(void)
{
    const struct lp_network_desc *d = &LP_MEASURED_NETWORK;
    uint32_t random = 1;
    for (uint32_t i = 0; i < d->input_count; i++) {
        uint8_t *data = d->inputs[i].data;
        for (uint32_t k = 0; k < d->inputs[i].size_bytes; k++) {
            random = random * 1664525u + 1013904223u;
            data[k] = (uint8_t)(random >> 24);
        }
    }
}

__attribute__((noinline)) static void run(struct lp_network *net, uint32_t *measured)
{
    const void *from = __builtin_frame_address(0);
    paint_stack();
    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = SYST_ON_PROCESSOR_CLOCK;
    uint32_t start = SYST_CVR;
    lp_count_begin();
    measured[MEASURED_STATUS] = (uint32_t)lp_network_run(net);
    lp_count_end();
    measured[MEASURED_TICKS] = (start - SYST_CVR) & SYST_MAX;
    measured[MEASURED_STACK_BYTES] = painted_over_bytes(from);
}

int main(void)
{
    static struct lp_network net;
    static uint32_t measured[MEASURED_COUNT];
    measured[MEASURED_STATUS] = (uint32_t)lp_network_open(&net, &LP_MEASURED_NETWORK, lp_port_default());
    if (measured[MEASURED_STATUS] == LP_OK) {
        fill_inputs();
        run(&net, measured);
    }
    measured[MEASURED_STATE_BYTES] = sizeof net;
    measured[MEASURED_ARENA_BYTES] = LP_MEASURED_NETWORK.arena_bytes;
    int32_t file = lp_semihost_open("measured.bin", LP_SEMIHOST_WRITE);
    return file < 0 || !lp_semihost_write(file, measured, sizeof measured) || !lp_semihost_close(file);
}

_Noreturn void lp_board_fault(const struct lp_fault *fault)
{
    lp_semihost_error("the processor stopped at pc 0x");
    lp_semihost_error_number(fault->pc, 16);
    lp_semihost_error("\n");
    lp_semihost_exit(3);
}

_Noreturn void lp_board_exit(int status)
{
    lp_semihost_exit(status);
}
