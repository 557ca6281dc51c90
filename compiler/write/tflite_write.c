#include "compiler/write/tflite_write.h"

#include "compiler/write/tflite_forms.h"

#include <string.h>

struct writing {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_fb fb;
    struct lp_builder builder;
    const struct lp_graph *before, *after;
    struct lp_fb_table subgraph;
    struct lp_fb_vector buffers, tensors, operators, metadata;
    bool *is_used;              /* by tensor of `after`: an operator or the graph names it */
    bool *buffer_is_used;       /* by buffer of the model */
    uint32_t *buffer_of;        /* by tensor of `after` */
    uint32_t *tensor_of_buffer; /* by new buffer, counted from the last of the model */
    uint32_t new_buffer_count;
    uint32_t tensor; /* at work */
};

static bool was_there(const struct writing *w, uint32_t tensor)
{
    return tensor < w->before->tensor_count;
}

static bool same_quant(const struct writing *w, uint32_t tensor)
{
    return was_there(w, tensor) && w->before->tensors[tensor].quant.scale == w->after->tensors[tensor].quant.scale;
}

/* A buffer of the model, in the table or behind the FlatBuffer; the reader has checked it if a used tensor names it. */
static struct lp_part old_data(struct writing *w, uint32_t buffer)
{
    struct lp_fb_table table = lp_fb_at(&w->buffers, buffer);
    struct lp_fb_vector data = lp_fb_vec(&table, BUFFER_DATA, 1);
    uint64_t offset = lp_fb_uint(&table, BUFFER_OFFSET, 8, 0);
    uint64_t size = lp_fb_uint(&table, BUFFER_SIZE, 8, 0);
    struct lp_part part = lp_part_vector(w->fb.data + data.at, data.count, 1);
    if (data.count == 0 && offset > 1 && offset <= w->fb.size_bytes && size <= w->fb.size_bytes - offset && size <= INT32_MAX)
        part = lp_part_vector(w->fb.data + offset, (uint32_t)size, 1);
    if (part.count == 0)
        part.kind = LP_PART_ABSENT;
    part.align_bytes = 16; /* as the schema demands */
    return part;
}

/* What was computed at compile time has values, but no buffer of the model. */
static bool same_data(struct writing *w, uint32_t tensor)
{
    if (!was_there(w, tensor) || w->before->tensors[tensor].data != w->after->tensors[tensor].data)
        return false;
    if (w->after->tensors[tensor].data == NULL)
        return true;
    struct lp_fb_table table = lp_fb_at(&w->tensors, tensor);
    uint64_t buffer = lp_fb_uint(&table, TENSOR_BUFFER, 4, 0);
    return buffer < w->buffers.count && old_data(w, (uint32_t)buffer).kind != LP_PART_ABSENT;
}

static size_t write_buffer(void *user, uint32_t i)
{
    struct writing *w = user;
    struct lp_part data = {.kind = LP_PART_ABSENT};
    if (i < w->buffers.count) {
        if (w->buffer_is_used[i])
            data = old_data(w, i);
    } else {
        const struct lp_tensor *t = &w->after->tensors[w->tensor_of_buffer[i - w->buffers.count]];
        data = lp_part_vector(t->data, (uint32_t)lp_tensor_bytes(t), 1);
        data.align_bytes = 16;
    }
    return lp_write_parts(&w->builder, &w->buffers, &data, 1);
}

static size_t write_quantization(void *user, uint32_t i)
{
    struct writing *w = user;
    (void)i;
    struct lp_part parts[7] = {{0}};
    const struct lp_quant *q = &w->after->tensors[w->tensor].quant;
    if (was_there(w, w->tensor)) {
        struct lp_fb_table tensor = lp_fb_at(&w->tensors, w->tensor);
        struct lp_fb_table source = lp_fb_sub(&tensor, TENSOR_QUANTIZATION);
        lp_parts_of(&source, &lp_form_quantization, parts);
    }
    if (!same_quant(w, w->tensor)) {
        /* Smallest and largest values are by channel too, and nobody needs them. */
        parts[QUANT_MIN] = parts[QUANT_MAX] = (struct lp_part){.kind = LP_PART_ABSENT};
        int64_t *zero_points = LP_NEW_ARRAY(w->arena, q->count, int64_t);
        if (zero_points == NULL) {
            w->builder.fault = LP_OUT_OF_MEMORY;
            return 0;
        }
        for (uint32_t c = 0; c < q->count; c++)
            zero_points[c] = q->zero_point[c];
        parts[QUANT_SCALE] = lp_part_vector(q->scale, q->count, 4);
        parts[QUANT_ZERO_POINT] = lp_part_vector(zero_points, q->count, 8);
        parts[QUANT_DIMENSION] = lp_part_scalar(4, (uint32_t)q->axis);
    }
    return lp_write_parts(&w->builder, &lp_form_quantization, parts, lp_form_quantization.count);
}

