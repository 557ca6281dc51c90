#include "cli/monitor/network_compiled.h"

#include <string.h>

const struct lp_monitor_target lp_monitor_targets[] = {
    {"host", lp_monitor_open_host}, {"stm32n6", lp_monitor_open_npu}, {NULL, NULL}};

lp_status lp_monitor_compiled_tell(const struct lp_monitor_compiled *compiled, lp_status status, struct lp_diag *diag)
{
    const char *text = lp_text_get(&compiled->session.diag.errors);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        lp_error(diag, status, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
    return status;
}

void lp_monitor_compiled_free(struct lp_monitor_compiled *compiled)
{
    lp_diag_free(&compiled->session.diag);
    lp_arena_free(&compiled->session.arena);
}

static lp_status check_port(struct lp_diag *diag, const char *path, const char *what, const struct lp_tensor *t)
{
    if (t->element != LP_ELEMENT_INT8 || t->quant.count != 1)
        return lp_error(diag, LP_UNSUPPORTED,
                        "%s: its %s is %s with %u scales; the monitor takes int8 with one scale: convert the model "
                        "with int8 inputs and outputs",
                        path, what, lp_element_name(t->element), (unsigned)t->quant.count);
    return LP_OK;
}

static bool ends_with_softmax(const struct lp_graph *g)
{
    for (uint32_t i = 0; i < g->op_count; i++)
        if (g->ops[i].output_count == 1 && g->ops[i].outputs[0] == g->outputs[0])
            return g->ops[i].kind == LP_OP_SOFTMAX;
    return false;
}

static lp_status describe(const struct lp_graph *g, const char *path, struct lp_diag *diag, struct lp_monitor_network *network)
{
    if (g->input_count != 1 || g->output_count != 1)
        return lp_error(diag, LP_UNSUPPORTED, "%s has %u inputs and %u outputs; the monitor takes one of each", path,
                        (unsigned)g->input_count, (unsigned)g->output_count);
    const struct lp_tensor *in = &g->tensors[g->inputs[0]], *out = &g->tensors[g->outputs[0]];
    lp_status status = check_port(diag, path, "input", in);
    if (status == LP_OK)
        status = check_port(diag, path, "output", out);
    if (status != LP_OK)
        return status;
    network->input_count = (uint32_t)lp_tensor_elements(in);
    network->output_count = (uint32_t)lp_tensor_elements(out);
    network->features = in->rank == 0 ? 1 : (uint32_t)in->dims[in->rank - 1];
    network->window_samples = network->input_count / network->features;
    network->input_scale = in->quant.scale[0];
    network->input_zero_point = in->quant.zero_point[0];
    network->output_scale = out->quant.scale[0];
    network->output_zero_point = out->quant.zero_point[0];
    network->ends_with_softmax = ends_with_softmax(g);
    return LP_OK;
}

lp_status lp_monitor_compile(struct lp_monitor_compiled *compiled, const char *target, const char *model_path,
                             struct lp_monitor_network *network)
{
    struct lp_session *s = &compiled->session;
    s->model_path = model_path;
    lp_status status = lp_session_targets(s, target);
    if (status == LP_OK)
        status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], "plan", &compiled->unit);
    return status == LP_OK ? describe(compiled->unit.graph, model_path, &s->diag, network) : status;
}
