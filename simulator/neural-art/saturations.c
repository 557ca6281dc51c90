#include "simulator/neural-art/saturations.h"

#include <inttypes.h>
#include <string.h>

#include "neural-art/fields.h"

static bool is_intermediate(const struct lp_npu_epoch *epoch, const struct lp_sim_unit_report *unit)
{
    const void *config = lp_npu_epoch_find(epoch, (enum lp_npu_unit_type)unit->unit_type, unit->index);
    if (config == NULL)
        return false;
    switch (unit->unit_type) {
    case LP_NPU_CONVACC: return ((const struct lp_npu_convacc *)config)->outbytes_o > 1;
    case LP_NPU_ARITH: return ((const struct lp_npu_arith *)config)->outbytes_o > 1;
    case LP_NPU_POOL: return ((const struct lp_npu_pool *)config)->outbytes_o > 1;
    case LP_NPU_ACTIV: return ((const struct lp_npu_activ *)config)->outbytes_o > 1;
    default: return false;
    }
}

static uint64_t saturations_of(const struct lp_npu_epoch *epoch, const struct lp_sim_unit_report *unit)
{
    return is_intermediate(epoch, unit) ? unit->saturations : 0;
}

uint64_t lp_sim_epoch_saturations(const struct lp_npu_epoch *epoch, const struct lp_sim_epoch_report *report)
{
    uint64_t count = 0;
    for (uint32_t u = 0; u < report->unit_count; u++)
        count += saturations_of(epoch, &report->units[u]);
    return count;
}

/* The entry of a unit, or a new one; null without memory. */
static struct lp_sim_saturation *entry_of(struct lp_arena *arena, struct lp_sim_saturations *list, int32_t epoch,
                                          const struct lp_sim_unit_report *unit)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct lp_sim_saturation *item = &list->items[i];
        if (item->epoch == epoch && item->unit_type == unit->unit_type && item->index == unit->index)
            return item;
    }
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity * 2 + 16;
        struct lp_sim_saturation *grown = lp_arena_alloc(arena, capacity, sizeof *grown);
        if (grown == NULL)
            return NULL;
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
        list->capacity = capacity;
    }
    struct lp_sim_saturation *item = &list->items[list->count++];
    *item = (struct lp_sim_saturation){.epoch = epoch, .unit_type = unit->unit_type, .index = unit->index};
    return item;
}

lp_status lp_sim_saturations_add(struct lp_arena *arena, struct lp_sim_saturations *list, const struct lp_npu_epoch *epoch,
                                 const struct lp_sim_epoch_report *report)
{
    for (uint32_t u = 0; u < report->unit_count; u++) {
        uint64_t count = saturations_of(epoch, &report->units[u]);
        struct lp_sim_saturation *item = count == 0 ? NULL : entry_of(arena, list, epoch->id, &report->units[u]);
        if (count != 0 && item == NULL)
            return LP_OUT_OF_MEMORY;
        if (item != NULL)
            item->count += count;
        list->total += count;
    }
    return LP_OK;
}

void lp_sim_saturations_print(const struct lp_sim_saturations *list, struct lp_text *out)
{
    for (uint32_t i = 0; i < list->count; i++)
        lp_text_printf(out, "epoch %d, %s %d: %" PRIu64 " intermediate values saturated\n", list->items[i].epoch,
                       lp_npu_unit_fields[list->items[i].unit_type].type, list->items[i].index, list->items[i].count);
}
