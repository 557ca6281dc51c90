#include "runtime/npu/npu.h"

#include <stddef.h>

lp_status lp_npu_setup(const struct lp_network_desc *desc, const struct lp_port *port, struct lp_failure *failure)
{
    const struct lp_npu_network *n = desc->epochs[0].args;
    n->state->port = NULL;
    lp_status status = lp_selfcheck(n, port, failure);
#ifdef LP_NPU_LOG
    lp_npu_log_open(n, failure);
#endif
    if (status != LP_OK)
        return status;
    status = n->driver->open(n->instance);
    if (status != LP_OK)
        return lp_fail(failure, status, UINT16_MAX, LP_TEXT("the NPU's runtime does not open"));
    n->state->port = port;
    return LP_OK;
}

static void clean_inputs(const struct lp_npu_network *n)
{
    const struct lp_port *port = n->state->port;
    for (uint32_t i = 0; i < n->desc->input_count; i++)
        port->cache_clean(port->ctx, n->desc->inputs[i].data, n->desc->inputs[i].size_bytes);
}

static void invalidate_outputs(const struct lp_npu_network *n)
{
    const struct lp_port *port = n->state->port;
    for (uint32_t i = 0; i < n->desc->output_count; i++)
        port->cache_invalidate(port->ctx, n->desc->outputs[i].data, n->desc->outputs[i].size_bytes);
}

static void end_block(const struct lp_npu_network *n, uint32_t block)
{
    n->state->block = (uint16_t)block;
    n->state->epoch = n->epochs[block];
#ifdef LP_NPU_LOG
    lp_npu_log_block(n, block);
#endif
}

/* One block after the other; each has its own time. The call that finds the last block at its end may say DONE at once. */
static lp_status walk(const struct lp_npu_network *n)
{
    struct lp_npu_state *s = n->state;
    uint64_t start_us = s->port->now_us(s->port->ctx);
    bool waits = false;
    for (uint32_t block = 0;;) {
        enum lp_npu_step step = n->driver->step(n->instance);
        if (block < n->block_count && (step == LP_NPU_ENDED || (step == LP_NPU_DONE && waits))) {
            end_block(n, block++);
            start_us = s->port->now_us(s->port->ctx);
            waits = false;
            if (step == LP_NPU_ENDED)
                continue;
        }
        if (step == LP_NPU_DONE)
            return block == n->block_count ? LP_OK : LP_INTERNAL;
        if (block >= n->block_count)
            return LP_INTERNAL;
        waits = true;
        s->block = (uint16_t)block;
        s->epoch = n->epochs[block];
        if (s->port->now_us(s->port->ctx) - start_us > n->timeout_us) {
            s->waiting = n->driver->waits_for(n->instance, block);
            return LP_TIMEOUT;
        }
    }
}

lp_status lp_npu_run(const void *args)
{
    const struct lp_npu_network *n = args;
    struct lp_npu_state *s = n->state;
    if (s->port == NULL)
        return LP_BAD_ARGUMENT;
    s->waiting = 0;
    *n->failed_epoch = 0;
#ifdef LP_NPU_LOG
    lp_npu_log_start(n);
#endif
    clean_inputs(n);
    n->driver->reset(n->instance);
    lp_status status = walk(n);
    invalidate_outputs(n);
    if (status == LP_OK && *n->failed_epoch != 0) {
        s->epoch = (uint16_t)(*n->failed_epoch - 1);
        status = LP_INTERNAL;
    }
#ifdef LP_NPU_LOG
    lp_npu_log_end(n, status);
#endif
    return status;
}
