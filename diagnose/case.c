#include "diagnose/case.h"

#include <string.h>

size_t lp_case_ports_bytes(const struct lp_graph *graph, const int32_t *ports, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += (size_t)lp_tensor_bytes(&graph->tensors[ports[i]]);
    return bytes;
}

double lp_case_element(enum lp_element element, const uint8_t *data, int64_t i)
{
    uint8_t bytes[8] = {0};
    uint32_t size = lp_element_bytes(element);
    float real;
    int16_t half;
    int32_t whole;
    int64_t wide;
    memcpy(bytes, data + (size_t)i * size, size);
    memcpy(&real, bytes, sizeof real);
    memcpy(&half, bytes, sizeof half);
    memcpy(&whole, bytes, sizeof whole);
    memcpy(&wide, bytes, sizeof wide);
    switch (element) {
    case LP_ELEMENT_INT8: return (int8_t)bytes[0];
    case LP_ELEMENT_INT16: return half;
    case LP_ELEMENT_INT32: return whole;
    case LP_ELEMENT_INT64: return (double)wide;
    case LP_ELEMENT_FLOAT32: return (double)real;
    default: return bytes[0];
    }
}

void lp_case_values(const struct lp_graph *graph, const uint8_t *outputs, double *values)
{
    for (uint32_t o = 0; o < graph->output_count; o++) {
        const struct lp_tensor *t = &graph->tensors[graph->outputs[o]];
        for (int64_t i = 0; i < lp_tensor_elements(t); i++)
            *values++ = lp_case_element(t->element, outputs, i);
        outputs += lp_tensor_bytes(t);
    }
}

void lp_case_input_pointers(const struct lp_graph *graph, const uint8_t *data, const uint8_t **inputs)
{
    for (uint32_t i = 0; i < graph->input_count; i++) {
        inputs[i] = data;
        data += lp_tensor_bytes(&graph->tensors[graph->inputs[i]]);
    }
}

lp_status lp_case_expect(const struct lp_case *c, void *run, const uint8_t *input, uint8_t *output)
{
    const struct lp_graph *g = c->graph;
    if (c->device != NULL)
        return c->device->run(c->device->user, input, output, NULL, 0, c->diag);
    const uint8_t *inputs[UINT8_MAX];
    lp_case_input_pointers(g, input, inputs);
    lp_status status = c->runner->run(run, inputs, NULL, NULL, c->diag);
    for (uint32_t o = 0; o < g->output_count && status == LP_OK; o++) {
        size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[o]]);
        memcpy(output, c->runner->tensor(run, g->outputs[o]), bytes);
        output += bytes;
    }
    return status;
}
