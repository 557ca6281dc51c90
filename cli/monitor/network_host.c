/* `target = host`: the network compiled in memory and run by the kernels of this program. */
#include "cli/monitor/network.h"

#include "cli/session.h"
#include "evaluate/load.h"

#include <string.h>

struct host {
    struct lp_session session;
    struct lp_unit unit;
    struct lp_loaded loaded;
};

static lp_status pass_on(const struct lp_session *session, lp_status status, struct lp_diag *diag)
{
    const char *text = lp_text_get(&session->diag.errors);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        lp_error(diag, status, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
    return status;
}

static lp_status run(void *ctx, const int8_t *input, int8_t *output, struct lp_diag *diag)
{
    struct host *host = ctx;
    const uint8_t *in = (const uint8_t *)input;
    uint8_t *out = (uint8_t *)output;
    return lp_loaded_run(&host->loaded, diag, &in, &out);
}

static void close_host(void *ctx)
{
    struct host *host = ctx;
    lp_diag_free(&host->session.diag);
    lp_arena_free(&host->session.arena);
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

static lp_status open_host(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                           struct lp_monitor_network *network)
{
    struct host *host = LP_NEW(arena, struct host);
    if (host == NULL)
        return lp_no_memory(diag);
    struct lp_session *s = &host->session;
    s->model_path = model_path;
    lp_status status = lp_session_targets(s, "host");
    if (status == LP_OK)
        status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], "plan", &host->unit);
    if (status == LP_OK)
        status = lp_load(&s->arena, &s->diag, host->unit.graph, host->unit.program, host->unit.plan.peak_bytes, &host->loaded);
    if (status == LP_OK)
        status = describe(host->unit.graph, model_path, &s->diag, network);
    network->ctx = host;
    network->run = run;
    network->close = close_host;
    if (status != LP_OK) {
        status = pass_on(s, status, diag);
        close_host(host);
    }
    return status;
}

const struct lp_monitor_target lp_monitor_targets[] = {{"host", open_host}, {NULL, NULL}};
