#include "compiler/import/tflite_reader.h"

#include <math.h>
#include <string.h>

enum {
    TENSOR_SHAPE,
    TENSOR_TYPE,
    TENSOR_BUFFER,
    TENSOR_NAME,
    TENSOR_QUANTIZATION,
    TENSOR_IS_VARIABLE,
    TENSOR_SPARSITY,
    TENSOR_EXTERNAL_BUFFER = 10
};
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS_TYPE = 4, QUANT_DIMENSION = 6 };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };

lp_status lp_tflite_read_names(struct lp_tflite *r)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < r->tensors.count && status == LP_OK; i++) {
        enum { LONGEST = 1000 };
        struct lp_fb_table table = lp_fb_at(&r->tensors, i);
        struct lp_fb_vector name = lp_fb_text(&table, TENSOR_NAME);
        size_t length = name.count < LONGEST ? name.count : LONGEST;
        void *text = NULL;
        status = lp_tflite_fault(r);
        r->graph->tensors[i].name = "";
        r->graph->tensors[i].source_index = (int32_t)i;
        if (status == LP_OK && length != 0)
            status = lp_tflite_take(r, length + 1, 1, &text);
        if (status == LP_OK && length != 0)
            r->graph->tensors[i].name = memcpy(text, r->fb.data + name.at, length);
    }
    return status;
}

static lp_status read_element(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    enum { NONE = -1 };
    static const struct {
        const char *name;
        int element;
    } types[] = {
        {"float32", LP_ELEMENT_FLOAT32},
        {"float16", NONE},
        {"int32", LP_ELEMENT_INT32},
        {"uint8", LP_ELEMENT_UINT8},
        {"int64", LP_ELEMENT_INT64},
        {"string", NONE},
        {"bool", LP_ELEMENT_BOOL},
        {"int16", LP_ELEMENT_INT16},
        {"complex64", NONE},
        {"int8", LP_ELEMENT_INT8},
        {"float64", NONE},
        {"complex128", NONE},
        {"uint64", NONE},
        {"resource", NONE},
        {"variant", NONE},
        {"uint32", NONE},
        {"uint16", NONE},
        {"int4", NONE},
        {"bfloat16", NONE},
        {"int2", NONE},
        {"uint4", NONE},
        {"float8_e4m3fn", NONE},
        {"float8_e5m2", NONE},
    };
    int64_t type = lp_fb_int(table, TENSOR_TYPE, 1, 0);
    if (type < 0 || (size_t)type >= LP_COUNT(types))
        return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                      "its elements are of type %lld, 0 to %zu exist; convert the model again", (long long)type,
                                      LP_COUNT(types) - 1);
    if (types[type].element == NONE)
        return lp_tflite_tensor_error(
            r, i, LP_UNSUPPORTED,
            "its elements are %s; int8, uint8, int16, int32, int64, bool and float32 can be read: quantize "
            "the model to int8",
            types[type].name);
    r->graph->tensors[i].element = (enum lp_element)types[type].element;
    return LP_OK;
}

static lp_status read_shape(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    struct lp_fb_vector shape = lp_fb_vec(table, TENSOR_SHAPE, 4);
    if (shape.count > LP_MAX_RANK)
        return lp_tflite_tensor_error(r, i, LP_UNSUPPORTED, "it has %u dimensions, at most %d can be compiled: merge some",
                                      (unsigned)shape.count, LP_MAX_RANK);
    int64_t bytes = lp_element_bytes(t->element);
    for (uint32_t d = 0; d < shape.count; d++) {
        t->dims[d] = (int32_t)lp_fb_int_at(&shape, d, 4);
        if (t->dims[d] == -1)
            return lp_tflite_tensor_error(
                r, i, LP_UNSUPPORTED,
                "its dimension %u is unknown (-1), all have to be known: convert the model with a fixed "
                "input shape",
                (unsigned)d);
        if (t->dims[d] <= 0)
            return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                          "its dimension %u is %ld, at least 1 is allowed; convert the model again", (unsigned)d,
                                          (long)t->dims[d]);
        bytes *= t->dims[d];
        if (bytes > INT32_MAX)
            return lp_tflite_tensor_error(r, i, LP_UNSUPPORTED,
                                          "it has more than 2,147,483,647 bytes, the most that can be compiled");
    }
    t->rank = (uint8_t)shape.count;
    return lp_tflite_fault(r);
}

