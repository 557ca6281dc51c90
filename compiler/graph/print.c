#include "compiler/graph/graph.h"

static void print_tensor(const struct lp_graph *graph, int32_t index, struct lp_text *out)
{
    if (index == LP_NO_TENSOR) {
        lp_text_printf(out, " -");
        return;
    }
    const struct lp_tensor *t = &graph->tensors[index];
    char shape[100];
    lp_text_printf(out, " t%d:%s:%s%s", (int)index, lp_shape_text(t, shape, sizeof shape), lp_element_name(t->element), t->data == NULL ? "" : ":constant");
    if (t->quant.count == 1)
        lp_text_printf(out, ":%.9g/%d", (double)t->quant.scale[0], (int)t->quant.zero_point[0]);
    else if (t->quant.count > 1)
        lp_text_printf(out, ":%u scales", (unsigned)t->quant.count);
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
        lp_text_printf(out, "  '%s'\n", lp_op_name(graph, op));
    }
}
