#include "compiler/graph/graph.h"

#include <stdio.h>

static const struct {
    const char *name;
    uint32_t bytes;
} elements[] = {
    [LP_ELEMENT_INT8] = {"int8", 1},   [LP_ELEMENT_UINT8] = {"uint8", 1}, [LP_ELEMENT_INT16] = {"int16", 2},
    [LP_ELEMENT_INT32] = {"int32", 4}, [LP_ELEMENT_INT64] = {"int64", 8}, [LP_ELEMENT_FLOAT32] = {"float32", 4},
    [LP_ELEMENT_BOOL] = {"bool", 1},
};

uint32_t lp_element_bytes(enum lp_element element)
{
    return elements[element].bytes;
}

const char *lp_element_name(enum lp_element element)
{
    return elements[element].name;
}

int64_t lp_tensor_elements(const struct lp_tensor *tensor)
{
    int64_t count = 1;
    for (uint8_t i = 0; i < tensor->rank; i++)
        count *= tensor->dims[i];
    return count;
}

int64_t lp_tensor_bytes(const struct lp_tensor *tensor)
{
    return lp_tensor_elements(tensor) * lp_element_bytes(tensor->element);
}

int32_t lp_tensor_number(const struct lp_tensor *numbers, int64_t i)
{
    return numbers->element == LP_ELEMENT_INT64 ? (int32_t)((const int64_t *)numbers->data)[i]
                                                : ((const int32_t *)numbers->data)[i];
}

bool lp_tensors_same_shape(const struct lp_tensor *a, const struct lp_tensor *b)
{
    if (a->rank != b->rank)
        return false;
    for (uint8_t i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

bool lp_tensors_same_quant(const struct lp_tensor *a, const struct lp_tensor *b)
{
    if (a->quant.count != b->quant.count || (a->quant.count > 1 && a->quant.axis != b->quant.axis))
        return false;
    for (uint32_t i = 0; i < a->quant.count; i++)
        if (a->quant.scale[i] != b->quant.scale[i] || a->quant.zero_point[i] != b->quant.zero_point[i])
            return false;
    return true;
}

const char *lp_shape_text(const struct lp_tensor *tensor, char *buffer, size_t size_bytes)
{
    size_t used = 0;
    snprintf(buffer, size_bytes, "scalar");
    for (uint8_t i = 0; i < tensor->rank && used < size_bytes; i++) {
        int put = snprintf(buffer + used, size_bytes - used, i == 0 ? "%d" : "x%d", (int)tensor->dims[i]);
        used += put < 0 ? 0 : (size_t)put;
    }
    return buffer;
}

static struct lp_tensor *tensor_at(const struct lp_graph *graph, const int32_t *indices, uint32_t count, uint32_t i)
{
    return i < count && indices[i] != LP_NO_TENSOR ? &graph->tensors[indices[i]] : NULL;
}

struct lp_tensor *lp_op_input(const struct lp_graph *graph, const struct lp_op *op, uint32_t i)
{
    return tensor_at(graph, op->inputs, op->input_count, i);
}

bool lp_op_may_lack(enum lp_op_kind kind, uint32_t input)
{
    /* Of SVDF the bias stands in front of the state. */
    return input >= lp_op_kind_table[kind].min_inputs || (kind == LP_OP_SVDF && input == 3);
}

struct lp_tensor *lp_op_output(const struct lp_graph *graph, const struct lp_op *op, uint32_t i)
{
    return tensor_at(graph, op->outputs, op->output_count, i);
}

const char *lp_op_name(const struct lp_graph *graph, const struct lp_op *op)
{
    const struct lp_tensor *output = lp_op_output(graph, op, 0);
    return output == NULL ? "" : output->name;
}