/* Where the signature leaves a dimension open it stays open, elsewhere it follows the shape. */
static void follow_shape(struct writing *w, const struct lp_tensor *t, struct lp_part *signature)
{
    if (signature->kind == LP_PART_ABSENT)
        return;
    int32_t *dims = LP_NEW_ARRAY(w->arena, LP_MAX_RANK, int32_t);
    if (dims == NULL || signature->count != t->rank) {
        signature->kind = LP_PART_ABSENT;
        return;
    }
    for (uint32_t d = 0; d < t->rank; d++) {
        int32_t old = (int32_t)lp_fb_int_at(&signature->source, d, 4);
        dims[d] = old == -1 ? -1 : t->dims[d];
    }
    *signature = lp_part_vector(dims, t->rank, 4);
}

static uint64_t type_code(enum lp_element element)
{
    static const uint8_t codes[] = {
        [LP_ELEMENT_FLOAT32] = 0, [LP_ELEMENT_INT32] = 2, [LP_ELEMENT_UINT8] = 3, [LP_ELEMENT_INT64] = 4,
        [LP_ELEMENT_BOOL] = 6,    [LP_ELEMENT_INT16] = 7, [LP_ELEMENT_INT8] = 9,
    };
    return codes[element];
}

static size_t write_tensor(void *user, uint32_t i)
{
    struct writing *w = user;
    struct lp_part parts[9] = {{0}};
    const struct lp_tensor *t = &w->after->tensors[i];
    struct lp_fb_table source = {0};
    w->tensor = i;
    if (was_there(w, i))
        source = lp_fb_at(&w->tensors, i);
    lp_parts_of(&source, &lp_form_tensor, parts);
    if (!was_there(w, i)) {
        parts[TENSOR_TYPE] = lp_part_scalar(1, type_code(t->element));
        parts[TENSOR_NAME] = (struct lp_part){.kind = LP_PART_TEXT, .data = t->name, .count = (uint32_t)strlen(t->name)};
    }
    if (w->is_used[i] && (!was_there(w, i) || !lp_tensors_same_shape(t, &w->before->tensors[i]))) {
        parts[TENSOR_SHAPE] = lp_part_vector(t->dims, t->rank, 4);
        follow_shape(w, t, &parts[TENSOR_SHAPE_SIGNATURE]);
    }
    if (parts[TENSOR_BUFFER].kind != LP_PART_ABSENT || w->buffer_of[i] != 0)
        parts[TENSOR_BUFFER] = lp_part_scalar(4, w->buffer_of[i]);
    if (lp_fb_has(&source, TENSOR_QUANTIZATION) || (!was_there(w, i) && t->quant.count != 0))
        parts[TENSOR_QUANTIZATION] = (struct lp_part){.kind = LP_PART_WRITTEN, .write = write_quantization, .user = w};
    return lp_write_parts(&w->builder, &lp_form_tensor, parts, lp_form_tensor.count);
}

struct options {
    struct writing *w;
    const struct lp_op *op;
    struct lp_fb_table source;
    uint8_t type;
};

/* Only these can have changed. */
static void change_options(const struct options *o, struct lp_part *parts)
{
    enum { PADDING = 0, DEPTH_MULTIPLIER = 3, NEW_SHAPE = 0, SQUEEZED = 0 };
    const struct lp_graph *g = o->w->after;
    if (o->type == OPTIONS_CONV_2D || o->type == OPTIONS_DEPTHWISE)
        parts[PADDING] = lp_part_scalar(1, o->op->as.window.padding == LP_PADDING_SAME ? 0 : 1);
    if (o->type == OPTIONS_DEPTHWISE)
        parts[DEPTH_MULTIPLIER] = lp_part_scalar(
            4, (uint32_t)(lp_op_input(g, o->op, 1)->dims[3] / lp_op_input(g, o->op, 0)->dims[3]));
    if (o->op->kind == LP_OP_RESHAPE && o->op->as.reshape.given)
        parts[NEW_SHAPE] = lp_part_vector(o->op->as.reshape.dims, o->op->as.reshape.rank, 4);
    if (o->op->kind == LP_OP_SQUEEZE && o->op->as.squeeze.count != 0)
        parts[SQUEEZED] = lp_part_vector(o->op->as.squeeze.axes, o->op->as.squeeze.count, 4);
}

