/* Copies tables of one FlatBuffer into another by a description of their fields. Private to the folder. */
#ifndef LP_WRITE_COPY_H
#define LP_WRITE_COPY_H

#include "compiler/import/flatbuffer.h"
#include "compiler/write/builder.h"

enum lp_part_kind {
    LP_PART_ABSENT,
    LP_PART_SCALAR, /* size_bytes */
    LP_PART_VECTOR, /* of scalars of size_bytes */
    LP_PART_TEXT,
    LP_PART_TABLES,  /* a vector of tables */
    LP_PART_WRITTEN, /* a table or vector that `write` makes: lp_part.write(user) */
    LP_PART_WRITTEN_TABLES
};

struct lp_table_form;

/* One field of a table, by its number. LP_PART_ABSENT: not copied. */
struct lp_field_form {
    enum lp_part_kind kind;
    uint8_t size_bytes;
    const struct lp_table_form *tables;
};

struct lp_table_form {
    uint32_t count;
    struct lp_field_form fields[16];
};

/* One field of a table to be written. */
struct lp_part {
    enum lp_part_kind kind;
    uint8_t size_bytes;
    uint32_t align_bytes; /* of a vector's first element; 0: its size */
    uint64_t value;
    const void *data;
    uint32_t count;
    struct lp_fb_vector source; /* of LP_PART_TABLES */
    const struct lp_table_form *form;
    size_t (*write)(void *user, uint32_t i); /* returns where it stands */
    void *user;
};

/* What a table of the source holds, field by field; fields that the form doesn't know are left out. `parts` has room for
 * form->count. An absent table (fb null) gives absent parts. */
void lp_parts_of(const struct lp_fb_table *source, const struct lp_table_form *form, struct lp_part *parts);

/* Writes a table and all that it refers to. `kind` as for lp_builder_table; the form will do. */
size_t lp_write_parts(struct lp_builder *b, const void *kind, const struct lp_part *parts, uint32_t count);

static inline struct lp_part lp_part_scalar(uint8_t size_bytes, uint64_t value)
{
    return (struct lp_part){.kind = LP_PART_SCALAR, .size_bytes = size_bytes, .value = value};
}

static inline struct lp_part lp_part_vector(const void *data, uint32_t count, uint8_t size_bytes)
{
    return (struct lp_part){.kind = LP_PART_VECTOR, .size_bytes = size_bytes, .data = data, .count = count};
}

#endif
