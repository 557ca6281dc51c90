#include "compiler/import/tflite_reader.h"

enum { CODE_DEPRECATED, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS };
enum { BUILTIN_CUSTOM = 32, MOST_NAMED = 100 };

/* One row per operator. Codes and option types are those of the public schema. */
static const struct lp_tflite_op ops[] = {
    {0, LP_OP_ADD, 11, lp_tflite_add, false},
    {1, LP_OP_AVERAGE_POOL_2D, 5, lp_tflite_pool_2d, false},
    {3, LP_OP_CONV_2D, 1, lp_tflite_conv_2d, false},
    {4, LP_OP_DEPTHWISE_CONV_2D, 2, lp_tflite_depthwise_conv_2d, false},
    {6, LP_OP_DEQUANTIZE, 0, lp_tflite_no_options, true},
    {9, LP_OP_FULLY_CONNECTED, 8, lp_tflite_fully_connected, false},
    {17, LP_OP_MAX_POOL_2D, 5, lp_tflite_pool_2d, false},
    {19, LP_OP_RELU, 0, lp_tflite_no_options, false},
    {21, LP_OP_RELU6, 0, lp_tflite_no_options, false},
    {22, LP_OP_RESHAPE, 17, lp_tflite_reshape, true},
    {25, LP_OP_SOFTMAX, 9, lp_tflite_softmax, false},
    {34, LP_OP_PAD, 0, lp_tflite_no_options, false},
    {40, LP_OP_MEAN, 27, lp_tflite_reducer, false},
    {43, LP_OP_SQUEEZE, 30, lp_tflite_squeeze, true},
    {70, LP_OP_EXPAND_DIMS, 0, lp_tflite_no_options, true},
    {114, LP_OP_QUANTIZE, 0, lp_tflite_no_options, true},
};

const struct lp_tflite_op *lp_tflite_find_op(uint32_t builtin_code)
{
    for (size_t i = 0; i < LP_COUNT(ops); i++)
        if (ops[i].builtin_code == builtin_code)
            return &ops[i];
    return NULL;
}

bool lp_tflite_takes_float(enum lp_op_kind kind)
{
    for (size_t i = 0; i < LP_COUNT(ops); i++)
        if (ops[i].kind == kind)
            return ops[i].takes_float;
    return false;
}

/* Newer files say the code twice; the older field saturates at 127. */
static lp_status read_code(struct lp_tflite *r, const struct lp_fb_table *op, uint32_t index, uint32_t *code, struct lp_fb_vector *custom)
{
    uint64_t code_index = lp_fb_uint(op, OP_CODE, 4, 0);
    if (code_index >= r->codes.count)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u names operator code %llu, the model has %u", r->file_name, (unsigned)index,
                        (unsigned long long)code_index, (unsigned)r->codes.count);
    struct lp_fb_table table = lp_fb_at(&r->codes, (uint32_t)code_index);
    int64_t old_code = lp_fb_int(&table, CODE_DEPRECATED, 1, 0);
    int64_t new_code = lp_fb_int(&table, CODE_BUILTIN, 4, 0);
    int64_t larger = old_code > new_code ? old_code : new_code;
    *custom = lp_fb_text(&table, CODE_CUSTOM);
    if (r->fb.fault == NULL && larger < 0)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u has the operator code %lld, which is none", r->file_name, (unsigned)index, (long long)larger);
    *code = (uint32_t)larger;
    return lp_tflite_fault(r);
}

/* The name of the first output, for messages before the tensors are read. */
static const char *name_of_output(struct lp_tflite *r, const struct lp_fb_table *op)
{
    enum { TENSOR_NAME = 3 };
    struct lp_fb_vector outputs = lp_fb_vec(op, OP_OUTPUTS, 4);
    int64_t tensor = outputs.count == 0 ? -1 : lp_fb_int_at(&outputs, 0, 4);
    if (tensor < 0 || tensor >= r->tensors.count)
        return "";
    struct lp_fb_table table = lp_fb_at(&r->tensors, (uint32_t)tensor);
    struct lp_fb_vector name = lp_fb_text(&table, TENSOR_NAME);
    const char *text = lp_arena_text(r->arena, (const char *)r->fb.data + (name.count == 0 ? 0 : name.at), name.count < 100 ? name.count : 100);
    return text == NULL ? "" : text;
}