static size_t write_options(void *user, uint32_t i)
{
    const struct options *o = user;
    struct lp_part parts[16] = {{0}};
    const struct lp_table_form *form = lp_form_of_options(o->type);
    const struct lp_fb_table *s = &o->source;
    (void)i;
    if (form == NULL)
        return lp_builder_raw_table(&o->w->builder, s->fb->data + s->vtable_at, s->vtable_bytes, s->fb->data + s->at,
                                    s->table_bytes, s->at);
    lp_parts_of(s, form, parts);
    change_options(o, parts);
    return lp_write_parts(&o->w->builder, form, parts, form->count);
}

static size_t write_operator(void *user, uint32_t i)
{
    struct writing *w = user;
    const struct lp_op *op = &w->after->ops[i];
    struct lp_part parts[9];
    struct lp_fb_table source = lp_fb_at(&w->operators, op->source_index);
    struct options options = {w, op, lp_fb_sub(&source, OPERATOR_OPTIONS),
                              (uint8_t)lp_fb_uint(&source, OPERATOR_OPTIONS_TYPE, 1, 0)};
    lp_parts_of(&source, &lp_form_operator, parts);
    parts[OPERATOR_INPUTS] = lp_part_vector(op->inputs, op->input_count, 4);
    parts[OPERATOR_OUTPUTS] = lp_part_vector(op->outputs, op->output_count, 4);
    if (options.source.fb == NULL && op->kind == LP_OP_SQUEEZE && op->as.squeeze.count != 0) {
        options.type = OPTIONS_SQUEEZE;
        parts[OPERATOR_OPTIONS_TYPE] = lp_part_scalar(1, OPTIONS_SQUEEZE);
    }
    if (options.source.fb != NULL || options.type == OPTIONS_SQUEEZE)
        parts[OPERATOR_OPTIONS] = (struct lp_part){.kind = LP_PART_WRITTEN, .write = write_options, .user = &options};
    return lp_write_parts(&w->builder, &lp_form_operator, parts, lp_form_operator.count);
}

static size_t write_subgraph(void *user, uint32_t i)
{
    struct writing *w = user;
    struct lp_part parts[6];
    (void)i;
    lp_parts_of(&w->subgraph, &lp_form_subgraph, parts);
    parts[SUBGRAPH_TENSORS] = (struct lp_part){
        .kind = LP_PART_WRITTEN_TABLES, .count = w->after->tensor_count, .write = write_tensor, .user = w};
    parts[SUBGRAPH_OPERATORS] = (struct lp_part){
        .kind = LP_PART_WRITTEN_TABLES, .count = w->after->op_count, .write = write_operator, .user = w};
    return lp_write_parts(&w->builder, &lp_form_subgraph, parts, lp_form_subgraph.count);
}

static lp_status find_used(struct writing *w)
{
    const struct lp_graph *g = w->after;
    for (uint32_t i = 0; i < g->input_count; i++)
        w->is_used[g->inputs[i]] = true;
    for (uint32_t i = 0; i < g->output_count; i++)
        w->is_used[g->outputs[i]] = true;
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        if ((op->kind == LP_OP_CONV_2D || op->kind == LP_OP_DEPTHWISE_CONV_2D) && op->as.window.padding == LP_PADDING_EXPLICIT)
            return lp_error(w->diag, LP_UNSUPPORTED,
                            "operator %u has padding that is neither SAME nor VALID, which a .tflite can't say",
                            (unsigned)op->source_index);
        for (uint32_t k = 0; k < op->input_count; k++)
            if (op->inputs[k] != LP_NO_TENSOR)
                w->is_used[op->inputs[k]] = true;
        for (uint32_t k = 0; k < op->output_count; k++)
            w->is_used[op->outputs[k]] = true;
    }
    return LP_OK;
}

