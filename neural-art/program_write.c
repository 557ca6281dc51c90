#include <inttypes.h>
#include <string.h>

#include "compiler/base/file.h"
#include "neural-art/epoch_read.h"
#include "neural-art/fields.h"

static void put_text(struct lp_text *out, const char *text)
{
    lp_text_add(out, "\"", 1);
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            lp_text_printf(out, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            lp_text_printf(out, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            lp_text_add(out, c, 1);
    }
    lp_text_add(out, "\"", 1);
}

static void put_ints(struct lp_text *out, const int64_t *values, uint32_t count)
{
    if (values == NULL) {
        lp_text_printf(out, "null");
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        lp_text_printf(out, "%s%" PRId64, i ? ", " : "[", values[i]);
    lp_text_printf(out, count == 0 ? "[]" : "]");
}

static void put_image(struct lp_text *out, const struct lp_npu_image *image, bool is_first, const char *more)
{
    lp_text_printf(out, "%s\n  {\"pool\": ", is_first ? "" : ",");
    put_text(out, image->pool);
    lp_text_printf(out, ", \"base\": %u, \"file\": ", image->base);
    put_text(out, image->file);
    lp_text_printf(out, ", \"bytes\": %u%s}", image->size_bytes, more);
}

static void put_pools(struct lp_text *out, const struct lp_npu_program *p)
{
    lp_text_printf(out, " \"pools\": [");
    for (uint32_t i = 0; i < p->pool_count; i++) {
        const struct lp_npu_pool_memory *pool = &p->pools[i];
        lp_text_printf(out, "%s\n  {\"name\": ", i ? "," : "");
        put_text(out, pool->name);
        lp_text_printf(out, ", \"base\": %u, \"size\": %u, \"virtual\": %d, \"writable\": %d, \"cacheable\": %d}", pool->base,
                       pool->size_bytes, pool->is_virtual, pool->is_writable, pool->is_cacheable);
    }
    lp_text_printf(out, "\n ],\n \"images\": [");
    for (uint32_t i = 0; i < p->image_count; i++)
        put_image(out, &p->images[i], i == 0, "");
    for (uint32_t i = 0; i < p->state_count; i++)
        put_image(out, &p->states[i], p->image_count + i == 0, ", \"state\": 1");
    lp_text_printf(out, "\n ],\n");
}

static void put_buffer(struct lp_text *out, const struct lp_npu_buffer *b)
{
    lp_text_printf(out, "{\"name\": ");
    put_text(out, b->name);
    lp_text_printf(out, ", \"address\": %u, \"bytes\": %u, ", b->address, b->size_bytes);
    if (b->limit != 0)
        lp_text_printf(out, "\"limit\": %u, ", b->limit);
    lp_text_printf(out, "\"shape\": ");
    put_ints(out, b->shape, b->rank);
    lp_text_printf(out, ", \"mem_shape\": ");
    put_ints(out, b->mem_shape, b->mem_rank);
    lp_text_printf(out, ", \"batch\": %d, \"first_epoch\": %d, \"dtype\": ", b->batch, b->first_epoch);
    put_text(out, b->dtype);
    lp_text_printf(out, ", \"bits\": %d, \"unsigned\": %d, \"q\": [%d, %d], \"per_channel\": %d", b->bits == 0 ? 8 : b->bits,
                   b->is_unsigned, b->q[0], b->q[1], b->per_channel);
    lp_text_printf(out, ", \"scale\": [");
    for (uint32_t i = 0; i < b->scale_count; i++)
        lp_text_printf(out, "%s%.17g%s", i ? ", " : "", b->scale[i], b->scale[i] == (double)(int64_t)b->scale[i] ? ".0" : "");
    lp_text_printf(out, "], \"zero_point\": [");
    for (uint32_t i = 0; i < b->zero_point_count; i++)
        lp_text_printf(out, "%s%d", i ? ", " : "", b->zero_point[i]);
    lp_text_printf(out, "]");
    if (b->live_last_epoch > 0)
        lp_text_printf(out, ", \"live_epochs\": [%d, %d]", b->live_first_epoch, b->live_last_epoch);
    lp_text_printf(out, "}");
}

static void put_buffers(struct lp_text *out, const struct lp_npu_program *p)
{
    static const char *const keys[LP_NPU_BUFFER_ROLES] = {"inputs", "outputs", "parameters", "intermediates"};
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++) {
        lp_text_printf(out, " \"%s\": [", keys[role]);
        for (uint32_t i = 0; i < p->buffers[role].count; i++) {
            lp_text_printf(out, "%s\n  ", i ? "," : "");
            put_buffer(out, &p->buffers[role].items[i]);
        }
        lp_text_printf(out, "\n ],\n");
    }
}

static void put_unit(struct lp_text *out, enum lp_npu_unit_type type, const void *unit)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    for (size_t i = 0; i < table->field_count; i++) {
        const struct lp_npu_field *field = &table->fields[i];
        int64_t value = lp_npu_field_get(field, unit, 0);
        lp_text_printf(out, "%s\"%s\": ", i ? ", " : "{", field->name);
        if (field->kind == LP_NPU_FIELD_NAME)
            put_text(out, field->names[value]);
        else if (field->kind == LP_NPU_FIELD_INT3)
            lp_text_printf(out, "[%" PRId64 ", %" PRId64 ", %" PRId64 "]", value, lp_npu_field_get(field, unit, 1),
                           lp_npu_field_get(field, unit, 2));
        else
            lp_text_printf(out, "%" PRId64, value);
    }
    if (type == LP_NPU_STRENG) {
        const struct lp_npu_streng *s = unit;
        lp_text_printf(out, ", \"address\": %u, \"length\": %u", s->addr_base + s->offset_start,
                       s->raw && s->offset_end > s->offset_start ? s->offset_end - s->offset_start : 0);
    }
    lp_text_printf(out, "}");
}

