#include "neural-art/epoch_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "neural-art/fields.h"

const char *const lp_npu_epoch_kind_names[3] = {"hw", "sw", "hybrid"};
const char *const lp_npu_cache_when_names[4] = {"start_before_enable", "start_after_enable", "end_before_disable",
                                                "end_after_disable"};
const char *const lp_npu_cache_names[2] = {"mcu", "npu"};
const char *const lp_npu_cache_action_names[3] = {"invalidate", "clean", "clean_invalidate"};

/* Far more than any epoch of the device can use, small enough that a hostile file cannot ask for much memory. */
enum { MOST_UNITS = 64, MOST_ROUTES = 64, MOST_CACHE_OPS = 4096 };

static lp_status read_int3(struct lp_npu_reader *r, const struct lp_npu_field *field, const json_t *value, void *unit)
{
    if (!json_is_array(value) || json_array_size(value) != 3)
        return lp_npu_reader_error(r, "%s is not an array of 3 integers", field->name);
    for (int i = 0; i < 3; i++) {
        const json_t *entry = json_array_get(value, (size_t)i);
        int64_t number = json_integer_value(entry);
        if (!json_is_integer(entry) || number < field->min || number > field->max)
            return lp_npu_reader_error(r, "entry %d of %s is not an integer from %" PRId64 " to %" PRId64, i, field->name,
                                       field->min, field->max);
        lp_npu_field_set(field, unit, i, number);
    }
    return LP_OK;
}

static lp_status read_field(struct lp_npu_reader *r, const struct lp_npu_field *field, const json_t *object, void *unit)
{
    if (field->kind == LP_NPU_FIELD_INT3)
        return read_int3(r, field, json_object_get(object, field->name), unit);
    if (field->kind == LP_NPU_FIELD_NAME) {
        int32_t position = 0;
        lp_status status = lp_npu_read_name(r, object, field->name, field->names, (size_t)field->max + 1, &position);
        lp_npu_field_set(field, unit, 0, position);
        return status;
    }
    int64_t value = 0;
    lp_status status = lp_npu_read_int(r, object, field->name, LP_NPU_REQUIRED, field->min, field->max, &value);
    lp_npu_field_set(field, unit, 0, value);
    return status;
}

/* `address` and `length` of an engine follow from other members: present for the reader's eye, and they must agree. */
static lp_status check_derived(struct lp_npu_reader *r, const json_t *object, const struct lp_npu_streng *s)
{
    int64_t address = (int64_t)s->addr_base + s->offset_start, found = address;
    lp_status status = lp_npu_read_int(r, object, "address", LP_NPU_OPTIONAL, 0, UINT32_MAX, &found);
    if (status == LP_OK && found != address)
        status = lp_npu_reader_error(r, "address is %" PRId64 "; addr_base + offset_start is %" PRId64, found, address);
    int64_t length = s->raw && s->offset_end > s->offset_start ? (int64_t)(s->offset_end - s->offset_start) : 0;
    found = length;
    if (status == LP_OK)
        status = lp_npu_read_int(r, object, "length", LP_NPU_OPTIONAL, 0, UINT32_MAX, &found);
    if (status == LP_OK && s->raw && found != length)
        status = lp_npu_reader_error(r, "length is %" PRId64 "; offset_end - offset_start is %" PRId64, found, length);
    return status;
}

static lp_status read_unit(struct lp_npu_reader *r, enum lp_npu_unit_type type, const json_t *object, void *unit,
                           int32_t epoch_id)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    const char *key;
    json_t *value;
    lp_npu_reader_at(r, "epoch %d, %s", epoch_id, table->type);
    if (!json_is_object(object))
        return lp_npu_reader_error(r, "a unit is not an object");
    lp_status status = read_field(r, &table->fields[0], object, unit);
    if (status != LP_OK)
        return status;
    lp_npu_reader_at(r, "epoch %d, %s %d", epoch_id, table->type, (int)lp_npu_field_get(&table->fields[0], unit, 0));
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        bool is_derived = type == LP_NPU_STRENG && (strcmp(key, "address") == 0 || strcmp(key, "length") == 0);
        if (!is_derived && lp_npu_field_find(type, key) == NULL)
            return lp_npu_reader_error(r, "the unit has no field \"%.40s\"", key);
    }
    for (size_t i = 1; i < table->field_count && status == LP_OK; i++)
        status = read_field(r, &table->fields[i], object, unit);
    if (status == LP_OK && type == LP_NPU_STRENG)
        status = check_derived(r, object, unit);
    return status;
}

