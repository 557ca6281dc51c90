#include "compiler/import/tflite_reader.h"

#include <stdio.h>

enum { CODE_DEPRECATED, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS };
enum { BUILTIN_CUSTOM = 32 };

/* Sets of element types. */
enum {
    INT8 = 1 << LP_ELEMENT_INT8,
    BYTE = INT8 | 1 << LP_ELEMENT_UINT8,
    ACTIVATION = BYTE | 1 << LP_ELEMENT_INT16,
    SHORT = INT8 | 1 << LP_ELEMENT_INT16,
    FLOAT = 1 << LP_ELEMENT_FLOAT32,
    WORD = ACTIVATION | 1 << LP_ELEMENT_INT32 | FLOAT,
    INDEX = 1 << LP_ELEMENT_INT32 | 1 << LP_ELEMENT_INT64,
    ANY = WORD | INDEX | 1 << LP_ELEMENT_BOOL
};

/* One row per operator. Codes and option types are those of the public schema; the elements are those that the first input
 * and the first output may have. */
static const struct op_row {
    uint32_t builtin_code;
    enum lp_op_kind kind;
    uint8_t options_type; /* of the schema's BuiltinOptions; 0: takes none */
    lp_tflite_options *options;
    uint8_t in, out;
} rows[] = {
    {0, LP_OP_ADD, 11, lp_tflite_add, SHORT | INDEX, SHORT | INDEX},
    {1, LP_OP_AVERAGE_POOL_2D, 5, lp_tflite_pool_2d, INT8, INT8},
    {2, LP_OP_CONCATENATION, 10, lp_tflite_concatenation, ANY, ANY},
    {3, LP_OP_CONV_2D, 1, lp_tflite_conv_2d, SHORT, SHORT},
    {4, LP_OP_DEPTHWISE_CONV_2D, 2, lp_tflite_depthwise_conv_2d, SHORT, SHORT},
    {5, LP_OP_DEPTH_TO_SPACE, 94, lp_tflite_block, ANY, ANY},
    {6, LP_OP_DEQUANTIZE, 0, lp_tflite_no_options, ACTIVATION, FLOAT},
    {9, LP_OP_FULLY_CONNECTED, 8, lp_tflite_fully_connected, SHORT, SHORT},
    {11, LP_OP_L2_NORMALIZATION, 12, lp_tflite_add, INT8, INT8},
    {14, LP_OP_LOGISTIC, 0, lp_tflite_no_options, SHORT, SHORT},
    {17, LP_OP_MAX_POOL_2D, 5, lp_tflite_pool_2d, INT8, INT8},
    {18, LP_OP_MUL, 21, lp_tflite_add, SHORT | INDEX, SHORT | INDEX},
    {19, LP_OP_RELU, 0, lp_tflite_no_options, INT8, INT8},
    {20, LP_OP_RELU_N1_TO_1, 0, lp_tflite_no_options, INT8, INT8},
    {21, LP_OP_RELU6, 0, lp_tflite_no_options, INT8, INT8},
    {22, LP_OP_RESHAPE, 17, lp_tflite_reshape, ANY, ANY},
    {23, LP_OP_RESIZE_BILINEAR, 15, lp_tflite_resize_bilinear, INT8, INT8},
    {25, LP_OP_SOFTMAX, 9, lp_tflite_softmax, SHORT, SHORT},
    {26, LP_OP_SPACE_TO_DEPTH, 19, lp_tflite_block, ANY, ANY},
    {27, LP_OP_SVDF, 6, lp_tflite_svdf, INT8, INT8},
    {28, LP_OP_TANH, 0, lp_tflite_no_options, SHORT, SHORT},
    {34, LP_OP_PAD, 0, lp_tflite_no_options, WORD, WORD},
    {36, LP_OP_GATHER, 23, lp_tflite_gather, ANY, ANY},
    {37, LP_OP_BATCH_TO_SPACE_ND, 0, lp_tflite_no_options, ANY, ANY},
    {38, LP_OP_SPACE_TO_BATCH_ND, 0, lp_tflite_no_options, ANY, ANY},
    {39, LP_OP_TRANSPOSE, 0, lp_tflite_no_options, ANY, ANY},
    {40, LP_OP_MEAN, 27, lp_tflite_reducer, INT8, INT8},
    {41, LP_OP_SUB, 28, lp_tflite_add, SHORT | INDEX, SHORT | INDEX},
    {42, LP_OP_DIV, 29, lp_tflite_add, INDEX, INDEX},
    {43, LP_OP_SQUEEZE, 30, lp_tflite_squeeze, ANY, ANY},
    {45, LP_OP_STRIDED_SLICE, 32, lp_tflite_strided_slice, ANY, ANY},
    {47, LP_OP_EXP, 33, lp_tflite_no_options, INT8, INT8},
    {49, LP_OP_SPLIT, 35, lp_tflite_no_options, 1 << LP_ELEMENT_INT32, ANY},
    {50, LP_OP_LOG_SOFTMAX, 36, lp_tflite_no_options, INT8, INT8},
    {53, LP_OP_CAST, 0, lp_tflite_no_options, ANY, ANY},
    {54, LP_OP_PRELU, 0, lp_tflite_no_options, INT8, INT8},
    {55, LP_OP_MAXIMUM, 39, lp_tflite_no_options, SHORT | INDEX, SHORT | INDEX},
    {56, LP_OP_ARG_MAX, 40, lp_tflite_no_options, BYTE, INDEX},
    {57, LP_OP_MINIMUM, 39, lp_tflite_no_options, SHORT | INDEX, SHORT | INDEX},
    {60, LP_OP_PADV2, 0, lp_tflite_no_options, WORD, WORD},
    {65, LP_OP_SLICE, 0, lp_tflite_no_options, ANY, ANY},
    {67, LP_OP_TRANSPOSE_CONV, 49, lp_tflite_transpose_conv, INDEX, SHORT},
    {69, LP_OP_TILE, 0, lp_tflite_no_options, ANY, ANY},
    {70, LP_OP_EXPAND_DIMS, 0, lp_tflite_no_options, ANY, ANY},
    {73, LP_OP_LOG, 0, lp_tflite_no_options, INT8, INT8},
    {75, LP_OP_SQRT, 0, lp_tflite_no_options, INT8, INT8},
    {76, LP_OP_RSQRT, 0, lp_tflite_no_options, INT8, INT8},
    {77, LP_OP_SHAPE, 0, lp_tflite_no_options, ANY, INDEX},
    {79, LP_OP_ARG_MIN, 57, lp_tflite_no_options, BYTE, INDEX},
    {82, LP_OP_REDUCE_MAX, 27, lp_tflite_reducer, SHORT, SHORT},
    {83, LP_OP_PACK, 59, lp_tflite_pack, ANY, ANY},
    {88, LP_OP_UNPACK, 64, lp_tflite_unpack, ANY, ANY},
    {89, LP_OP_REDUCE_MIN, 27, lp_tflite_reducer, SHORT, SHORT},
    {90, LP_OP_FLOOR_DIV, 0, lp_tflite_no_options, INDEX, INDEX},
    {94, LP_OP_FILL, 0, lp_tflite_no_options, INDEX, ANY},
    {95, LP_OP_FLOOR_MOD, 0, lp_tflite_no_options, INDEX, INDEX},
    {96, LP_OP_RANGE, 0, lp_tflite_no_options, INDEX, INDEX},
    {97, LP_OP_RESIZE_NEAREST_NEIGHBOR, 74, lp_tflite_resize, ANY, ANY},
    {98, LP_OP_LEAKY_RELU, 75, lp_tflite_leaky_relu, SHORT, SHORT},
    {99, LP_OP_SQUARED_DIFFERENCE, 76, lp_tflite_no_options, INT8, INT8},
    {100, LP_OP_MIRROR_PAD, 77, lp_tflite_mirror_pad, ANY, ANY},
    {101, LP_OP_ABS, 78, lp_tflite_no_options, INT8, INT8},
    {102, LP_OP_SPLIT_V, 79, lp_tflite_no_options, ANY, ANY},
    {105, LP_OP_REVERSE_V2, 0, lp_tflite_no_options, ANY, ANY},
    {111, LP_OP_ELU, 0, lp_tflite_no_options, INT8, INT8},
    {114, LP_OP_QUANTIZE, 0, lp_tflite_no_options, WORD, ACTIVATION | 1 << LP_ELEMENT_INT32},
    {117, LP_OP_HARD_SWISH, 91, lp_tflite_no_options, INT8, INT8},
    {126, LP_OP_BATCH_MATMUL, 101, lp_tflite_batch_matmul, SHORT, SHORT},
    {130, LP_OP_BROADCAST_TO, 0, lp_tflite_no_options, ANY, ANY},
    {150, LP_OP_GELU, 116, lp_tflite_gelu, INT8, INT8},
    {152, LP_OP_RELU_0_TO_1, 0, lp_tflite_no_options, INT8, INT8},
};

