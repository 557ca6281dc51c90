#include "neural-art/analyze.h"

#include "neural-art/epoch_read.h"
#include "neural-art/evidence.h"
#include "neural-art/fields.h"

static json_t *memory_json(const struct lp_npu_program *p)
{
    json_t *pools = json_array(), *images = json_array();
    for (uint32_t i = 0; i < p->pool_count; i++)
        json_array_append_new(pools, json_pack("{s:s?, s:I, s:I, s:b, s:b}", "name", p->pools[i].name, "base",
                                               (json_int_t)p->pools[i].base, "bytes", (json_int_t)p->pools[i].size_bytes,
                                               "virtual", p->pools[i].is_virtual, "writable", p->pools[i].is_writable));
    for (uint32_t i = 0; i < p->image_count; i++)
        json_array_append_new(images, json_pack("{s:s?, s:I, s:I, s:s?}", "file", p->images[i].file, "base",
                                                (json_int_t)p->images[i].base, "bytes", (json_int_t)p->images[i].size_bytes,
                                                "pool", p->images[i].pool));
    return json_pack("{s:o, s:o}", "pools", pools, "images", images);
}

static json_t *buffers_json(const struct lp_npu_program *p)
{
    json_t *all = json_array();
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            json_array_append_new(all, json_pack("{s:s, s:s?, s:I, s:I, s:s?}", "role", lp_npu_buffer_role_names[role], "name",
                                                 b->name, "address", (json_int_t)b->address, "bytes", (json_int_t)b->size_bytes,
                                                 "dtype", b->dtype));
        }
    return all;
}

static json_t *fields_json(enum lp_npu_unit_type type, const void *unit)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    json_t *fields = json_object();
    for (size_t i = 1; i < table->field_count; i++) {
        const struct lp_npu_field *f = &table->fields[i];
        int64_t value = lp_npu_field_get(f, unit, 0);
        json_t *json;
        if (f->kind == LP_NPU_FIELD_INT3)
            json = json_pack("[I, I, I]", (json_int_t)value, (json_int_t)lp_npu_field_get(f, unit, 1),
                             (json_int_t)lp_npu_field_get(f, unit, 2));
        else if (f->kind == LP_NPU_FIELD_NAME && value >= 0 && value <= f->max)
            json = json_string(f->names[value]);
        else
            json = json_integer((json_int_t)value);
        json_object_set_new(fields, f->name, json);
    }
    return fields;
}

static json_t *unit_json(const struct lp_npu_program *p, const struct lp_npu_epoch *e, enum lp_npu_unit_type type,
                         const void *unit)
{
    struct lp_text text = {0};
    enum lp_npu_buffer_role role = LP_NPU_INPUT;
    const struct lp_npu_buffer *buffer = type == LP_NPU_STRENG ? lp_npu_buffer_of(p, e, unit, &role) : NULL;
    lp_npu_unit_print(type, unit, &text);
    json_t *json = json_pack("{s:s, s:I, s:s, s:s, s:s?, s:o}", "type", lp_npu_unit_fields[type].type, "unit",
                             (json_int_t)lp_npu_field_get(lp_npu_unit_fields[type].fields, unit, 0), "text", lp_text_get(&text),
                             "evidence", lp_npu_evidence_name(lp_npu_evidence_of_unit(type, unit)), "buffer",
                             buffer == NULL ? NULL : buffer->name, "fields", fields_json(type, unit));
    lp_text_free(&text);
    return json;
}

static json_t *port_json(const struct lp_npu_port *port)
{
    return json_pack("{s:s, s:i, s:i}", "type", lp_npu_unit_fields[port->type].type, "unit", port->index, "port", port->port);
}

static json_t *route_json(const struct lp_npu_route *r)
{
    json_t *contexts = json_array();
    for (uint32_t i = 0; i < r->context_count; i++)
        json_array_append_new(contexts, json_pack("{s:o, s:i, s:i}", "from", port_json(&r->contexts[i].source), "enable",
                                                  r->contexts[i].enable, "frames", r->contexts[i].frames));
    return json_pack("{s:o, s:o, s:s}", "to", port_json(&r->destination), "contexts", contexts, "evidence",
                     lp_npu_evidence_name(lp_npu_evidence_of_route(r)));
}

static json_t *bytes_json(const struct lp_npu_program *p, const struct lp_npu_epoch *e)
{
    json_t *pools = json_array();
    for (uint32_t k = 0; k < p->pool_count; k++) {
        uint64_t bytes[2];
        lp_npu_epoch_bytes(p, e, k, bytes);
        if (bytes[0] + bytes[1] > 0)
            json_array_append_new(pools, json_pack("{s:s?, s:I, s:I}", "pool", p->pools[k].name, "read", (json_int_t)bytes[0],
                                                   "written", (json_int_t)bytes[1]));
    }
    return pools;
}

static json_t *epoch_json(const struct lp_npu_program *p, const struct lp_npu_epoch *e)
{
    json_t *units = json_array(), *routes = json_array();
    for (int t = LP_NPU_UNIT_TYPES - 1; t >= 0; t--)
        for (uint32_t i = 0; i < e->unit_count[t]; i++)
            json_array_append_new(units,
                                  unit_json(p, e, (enum lp_npu_unit_type)t, lp_npu_epoch_unit(e, (enum lp_npu_unit_type)t, i)));
    for (uint32_t i = 0; i < e->route_count; i++)
        json_array_append_new(routes, route_json(&e->routes[i]));
    return json_pack("{s:i, s:s, s:s?, s:s, s:I, s:o, s:o, s:o}", "id", e->id, "kind", lp_npu_epoch_kind_names[e->kind], "sw_op",
                     e->sw_op, "evidence", lp_npu_evidence_name(lp_npu_evidence_of_epoch(e)), "estimated_cycles",
                     (json_int_t)e->compute_cycles, "units", units, "routes", routes, "bytes", bytes_json(p, e));
}

json_t *lp_npu_analyze_json(const struct lp_npu_program *p)
{
    json_t *epochs = json_array();
    for (uint32_t i = 0; i < p->epoch_count; i++)
        json_array_append_new(epochs, epoch_json(p, &p->epochs[i]));
    return json_pack("{s:s?, s:s, s:o, s:o, s:o}", "name", p->name, "evidence",
                     lp_npu_evidence_name(lp_npu_evidence_of_program(p)), "memory", memory_json(p), "buffers", buffers_json(p),
                     "epochs", epochs);
}
