#include "cli/monitor/config.h"

static uint32_t end_of(const struct lp_monitor_feature *f)
{
    return f->address + (uint32_t)lp_register_words(f->format.type);
}

/* True when feature i can come with the block: it overlaps or touches it, and together they fit one request. Registers in between
 * that nobody asked for are never read: a device may refuse them. */
static bool joins(const struct lp_monitor_block *block, const struct lp_monitor_feature *f)
{
    if (block->device != f->device || block->function != f->function)
        return false;
    uint32_t block_end = (uint32_t)block->address + block->count;
    if (f->address > block_end || end_of(f) < block->address)
        return false;
    uint32_t low = f->address < block->address ? f->address : block->address;
    uint32_t high = end_of(f) > block_end ? end_of(f) : block_end;
    return high - low <= LP_MODBUS_MAX_REGISTERS;
}

static void widen(struct lp_monitor_block *block, const struct lp_monitor_feature *f)
{
    uint32_t end = (uint32_t)block->address + block->count;
    uint32_t low = f->address < block->address ? f->address : block->address;
    uint32_t high = end_of(f) > end ? end_of(f) : end;
    block->address = (uint16_t)low;
    block->count = (uint16_t)(high - low);
}

/* Features in the order of their addresses join the block before them; the order of the network's input does not matter here. */
void lp_monitor_plan_blocks(struct lp_monitor_config *config)
{
    bool done[LP_MONITOR_MAX_FEATURES] = {false};
    config->block_count = 0;
    for (uint32_t round = 0; round < config->feature_count; round++) {
        uint32_t best = config->feature_count;
        for (uint32_t i = 0; i < config->feature_count; i++)
            if (!done[i] && (best == config->feature_count || config->features[i].address < config->features[best].address))
                best = i;
        const struct lp_monitor_feature *f = &config->features[best];
        done[best] = true;
        uint32_t b = 0;
        while (b < config->block_count && !joins(&config->blocks[b], f))
            b++;
        if (b == config->block_count)
            config->blocks[config->block_count++] = (struct lp_monitor_block){f->device, f->function, f->address,
                                                                              (uint16_t)(end_of(f) - f->address)};
        else
            widen(&config->blocks[b], f);
        config->block_of[best] = b;
    }
}
