#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/npu_network.h"
#include "cli/npu_program.h"
#include "cli/run_output.h"
#include "compiler/base/file.h"
#include "compiler/report/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_REAL = 0x200, KEY_RAW, KEY_DUMP, KEY_IMAGE, KEY_COMPILER, KEY_TIMEOUT, KEY_NO_RESET };

struct run {
    struct lp_session session;
    const char *inputs[LP_MAX_PORTS];
    uint32_t input_count;
    const char *output;
    const char *images[LP_NPU_NETWORK_IMAGES];
    struct lp_npu_network_run network; /* what only network.c has options for */
    const char *dump;
    enum lp_values_mode mode;
    struct lp_batch batch;
    uint8_t **dumped; /* by tensor: all inferences back to back; null until the tensor was seen */
    const struct lp_unit *unit;
};

static const struct argp_option options[] = {
    {"input", 'i', "FILE", 0,
     "Values of the next input: .npy, .csv, .bin, .png, .jpg or random:N[:SEED]; repeated for further inputs", 0},
    {"output", 'o', "PATH", 0, "Write the outputs as .npy, .csv or .bin; several outputs become PATH-0, PATH-1, ...", 0},
    {"dump", KEY_DUMP, "DIR", 0, "Write every intermediate tensor as DIR/tN.npy", 0},
    {"real", KEY_REAL, NULL, 0, "Values are in real units, on the way in and out", 0},
    {"raw", KEY_RAW, NULL, 0, "Values are the network's integers", 0},
    {0, 0, 0, 0, "For network.c, which is compiled and executed here:", 5},
    {"image", KEY_IMAGE, "POOL|ADDRESS=FILE", 0,
     "Memory before the start (.raw, .bin, .hex), by the pool's name or a device address; FILE.hex alone says itself where it "
     "belongs; repeated",
     5},
    {"compiler", KEY_COMPILER, "CC", 0, "C compiler of this PC (default: cc)", 5},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "For all inferences together (default: 600)", 5},
    {"no-reset", KEY_NO_RESET, NULL, 0,
     "Do not reset the network between inferences: like on the device, it is then done at once and the outputs stay", 5},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run *r = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &r->session; return 0;
    case 'i':
        if (r->input_count == LP_MAX_PORTS)
            argp_error(state, "more than %d inputs", LP_MAX_PORTS);
        r->inputs[r->input_count++] = arg;
        return 0;
    case 'o': r->output = arg; return 0;
    case KEY_DUMP: r->dump = arg; return 0;
    case KEY_IMAGE:
        if (r->network.image_count == LP_NPU_NETWORK_IMAGES)
            argp_error(state, "more than %d images", LP_NPU_NETWORK_IMAGES);
        r->images[r->network.image_count++] = arg;
        return 0;
    case KEY_COMPILER: r->network.compiler = arg; return 0;
    case KEY_NO_RESET: r->network.never_reset = true; return 0;
    case KEY_TIMEOUT:
        r->network.timeout_s = (uint32_t)strtoul(arg, NULL, 10);
        if (r->network.timeout_s == 0 || r->network.timeout_s > 1000000 || strspn(arg, "0123456789") != strlen(arg))
            argp_error(state, "--timeout %s: give seconds, 1 to 1000000", arg);
        return 0;
    case KEY_REAL:
    case KEY_RAW:
        if (r->mode != LP_VALUES_AUTO && r->mode != (key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW))
            argp_error(state, "--real and --raw exclude each other");
        r->mode = key == KEY_REAL ? LP_VALUES_REAL : LP_VALUES_RAW;
        return 0;
    case ARGP_KEY_ARG:
        if (r->session.model_path != NULL)
            argp_error(state, "one model at a time: '%s' is too many", arg);
        r->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (r->session.model_path == NULL)
            argp_error(state, "a model file is missing");
        if (r->input_count == 0)
            argp_error(state, "an input is missing: --input FILE or --input random:1");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void keep_tensor(void *user, size_t inference, int32_t tensor, const void *data)
{
    struct run *r = user;
    const struct lp_tensor *t = &r->unit->graph->tensors[tensor];
    size_t bytes = (size_t)lp_tensor_bytes(t);
    if (r->dumped[tensor] == NULL)
        r->dumped[tensor] = lp_arena_alloc(&r->session.arena, r->batch.count, bytes);
    if (r->dumped[tensor] != NULL)
        memcpy(r->dumped[tensor] + inference * bytes, data, bytes);
}

/* Operators that move no byte (RESHAPE) have no epoch: their output is what their input was. */
static void dump_aliases(struct run *r)
{
    const struct lp_graph *g = r->unit->graph;
    for (uint32_t i = 0; i < g->input_count; i++)
        r->dumped[g->inputs[i]] = r->batch.inputs[i].data;
    for (uint32_t i = 0; i < g->op_count; i++) {
        int32_t in = g->ops[i].inputs[0];
        int32_t out = g->ops[i].outputs[0];
        const int32_t *block = r->unit->program->block_of_tensor;
        if (in != LP_NO_TENSOR && r->dumped[out] == NULL && block[in] == block[out])
            r->dumped[out] = r->dumped[in];
    }
}

