/* The hardware as the runtime sees it. One folder beside this file fills it for each kind of processor: host/, cortex-m/;
 * a program may also fill its own. A missing member fails when a network is opened, not in the field. */
#ifndef LP_PORTS_PORT_H
#define LP_PORTS_PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lp_port {
    void *ctx; /* handed to every function; may be null */
    /* Microseconds since some fixed moment. Never goes back, never wraps. One caller at a time: not from interrupts. */
    uint64_t (*now_us)(void *ctx);
    /* Writes what the data cache holds of [addr, addr + size_bytes) back to memory, so that an NPU or a DMA sees it.
     * Rounded outwards to whole lines. Without a data cache there is nothing to do, and the body says so. */
    void (*cache_clean)(void *ctx, const void *addr, uint32_t size_bytes);
    /* Forgets the data cache's copies of [addr, addr + size_bytes), so that the next read fetches what an NPU or a DMA wrote.
     * A line that lies only partly in the range is written back first: bytes beside the range are never lost. */
    void (*cache_invalidate)(void *ctx, void *addr, uint32_t size_bytes);
};

/* The port of this processor, with every member set. Static. Comes from host/port.c or cortex-m/port.c. */
const struct lp_port *lp_port_default(void);

/* Says how fast the counter behind now_us runs: the processor's clock in Hz, above 62,500. On a Cortex-M now_us stands
 * still until this is called once; call it again when the clock changes. The host knows its own time. */
void lp_port_set_clock_hz(uint32_t clock_hz);

#ifdef __cplusplus
}
#endif

#endif
