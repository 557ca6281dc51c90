#include "compiler/import/tflite_reader.h"

#include <math.h>
#include <string.h>

enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION, TENSOR_IS_VARIABLE, TENSOR_SPARSITY };
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS_TYPE = 4, QUANT_DIMENSION = 6 };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };

static lp_status tensor_error(struct lp_tflite *r, uint32_t i, lp_status status, const char *what)
{
    return lp_error(r->diag, status, "%s: tensor %u ('%.100s'): %s", r->file_name, (unsigned)i, r->graph->tensors[i].name, what);
}

static lp_status read_name(struct lp_tflite *r, const struct lp_fb_table *table, struct lp_tensor *t)
{
    struct lp_fb_vector name = lp_fb_text(table, TENSOR_NAME);
    enum { LONGEST = 1000 }; /* many tensors may share one huge string */
    t->name = lp_arena_text(r->arena, (const char *)r->fb.data + (name.count == 0 ? 0 : name.at), name.count < LONGEST ? name.count : LONGEST);
    return t->name == NULL ? lp_no_memory(r->diag) : lp_tflite_fault(r);
}

static lp_status read_element(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    static const struct {
        const char *name;
        int element; /* -1: not built */
    } types[] = {
        {"float32", LP_ELEMENT_FLOAT32}, {"float16", -1}, {"int32", LP_ELEMENT_INT32},  {"uint8", LP_ELEMENT_UINT8}, {"int64", LP_ELEMENT_INT64},
        {"string", -1},                  {"bool", LP_ELEMENT_BOOL}, {"int16", LP_ELEMENT_INT16}, {"complex64", -1}, {"int8", LP_ELEMENT_INT8},
        {"float64", -1},                 {"complex128", -1}, {"uint64", -1},             {"resource", -1},           {"variant", -1},
        {"uint32", -1},                  {"uint16", -1},  {"int4", -1},                  {"bfloat16", -1},
    };
    int64_t type = lp_fb_int(table, TENSOR_TYPE, 1, 0);
    if (type < 0 || (size_t)type >= LP_COUNT(types))
        return tensor_error(r, i, LP_BAD_INPUT, "its element type is none that the format knows");
    if (types[type].element < 0)
        return lp_error(r->diag, LP_UNSUPPORTED, "%s: tensor %u ('%.100s') has elements of type %s; int8, uint8, int16, int32, int64, bool and float32 can be compiled",
                        r->file_name, (unsigned)i, r->graph->tensors[i].name, types[type].name);
    r->graph->tensors[i].element = (enum lp_element)types[type].element;
    return LP_OK;
}

static lp_status read_shape(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    struct lp_fb_vector shape = lp_fb_vec(table, TENSOR_SHAPE, 4);
    if (shape.count > LP_MAX_RANK)
        return lp_error(r->diag, LP_UNSUPPORTED, "%s: tensor %u ('%.100s') has %u dimensions; at most %d can be compiled", r->file_name, (unsigned)i, t->name,
                        (unsigned)shape.count, LP_MAX_RANK);
    int64_t bytes = lp_element_bytes(t->element);
    t->rank = (uint8_t)shape.count;
    for (uint32_t d = 0; d < shape.count; d++) {
        t->dims[d] = (int32_t)lp_fb_int_at(&shape, d, 4);
        if (t->dims[d] == -1)
            return tensor_error(r, i, LP_UNSUPPORTED, "a dimension is unknown (-1): convert the model with a fixed input shape");
        if (t->dims[d] <= 0)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: tensor %u ('%.100s'): dimension %u is %d; at least 1 is needed", r->file_name, (unsigned)i, t->name,
                            (unsigned)d, (int)t->dims[d]);
        bytes *= t->dims[d];
        if (bytes > INT32_MAX)
            return tensor_error(r, i, LP_UNSUPPORTED, "it has more than 2,147,483,647 bytes");
    }
    return lp_tflite_fault(r);
}

