/* Writes FlatBuffers front to back: each table stands before what it points to. Private to the folder.
 *
 * A builder keeps its first fault (no memory, too large): from then on all functions do nothing, so that who writes checks
 * once at the end. */
#ifndef LP_WRITE_BUILDER_H
#define LP_WRITE_BUILDER_H

#include "compiler/base/arena.h"
#include "contract/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_BUILDER_MOST_FIELDS = 32, LP_BUILDER_MOST_LAYOUTS = 64 };

struct lp_builder {
    struct lp_arena *arena;
    uint8_t *data;
    size_t size_bytes, capacity_bytes;
    /* Descriptions of tables. Equal tables of one kind share theirs; across kinds readers that explain a file, such as flatc,
     * take one table for the other. */
    struct {
        size_t at;
        const void *kind;
    } layouts[LP_BUILDER_MOST_LAYOUTS];
    uint32_t layout_count;
    lp_status fault;
};

/* A field of a table by its number. Size 0: absent. */
struct lp_builder_field {
    uint8_t size_bytes; /* 1, 2, 4, 8; 4 for a reference */
    uint64_t value;     /* of a reference: anything, it is set by lp_builder_refer */
    size_t at;          /* filled in: where the field stands */
};

/* The file's head: where the root goes, and its four letters. Returns the place that refers to the root. */
size_t lp_builder_begin(struct lp_builder *b, const char identifier[4]);

/* A table with these fields; returns where it stands. At most LP_BUILDER_MOST_FIELDS. `kind`: an address that all tables of
 * one kind have in common. */
size_t lp_builder_table(struct lp_builder *b, const void *kind, struct lp_builder_field *fields, uint32_t count);

/* A copy of a table that refers to nothing, by its bytes: `layout` and `table` as they stand in another file, where the table
 * begins at `source_at`. */
size_t lp_builder_raw_table(struct lp_builder *b, const uint8_t *layout, uint16_t layout_bytes, const uint8_t *table,
                            uint16_t table_bytes, size_t source_at);

/* A vector of `count` elements, the first at a multiple of align_bytes. A string has a zero behind it. `data` null: zeros. */
size_t lp_builder_vector(struct lp_builder *b, const void *data, uint32_t count, uint32_t element_bytes, uint32_t align_bytes,
                         bool is_string);

/* The reference at `from` points to `target`, which stands behind it. */
void lp_builder_refer(struct lp_builder *b, size_t from, size_t target);

#endif
