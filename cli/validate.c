#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/progress.h"
#include "cli/simulate.h"
#include "compiler/report/table.h"
#include "evaluate/evaluate.h"

#include <stdio.h>
#include <string.h>

enum { KEY_LAYERS = 0x200, KEY_REAL, KEY_RAW };

/* An NPU rounds sums to 16 bits before it scales them: from exact inputs its results may be the neighbours. */
enum { NPU_LAYER_TOLERANCE = 1 };

struct validate {
    struct lp_session session;
    const char *inputs[LP_MAX_PORTS];
    uint32_t input_count;
    enum lp_values_mode mode;
    bool layers;
    struct lp_batch batch;
    const struct lp_unit *unit;  /* of the target at work */
    struct lp_compare *compares; /* by tensor, of the target at work */
    uint8_t **reference;         /* by tensor: all inferences back to back */
    uint8_t *left;               /* room for one tensor without its dead channels */
    uint8_t *forced;             /* likewise, for one that an epoch reads */
    json_t *json;                /* array: one object a target */
    struct lp_table table;
    bool found_difference; /* of a CPU target from the reference; of an NPU layer by more than 1 from exact inputs */
    bool has_npu;
    uint64_t saturations; /* in units of an NPU, where nothing may be clamped */
};

static const struct argp_option options[] = {
    {"input", 'i', "FILE", 0, "Values of the next input: .npy, .csv, .bin, .png, .jpg or random:N[:SEED] (default: random:16)",
     0},
    {"layers", KEY_LAYERS, NULL, 0, "Compare every tensor that the target computes, and name the first that differs", 0},
    {"real", KEY_REAL, NULL, 0, "Input values are in real units", 0},
    {"raw", KEY_RAW, NULL, 0, "Input values are the network's integers", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct validate *v = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &v->session; return 0;
    case 'i':
        if (v->input_count == LP_MAX_PORTS)
            argp_error(state, "more than %d inputs", LP_MAX_PORTS);
        v->inputs[v->input_count++] = arg;
        return 0;
    case KEY_LAYERS: v->layers = true; return 0;
    case KEY_REAL:
    case KEY_RAW:
        if (v->mode != LP_VALUES_AUTO && v->mode != (key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW))
            argp_error(state, "--real and --raw exclude each other");
        v->mode = key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW;
        return 0;
    case ARGP_KEY_ARG:
        if (v->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        v->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (v->session.model_path == NULL)
            argp_error(state, "a model file is missing");
        if (v->input_count == 0)
            v->inputs[v->input_count++] = "random:16";
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool is_wanted(const struct validate *v, const struct lp_graph *graph, int32_t tensor)
{
    for (uint32_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i] == tensor)
            return true;
    return v->layers && graph->tensors[tensor].data == NULL;
}

static lp_status keep_reference(struct validate *v, const struct lp_graph *graph, const struct lp_evaluation *evaluation,
                                size_t n)
{
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        size_t bytes = (size_t)lp_tensor_bytes(&graph->tensors[t]);
        if (!is_wanted(v, graph, (int32_t)t))
            continue;
        if (v->reference[t] == NULL)
            v->reference[t] = lp_arena_alloc(&v->session.arena, v->batch.count, bytes);
        if (v->reference[t] == NULL)
            return lp_no_memory(&v->session.diag);
        memcpy(v->reference[t] + n * bytes, lp_evaluate_tensor(evaluation, (int32_t)t), bytes);
    }
    return LP_OK;
}

/* The reference once, for all targets: the operators one by one on the portable kernels, nothing folded or planned. */
static lp_status run_reference(struct validate *v, const struct lp_graph *graph)
{
    struct lp_session *s = &v->session;
    struct lp_evaluation evaluation;
    int64_t largest_bytes = 0;
    for (uint32_t t = 0; t < graph->tensor_count; t++)
        largest_bytes = lp_tensor_bytes(&graph->tensors[t]) > largest_bytes ? lp_tensor_bytes(&graph->tensors[t]) : largest_bytes;
    v->reference = LP_NEW_ARRAY(&s->arena, graph->tensor_count, uint8_t *);
    v->left = LP_NEW_ARRAY(&s->arena, (size_t)largest_bytes, uint8_t);
    v->forced = LP_NEW_ARRAY(&s->arena, (size_t)largest_bytes, uint8_t);
    if (v->reference == NULL || v->left == NULL || v->forced == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_evaluate_open(&evaluation, graph, s->options.rounding, &s->diag);
    if (status != LP_OK)
        return status;
    struct lp_progress progress = lp_progress_start("reference", v->batch.count);
    for (size_t n = 0; n < v->batch.count && status == LP_OK; n++) {
        for (uint32_t i = 0; i < graph->input_count && status == LP_OK; i++)
            status = lp_evaluate_set_input(&evaluation, i, v->batch.inputs[i].data + n * v->batch.inputs[i].inference_bytes,
                                           v->batch.inputs[i].inference_bytes);
        if (status == LP_OK)
            status = lp_evaluate_run(&evaluation, &s->diag);
        if (status == LP_OK)
            status = keep_reference(v, graph, &evaluation, n);
        lp_progress_step(&progress, n + 1);
    }
    lp_progress_end(&progress);
    lp_evaluate_close(&evaluation);
    return status;
}

static void compare_tensor(void *user, size_t inference, int32_t tensor, const void *data)
{
    struct validate *v = user;
    const struct lp_tensor *t = &v->unit->graph->tensors[tensor];
    /* What a rewrite added has no counterpart in the model. */
    if ((uint32_t)tensor >= v->unit->model_graph->tensor_count)
        return;
    const struct lp_tensor *whole = &v->unit->model_graph->tensors[tensor];
    const uint8_t *expected = v->reference[tensor] + inference * (size_t)lp_tensor_bytes(whole);
    if (v->unit->removal != NULL && v->unit->removal->kept[tensor].period != 0) {
        /* Only the channels that are left can be compared. */
        lp_removal_gather(v->unit->removal, tensor, expected, v->left);
        expected = v->left;
    }
    lp_compare_add(&v->compares[tensor], t, expected, data);
}

static void add_row(struct validate *v, const char *before, const char *name, const char *behind, const struct lp_compare *c)
{
    lp_table_cell(&v->table, "%s", v->unit->target->name);
    lp_table_name(&v->table, before, name, behind);
    lp_table_number(&v->table, (int64_t)c->elements);
    lp_table_cell(&v->table, lp_compare_is_exact(c) ? "100 %%" : "%.4f %%",
                  c->elements == 0 ? 100.0 : 100.0 * (double)c->exact / (double)c->elements);
    lp_table_cell(&v->table, "%g", c->max_abs_diff);
    lp_table_cell(&v->table, "%.1f %%", c->inferences == 0 ? 100.0 : 100.0 * (double)c->argmax_agreed / (double)c->inferences);
    if (v->unit->target->kind != LP_TARGET_NPU)
        v->found_difference = v->found_difference || !lp_compare_is_exact(c);
}

static json_t *outputs_json(struct validate *v)
{
    const struct lp_graph *g = v->unit->graph;
    json_t *outputs = json_array();
    for (uint32_t o = 0; o < g->output_count; o++) {
        const struct lp_tensor *t = &g->tensors[g->outputs[o]];
        struct lp_compare compare = {0};
        char before[32];
        for (size_t n = 0; n < v->batch.count; n++)
            lp_compare_add(&compare, t, v->reference[g->outputs[o]] + n * v->batch.outputs[o].inference_bytes,
                           v->batch.outputs[o].data + n * v->batch.outputs[o].inference_bytes);
        json_t *row = json_pack("{s:o}", "name", lp_report_name_json(t->name));
        lp_compare_json(&compare, row);
        json_array_append_new(outputs, row);
        snprintf(before, sizeof before, "output %u '", (unsigned)o);
        add_row(v, before, t->name, "'", &compare);
    }
    return outputs;
}

static json_t *layers_json(struct validate *v, json_t **first_different)
{
    const struct lp_graph *g = v->unit->graph;
    json_t *layers = json_array();
    *first_different = json_null();
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        const struct lp_compare *c = &v->compares[op->outputs[0]];
        char before[32];
        if (c->inferences == 0)
            continue;
        json_t *row = json_pack("{s:I, s:s, s:o}", "index", (json_int_t)op->source_index, "op", lp_op_kind_table[op->kind].name,
                                "name", lp_report_name_json(lp_op_name(g, op)));
        lp_compare_json(c, row);
        json_array_append_new(layers, row);
        snprintf(before, sizeof before, "%u ", (unsigned)op->source_index);
        add_row(v, before, lp_op_kind_table[op->kind].name, "", c);
        if (!lp_compare_is_exact(c) && json_is_null(*first_different))
            *first_different = json_integer((json_int_t)op->source_index);
        if (v->unit->target->kind == LP_TARGET_NPU && c->max_abs_diff > NPU_LAYER_TOLERANCE)
            v->found_difference = true;
    }
    return layers;
}

/* On a board only outputs can be seen: the layers are compared on a second build in which every tensor is an output. The
 * first build, with the memory plan that users get, is the one whose outputs count. */
static lp_status compare_layers_on_board(struct validate *v, const struct lp_unit *plain)
{
    struct lp_session *s = &v->session;
    struct lp_unit *unit = LP_NEW(&s->arena, struct lp_unit);
    struct lp_batch *batch = LP_NEW(&s->arena, struct lp_batch);
    if (unit == NULL || batch == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_batch_run_exposed(s, plain->target, &v->batch, unit, batch);
    for (uint32_t o = 0; status == LP_OK && o < unit->graph->output_count; o++)
        for (size_t n = 0; n < batch->count; n++)
            compare_tensor(v, n, unit->graph->outputs[o], batch->outputs[o].data + n * batch->outputs[o].inference_bytes);
    return status;
}

static const void *exact_value(void *user, size_t inference, int32_t tensor)
{
    const struct validate *v = user;
    const struct lp_tensor *whole = &v->unit->model_graph->tensors[tensor];
    if (v->reference[tensor] == NULL)
        return NULL;
    const uint8_t *value = v->reference[tensor] + inference * (size_t)lp_tensor_bytes(whole);
    if (v->unit->removal == NULL || v->unit->removal->kept[tensor].period == 0)
        return value;
    lp_removal_gather(v->unit->removal, tensor, value, v->forced);
    return v->forced;
}

/* An NPU's error adds up from layer to layer: each is compared by itself, from the reference's inputs, on a build that stores
 * every tensor. */
static lp_status compare_layers_on_npu(struct validate *v, const struct lp_unit *plain)
{
    struct lp_session *s = &v->session;
    struct lp_unit *unit = LP_NEW(&s->arena, struct lp_unit);
    struct lp_batch *batch = LP_NEW(&s->arena, struct lp_batch);
    const struct lp_batch_watch watch = {compare_tensor, v};
    const struct lp_batch_force force = {exact_value, v};
    struct lp_batch_costs costs;
    if (unit == NULL || batch == NULL)
        return lp_no_memory(&s->diag);
    *batch = v->batch;
    lp_status status = lp_batch_exposed(s, plain->target, unit, batch);
    v->unit = unit;
    if (status == LP_OK)
        status = lp_batch_simulate(s, unit, batch, &watch, &force, &costs);
    v->unit = plain;
    if (status == LP_OK)
        v->saturations += costs.saturations;
    return status;
}

static lp_status run_target(struct validate *v, struct lp_unit *unit)
{
    struct lp_session *s = &v->session;
    const struct lp_batch_watch watch = {compare_tensor, v};
    struct lp_batch_costs costs;
    if (unit->target->kind == LP_TARGET_NPU) {
        lp_status status = lp_batch_simulate(s, unit, &v->batch, NULL, NULL, &costs);
        v->has_npu = true;
        v->saturations += status == LP_OK ? costs.saturations : 0;
        return status == LP_OK && v->layers ? compare_layers_on_npu(v, unit) : status;
    }
    bool on_board = unit->target->board != NULL;
    lp_status status = lp_batch_run(s, unit, &v->batch, v->layers && !on_board ? &watch : NULL);
    return status == LP_OK && v->layers && on_board ? compare_layers_on_board(v, unit) : status;
}

static lp_status validate_target(struct validate *v, struct lp_unit *unit)
{
    struct lp_session *s = &v->session;
    json_t *first = NULL;
    v->unit = unit;
    v->compares = LP_NEW_ARRAY(&s->arena, unit->graph->tensor_count, struct lp_compare);
    if (v->compares == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_batch_outputs(s, unit->graph, &v->batch);
    if (status == LP_OK)
        status = run_target(v, unit);
    if (status != LP_OK)
        return status;
    json_t *row = json_pack("{s:s, s:I}", "target", unit->target->name, "inferences", (json_int_t)v->batch.count);
    if (v->layers) {
        json_object_set_new(row, "layers", layers_json(v, &first));
        json_object_set_new(row, "first_different_layer", first);
    }
    json_object_set_new(row, "outputs", outputs_json(v));
    json_array_append_new(v->json, row);
    return LP_OK;
}

static lp_status validate(struct validate *v)
{
    struct lp_session *s = &v->session;
    static struct lp_unit units[LP_MAX_TARGETS];
    static const char *const heads[] = {"target", "compared", "values", "exact", "largest difference", "same class"};
    lp_status status = lp_session_model(s);
    v->table = (struct lp_table){.arena = &s->arena, .columns = LP_COUNT(heads), .align = "llrrrr"};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&v->table, "%s", heads[i]);
    for (uint32_t i = 0; i < s->target_count && status == LP_OK; i++) {
        status = lp_session_compile(s, &s->targets[i], NULL, &units[i]);
        if (status == LP_OK && i == 0)
            status = lp_batch_read(s, units[0].graph, v->inputs, v->input_count, v->mode, &v->batch);
        if (status == LP_OK && i == 0)
            status = run_reference(v, units[0].model_graph);
        if (status == LP_OK)
            status = validate_target(v, &units[i]);
    }
    return status;
}

static void add_verdict(struct validate *v, struct lp_text *out)
{
    if (v->session.json) {
        json_t *whole = json_pack("{s:{s:s, s:i}, s:s, s:O}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA,
                                  "rounding", v->session.options.rounding == LP_ROUNDING_DOUBLE ? "double" : "single", "targets",
                                  v->json);
        lp_report_json_text(whole, out);
        json_decref(whole);
        return;
    }
    lp_table_print(&v->table, out);
    const char *fine = v->has_npu ? "within what each target may differ by" : "every value equals the reference, bit for bit";
    lp_text_printf(out, "\n%zu inferences, rounding %s: %s\n", v->batch.count,
                   v->session.options.rounding == LP_ROUNDING_DOUBLE ? "double" : "single",
                   v->found_difference ? "DIFFERENT from the reference" : fine);
    if (v->has_npu)
        lp_text_printf(out, "NPU: layers from exact inputs, each allowed to differ by 1; outputs after all of them; %s%llu\n",
                       v->saturations == 0 ? "saturations before the last stage: " : "SATURATIONS before the last stage: ",
                       (unsigned long long)v->saturations);
}

int lp_cmd_validate(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL",
        .doc =
            "Runs a model on its targets and compares every output with the reference. A microcontroller target is compiled by "
            "arm-none-eabi-gcc and run on its emulated board.\v"
            "Exit status 1 when any value of a CPU target differs, when a layer of an NPU target differs by more than 1 from "
            "exact "
            "inputs, or when one of its sums saturates.\n"
            "Example: limpid validate model.tflite --target host,cortex-m55 --layers",
        .children = children};
    struct validate v = {.json = json_array()};
    struct lp_text out = {0};
    lp_status status = lp_session_parse(&v.session, &argp, argc, argv, &v);
    if (status == LP_OK)
        status = validate(&v);
    if (status == LP_OK) {
        add_verdict(&v, &out);
        status = lp_session_print(&v.session, &out);
    }
    json_decref(v.json);
    return lp_session_close(&v.session, status, v.found_difference || v.saturations != 0 ? LP_EXIT_FOUND : LP_EXIT_FINE);
}
