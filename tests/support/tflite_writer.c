#include "tests/support/tflite_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "tflite_writer: %s\n", what);
    abort();
}

int64_t lp_tw_float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

int32_t lp_tw_add_tensor(struct lp_tw *w, const char *name, enum lp_element element, int32_t rank, const int32_t *dims,
                         const float *scale, const int32_t *zero_point)
{
    need(w->tensor_count < LP_TW_MAX_TENSORS && rank <= LP_TW_MAX_LIST, "too many tensors or dimensions");
    struct lp_tw_tensor *t = &w->tensors[w->tensor_count];
    *t = (struct lp_tw_tensor){
        .element = element, .rank = rank, .scales = scale, .zero_points = zero_point, .scale_count = scale != NULL};
    snprintf(t->name, sizeof t->name, "%s", name);
    for (int32_t i = 0; i < rank; i++)
        t->dims[i] = dims[i];
    return (int32_t)w->tensor_count++;
}

void lp_tw_set_data(struct lp_tw *w, int32_t tensor, const void *data, size_t size_bytes)
{
    w->tensors[tensor].data = data;
    w->tensors[tensor].data_bytes = size_bytes;
}

void lp_tw_set_channel_scales(struct lp_tw *w, int32_t tensor, const float *scales, const int32_t *zero_points, uint32_t count,
                              int32_t axis)
{
    struct lp_tw_tensor *t = &w->tensors[tensor];
    t->scales = scales;
    t->zero_points = zero_points;
    t->scale_count = count;
    t->axis = axis;
}

struct lp_tw_op *lp_tw_add_op(struct lp_tw *w, int32_t builtin_code, uint8_t options_type, uint32_t input_count,
                              const int32_t *inputs, int32_t output)
{
    need(w->op_count < LP_TW_MAX_OPS && input_count <= LP_TW_MAX_LIST, "too many operators or inputs");
    struct lp_tw_op *op = &w->ops[w->op_count++];
    *op = (struct lp_tw_op){.builtin_code = builtin_code,
                            .options_type = options_type,
                            .input_count = input_count,
                            .output_count = 1,
                            .outputs = {output}};
    for (uint32_t i = 0; i < input_count; i++)
        op->inputs[i] = inputs[i];
    return op;
}

static size_t add_bytes(struct lp_tw *w, const void *data, size_t size_bytes)
{
    if (w->size_bytes + size_bytes > w->capacity_bytes) {
        w->capacity_bytes = 2 * (w->size_bytes + size_bytes) + 1024;
        w->bytes = realloc(w->bytes, w->capacity_bytes);
        need(w->bytes != NULL, "no memory");
    }
    if (data == NULL)
        memset(w->bytes + w->size_bytes, 0, size_bytes);
    else if (size_bytes != 0)
        memcpy(w->bytes + w->size_bytes, data, size_bytes);
    w->size_bytes += size_bytes;
    return w->size_bytes - size_bytes;
}

static void align(struct lp_tw *w, size_t to_bytes)
{
    add_bytes(w, NULL, (to_bytes - w->size_bytes % to_bytes) % to_bytes);
}

static void put(struct lp_tw *w, size_t at, uint64_t value, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < size_bytes; i++)
        w->bytes[at + i] = (uint8_t)(value >> (8 * i));
}

/* Lets the offset at `at` point to where the next thing will stand. */
static void point_here(struct lp_tw *w, size_t at)
{
    put(w, at, w->size_bytes - at, 4);
}

/* A table with the given fields; at[i] becomes the place of field i. Scalars are aligned to their size. */
static void add_table(struct lp_tw *w, const struct lp_tw_field *fields, uint32_t count, size_t *at)
{
    uint16_t offsets[24] = {0};
    uint32_t size = 4;
    need(count <= 24, "too many fields");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes = fields[i].size_bytes;
        if (bytes == 0)
            continue;
        size = (size + bytes - 1) / bytes * bytes;
        offsets[i] = (uint16_t)size;
        size += bytes;
    }
    uint32_t vtable_bytes = 4 + 2 * count;
    add_bytes(w, NULL, vtable_bytes);
    size_t vtable = w->size_bytes - vtable_bytes;
    align(w, 8);
    size_t table = add_bytes(w, NULL, size);
    put(w, vtable, vtable_bytes, 2);
    put(w, vtable + 2, size, 2);
    put(w, table, table - vtable, 4);
    for (uint32_t i = 0; i < count; i++) {
        put(w, vtable + 4 + 2 * i, offsets[i], 2);
        if (offsets[i] != 0)
            put(w, table + offsets[i], (uint64_t)fields[i].value, fields[i].size_bytes);
        at[i] = table + offsets[i];
    }
    /* Whoever points to this table must point here: remembered in the last slot. */
    at[count] = table;
}