static void tell_unsupported(struct lp_tflite *r, const struct lp_fb_table *op, uint32_t index, uint32_t code, const struct lp_fb_vector *custom)
{
    const char *name = lp_tflite_builtin_name(code);
    if (++r->unsupported_count > MOST_NAMED)
        return;
    if (code == BUILTIN_CUSTOM)
        lp_error(r->diag, LP_UNSUPPORTED, "%s: operator %u ('%s') is the custom operator '%.*s', which only its own runtime knows", r->file_name, (unsigned)index,
                 name_of_output(r, op), (int)(custom->count < 100 ? custom->count : 100), custom->count == 0 ? "" : (const char *)r->fb.data + custom->at);
    else if (name != NULL)
        lp_error(r->diag, LP_UNSUPPORTED, "%s: operator %u ('%s') is %s, which can't be compiled yet", r->file_name, (unsigned)index, name_of_output(r, op), name);
    else
        lp_error(r->diag, LP_UNSUPPORTED, "%s: operator %u ('%s') has the builtin code %u, which can't be compiled yet", r->file_name, (unsigned)index,
                 name_of_output(r, op), (unsigned)code);
}

static lp_status read_tensor_list(struct lp_tflite *r, uint32_t index, const struct lp_fb_vector *list, uint8_t most, const char *what, int32_t **out)
{
    if (list->count > most)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u (%s) has %u %s; it takes at most %u", r->file_name, (unsigned)index,
                        lp_op_kind_table[r->graph->ops[index].kind].name, (unsigned)list->count, what, (unsigned)most);
    lp_status status = lp_tflite_indices(r, list, out);
    for (uint32_t i = 0; i < list->count && status == LP_OK; i++) {
        int32_t tensor = (*out)[i];
        if (tensor == LP_NO_TENSOR)
            continue;
        if (tensor < 0 || (uint32_t)tensor >= r->graph->tensor_count)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u names tensor %d, the model has %u", r->file_name, (unsigned)index, (int)tensor,
                            (unsigned)r->graph->tensor_count);
        r->is_used[tensor] = true;
    }
    return status;
}

static lp_status read_op(struct lp_tflite *r, uint32_t index)
{
    struct lp_fb_table table = lp_fb_at(&r->operators, index);
    struct lp_op *op = &r->graph->ops[index];
    struct lp_fb_vector custom = {0};
    uint32_t code = 0;
    lp_status status = read_code(r, &table, index, &code, &custom);
    if (status != LP_OK)
        return status;
    const struct lp_tflite_op *row = lp_tflite_find_op(code);
    if (row == NULL) {
        tell_unsupported(r, &table, index, code, &custom);
        return lp_tflite_fault(r);
    }
    op->kind = row->kind;
    op->source_index = index;
    struct lp_fb_vector inputs = lp_fb_vec(&table, OP_INPUTS, 4);
    struct lp_fb_vector outputs = lp_fb_vec(&table, OP_OUTPUTS, 4);
    uint64_t options_type = lp_fb_uint(&table, OP_OPTIONS_TYPE, 1, 0);
    struct lp_fb_table options = lp_fb_sub(&table, OP_OPTIONS);
    status = lp_tflite_fault(r);
    if (status == LP_OK && row->options_type != 0 && options_type != 0 && options_type != row->options_type)
        status = lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u (%s) has options of type %llu; type %u belongs to it", r->file_name, (unsigned)index,
                          lp_op_kind_table[op->kind].name, (unsigned long long)options_type, (unsigned)row->options_type);
    if (status == LP_OK)
        status = read_tensor_list(r, index, &inputs, lp_op_kind_table[op->kind].max_inputs, "inputs", &op->inputs);
    if (status == LP_OK)
        status = read_tensor_list(r, index, &outputs, lp_op_kind_table[op->kind].max_outputs, "outputs", &op->outputs);
    op->input_count = inputs.count;
    op->output_count = outputs.count;
    if (status == LP_OK)
        status = row->options(r, &options, op);
    return status == LP_OK ? lp_tflite_fault(r) : status;
}

lp_status lp_tflite_read_ops(struct lp_tflite *r)
{
    r->graph->op_count = r->operators.count;
    r->graph->ops = LP_NEW_ARRAY(r->arena, r->operators.count, struct lp_op);
    if (r->graph->ops == NULL)
        return lp_no_memory(r->diag);
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < r->operators.count && status == LP_OK; i++)
        status = read_op(r, i);
    if (status != LP_OK || r->unsupported_count == 0)
        return status;
    return lp_error(r->diag, LP_UNSUPPORTED, "%s: %d of %u operators can't be compiled%s: replace them in the model by operators that limpid knows",
                    r->file_name, r->unsupported_count, (unsigned)r->operators.count, r->unsupported_count > MOST_NAMED ? " (the first 100 are named)" : "");
}