static const struct op_row *find_code(uint32_t builtin_code)
{
    for (size_t i = 0; i < LP_COUNT(rows); i++)
        if (rows[i].builtin_code == builtin_code)
            return &rows[i];
    return NULL;
}

static const struct op_row *find_kind(enum lp_op_kind kind)
{
    for (size_t i = 0; i < LP_COUNT(rows); i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

bool lp_import_elements(enum lp_op_kind kind, uint32_t *in, uint32_t *out)
{
    const struct op_row *row = find_kind(kind);
    if (row == NULL)
        return false;
    *in = row->in;
    *out = row->out;
    return true;
}

/* Newer files say the code twice; the older field saturates at 127. */
static lp_status read_code(struct lp_tflite *r, const struct lp_fb_table *op, uint32_t index, uint32_t *code,
                           struct lp_fb_vector *custom)
{
    uint64_t code_index = lp_fb_uint(op, OP_CODE, 4, 0);
    if (r->fb.fault == NULL && code_index >= r->codes.count)
        return lp_error(r->diag, LP_BAD_INPUT,
                        "%s: operator %u names operator code %llu, the model has %u; convert the model again", r->file_name,
                        (unsigned)index, (unsigned long long)code_index, (unsigned)r->codes.count);
    struct lp_fb_table table = lp_fb_at(&r->codes, (uint32_t)code_index);
    int64_t old_code = lp_fb_int(&table, CODE_DEPRECATED, 1, 0);
    int64_t new_code = lp_fb_int(&table, CODE_BUILTIN, 4, 0);
    int64_t larger = old_code > new_code ? old_code : new_code;
    *custom = lp_fb_text(&table, CODE_CUSTOM);
    if (r->fb.fault == NULL && larger < 0)
        return lp_error(r->diag, LP_BAD_INPUT,
                        "%s: operator %u has the operator code %lld, which is none; convert the model again", r->file_name,
                        (unsigned)index, (long long)larger);
    *code = (uint32_t)larger;
    return lp_tflite_fault(r);
}

lp_status lp_tflite_read_code(struct lp_tflite *r, const struct lp_fb_table *op, uint32_t index, uint32_t *code)
{
    struct lp_fb_vector custom;
    return read_code(r, op, index, code, &custom);
}

static lp_status refuse_unknown(struct lp_tflite *r, const struct lp_op *op, uint32_t code, const struct lp_fb_vector *custom)
{
    char what[160];
    const char *known = lp_tflite_builtin_name(code);
    if (code == BUILTIN_CUSTOM)
        snprintf(what, sizeof what, "the custom operator '%.*s'", (int)(custom->count < 100 ? custom->count : 100),
                 custom->count == 0 ? "" : (const char *)r->fb.data + custom->at);
    else if (known != NULL)
        snprintf(what, sizeof what, "%s", known);
    else
        snprintf(what, sizeof what, "an operator with the builtin code %u", (unsigned)code);
    r->unknown_op_count++;
    if (++r->unsupported_count <= LP_TFLITE_MOST_TOLD)
        lp_error(r->diag, LP_UNSUPPORTED, "%s: operator %u ('%.100s') is %s, which can't be compiled yet", r->file_name,
                 (unsigned)op->source_index, lp_op_name(r->graph, op), what);
    return LP_UNSUPPORTED;
}

/* `most` 0: any number. The count is set last, so that messages see either no list or a whole one. */
static lp_status read_list(struct lp_tflite *r, const struct lp_op *op, const struct lp_fb_vector *list, uint32_t most,
                           const char *what, int32_t **out, uint32_t *count)
{
    if (most != 0 && list->count > most)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT, "it has %u %s, at most %u are allowed; convert the model again",
                                  (unsigned)list->count, what, (unsigned)most);
    lp_status status = lp_tflite_indices(r, op, list, out);
    if (status == LP_OK)
        *count = list->count;
    return status;
}

static lp_status read_known(struct lp_tflite *r, const struct lp_fb_table *table, const struct op_row *row, struct lp_op *op)
{
    const struct lp_op_kind_info *info = &lp_op_kind_table[row->kind];
    struct lp_fb_vector inputs = lp_fb_vec(table, OP_INPUTS, 4);
    struct lp_fb_vector outputs = lp_fb_vec(table, OP_OUTPUTS, 4);
    uint64_t options_type = lp_fb_uint(table, OP_OPTIONS_TYPE, 1, 0);
    struct lp_fb_table options = lp_fb_sub(table, OP_OPTIONS);
    op->kind = row->kind;
    lp_status status = lp_tflite_fault(r);
    if (status == LP_OK)
        status = read_list(r, op, &outputs, info->max_outputs, "outputs", &op->outputs, &op->output_count);
    if (status == LP_OK)
        status = read_list(r, op, &inputs, info->max_inputs, "inputs", &op->inputs, &op->input_count);
    if (status == LP_OK && row->options_type != 0 && options_type != 0 && options_type != row->options_type)
        status = lp_tflite_op_error(r, op, LP_BAD_INPUT,
                                    "its options are of type %llu, %u belongs to it; convert the model again",
                                    (unsigned long long)options_type, (unsigned)row->options_type);
    if (status == LP_OK)
        status = row->options(r, &options, op);
    return status == LP_OK ? lp_tflite_fault(r) : status;
}

static lp_status read_op(struct lp_tflite *r, uint32_t index)
{
    struct lp_fb_table table = lp_fb_at(&r->operators, index);
    struct lp_op *op = &r->graph->ops[index];
    struct lp_fb_vector custom = {0};
    uint32_t code = 0;
    op->source_index = index;
    lp_status status = read_code(r, &table, index, &code, &custom);
    if (status != LP_OK)
        return status;
    if (lp_tflite_is_state_code(code))
        return lp_tflite_read_state_op(r, &table, code, op);
    const struct op_row *row = find_code(code);
    if (row != NULL)
        return read_known(r, &table, row, op);
    struct lp_fb_vector outputs = lp_fb_vec(&table, OP_OUTPUTS, 4);
    outputs.count = outputs.count < 1 ? 0 : 1; /* enough for its name */
    status = lp_tflite_fault(r);
    op->kind = LP_OP_KIND_COUNT;
    if (status == LP_OK)
        status = read_list(r, op, &outputs, 0, "outputs", &op->outputs, &op->output_count);
    return status == LP_OK ? refuse_unknown(r, op, code, &custom) : status;
}

lp_status lp_tflite_read_ops(struct lp_tflite *r)
{
    if (r->operators.count == 0)
        return lp_error(r->diag, LP_BAD_INPUT, "%s has no operators: there is nothing to compile", r->file_name);
    r->graph->op_count = r->operators.count;
    r->graph->model_op_count = r->operators.count;
    r->graph->ops = LP_NEW_ARRAY(r->arena, r->operators.count, struct lp_op);
    if (r->graph->ops == NULL)
        return lp_no_memory(r->diag);
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < r->operators.count && (status == LP_OK || status == LP_UNSUPPORTED); i++)
        status = read_op(r, i);
    return status == LP_UNSUPPORTED ? LP_OK : status;
}