static void put_units(struct lp_text *out, const struct lp_npu_epoch *e)
{
    lp_text_printf(out, "   \"units\": {");
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++) {
        lp_text_printf(out, "%s\n    \"%s\": [", type ? "," : "", lp_npu_unit_fields[type].key);
        for (uint32_t i = 0; i < e->unit_count[type]; i++) {
            lp_text_printf(out, "%s\n     ", i ? "," : "");
            put_unit(out, (enum lp_npu_unit_type)type, lp_npu_epoch_unit(e, (enum lp_npu_unit_type)type, i));
        }
        lp_text_printf(out, "]");
    }
    lp_text_printf(out, "},\n");
}

static void put_port(struct lp_text *out, const struct lp_npu_port *port)
{
    lp_text_printf(out, "{\"unit\": \"%s\", \"index\": %d, \"port\": %d}", lp_npu_unit_fields[port->type].type, port->index,
                   port->port);
}

static void put_routes(struct lp_text *out, const struct lp_npu_epoch *e)
{
    lp_text_printf(out, "   \"routes\": [");
    for (uint32_t i = 0; i < e->route_count; i++) {
        const struct lp_npu_route *route = &e->routes[i];
        lp_text_printf(out, "%s\n    {\"dst\": ", i ? "," : "");
        put_port(out, &route->destination);
        lp_text_printf(out, ", \"contexts\": [");
        for (uint32_t k = 0; k < route->context_count; k++) {
            lp_text_printf(out, "%s{\"enable\": %d, \"frames\": %d, \"src\": ", k ? ", " : "", route->contexts[k].enable,
                           route->contexts[k].frames);
            put_port(out, &route->contexts[k].source);
            lp_text_printf(out, "}");
        }
        lp_text_printf(out, "]}");
    }
    lp_text_printf(out, "],\n");
}

static void put_order(struct lp_text *out, const char *key, const struct lp_npu_unit_list *list)
{
    lp_text_printf(out, "   \"%s\": [", key);
    for (uint32_t i = 0; i < list->count; i++)
        lp_text_printf(out, "%s[\"%s\", %d]", i ? ", " : "", lp_npu_unit_fields[list->units[i].type].type, list->units[i].index);
    lp_text_printf(out, "],\n");
}

