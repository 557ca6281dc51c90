/* What a network keeps between inferences: variables, and what SVDF remembers. VAR_HANDLE names one, READ_VARIABLE gives its value, ASSIGN_VARIABLE a new
 * one, and CALL_ONCE runs a subgraph that assigns the first ones. They are followed here in the order of the operators, and what
 * is left is a pair of tensors: the value before an inference and the value behind it (struct lp_state). */
#include "compiler/import/tflite_reader.h"

#include <string.h>

enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS };
enum { TENSOR_BUFFER = 2 };
enum { HANDLE_CONTAINER, HANDLE_NAME };
enum { ONCE_SUBGRAPH = 0 };
enum { CALL_ONCE = 129, VAR_HANDLE = 142, READ_VARIABLE = 143, ASSIGN_VARIABLE = 144 };
enum { NONE = -1 };
/* In the place of a rank: the new shape is that of the output, which has not been read yet. */
enum { SHAPE_FOLLOWS = UINT8_MAX };

struct lp_tflite_variable {
    struct lp_fb_vector container, name;
    int32_t before;  /* the first tensor that reads it, NONE when nobody does before the first assignment */
    int32_t now;     /* the tensor that holds its value, NONE as long as nobody has read or assigned it */
    uint64_t buffer; /* of its first value; 0: zeros */
};

bool lp_tflite_is_state_code(uint32_t code)
{
    return code == CALL_ONCE || code == VAR_HANDLE || code == READ_VARIABLE || code == ASSIGN_VARIABLE;
}

static bool same_text(const struct lp_fb *fb, const struct lp_fb_vector *a, const struct lp_fb_vector *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(fb->data + a->at, fb->data + b->at, a->count) == 0);
}

/* The variable of that name, a new one when there is none. */
static lp_status find_variable(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_tflite_variable **out)
{
    const struct lp_fb_vector container = lp_fb_text(options, HANDLE_CONTAINER), name = lp_fb_text(options, HANDLE_NAME);
    lp_status status = lp_tflite_fault(r);
    for (uint32_t i = 0; i < r->variable_count && status == LP_OK; i++)
        if (same_text(&r->fb, &r->variables[i].container, &container) && same_text(&r->fb, &r->variables[i].name, &name)) {
            *out = &r->variables[i];
            return LP_OK;
        }
    if (status != LP_OK)
        return status;
    if (r->variable_count == LP_TFLITE_MOST_VARIABLES) {
        r->unsupported_count++;
        return lp_error(r->diag, LP_UNSUPPORTED, "%s has more than %d variables: build it of fewer layers with state",
                        r->file_name, LP_TFLITE_MOST_VARIABLES);
    }
    if (r->variables == NULL)
        r->variables = LP_NEW_ARRAY(r->arena, LP_TFLITE_MOST_VARIABLES, struct lp_tflite_variable);
    if (r->variables == NULL)
        return lp_no_memory(r->diag);
    *out = &r->variables[r->variable_count++];
    **out = (struct lp_tflite_variable){.container = container, .name = name, .before = NONE, .now = NONE};
    return LP_OK;
}

/* An operator as the file has it; tensors are counted in the subgraph that it belongs to. */
struct state_op {
    uint32_t code;
    struct lp_fb_table options;
    int32_t inputs[2], outputs[1];
};

static lp_status bad_op(struct lp_tflite *r, uint32_t index, const char *what)
{
    return lp_error(r->diag, LP_BAD_INPUT, "%s: operator %u, which handles a variable, %s; convert the model again", r->file_name,
                    (unsigned)index, what);
}