static const char *elements_text(uint32_t set, struct lp_text *text)
{
    for (int element = 0; element <= LP_ELEMENT_BOOL; element++)
        if ((set >> element & 1) != 0)
            lp_text_printf(text, text->length == 0 ? "%s" : ", %s", lp_element_name((enum lp_element)element));
    return lp_text_get(text);
}

/* A tensor that could not be read has been told about already. */
static void check_element(struct lp_tflite *r, const struct lp_op *op, const struct lp_tensor *tensor, uint32_t set,
                          const char *role)
{
    if (tensor == NULL || !r->is_readable[tensor->source_index] || (set >> tensor->element & 1) != 0)
        return;
    struct lp_text allowed = {0};
    r->wrong_elements_count++;
    (void)lp_tflite_op_error(r, op, LP_UNSUPPORTED, "its %s is %s; it can be compiled for %s", role,
                             lp_element_name(tensor->element), elements_text(set, &allowed));
    lp_text_free(&allowed);
}

void lp_tflite_check_elements(struct lp_tflite *r)
{
    for (uint32_t i = 0; i < r->graph->op_count; i++) {
        const struct lp_op *op = &r->graph->ops[i];
        const struct op_row *row = find_kind(op->kind);
        if (row == NULL)
            continue;
        uint32_t before = r->wrong_elements_count;
        check_element(r, op, lp_op_input(r->graph, op, 0), row->in, "input");
        if (r->wrong_elements_count == before)
            check_element(r, op, lp_op_output(r->graph, op, 0), row->out, "output");
    }
}

