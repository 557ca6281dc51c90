#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compiler/base/file.h"
#include "neural-art/epoch_read.h"

enum {
    MOST_EPOCHS = 65536,
    MOST_BUFFERS = 65536,
    MOST_POOLS = 256,
    MOST_IMAGES = 1024,
    MOST_VECTOR_SETS = 64,
    MOST_FILES = 64,
    MOST_CHANNELS = 1 << 20
};
enum { MOST_JSON_BYTES = 1 << 28 };

static const char *const role_keys[LP_NPU_BUFFER_ROLES] = {"inputs", "outputs", "parameters", "intermediates"};

static lp_status read_pools(struct lp_npu_reader *r, const json_t *json, struct lp_npu_program *p)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, "pools", LP_NPU_REQUIRED, MOST_POOLS, &array, &p->pool_count);
    if (status != LP_OK)
        return status;
    p->pools = LP_NEW_ARRAY(r->arena, p->pool_count, struct lp_npu_pool_memory);
    if (p->pools == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < p->pool_count && status == LP_OK; i++) {
        struct lp_npu_pool_memory *pool = &p->pools[i];
        const json_t *object = json_array_get(array, i);
        lp_npu_reader_at(r, "pool %u", i);
        pool->is_writable = true;
        status = lp_npu_read_text(r, object, "name", LP_NPU_REQUIRED, &pool->name);
        if (status == LP_OK)
            status = lp_npu_read_u32(r, object, "base", LP_NPU_REQUIRED, &pool->base);
        if (status == LP_OK)
            status = lp_npu_read_u32(r, object, "size", LP_NPU_REQUIRED, &pool->size_bytes);
        if (status == LP_OK && (uint64_t)pool->base + pool->size_bytes > UINT32_MAX)
            status = lp_npu_reader_error(r, "base + size is %" PRIu64 "; allowed is 4294967295",
                                         (uint64_t)pool->base + pool->size_bytes);
        if (status == LP_OK)
            status = lp_npu_read_flag(r, object, "virtual", &pool->is_virtual);
        if (status == LP_OK)
            status = lp_npu_read_flag(r, object, "writable", &pool->is_writable);
        if (status == LP_OK)
            status = lp_npu_read_flag(r, object, "cacheable", &pool->is_cacheable);
    }
    r->place[0] = '\0';
    return status;
}

/* Files lie in the program's folder or below it: a name cannot lead out. */
static lp_status check_file_name(struct lp_npu_reader *r, const char *name)
{
    bool leads_out = name[0] == '/' || name[0] == '\0' || strstr(name, "..") != NULL || strchr(name, '\\') != NULL;
    return leads_out ? lp_npu_reader_error(r, "file is \"%.60s\"; allowed is a name inside the program's folder", name) : LP_OK;
}

static lp_status read_image(struct lp_npu_reader *r, const json_t *object, struct lp_npu_image *image)
{
    image->pool = "";
    lp_status status = lp_npu_read_text(r, object, "file", LP_NPU_REQUIRED, &image->file);
    if (status == LP_OK)
        status = check_file_name(r, image->file);
    if (status == LP_OK)
        status = lp_npu_read_text(r, object, "pool", LP_NPU_OPTIONAL, &image->pool);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "base", LP_NPU_REQUIRED, &image->base);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "bytes", LP_NPU_REQUIRED, &image->size_bytes);
    if (status == LP_OK && (uint64_t)image->base + image->size_bytes > UINT32_MAX)
        status = lp_npu_reader_error(r, "base + bytes is %" PRIu64 "; allowed is 4294967295",
                                     (uint64_t)image->base + image->size_bytes);
    return status;
}

