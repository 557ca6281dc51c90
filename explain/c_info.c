/* network_c_info.json: pools, buffers, and which node reads which buffer. Schemas of 2025 and 2026 differ in the order of
 * members and in some that nobody needs here. */
#include "explain/build.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file;
    struct lp_build *build;
    int64_t *pool_ids;
    const json_t *buffers; /* for what a buffer's id means */
};

static const json_t *list_of(struct reader *r, const json_t *root, const char *key, lp_status *status)
{
    const json_t *list = json_object_get(root, key);
    if (*status == LP_OK && (!json_is_array(list) || json_array_size(list) > LP_BUILD_MOST_ITEMS))
        *status = lp_error(r->diag, LP_BAD_INPUT,
                           "%s: '%s' must be an array of at most %d entries: this is not what the NPU's compiler writes", r->file,
                           key, LP_BUILD_MOST_ITEMS);
    return list;
}

static const char *text_of(struct reader *r, const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);
    return json_is_string(member) ? lp_arena_text(r->arena, json_string_value(member), json_string_length(member)) : NULL;
}

/* A whole number, also written as a string (addresses are); -1 for anything else. */
static int64_t number_of(const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);
    if (json_is_integer(member))
        return json_integer_value(member) < 0 ? -1 : json_integer_value(member);
    if (!json_is_string(member))
        return -1;
    char *end = NULL;
    long long value = strtoll(json_string_value(member), &end, 0);
    return end == json_string_value(member) || *end != '\0' || value < 0 ? -1 : value;
}

/* "xSPI2" of "atonbuf.xSPI2.raw". */
static const char *postfix_of(struct reader *r, const char *file)
{
    const char *dot = file == NULL ? NULL : strchr(file, '.');
    const char *end = dot == NULL ? NULL : strchr(dot + 1, '.');
    return end == NULL ? NULL : lp_arena_text(r->arena, dot + 1, (size_t)(end - dot - 1));
}

static lp_status read_pools(struct reader *r, const json_t *root)
{
    lp_status status = LP_OK;
    const json_t *list = list_of(r, root, "memory_pools", &status);
    if (status != LP_OK)
        return status;
    size_t count = json_array_size(list);
    struct lp_build *b = r->build;
    b->pools = LP_NEW_ARRAY(r->arena, count, struct lp_build_pool);
    r->pool_ids = LP_NEW_ARRAY(r->arena, count, int64_t);
    if (b->pools == NULL || r->pool_ids == NULL)
        return lp_no_memory(r->diag);
    for (size_t i = 0; i < count; i++) {
        const json_t *pool = json_array_get(list, i);
        int64_t base = number_of(pool, "address"), size = number_of(pool, "size_bytes"),
                used = number_of(pool, "used_size_bytes");
        const char *name = text_of(r, pool, "name");
        if (name == NULL || base < 0 || size < 0)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: memory pool %zu must have 'name', 'address' and 'size_bytes'", r->file,
                            i);
        b->pools[i] = (struct lp_build_pool){
            .name = name,
            .postfix = postfix_of(r, json_string_value(json_object_get(pool, "fname"))),
            .base = (uint64_t)base,
            .size_bytes = (uint64_t)size,
            .used_bytes = used < 0 ? 0 : (uint64_t)used,
            .is_virtual = json_array_size(json_object_get(pool, "subpools")) > 0,
        };
        r->pool_ids[i] = number_of(pool, "id");
        b->pool_count = (uint32_t)i + 1;
    }
    return LP_OK;
}

static int32_t pool_by_id(const struct reader *r, int64_t id)
{
    for (uint32_t i = 0; i < r->build->pool_count; i++)
        if (r->pool_ids[i] == id)
            return (int32_t)i;
    return -1;
}

static lp_status read_param(struct reader *r, const json_t *buffer, size_t position)
{
    struct lp_build *b = r->build;
    struct lp_build_param *p = &b->params[b->param_count];
    int64_t size = number_of(buffer, "size_bytes"), offset = number_of(buffer, "offset_start");
    p->name = text_of(r, buffer, "name");
    p->pool = pool_by_id(r, number_of(buffer, "mpool_id"));
    if (p->name == NULL || size < 0 || offset < 0 || p->pool < 0)
        return lp_error(r->diag, LP_BAD_INPUT,
                        "%s: buffer %zu must have 'name', 'size_bytes', 'offset_start' and the 'mpool_id' of a pool", r->file,
                        position);
    p->size_bytes = (uint64_t)size;
    p->address = b->pools[p->pool].base + (uint64_t)offset;
    const json_t *shape = json_object_get(buffer, "shape");
    size_t rank = json_array_size(shape);
    for (size_t i = 0; i < rank && i < LP_BUILD_RANK; i++)
        p->shape[i] = json_integer_value(json_array_get(shape, i));
    p->rank = rank <= LP_BUILD_RANK ? (uint32_t)rank : 0;
    b->param_count++;
    return lp_build_name(r->arena, r->diag, p);
}

static lp_status read_params(struct reader *r, const json_t *root)
{
    lp_status status = LP_OK;
    const json_t *list = list_of(r, root, "buffers", &status);
    if (status != LP_OK)
        return status;
    r->buffers = list;
    size_t count = json_array_size(list);
    r->build->params = LP_NEW_ARRAY(r->arena, count, struct lp_build_param);
    if (r->build->params == NULL)
        return lp_no_memory(r->diag);
    for (size_t i = 0; i < count && status == LP_OK; i++) {
        const json_t *buffer = json_array_get(list, i);
        if (json_is_true(json_object_get(buffer, "is_param")))
            status = read_param(r, buffer, i);
    }
    r->build->params_from = r->file;
    return status;
}

