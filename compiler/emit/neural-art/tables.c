#include "compiler/emit/neural-art/tables.h"

#include <string.h>

#include "neural-art/fields.h"

static bool reserve(struct lp_npu_tables *t, struct lp_npu_list *list, uint32_t more)
{
    if (list->count + more <= list->capacity)
        return true;
    uint32_t capacity = (list->count + more) * 2;
    char *entries = lp_arena_alloc(t->arena, capacity, list->entry_bytes);
    if (entries == NULL) {
        t->status = lp_no_memory(t->diag);
        return false;
    }
    if (list->count != 0)
        memcpy(entries, list->entries, list->count * list->entry_bytes);
    list->entries = entries;
    list->capacity = capacity;
    return true;
}

uint32_t lp_npu_list_add(struct lp_npu_tables *t, struct lp_npu_list *list, const void *run, uint32_t count)
{
    size_t bytes = count * list->entry_bytes;
    if (count == 0)
        return 0;
    /* Most differ in their first byte already, or their last. */
    const char *wanted = run, *at = list->entries;
    for (uint32_t i = 0; i + count <= list->count; i++, at += list->entry_bytes)
        if (at[0] == wanted[0] && at[bytes - 1] == wanted[bytes - 1] && memcmp(at, run, bytes) == 0)
            return i;
    if (!reserve(t, list, count))
        return 0;
    memcpy(list->entries + list->count * list->entry_bytes, run, bytes);
    list->count += count;
    return list->count - count;
}

/* ---- the parts of an epoch ---- */

static uint16_t add_config(struct lp_npu_tables *t, int32_t type, const void *unit)
{
    char config[sizeof(struct lp_npu_convacc) + sizeof(struct lp_npu_streng)];
    _Static_assert(sizeof config >= sizeof(struct lp_npu_arith) && sizeof config >= sizeof(struct lp_npu_pool) &&
                       sizeof config >= sizeof(struct lp_npu_activ),
                   "a unit's structure fits");
    const struct lp_npu_unit_fields *fields = &lp_npu_unit_fields[type];
    memcpy(config, unit, fields->struct_bytes);
    lp_npu_field_set(&fields->fields[0], config, 0, 0);
    return (uint16_t)lp_npu_list_add(t, &t->configs[type], config, 1);
}

static int32_t unit_number(int32_t type, const void *unit)
{
    return (int32_t)lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], unit, 0);
}

/* The order that the vendor's programs keep: compute units, input engines, output engines. */
static uint32_t default_init_order(const struct lp_npu_epoch *e, struct lp_npu_unit_id *out)
{
    static const int32_t types[] = {LP_NPU_CONVACC, LP_NPU_ARITH, LP_NPU_POOL, LP_NPU_ACTIV};
    uint32_t n = 0;
    for (size_t k = 0; k < LP_COUNT(types); k++)
        for (uint32_t i = 0; i < e->unit_count[types[k]]; i++) {
            const void *unit = lp_npu_epoch_unit(e, (enum lp_npu_unit_type)types[k], i);
            out[n++] = (struct lp_npu_unit_id){types[k], unit_number(types[k], unit)};
        }
    for (int32_t dir = 0; dir < 2; dir++)
        for (uint32_t i = 0; i < e->unit_count[LP_NPU_STRENG]; i++)
            if (e->streng[i].dir == dir)
                out[n++] = (struct lp_npu_unit_id){LP_NPU_STRENG, e->streng[i].unit};
    return n;
}

/* Consumers before producers: output engines, compute units, input engines. */
static uint32_t default_enable_order(const struct lp_npu_epoch *e, const struct lp_npu_unit_id *init, uint32_t count,
                                     struct lp_npu_unit_id *out)
{
    uint32_t n = 0, inputs = 0, compute = 0;
    for (uint32_t i = 0; i < e->unit_count[LP_NPU_STRENG]; i++)
        inputs += e->streng[i].dir == 0;
    while (compute < count && init[compute].type != LP_NPU_STRENG)
        compute++;
    for (uint32_t i = compute + inputs; i < count; i++)
        out[n++] = init[i];
    for (uint32_t i = 0; i < compute + inputs; i++)
        out[n++] = init[i];
    return n;
}