/* Constants, and, marked "state", first values of what the network keeps. */
static lp_status read_images(struct lp_npu_reader *r, const json_t *json, struct lp_npu_program *p)
{
    const json_t *array;
    uint32_t count = 0;
    lp_status status = lp_npu_read_array(r, json, "images", LP_NPU_OPTIONAL, MOST_IMAGES, &array, &count);
    if (status != LP_OK)
        return status;
    p->images = LP_NEW_ARRAY(r->arena, count, struct lp_npu_image);
    p->states = LP_NEW_ARRAY(r->arena, count, struct lp_npu_image);
    if (p->images == NULL || p->states == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        const json_t *object = json_array_get(array, i);
        uint32_t is_state = 0;
        lp_npu_reader_at(r, "image %u", i);
        if (json_object_get(object, "state") != NULL)
            status = lp_npu_read_u32(r, object, "state", LP_NPU_REQUIRED, &is_state);
        if (status == LP_OK && is_state > 1)
            status = lp_npu_reader_error(r, "state is %u; allowed are 0 and 1", is_state);
        if (status == LP_OK)
            status = read_image(r, object, is_state ? &p->states[p->state_count++] : &p->images[p->image_count++]);
    }
    r->place[0] = '\0';
    return status;
}

static lp_status read_quantization(struct lp_npu_reader *r, const json_t *object, struct lp_npu_buffer *b)
{
    const json_t *scales;
    const int64_t *zero_points;
    lp_status status = lp_npu_read_array(r, object, "scale", LP_NPU_OPTIONAL, MOST_CHANNELS, &scales, &b->scale_count);
    if (status == LP_OK)
        status = lp_npu_read_ints(r, object, "zero_point", MOST_CHANNELS, &zero_points, &b->zero_point_count);
    if (status != LP_OK)
        return status;
    double *scale = LP_NEW_ARRAY(r->arena, b->scale_count, double);
    int32_t *zero_point = LP_NEW_ARRAY(r->arena, b->zero_point_count, int32_t);
    if (scale == NULL || zero_point == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < b->scale_count; i++) {
        const json_t *value = json_array_get(scales, i);
        scale[i] = json_number_value(value);
        if (!json_is_number(value) || !(scale[i] >= 0))
            return lp_npu_reader_error(r, "entry %u of scale is not a number of 0 or more", i);
    }
    for (uint32_t i = 0; i < b->zero_point_count; i++) {
        if (zero_points[i] < INT16_MIN || zero_points[i] > INT16_MAX)
            return lp_npu_reader_error(r, "entry %u of zero_point is %" PRId64 "; allowed is -32768 to 32767", i, zero_points[i]);
        zero_point[i] = (int32_t)zero_points[i];
    }
    b->scale = scale;
    b->zero_point = zero_point;
    return LP_OK;
}

static lp_status read_life(struct lp_npu_reader *r, const json_t *object, struct lp_npu_buffer *b)
{
    const int64_t *values;
    uint32_t count;
    b->first_epoch = b->live_first_epoch = b->live_last_epoch = -1;
    lp_status status = lp_npu_read_i32(r, object, "first_epoch", LP_NPU_OPTIONAL, -1, INT32_MAX, &b->first_epoch);
    if (status == LP_OK)
        status = lp_npu_read_ints(r, object, "live_epochs", 2, &values, &count);
    if (status != LP_OK || count == 0)
        return status;
    if (count != 2 || values[0] < 0 || values[1] > INT32_MAX || values[0] > values[1])
        return lp_npu_reader_error(r, "live_epochs is not [first, last]");
    b->live_first_epoch = (int32_t)values[0];
    b->live_last_epoch = (int32_t)values[1];
    return LP_OK;
}

