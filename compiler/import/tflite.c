#include "compiler/import/tflite_reader.h"

#include <stdarg.h>
#include <stdio.h>

enum { SCHEMA_VERSION = 3, COPIES_OF_FILE = 16 };
enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };

static bool is_told(struct lp_tflite *r, lp_status status)
{
    return status != LP_UNSUPPORTED || ++r->unsupported_count <= LP_TFLITE_MOST_TOLD;
}

lp_status lp_tflite_op_error(struct lp_tflite *r, const struct lp_op *op, lp_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    if (!is_told(r, status))
        return status;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lp_error(r->diag, status, "%s: operator %u (%s '%.100s'): %s", r->file_name, (unsigned)op->source_index,
                    op->kind < LP_OP_KIND_COUNT ? lp_op_kind_table[op->kind].name : "of an unknown kind",
                    lp_op_name(r->graph, op), text);
}

lp_status lp_tflite_tensor_error(struct lp_tflite *r, uint32_t tensor, lp_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    if (!is_told(r, status))
        return status;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lp_error(r->diag, status, "%s: tensor %u ('%.100s'): %s", r->file_name, (unsigned)tensor,
                    r->graph->tensors[tensor].name, text);
}

lp_status lp_tflite_fault(struct lp_tflite *r)
{
    if (r->fb.fault == NULL)
        return LP_OK;
    return lp_error(r->diag, LP_BAD_INPUT, "%s is damaged at byte %zu: %s; copy or convert the model again", r->file_name,
                    r->fb.fault_at_bytes, r->fb.fault);
}

lp_status lp_tflite_take(struct lp_tflite *r, size_t count, size_t size_bytes, void **out)
{
    size_t room = COPIES_OF_FILE * r->fb.size_bytes - r->copied_bytes;
    *out = NULL;
    if (count > room / size_bytes)
        return lp_error(r->diag, LP_BAD_INPUT,
                        "%s: its tensors share names, scales or values that take more than %d times the file: "
                        "it is damaged; convert the model again",
                        r->file_name, COPIES_OF_FILE);
    r->copied_bytes += count * size_bytes;
    *out = lp_arena_alloc(r->arena, count, size_bytes);
    return *out == NULL ? lp_no_memory(r->diag) : LP_OK;
}

lp_status lp_tflite_indices(struct lp_tflite *r, const struct lp_op *op, const struct lp_fb_vector *vector, int32_t **out)
{
    void *list;
    lp_status status = lp_tflite_take(r, vector->count, sizeof **out, &list);
    *out = list;
    for (uint32_t i = 0; i < vector->count && status == LP_OK; i++) {
        int32_t index = (int32_t)lp_fb_int_at(vector, i, 4);
        (*out)[i] = index;
        if (op != NULL && index == LP_NO_TENSOR)
            continue;
        if ((uint32_t)index < r->graph->tensor_count) /* never when it is negative */
            r->is_used[index] = true;
        else if (op != NULL)
            status = lp_tflite_op_error(r, op, LP_BAD_INPUT, "it names tensor %ld, the model has %u; convert the model again",
                                        (long)index, (unsigned)r->graph->tensor_count);
        else
            status = lp_error(r->diag, LP_BAD_INPUT,
                              "%s: its list of inputs or outputs names tensor %ld, it has %u; convert the model again",
                              r->file_name, (long)index, (unsigned)r->graph->tensor_count);
    }
    return status;
}

static lp_status read_ends(struct lp_tflite *r)
{
    struct lp_graph *g = r->graph;
    struct lp_fb_vector inputs = lp_fb_vec(&r->subgraph, SUBGRAPH_INPUTS, 4);
    struct lp_fb_vector outputs = lp_fb_vec(&r->subgraph, SUBGRAPH_OUTPUTS, 4);
    lp_status status = lp_tflite_fault(r);
    if (status == LP_OK && outputs.count == 0)
        status = lp_error(r->diag, LP_BAD_INPUT, "%s has no outputs: convert the model again", r->file_name);
    if (status == LP_OK)
        status = lp_tflite_indices(r, NULL, &inputs, &g->inputs);
    if (status == LP_OK)
        status = lp_tflite_indices(r, NULL, &outputs, &g->outputs);
    g->input_count = inputs.count;
    g->output_count = outputs.count;
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
        return lp_error(r->diag, LP_UNSUPPORTED, "%s has schema version %llu; version %d can be read: convert the model again",
                        r->file_name, (unsigned long long)version, SCHEMA_VERSION);
    if (subgraphs.count == 0)
        return lp_error(r->diag, LP_BAD_INPUT, "%s has no subgraph: convert the model again", r->file_name);
    r->subgraphs = subgraphs;
    r->is_called = LP_NEW_ARRAY(r->arena, subgraphs.count, bool);
    if (r->is_called == NULL)
        return lp_no_memory(r->diag);
    r->graph->description = lp_arena_text(r->arena, description.count == 0 ? "" : (const char *)r->fb.data + description.at,
                                          description.count);
    r->subgraph = lp_fb_at(&subgraphs, 0);
    r->tensors = lp_fb_vec(&r->subgraph, SUBGRAPH_TENSORS, 4);
    r->operators = lp_fb_vec(&r->subgraph, SUBGRAPH_OPERATORS, 4);
    return r->graph->description == NULL ? lp_no_memory(r->diag) : lp_tflite_fault(r);
}

/* Behind the operators, which say what the other subgraphs are for. */
static lp_status check_subgraphs(struct lp_tflite *r)
{
    for (uint32_t i = 1; i < r->subgraphs.count; i++)
        if (!r->is_called[i])
            return lp_error(
                r->diag, LP_UNSUPPORTED,
                "%s has %u subgraphs; models with one, and those that CALL_ONCE gives first values to variables with, "
                "can be compiled: remove control flow (IF, WHILE) and further signatures",
                r->file_name, (unsigned)r->subgraphs.count);
    return LP_OK;
}

static lp_status make_tensors(struct lp_tflite *r)
{
    r->graph->tensor_count = r->tensors.count;
    r->graph->tensors = LP_NEW_ARRAY(r->arena, r->tensors.count, struct lp_tensor);
    r->is_used = LP_NEW_ARRAY(r->arena, r->tensors.count, bool);
    r->is_state = LP_NEW_ARRAY(r->arena, r->tensors.count, bool);
    r->is_readable = LP_NEW_ARRAY(r->arena, r->tensors.count, bool);
    if (r->graph->tensors == NULL || r->is_used == NULL || r->is_state == NULL || r->is_readable == NULL)
        return lp_no_memory(r->diag);
    return lp_tflite_read_names(r);
}

lp_status lp_import_tflite(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const uint8_t *data,
                           size_t size_bytes, struct lp_graph **out)
{
    struct lp_tflite r = {.fb = {.data = data, .size_bytes = size_bytes}, .arena = arena, .diag = diag, .file_name = file_name};
    r.graph = LP_NEW(arena, struct lp_graph);
    if (r.graph == NULL)
        return lp_no_memory(diag);
    r.graph->arena = arena;
    static lp_status (*const steps[])(struct lp_tflite *) = {read_model,
                                                             make_tensors,
                                                             read_ends,
                                                             lp_tflite_read_ops,
                                                             check_subgraphs,
                                                             lp_tflite_read_tensors,
                                                             lp_tflite_make_states,
                                                             lp_tflite_judge};
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(steps) && status == LP_OK; i++)
        status = steps[i](&r);
    if (status == LP_OK)
        *out = r.graph;
    return status;
}
