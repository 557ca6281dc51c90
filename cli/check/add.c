/* What `generate` writes into a report, so that the folder can be checked later. */
#include "cli/check/check.h"

#include "cli/check/constants.h"
#include "cli/check/seal.h"

#include <string.h>
#include <zlib.h>

static lp_status keep(struct lp_diag *diag, json_t *object, const char *key, json_t *value)
{
    return value != NULL && json_object_set_new(object, key, value) == 0 ? LP_OK : lp_no_memory(diag);
}

static lp_status add_files(struct lp_session *s, const struct lp_unit *unit, json_t *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < unit->output.count; i++) {
        const struct lp_output_file *file = &unit->output.files[i];
        json_t *seal = lp_seal_make(file->data, file->size_bytes);
        json_t *entry = seal == NULL ? NULL : json_pack("{s:s}", "file", file->path);
        if (entry == NULL || json_object_update(entry, seal) != 0 || json_array_append(list, entry) != 0) {
            json_decref(entry);
            json_decref(seal);
            json_decref(list);
            return lp_no_memory(&s->diag);
        }
        json_decref(entry);
        json_decref(seal);
    }
    return keep(&s->diag, report, "files", list);
}

/* The file that holds byte `offset` of the weights, and where: an image of a pool, or (place -1) the C source. */
static const char *file_of(struct lp_session *s, const struct lp_unit *unit, uint32_t offset, int64_t *place)
{
    *place = -1;
    if (unit->placement == NULL)
        return lp_arena_printf(&s->arena, "%s_weights.c", unit->name);
    uint64_t address = lp_weights_address(unit->placement, offset);
    for (uint32_t i = 0; i < unit->placement->chunk_count; i++) {
        const struct lp_chunk *chunk = &unit->placement->chunks[i];
        if (address < chunk->address || address - chunk->address >= chunk->size_bytes)
            continue;
        *place = (int64_t)(address - chunk->address);
        return lp_arena_printf(&s->arena, "%s.%s.bin", unit->name, unit->target->pools[chunk->region].name);
    }
    return NULL;
}

static json_t *item_json(struct lp_session *s, const struct lp_unit *unit, uint32_t i)
{
    const struct lp_item *item = &unit->program->weights.items[i];
    int64_t place = -1;
    const char *file = file_of(s, unit, item->offset_bytes, &place);
    const char *name = item->name != NULL ? item->name : lp_arena_printf(&s->arena, "gap_%u", (unsigned)i);
    uint32_t size = item->count * lp_constants_element_bytes(item->element);
    return file == NULL || name == NULL
               ? NULL
               : json_pack("{s:I, s:I, s:s, s:s, s:o, s:s, s:s, s:o, s:I}", "offset_bytes", (json_int_t)item->offset_bytes,
                           "count", (json_int_t)item->count, "element", lp_element_name(item->element), "cause",
                           lp_cause_name(item->cause), "layer", item->layer < 0 ? json_null() : json_integer(item->layer), "name",
                           name, "file", file, "place", place < 0 ? json_null() : json_integer((json_int_t)place), "crc32",
                           (json_int_t)crc32_z(0, item->data, size));
}

static lp_status add_constants(struct lp_session *s, const struct lp_unit *unit, json_t *report)
{
    const struct lp_section *weights = &unit->program->weights;
    json_t *items = json_array(), *claims = json_array();
    lp_status status = items == NULL || claims == NULL ? lp_no_memory(&s->diag) : LP_OK;
    for (uint32_t i = 0; i < weights->item_count && status == LP_OK; i++)
        if (weights->items[i].count != 0 && json_array_append_new(items, item_json(s, unit, i)) != 0)
            status = lp_no_memory(&s->diag);
    for (uint32_t i = 0; i < weights->claim_count && status == LP_OK; i++) {
        const struct lp_claim *c = &weights->claims[i];
        json_t *claim = json_pack("{s:s, s:o, s:I}", "cause", lp_cause_name(c->cause), "layer",
                                  c->layer < 0 ? json_null() : json_integer(c->layer), "bytes", (json_int_t)c->bytes);
        if (json_array_append_new(claims, claim) != 0)
            status = lp_no_memory(&s->diag);
    }
    if (status != LP_OK) {
        json_decref(items);
        json_decref(claims);
        return status;
    }
    status = keep(&s->diag, report, "constants", items);
    if (status == LP_OK)
        return keep(&s->diag, report, "claims", claims);
    json_decref(claims);
    return status;
}

lp_status lp_check_add(struct lp_session *s, const struct lp_unit *unit, json_t *report)
{
    lp_status status = add_files(s, unit, report);
    return status == LP_OK ? add_constants(s, unit, report) : status;
}

/* `text` as an object ends behind one key more: what a dump of all would be, without a second one of what is long. */
static void append_member(struct lp_text *text, const json_t *member)
{
    static const char end[] = "\n}\n";
    struct lp_text last = {0};
    lp_report_json_text(member, &last);
    if (text->failed || last.failed || text->length < sizeof end) {
        text->failed = true;
    } else {
        text->length -= sizeof end - 1;
        lp_text_add(text, ",", 1);
        lp_text_add(text, last.data + 1, last.length - 1); /* without its opening brace */
    }
    lp_text_free(&last);
}

lp_status lp_check_sealed_text(struct lp_diag *diag, const json_t *report, struct lp_text *out)
{
    lp_report_json_text(report, out);
    json_t *seal = out->failed ? NULL : json_pack("{s:o}", "seal", lp_seal_make(out->data, out->length));
    if (seal == NULL)
        return lp_no_memory(diag);
    append_member(out, seal);
    json_decref(seal);
    return out->failed ? lp_no_memory(diag) : LP_OK;
}
