/* The device's program as the vendor's generated C. */
#include "cli/diagnose/parts.h"

#include "cli/npu_network.h"

#include <string.h>

struct network {
    struct lp_shim_request request;
    struct lp_shim_image images[LP_DIAGNOSE_PATHS];
    struct lp_shim_result described; /* its ports */
    size_t port_bytes[2];            /* of one inference */
};

/* Inferences lie one after the other, each with all its ports; the network wants them port by port. */
static lp_status split_inputs(struct network *n, struct lp_arena *arena, const uint8_t *inputs, size_t count,
                              const uint8_t ***data, size_t **sizes)
{
    size_t ports = n->described.port_count[0], at = 0;
    *data = LP_NEW_ARRAY(arena, ports, const uint8_t *);
    *sizes = LP_NEW_ARRAY(arena, ports, size_t);
    if (*data == NULL || *sizes == NULL)
        return LP_OUT_OF_MEMORY;
    for (size_t p = 0; p < ports; p++) {
        size_t bytes = (size_t)n->described.ports[0][p].bytes;
        uint8_t *to = lp_arena_alloc(arena, count, bytes);
        if (to == NULL)
            return LP_OUT_OF_MEMORY;
        for (size_t k = 0; k < count; k++)
            memcpy(to + k * bytes, inputs + k * n->port_bytes[0] + at, bytes);
        (*data)[p] = to;
        (*sizes)[p] = count * bytes;
        at += bytes;
    }
    return LP_OK;
}

static lp_status run_all(void *user, const uint8_t *inputs, uint8_t *outputs, size_t count, struct lp_diag *diag)
{
    struct network *n = user;
    struct lp_arena arena = {0};
    struct lp_shim_request request = n->request;
    struct lp_shim_result result = {0};
    const uint8_t **data;
    size_t *sizes, at = 0;
    lp_status status = split_inputs(n, &arena, inputs, count, &data, &sizes);
    if (status != LP_OK) {
        lp_arena_free(&arena);
        return lp_no_memory(diag);
    }
    request.inputs = data;
    request.input_bytes = sizes;
    request.input_count = n->described.port_count[0];
    request.inferences = (uint32_t)count;
    status = lp_shim_run(&arena, diag, &request, &result);
    for (size_t p = 0; p < result.output_count && status == LP_OK; p++) {
        size_t bytes = result.output_bytes[p] / count;
        if (at + bytes > n->port_bytes[1])
            status = lp_error(diag, LP_BAD_INPUT, "%s gave more outputs than it describes", n->request.source);
        for (size_t k = 0; k < count && status == LP_OK; k++)
            memcpy(outputs + k * n->port_bytes[1] + at, result.outputs[p] + k * bytes, bytes);
        at += bytes;
    }
    lp_arena_free(&arena);
    return status;
}

static lp_status run(void *user, const uint8_t *input, uint8_t *output, struct lp_case_range *ranges, uint32_t range_count,
                     struct lp_diag *diag)
{
    (void)ranges, (void)range_count; /* stay unknown */
    return run_all(user, input, output, 1, diag);
}

static bool image(void *user, uint64_t address, uint8_t *bytes, size_t count)
{
    (void)user, (void)address, (void)bytes, (void)count;
    return false;
}

static lp_status check_ports(struct lp_session *s, struct network *n, const struct lp_case *c)
{
    size_t want[2] = {c->input_bytes, lp_case_ports_bytes(c->graph, c->graph->outputs, c->graph->output_count)};
    for (int side = 0; side < 2; side++) {
        for (size_t p = 0; p < n->described.port_count[side]; p++)
            n->port_bytes[side] += (size_t)n->described.ports[side][p].bytes;
        if (n->port_bytes[side] != want[side])
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu bytes of %s, the model %zu: is it the program of this model?",
                            n->request.source, n->port_bytes[side], side == 0 ? "inputs" : "outputs", want[side]);
    }
    return LP_OK;
}

lp_status lp_diagnose_network(struct lp_session *s, const struct lp_diagnose_options *o, const char *folder,
                              const struct lp_case *c, struct lp_case_device *out)
{
    struct network *n = LP_NEW(&s->arena, struct network);
    if (n == NULL)
        return lp_no_memory(&s->diag);
    n->request = (struct lp_shim_request){
        .source = o->program, .root = folder, .work_folder = folder, .images = n->images, .image_count = o->image_count};
    lp_status status = lp_npu_network_images(s, o->images, o->image_count, n->images);
    if (status == LP_OK)
        status = lp_npu_network_headers(s, folder);
    if (status == LP_OK)
        status = lp_shim_run(&s->arena, &s->diag, &n->request, &n->described);
    n->request.is_compiled = true;
    if (status == LP_OK)
        status = check_ports(s, n, c);
    *out = (struct lp_case_device){.user = n, .run = run, .run_all = run_all, .image = image};
    return status;
}