static void range_of(enum lp_element element, int64_t *low, int64_t *high)
{
    switch (element) {
    case LP_ELEMENT_INT8: *low = INT8_MIN, *high = INT8_MAX; break;
    case LP_ELEMENT_UINT8: *low = 0, *high = UINT8_MAX; break;
    case LP_ELEMENT_INT16: *low = INT16_MIN, *high = INT16_MAX; break;
    default: *low = INT32_MIN, *high = INT32_MAX; break;
    }
}

static lp_status read_scales(struct lp_tflite *r, uint32_t i, const struct lp_fb_vector *scales, const struct lp_fb_vector *zeros)
{
    struct lp_tensor *t = &r->graph->tensors[i];
    void *scale_memory = NULL;
    void *zero_memory = NULL;
    int64_t low;
    int64_t high;
    lp_status status = lp_tflite_take(r, scales->count, sizeof(float), &scale_memory);
    if (status == LP_OK)
        status = lp_tflite_take(r, scales->count, sizeof(int32_t), &zero_memory);
    if (status != LP_OK)
        return status;
    float *scale = scale_memory;
    int32_t *zero_point = zero_memory;
    range_of(t->element, &low, &high);
    for (uint32_t c = 0; c < scales->count; c++) {
        int64_t zero = lp_fb_int_at(zeros, c, 8);
        scale[c] = lp_fb_float_at(scales, c);
        if (!isfinite(scale[c]) || scale[c] <= 0)
            return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                          "its scale %u is %g, a finite number above 0 is allowed; quantize the model again",
                                          (unsigned)c, (double)scale[c]);
        if (zero < low || zero > high)
            return lp_tflite_tensor_error(
                r, i, LP_BAD_INPUT, "its zero point %u is %lld, %s allows %lld to %lld; quantize the model again", (unsigned)c,
                (long long)zero, lp_element_name(t->element), (long long)low, (long long)high);
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
    int64_t axis = lp_fb_int(&quant, QUANT_DIMENSION, 4, 0);
    bool has_details = lp_fb_uint(&quant, QUANT_DETAILS_TYPE, 1, 0) != 0;
    /* Real numbers and truth values mean themselves, whatever a converter leaves beside them. */
    if (r->fb.fault != NULL || t->element == LP_ELEMENT_FLOAT32 || t->element == LP_ELEMENT_BOOL)
        return lp_tflite_fault(r);
    if (has_details)
        return lp_tflite_tensor_error(
            r, i, LP_UNSUPPORTED,
            "it has custom or block-wise quantization, scale and zero point can be compiled: quantize the "
            "model per tensor or per channel");
    if (scales.count != zeros.count)
        return lp_tflite_tensor_error(
            r, i, LP_BAD_INPUT, "it has %u scales and %u zero points, as many of both are allowed; quantize the model again",
            (unsigned)scales.count, (unsigned)zeros.count);
    if (scales.count > 1 && (axis < 0 || axis >= t->rank || (uint32_t)t->dims[axis] != scales.count))
        return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                      "it has %u scales along dimension %lld, one is allowed, or one for each element of that "
                                      "dimension; quantize the model again",
                                      (unsigned)scales.count, (long long)axis);
    t->quant.axis = scales.count > 1 ? (int32_t)axis : 0;
    return scales.count == 0 ? LP_OK : read_scales(r, i, &scales, &zeros);
}

