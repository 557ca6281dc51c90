/* Shared by the files that read a .tflite. Field numbers are those of the public schema (tensorflow/lite/schema). */
#ifndef LP_IMPORT_TFLITE_READER_H
#define LP_IMPORT_TFLITE_READER_H

#include "compiler/import/flatbuffer.h"
#include "compiler/import/import.h"

struct lp_tflite {
    struct lp_fb fb;
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file_name;
    struct lp_graph *graph;
    struct lp_fb_table model, subgraph;
    struct lp_fb_vector codes, buffers, tensors, operators;
    bool *is_used;         /* by tensor: an operator or the subgraph names it */
    size_t copied_bytes;   /* of quantization parameters; bounded by the file's size */
    int unsupported_count; /* operators told about so far */
};

/* An operator's options -> op->as and op->activation. */
typedef lp_status lp_tflite_options(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op);

struct lp_tflite_op {
    uint32_t builtin_code;
    enum lp_op_kind kind;
    uint8_t options_type; /* of the schema's BuiltinOptions; 0: takes none */
    lp_tflite_options *options;
    bool takes_float;
};

/* Null for a builtin code that is not built. */
const struct lp_tflite_op *lp_tflite_find_op(uint32_t builtin_code);
/* Its data may be float32: it stands at the edges of an int8 model, or only moves bytes. */
bool lp_tflite_takes_float(enum lp_op_kind kind);
/* "CONV_2D"; null for a code that is not in the table of names. */
const char *lp_tflite_builtin_name(uint32_t builtin_code);

lp_tflite_options lp_tflite_conv_2d, lp_tflite_depthwise_conv_2d, lp_tflite_pool_2d, lp_tflite_fully_connected, lp_tflite_add,
    lp_tflite_softmax, lp_tflite_reshape, lp_tflite_reducer, lp_tflite_squeeze, lp_tflite_no_options;

/* The schema's ActivationFunctionType at `field`. */
lp_status lp_tflite_activation(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op);
/* The schema's Padding at `field`. */
lp_status lp_tflite_padding(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op);

lp_status lp_tflite_read_tensors(struct lp_tflite *r);
lp_status lp_tflite_read_ops(struct lp_tflite *r);
/* The fault of the FlatBuffers reader as an error, when there is one. */
lp_status lp_tflite_fault(struct lp_tflite *r);
/* A list of int32 into the arena. */
lp_status lp_tflite_indices(struct lp_tflite *r, const struct lp_fb_vector *vector, int32_t **out);

#endif