enum { MOST_UNITS = LP_NPU_STRENG_UNITS + LP_NPU_CONVACC_UNITS + LP_NPU_ARITH_UNITS + LP_NPU_POOL_UNITS + LP_NPU_ACTIV_UNITS };

static void add_units(struct lp_npu_tables *t, const struct lp_npu_epoch *e, struct lp_npu_row *row)
{
    struct lp_npu_unit_id init[MOST_UNITS], enable[MOST_UNITS];
    struct lp_npu_step steps[MOST_UNITS];
    uint32_t count = default_init_order(e, init);
    (void)default_enable_order(e, init, count, enable);
    /* Whoever made the program may have chosen an order. */
    if (e->init_order.count == count)
        memcpy(init, e->init_order.units, count * sizeof *init);
    if (e->enable_order.count == count)
        memcpy(enable, e->enable_order.units, count * sizeof *enable);
    memset(steps, 0, sizeof steps);
    for (uint32_t i = 0; i < count && t->status == LP_OK; i++) {
        const void *unit = lp_npu_epoch_find(e, (enum lp_npu_unit_type)init[i].type, init[i].index);
        if (unit == NULL) {
            t->status = lp_error(t->diag, LP_INTERNAL, "epoch %d: its order names unit %s %d, which it does not configure", e->id,
                                 lp_npu_unit_fields[init[i].type].type, init[i].index);
            return;
        }
        steps[i].type = (uint8_t)init[i].type;
        steps[i].unit = (uint8_t)init[i].index;
        steps[i].config = add_config(t, init[i].type, unit);
    }
    row->steps = row->units = count;
    row->first_step = lp_npu_list_add(t, &t->steps, steps, count);
    row->first_unit = lp_npu_list_add(t, &t->units, enable, count);
    row->links = e->route_count;
    /* A route with one context says nothing in the second: equal ones must be equal bytes. */
    struct lp_npu_route *routes = LP_NEW_ARRAY(t->arena, e->route_count + 1, struct lp_npu_route);
    if (routes == NULL) {
        t->status = lp_no_memory(t->diag);
        return;
    }
    for (uint32_t i = 0; i < e->route_count; i++) {
        routes[i].destination = e->routes[i].destination;
        routes[i].context_count = e->routes[i].context_count;
        for (uint32_t k = 0; k < e->routes[i].context_count; k++)
            routes[i].contexts[k] = e->routes[i].contexts[k];
    }
    row->first_link = lp_npu_list_add(t, &t->links, routes, e->route_count);
}

lp_status lp_npu_tables_make(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_program *program, bool with_units,
                             struct lp_npu_tables *out)
{
    struct lp_npu_tables *t = out;
    *t = (struct lp_npu_tables){.arena = arena, .diag = diag};
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        t->configs[type].entry_bytes = lp_npu_unit_fields[type].struct_bytes;
    t->steps.entry_bytes = sizeof(struct lp_npu_step);
    t->links.entry_bytes = sizeof(struct lp_npu_route);
    t->units.entry_bytes = sizeof(struct lp_npu_unit_id);
    t->caches.entry_bytes = sizeof(struct lp_npu_cache_op);
    t->rows = LP_NEW_ARRAY(arena, program->epoch_count + 1, struct lp_npu_row);
    if (t->rows == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < program->epoch_count && t->status == LP_OK; i++) {
        const struct lp_npu_epoch *e = &program->epochs[i];
        if (e->kind == LP_NPU_EPOCH_HYBRID)
            return lp_error(diag, LP_UNSUPPORTED, "epoch %d calls a library function of its compiler, of which there is no C",
                            e->id);
        if (with_units && e->kind == LP_NPU_EPOCH_HW)
            add_units(t, e, &t->rows[i]);
        t->rows[i].caches = e->cache_op_count;
        t->rows[i].first_cache = lp_npu_list_add(t, &t->caches, e->cache_ops, e->cache_op_count);
    }
    for (int type = 0; type < LP_NPU_UNIT_TYPES && t->status == LP_OK; type++)
        if (t->configs[type].count > UINT16_MAX)
            return lp_error(diag, LP_DOES_NOT_FIT, "the program has %u different configurations of %s; allowed are %d",
                            t->configs[type].count, lp_npu_unit_fields[type].type, UINT16_MAX);
    return t->status;
}
