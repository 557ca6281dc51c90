/* Cortex-M: microseconds from the processor's own counter, cache maintenance by address where a data cache is switched on.
 * Register addresses and bits: Armv6-M, Armv7-M and Armv8-M Architecture Reference Manuals, System Control Space. */
#include "runtime/ports/port.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xe000e010u)
#define SYST_RVR REGISTER(0xe000e014u)
#define SYST_CVR REGISTER(0xe000e018u)
#define SCB_CCR REGISTER(0xe000ed14u)
#define SCB_CTR REGISTER(0xe000ed7cu)
#define SCB_DEMCR REGISTER(0xe000edfcu)
#define SCB_DCIMVAC REGISTER(0xe000ef5cu)  /* invalidate */
#define SCB_DCCMVAC REGISTER(0xe000ef68u)  /* clean */
#define SCB_DCCIMVAC REGISTER(0xe000ef70u) /* clean and invalidate */
#define DWT_CTRL REGISTER(0xe0001000u)
#define DWT_CYCCNT REGISTER(0xe0001004u)
#define DWT_LAR REGISTER(0xe0001fb0u)

enum {
    SYST_CSR_ENABLE = 1 << 0,
    SYST_CSR_PROCESSOR_CLOCK = 1 << 2,
    SYST_MAX = 0xffffff,
    SCB_CCR_DC = 1 << 16,
    SCB_DEMCR_TRCENA = 1 << 24,
    DWT_CTRL_CYCCNTENA = 1 << 0,
};
#define DWT_LAR_KEY 0xc5acce55u

/* The small architectures have neither a data cache nor a cycle counter, and reserve the addresses of their registers. */
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
enum { MAIN_EXTENSION = 0 };
#else
enum { MAIN_EXTENSION = 1 };
#endif

/* Time is added up from the differences of a counter that wraps: DWT's cycle counter after 2^32 cycles (5 s at 800 MHz),
 * SysTick, which serves where the former is missing, after 2^24 (0.5 s at 32 MHz). now_us must be called at least that
 * often. A program that uses SysTick itself on a processor without DWT brings its own now_us. */
static struct {
    uint64_t us;
    uint32_t fraction_q28; /* of a microsecond */
    uint32_t us_per_tick_q28;
    uint32_t last_ticks;
    uint32_t mask; /* of the counter's bits; 0 until it was started */
} counter;

static void start_counter(void)
{
    counter.mask = SYST_MAX;
    if (MAIN_EXTENSION) {
        SCB_DEMCR |= SCB_DEMCR_TRCENA;
        DWT_LAR = DWT_LAR_KEY; /* a Cortex-M7 keeps its counter locked; others ignore the key */
        DWT_CTRL |= DWT_CTRL_CYCCNTENA;
        /* The bit stays zero on a processor without the counter. */
        if ((DWT_CTRL & DWT_CTRL_CYCCNTENA) != 0) {
            counter.mask = UINT32_MAX;
            return;
        }
    }
    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_ENABLE | SYST_CSR_PROCESSOR_CLOCK;
}

/* Counts upwards. */
static uint32_t read_counter(void)
{
    return counter.mask == SYST_MAX ? SYST_MAX - SYST_CVR : DWT_CYCCNT;
}

static uint64_t now_us(void *ctx)
{
    (void)ctx;
    if (counter.mask == 0)
        return 0;
    uint32_t ticks = read_counter();
    uint64_t passed_q28 = (uint64_t)((ticks - counter.last_ticks) & counter.mask) * counter.us_per_tick_q28 +
                          counter.fraction_q28;
    counter.last_ticks = ticks;
    counter.us += passed_q28 >> 28;
    counter.fraction_q28 = (uint32_t)passed_q28 & ((1u << 28) - 1);
    return counter.us;
}

void lp_port_set_clock_hz(uint32_t clock_hz)
{
    if (counter.mask == 0) {
        start_counter();
        counter.last_ticks = read_counter();
    }
    /* What passed until now did so at the old speed. */
    (void)now_us(0);
    /* 1,000,000 * 2^28 / clock_hz, bit by bit: a 64-bit division would cost more flash than the rest of this file. */
    uint32_t quotient = 1000000 / clock_hz;
    uint32_t rest = 1000000 % clock_hz;
    for (uint32_t bit = 0; bit < 28; bit++) {
        rest <<= 1;
        quotient <<= 1;
        if (rest >= clock_hz) {
            rest -= clock_hz;
            quotient |= 1;
        }
    }
    counter.us_per_tick_q28 = quotient;
}

/* 0 where there is no data cache or it is switched off: the bit stays zero on a processor without one. */
static uint32_t cache_line_bytes(void)
{
    if (!MAIN_EXTENSION || (SCB_CCR & SCB_CCR_DC) == 0)
        return 0;
    return 4u << (SCB_CTR >> 16 & 15);
}

static void wait_for_memory(void)
{
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

static void cache_clean(void *ctx, const void *addr, uint32_t size_bytes)
{
    (void)ctx;
    uint32_t line_bytes = cache_line_bytes();
    if (line_bytes == 0 || size_bytes == 0)
        return;
    uint32_t last = ((uint32_t)addr + size_bytes - 1) & -line_bytes;
    wait_for_memory();
    for (uint32_t line = (uint32_t)addr & -line_bytes; line != last + line_bytes; line += line_bytes)
        SCB_DCCMVAC = line;
    wait_for_memory();
}

static void cache_invalidate(void *ctx, void *addr, uint32_t size_bytes)
{
    (void)ctx;
    uint32_t line_bytes = cache_line_bytes();
    if (line_bytes == 0 || size_bytes == 0)
        return;
    uint32_t first = (uint32_t)addr;
    uint32_t behind = first + size_bytes;
    uint32_t last = (behind - 1) & -line_bytes;
    wait_for_memory();
    for (uint32_t line = first & -line_bytes; line != last + line_bytes; line += line_bytes) {
        /* Bytes beside the range share this line. */
        if (line < first || behind - line < line_bytes)
            SCB_DCCIMVAC = line;
        else
            SCB_DCIMVAC = line;
    }
    wait_for_memory();
}

const struct lp_port *lp_port_default(void)
{
    static const struct lp_port port = {
        .now_us = now_us,
        .cache_clean = cache_clean,
        .cache_invalidate = cache_invalidate,
    };
    return &port;
}
