#include "compiler/import/tflite_reader.h"

#include <string.h>

enum { SCHEMA_VERSION = 3 };
enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };

lp_status lp_tflite_fault(struct lp_tflite *r)
{
    if (r->fb.fault == NULL)
        return LP_OK;
    return lp_error(r->diag, LP_BAD_INPUT, "%s is damaged at byte %zu: %s; copy or convert the model again", r->file_name, r->fb.fault_at_bytes, r->fb.fault);
}

lp_status lp_tflite_indices(struct lp_tflite *r, const struct lp_fb_vector *vector, int32_t **out)
{
    *out = LP_NEW_ARRAY(r->arena, vector->count, int32_t);
    if (*out == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < vector->count; i++)
        (*out)[i] = (int32_t)lp_fb_int_at(vector, i, 4);
    return lp_tflite_fault(r);
}

static lp_status read_ends(struct lp_tflite *r)
{
    struct lp_graph *g = r->graph;
    struct lp_fb_vector inputs = lp_fb_vec(&r->subgraph, SUBGRAPH_INPUTS, 4);
    struct lp_fb_vector outputs = lp_fb_vec(&r->subgraph, SUBGRAPH_OUTPUTS, 4);
    lp_status status = lp_tflite_indices(r, &inputs, &g->inputs);
    if (status == LP_OK)
        status = lp_tflite_indices(r, &outputs, &g->outputs);
    g->input_count = inputs.count;
    g->output_count = outputs.count;
    for (uint32_t i = 0; i < inputs.count + outputs.count && status == LP_OK; i++) {
        int32_t t = i < inputs.count ? g->inputs[i] : g->outputs[i - inputs.count];
        if (t < 0 || (uint32_t)t >= g->tensor_count)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: %s %u names tensor %d, the model has %u", r->file_name, i < inputs.count ? "input" : "output",
                            (unsigned)(i < inputs.count ? i : i - inputs.count), (int)t, (unsigned)g->tensor_count);
        r->is_used[t] = true;
    }
    return status;
}

static lp_status read_model(struct lp_tflite *r)
{
    r->model = lp_fb_root(&r->fb);
    uint64_t version = lp_fb_uint(&r->model, MODEL_VERSION, 4, 0);
    struct lp_fb_vector subgraphs = lp_fb_vec(&r->model, MODEL_SUBGRAPHS, 4);
    struct lp_fb_vector description = lp_fb_text(&r->model, MODEL_DESCRIPTION);
    r->codes = lp_fb_vec(&r->model, MODEL_CODES, 4);
    r->buffers = lp_fb_vec(&r->model, MODEL_BUFFERS, 4);
    if (r->fb.fault != NULL)
        return lp_tflite_fault(r);
    if (version != SCHEMA_VERSION)
        return lp_error(r->diag, LP_UNSUPPORTED, "%s has schema version %llu; version 3 can be read", r->file_name, (unsigned long long)version);
    if (subgraphs.count != 1)
        return lp_error(r->diag, LP_UNSUPPORTED, "%s has %u subgraphs; models with exactly one can be compiled: remove control flow (IF, WHILE) and further signatures",
                        r->file_name, (unsigned)subgraphs.count);
    r->graph->description = lp_arena_text(r->arena, (const char *)r->fb.data + (description.count == 0 ? 0 : description.at), description.count);
    r->subgraph = lp_fb_at(&subgraphs, 0);
    r->tensors = lp_fb_vec(&r->subgraph, SUBGRAPH_TENSORS, 4);
    r->operators = lp_fb_vec(&r->subgraph, SUBGRAPH_OPERATORS, 4);
    return r->graph->description == NULL ? lp_no_memory(r->diag) : lp_tflite_fault(r);
}

lp_status lp_import_tflite(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const uint8_t *data, size_t size_bytes,
                           struct lp_graph **out)
{
    struct lp_tflite r = {.fb = {.data = data, .size_bytes = size_bytes}, .arena = arena, .diag = diag, .file_name = file_name};
    r.graph = LP_NEW(arena, struct lp_graph);
    if (r.graph == NULL)
        return lp_no_memory(diag);
    r.graph->arena = arena;
    lp_status status = read_model(&r);
    if (status != LP_OK)
        return status;
    r.graph->tensor_count = r.tensors.count;
    r.graph->tensors = LP_NEW_ARRAY(arena, r.tensors.count, struct lp_tensor);
    r.is_used = LP_NEW_ARRAY(arena, r.tensors.count, bool);
    if (r.graph->tensors == NULL || r.is_used == NULL)
        return lp_no_memory(diag);
    status = read_ends(&r);
    if (status == LP_OK)
        status = lp_tflite_read_ops(&r);
    if (status == LP_OK)
        status = lp_tflite_read_tensors(&r);
    if (status == LP_OK)
        *out = r.graph;
    return status;
}
