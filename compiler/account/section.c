#include "compiler/account/section.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name, *meaning;
} causes[LP_CAUSE_COUNT] = {
#define X(id, cause_name, cause_meaning) [LP_CAUSE_##id] = {cause_name, cause_meaning},
    LP_CAUSES(X)
#undef X
};

const char *lp_cause_name(enum lp_cause cause)
{
    return causes[cause].name;
}

const char *lp_cause_meaning(enum lp_cause cause)
{
    return causes[cause].meaning;
}

static uint32_t element_bytes(enum lp_element element)
{
    static const uint8_t bytes[] = {
        [LP_ELEMENT_INT8] = 1,  [LP_ELEMENT_UINT8] = 1,   [LP_ELEMENT_INT16] = 2, [LP_ELEMENT_INT32] = 4,
        [LP_ELEMENT_INT64] = 8, [LP_ELEMENT_FLOAT32] = 4, [LP_ELEMENT_BOOL] = 1,
    };
    return bytes[element];
}

static uint64_t item_bytes(const struct lp_item *item)
{
    return (uint64_t)item->count * element_bytes(item->element);
}

static bool grow(struct lp_section *section)
{
    if (section->item_count < section->item_capacity)
        return true;
    uint32_t capacity = section->item_capacity == 0 ? 32 : section->item_capacity * 2;
    struct lp_item *items = LP_NEW_ARRAY(section->arena, capacity, struct lp_item);
    if (items == NULL)
        return false;
    if (section->item_count != 0)
        memcpy(items, section->items, section->item_count * sizeof *items);
    section->items = items;
    section->item_capacity = capacity;
    return true;
}

static lp_status append(struct lp_section *section, struct lp_diag *diag, struct lp_item item)
{
    if (!grow(section))
        return lp_no_memory(diag);
    if (item_bytes(&item) > (uint64_t)INT32_MAX - section->size_bytes)
        return lp_error(diag, LP_DOES_NOT_FIT,
                        "the section '%s' grows beyond 2,147,483,647 bytes at layer %d: the model is too large", section->name,
                        (int)item.layer);
    item.offset_bytes = section->size_bytes;
    section->size_bytes += (uint32_t)item_bytes(&item);
    section->items[section->item_count++] = item;
    return LP_OK;
}

static lp_status put_gap(struct lp_section *section, struct lp_diag *diag, uint32_t align_bytes, int32_t layer)
{
    static const uint8_t zeros[64];
    uint32_t gap = (align_bytes - section->size_bytes % align_bytes) % align_bytes;
    if (gap > sizeof zeros)
        return lp_error(diag, LP_INTERNAL, "an item of section '%s' asks for an alignment of %u bytes", section->name,
                        (unsigned)align_bytes);
    struct lp_item item = {
        .cause = LP_CAUSE_ALIGNMENT, .layer = layer, .element = LP_ELEMENT_UINT8, .data = zeros, .count = gap, .align_bytes = 1};
    return gap == 0 ? LP_OK : append(section, diag, item);
}

lp_status lp_section_close(struct lp_section *section, struct lp_diag *diag)
{
    uint32_t widest = 1;
    for (uint32_t i = 0; i < section->item_count; i++)
        if (element_bytes(section->items[i].element) > widest)
            widest = element_bytes(section->items[i].element);
    return put_gap(section, diag, widest, LP_NO_LAYER);
}

lp_status lp_section_put(struct lp_section *section, struct lp_diag *diag, struct lp_item item, uint32_t *offset_bytes)
{
    lp_status status = put_gap(section, diag, item.align_bytes, item.layer);
    if (status == LP_OK)
        status = append(section, diag, item);
    if (status == LP_OK && offset_bytes != NULL)
        *offset_bytes = section->items[section->item_count - 1].offset_bytes;
    return status;
}

lp_status lp_section_claim(struct lp_section *section, struct lp_diag *diag, enum lp_cause cause, enum lp_cause saver,
                           int32_t layer, int64_t bytes)
{
    if (bytes == 0)
        return LP_OK;
    if (section->claim_count == section->claim_capacity) {
        uint32_t capacity = section->claim_capacity == 0 ? 32 : section->claim_capacity * 2;
        struct lp_claim *claims = LP_NEW_ARRAY(section->arena, capacity, struct lp_claim);
        if (claims == NULL)
            return lp_no_memory(diag);
        if (section->claim_count != 0)
            memcpy(claims, section->claims, section->claim_count * sizeof *claims);
        section->claims = claims;
        section->claim_capacity = capacity;
    }
    section->claims[section->claim_count++] = (struct lp_claim){cause, layer, bytes};
    section->claims[section->claim_count++] = (struct lp_claim){saver, layer, -bytes};
    return LP_OK;
}

#if defined(__BYTE_ORDER__)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the targets are little endian, and constants are copied as they lie in memory");
#endif

uint8_t *lp_section_bytes(const struct lp_section *section, struct lp_arena *arena)
{
    uint8_t *bytes = LP_NEW_ARRAY(arena, section->size_bytes, uint8_t);
    for (uint32_t i = 0; bytes != NULL && i < section->item_count; i++) {
        const struct lp_item *item = &section->items[i];
        if (item->count != 0)
            memcpy(bytes + item->offset_bytes, item->data, (size_t)item_bytes(item));
    }
    return bytes;
}

int64_t lp_section_cause_bytes(const struct lp_section *section, enum lp_cause cause, int32_t layer)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < section->item_count; i++) {
        const struct lp_item *item = &section->items[i];
        if (item->cause == cause && (layer == LP_ANY_LAYER || item->layer == layer))
            sum += (int64_t)item_bytes(item);
    }
    for (uint32_t i = 0; i < section->claim_count; i++)
        if (section->claims[i].cause == cause && (layer == LP_ANY_LAYER || section->claims[i].layer == layer))
            sum += section->claims[i].bytes;
    return sum;
}

lp_status lp_section_check(const struct lp_section *section, struct lp_diag *diag)
{
    uint64_t end = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < section->item_count; i++) {
        if (section->items[i].offset_bytes != end)
            return lp_error(diag, LP_INTERNAL, "section '%s': item %u starts at %u, its predecessor ends at %llu", section->name,
                            (unsigned)i, (unsigned)section->items[i].offset_bytes, (unsigned long long)end);
        end += item_bytes(&section->items[i]);
    }
    for (int cause = 0; cause < LP_CAUSE_COUNT; cause++)
        sum += lp_section_cause_bytes(section, (enum lp_cause)cause, LP_ANY_LAYER);
    if (end != section->size_bytes || sum != (int64_t)section->size_bytes)
        return lp_error(diag, LP_INTERNAL, "section '%s' has %u bytes, its items cover %llu and its causes explain %lld",
                        section->name, (unsigned)section->size_bytes, (unsigned long long)end, (long long)sum);
    return LP_OK;
}
