#include "cli/commands.h"
#include "cli/explain/folder.h"
#include "cli/explain/streams.h"
#include "cli/explain/with_model.h"
#include "compiler/lower/stored.h"
#include "compiler/report/table.h"
#include "explain/match.h"

#include <string.h>

struct explain {
    struct lp_session session;
    const char *folder_path;
    struct lp_explain_folder folder;
    struct lp_build_ledger ledger;
    struct lp_build_match match;
    struct lp_unit unit; /* of the model, when one is given */
    struct lp_saturation saturation;
    struct lp_cost instead;
    bool knows_instead;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Machine-readable output on standard output", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct explain *e = state->input;
    switch (key) {
    case 'j': e->session.json = true; return 0;
    case ARGP_KEY_ARG:
        if (e->folder_path == NULL)
            e->folder_path = arg;
        else if (e->session.model_path == NULL)
            e->session.model_path = arg;
        else
            argp_error(state, "one folder and one model: '%s' is too many", arg);
        return 0;
    case ARGP_KEY_END:
        if (e->folder_path == NULL)
            argp_error(state, "the folder of a build is missing");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int64_t unexplained(const struct explain *e)
{
    return e->ledger.total_bytes - e->ledger.explained_bytes;
}

/* What the model says of one layer of the build. */
struct dead_layer {
    uint32_t filters, dead;
    int64_t constants_bytes; /* of channels that no input can change, in the model's own storage */
    int64_t added_bytes;     /* that this build's storage adds for them */
};

static struct dead_layer dead_in(const struct explain *e, uint32_t layer)
{
    struct dead_layer d = {0};
    int32_t op = e->match.op_of_layer == NULL ? -1 : e->match.op_of_layer[layer];
    if (op < 0 || e->unit.removal == NULL)
        return d;
    const struct lp_build_layer *l = &e->ledger.layers[layer];
    const struct lp_removed_layer *removed = &e->unit.removal->layers[op];
    d.filters = removed->channels;
    for (int i = 0; i < LP_DEAD_REASON_COUNT; i++)
        d.dead += removed->dead[i];
    d.constants_bytes = removed->constants_bytes - removed->constants_bytes_after;
    int64_t taps = l->outputs > 0 && l->is_depthwise ? l->kernel_elements / l->outputs : 0;
    d.added_bytes = (int64_t)d.dead * ((l->block - 1) * taps + 2);
    return d;
}

static void add_heading(const struct explain *e, struct lp_text *out)
{
    const struct lp_build *b = &e->folder.build;
    char number[32];
    lp_text_printf(out, "%s: built by the NPU compiler %s%s%s\n", e->folder_path,
                   b->compiler_version == NULL ? "of unknown version" : b->compiler_version,
                   b->product_version == NULL ? "" : ", ST Edge AI Core ", b->product_version == NULL ? "" : b->product_version);
    if (b->epochs_hw >= 0)
        lp_text_printf(out, "%lld epochs in hardware, %lld in software, %lld in both\n", (long long)b->epochs_hw,
                       (long long)(b->epochs_sw < 0 ? 0 : b->epochs_sw),
                       (long long)(b->epochs_hybrid < 0 ? 0 : b->epochs_hybrid));
    lp_text_printf(out, "%u parameters from %s, %s bytes in all\n\n", (unsigned)b->param_count, b->params_from,
                   lp_number_text(e->ledger.total_bytes, number));
}

static void add_causes(struct explain *e, struct lp_text *out)
{
    struct lp_table table = {.arena = &e->session.arena, .columns = 3, .align = "lrl"};
    lp_table_cell(&table, "cause");
    lp_table_cell(&table, "bytes");
    lp_table_cell(&table, "what that is");
    for (int c = 0; c < LP_CAUSE_COUNT; c++) {
        int64_t bytes = lp_build_cause_bytes(&e->ledger, (enum lp_cause)c);
        if (bytes == 0)
            continue;
        lp_table_cell(&table, "%s", lp_cause_name((enum lp_cause)c));
        lp_table_number(&table, bytes);
        lp_table_cell(&table, "%s", lp_cause_meaning((enum lp_cause)c));
    }
    lp_table_cell(&table, "unexplained");
    lp_table_number(&table, unexplained(e));
    lp_table_cell(&table, "%s", unexplained(e) == 0 ? "" : "no rule of this NPU that is known here gives these bytes");
    lp_table_print(&table, out);
}

static void add_layers(struct explain *e, struct lp_text *out)
{
    struct lp_table table = {.arena = &e->session.arena, .columns = 6, .align = "lrrrrr"};
    static const char *const headings[] = {"layer", "filters", "bytes", "weights", "stored in blocks of", "dead filters"};
    for (size_t i = 0; i < LP_COUNT(headings); i++)
        lp_table_cell(&table, "%s", headings[i]);
    for (uint32_t i = 0; i < e->ledger.layer_count; i++) {
        const struct lp_build_layer *l = &e->ledger.layers[i];
        if (l->kernel_elements == 0)
            continue;
        lp_table_name(&table, "", l->name, "");
        lp_table_number(&table, l->outputs);
        lp_table_number(&table, l->bytes);
        lp_table_number(&table, l->kernel_elements);
        if (l->is_depthwise)
            lp_table_number(&table, l->block);
        else
            lp_table_cell(&table, "%s", "");
        if (e->match.op_of_layer != NULL && e->match.op_of_layer[i] >= 0)
            lp_table_number(&table, dead_in(e, i).dead);
        else
            lp_table_cell(&table, "%s", "");
    }
    lp_text_printf(out, "\n");
    lp_table_print(&table, out);
}

static void add_model(struct explain *e, struct lp_text *out)
{
    struct dead_layer sum = {0};
    char a[32], b[32];
    for (uint32_t i = 0; i < e->ledger.layer_count; i++) {
        struct dead_layer d = dead_in(e, i);
        sum.filters += d.filters;
        sum.dead += d.dead;
        sum.constants_bytes += d.constants_bytes;
        sum.added_bytes += d.added_bytes;
    }
    lp_text_printf(out, "\n%u of the model's %u layers with weights were found in the build, by order and size.\n",
                   (unsigned)e->match.matched, (unsigned)e->match.ops_with_weights);
    if (e->match.matched == 0)
        lp_text_printf(out, "So nothing can be said of dead filters and of saturation: is this the model of the build?\n");
    else if (sum.dead == 0)
        lp_text_printf(out, "No input leaves a filter of these layers without effect: nothing was stored in vain.\n");
    else
        lp_text_printf(
            out,
            "%u of %u filters can be changed by no input and were stored all the same: %s bytes of weights and biases that "
            "limpid optimize\nremoves from the model itself, and %s bytes that this storage adds for them.\n",
            (unsigned)sum.dead, (unsigned)sum.filters, lp_number_text(sum.constants_bytes, a),
            lp_number_text(sum.added_bytes, b));
}

/* The shift that the build's own source sets for a layer; -1: nobody says. The last one of several is the one that counts. */
static int32_t own_shift(const struct explain *e, const char *layer)
{
    int32_t shift = -1;
    for (uint32_t i = 0; i < e->folder.build.convolution_count; i++)
        if (strcmp(e->folder.build.convolutions[i].layer, layer) == 0)
            shift = e->folder.build.convolutions[i].shift_o;
    return shift;
}

static const struct lp_vendor_finding *finding_of(const struct explain *e, uint32_t layer)
{
    int32_t op = e->match.op_of_layer == NULL ? -1 : e->match.op_of_layer[layer];
    return op < 0 ? NULL : lp_saturation_of(&e->saturation, (uint32_t)op);
}

static void add_saturation(struct explain *e, struct lp_text *out)
{
    static const char *const headings[] = {"layer", "shift by the rule", "in the build", "cannot saturate with",
                                           "inputs that saturate"};
    struct lp_table table = {.arena = &e->session.arena, .columns = LP_COUNT(headings), .align = "lrrrr"};
    uint32_t rows = 0;
    if (e->saturation.inputs == 0) {
        lp_text_printf(out, "\nThe model is too large to try which of its layers saturate.\n");
        return;
    }
    for (size_t i = 0; i < LP_COUNT(headings); i++)
        lp_table_cell(&table, "%s", headings[i]);
    for (uint32_t i = 0; i < e->ledger.layer_count; i++) {
        const struct lp_vendor_finding *f = finding_of(e, i);
        if (f == NULL || (lp_saturation_share(&e->saturation, f) <= 0 && f->shift >= f->safe_shift))
            continue;
        int32_t own = own_shift(e, e->ledger.layers[i].name);
        lp_table_name(&table, "", e->ledger.layers[i].name, "");
        lp_table_number(&table, f->shift);
        lp_table_cell(&table, own < 0 ? "%s" : "%s%d", own < 0 ? "not said" : "", own);
        lp_table_number(&table, f->safe_shift);
        lp_table_cell(&table, "%.0f of %zu", lp_saturation_share(&e->saturation, f) * (double)e->saturation.inputs,
                      e->saturation.inputs);
        rows++;
    }
    if (rows == 0) {
        lp_text_printf(out,
                       "\nNo layer saturates by this compiler's shift rule: its shifts cover the largest sums, and none of %zu "
                       "random inputs does.\n",
                       e->saturation.inputs);
        return;
    }
    lp_text_printf(out,
                   "\nLayers that saturate, or could: this compiler's shift rule takes the net sum of a filter's weights for the "
                   "largest sum\n(on random inputs; limpid diagnose tries a log)\n\n");
    lp_table_print(&table, out);
}

static void add_instead(struct explain *e, struct lp_text *out)
{
    const struct lp_cost *c = &e->instead;
    struct lp_table table = {.arena = &e->session.arena, .columns = 3, .align = "lrr"};
    char a[32], b[32], n[32];
    if (!e->knows_instead)
        return;
    lp_text_printf(out,
                   "\nlimpid stores %s bytes of weights and %s of program tables for this model on %s; this build has %s of "
                   "parameters.\n\n",
                   lp_number_text(c->weights_bytes, a), lp_number_text(c->program_bytes, b), c->target,
                   lp_number_text(e->ledger.total_bytes, n));
    lp_table_cell(&table, "cause");
    lp_table_cell(&table, "this build");
    lp_table_cell(&table, "limpid's weights");
    for (int k = 0; k < LP_CAUSE_COUNT; k++) {
        int64_t theirs = lp_build_cause_bytes(&e->ledger, (enum lp_cause)k);
        int64_t ours = lp_cost_cause_bytes(&c->weights, lp_cause_name((enum lp_cause)k));
        if (theirs == 0 && ours == 0)
            continue;
        lp_table_cell(&table, "%s", lp_cause_name((enum lp_cause)k));
        lp_table_number(&table, theirs);
        lp_table_number(&table, ours);
    }
    lp_table_print(&table, out);
}

static json_t *saturation_json(const struct lp_vendor_finding *f, const struct explain *e, uint32_t layer)
{
    int32_t own = own_shift(e, e->ledger.layers[layer].name);
    return f == NULL ? json_null()
                     : json_pack("{s:i, s:o, s:i, s:f}", "shift_by_rule", (int)f->shift, "shift_in_build",
                                 own < 0 ? json_null() : json_integer(own), "shift_that_cannot_saturate", (int)f->safe_shift,
                                 "saturating_inputs_share", lp_saturation_share(&e->saturation, f));
}

static json_t *instead_json(const struct explain *e)
{
    const struct lp_cost *c = &e->instead;
    json_t *ledger = json_array();
    if (!e->knows_instead) {
        json_decref(ledger);
        return json_null();
    }
    for (uint32_t i = 0; i < c->weights.count; i++)
        json_array_append_new(
            ledger, json_pack("{s:s, s:I}", "cause", c->weights.causes[i].name, "bytes", (json_int_t)c->weights.causes[i].bytes));
    return json_pack("{s:s, s:I, s:I, s:o}", "target", c->target, "weights_bytes", (json_int_t)c->weights_bytes, "program_bytes",
                     (json_int_t)c->program_bytes, "ledger", ledger);
}

static json_t *rows_json(const struct explain *e, const char *layer)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < e->ledger.row_count; i++) {
        const struct lp_build_row *row = &e->ledger.rows[i];
        bool is_here = row->layer == layer || (row->layer != NULL && layer != NULL && strcmp(row->layer, layer) == 0);
        if (is_here && row->bytes != 0)
            json_array_append_new(list,
                                  json_pack("{s:s, s:I}", "cause", row->is_explained ? lp_cause_name(row->cause) : "unexplained",
                                            "bytes", (json_int_t)row->bytes));
    }
    return list;
}

