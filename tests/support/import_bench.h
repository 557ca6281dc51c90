/* A written .tflite of one operator, imported: for tests of the importer. */
#ifndef LP_TESTS_SUPPORT_IMPORT_BENCH_H
#define LP_TESTS_SUPPORT_IMPORT_BENCH_H

#include "compiler/import/import.h"
#include "tests/support/tflite_writer.h"

/* Codes of the public schema's BuiltinOperator. */
enum {
    CODE_ADD = 0,
    CODE_AVERAGE_POOL_2D = 1,
    CODE_CONV_2D = 3,
    CODE_DEPTHWISE_CONV_2D = 4,
    CODE_DEQUANTIZE = 6,
    CODE_FULLY_CONNECTED = 9,
    CODE_MAX_POOL_2D = 17,
    CODE_RELU = 19,
    CODE_RELU6 = 21,
    CODE_RESHAPE = 22,
    CODE_SOFTMAX = 25,
    CODE_CUSTOM = 32,
    CODE_PAD = 34,
    CODE_MEAN = 40,
    CODE_SQUEEZE = 43,
    CODE_EXPAND_DIMS = 70,
    CODE_QUANTIZE = 114,
    CODE_GELU = 150
};

struct import_bench {
    struct lp_tw file;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    uint8_t *bytes; /* exactly as large as the file */
    size_t size_bytes;
};

/* Tensors 0.. are inputs of the network and of the operator, named "input"; the tensor behind them is its output, "result".
 * All are int8 of shape 1x4x4x2 with scale 0.5 and zero point -3. */
struct lp_tw_op *import_bench_begin(struct import_bench *b, int32_t code, uint8_t options_type, uint32_t input_count);

/* Writes the file. */
void import_bench_write(struct import_bench *b);
/* Imports what was written, and verifies the graph. */
lp_status import_bench_read(struct import_bench *b);
/* Both; the test fails when the importer refuses, or when the operator is of another kind. */
const struct lp_op *import_bench_take(struct import_bench *b, enum lp_op_kind kind);

void import_bench_end(struct import_bench *b);

/* Field `field` of the operator's options. */
void import_bench_option(struct lp_tw_op *op, uint32_t field, uint8_t size_bytes, int64_t value);

#endif