static const char *buffer_name(const struct reader *r, int64_t id)
{
    for (size_t i = 0; i < json_array_size(r->buffers); i++)
        if (number_of(json_array_get(r->buffers, i), "id") == id)
            return json_string_value(json_object_get(json_array_get(r->buffers, i), "name"));
    return NULL;
}

/* "Node kind=Conv": the description of the node with that id, in any epoch of the graph. */
static const char *node_kind(const json_t *graph, int64_t id)
{
    const json_t *nodes = json_object_get(graph, "nodes");
    for (size_t e = 0; e < json_array_size(nodes); e++) {
        const json_t *inner = json_object_get(json_array_get(nodes, e), "subgraph_nodes");
        for (size_t i = 0; i < json_array_size(inner); i++)
            if (number_of(json_array_get(inner, i), "id") == id)
                return json_string_value(json_object_get(json_array_get(inner, i), "description"));
    }
    return NULL;
}

static enum lp_build_kind kind_by_reader(const char *description, const struct lp_build_param *param)
{
    static const struct {
        const char *description;
        enum lp_build_kind kind;
    } readers[] = {
        {"Node kind=Conv", LP_BUILD_KERNEL},
        {"Node kind=Mul", LP_BUILD_SCALE},
        {"Node kind=Add", LP_BUILD_BIAS},
        {"Node kind=Sub", LP_BUILD_BIAS},
        {"Node kind=QuantizeLinear", LP_BUILD_SCALAR},
        {"Node kind=DequantizeLinear", LP_BUILD_SCALAR},
        {"Node kind=Pad", LP_BUILD_PAD_KERNEL},
        {"Node kind=Sigmoid", LP_BUILD_TABLE},
        {"Node kind=Quantize", LP_BUILD_SCALAR},
        {"Node kind=Dequantize", LP_BUILD_SCALAR},
    };
    for (size_t i = 0; description != NULL && i < LP_COUNT(readers); i++)
        if (strcmp(description, readers[i].description) == 0)
            return readers[i].kind == LP_BUILD_KERNEL && strstr(param->name, "pad") != NULL ? LP_BUILD_PAD_KERNEL
                                                                                            : readers[i].kind;
    return LP_BUILD_UNKNOWN;
}

/* Only names that say nothing need this; each edge is looked at once for each of them. */
static void ask_readers(struct reader *r, const json_t *root)
{
    const json_t *graph = json_array_get(json_object_get(root, "graphs"), 0);
    const json_t *edges = json_object_get(graph, "edges");
    for (size_t i = 0; i < json_array_size(edges); i++) {
        const json_t *edge = json_array_get(edges, i);
        const char *name = buffer_name(r, number_of(edge, "buffer"));
        for (uint32_t p = 0; name != NULL && p < r->build->param_count; p++) {
            struct lp_build_param *param = &r->build->params[p];
            if (param->kind == LP_BUILD_UNKNOWN && strcmp(param->name, name) == 0)
                param->kind = kind_by_reader(node_kind(graph, number_of(json_object_get(edge, "end"), "node_id")), param);
        }
    }
}

static void read_versions(struct reader *r, const json_t *root)
{
    const json_t *tools = json_object_get(json_object_get(root, "environment"), "tools");
    for (size_t i = 0; i < json_array_size(tools); i++) {
        const json_t *tool = json_array_get(tools, i);
        const char *name = json_string_value(json_object_get(tool, "name"));
        if (name != NULL && strcmp(name, "ATONN Compiler") == 0)
            r->build->compiler_version = text_of(r, tool, "version");
        if (name != NULL && strcmp(name, "ST.EdgeAI.Core") == 0)
            r->build->product_version = text_of(r, tool, "version");
    }
    const json_t *footprint = json_object_get(root, "memory_footprint");
    if (json_is_object(footprint)) {
        r->build->weights_bytes = number_of(footprint, "weights");
        r->build->activations_bytes = number_of(footprint, "activations");
    }
}

static void note_unknown(struct reader *r, const json_t *root)
{
    static const char *const known[] = {
        "json_schema_version", "environment",      "buffers",   "graphs",   "memory_pools", "memory_accesses",
        "power_estimates",     "memory_footprint", "rt_layout", "features", "platform",     "weights",
        "activations",         "inputs",           "outputs",
    };
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)root, key, value)
    {
        size_t i = 0;
        while (i < LP_COUNT(known) && strcmp(known[i], key) != 0)
            i++;
        if (i == LP_COUNT(known))
            lp_note(r->diag, "%s: the member '%s' is not known and is left aside", r->file, key);
    }
}

lp_status lp_build_read_c_info(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build)
{
    struct reader r = {.arena = arena, .diag = diag, .file = file, .build = build};
    json_error_t error;
    json_t *root = json_loadb(text, length, 0, &error);
    if (root == NULL)
        return lp_error(diag, LP_BAD_INPUT, "%s, line %d: %s", file, error.line, error.text);
    lp_status status = read_pools(&r, root);
    if (status == LP_OK)
        status = read_params(&r, root);
    if (status == LP_OK) {
        ask_readers(&r, root);
        read_versions(&r, root);
        note_unknown(&r, root);
    }
    json_decref(root);
    return status;
}