/* The offset at `from` will point to a table that is written now; its description goes in front, so patch afterwards. */
static void point_to_table(struct lp_tw *w, size_t from, const struct lp_tw_field *fields, uint32_t count, size_t *at)
{
    add_table(w, fields, count, at);
    put(w, from, at[count] - from, 4);
}

static void add_vector(struct lp_tw *w, size_t from, const void *data, uint32_t count, uint32_t element_bytes, size_t data_align)
{
    /* The elements are aligned, their count stands right in front. */
    while ((w->size_bytes + 4) % data_align != 0)
        add_bytes(w, NULL, 1);
    point_here(w, from);
    size_t at = add_bytes(w, NULL, 4);
    put(w, at, count, 4);
    add_bytes(w, data, (size_t)count * element_bytes);
    align(w, 4);
}

/* A vector of offsets; returns where the first of them stands. */
static size_t add_offsets(struct lp_tw *w, size_t from, uint32_t count)
{
    add_vector(w, from, NULL, count, 4, 4);
    return w->size_bytes - 4 * (size_t)count;
}

static void add_text(struct lp_tw *w, size_t from, const char *text)
{
    align(w, 4);
    point_here(w, from);
    size_t at = add_bytes(w, NULL, 4);
    put(w, at, strlen(text), 4);
    add_bytes(w, text, strlen(text) + 1);
    align(w, 4);
}

static void add_quantization(struct lp_tw *w, size_t from, const struct lp_tw_tensor *t)
{
    enum { SCALE = 2, ZERO_POINT = 3, DETAILS = 4, DIMENSION = 6, FIELDS = 7 };
    struct lp_tw_field fields[FIELDS] = {
        [SCALE] = {4, 0}, [ZERO_POINT] = {4, 0}, [DETAILS] = {1, t->quantization_details}, [DIMENSION] = {4, t->axis}};
    size_t at[FIELDS + 1];
    int64_t zeros[LP_TW_MAX_SCALES];
    need(t->scale_count <= LP_TW_MAX_SCALES, "too many scales");
    for (uint32_t i = 0; i < t->scale_count; i++)
        zeros[i] = t->zero_points == NULL ? 0 : t->zero_points[i];
    point_to_table(w, from, fields, FIELDS, at);
    add_vector(w, at[SCALE], t->scales, t->scale_count, 4, 4);
    add_vector(w, at[ZERO_POINT], zeros, t->scale_count - t->few_zero_points, 8, 8);
}

static void add_tensor(struct lp_tw *w, size_t from, uint32_t index)
{
    static const int64_t types[] = {
        [LP_ELEMENT_INT8] = 9,  [LP_ELEMENT_UINT8] = 3,   [LP_ELEMENT_INT16] = 7, [LP_ELEMENT_INT32] = 2,
        [LP_ELEMENT_INT64] = 4, [LP_ELEMENT_FLOAT32] = 0, [LP_ELEMENT_BOOL] = 6,
    };
    enum { SHAPE, TYPE, BUFFER, NAME, QUANTIZATION, IS_VARIABLE, SPARSITY, SIGNATURE, EXTERNAL_BUFFER = 10, FIELDS };
    const struct lp_tw_tensor *t = &w->tensors[index];
    uint32_t buffer = t->other_buffer != 0 ? t->other_buffer : t->data == NULL ? 0 : index + 1;
    const int32_t signature[LP_TW_MAX_LIST] = {-1, -1, -1};
    struct lp_tw_field fields[FIELDS] = {[SHAPE] = {4, 0},
                                         [TYPE] = {1, t->other_type != 0 ? t->other_type : types[t->element]},
                                         [BUFFER] = {4, buffer},
                                         [NAME] = {4, 0},
                                         [QUANTIZATION] = {t->scale_count == 0 ? 0 : 4, 0},
                                         [IS_VARIABLE] = {t->is_variable, 1},
                                         [SPARSITY] = {t->is_sparse ? 4 : 0, 0},
                                         [SIGNATURE] = {w->has_metadata ? 4 : 0, 0},
                                         [EXTERNAL_BUFFER] = {t->external_buffer == 0 ? 0 : 4, t->external_buffer}};
    size_t at[FIELDS + 1];
    size_t unused[1];
    point_to_table(w, from, fields, FIELDS, at);
    add_vector(w, at[SHAPE], t->dims, (uint32_t)t->rank, 4, 4);
    add_text(w, at[NAME], t->name);
    if (t->scale_count != 0)
        add_quantization(w, at[QUANTIZATION], t);
    if (t->is_sparse)
        point_to_table(w, at[SPARSITY], NULL, 0, unused);
    if (w->has_metadata)
        add_vector(w, at[SIGNATURE], signature, (uint32_t)t->rank, 4, 4);
}