static lp_status read_units(struct lp_npu_reader *r, const json_t *units, struct lp_npu_epoch *epoch)
{
    void *arrays[LP_NPU_UNIT_TYPES] = {0};
    lp_status status = LP_OK;
    for (int type = 0; type < LP_NPU_UNIT_TYPES && status == LP_OK; type++) {
        const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
        const json_t *array;
        status = lp_npu_read_array(r, units, table->key, LP_NPU_OPTIONAL, MOST_UNITS, &array, &epoch->unit_count[type]);
        if (status != LP_OK)
            return status;
        arrays[type] = lp_arena_alloc(r->arena, epoch->unit_count[type], table->struct_bytes);
        if (arrays[type] == NULL)
            return lp_no_memory(r->diag);
        for (uint32_t i = 0; i < epoch->unit_count[type] && status == LP_OK; i++)
            status = read_unit(r, (enum lp_npu_unit_type)type, json_array_get(array, i),
                               (char *)arrays[type] + i * table->struct_bytes, epoch->id);
        lp_npu_reader_at(r, "epoch %d", epoch->id);
    }
    epoch->streng = arrays[LP_NPU_STRENG];
    epoch->convacc = arrays[LP_NPU_CONVACC];
    epoch->arith = arrays[LP_NPU_ARITH];
    epoch->pool = arrays[LP_NPU_POOL];
    epoch->activ = arrays[LP_NPU_ACTIV];
    return status;
}

static lp_status read_unit_name(struct lp_npu_reader *r, const json_t *text, const json_t *index, struct lp_npu_unit_id *out)
{
    int type = json_is_string(text) ? lp_npu_unit_type_of(json_string_value(text)) : -1;
    if (type < 0)
        return lp_npu_reader_error(r, "\"%.40s\" is not a unit; allowed is STRENG, CONVACC, ARITH, POOL or ACTIV",
                                   json_is_string(text) ? json_string_value(text) : "?");
    int64_t number = json_integer_value(index);
    if (!json_is_integer(index) || number < 0 || number >= lp_npu_unit_fields[type].unit_count)
        return lp_npu_reader_error(r, "%s has no unit %" PRId64 "; allowed is 0 to %d", lp_npu_unit_fields[type].type, number,
                                   lp_npu_unit_fields[type].unit_count - 1);
    out->type = type;
    out->index = (int32_t)number;
    return LP_OK;
}

static lp_status read_port(struct lp_npu_reader *r, const json_t *object, bool is_source, struct lp_npu_port *out)
{
    struct lp_npu_unit_id id;
    lp_status status = read_unit_name(r, json_object_get(object, "unit"), json_object_get(object, "index"), &id);
    if (status != LP_OK)
        return status;
    int32_t ports = is_source ? 1 : lp_npu_unit_fields[id.type].in_ports;
    *out = (struct lp_npu_port){.type = id.type, .index = id.index};
    return lp_npu_read_i32(r, object, "port", LP_NPU_REQUIRED, 0, ports - 1, &out->port);
}

static lp_status read_route(struct lp_npu_reader *r, const json_t *object, struct lp_npu_route *route)
{
    const json_t *contexts;
    lp_status status = read_port(r, json_object_get(object, "dst"), false, &route->destination);
    if (status == LP_OK)
        status = lp_npu_read_array(r, object, "contexts", LP_NPU_REQUIRED, 2, &contexts, &route->context_count);
    if (status == LP_OK && route->context_count == 0)
        status = lp_npu_reader_error(r, "a route has no context; allowed is 1 or 2");
    for (uint32_t i = 0; i < route->context_count && status == LP_OK; i++) {
        const json_t *context = json_array_get(contexts, i);
        status = lp_npu_read_i32(r, context, "enable", LP_NPU_REQUIRED, 0, 1, &route->contexts[i].enable);
        if (status == LP_OK)
            status = lp_npu_read_i32(r, context, "frames", LP_NPU_REQUIRED, 0, 255, &route->contexts[i].frames);
        if (status == LP_OK)
            status = read_port(r, json_object_get(context, "src"), true, &route->contexts[i].source);
    }
    return status;
}

static lp_status read_routes(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, "routes", LP_NPU_OPTIONAL, MOST_ROUTES, &array, &epoch->route_count);
    if (status != LP_OK)
        return status;
    epoch->routes = LP_NEW_ARRAY(r->arena, epoch->route_count, struct lp_npu_route);
    if (epoch->routes == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < epoch->route_count && status == LP_OK; i++) {
        lp_npu_reader_at(r, "epoch %d, route %u", epoch->id, i);
        status = read_route(r, json_array_get(array, i), &epoch->routes[i]);
    }
    return status;
}

static lp_status read_order(struct lp_npu_reader *r, const json_t *json, const char *key, struct lp_npu_unit_list *list)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, key, LP_NPU_OPTIONAL, MOST_UNITS, &array, &list->count);
    if (status != LP_OK)
        return status;
    list->units = LP_NEW_ARRAY(r->arena, list->count, struct lp_npu_unit_id);
    if (list->units == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < list->count && status == LP_OK; i++) {
        const json_t *entry = json_array_get(array, i);
        status = read_unit_name(r, json_array_get(entry, 0), json_array_get(entry, 1), &list->units[i]);
    }
    return status;
}

static lp_status read_cache_op(struct lp_npu_reader *r, const json_t *object, struct lp_npu_cache_op *op)
{
    int32_t when = 0, cache = 0, action = 0;
    lp_status status = lp_npu_read_name(r, object, "when", lp_npu_cache_when_names, 4, &when);
    if (status == LP_OK)
        status = lp_npu_read_name(r, object, "cache", lp_npu_cache_names, 2, &cache);
    if (status == LP_OK)
        status = lp_npu_read_name(r, object, "op", lp_npu_cache_action_names, 3, &action);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "start", LP_NPU_REQUIRED, &op->start);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "bytes", LP_NPU_REQUIRED, &op->bytes);
    op->when = (enum lp_npu_cache_when)when;
    op->cache = (enum lp_npu_cache)cache;
    op->op = (enum lp_npu_cache_action)action;
    return status;
}

