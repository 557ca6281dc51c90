#include "compiler/graph/graph.h"

static void print_tensor(const struct lp_graph *graph, int32_t index, struct lp_text *out)
{
    if (index == LP_NO_TENSOR) {
        lp_text_printf(out, " -");
        return;
    }
    const struct lp_tensor *t = &graph->tensors[index];
    char shape[100];
    lp_text_printf(out, " t%d:%s:%s%s", (int)index, lp_shape_text(t, shape, sizeof shape), lp_element_name(t->element),
                   t->data == NULL ? "" : ":constant");
    if (t->quant.count == 1)
        lp_text_printf(out, ":%.9g/%d", (double)t->quant.scale[0], (int)t->quant.zero_point[0]);
    else if (t->quant.count > 1)
        lp_text_printf(out, ":%u scales", (unsigned)t->quant.count);
}

static void print_window(const struct lp_window *w, struct lp_text *out)
{
    static const char *const paddings[] = {
        [LP_PADDING_SAME] = "same", [LP_PADDING_VALID] = "valid", [LP_PADDING_EXPLICIT] = "explicit"};
    lp_text_printf(out, " kernel=%dx%d stride=%dx%d dilation=%dx%d padding=%s:%d,%d,%d,%d", (int)w->kernel_h, (int)w->kernel_w,
                   (int)w->stride_h, (int)w->stride_w, (int)w->dilation_h, (int)w->dilation_w, paddings[w->padding],
                   (int)w->pad_top, (int)w->pad_left, (int)w->pad_bottom, (int)w->pad_right);
}

static void print_numbers(const char *what, const int32_t *numbers, uint32_t count, struct lp_text *out)
{
    lp_text_printf(out, " %s=", what);
    for (uint32_t i = 0; i < count; i++)
        lp_text_printf(out, i == 0 ? "%d" : ",%d", (int)numbers[i]);
}

static void print_parameters(const struct lp_op *op, struct lp_text *out)
{
    static const char *const activations[] = {[LP_ACT_NONE] = "",
                                              [LP_ACT_RELU] = " relu",
                                              [LP_ACT_RELU_N1_TO_1] = " relu_n1_to_1",
                                              [LP_ACT_RELU6] = " relu6",
                                              [LP_ACT_RELU_0_TO_1] = " relu_0_to_1"};
    switch (op->kind) {
    case LP_OP_AVERAGE_POOL_2D:
    case LP_OP_CONV_2D:
    case LP_OP_DEPTHWISE_CONV_2D:
    case LP_OP_MAX_POOL_2D:
    case LP_OP_TRANSPOSE_CONV: print_window(&op->as.window, out); break;
    case LP_OP_MEAN: lp_text_printf(out, "%s", op->as.reduce.keep_dims ? " keep_dims" : ""); break;
    case LP_OP_FULLY_CONNECTED: lp_text_printf(out, "%s", op->as.fully_connected.keep_num_dims ? " keep_num_dims" : ""); break;
    case LP_OP_LEAKY_RELU: lp_text_printf(out, " alpha=%.9g", (double)op->as.leaky_relu.alpha); break;
    case LP_OP_GELU: lp_text_printf(out, "%s", op->as.gelu.is_approximate ? " approximate" : ""); break;
    case LP_OP_BATCH_MATMUL:
        lp_text_printf(out, "%s%s", op->as.batch_matmul.adjoint_1 ? " adjoint_1" : "",
                       op->as.batch_matmul.adjoint_2 ? " adjoint_2" : "");
        break;
    case LP_OP_SVDF: lp_text_printf(out, " rank=%d", (int)op->as.svdf.rank); break;
    case LP_OP_SOFTMAX: lp_text_printf(out, " beta=%.9g", (double)op->as.softmax.beta); break;
    case LP_OP_RESHAPE:
        if (op->as.reshape.given)
            print_numbers("shape", op->as.reshape.dims, op->as.reshape.rank, out);
        break;
    case LP_OP_SQUEEZE: print_numbers("axes", op->as.squeeze.axes, op->as.squeeze.count, out); break;
    default: break;
    }
    lp_text_printf(out, "%s", activations[op->activation]);
}

void lp_graph_print(const struct lp_graph *graph, struct lp_text *out)
{
    lp_text_printf(out, "inputs ");
    for (uint32_t i = 0; i < graph->input_count; i++)
        print_tensor(graph, graph->inputs[i], out);
    lp_text_printf(out, "\noutputs");
    for (uint32_t i = 0; i < graph->output_count; i++)
        print_tensor(graph, graph->outputs[i], out);
    lp_text_printf(out, "\n");
    for (uint32_t i = 0; i < graph->op_count; i++) {
        const struct lp_op *op = &graph->ops[i];
        lp_text_printf(out, "%u %s", (unsigned)op->source_index, lp_op_kind_table[op->kind].name);
        for (uint32_t k = 0; k < op->input_count; k++)
            print_tensor(graph, op->inputs[k], out);
        lp_text_printf(out, " ->");
        for (uint32_t k = 0; k < op->output_count; k++)
            print_tensor(graph, op->outputs[k], out);
        print_parameters(op, out);
        lp_text_printf(out, "  '%s'\n", lp_op_name(graph, op));
    }
}