static lp_status read_op(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t index, uint32_t code,
                         uint32_t tensor_count, struct state_op *op)
{
    const struct lp_fb_vector inputs = lp_fb_vec(table, OP_INPUTS, 4), outputs = lp_fb_vec(table, OP_OUTPUTS, 4);
    const uint32_t wanted_inputs = code == ASSIGN_VARIABLE ? 2 : code == READ_VARIABLE ? 1 : 0;
    const uint32_t wanted_outputs = code == VAR_HANDLE || code == READ_VARIABLE ? 1 : 0;
    *op = (struct state_op){.code = code, .options = lp_fb_sub(table, OP_OPTIONS)};
    lp_status status = lp_tflite_fault(r);
    if (status == LP_OK && (inputs.count != wanted_inputs || outputs.count != wanted_outputs))
        return bad_op(r, index, "has another number of inputs or outputs than its kind");
    for (uint32_t i = 0; i < wanted_inputs && status == LP_OK; i++) {
        op->inputs[i] = (int32_t)lp_fb_int_at(&inputs, i, 4);
        if (op->inputs[i] < 0 || (uint32_t)op->inputs[i] >= tensor_count)
            return bad_op(r, index, "names a tensor that the model has not");
    }
    for (uint32_t i = 0; i < wanted_outputs && status == LP_OK; i++) {
        op->outputs[i] = (int32_t)lp_fb_int_at(&outputs, i, 4);
        if (op->outputs[i] < 0 || (uint32_t)op->outputs[i] >= tensor_count)
            return bad_op(r, index, "names a tensor that the model has not");
    }
    return status == LP_OK ? lp_tflite_fault(r) : status;
}

/* ---- the subgraph that runs once ---- */

/* Which variable a tensor of a subgraph stands for, NULL for none. */
struct handles {
    struct lp_tflite_variable **of_tensor;
    uint32_t tensor_count;
};

static lp_status need_handle(struct lp_tflite *r, uint32_t index, const struct handles *handles, int32_t tensor,
                             struct lp_tflite_variable **out)
{
    *out = handles->of_tensor[tensor];
    return *out == NULL ? bad_op(r, index, "takes a tensor for a variable that no VAR_HANDLE has made") : LP_OK;
}

static lp_status make_handles(struct lp_tflite *r, uint32_t tensor_count, struct handles *out)
{
    void *memory = NULL;
    lp_status status = lp_tflite_take(r, tensor_count, sizeof *out->of_tensor, &memory);
    *out = (struct handles){memory, tensor_count};
    return status;
}

static lp_status initialize(struct lp_tflite *r, const struct lp_fb_vector *tensors, uint32_t index, const struct state_op *op,
                            struct handles *handles)
{
    struct lp_tflite_variable *variable = NULL;
    if (op->code == VAR_HANDLE)
        return find_variable(r, &op->options, &handles->of_tensor[op->outputs[0]]);
    if (op->code != ASSIGN_VARIABLE)
        return bad_op(r, index, "of the subgraph that runs once does more than to assign values");
    lp_status status = need_handle(r, index, handles, op->inputs[0], &variable);
    if (status != LP_OK)
        return status;
    const struct lp_fb_table tensor = lp_fb_at(tensors, (uint32_t)op->inputs[1]);
    variable->buffer = lp_fb_uint(&tensor, TENSOR_BUFFER, 4, 0);
    return lp_tflite_fault(r);
}

static lp_status run_once(struct lp_tflite *r, uint32_t index, int64_t subgraph)
{
    if (subgraph < 1 || subgraph >= (int64_t)r->subgraphs.count)
        return bad_op(r, index, "calls a subgraph that the model has not");
    if (r->is_called[subgraph])
        return LP_OK;
    r->is_called[subgraph] = true;
    const struct lp_fb_table table = lp_fb_at(&r->subgraphs, (uint32_t)subgraph);
    const struct lp_fb_vector tensors = lp_fb_vec(&table, SUBGRAPH_TENSORS, 4), ops = lp_fb_vec(&table, SUBGRAPH_OPERATORS, 4);
    struct handles handles;
    lp_status status = lp_tflite_fault(r);
    if (status == LP_OK)
        status = make_handles(r, tensors.count, &handles);
    for (uint32_t i = 0; i < ops.count && status == LP_OK; i++) {
        const struct lp_fb_table op_table = lp_fb_at(&ops, i);
        struct state_op op;
        uint32_t code = 0;
        status = lp_tflite_read_code(r, &op_table, i, &code);
        if (status == LP_OK && !lp_tflite_is_state_code(code)) {
            r->unsupported_count++;
            return lp_error(r->diag, LP_UNSUPPORTED,
                            "%s: operator %u of subgraph %lld, which runs once, computes something; only variables can be given "
                            "constants there: convert the model so",
                            r->file_name, (unsigned)i, (long long)subgraph);
        }
        if (status == LP_OK)
            status = read_op(r, &op_table, i, code, tensors.count, &op);
        if (status == LP_OK)
            status = initialize(r, &tensors, i, &op, &handles);
    }
    return status;
}

/* ---- the subgraph that computes ---- */

