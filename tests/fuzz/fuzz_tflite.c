/* Any bytes as a model: a clean error, or a graph that compiles and runs, and whose compiled form, without its dead channels,
 * gives what the operators of the file give one by one. */
#include "compiler/pipeline.h"
#include "compiler/semantics/semantics.h"
#include "evaluate/evaluate.h"
#include "evaluate/load.h"
#include "runtime/epoch/states.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* What may be run: anything else could take minutes, and is checked up to its plan. */
enum { LARGEST_FILE_BYTES = 64 << 10, LARGEST_ARENA_BYTES = 8 << 10, MOST_MACS = 1 << 20, MOST_PORTS = 32 };

static const struct lp_target target = {
    .name = "fuzz", .title = "fuzz", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};

static bool is_small(const struct lp_unit *u)
{
    int64_t macs = 0;
    for (uint32_t i = 0; i < u->model_graph->op_count; i++)
        macs += lp_op_macs(u->model_graph, &u->model_graph->ops[i]);
    return u->plan.peak_bytes <= LARGEST_ARENA_BYTES && macs <= MOST_MACS && u->graph->input_count <= MOST_PORTS &&
           u->graph->output_count <= MOST_PORTS;
}

/* Every pattern of bits is a value of an integer type, and a float kernel has to live with all of them, too. */
static void fill_inputs(const struct lp_unit *u, uint8_t **inputs)
{
    uint64_t state = u->model_bytes * 0x9e3779b97f4a7c15u + 1;
    for (uint32_t i = 0; i < u->graph->input_count; i++) {
        size_t bytes = (size_t)lp_tensor_bytes(&u->graph->tensors[u->graph->inputs[i]]);
        inputs[i] = LP_NEW_ARRAY(u->arena, bytes, uint8_t);
        must(inputs[i] != NULL, "no memory for an input");
        for (size_t k = 0; k < bytes; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            inputs[i][k] = (uint8_t)(state >> 56);
        }
        if (u->model_bytes % 4 != 0)
            lp_fit_input(u->graph, u->graph->inputs[i], inputs[i]);
    }
}

/* LP_BAD_INPUT: an index or a shape that the network does not take. */
static lp_status run_compiled(const struct lp_unit *u, uint8_t *const *inputs, uint8_t **outputs)
{
    struct lp_loaded loaded;
    const uint8_t *given[MOST_PORTS];
    memcpy(given, inputs, sizeof given);
    must(lp_load(u->arena, u->diag, u->graph, u->program, u->plan.peak_bytes, &loaded) == LP_OK, lp_text_get(&u->diag->errors));
    memset(loaded.desc.arena, 0xa5, u->plan.peak_bytes);
    must(lp_network_reset(&loaded.net) == LP_OK, "states that get no first value");
    for (uint32_t i = 0; i < u->graph->output_count; i++) {
        outputs[i] = LP_NEW_ARRAY(u->arena, (size_t)lp_tensor_bytes(&u->graph->tensors[u->graph->outputs[i]]), uint8_t);
        must(outputs[i] != NULL, "no memory for an output");
    }
    lp_status status = lp_loaded_run(&loaded, u->diag, given, outputs);
    must(status == LP_OK || status == LP_BAD_INPUT, lp_text_get(&u->diag->errors));
    return status;
}

static void compare_with_reference(const struct lp_unit *u, uint8_t *const *inputs, uint8_t *const *outputs, lp_status expected)
{
    struct lp_evaluation e;
    lp_status status = lp_evaluate_open(&e, u->model_graph, u->options.rounding, u->diag);
    /* An operator that nobody needs is gone from the program; the command refuses the model by its reference run. */
    must(status == LP_OK || status == LP_UNSUPPORTED || status == LP_BAD_INPUT, lp_text_get(&u->diag->errors));
    if (status != LP_OK)
        return;
    for (uint32_t i = 0; i < u->graph->input_count; i++)
        must(lp_evaluate_set_input(&e, i, inputs[i], (size_t)lp_tensor_bytes(&u->graph->tensors[u->graph->inputs[i]])) == LP_OK,
             "the reference does not take an input");
    must(lp_evaluate_run(&e, u->diag) == expected, "compiled program and reference do not refuse the same");
    for (uint32_t i = 0; i < u->graph->output_count && expected == LP_OK; i++)
        must(memcmp(outputs[i], lp_evaluate_output(&e, i), (size_t)lp_tensor_bytes(&u->graph->tensors[u->graph->outputs[i]])) ==
                 0,
             "the compiled program gives something else than the reference");
    lp_evaluate_close(&e);
}

static void run_both(const struct lp_unit *u)
{
    uint8_t *inputs[MOST_PORTS] = {0}, *outputs[MOST_PORTS] = {0};
    /* Memory for a run is not what the hostile file may ask for. */
    u->arena->limit_bytes = 0;
    fill_inputs(u, inputs);
    compare_with_reference(u, inputs, outputs, run_compiled(u, inputs, outputs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes > LARGEST_FILE_BYTES)
        return 0;
    struct lp_arena arena = {.limit_bytes = 64 * size_bytes + (1 << 20)};
    struct lp_diag diag = {0};
    struct lp_unit unit = {.model_path = "damaged.tflite",
                           .model = data,
                           .model_bytes = size_bytes,
                           .name = "damaged",
                           .version = "0",
                           .target = &target,
                           .options = {.rounding = size_bytes % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE},
                           .last_stage = "plan",
                           .arena = &arena,
                           .diag = &diag};
    lp_status status = lp_compile(&unit);
    must((status == LP_OK) == (diag.error_count == 0), "status and errors do not agree");
    must(status != LP_INTERNAL, lp_text_get(&diag.errors));
    if (status == LP_OK && is_small(&unit))
        run_both(&unit);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
