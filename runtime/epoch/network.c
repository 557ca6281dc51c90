#include "runtime/epoch/network.h"

#include "contract/crc32.h"

#include <stdbool.h>
#include <stddef.h>

/* What every emitted arena and parameter blob has at least; the widest element that a kernel loads at once in C. */
enum { ALIGN_BYTES = 4 };

/* RAM that a network costs besides its arena: 24 bytes at most on a 32-bit processor. */
_Static_assert(sizeof(struct lp_network) <= 6 * sizeof(void *), "struct lp_network grew");

static bool is_complete(const struct lp_network_desc *d)
{
    if (d->arena == NULL || d->arena_bytes == 0 || (d->weights == NULL && d->weights_bytes != 0))
        return false;
    if ((d->inputs == NULL && d->input_count != 0) || (d->outputs == NULL && d->output_count != 0))
        return false;
    /* A network that only renames its input has no epoch. */
    if (d->epochs == NULL && d->epoch_count != 0)
        return false;
    for (uint32_t i = 0; i < d->epoch_count; i++)
        if (d->epochs[i].run == NULL || d->epochs[i].args == NULL)
            return false;
    return true;
}

static bool lie_in_arena(const struct lp_network_desc *d, const struct lp_port_desc *ports, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        /* Below the arena the difference wraps to a large number. */
        uintptr_t offset_bytes = (uintptr_t)ports[i].data - (uintptr_t)d->arena;
        if (offset_bytes > d->arena_bytes || ports[i].size_bytes > d->arena_bytes - offset_bytes)
            return false;
    }
    return true;
}

/* A memory without power or behind a firewall often reads as a constant, so two opposite patterns are tried. Clean and
 * invalidate make sure that memory answers, not the cache. */
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
    return good;
}

/* *why is set before each check that it describes. */
static lp_status check(const struct lp_network_desc *d, const struct lp_port *port, const char **why)
{
    *why = LP_TEXT("null argument");
    if (d == NULL || port == NULL)
        return LP_BAD_ARGUMENT;
    *why = LP_TEXT("another ABI");
    if (d->abi != LP_ABI)
        return LP_BAD_ABI;
    *why = LP_TEXT("incomplete port");
    if (port->now_us == NULL || port->cache_clean == NULL || port->cache_invalidate == NULL)
        return LP_BAD_ARGUMENT;
    *why = LP_TEXT("null in the network");
    if (!is_complete(d))
        return LP_BAD_ARGUMENT;
    *why = LP_TEXT("not aligned");
    if (((uintptr_t)d->arena | (uintptr_t)d->weights) % ALIGN_BYTES != 0)
        return LP_MEMORY_FAULT;
    *why = LP_TEXT("not in the arena");
    if (!lie_in_arena(d, d->inputs, d->input_count) || !lie_in_arena(d, d->outputs, d->output_count))
        return LP_MEMORY_FAULT;
    *why = LP_TEXT("arena does not answer");
    if (!answers(port, d->arena) || !answers(port, d->arena + d->arena_bytes - 1))
        return LP_MEMORY_FAULT;
    *why = LP_TEXT("weights corrupt");
    if (lp_crc32(d->weights, d->weights_bytes) != d->weights_crc32)
        return LP_WEIGHTS_CORRUPT;
    return LP_OK;
}

lp_status lp_network_open(struct lp_network *net, const struct lp_network_desc *desc, const struct lp_port *port)
{
    if (net == NULL)
        return LP_BAD_ARGUMENT;
    const char *why;
    lp_status status = check(desc, port, &why);
    net->port = port;
    net->failure = (struct lp_failure){status, LP_NO_EPOCH, status == LP_OK ? NULL : why};
    if (status == LP_OK && desc->setup != NULL)
        status = desc->setup(desc, port, &net->failure);
    net->desc = status == LP_OK ? desc : NULL;
    return status;
}

lp_status lp_network_run(struct lp_network *net)
{
    if (net == NULL)
        return LP_BAD_ARGUMENT;
    if (net->failure.code != LP_OK)
        return net->failure.code;
    if (net->desc == NULL)
        return lp_fail(&net->failure, LP_BAD_ARGUMENT, LP_NO_EPOCH, LP_TEXT("network not open"));
    const struct lp_network_desc *d = net->desc;
    for (uint32_t i = 0; i < d->epoch_count; i++) {
        lp_status status = d->epochs[i].run(d->epochs[i].args);
        if (status != LP_OK)
            return lp_fail(&net->failure, status, (uint16_t)i, LP_TEXT("kernel failed"));
    }
    return LP_OK;
}

static const struct lp_port_desc *input(const struct lp_network *net, uint32_t i)
{
    return net == NULL || net->desc == NULL || i >= net->desc->input_count ? NULL : &net->desc->inputs[i];
}

static const struct lp_port_desc *output(const struct lp_network *net, uint32_t i)
{
    return net == NULL || net->desc == NULL || i >= net->desc->output_count ? NULL : &net->desc->outputs[i];
}

void *lp_network_input(const struct lp_network *net, uint32_t i)
{
    const struct lp_port_desc *port = input(net, i);
    return port == NULL ? NULL : port->data;
}

const void *lp_network_output(const struct lp_network *net, uint32_t i)
{
    const struct lp_port_desc *port = output(net, i);
    return port == NULL ? NULL : port->data;
}

uint32_t lp_network_input_bytes(const struct lp_network *net, uint32_t i)
{
    const struct lp_port_desc *port = input(net, i);
    return port == NULL ? 0 : port->size_bytes;
}

uint32_t lp_network_output_bytes(const struct lp_network *net, uint32_t i)
{
    const struct lp_port_desc *port = output(net, i);
    return port == NULL ? 0 : port->size_bytes;
}