static lp_status read_scales(struct lp_tflite *r, uint32_t i, const struct lp_fb_vector *scales, const struct lp_fb_vector *zeros)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    float *scale = LP_NEW_ARRAY(r->arena, scales->count, float);
    int32_t *zero_point = LP_NEW_ARRAY(r->arena, scales->count, int32_t);
    if (scale == NULL || zero_point == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t c = 0; c < scales->count; c++) {
        int64_t zero = zeros->count == 0 ? 0 : lp_fb_int_at(zeros, zeros->count == 1 ? 0 : c, 8);
        scale[c] = lp_fb_float_at(scales, c);
        if (!isfinite(scale[c]) || scale[c] <= 0)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: tensor %u ('%.100s'): scale %u is %g; a finite number above 0 is needed", r->file_name, (unsigned)i,
                            t->name, (unsigned)c, (double)scale[c]);
        if (zero < INT32_MIN || zero > INT32_MAX)
            return tensor_error(r, i, LP_BAD_INPUT, "a zero point does not fit 32 bits");
        zero_point[c] = (int32_t)zero;
    }
    t->quant.scale = scale;
    t->quant.zero_point = zero_point;
    t->quant.count = scales->count;
    return LP_OK;
}

static lp_status read_quantization(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    struct lp_fb_table quant = lp_fb_sub(table, TENSOR_QUANTIZATION);
    struct lp_fb_vector scales = lp_fb_vec(&quant, QUANT_SCALE, 4);
    struct lp_fb_vector zeros = lp_fb_vec(&quant, QUANT_ZERO_POINT, 8);
    if (r->fb.fault != NULL)
        return lp_tflite_fault(r);
    if (lp_fb_uint(&quant, QUANT_DETAILS_TYPE, 1, 0) != 0)
        return tensor_error(r, i, LP_UNSUPPORTED, "it has custom or block-wise quantization; scale and zero point can be compiled");
    if (scales.count == 0)
        return LP_OK;
    int64_t axis = lp_fb_int(&quant, QUANT_DIMENSION, 4, 0);
    if (scales.count > 1 && (axis < 0 || axis >= t->rank || (uint32_t)t->dims[axis] != scales.count))
        return lp_error(r->diag, LP_BAD_INPUT, "%s: tensor %u ('%.100s') has %u scales along dimension %lld; one is needed, or one for each element of that dimension",
                        r->file_name, (unsigned)i, t->name, (unsigned)scales.count, (long long)axis);
    if (zeros.count > 1 && zeros.count != scales.count)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: tensor %u ('%.100s') has %u scales and %u zero points; the numbers must be equal", r->file_name, (unsigned)i,
                        t->name, (unsigned)scales.count, (unsigned)zeros.count);
    r->copied_bytes += 8 * (size_t)scales.count;
    if (r->copied_bytes > 16 * r->fb.size_bytes)
        return tensor_error(r, i, LP_BAD_INPUT, "together, the tensors have more scales than the file can honestly hold");
    t->quant.axis = scales.count > 1 ? (int32_t)axis : 0;
    return read_scales(r, i, &scales, &zeros);
}

/* A buffer's bytes: in the table itself, or behind the FlatBuffer at offset and size (files beyond 2 GB, newer converters). */
static lp_status find_buffer(struct lp_tflite *r, uint32_t i, uint64_t index, size_t *at, size_t *size_bytes)
{
    if (index >= r->buffers.count)
        return tensor_error(r, i, LP_BAD_INPUT, "it names a buffer that the model does not have");
    struct lp_fb_table buffer = lp_fb_at(&r->buffers, (uint32_t)index);
    struct lp_fb_vector data = lp_fb_vec(&buffer, BUFFER_DATA, 1);
    uint64_t offset = lp_fb_uint(&buffer, BUFFER_OFFSET, 8, 0);
    uint64_t size = lp_fb_uint(&buffer, BUFFER_SIZE, 8, 0);
    *at = data.at;
    *size_bytes = data.count;
    if (data.count == 0 && offset > 1) {
        if (offset > r->fb.size_bytes || size > r->fb.size_bytes - offset)
            return tensor_error(r, i, LP_BAD_INPUT, "its buffer lies outside the file");
        *at = (size_t)offset;
        *size_bytes = (size_t)size;
    }
    return lp_tflite_fault(r);
}