static json_t *causes_json(const struct explain *e)
{
    json_t *list = json_array();
    for (int c = 0; c <= LP_CAUSE_COUNT; c++) {
        int64_t bytes = lp_build_cause_bytes(&e->ledger, (enum lp_cause)c);
        if (bytes != 0)
            json_array_append_new(list, json_pack("{s:s, s:I}", "cause",
                                                  c == LP_CAUSE_COUNT ? "unexplained" : lp_cause_name((enum lp_cause)c), "bytes",
                                                  (json_int_t)bytes));
    }
    return list;
}

static json_t *layers_json(const struct explain *e)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < e->ledger.layer_count; i++) {
        const struct lp_build_layer *l = &e->ledger.layers[i];
        json_t *layer = json_pack("{s:o, s:I, s:I, s:I, s:I, s:o}", "name", lp_report_name_json(l->name), "filters",
                                  (json_int_t)l->outputs, "bytes", (json_int_t)l->bytes, "weights",
                                  (json_int_t)l->kernel_elements, "block", (json_int_t)l->block, "ledger", rows_json(e, l->name));
        if (e->match.op_of_layer != NULL && e->match.op_of_layer[i] >= 0) {
            uint32_t source = e->unit.model_graph->ops[e->match.op_of_layer[i]].source_index;
            json_object_set_new(layer, "operator", json_integer(source));
            json_object_set_new(layer, "dead_filters", json_integer(dead_in(e, i).dead));
            json_object_set_new(layer, "dead_constants_bytes", json_integer(dead_in(e, i).constants_bytes));
            json_object_set_new(layer, "saturation", saturation_json(finding_of(e, i), e, i));
        }
        json_array_append_new(list, layer);
    }
    return list;
}

