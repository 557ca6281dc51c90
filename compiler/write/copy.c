#include "compiler/write/copy.h"

#include <string.h>

static struct lp_part part_of(const struct lp_fb_table *source, uint16_t field, const struct lp_field_form *form)
{
    struct lp_part part = {.kind = form->kind, .size_bytes = form->size_bytes, .form = form->tables};
    if (!lp_fb_has(source, field))
        return (struct lp_part){.kind = LP_PART_ABSENT};
    if (form->kind == LP_PART_SCALAR) {
        part.value = lp_fb_uint(source, field, form->size_bytes, 0);
    } else if (form->kind != LP_PART_ABSENT) {
        uint32_t size_bytes = form->kind == LP_PART_VECTOR ? form->size_bytes : form->kind == LP_PART_TEXT ? 1 : 4;
        part.source = lp_fb_vec(source, field, size_bytes);
        part.count = part.source.count;
        part.data = part.source.fb == NULL ? NULL : part.source.fb->data + part.source.at;
    }
    return part;
}

void lp_parts_of(const struct lp_fb_table *source, const struct lp_table_form *form, struct lp_part *parts)
{
    for (uint32_t i = 0; i < form->count; i++)
        parts[i] = part_of(source, (uint16_t)i, &form->fields[i]);
}

static size_t write_table_of(struct lp_builder *b, const struct lp_fb_table *source, const struct lp_table_form *form);

static size_t write_tables(struct lp_builder *b, const struct lp_part *part)
{
    size_t vector = lp_builder_vector(b, NULL, part->count, 4, 4, false);
    for (uint32_t i = 0; i < part->count && b->fault == LP_OK; i++) {
        size_t at = 0;
        if (part->kind == LP_PART_WRITTEN_TABLES) {
            at = part->write(part->user, i);
        } else {
            struct lp_fb_table source = lp_fb_at(&part->source, i);
            at = write_table_of(b, &source, part->form);
        }
        lp_builder_refer(b, vector + 4 + 4 * (size_t)i, at);
    }
    return vector;
}

static size_t write_part(struct lp_builder *b, const struct lp_part *part)
{
    switch (part->kind) {
    case LP_PART_VECTOR:
        return lp_builder_vector(b, part->data, part->count, part->size_bytes,
                                 part->align_bytes == 0 ? part->size_bytes : part->align_bytes, false);
    case LP_PART_TEXT: return lp_builder_vector(b, part->data, part->count, 1, 4, true);
    case LP_PART_WRITTEN: return part->write(part->user, 0);
    default: return write_tables(b, part);
    }
}

size_t lp_write_parts(struct lp_builder *b, const void *kind, const struct lp_part *parts, uint32_t count)
{
    struct lp_builder_field fields[LP_BUILDER_MOST_FIELDS] = {{0}};
    for (uint32_t i = 0; i < count; i++) {
        fields[i].size_bytes = parts[i].kind == LP_PART_ABSENT ? 0 : parts[i].kind == LP_PART_SCALAR ? parts[i].size_bytes : 4;
        fields[i].value = parts[i].kind == LP_PART_SCALAR ? parts[i].value : 0;
    }
    size_t at = lp_builder_table(b, kind, fields, count);
    for (uint32_t i = 0; i < count && b->fault == LP_OK; i++)
        if (parts[i].kind != LP_PART_ABSENT && parts[i].kind != LP_PART_SCALAR)
            lp_builder_refer(b, fields[i].at, write_part(b, &parts[i]));
    return at;
}

/* Forms nest two levels deep at most (signatures and their entries), so this ends. */
static size_t write_table_of(struct lp_builder *b, const struct lp_fb_table *source, const struct lp_table_form *form)
{
    struct lp_part parts[LP_COUNT(form->fields)];
    lp_parts_of(source, form, parts);
    return lp_write_parts(b, form, parts, form->count);
}
