#include "examples/run-loops/application.h"

#include <math.h>

lp_status application_infer(struct lp_network *net, const float *window, float *result)
{
    const struct lp_port_desc *in = &net->desc->inputs[0], *out = &net->desc->outputs[0];
    int8_t *to = (int8_t *)lp_network_input(net, 0);
    for (uint32_t i = 0; i < in->size_bytes; i++) {
        float q = rintf(window[i] / in->scale) + (float)in->zero_point;
        to[i] = (int8_t)(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);
    }
    lp_status status = lp_network_run(net);
    const int8_t *from = (const int8_t *)lp_network_output(net, 0);
    for (uint32_t i = 0; status == LP_OK && i < out->size_bytes; i++)
        result[i] = out->scale * (float)(from[i] - out->zero_point);
    return status;
}
