#include "runtime/npu/npu.h"

#include "contract/crc32.h"

#include <stddef.h>

/* A memory without power or behind a firewall reads as a constant: two opposite patterns. Clean and invalidate make sure that
 * memory answers, not the cache. */
static bool answers(const struct lp_port *port, uint8_t *byte)
{
    volatile uint8_t *cell = byte;
    uint8_t kept = *cell;
    bool good = true;
    for (uint32_t pattern = 0x55; pattern <= 0xaa; pattern += 0x55) {
        *cell = (uint8_t)pattern;
        port->cache_clean(port->ctx, byte, 1);
        port->cache_invalidate(port->ctx, byte, 1);
        good = *cell == pattern && good;
    }
    *cell = kept;
    port->cache_clean(port->ctx, byte, 1);
    return good;
}

static bool is_aligned(const struct lp_port_desc *p)
{
    return (uintptr_t)p->data % LP_NPU_LINE_BYTES == 0;
}

/* In whole cache lines. An output may lie where an input was, but not beside it. */
static bool share_a_line(const struct lp_port_desc *a, const struct lp_port_desc *b)
{
    uintptr_t a_first = (uintptr_t)a->data, b_first = (uintptr_t)b->data;
    uintptr_t a_last = (a_first + a->size_bytes - 1) | (LP_NPU_LINE_BYTES - 1);
    uintptr_t b_last = (b_first + b->size_bytes - 1) | (LP_NPU_LINE_BYTES - 1);
    return a_first <= b_last && b_first <= a_last;
}

static lp_status check_ports(const struct lp_port_desc *ports, uint32_t count, struct lp_failure *failure)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_aligned(&ports[i]))
            return lp_fail(failure, LP_BAD_ARGUMENT, (uint16_t)i, LP_TEXT("input or output not aligned to cache lines"));
        for (uint32_t k = 0; k < i; k++)
            if (share_a_line(&ports[i], &ports[k]))
                return lp_fail(failure, LP_BAD_ARGUMENT, (uint16_t)i, LP_TEXT("two of them share a cache line"));
    }
    return LP_OK;
}

lp_status lp_selfcheck(const struct lp_npu_network *n, const struct lp_port *port, struct lp_failure *failure)
{
    const struct lp_network_desc *d = n->desc;
    if (d->abi != LP_ABI)
        return lp_fail(failure, LP_BAD_ABI, UINT16_MAX, LP_TEXT("network of another ABI"));
    for (uint32_t i = 0; i < n->pool_count; i++) {
        const struct lp_npu_range *pool = &n->pools[i];
        for (uint32_t k = 0; k < 3; k++)
            if (!answers(port, pool->start + (pool->size_bytes - 1) / 2 * k))
                return lp_fail(failure, LP_MEMORY_FAULT, (uint16_t)i, LP_TEXT("a pool does not answer: power, clock, firewall?"));
    }
    for (uint32_t i = 0; i < n->constants_count; i++)
        if (lp_crc32(n->constants[i].start, n->constants[i].size_bytes) != n->constants[i].crc32)
            return lp_fail(failure, LP_WEIGHTS_CORRUPT, (uint16_t)i, LP_TEXT("constants are not those that belong here"));
    lp_status status = check_ports(d->inputs, d->input_count, failure);
    return status == LP_OK ? check_ports(d->outputs, d->output_count, failure) : status;
}

static void fill(const struct lp_npu_network *n, const struct lp_port_desc *ports, uint32_t count, uint8_t value)
{
    const struct lp_port *port = n->state->port;
    for (uint32_t i = 0; i < count && port != NULL; i++) {
        uint8_t *bytes = ports[i].data;
        for (uint32_t k = 0; k < ports[i].size_bytes; k++)
            bytes[k] = value;
        port->cache_clean(port->ctx, bytes, ports[i].size_bytes);
    }
}

void lp_npu_poison(const struct lp_npu_network *n)
{
    fill(n, n->desc->outputs, n->desc->output_count, LP_NPU_POISON);
}

bool lp_npu_is_poisoned(const struct lp_npu_network *n)
{
    for (uint32_t i = 0; i < n->desc->output_count; i++) {
        const uint8_t *bytes = n->desc->outputs[i].data;
        for (uint32_t k = 0; k < n->desc->outputs[i].size_bytes; k++)
            if (bytes[k] != LP_NPU_POISON)
                return false;
    }
    return true;
}

static uint32_t crc_of_outputs(const struct lp_npu_network *n)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < n->desc->output_count; i++)
        crc = crc * 31 + lp_crc32(n->desc->outputs[i].data, n->desc->outputs[i].size_bytes);
    return crc;
}

lp_status lp_npu_probe(const struct lp_npu_network *n, bool *reacts)
{
    uint32_t crc[2];
    for (uint32_t i = 0; i < 2; i++) {
        fill(n, n->desc->inputs, n->desc->input_count, i == 0 ? 0x80 : 0x7f);
        lp_status status = lp_npu_run(n);
        if (status != LP_OK)
            return status;
        crc[i] = crc_of_outputs(n);
    }
    *reacts = crc[0] != crc[1];
    return LP_OK;
}
