#include "compiler/write/builder.h"

#include <string.h>

static void reserve(struct lp_builder *b, size_t more_bytes)
{
    if (b->fault != LP_OK || more_bytes <= b->capacity_bytes - b->size_bytes)
        return;
    if (more_bytes > INT32_MAX - b->size_bytes) {
        b->fault = LP_DOES_NOT_FIT;
        return;
    }
    size_t capacity = 2 * b->capacity_bytes + more_bytes + 4096;
    uint8_t *data = LP_NEW_ARRAY(b->arena, capacity, uint8_t);
    if (data == NULL) {
        b->fault = LP_OUT_OF_MEMORY;
        return;
    }
    if (b->size_bytes != 0)
        memcpy(data, b->data, b->size_bytes);
    b->data = data;
    b->capacity_bytes = capacity;
}

/* Arena memory is zeroed, so room is zeros. */
static size_t take(struct lp_builder *b, size_t size_bytes)
{
    reserve(b, size_bytes);
    if (b->fault != LP_OK)
        return 0;
    size_t at = b->size_bytes;
    b->size_bytes += size_bytes;
    return at;
}

static void align(struct lp_builder *b, size_t align_bytes, size_t remainder)
{
    take(b, (remainder + align_bytes - b->size_bytes % align_bytes) % align_bytes);
}

static void put(struct lp_builder *b, size_t at, uint64_t value, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < size_bytes && b->fault == LP_OK; i++)
        b->data[at + i] = (uint8_t)(value >> (8 * i));
}

size_t lp_builder_begin(struct lp_builder *b, const char identifier[4])
{
    size_t at = take(b, 8);
    if (b->fault == LP_OK)
        memcpy(b->data + at + 4, identifier, 4);
    return at;
}

/* Equal descriptions are written once; a table may stand before or behind its own. */
static size_t layout_of(struct lp_builder *b, const void *kind, const uint8_t *layout, uint16_t layout_bytes)
{
    for (uint32_t i = 0; i < b->layout_count && b->fault == LP_OK; i++)
        if (b->layouts[i].kind == kind && memcmp(b->data + b->layouts[i].at, layout, 2) == 0 &&
            memcmp(b->data + b->layouts[i].at, layout, layout_bytes) == 0)
            return b->layouts[i].at;
    align(b, 2, 0);
    size_t at = take(b, layout_bytes);
    if (b->fault != LP_OK)
        return 0;
    memcpy(b->data + at, layout, layout_bytes);
    if (b->layout_count < LP_BUILDER_MOST_LAYOUTS) {
        b->layouts[b->layout_count].at = at;
        b->layouts[b->layout_count++].kind = kind;
    }
    return at;
}

/* Wide fields first, behind the reference to the layout, so that each stands at a multiple of its size. */
static uint16_t place_fields(struct lp_builder_field *fields, uint32_t count, uint8_t *layout)
{
    uint16_t end = 4;
    for (uint8_t size = 8; size >= 1; size /= 2)
        for (uint32_t i = 0; i < count; i++)
            if (fields[i].size_bytes == size) {
                fields[i].at = end;
                layout[4 + 2 * i] = (uint8_t)end;
                layout[5 + 2 * i] = (uint8_t)(end >> 8);
                end = (uint16_t)(end + size);
            }
    return end;
}

size_t lp_builder_table(struct lp_builder *b, const void *kind, struct lp_builder_field *fields, uint32_t count)
{
    uint8_t layout[4 + 2 * LP_BUILDER_MOST_FIELDS] = {0};
    while (count != 0 && fields[count - 1].size_bytes == 0)
        count--;
    uint16_t table_bytes = place_fields(fields, count, layout);
    uint16_t layout_bytes = (uint16_t)(4 + 2 * count);
    layout[0] = (uint8_t)layout_bytes;
    layout[2] = (uint8_t)table_bytes;
    layout[3] = (uint8_t)(table_bytes >> 8);
    size_t layout_at = layout_of(b, kind, layout, layout_bytes);
    /* Fields of 8 bytes begin 4 bytes behind the table's start. */
    align(b, 8, 4);
    size_t at = take(b, table_bytes);
    put(b, at, (uint64_t)((int64_t)at - (int64_t)layout_at), 4);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].at += at;
        put(b, fields[i].at, fields[i].value, fields[i].size_bytes);
    }
    return at;
}

size_t lp_builder_raw_table(struct lp_builder *b, const uint8_t *layout, uint16_t layout_bytes, const uint8_t *table,
                            uint16_t table_bytes, size_t source_at)
{
    size_t layout_at = layout_of(b, NULL, layout, layout_bytes);
    align(b, 8, source_at % 8);
    size_t at = take(b, table_bytes);
    if (b->fault == LP_OK)
        memcpy(b->data + at, table, table_bytes);
    put(b, at, (uint64_t)((int64_t)at - (int64_t)layout_at), 4);
    return at;
}

size_t lp_builder_vector(struct lp_builder *b, const void *data, uint32_t count, uint32_t element_bytes, uint32_t align_bytes,
                         bool is_string)
{
    size_t bytes = (size_t)count * element_bytes;
    align_bytes = align_bytes < 4 ? 4 : align_bytes;
    align(b, align_bytes, align_bytes - 4);
    size_t at = take(b, 4 + bytes + (is_string ? 1 : 0));
    put(b, at, count, 4);
    if (b->fault == LP_OK && data != NULL && bytes != 0)
        memcpy(b->data + at + 4, data, bytes);
    return at;
}

void lp_builder_refer(struct lp_builder *b, size_t from, size_t target)
{
    put(b, from, target - from, 4);
}