static lp_status write_dump(struct run *r)
{
    struct lp_session *s = &r->session;
    const struct lp_graph *g = r->unit->graph;
    struct lp_text list = {0};
    dump_aliases(r);
    lp_status status = lp_folder_make(&s->diag, r->dump);
    for (uint32_t t = 0; t < g->tensor_count && status == LP_OK; t++) {
        if (r->dumped[t] == NULL)
            continue;
        const char *path = lp_arena_printf(&s->arena, "%s/t%u.npy", r->dump, (unsigned)t);
        char shape[100];
        lp_text_printf(&list, "t%u  %s  %s  ", (unsigned)t, lp_element_name(g->tensors[t].element),
                       lp_shape_text(&g->tensors[t], shape, sizeof shape));
        lp_text_name(&list, g->tensors[t].name);
        lp_text_printf(&list, "\n");
        status = path == NULL
                     ? lp_no_memory(&s->diag)
                     : lp_values_write(&s->diag, path, &g->tensors[t], r->dumped[t], r->batch.count, r->mode == LP_VALUES_REAL);
    }
    const char *path = lp_arena_printf(&s->arena, "%s/tensors.txt", r->dump);
    if (status == LP_OK)
        status = path == NULL || list.failed ? lp_no_memory(&s->diag)
                                             : lp_file_write(&s->diag, path, lp_text_get(&list), list.length);
    lp_text_free(&list);
    return status;
}

static lp_status keep_tensors_of_board(struct run *r)
{
    struct lp_session *s = &r->session;
    struct lp_unit *unit = LP_NEW(&s->arena, struct lp_unit);
    struct lp_batch *batch = LP_NEW(&s->arena, struct lp_batch);
    if (unit == NULL || batch == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_batch_run_exposed(s, r->unit->target, &r->batch, unit, batch);
    for (uint32_t o = 0; status == LP_OK && o < unit->graph->output_count; o++)
        r->dumped[unit->graph->outputs[o]] = batch->outputs[o].data;
    return status;
}

static lp_status run_and_keep(struct run *r)
{
    struct lp_session *s = &r->session;
    bool on_board = r->unit->target->board != NULL;
    struct lp_batch_watch watch = {keep_tensor, r};
    if (r->dump != NULL && (r->dumped = LP_NEW_ARRAY(&s->arena, r->unit->graph->tensor_count, uint8_t *)) == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_batch_run(s, r->unit, &r->batch, r->dump == NULL || on_board ? NULL : &watch);
    return status == LP_OK && r->dump != NULL && on_board ? keep_tensors_of_board(r) : status;
}

static lp_status run(struct run *r, struct lp_unit *unit)
{
    struct lp_session *s = &r->session;
    struct lp_text out = {0};
    if (s->target_count != 1)
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "run takes one target, %u were given", (unsigned)s->target_count);
    lp_status status = r->output == NULL ? LP_OK : lp_values_check_output(&s->diag, r->output);
    if (status == LP_OK)
        status = lp_session_model(s);
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], NULL, unit);
    r->unit = unit;
    if (status == LP_OK)
        status = lp_batch_read(s, unit->graph, r->inputs, r->input_count, r->mode, &r->batch);
    if (status == LP_OK)
        status = lp_batch_outputs(s, unit->graph, &r->batch);
    if (status == LP_OK)
        status = run_and_keep(r);
    if (status == LP_OK && r->dump != NULL)
        status = write_dump(r);
    const struct lp_run_output output = {s, unit->graph, &r->batch, r->output, r->mode == LP_VALUES_REAL};
    if (status == LP_OK && r->output != NULL)
        status = lp_run_write(&output);
    if (status == LP_OK && s->json)
        lp_run_json_line(json_pack("{s:{s:s, s:i}, s:s, s:o}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA,
                                   "target", unit->target->name, "outputs", lp_run_json(&output)),
                         &out);
    else if (status == LP_OK && r->output == NULL) {
        lp_run_text(&output, &out);
        if (unit->program->weakest_evidence != NULL)
            lp_text_printf(&out, "weakest evidence of the program: %s\n", unit->program->weakest_evidence);
    }
    return status == LP_OK ? lp_session_print(s, &out) : status;
}

int lp_cmd_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "MODEL|DIR|network.c",
        .doc = "Runs a model on given inputs: for the target host in this process, for a microcontroller on its emulated board. "
               "A folder with program.json is a "
               "program of the NPU and runs on the simulator. A generated network.c is compiled and executed in a process of its "
               "own "
               "against the simulator: it is code, and may do on this PC whatever its author wrote and you may do. "
               "Exit status 1 when a value of a program of the NPU saturates before its last stage."
               "\vExamples:\n  limpid run model.tflite --input random:3\n"
               "  limpid run model.tflite --target cortex-m55 --input windows.csv --real --output out.csv",
        .children = children};
    struct run r = {0};
    struct lp_unit unit = {0};
    lp_status status = lp_session_parse(&r.session, &argp, argc, argv, &r);
    bool is_compiled = status == LP_OK && (lp_npu_network_is(r.session.model_path) || lp_npu_program_is(r.session.model_path));
    if (is_compiled && r.dump != NULL)
        status = lp_error(&r.session.diag, LP_BAD_ARGUMENT,
                          "--dump is for models: %s is compiled, and what lies between its epochs has no tensors",
                          r.session.model_path);
    if (status == LP_OK && lp_npu_network_is(r.session.model_path)) {
        r.network.inputs = r.inputs;
        r.network.input_count = r.input_count;
        r.network.output = r.output;
        r.network.images = r.images;
        bool found = false;
        status = lp_npu_network_simulate(&r.session, &r.network, &found);
        return lp_session_close(&r.session, status, found ? LP_EXIT_FOUND : LP_EXIT_FINE);
    }
    if (status == LP_OK && lp_npu_program_is(r.session.model_path)) {
        struct lp_npu_program_run program = {r.inputs, r.input_count, r.output, r.mode};
        bool found = false;
        status = lp_npu_program_simulate(&r.session, &program, &found);
        return lp_session_close(&r.session, status, found ? LP_EXIT_FOUND : LP_EXIT_FINE);
    }
    if (status == LP_OK)
        status = run(&r, &unit);
    return lp_session_close(&r.session, status, LP_EXIT_FINE);
}