lp_status lp_tflite_judge(struct lp_tflite *r)
{
    if (r->unsupported_count == 0)
        return LP_OK;
    if (r->unknown_op_count != 0) {
        struct lp_text known = {0};
        for (size_t i = 0; i < LP_COUNT(rows); i++)
            lp_text_printf(&known, i == 0 ? "%s" : ", %s", lp_op_kind_table[rows[i].kind].name);
        lp_error(r->diag, LP_UNSUPPORTED, "%s: %u of %u operators can't be compiled: build the model from %s", r->file_name,
                 (unsigned)r->unknown_op_count, (unsigned)r->graph->op_count, lp_text_get(&known));
        lp_text_free(&known);
    }
    if (r->wrong_elements_count != 0)
        lp_error(
            r->diag, LP_UNSUPPORTED,
            "%s: %u of %u operators compute with a type that can't be compiled: quantize the whole model to int8 (full integer "
            "quantization with a representative data set)",
            r->file_name, (unsigned)r->wrong_elements_count, (unsigned)r->graph->op_count);
    if (r->unsupported_count > LP_TFLITE_MOST_TOLD)
        lp_error(r->diag, LP_UNSUPPORTED, "%s: of %u causes the first %d are named", r->file_name, (unsigned)r->unsupported_count,
                 LP_TFLITE_MOST_TOLD);
    return LP_UNSUPPORTED;
}
