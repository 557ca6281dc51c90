/* The rewritten graph against the graph as it was, run by somebody else: the proof that goes with every compilation. */
#include "compiler/optimize/optimize.h"
#include "compiler/semantics/semantics.h"

#include <string.h>

/* Reference kernels make about a thousand multiplications a microsecond. */
enum { MOST_RUNS = 4, MOST_MACS = 20000000 };

static int64_t macs_of(const struct lp_graph *g)
{
    int64_t macs = 0;
    for (uint32_t i = 0; i < g->op_count; i++)
        macs += lp_op_macs(g, &g->ops[i]);
    return macs;
}

static uint32_t runs_for(const struct lp_graph *before, const struct lp_graph *after)
{
    int64_t macs = macs_of(before) + macs_of(after) + 1;
    int64_t runs = MOST_MACS / macs;
    return runs < 1 ? 1 : runs > MOST_RUNS ? MOST_RUNS : (uint32_t)runs;
}

static uint32_t random_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 16);
}

/* Run 0: any values; 1: only the ends of each range; 2: everything lowest; 3: everything highest. */
static int64_t value_in(struct lp_interval range, uint32_t run, uint64_t *state)
{
    switch (run) {
    case 0: return range.low + (int64_t)((uint64_t)random_bits(state) % (uint64_t)((int64_t)range.high - range.low + 1));
    case 1: return (random_bits(state) & 1) != 0 ? range.low : range.high;
    case 2: return range.low;
    default: return range.high;
    }
}

static struct lp_interval range_of(const struct lp_graph *g, const struct lp_ranges *ranges, int32_t tensor, int64_t element)
{
    if (ranges != NULL)
        return lp_range_at(ranges, tensor, element);
    struct lp_interval all = {INT32_MIN, INT32_MAX};
    (void)lp_range_of_element(g->tensors[tensor].element, &all);
    return all;
}

static void fill_input(const struct lp_graph *g, const struct lp_ranges *ranges, int32_t tensor, uint32_t run, uint64_t *state,
                       uint8_t *bytes)
{
    const struct lp_tensor *t = &g->tensors[tensor];
    for (int64_t i = 0; i < lp_tensor_elements(t); i++) {
        int64_t value = value_in(range_of(g, ranges, tensor, i), run, state);
        int16_t short_value = (int16_t)value;
        int32_t long_value = (int32_t)value;
        float real_value = (float)(random_bits(state) % 2000) / 100.0f - 10.0f;
        switch (t->element) {
        case LP_ELEMENT_INT16: memcpy(bytes + 2 * i, &short_value, 2); break;
        case LP_ELEMENT_INT32: memcpy(bytes + 4 * i, &long_value, 4); break;
        case LP_ELEMENT_FLOAT32: memcpy(bytes + 4 * i, &real_value, 4); break;
        case LP_ELEMENT_INT64:
            value = run;
            memcpy(bytes + 8 * i, &value, 8);
            break;
        default: bytes[i] = (uint8_t)value; break;
        }
    }
}

static lp_status take_bytes(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *g, const int32_t *tensors,
                            uint32_t count, uint32_t runs, uint8_t ***out)
{
    *out = LP_NEW_ARRAY(arena, (size_t)count * runs, uint8_t *);
    for (uint32_t n = 0; *out != NULL && n < count * runs; n++) {
        (*out)[n] = LP_NEW_ARRAY(arena, (size_t)lp_tensor_bytes(&g->tensors[tensors[n % count]]), uint8_t);
        if ((*out)[n] == NULL)
            return lp_no_memory(diag);
    }
    return *out == NULL ? lp_no_memory(diag) : LP_OK;
}

static lp_status compare(const struct lp_graph *g, uint32_t runs, uint8_t *const *expected, uint8_t *const *found,
                         struct lp_diag *diag)
{
    for (uint32_t n = 0; n < runs * g->output_count; n++) {
        const struct lp_tensor *t = &g->tensors[g->outputs[n % g->output_count]];
        if (memcmp(expected[n], found[n], (size_t)lp_tensor_bytes(t)) != 0)
            return lp_error(diag, LP_INTERNAL,
                            "the removal of dead channels, or a fusion of operators, changes output '%.100s': please report this "
                            "model, and use --keep-dead until then",
                            t->name);
    }
    return LP_OK;
}

/* A network may refuse values that it computes from made-up inputs, as an index; then there is nothing to compare. */
static lp_status run_original(struct lp_diag *diag, const struct lp_graph *g, enum lp_rounding rounding,
                              const struct lp_graph_runner *runner, uint32_t runs, uint8_t *const *inputs,
                              uint8_t *const *expected, bool *is_refused)
{
    struct lp_diag quiet = {0};
    lp_status status = runner->run(runner->user, g, rounding, runs, (const uint8_t *const *)inputs, expected, &quiet);
    *is_refused = status == LP_BAD_INPUT;
    if (status != LP_OK && !*is_refused)
        lp_error(diag, status, "%s", lp_text_get(&quiet.errors));
    lp_diag_free(&quiet);
    return *is_refused ? LP_OK : status;
}

static lp_status check_in(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *g, const struct lp_graph *after,
                          const struct lp_ranges *ranges, enum lp_rounding rounding, const struct lp_graph_runner *runner)
{
    uint32_t runs = runs_for(g, after);
    uint8_t **inputs = NULL;
    uint8_t **expected = NULL;
    uint8_t **found = NULL;
    lp_status status = take_bytes(arena, diag, g, g->inputs, g->input_count, runs, &inputs);
    if (status == LP_OK)
        status = take_bytes(arena, diag, g, g->outputs, g->output_count, runs, &expected);
    if (status == LP_OK)
        status = take_bytes(arena, diag, g, g->outputs, g->output_count, runs, &found);
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (uint32_t n = 0; n < runs * g->input_count && status == LP_OK; n++) {
        fill_input(g, ranges, g->inputs[n % g->input_count], n / g->input_count, &state, inputs[n]);
        lp_fit_input(g, g->inputs[n % g->input_count], inputs[n]);
    }
    bool is_refused = false;
    if (status == LP_OK)
        status = run_original(diag, g, rounding, runner, runs, inputs, expected, &is_refused);
    if (status == LP_OK && is_refused)
        return LP_OK;
    if (status == LP_OK)
        status = runner->run(runner->user, after, rounding, runs, (const uint8_t *const *)inputs, found, diag);
    return status == LP_OK ? compare(g, runs, expected, found, diag) : status;
}

lp_status lp_rewrite_check(struct lp_diag *diag, const struct lp_graph *before, const struct lp_graph *after,
                           const struct lp_ranges *ranges, enum lp_rounding rounding, const struct lp_graph_runner *runner)
{
    if (after == before)
        return LP_OK;
    struct lp_arena arena = {0};
    lp_status status = check_in(&arena, diag, before, after, ranges, rounding, runner);
    lp_arena_free(&arena);
    return status;
}