static void add_options(struct lp_tw *w, size_t from, const struct lp_tw_op *op)
{
    struct lp_tw_field fields[LP_TW_MAX_FIELDS];
    size_t at[LP_TW_MAX_FIELDS + 1];
    memcpy(fields, op->fields, sizeof fields);
    if (op->list != NULL)
        fields[0] = (struct lp_tw_field){4, 0};
    if (op->text != NULL)
        fields[1] = (struct lp_tw_field){4, 0};
    point_to_table(w, from, fields, LP_TW_MAX_FIELDS, at);
    if (op->text != NULL)
        add_text(w, at[1], op->text);
    if (op->list != NULL)
        add_vector(w, at[0], op->list, op->list_count, 4, 4);
}

static void add_op(struct lp_tw *w, size_t from, uint32_t index)
{
    enum { CODE, INPUTS, OUTPUTS, OPTIONS_TYPE, OPTIONS, FIELDS };
    const struct lp_tw_op *op = &w->ops[index];
    struct lp_tw_field fields[FIELDS] = {[CODE] = {4, index},
                                         [INPUTS] = {4, 0},
                                         [OUTPUTS] = {4, 0},
                                         [OPTIONS_TYPE] = {1, op->options_type},
                                         [OPTIONS] = {op->options_type == 0 ? 0 : 4, 0}};
    size_t at[FIELDS + 1];
    point_to_table(w, from, fields, FIELDS, at);
    add_vector(w, at[INPUTS], op->inputs, op->input_count, 4, 4);
    add_vector(w, at[OUTPUTS], op->outputs, op->output_count, 4, 4);
    if (op->options_type != 0)
        add_options(w, at[OPTIONS], op);
}

static void add_subgraph(struct lp_tw *w, size_t from, uint32_t first_op, uint32_t end_op)
{
    enum { TENSORS, INPUTS, OUTPUTS, OPERATORS, NAME, FIELDS };
    struct lp_tw_field fields[FIELDS] = {{4, 0}, {4, 0}, {4, 0}, {4, 0}, {4, 0}};
    size_t at[FIELDS + 1];
    point_to_table(w, from, fields, FIELDS, at);
    add_vector(w, at[INPUTS], w->inputs, w->input_count, 4, 4);
    add_vector(w, at[OUTPUTS], w->outputs, w->output_count, 4, 4);
    add_text(w, at[NAME], "main");
    w->tensors_at = add_offsets(w, at[TENSORS], w->tensor_count);
    for (uint32_t i = 0; i < w->tensor_count; i++)
        add_tensor(w, w->tensors_at + 4 * (size_t)i, i);
    size_t ops = add_offsets(w, at[OPERATORS], end_op - first_op);
    for (uint32_t i = first_op; i < end_op; i++)
        add_op(w, ops + 4 * (size_t)(i - first_op), i);
}

static void add_codes(struct lp_tw *w, size_t from)
{
    enum { DEPRECATED, CUSTOM, VERSION, BUILTIN, FIELDS };
    size_t codes = add_offsets(w, from, w->op_count);
    for (uint32_t i = 0; i < w->op_count; i++) {
        const struct lp_tw_op *op = &w->ops[i];
        struct lp_tw_field fields[FIELDS] = {
            [DEPRECATED] = {op->has_only_new_code ? 0 : 1, op->builtin_code < 127 ? op->builtin_code : 127},
            [CUSTOM] = {op->custom_code == NULL ? 0 : 4, 0},
            [VERSION] = {4, 1},
            [BUILTIN] = {op->has_only_old_code ? 0 : 4, op->builtin_code}};
        size_t at[FIELDS + 1];
        point_to_table(w, codes + 4 * (size_t)i, fields, FIELDS, at);
        if (op->custom_code != NULL)
            add_text(w, at[CUSTOM], op->custom_code);
    }
}

