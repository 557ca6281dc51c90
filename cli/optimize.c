/* limpid optimize: the same model without what is dead, for any tool that reads .tflite. */
#include "cli/commands.h"
#include "cli/graph_runner.h"
#include "cli/session.h"
#include "compiler/analyze/shapes.h"
#include "compiler/base/file.h"
#include "compiler/import/import.h"
#include "compiler/report/table.h"
#include "compiler/write/tflite_write.h"

#include <string.h>

struct optimize {
    struct lp_session session;
    const char *output;
    struct lp_graph *graph;
    struct lp_removal *removal;
    size_t written_bytes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct optimize *o = state->input;
    switch (key) {
    case 'k': o->session.keep_dead = true; return 0;
    case 'o': o->output = arg; return 0;
    case ARGP_KEY_ARG:
        if (o->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        o->session.model_path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "a model file is missing"); return 0;
    case ARGP_KEY_END:
        if (o->output == NULL)
            argp_error(state, "-o SMALLER.tflite is missing: where to write the model");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Others may round either way, so only what is constant in both goes. */
static lp_status find_ranges(struct optimize *o, struct lp_ranges **both)
{
    struct lp_session *s = &o->session;
    struct lp_ranges *single = NULL;
    struct lp_ranges *twice = NULL;
    lp_status status = lp_ranges_find(&s->arena, &s->diag, o->graph, LP_ROUNDING_SINGLE, NULL, &single);
    if (status == LP_OK)
        status = lp_ranges_find(&s->arena, &s->diag, o->graph, LP_ROUNDING_DOUBLE, NULL, &twice);
    return status == LP_OK ? lp_ranges_join(&s->arena, &s->diag, single, twice, both) : status;
}

static lp_status remove_dead(struct optimize *o)
{
    struct lp_session *s = &o->session;
    struct lp_ranges *ranges = NULL;
    lp_status status = find_ranges(o, &ranges);
    const struct lp_optimize_options options = {.ranges = ranges, .only_tflite = true};
    if (status == LP_OK)
        status = lp_optimize(&s->arena, &s->diag, o->graph, &options, &o->removal);
    if (status == LP_OK)
        status = lp_rewrite_check(&s->diag, o->removal->before, o->removal->after, ranges, LP_ROUNDING_SINGLE, &lp_pc_runner);
    if (status == LP_OK)
        status = lp_rewrite_check(&s->diag, o->removal->before, o->removal->after, ranges, LP_ROUNDING_DOUBLE, &lp_pc_runner);
    return status;
}

/* What was written is read back before anybody relies on it. */
static lp_status read_back(struct lp_session *s, const uint8_t *data, size_t size_bytes)
{
    struct lp_graph *graph = NULL;
    lp_status status = lp_import(&s->arena, &s->diag, "the new model", data, size_bytes, &graph);
    if (status == LP_OK)
        status = lp_graph_verify(graph, "reading back", &s->diag);
    return status == LP_OK ? lp_analyze_shapes(graph, &s->diag) : status;
}

static lp_status optimize(struct optimize *o)
{
    struct lp_session *s = &o->session;
    const char *slash = strrchr(s->model_path, '/');
    const uint8_t *data = NULL;
    lp_status status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_import(&s->arena, &s->diag, slash == NULL ? s->model_path : slash + 1, s->model, s->model_bytes, &o->graph);
    if (status == LP_OK)
        status = lp_graph_verify(o->graph, "import", &s->diag);
    if (status == LP_OK)
        status = lp_analyze_shapes(o->graph, &s->diag);
    if (status == LP_OK && !s->keep_dead)
        status = remove_dead(o);
    if (status == LP_OK && !s->keep_dead && !o->removal->is_changed) {
        /* Nothing to do better: not a byte changes. */
        data = s->model;
        o->written_bytes = s->model_bytes;
    } else if (status == LP_OK) {
        status = lp_tflite_write(&s->arena, &s->diag, s->model, s->model_bytes, o->graph,
                                 s->keep_dead ? o->graph : o->removal->after, &data, &o->written_bytes);
    }
    if (status == LP_OK)
        status = read_back(s, data, o->written_bytes);
    return status == LP_OK ? lp_file_write(&s->diag, o->output, data, o->written_bytes) : status;
}

static void describe(const struct optimize *o, struct lp_text *out)
{
    int64_t constants[2] = {0, 0};
    int64_t macs[2] = {0, 0};
    char a[32], b[32];
    uint32_t dead = 0;
    for (uint32_t i = 0; o->removal != NULL && i < o->graph->op_count; i++) {
        const struct lp_removed_layer *layer = &o->removal->layers[i];
        constants[0] += layer->constants_bytes;
        constants[1] += layer->constants_bytes_after;
        macs[0] += layer->macs;
        macs[1] += layer->macs_after;
        for (int r = 0; r < LP_DEAD_REASON_COUNT; r++)
            dead += layer->dead[r];
    }
    if (o->removal == NULL)
        lp_text_printf(out, "%s: as it was", o->output);
    else if (!o->removal->is_changed)
        lp_text_printf(out, "%s: nothing is dead in both roundings", o->output);
    else
        lp_text_printf(out, "%s: %u dead channels removed; %s of %s bytes of weights and biases", o->output, (unsigned)dead,
                       lp_number_text(constants[1], a), lp_number_text(constants[0], b));
    if (o->removal != NULL && o->removal->is_changed)
        lp_text_printf(out, ", %s of %s MACs are left", lp_number_text(macs[1], a), lp_number_text(macs[0], b));
    lp_text_printf(out, "; the file has %s bytes, the model had %s\n", lp_number_text((int64_t)o->written_bytes, a),
                   lp_number_text((int64_t)o->session.model_bytes, b));
}

int lp_cmd_optimize(int argc, char **argv)
{
    static const struct argp_option options[] = {{"output", 'o', "FILE", 0, "The model to be written", 0},
                                                 {"keep-dead", 'k', NULL, 0, "Keep channels that no input can change", 0},
                                                 {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL",
        .doc = "Writes the same model without its dead channels, as a .tflite for any other tool: same inputs and outputs, same "
               "bits in both roundings. With --keep-dead it writes the model as it is."
               "\vExample: limpid optimize model.tflite -o smaller.tflite"};
    static struct optimize o;
    struct lp_text out = {0};
    lp_status status = lp_session_parse(&o.session, &argp, argc, argv, &o);
    if (status == LP_OK)
        status = optimize(&o);
    if (status == LP_OK)
        describe(&o, &out);
    if (status == LP_OK)
        status = lp_session_print(&o.session, &out);
    return lp_session_close(&o.session, status, LP_EXIT_FINE);
}