/* A buffer's bytes: in the table itself, or behind the FlatBuffer at offset and size (files beyond 2 GB, newer converters). */
lp_status lp_tflite_find_buffer(struct lp_tflite *r, uint32_t i, uint64_t index, size_t *at, size_t *size_bytes)
{
    if (index >= r->buffers.count)
        return lp_tflite_tensor_error(r, i, LP_BAD_INPUT, "it names buffer %llu, the model has %u; convert the model again",
                                      (unsigned long long)index, (unsigned)r->buffers.count);
    struct lp_fb_table buffer = lp_fb_at(&r->buffers, (uint32_t)index);
    struct lp_fb_vector data = lp_fb_vec(&buffer, BUFFER_DATA, 1);
    uint64_t offset = lp_fb_uint(&buffer, BUFFER_OFFSET, 8, 0);
    uint64_t size = lp_fb_uint(&buffer, BUFFER_SIZE, 8, 0);
    *at = data.at;
    *size_bytes = data.count;
    if (data.count == 0 && offset > 1) {
        if (offset > r->fb.size_bytes || size > r->fb.size_bytes - offset)
            return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                          "its values end at byte %llu + %llu, the file has %zu: copy the model again",
                                          (unsigned long long)offset, (unsigned long long)size, r->fb.size_bytes);
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
    void *copy;
    lp_status status = lp_tflite_find_buffer(r, i, lp_fb_uint(table, TENSOR_BUFFER, 4, 0), &at, &size_bytes);
    if (status != LP_OK || size_bytes == 0)
        return status;
    if (size_bytes != (uint64_t)lp_tensor_bytes(t)) {
        char shape[100];
        return lp_tflite_tensor_error(
            r, i, LP_BAD_INPUT, "its buffer has %zu bytes, its shape %s of %s needs %lld; convert the model again", size_bytes,
            lp_shape_text(t, shape, sizeof shape), lp_element_name(t->element), (long long)lp_tensor_bytes(t));
    }
    t->data = r->fb.data + at;
    if ((uintptr_t)t->data % lp_element_bytes(t->element) == 0)
        return LP_OK;
    status = lp_tflite_take(r, size_bytes, 1, &copy);
    t->data = status == LP_OK ? memcpy(copy, r->fb.data + at, size_bytes) : NULL;
    return status;
}

/* A bias is real = scale * integer: no kernel of the field subtracts a zero point from it. */
static lp_status check_wide_constant(struct lp_tflite *r, uint32_t i)
{
    const struct lp_tensor *t = &r->graph->tensors[i];
    if (t->data == NULL || (t->element != LP_ELEMENT_INT32 && t->element != LP_ELEMENT_INT64))
        return LP_OK;
    for (uint32_t c = 0; c < t->quant.count; c++)
        if (t->quant.zero_point[c] != 0)
            return lp_tflite_tensor_error(r, i, LP_BAD_INPUT,
                                          "it is a constant of %s with zero point %ld, 0 is allowed; quantize the model again",
                                          lp_element_name(t->element), (long)t->quant.zero_point[c]);
    return LP_OK;
}

static lp_status read_storage(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t i)
{
    if (r->is_state[i])
        return LP_OK;
    if (lp_fb_uint(table, TENSOR_IS_VARIABLE, 1, 0) != 0)
        return lp_tflite_tensor_error(
            r, i, LP_UNSUPPORTED,
            "it is a variable that persists between inferences, which can be compiled for SVDF alone: make the state "
            "an input and an output of the model");
    if (lp_fb_has(table, TENSOR_SPARSITY))
        return lp_tflite_tensor_error(r, i, LP_UNSUPPORTED,
                                      "it is stored sparse, dense constants can be compiled: convert the model so");
    if (lp_fb_uint(table, TENSOR_EXTERNAL_BUFFER, 4, 0) != 0)
        return lp_tflite_tensor_error(
            r, i, LP_UNSUPPORTED,
            "its values lie in another file, constants inside the model can be compiled: convert the model so");
    lp_status status = read_data(r, table, i);
    return status == LP_OK ? check_wide_constant(r, i) : status;
}

static lp_status read_tensor(struct lp_tflite *r, uint32_t i)
{
    struct lp_fb_table table = lp_fb_at(&r->tensors, i);
    lp_status status = read_element(r, &table, i);
    if (status == LP_OK)
        status = read_shape(r, &table, i);
    if (status == LP_OK)
        status = read_quantization(r, &table, i);
    return status == LP_OK ? read_storage(r, &table, i) : status;
}

lp_status lp_tflite_read_tensors(struct lp_tflite *r)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < r->tensors.count && (status == LP_OK || status == LP_UNSUPPORTED); i++) {
        /* What nobody reads may be of any type: converters leave such tensors behind. */
        if (!r->is_used[i])
            continue;
        status = read_tensor(r, i);
        r->is_readable[i] = status == LP_OK;
    }
    if (status == LP_OK || status == LP_UNSUPPORTED)
        lp_tflite_check_elements(r);
    return status == LP_UNSUPPORTED ? LP_OK : status;
}
