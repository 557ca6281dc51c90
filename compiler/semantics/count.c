#include "compiler/semantics/semantics.h"

int64_t lp_op_macs(const struct lp_graph *graph, const struct lp_op *op)
{
    const struct lp_tensor *filter = lp_op_input(graph, op, 1);
    const struct lp_tensor *out = lp_op_output(graph, op, 0);
    if (filter == NULL || out == NULL)
        return 0;
    switch (op->kind) {
    case LP_OP_CONV_2D:
        return filter->rank == 4 ? lp_tensor_elements(out) * filter->dims[1] * filter->dims[2] * filter->dims[3] : 0;
    case LP_OP_DEPTHWISE_CONV_2D: return filter->rank == 4 ? lp_tensor_elements(out) * filter->dims[1] * filter->dims[2] : 0;
    case LP_OP_TRANSPOSE_CONV: {
        const struct lp_tensor *in = lp_op_input(graph, op, 2);
        return filter->rank == 4 && in != NULL ? lp_tensor_elements(in) * filter->dims[0] * filter->dims[1] * filter->dims[2] : 0;
    }
    case LP_OP_SVDF: {
        const struct lp_tensor *time = lp_op_input(graph, op, 2);
        return filter->rank == 2 && time != NULL && out->rank != 0
                   ? out->dims[0] * (lp_tensor_elements(filter) + lp_tensor_elements(time))
                   : 0;
    }
    case LP_OP_FULLY_CONNECTED: return filter->rank == 2 ? lp_tensor_elements(out) * filter->dims[1] : 0;
    default: return 0;
    }
}

bool lp_op_is_instruction(enum lp_op_kind kind, uint32_t input)
{
    switch (kind) {
    case LP_OP_ARG_MAX:
    case LP_OP_ARG_MIN:
    case LP_OP_BROADCAST_TO:
    case LP_OP_EXPAND_DIMS:
    case LP_OP_MEAN:
    case LP_OP_MIRROR_PAD:
    case LP_OP_PAD:
    case LP_OP_REDUCE_MAX:
    case LP_OP_REDUCE_MIN:
    case LP_OP_RESHAPE:
    case LP_OP_RESIZE_BILINEAR:
    case LP_OP_RESIZE_NEAREST_NEIGHBOR:
    case LP_OP_REVERSE_V2:
    case LP_OP_TILE:
    case LP_OP_TRANSPOSE: return input == 1;
    case LP_OP_BATCH_TO_SPACE_ND:
    case LP_OP_PADV2:
    case LP_OP_SLICE:
    case LP_OP_SPACE_TO_BATCH_ND:
    case LP_OP_SPLIT_V:
    case LP_OP_STRIDED_SLICE: return input != 0;
    case LP_OP_FILL:
    case LP_OP_SPLIT:
    case LP_OP_TRANSPOSE_CONV: return input == 0;
    default: return false;
    }
}

int64_t lp_op_constants_bytes(const struct lp_graph *graph, const struct lp_op *op)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < op->input_count; i++) {
        const struct lp_tensor *tensor = lp_op_input(graph, op, i);
        if (tensor != NULL && tensor->data != NULL && !lp_op_is_instruction(op->kind, i))
            bytes += lp_tensor_bytes(tensor);
    }
    return bytes;
}