/* Buffers of the model keep their numbers, which metadata rely on; those of changed constants stand behind them. */
static void assign_buffers(struct writing *w, const struct lp_fb_table *model)
{
    enum { MODEL_METADATA_BUFFERS = 5, METADATA_BUFFER = 1 };
    struct lp_fb_vector older = lp_fb_vec(model, MODEL_METADATA_BUFFERS, 4);
    for (uint32_t i = 0; i < older.count; i++) {
        int64_t buffer = lp_fb_int_at(&older, i, 4);
        if (buffer >= 0 && buffer < w->buffers.count)
            w->buffer_is_used[buffer] = true;
    }
    for (uint32_t i = 0; i < w->metadata.count; i++) {
        struct lp_fb_table entry = lp_fb_at(&w->metadata, i);
        uint64_t buffer = lp_fb_uint(&entry, METADATA_BUFFER, 4, 0);
        if (buffer < w->buffers.count)
            w->buffer_is_used[buffer] = true;
    }
    for (uint32_t i = 0; i < w->after->tensor_count; i++) {
        const struct lp_tensor *t = &w->after->tensors[i];
        if (!w->is_used[i])
            continue;
        if (same_data(w, i)) {
            struct lp_fb_table tensor = lp_fb_at(&w->tensors, i);
            uint64_t buffer = lp_fb_uint(&tensor, TENSOR_BUFFER, 4, 0);
            w->buffer_of[i] = buffer < w->buffers.count ? (uint32_t)buffer : 0;
            if (w->buffer_of[i] != 0)
                w->buffer_is_used[w->buffer_of[i]] = true;
        } else if (t->data != NULL) {
            w->tensor_of_buffer[w->new_buffer_count] = i;
            w->buffer_of[i] = w->buffers.count + w->new_buffer_count++;
        }
    }
}

static lp_status open_model(struct writing *w, struct lp_fb_table *model)
{
    enum { MODEL_METADATA = 6 };
    *model = lp_fb_root(&w->fb);
    struct lp_fb_vector subgraphs = lp_fb_vec(model, MODEL_SUBGRAPHS, 4);
    w->subgraph = lp_fb_at(&subgraphs, 0);
    w->buffers = lp_fb_vec(model, MODEL_BUFFERS, 4);
    w->metadata = lp_fb_vec(model, MODEL_METADATA, 4);
    w->tensors = lp_fb_vec(&w->subgraph, SUBGRAPH_TENSORS, 4);
    w->operators = lp_fb_vec(&w->subgraph, SUBGRAPH_OPERATORS, 4);
    w->is_used = LP_NEW_ARRAY(w->arena, w->after->tensor_count, bool);
    w->buffer_of = LP_NEW_ARRAY(w->arena, w->after->tensor_count, uint32_t);
    w->tensor_of_buffer = LP_NEW_ARRAY(w->arena, w->after->tensor_count, uint32_t);
    w->buffer_is_used = LP_NEW_ARRAY(w->arena, w->buffers.count, bool);
    if (w->is_used == NULL || w->buffer_of == NULL || w->tensor_of_buffer == NULL || w->buffer_is_used == NULL)
        return lp_no_memory(w->diag);
    return LP_OK;
}

lp_status lp_tflite_write(struct lp_arena *arena, struct lp_diag *diag, const uint8_t *model, size_t model_bytes,
                          const struct lp_graph *before, const struct lp_graph *after, const uint8_t **out, size_t *out_bytes)
{
    struct writing w = {.arena = arena,
                        .diag = diag,
                        .fb = {.data = model, .size_bytes = model_bytes},
                        .builder = {.arena = arena},
                        .before = before,
                        .after = after};
    struct lp_fb_table root = {0};
    struct lp_part parts[8];
    if (before->state_count != 0)
        return lp_error(diag, LP_UNSUPPORTED,
                        "a model that keeps %u variables between inferences can't be written: compile it for a target instead",
                        (unsigned)before->state_count);
    lp_status status = open_model(&w, &root);
    if (status == LP_OK)
        status = find_used(&w);
    if (status != LP_OK)
        return status;
    assign_buffers(&w, &root);
    lp_parts_of(&root, &lp_form_model, parts);
    parts[MODEL_SUBGRAPHS] = (struct lp_part){.kind = LP_PART_WRITTEN_TABLES, .count = 1, .write = write_subgraph, .user = &w};
    parts[MODEL_BUFFERS] = (struct lp_part){
        .kind = LP_PART_WRITTEN_TABLES, .count = w.buffers.count + w.new_buffer_count, .write = write_buffer, .user = &w};
    size_t head = lp_builder_begin(&w.builder, "TFL3");
    lp_builder_refer(&w.builder, head, lp_write_parts(&w.builder, &lp_form_model, parts, lp_form_model.count));
    if (w.fb.fault != NULL)
        return lp_error(diag, LP_BAD_INPUT, "the model is damaged at byte %zu: %s", w.fb.fault_at_bytes, w.fb.fault);
    if (w.builder.fault == LP_DOES_NOT_FIT)
        return lp_error(diag, LP_DOES_NOT_FIT, "the new model would have 2 GB or more, which the format can't hold");
    if (w.builder.fault != LP_OK)
        return lp_no_memory(diag);
    *out = w.builder.data;
    *out_bytes = w.builder.size_bytes;
    return LP_OK;
}
