/* Shared by the files that read a .tflite. Field numbers are those of the public schema (tensorflow/lite/schema).
 *
 * What is understood but not built is told and counted, and reading goes on, so that one run lists all of it; what is
 * damaged stops at once. */
#ifndef LP_IMPORT_TFLITE_READER_H
#define LP_IMPORT_TFLITE_READER_H

#include "compiler/import/flatbuffer.h"
#include "compiler/import/import.h"

/* Causes that are told before the rest is only counted. */
enum { LP_TFLITE_MOST_TOLD = 100 };
enum { LP_TFLITE_MOST_VARIABLES = 255 }; /* as struct lp_network_desc counts them */

struct lp_tflite_variable; /* tflite_states.c */

struct lp_tflite {
    struct lp_fb fb;
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file_name;
    struct lp_graph *graph;
    struct lp_fb_table model, subgraph;
    struct lp_fb_vector codes, buffers, subgraphs, tensors, operators;
    bool *is_used;     /* by tensor: an operator or the subgraph names it */
    bool *is_readable; /* by tensor: it was read whole */
    bool *is_state;    /* by tensor: an operator keeps it between inferences */
    bool *is_called;   /* by subgraph: CALL_ONCE runs it */
    struct lp_tflite_variable *variables;
    uint32_t variable_count;
    struct lp_tflite_variable **variable_of; /* by tensor: the variable that it stands for; null as long as there is none */
    size_t copied_bytes;                     /* by lp_tflite_take */
    uint32_t unsupported_count;              /* told about so far, of any cause */
    uint32_t unknown_op_count;               /* of these: operators without a row in the table */
    uint32_t wrong_elements_count;           /* of these: operators that compute with another element type */
};

/* An operator's options -> op->as and op->activation. */
typedef lp_status lp_tflite_options(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op);

lp_tflite_options lp_tflite_conv_2d, lp_tflite_depthwise_conv_2d, lp_tflite_pool_2d, lp_tflite_fully_connected, lp_tflite_add,
    lp_tflite_softmax, lp_tflite_reshape, lp_tflite_reducer, lp_tflite_squeeze, lp_tflite_concatenation, lp_tflite_gather,
    lp_tflite_pack, lp_tflite_unpack, lp_tflite_block, lp_tflite_strided_slice, lp_tflite_mirror_pad, lp_tflite_resize,
    lp_tflite_leaky_relu, lp_tflite_batch_matmul, lp_tflite_transpose_conv, lp_tflite_resize_bilinear, lp_tflite_svdf,
    lp_tflite_gelu, lp_tflite_no_options;

/* The schema's ActivationFunctionType at `field`. */
lp_status lp_tflite_activation(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op);
/* The schema's Padding at `field`. */
lp_status lp_tflite_padding(struct lp_tflite *r, const struct lp_fb_table *options, uint16_t field, struct lp_op *op);

/* "CONV_2D"; null for a code that is not in the table of names. */
const char *lp_tflite_builtin_name(uint32_t builtin_code);

/* tflite.c */
/* `file: operator 3 (CONV_2D 'name'): ...`; with LP_UNSUPPORTED it is counted, and only the first hundred are told. */
lp_status lp_tflite_op_error(struct lp_tflite *r, const struct lp_op *op, lp_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for `file: tensor 5 ('name'): ...`. */
lp_status lp_tflite_tensor_error(struct lp_tflite *r, uint32_t tensor, lp_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The fault of the FlatBuffers reader as an error, when there is one. */
lp_status lp_tflite_fault(struct lp_tflite *r);
/* Memory for a copy of something in the file. Tables of a hostile file may all name the same bytes: the sum is bounded. */
lp_status lp_tflite_take(struct lp_tflite *r, size_t count, size_t size_bytes, void **out);
/* A list of tensor indices into the arena, each checked and noted as used. `op` null: of the subgraph. */
lp_status lp_tflite_indices(struct lp_tflite *r, const struct lp_op *op, const struct lp_fb_vector *vector, int32_t **out);

lp_status lp_tflite_read_names(struct lp_tflite *r);   /* tflite_tensors.c: of all tensors, for messages */
lp_status lp_tflite_read_tensors(struct lp_tflite *r); /* of those that are used, all but the name */
/* Where a tensor's buffer lies in the file; size 0 when it has no bytes. */
lp_status lp_tflite_find_buffer(struct lp_tflite *r, uint32_t tensor, uint64_t index, size_t *at, size_t *size_bytes);
lp_status lp_tflite_read_ops(struct lp_tflite *r); /* tflite_ops.c */
/* The builtin code of an operator, of any subgraph. */
lp_status lp_tflite_read_code(struct lp_tflite *r, const struct lp_fb_table *op, uint32_t index, uint32_t *code);
/* tflite_states.c: operators on variables, which leave no operator behind but pairs of tensors in graph->states. */
bool lp_tflite_is_state_code(uint32_t code);
lp_status lp_tflite_read_state_op(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t code, struct lp_op *op);
/* Behind lp_tflite_read_tensors. */
lp_status lp_tflite_make_states(struct lp_tflite *r);
/* Counts the operators whose data is of a type that they can't compute with. */
void lp_tflite_check_elements(struct lp_tflite *r);
/* Sums up what is not supported and says what to do; LP_OK when nothing was. */
lp_status lp_tflite_judge(struct lp_tflite *r);

#endif