static void add_json(const struct explain *e, struct lp_text *out)
{
    const struct lp_build *b = &e->folder.build;
    json_t *build = json_pack("{s:s?, s:s?, s:{s:I, s:I, s:I}, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "compiler",
                              b->compiler_version, "product", b->product_version, "epochs", "hw", (json_int_t)b->epochs_hw, "sw",
                              (json_int_t)b->epochs_sw, "hybrid", (json_int_t)b->epochs_hybrid, "reported_weights_bytes",
                              (json_int_t)b->weights_bytes, "reported_activations_bytes", (json_int_t)b->activations_bytes,
                              "bytes", (json_int_t)e->ledger.total_bytes, "explained_bytes",
                              (json_int_t)e->ledger.explained_bytes, "unexplained_bytes", (json_int_t)unexplained(e), "ledger",
                              causes_json(e), "layers", layers_json(e));
    if (e->session.model_path != NULL) {
        json_object_set_new(build, "saturation_inputs", json_integer((json_int_t)e->saturation.inputs));
        json_object_set_new(build, "limpid_instead", instead_json(e));
    }
    json_t *whole = json_pack("{s:{s:s, s:i}, s:o}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA, "build", build);
    lp_report_json_text(whole, out);
    json_decref(whole);
}

/* A tool that reports less than the kernels of the model's living channels take has another model, or a wrong figure. */
static lp_status check_stored(struct explain *e)
{
    int64_t least = 0, reported = e->folder.build.weights_bytes;
    lp_status status = lp_stored_least_bytes(&e->session.arena, &e->session.diag, e->unit.graph, &least);
    if (status == LP_OK && reported >= 0 && reported < least)
        return lp_error(
            &e->session.diag, LP_BAD_INPUT,
            "contradiction: this build reports %lld bytes of weights, the kernels of the model's living channels need "
            "%lld: it is no build of this model, or its report is of another one",
            (long long)reported, (long long)least);
    return status;
}

/* The model as far as ranges and removal: what is dead in it is dead on every target. */
static lp_status read_model(struct explain *e)
{
    struct lp_session *s = &e->session;
    lp_status status = lp_session_targets(s, "host");
    if (status == LP_OK)
        status = lp_session_model(s);
    return status == LP_OK ? lp_session_compile(s, &s->targets[0], "optimize", &e->unit) : status;
}

static lp_status compare_with_model(struct explain *e)
{
    struct lp_session *s = &e->session;
    lp_status status = lp_build_match(&s->arena, &s->diag, &e->ledger, e->unit.model_graph, &e->match);
    if (status == LP_OK)
        status = check_stored(e);
    if (status == LP_OK)
        status = lp_saturation_find(s, e->unit.model_graph, e->folder.build.compiler_version, &e->saturation);
    return status == LP_OK ? lp_instead_find(s, s->model_path, &e->instead, &e->knows_instead) : status;
}

/* Images alone say nothing: what they hold is looked for by content. */
static lp_status find_parameters(struct explain *e)
{
    struct lp_session *s = &e->session;
    if (e->folder.build.param_count != 0)
        return LP_OK;
    return s->model_path != NULL
               ? lp_streams_find(s, e->unit.model_graph, &e->folder)
               : lp_error(&s->diag, LP_BAD_INPUT,
                          "nothing in %s lists the parameters of a network (network_c_info.json or network.c): with the model as "
                          "second argument they are looked for in the images",
                          e->folder_path);
}

static void add_with_model(struct explain *e, struct lp_text *out)
{
    add_model(e, out);
    if (e->match.matched != 0)
        add_saturation(e, out);
    add_instead(e, out);
}

static lp_status account(struct explain *e)
{
    struct lp_session *s = &e->session;
    struct lp_explain_folder *f = &e->folder;
    lp_status status = lp_build_account(&s->arena, &s->diag, &f->build, f->images, f->image_count, &e->ledger);
    if (status == LP_OK && f->blob_header != NULL)
        status = lp_build_account_program(&s->arena, &s->diag, f->blob_header, (const char *)f->blob_text, f->blob_bytes,
                                          &e->ledger);
    return status;
}

int lp_cmd_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR [MODEL]",
        .doc =
            "Says why a network that ST Edge AI Core built for the NPU has the bytes it has: which are weights, which zeros of "
            "block-diagonal depthwise kernels, which vectors, padding or gaps. Reads network_c_info.json, network.c, "
            "network_generate_report.txt, images (atonbuf.POOL.raw) and network_ecblobs.h of the folder; with the model also "
            "says which bytes belong to channels that no input can change, which layers saturate by that compiler's shift rule, "
            "and what "
            "limpid would store instead."
            "\vExit status 1: some bytes are not explained.\nExample: limpid explain st_ai_output model.tflite"};
    struct explain e = {0};
    struct lp_session *s = &e.session;
    struct lp_text out = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &e);
    lp_status status = lp_explain_folder_read(s, e.folder_path, &e.folder);
    if (status == LP_OK && s->model_path != NULL)
        status = read_model(&e);
    if (status == LP_OK)
        status = find_parameters(&e);
    if (status == LP_OK)
        status = account(&e);
    if (status == LP_OK && s->model_path != NULL)
        status = compare_with_model(&e);
    if (status == LP_OK && s->json) {
        add_json(&e, &out);
    } else if (status == LP_OK) {
        add_heading(&e, &out);
        add_causes(&e, &out);
        add_layers(&e, &out);
        if (s->model_path != NULL)
            add_with_model(&e, &out);
    }
    if (status == LP_OK)
        status = lp_session_print(s, &out);
    return lp_session_close(s, status, status == LP_OK && unexplained(&e) != 0 ? LP_EXIT_FOUND : LP_EXIT_FINE);
}
