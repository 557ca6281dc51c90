/* Writes small .tflite files for tests, front to back: each table stands before what it points to. Shares no code with the
 * reader. Field numbers are those of the public schema (tensorflow/lite/schema). A test that asks for more than fits here
 * stops with a message. */
#ifndef LP_TESTS_SUPPORT_TFLITE_WRITER_H
#define LP_TESTS_SUPPORT_TFLITE_WRITER_H

#include "contract/network.h"

#include <stddef.h>
#include <stdint.h>

enum { LP_TW_MAX_TENSORS = 1024, LP_TW_MAX_OPS = 512, LP_TW_MAX_LIST = 12, LP_TW_MAX_FIELDS = 8, LP_TW_MAX_SCALES = 1024 };

struct lp_tw_tensor {
    char name[40];
    enum lp_element element;
    int32_t rank, dims[LP_TW_MAX_LIST];
    const float *scales; /* kept, not copied */
    const int32_t *zero_points;
    uint32_t scale_count;
    int32_t axis;
    const void *data; /* kept, not copied; null for what is computed */
    size_t data_bytes;
    /* What tests of the reader need; zero is what converters write. */
    uint8_t other_type;           /* of the schema's TensorType, instead of the element's */
    uint8_t quantization_details; /* of the schema's QuantizationDetails */
    uint8_t is_variable, is_sparse;
    uint8_t lies_behind;     /* its bytes stand behind the FlatBuffer, at any alignment */
    uint8_t few_zero_points; /* one less than scales */
    uint32_t external_buffer;
    uint32_t other_buffer; /* index in the list of buffers, instead of its own */
};

/* One scalar of an options table; size_bytes 0: absent. A float is given by its bits. */
struct lp_tw_field {
    uint8_t size_bytes;
    int64_t value;
};

struct lp_tw_op {
    int32_t builtin_code;
    uint8_t options_type; /* 0: no options */
    struct lp_tw_field fields[LP_TW_MAX_FIELDS];
    int32_t inputs[LP_TW_MAX_LIST], outputs[LP_TW_MAX_LIST];
    uint32_t input_count, output_count;
    const int32_t *list; /* field 0 of the options when they have a list of integers; kept, not copied */
    uint32_t list_count;
    const char *text;        /* field 1 of the options when they have a name; kept, not copied */
    const char *custom_code; /* kept, not copied */
    uint8_t has_only_old_code, has_only_new_code;
};

struct lp_tw {
    struct lp_tw_tensor tensors[LP_TW_MAX_TENSORS];
    struct lp_tw_op ops[LP_TW_MAX_OPS];
    int32_t inputs[LP_TW_MAX_LIST], outputs[LP_TW_MAX_LIST];
    uint32_t tensor_count, op_count, input_count, output_count;
    uint8_t has_metadata;          /* also signatures of shapes, which nobody needs to read */
    uint8_t second_subgraph;       /* the first one twice */
    uint32_t once_ops;             /* so many operators, the last ones, stand in a second subgraph with the same tensors */
    uint32_t other_schema_version; /* 0: 3 */
    size_t tensors_at;             /* of the offsets to the tensors in the finished file */
    uint8_t *bytes;
    size_t size_bytes, capacity_bytes;
};

/* Index of the new tensor. `scale` 0: not quantized. dims has `rank` entries. */
int32_t lp_tw_add_tensor(struct lp_tw *w, const char *name, enum lp_element element, int32_t rank, const int32_t *dims,
                         const float *scale, const int32_t *zero_point);
void lp_tw_set_data(struct lp_tw *w, int32_t tensor, const void *data, size_t size_bytes);
void lp_tw_set_channel_scales(struct lp_tw *w, int32_t tensor, const float *scales, const int32_t *zero_points, uint32_t count,
                              int32_t axis);

/* The new operator, zeroed but for what is given; its options are filled in by the caller. */
struct lp_tw_op *lp_tw_add_op(struct lp_tw *w, int32_t builtin_code, uint8_t options_type, uint32_t input_count,
                              const int32_t *inputs, int32_t output);

/* The file; valid until lp_tw_free. May be called again after changes. */
const uint8_t *lp_tw_finish(struct lp_tw *w, size_t *size_bytes);
void lp_tw_free(struct lp_tw *w);

/* Bits of a float for lp_tw_field.value. */
int64_t lp_tw_float_bits(float value);

#endif