/* The operator becomes a RESHAPE to the same shape, which renames. */
static lp_status rename_value(struct lp_tflite *r, struct lp_op *op, int32_t from, int32_t to)
{
    op->inputs = LP_NEW(r->arena, int32_t);
    op->outputs = LP_NEW(r->arena, int32_t);
    if (op->inputs == NULL || op->outputs == NULL)
        return lp_no_memory(r->diag);
    op->kind = LP_OP_RESHAPE;
    op->as.reshape.given = true;
    op->as.reshape.rank = SHAPE_FOLLOWS;
    op->inputs[0] = from;
    op->outputs[0] = to;
    op->input_count = op->output_count = 1;
    return LP_OK;
}

lp_status lp_tflite_read_state_op(struct lp_tflite *r, const struct lp_fb_table *table, uint32_t code, struct lp_op *op)
{
    struct state_op s;
    struct lp_tflite_variable *variable = NULL;
    struct handles handles = {r->variable_of, r->tensors.count};
    op->kind = LP_OP_KIND_COUNT;
    lp_status status = read_op(r, table, op->source_index, code, r->tensors.count, &s);
    if (status == LP_OK && r->variable_of == NULL) {
        status = make_handles(r, r->tensors.count, &handles);
        r->variable_of = handles.of_tensor;
    }
    if (status == LP_OK && code == VAR_HANDLE)
        return find_variable(r, &s.options, &r->variable_of[s.outputs[0]]);
    if (status == LP_OK && code == CALL_ONCE)
        return run_once(r, op->source_index, lp_fb_int(&s.options, ONCE_SUBGRAPH, 4, 0));
    if (status == LP_OK)
        status = need_handle(r, op->source_index, &handles, s.inputs[0], &variable);
    if (status != LP_OK)
        return status;
    int32_t value = code == ASSIGN_VARIABLE ? s.inputs[1] : s.outputs[0];
    r->is_used[value] = true;
    if (code == READ_VARIABLE && variable->now != NONE)
        return rename_value(r, op, variable->now, value);
    if (code == READ_VARIABLE)
        variable->before = value;
    variable->now = value;
    return LP_OK;
}

/* ---- behind the tensors ---- */

static void drop_state_ops(struct lp_graph *g)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->op_count; i++) {
        struct lp_op *op = &g->ops[i];
        if (op->kind == LP_OP_KIND_COUNT)
            continue;
        if (op->kind == LP_OP_RESHAPE && op->as.reshape.rank == SHAPE_FOLLOWS) {
            const struct lp_tensor *out = &g->tensors[op->outputs[0]];
            op->as.reshape.rank = out->rank;
            memcpy(op->as.reshape.dims, out->dims, sizeof out->dims);
        }
        g->ops[kept++] = *op;
    }
    g->op_count = kept;
}

/* What the variable holds before the first inference: its constant, or zeros in real numbers. */
static lp_status first_value(struct lp_tflite *r, const struct lp_tflite_variable *variable, const void **out)
{
    const struct lp_tensor *t = &r->graph->tensors[variable->before];
    const size_t bytes = (size_t)lp_tensor_bytes(t), element_bytes = lp_element_bytes(t->element);
    const int32_t zero = t->quant.count == 1 ? t->quant.zero_point[0] : 0;
    size_t at = 0, size_bytes = 0;
    void *data = NULL;
    lp_status status = lp_tflite_find_buffer(r, (uint32_t)variable->before, variable->buffer, &at, &size_bytes);
    if (status == LP_OK && size_bytes != 0 && size_bytes != bytes)
        return lp_tflite_tensor_error(r, (uint32_t)variable->before, LP_BAD_INPUT,
                                      "the first value of its variable has %zu bytes, it needs %zu; convert the model again",
                                      size_bytes, bytes);
    if (status == LP_OK)
        status = lp_tflite_take(r, bytes, 1, &data);
    *out = data;
    if (status != LP_OK)
        return status;
    if (size_bytes != 0)
        memcpy(data, r->fb.data + at, bytes);
    for (size_t i = 0; size_bytes == 0 && i < bytes; i += element_bytes)
        memcpy((uint8_t *)data + i, &zero, element_bytes < sizeof zero ? element_bytes : sizeof zero);
    return LP_OK;
}

