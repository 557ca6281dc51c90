/* Shape operands that are inputs of the graph: the model is compiled for the shapes that it declares, and whoever runs it is
 * held to that. */
#include "compiler/semantics/operands.h"

#include <string.h>

/* One row for each operand that says (a part of) the output's shape. */
static const struct {
    enum lp_op_kind kind;
    uint32_t input;
    uint8_t first, count; /* dimensions of the output; count 0: all */
} operands[] = {
    {LP_OP_BROADCAST_TO, 1, 0, 0},
    {LP_OP_FILL, 0, 0, 0},
    {LP_OP_RESHAPE, 1, 0, 0},
    {LP_OP_RESIZE_BILINEAR, 1, 1, 2},
    {LP_OP_RESIZE_NEAREST_NEIGHBOR, 1, 1, 2},
    {LP_OP_TRANSPOSE_CONV, 0, 0, 0},
};

static bool is_graph_input(const struct lp_graph *graph, int32_t tensor)
{
    for (uint32_t i = 0; i < graph->input_count; i++)
        if (graph->inputs[i] == tensor)
            return true;
    return false;
}

static bool find_row(enum lp_op_kind kind, uint32_t input, size_t *row)
{
    for (*row = 0; *row < LP_COUNT(operands); (*row)++)
        if (operands[*row].kind == kind && operands[*row].input == input)
            return true;
    return false;
}

size_t lp_expected_operand(const struct lp_graph *graph, const struct lp_op *op, uint32_t input, void *values)
{
    const struct lp_tensor *operand = lp_op_input(graph, op, input);
    const struct lp_tensor *out = lp_op_output(graph, op, 0);
    size_t row;
    if (operand == NULL || operand->data != NULL || !find_row(op->kind, input, &row) || !is_graph_input(graph, op->inputs[input]))
        return 0;
    uint32_t count = operands[row].count == 0 ? out->rank : operands[row].count;
    size_t element_bytes = lp_element_bytes(operand->element);
    if ((operand->element != LP_ELEMENT_INT32 && operand->element != LP_ELEMENT_INT64) ||
        lp_tensor_elements(operand) != (int64_t)count || operands[row].first + count > out->rank)
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t dim = out->dims[operands[row].first + i];
        int32_t narrow = out->dims[operands[row].first + i];
        memcpy((uint8_t *)values + i * element_bytes, operand->element == LP_ELEMENT_INT64 ? (void *)&dim : (void *)&narrow,
               element_bytes);
    }
    return count * element_bytes;
}

lp_status lp_need_shape(const struct lp_place_of_op *at, uint32_t input, const char *role, int32_t *numbers, uint32_t *count)
{
    const struct lp_tensor *operand = lp_op_input(at->graph, at->op, input);
    int64_t values[LP_MAX_RANK];
    size_t bytes = lp_expected_operand(at->graph, at->op, input, values);
    if (bytes == 0)
        return lp_need_numbers(at, operand, role, numbers, LP_MAX_RANK, count);
    *count = (uint32_t)(bytes / lp_element_bytes(operand->element));
    for (uint32_t i = 0; i < *count; i++)
        numbers[i] = operand->element == LP_ELEMENT_INT64 ? (int32_t)values[i] : ((const int32_t *)(const void *)values)[i];
    return LP_OK;
}

/* Indices of GATHER are int32 and count from 0. */
static void fit_indices(const struct lp_graph *graph, const struct lp_op *op, void *values)
{
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *indices = lp_op_input(graph, op, 1);
    int32_t axis = op->as.along.axis < 0 ? op->as.along.axis + in->rank : op->as.along.axis;
    for (int64_t i = 0; i < lp_tensor_elements(indices); i++) {
        uint32_t index;
        memcpy(&index, (uint8_t *)values + 4 * i, sizeof index);
        index %= (uint32_t)in->dims[axis];
        memcpy((uint8_t *)values + 4 * i, &index, sizeof index);
    }
}

void lp_fit_input(const struct lp_graph *graph, int32_t tensor, void *values)
{
    for (uint32_t i = 0; i < graph->op_count; i++)
        for (uint32_t k = 0; k < graph->ops[i].input_count; k++) {
            const struct lp_op *op = &graph->ops[i];
            int64_t expected[LP_MAX_RANK];
            if (op->inputs[k] != tensor)
                continue;
            memcpy(values, expected, lp_expected_operand(graph, op, k, expected));
            if (op->kind == LP_OP_GATHER && k == 1)
                fit_indices(graph, op, values);
        }
}