static lp_status read_buffer(struct lp_npu_reader *r, const json_t *object, struct lp_npu_buffer *b)
{
    const int64_t *q;
    uint32_t q_count;
    b->dtype = "int8";
    lp_status status = lp_npu_read_text(r, object, "name", LP_NPU_REQUIRED, &b->name);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "address", LP_NPU_REQUIRED, &b->address);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "bytes", LP_NPU_REQUIRED, &b->size_bytes);
    if (status == LP_OK && (uint64_t)b->address + b->size_bytes > UINT32_MAX)
        status = lp_npu_reader_error(r, "address + bytes is %" PRIu64 "; allowed is 4294967295",
                                     (uint64_t)b->address + b->size_bytes);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, object, "limit", LP_NPU_OPTIONAL, &b->limit);
    if (status == LP_OK)
        status = lp_npu_read_ints(r, object, "shape", 16, &b->shape, &b->rank);
    if (status == LP_OK)
        status = lp_npu_read_ints(r, object, "mem_shape", 16, &b->mem_shape, &b->mem_rank);
    if (status == LP_OK)
        status = lp_npu_read_i32(r, object, "batch", LP_NPU_OPTIONAL, 0, INT32_MAX, &b->batch);
    if (status == LP_OK)
        status = read_life(r, object, b);
    if (status == LP_OK)
        status = lp_npu_read_text(r, object, "dtype", LP_NPU_OPTIONAL, &b->dtype);
    if (status == LP_OK)
        status = lp_npu_read_i32(r, object, "bits", LP_NPU_OPTIONAL, 1, 64, &b->bits);
    if (status == LP_OK)
        status = lp_npu_read_flag(r, object, "unsigned", &b->is_unsigned);
    if (status == LP_OK)
        status = lp_npu_read_ints(r, object, "q", 2, &q, &q_count);
    for (uint32_t i = 0; status == LP_OK && i < q_count; i++)
        b->q[i] = q[i] < -64 || q[i] > 64 ? 0 : (int32_t)q[i];
    if (status == LP_OK)
        status = lp_npu_read_flag(r, object, "per_channel", &b->per_channel);
    return status == LP_OK ? read_quantization(r, object, b) : status;
}

static lp_status read_buffers(struct lp_npu_reader *r, const json_t *json, enum lp_npu_buffer_role role, struct lp_npu_program *p)
{
    const json_t *array;
    struct lp_npu_buffers *list = &p->buffers[role];
    lp_status status = lp_npu_read_array(r, json, role_keys[role], LP_NPU_OPTIONAL, MOST_BUFFERS, &array, &list->count);
    if (status != LP_OK)
        return status;
    list->items = LP_NEW_ARRAY(r->arena, list->count, struct lp_npu_buffer);
    if (list->items == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < list->count && status == LP_OK; i++) {
        lp_npu_reader_at(r, "%s %u", role_keys[role], i);
        status = read_buffer(r, json_array_get(array, i), &list->items[i]);
    }
    r->place[0] = '\0';
    return status;
}

static lp_status read_epochs(struct lp_npu_reader *r, const json_t *json, struct lp_npu_program *p)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, "epochs", LP_NPU_REQUIRED, MOST_EPOCHS, &array, &p->epoch_count);
    if (status != LP_OK)
        return status;
    p->epochs = LP_NEW_ARRAY(r->arena, p->epoch_count, struct lp_npu_epoch);
    if (p->epochs == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < p->epoch_count && status == LP_OK; i++) {
        lp_npu_reader_at(r, "epoch number %u", i);
        status = lp_npu_epoch_read(r, json_array_get(array, i), &p->epochs[i]);
    }
    r->place[0] = '\0';
    return status;
}

static lp_status read_vector_files(struct lp_npu_reader *r, const json_t *object, const char *key, const char ***out,
                                   uint32_t *count)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, object, key, LP_NPU_OPTIONAL, MOST_FILES, &array, count);
    if (status != LP_OK)
        return status;
    *out = LP_NEW_ARRAY(r->arena, *count, const char *);
    if (*out == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < *count && status == LP_OK; i++) {
        status = lp_npu_read_text(r, json_array_get(array, i), "file", LP_NPU_REQUIRED, &(*out)[i]);
        if (status == LP_OK)
            status = check_file_name(r, (*out)[i]);
    }
    return status;
}

static lp_status read_vectors(struct lp_npu_reader *r, const json_t *json, struct lp_npu_program *p)
{
    const json_t *array;
    lp_status status = lp_npu_read_array(r, json, "vectors", LP_NPU_OPTIONAL, MOST_VECTOR_SETS, &array, &p->vectors_count);
    if (status != LP_OK)
        return status;
    p->vectors = LP_NEW_ARRAY(r->arena, p->vectors_count, struct lp_npu_vectors);
    if (p->vectors == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < p->vectors_count && status == LP_OK; i++) {
        struct lp_npu_vectors *v = &p->vectors[i];
        const json_t *object = json_array_get(array, i);
        lp_npu_reader_at(r, "vectors %u", i);
        v->set = "";
        status = lp_npu_read_text(r, object, "set", LP_NPU_OPTIONAL, &v->set);
        if (status == LP_OK)
            status = lp_npu_read_u32(r, object, "count", LP_NPU_REQUIRED, &v->count);
        if (status == LP_OK)
            status = read_vector_files(r, object, "inputs", &v->inputs, &v->input_count);
        if (status == LP_OK)
            status = read_vector_files(r, object, "outputs", &v->outputs, &v->output_count);
    }
    r->place[0] = '\0';
    return status;
}

