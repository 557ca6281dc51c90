/* Reads FlatBuffers without trusting them: every offset, size and index is checked against the file before it is used.
 *
 * A reader keeps its first fault: from then on all functions give defaults, so that who reads checks once at the end. */
#ifndef LP_IMPORT_FLATBUFFER_H
#define LP_IMPORT_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_fb {
    const uint8_t *data;
    size_t size_bytes;
    const char *fault;     /* null as long as all is well */
    size_t fault_at_bytes; /* where */
};

/* A table; fields null-like when `fb` is null (absent). */
struct lp_fb_table {
    struct lp_fb *fb;
    size_t at; /* of the table */
    size_t vtable_at;
    uint16_t vtable_bytes, table_bytes;
};

/* A vector of scalars or of offsets; count 0 when absent. */
struct lp_fb_vector {
    struct lp_fb *fb;
    size_t at; /* of the first element */
    uint32_t count;
};

struct lp_fb_table lp_fb_root(struct lp_fb *fb);
bool lp_fb_has(const struct lp_fb_table *table, uint16_t field);
int64_t lp_fb_int(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes, int64_t when_absent); /* signed */
uint64_t lp_fb_uint(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes, uint64_t when_absent);
float lp_fb_float(const struct lp_fb_table *table, uint16_t field, float when_absent);
struct lp_fb_table lp_fb_sub(const struct lp_fb_table *table, uint16_t field);
/* Elements of size_bytes each (4 for offsets to tables); the whole vector lies in the file. */
struct lp_fb_vector lp_fb_vec(const struct lp_fb_table *table, uint16_t field, uint32_t size_bytes);
/* Characters of a string, not zero-terminated. */
struct lp_fb_vector lp_fb_text(const struct lp_fb_table *table, uint16_t field);

/* i < count. */
struct lp_fb_table lp_fb_at(const struct lp_fb_vector *vector, uint32_t i);
int64_t lp_fb_int_at(const struct lp_fb_vector *vector, uint32_t i, uint32_t size_bytes);
float lp_fb_float_at(const struct lp_fb_vector *vector, uint32_t i);

#endif