static lp_status read_cache_ops(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, "cache_ops", LP_NPU_OPTIONAL, MOST_CACHE_OPS, &array, &epoch->cache_op_count);
    if (status != LP_OK)
        return status;
    epoch->cache_ops = LP_NEW_ARRAY(r->arena, epoch->cache_op_count, struct lp_npu_cache_op);
    if (epoch->cache_ops == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < epoch->cache_op_count && status == LP_OK; i++) {
        lp_npu_reader_at(r, "epoch %d, cache operation %u", epoch->id, i);
        status = read_cache_op(r, json_array_get(array, i), &epoch->cache_ops[i]);
    }
    return status;
}

/* The masks of engines repeat what the units say, for whoever reads only them. */
static lp_status check_masks(struct lp_npu_reader *r, const json_t *json, const struct lp_npu_epoch *epoch)
{
    int64_t masks[2] = {0, 0}, found[2];
    for (uint32_t i = 0; i < epoch->unit_count[LP_NPU_STRENG]; i++)
        masks[epoch->streng[i].dir] |= INT64_C(1) << epoch->streng[i].unit;
    memcpy(found, masks, sizeof found);
    lp_status status = lp_npu_read_int(r, json, "in_engine_mask", LP_NPU_OPTIONAL, 0, UINT32_MAX, &found[0]);
    if (status == LP_OK)
        status = lp_npu_read_int(r, json, "out_engine_mask", LP_NPU_OPTIONAL, 0, UINT32_MAX, &found[1]);
    for (int dir = 0; dir < 2 && status == LP_OK; dir++)
        if (found[dir] != masks[dir])
            status = lp_npu_reader_error(r, "%s is %" PRId64 "; the epoch's engines of that direction are %" PRId64,
                                         dir ? "out_engine_mask" : "in_engine_mask", found[dir], masks[dir]);
    return status;
}

static lp_status read_estimates(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch)
{
    const json_t *estimate = json_object_get(json, "estimate");
    lp_status status = lp_npu_read_int(r, json, "estimated_npu_cycles", LP_NPU_OPTIONAL, 0, INT64_MAX,
                                       &epoch->estimated_npu_cycles);
    if (status == LP_OK)
        status = lp_npu_read_int(r, json, "estimated_total_cycles", LP_NPU_OPTIONAL, 0, INT64_MAX,
                                 &epoch->estimated_total_cycles);
    if (status == LP_OK)
        status = lp_npu_read_int(r, estimate, "compute_cycles", LP_NPU_OPTIONAL, 0, INT64_MAX, &epoch->compute_cycles);
    return status;
}

static lp_status read_software(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch)
{
    const json_t *software = json_object_get(json, "sw_op");
    if (software == NULL || json_is_null(software))
        return LP_OK;
    char *text = json_dumps(software, JSON_COMPACT | JSON_ENCODE_ANY);
    epoch->sw_op = text == NULL ? NULL : lp_arena_text(r->arena, text, strlen(text));
    free(text);
    return epoch->sw_op == NULL ? lp_no_memory(r->diag) : LP_OK;
}

lp_status lp_npu_epoch_read(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch)
{
    int32_t kind = 0;
    if (!json_is_object(json))
        return lp_npu_reader_error(r, "an epoch is not an object");
    lp_status status = lp_npu_read_i32(r, json, "id", LP_NPU_REQUIRED, 0, INT32_MAX, &epoch->id);
    if (status == LP_OK)
        lp_npu_reader_at(r, "epoch %d", epoch->id);
    if (status == LP_OK)
        status = lp_npu_read_name(r, json, "kind", lp_npu_epoch_kind_names, 3, &kind);
    epoch->kind = (enum lp_npu_epoch_kind)kind;
    if (status == LP_OK)
        status = lp_npu_read_u32(r, json, "wait_mask", LP_NPU_REQUIRED, &epoch->wait_mask);
    if (status == LP_OK)
        status = read_software(r, json, epoch);
    if (status == LP_OK)
        status = read_units(r, json_object_get(json, "units"), epoch);
    if (status == LP_OK)
        status = check_masks(r, json, epoch);
    if (status == LP_OK)
        status = read_routes(r, json, epoch);
    lp_npu_reader_at(r, "epoch %d", epoch->id);
    if (status == LP_OK)
        status = read_order(r, json, "init_order", &epoch->init_order);
    if (status == LP_OK)
        status = read_order(r, json, "enable_order", &epoch->enable_order);
    if (status == LP_OK)
        status = read_order(r, json, "disable_order", &epoch->disable_order);
    if (status == LP_OK)
        status = read_cache_ops(r, json, epoch);
    if (status == LP_OK)
        status = read_estimates(r, json, epoch);
    return status;
}