static lp_status read_program(struct lp_npu_reader *r, const json_t *json, struct lp_npu_program *p)
{
    const char *format = "";
    if (!json_is_object(json))
        return lp_npu_reader_error(r, "the file is not a JSON object");
    lp_status status = lp_npu_read_text(r, json, "format", LP_NPU_REQUIRED, &format);
    if (status == LP_OK && strcmp(format, "npu-capture-program") != 0)
        status = lp_npu_reader_error(r, "format is \"%.60s\"; allowed is \"npu-capture-program\"", format);
    int64_t version = 0;
    if (status == LP_OK)
        status = lp_npu_read_int(r, json, "format_version", LP_NPU_REQUIRED, 1, 1, &version);
    if (status == LP_OK)
        status = lp_npu_read_text(r, json, "name", LP_NPU_REQUIRED, &p->name);
    if (status == LP_OK)
        status = read_pools(r, json, p);
    if (status == LP_OK)
        status = read_images(r, json, p);
    for (int role = 0; role < LP_NPU_BUFFER_ROLES && status == LP_OK; role++)
        status = read_buffers(r, json, (enum lp_npu_buffer_role)role, p);
    if (status == LP_OK)
        status = read_epochs(r, json, p);
    return status == LP_OK ? read_vectors(r, json, p) : status;
}

lp_status lp_npu_program_parse(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                               struct lp_npu_program **out)
{
    struct lp_npu_reader reader = {.arena = arena, .diag = diag, .label = label};
    json_error_t error;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        return lp_error(diag, LP_BAD_INPUT, "%s: line %d, column %d: %s", label, error.line, error.column, error.text);
    struct lp_npu_program *program = LP_NEW(arena, struct lp_npu_program);
    lp_status status = program == NULL ? lp_no_memory(diag) : read_program(&reader, json, program);
    json_decref(json);
    *out = status == LP_OK ? program : NULL;
    return status;
}

static lp_status load_images(struct lp_arena *arena, struct lp_diag *diag, const char *folder, struct lp_npu_image *images,
                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct lp_npu_image *image = &images[i];
        size_t size = 0;
        const char *path = lp_arena_printf(arena, "%s/%s", folder, image->file);
        if (path == NULL)
            return lp_no_memory(diag);
        lp_status status = lp_file_read(arena, diag, path, UINT32_MAX, &image->bytes, &size);
        if (status != LP_OK)
            return status;
        if (size != image->size_bytes)
            return lp_error(diag, LP_BAD_INPUT, "%s has %zu bytes; program.json says %u", path, size, image->size_bytes);
    }
    return LP_OK;
}

lp_status lp_npu_program_load(struct lp_arena *arena, struct lp_diag *diag, const char *folder, struct lp_npu_program **out)
{
    const uint8_t *text;
    size_t length = 0;
    *out = NULL;
    const char *path = lp_arena_printf(arena, "%s/program.json", folder);
    if (path == NULL)
        return lp_no_memory(diag);
    lp_status status = lp_file_read(arena, diag, path, MOST_JSON_BYTES, &text, &length);
    if (status == LP_OK)
        status = lp_npu_program_parse(arena, diag, path, (const char *)text, length, out);
    if (status != LP_OK)
        return status;
    (*out)->folder = lp_arena_text(arena, folder, strlen(folder));
    struct lp_npu_program *p = *out;
    status = p->folder == NULL ? lp_no_memory(diag) : load_images(arena, diag, folder, p->images, p->image_count);
    if (status == LP_OK)
        status = load_images(arena, diag, folder, p->states, p->state_count);
    if (status != LP_OK)
        *out = NULL;
    return status;
}
