#include "runtime/epoch/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool lies_in_arena(const struct lp_network_desc *d, const struct lp_state_desc *s)
{
    /* Below the arena the difference wraps to a large number. */
    uintptr_t offset_bytes = (uintptr_t)s->data - (uintptr_t)d->arena;
    return offset_bytes <= d->arena_bytes && s->size_bytes <= d->arena_bytes - offset_bytes;
}

static void set_first_values(const struct lp_network_desc *d, const struct lp_port *port)
{
    for (uint32_t i = 0; i < d->state_count; i++) {
        const struct lp_state_desc *s = &d->states[i];
        if (s->initial != NULL)
            memcpy(s->data, s->initial, s->size_bytes);
        else
            memset(s->data, s->fill, s->size_bytes);
        port->cache_clean(port->ctx, s->data, s->size_bytes);
    }
}

lp_status lp_states_setup(const struct lp_network_desc *desc, const struct lp_port *port, struct lp_failure *failure)
{
    if (desc->states == NULL)
        return lp_fail(failure, LP_BAD_ARGUMENT, LP_NO_EPOCH, LP_TEXT("null in the network"));
    for (uint32_t i = 0; i < desc->state_count; i++)
        if (!lies_in_arena(desc, &desc->states[i]))
            return lp_fail(failure, LP_MEMORY_FAULT, LP_NO_EPOCH, LP_TEXT("not in the arena"));
    set_first_values(desc, port);
    return LP_OK;
}

lp_status lp_network_reset(struct lp_network *net)
{
    if (net == NULL || net->desc == NULL)
        return LP_BAD_ARGUMENT;
    set_first_values(net->desc, net->port);
    return LP_OK;
}