/* Buffer 0 is empty by convention; tensor i has buffer i + 1. places[i] becomes the place of that buffer's offset and size. */
static void add_buffers(struct lp_tw *w, size_t from, size_t *places)
{
    enum { DATA, OFFSET, SIZE, FIELDS };
    size_t buffers = add_offsets(w, from, w->tensor_count + 1);
    for (uint32_t i = 0; i <= w->tensor_count; i++) {
        const struct lp_tw_tensor *t = i == 0 ? NULL : &w->tensors[i - 1];
        int has_data = t != NULL && t->data != NULL;
        int lies_behind = has_data && t->lies_behind;
        struct lp_tw_field fields[FIELDS] = {[DATA] = {has_data && !lies_behind ? 4 : 0, 0},
                                             [OFFSET] = {lies_behind ? 8 : 0, 0},
                                             [SIZE] = {lies_behind ? 8 : 0, 0}};
        size_t at[FIELDS + 1];
        point_to_table(w, buffers + 4 * (size_t)i, fields, FIELDS, at);
        if (has_data && !lies_behind)
            add_vector(w, at[DATA], t->data, (uint32_t)t->data_bytes, 1, 16);
        if (i != 0)
            places[i - 1] = at[OFFSET];
        if (lies_behind)
            put(w, at[SIZE], t->data_bytes, 8);
    }
}

/* Behind the FlatBuffer, each at an odd place, so that a reader has to see to the alignment itself. */
static void add_bytes_behind(struct lp_tw *w, const size_t *places)
{
    for (uint32_t i = 0; i < w->tensor_count; i++) {
        if (!w->tensors[i].lies_behind)
            continue;
        align(w, 2);
        add_bytes(w, NULL, 1);
        put(w, places[i], w->size_bytes, 8);
        add_bytes(w, w->tensors[i].data, w->tensors[i].data_bytes);
    }
}

static void add_metadata(struct lp_tw *w, size_t from)
{
    enum { NAME, BUFFER, FIELDS };
    const struct lp_tw_field fields[FIELDS] = {[NAME] = {4, 0}, [BUFFER] = {4, 0}};
    size_t at[FIELDS + 1];
    point_to_table(w, add_offsets(w, from, 1), fields, FIELDS, at);
    add_text(w, at[NAME], "min_runtime_version");
}

const uint8_t *lp_tw_finish(struct lp_tw *w, size_t *size_bytes)
{
    enum { VERSION, CODES, SUBGRAPHS, DESCRIPTION, BUFFERS, METADATA_BUFFER, METADATA, FIELDS };
    const int64_t version = w->other_schema_version == 0 ? 3 : w->other_schema_version;
    const struct lp_tw_field fields[FIELDS] = {
        [VERSION] = {4, version}, [CODES] = {4, 0},   [SUBGRAPHS] = {4, 0},
        [DESCRIPTION] = {4, 0},   [BUFFERS] = {4, 0}, [METADATA] = {w->has_metadata ? 4 : 0, 0}};
    size_t at[FIELDS + 1];
    size_t places[LP_TW_MAX_TENSORS];
    w->size_bytes = 0;
    add_bytes(w, "\0\0\0\0TFL3", 8);
    point_to_table(w, 0, fields, FIELDS, at);
    add_text(w, at[DESCRIPTION], "made by a test");
    add_codes(w, at[CODES]);
    const uint32_t end_op = w->op_count - w->once_ops;
    size_t subgraphs = add_offsets(w, at[SUBGRAPHS], w->second_subgraph || w->once_ops != 0 ? 2 : 1);
    if (w->second_subgraph)
        add_subgraph(w, subgraphs + 4, 0, w->op_count);
    if (w->once_ops != 0)
        add_subgraph(w, subgraphs + 4, end_op, w->op_count);
    add_subgraph(w, subgraphs, 0, end_op);
    add_buffers(w, at[BUFFERS], places);
    if (w->has_metadata)
        add_metadata(w, at[METADATA]);
    add_bytes_behind(w, places);
    *size_bytes = w->size_bytes;
    return w->bytes;
}

void lp_tw_free(struct lp_tw *w)
{
    free(w->bytes);
    w->bytes = NULL;
    w->size_bytes = 0;
    w->capacity_bytes = 0;
}