static lp_status make_state(struct lp_tflite *r, const struct lp_tflite_variable *variable, struct lp_state *states)
{
    struct lp_graph *g = r->graph;
    struct lp_tensor *before = &g->tensors[variable->before], *after = &g->tensors[variable->now];
    const void *first = NULL;
    lp_status status = first_value(r, variable, &first);
    if (status != LP_OK)
        return status;
    if (before == after) { /* nobody assigns it */
        before->data = first;
        return LP_OK;
    }
    if (before->element != after->element || lp_tensor_elements(before) != lp_tensor_elements(after))
        return lp_tflite_tensor_error(r, (uint32_t)variable->now, LP_BAD_INPUT,
                                      "it is assigned to a variable that has another type or size; convert the model again");
    states[g->state_count++] = (struct lp_state){.before = variable->before, .after = variable->now, .initial = first};
    return LP_OK;
}

/* Room for states and for the tensors of new ones: as many as there are operators that keep something. */
static lp_status make_room(struct lp_tflite *r, struct lp_state **states)
{
    struct lp_graph *g = r->graph;
    uint32_t keeping = 0;
    for (uint32_t i = 0; i < g->op_count; i++)
        keeping += g->ops[i].kind == LP_OP_SVDF;
    struct lp_tensor *tensors = LP_NEW_ARRAY(r->arena, (size_t)g->tensor_count + keeping, struct lp_tensor);
    *states = LP_NEW_ARRAY(r->arena, (size_t)r->variable_count + keeping, struct lp_state);
    if (tensors == NULL || *states == NULL)
        return lp_no_memory(r->diag);
    if (g->tensor_count != 0)
        memcpy(tensors, g->tensors, g->tensor_count * sizeof *tensors);
    g->tensors = tensors;
    g->states = *states;
    return r->variable_count + keeping <= LP_TFLITE_MOST_VARIABLES
               ? LP_OK
               : lp_error(r->diag, LP_UNSUPPORTED, "%s keeps more than %d things between inferences: build it of fewer layers",
                          r->file_name, LP_TFLITE_MOST_VARIABLES);
}

/* SVDF: its last input becomes what it was before, and a second output what it is afterwards; zeros at first. */
static lp_status add_kept(struct lp_tflite *r, struct lp_op *op, struct lp_state *states)
{
    struct lp_graph *g = r->graph;
    const int32_t before = op->inputs[op->input_count - 1];
    const size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[before]);
    void *zeros = NULL;
    int32_t *outputs = LP_NEW_ARRAY(r->arena, 2, int32_t);
    lp_status status = lp_tflite_take(r, bytes, 1, &zeros);
    if (status == LP_OK && outputs == NULL)
        return lp_no_memory(r->diag);
    if (status == LP_OK && op->output_count != 1)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT, "it has %u outputs, it needs 1; convert the model again",
                                  (unsigned)op->output_count);
    for (uint32_t i = 0; i < g->state_count && status == LP_OK; i++)
        if (states[i].before == before)
            return lp_tflite_op_error(r, op, LP_BAD_INPUT, "it shares its state with another operator; convert the model again");
    if (status != LP_OK)
        return status;
    g->tensors[g->tensor_count] = g->tensors[before];
    g->tensors[g->tensor_count].source_index = -1;
    outputs[0] = op->outputs[0];
    outputs[1] = (int32_t)g->tensor_count++;
    op->outputs = outputs;
    op->output_count = 2;
    states[g->state_count++] = (struct lp_state){.before = before, .after = outputs[1], .initial = zeros};
    return LP_OK;
}

lp_status lp_tflite_make_states(struct lp_tflite *r)
{
    struct lp_state *states = NULL;
    if (r->unsupported_count != 0)
        return LP_OK;
    lp_status status = make_room(r, &states);
    if (status == LP_OK)
        drop_state_ops(r->graph);
    if (status == LP_OK && r->graph->op_count == 0)
        return lp_error(r->diag, LP_UNSUPPORTED, "%s has no operators but those of its variables: there is nothing to compile",
                        r->file_name);
    for (uint32_t i = 0; i < r->variable_count && status == LP_OK; i++)
        if (r->variables[i].before != NONE)
            status = make_state(r, &r->variables[i], states);
    for (uint32_t i = 0; i < r->graph->op_count && status == LP_OK; i++)
        if (r->graph->ops[i].kind == LP_OP_SVDF)
            status = add_kept(r, &r->graph->ops[i], states);
    return status;
}
