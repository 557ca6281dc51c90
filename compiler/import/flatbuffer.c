#include "compiler/import/flatbuffer.h"

#include <string.h>

static void fault(struct lp_fb *fb, size_t at, const char *what)
{
    if (fb->fault == NULL) {
        fb->fault = what;
        fb->fault_at_bytes = at;
    }
}

/* Little-endian number of 1 to 8 bytes; 0 with a fault beyond the end. */
static uint64_t number(struct lp_fb *fb, size_t at, uint32_t size_bytes)
{
    uint64_t value = 0;
    if (fb->fault != NULL)
        return 0;
    if (at > fb->size_bytes || fb->size_bytes - at < size_bytes) {
        fault(fb, at, "a number lies beyond the end of the file");
        return 0;
    }
    for (uint32_t i = size_bytes; i-- > 0;)
        value = value << 8 | fb->data[at + i];
    return value;
}

static int64_t sign_extend(uint64_t value, uint32_t size_bytes)
{
    if (size_bytes == 8)
        return (int64_t)value;
    uint64_t sign = (uint64_t)1 << (8 * size_bytes - 1);
    return (int64_t)(value ^ sign) - (int64_t)sign;
}

static struct lp_fb_table table_at(struct lp_fb *fb, size_t at)
{
    struct lp_fb_table none = {0};
    int64_t back = sign_extend(number(fb, at, 4), 4);
    int64_t vtable_at = (int64_t)at - back;
    if (fb->fault != NULL)
        return none;
    if ((uint64_t)vtable_at > fb->size_bytes) { /* also when it is negative */
        fault(fb, at, "a table's description lies outside the file");
        return none;
    }
    struct lp_fb_table table = {fb, at, (size_t)vtable_at, 0, 0};
    table.vtable_bytes = (uint16_t)number(fb, table.vtable_at, 2);
    table.table_bytes = (uint16_t)number(fb, table.vtable_at + 2, 2);
    if (fb->fault == NULL &&
        (table.vtable_bytes < 4 || table.vtable_bytes % 2 != 0 || fb->size_bytes - table.vtable_at < table.vtable_bytes))
        fault(fb, table.vtable_at, "a table's description has an impossible size");
    if (fb->fault == NULL && (table.table_bytes < 4 || fb->size_bytes - at < table.table_bytes))
        fault(fb, at, "a table ends beyond the file");
    return fb->fault == NULL ? table : none;
}

/* Where a field lies; 0 when it is absent. */
static size_t field_at(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes)
{
    size_t slot = 4 + 2 * (size_t)field;
    if (table->fb == NULL || table->fb->fault != NULL || slot + 2 > table->vtable_bytes)
        return 0;
    uint16_t offset = (uint16_t)number(table->fb, table->vtable_at + slot, 2);
    if (offset == 0)
        return 0;
    if (offset < 4 || (uint32_t)offset + size_bytes > table->table_bytes) {
        fault(table->fb, table->vtable_at + slot, "a field lies outside its table");
        return 0;
    }
    return table->at + offset;
}

struct lp_fb_table lp_fb_root(struct lp_fb *fb)
{
    return table_at(fb, (size_t)number(fb, 0, 4));
}

bool lp_fb_has(const struct lp_fb_table *table, uint16_t field)
{
    return field_at(table, field, 1) != 0;
}

uint64_t lp_fb_uint(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes, uint64_t when_absent)
{
    size_t at = field_at(table, field, size_bytes);
    return at == 0 ? when_absent : number(table->fb, at, size_bytes);
}

int64_t lp_fb_int(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes, int64_t when_absent)
{
    size_t at = field_at(table, field, size_bytes);
    return at == 0 ? when_absent : sign_extend(number(table->fb, at, size_bytes), size_bytes);
}

static float float_of(uint64_t bits)
{
    uint32_t word = (uint32_t)bits;
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

float lp_fb_float(const struct lp_fb_table *table, uint16_t field, float when_absent)
{
    size_t at = field_at(table, field, 4);
    return at == 0 ? when_absent : float_of(number(table->fb, at, 4));
}

/* Offsets point forwards, from where they stand. */
static size_t follow(struct lp_fb *fb, size_t at)
{
    size_t offset = (size_t)number(fb, at, 4);
    if (fb->fault == NULL && (offset == 0 || offset > fb->size_bytes - at))
        fault(fb, at, "an offset points outside the file");
    return fb->fault == NULL ? at + offset : 0;
}

struct lp_fb_table lp_fb_sub(const struct lp_fb_table *table, uint16_t field)
{
    size_t at = field_at(table, field, 4);
    size_t target = at == 0 ? 0 : follow(table->fb, at);
    return target == 0 ? (struct lp_fb_table){0} : table_at(table->fb, target);
}

struct lp_fb_vector lp_fb_vec(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes)
{
    struct lp_fb_vector none = {0};
    size_t at = field_at(table, field, 4);
    size_t target = at == 0 ? 0 : follow(table->fb, at);
    if (target == 0)
        return none;
    uint32_t count = (uint32_t)number(table->fb, target, 4);
    if (table->fb->fault != NULL)
        return none;
    if (count > (table->fb->size_bytes - target - 4) / size_bytes) {
        fault(table->fb, target, "a list is longer than the file");
        return none;
    }
    return (struct lp_fb_vector){table->fb, target + 4, count};
}

struct lp_fb_vector lp_fb_text(const struct lp_fb_table *table, uint16_t field)
{
    return lp_fb_vec(table, field, 1);
}

struct lp_fb_table lp_fb_at(const struct lp_fb_vector *vector, uint32_t i)
{
    size_t target = vector->fb == NULL ? 0 : follow(vector->fb, vector->at + 4 * (size_t)i);
    return target == 0 ? (struct lp_fb_table){0} : table_at(vector->fb, target);
}

int64_t lp_fb_int_at(const struct lp_fb_vector *vector, uint32_t i, uint32_t size_bytes)
{
    return sign_extend(number(vector->fb, vector->at + (size_t)size_bytes * i, size_bytes), size_bytes);
}

float lp_fb_float_at(const struct lp_fb_vector *vector, uint32_t i)
{
    return float_of(number(vector->fb, vector->at + 4 * (size_t)i, 4));
}