static lp_status read_data(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    size_t at = 0;
    size_t size_bytes = 0;
    lp_status status = find_buffer(r, i, lp_fb_uint(table, TENSOR_BUFFER, 4, 0), &at, &size_bytes);
    if (status != LP_OK || size_bytes == 0)
        return status;
    if ((int64_t)size_bytes != lp_tensor_bytes(t)) {
        char shape[100];
        return lp_error(r->diag, LP_BAD_INPUT, "%s: tensor %u ('%.100s') of shape %s and type %s has a buffer of %zu bytes; %lld are needed", r->file_name,
                        (unsigned)i, t->name, lp_shape_text(t, shape, sizeof shape), lp_element_name(t->element), size_bytes, (long long)lp_tensor_bytes(t));
    }
    t->data = r->fb.data + at;
    if ((uintptr_t)t->data % lp_element_bytes(t->element) == 0)
        return LP_OK;
    r->copied_bytes += size_bytes;
    void *copy = r->copied_bytes > 16 * r->fb.size_bytes ? NULL : lp_arena_alloc(r->arena, size_bytes, 1);
    if (copy == NULL)
        return lp_no_memory(r->diag);
    memcpy(copy, t->data, size_bytes);
    t->data = copy;
    return LP_OK;
}

static lp_status read_tensor(struct lp_tflite *r, uint32_t i)
{
    struct lp_fb_table table = lp_fb_at(&r->tensors, i);
    struct lp_tensor *t = &r->graph->tensors[i];
    lp_status status = read_name(r, &table, t);
    /* What nobody reads may be of any type: converters leave such tensors behind. */
    if (status != LP_OK || !r->is_used[i])
        return status;
    status = read_element(r, &table, i);
    if (status == LP_OK)
        status = read_shape(r, &table, i);
    if (status == LP_OK)
        status = read_quantization(r, &table, i);
    if (status == LP_OK)
        status = read_data(r, &table, i);
    if (status == LP_OK && lp_fb_uint(&table, TENSOR_IS_VARIABLE, 1, 0) != 0)
        status = tensor_error(r, i, LP_UNSUPPORTED, "it is a variable that persists between inferences; such models can't be compiled yet");
    if (status == LP_OK && lp_fb_has(&table, TENSOR_SPARSITY))
        status = tensor_error(r, i, LP_UNSUPPORTED, "it is stored sparse; convert the model with dense weights");
    return status;
}

/* Float data inside: the list of operators that compute with it, and the advice. */
static lp_status refuse_float(struct lp_tflite *r)
{
    const struct lp_graph *g = r->graph;
    uint32_t found = 0;
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        const struct lp_tensor *in = lp_op_input(g, op, 0);
        const struct lp_tensor *out = lp_op_output(g, op, 0);
        bool is_float = (in != NULL && in->element == LP_ELEMENT_FLOAT32) || (out != NULL && out->element == LP_ELEMENT_FLOAT32);
        if (!is_float || lp_tflite_takes_float(op->kind))
            continue;
        lp_error(r->diag, LP_UNSUPPORTED, "%s: operator %u (%s '%.100s') computes with float32", r->file_name, (unsigned)i, lp_op_kind_table[op->kind].name,
                 lp_op_name(g, op));
        found++;
    }
    if (found == 0)
        return LP_OK;
    return lp_error(r->diag, LP_UNSUPPORTED, "%s: %u operators need float arithmetic: quantize the whole model to int8 (full integer quantization with a representative data set)",
                    r->file_name, (unsigned)found);
}

lp_status lp_tflite_read_tensors(struct lp_tflite *r)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < r->tensors.count && status == LP_OK; i++) {
        r->graph->tensors[i].source_index = (int32_t)i;
        status = read_tensor(r, i);
    }
    return status == LP_OK ? refuse_float(r) : status;
}