static void put_epoch(struct lp_text *out, const struct lp_npu_epoch *e, uint32_t position)
{
    uint32_t masks[2] = {0, 0};
    for (uint32_t i = 0; i < e->unit_count[LP_NPU_STRENG]; i++)
        masks[e->streng[i].dir] |= 1u << e->streng[i].unit;
    lp_text_printf(out, "  {\"index\": %u, \"id\": %d, \"kind\": \"%s\", \"wait_mask\": %u, \"in_engine_mask\": %u, ", position,
                   e->id, lp_npu_epoch_kind_names[e->kind], e->wait_mask, masks[0]);
    lp_text_printf(out,
                   "\"out_engine_mask\": %u, \"estimated_npu_cycles\": %" PRId64 ", \"estimated_total_cycles\": %" PRId64 ",\n",
                   masks[1], e->estimated_npu_cycles, e->estimated_total_cycles);
    lp_text_printf(out, "   \"sw_op\": %s,\n", e->sw_op == NULL ? "null" : e->sw_op);
    put_units(out, e);
    put_routes(out, e);
    put_order(out, "init_order", &e->init_order);
    put_order(out, "enable_order", &e->enable_order);
    put_order(out, "disable_order", &e->disable_order);
    lp_text_printf(out, "   \"cache_ops\": [");
    for (uint32_t i = 0; i < e->cache_op_count; i++) {
        const struct lp_npu_cache_op *op = &e->cache_ops[i];
        lp_text_printf(out, "%s\n    {\"when\": \"%s\", \"cache\": \"%s\", \"op\": \"%s\", \"start\": %u, \"bytes\": %u}",
                       i ? "," : "", lp_npu_cache_when_names[op->when], lp_npu_cache_names[op->cache],
                       lp_npu_cache_action_names[op->op], op->start, op->bytes);
    }
    lp_text_printf(out, "],\n   \"estimate\": {\"compute_cycles\": %" PRId64 "}}", e->compute_cycles);
}

static void put_files(struct lp_text *out, const char *key, const char *const *files, uint32_t count)
{
    lp_text_printf(out, "\"%s\": [", key);
    for (uint32_t i = 0; i < count; i++) {
        lp_text_printf(out, "%s{\"file\": ", i ? ", " : "");
        put_text(out, files[i]);
        lp_text_printf(out, "}");
    }
    lp_text_printf(out, "]");
}

void lp_npu_program_text(const struct lp_npu_program *p, struct lp_text *out)
{
    lp_text_printf(out, "{\"format\": \"npu-capture-program\", \"format_version\": 1, \"name\": ");
    put_text(out, p->name);
    lp_text_printf(out, ", \"form\": \"plain\",\n");
    put_pools(out, p);
    put_buffers(out, p);
    lp_text_printf(out, " \"epochs\": [");
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        lp_text_printf(out, "%s\n", i ? "," : "");
        put_epoch(out, &p->epochs[i], i);
    }
    lp_text_printf(out, "\n ],\n \"vectors\": [");
    for (uint32_t i = 0; i < p->vectors_count; i++) {
        const struct lp_npu_vectors *v = &p->vectors[i];
        lp_text_printf(out, "%s\n  {\"set\": ", i ? "," : "");
        put_text(out, v->set);
        lp_text_printf(out, ", \"count\": %u, ", v->count);
        put_files(out, "inputs", v->inputs, v->input_count);
        lp_text_printf(out, ", ");
        put_files(out, "outputs", v->outputs, v->output_count);
        lp_text_printf(out, "}");
    }
    lp_text_printf(out, "\n ]\n}\n");
}

lp_status lp_npu_program_save(struct lp_diag *diag, const char *folder, const struct lp_npu_program *program)
{
    struct lp_text text = {0}, path = {0};
    lp_npu_program_text(program, &text);
    lp_text_printf(&path, "%s/program.json", folder);
    lp_status status = text.failed || path.failed ? lp_no_memory(diag) : lp_folder_make(diag, folder);
    if (status == LP_OK)
        status = lp_file_write(diag, path.data, text.data, text.length);
    for (uint32_t i = 0; i < program->image_count + program->state_count && status == LP_OK; i++) {
        const struct lp_npu_image *image = i < program->image_count ? &program->images[i]
                                                                    : &program->states[i - program->image_count];
        if (image->bytes == NULL)
            continue;
        lp_text_free(&path);
        path = (struct lp_text){0};
        lp_text_printf(&path, "%s/%s", folder, image->file);
        status = path.failed ? lp_no_memory(diag) : lp_file_write(diag, path.data, image->bytes, image->size_bytes);
    }
    lp_text_free(&text);
    lp_text_free(&path);
    return status;
}
