/* The PC: a monotonic clock of the operating system, caches that hardware keeps coherent. */
#define _POSIX_C_SOURCE 200809L
#include "runtime/ports/port.h"

#include <time.h>

static uint64_t now_us(void *ctx)
{
    (void)ctx;
    struct timespec now = {0};
    /* CLOCK_MONOTONIC exists on every POSIX system that has this function, so it cannot fail with a valid pointer. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void cache_clean(void *ctx, const void *addr, uint32_t size_bytes)
{
    /* Nothing else reads this memory behind the processor's back. */
    (void)ctx;
    (void)addr;
    (void)size_bytes;
}

static void cache_invalidate(void *ctx, void *addr, uint32_t size_bytes)
{
    /* Nothing else writes this memory behind the processor's back. */
    (void)ctx;
    (void)addr;
    (void)size_bytes;
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

void lp_port_set_clock_hz(uint32_t clock_hz)
{
    /* clock_gettime counts in nanoseconds on every machine. */
    (void)clock_hz;
}
