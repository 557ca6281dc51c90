/* No value leaves its reachable range: random models and inputs, values by the naive evaluation of the published formulas.
 * And the ranges are tight where they can be: exhaustive search over all inputs of tiny models. */
#include "compiler/analyze/ranges.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "tests/support/naive.h"
#include "tests/support/planted.h"
#include "tests/support/range_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 3000, TINY_SEEDS = 400000, TINY_MODELS = 480 };

struct found {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    struct lp_ranges *ranges;
};

static void open_model(struct found *f, struct lp_tw *file, enum lp_rounding rounding, const struct lp_input_range *inputs,
                       uint64_t seed)
{
    size_t size_bytes = 0;
    const uint8_t *bytes = lp_tw_finish(file, &size_bytes);
    memset(f, 0, sizeof *f);
    lp_status status = lp_import(&f->arena, &f->diag, "random.tflite", bytes, size_bytes, &f->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(f->graph, &f->diag);
    if (status == LP_OK)
        status = lp_ranges_find(&f->arena, &f->diag, f->graph, rounding, inputs, &f->ranges);
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&f->diag.errors));
}

static void close_model(struct found *f)
{
    lp_diag_free(&f->diag);
    lp_arena_free(&f->arena);
}

/* For every other model, each channel of each input gets a narrow range of its own. */
static void narrow(struct random_model *m, struct lp_interval *of, struct lp_input_range *inputs)
{
    for (uint32_t i = 0; i < m->file.input_count; i++) {
        const struct lp_tw_tensor *t = &m->file.tensors[m->file.inputs[i]];
        uint32_t channels = (uint32_t)t->dims[t->rank - 1];
        inputs[i] = (struct lp_input_range){channels, of};
        for (uint32_t c = 0; c < channels; c++, of++) {
            of->low = random_between(m, -128, 127);
            of->high = random_between(m, of->low, 127);
        }
    }
}

static void run_within(struct random_model *m, const struct found *f, int kind, int8_t **values)
{
    planted_run(m, f->ranges->rounding == LP_ROUNDING_DOUBLE, kind, values);
    for (uint32_t k = 0; k < m->file.input_count; k++) {
        int32_t tensor = m->file.inputs[k];
        for (size_t i = 0; i < tw_tensor_elements(&m->file.tensors[tensor]); i++) {
            struct lp_interval range = lp_range_at(f->ranges, tensor, (int64_t)i);
            int32_t value = kind == 0   ? random_between(m, range.low, range.high)
                            : kind == 1 ? (random_between(m, 0, 1) != 0 ? range.low : range.high)
                            : kind == 2 ? range.low
                                        : range.high;
            values[tensor][i] = (int8_t)value;
        }
    }
    naive_run(&m->file, f->ranges->rounding == LP_ROUNDING_DOUBLE, values);
}

/* `sums`: accumulators that were looked at, by kind of operator. */
static size_t check_model(uint64_t seed, enum lp_rounding rounding, size_t sums[LP_OP_KIND_COUNT])
{
    struct random_model *m = random_model_make(seed);
    struct found f;
    struct planted_counts counts = {0};
    static struct lp_interval of[LP_TW_MAX_LIST * 64];
    struct lp_input_range inputs[LP_TW_MAX_LIST];
    int8_t *values[LP_TW_MAX_TENSORS];
    char who[40];
    size_t checked = 0;
    if (seed % 3 == 0)
        plant_dead(m, &counts);
    if (seed % 2 == 0)
        narrow(m, of, inputs);
    open_model(&f, &m->file, rounding, seed % 2 == 0 ? inputs : NULL, seed);
    snprintf(who, sizeof who, "seed %llu", (unsigned long long)seed);
    for (int kind = 0; kind < 4; kind++) {
        run_within(m, &f, kind, values);
        for (uint32_t t = 0; t < m->file.tensor_count; t++)
            if (f.graph->tensors[t].data == NULL)
                checked += range_check_tensor(f.ranges, (int32_t)t, values[t], who);
        for (uint32_t i = 0; i < f.graph->op_count; i++)
            sums[f.graph->ops[i].kind] += range_check_accumulators(f.ranges, i, (void *const *)values, who);
        planted_free(m, values);
    }
    random_model_free(m);
    close_model(&f);
    return checked;
}

static void no_value_leaves_its_range(void **state)
{
    (void)state;
    size_t checked = 0;
    size_t sums[LP_OP_KIND_COUNT] = {0}, all = 0;
    static const enum lp_op_kind kinds[] = {LP_OP_CONV_2D,
                                            LP_OP_DEPTHWISE_CONV_2D,
                                            LP_OP_FULLY_CONNECTED,
                                            LP_OP_TRANSPOSE_CONV,
                                            LP_OP_BATCH_MATMUL,
                                            LP_OP_AVERAGE_POOL_2D,
                                            LP_OP_MEAN};
    for (uint64_t seed = 1; seed <= MODELS; seed++)
        checked += check_model(seed, seed % 4 < 2 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE, sums);
    for (size_t i = 0; i < LP_COUNT(kinds); i++) {
        assert_true(sums[kinds[i]] > 1000);
        all += sums[kinds[i]];
    }
    printf("%d models: %zu values and %zu accumulators lie in their ranges\n", MODELS, checked, all);
    assert_true(checked > 1000000 && all > 100000);
}

struct observed {
    int32_t *low, *high; /* by entry of the tensor's range */
};

static void observe(const struct found *f, int8_t *const *values, struct observed *seen, bool is_first)
{
    for (uint32_t t = 0; t < f->graph->tensor_count; t++) {
        uint32_t period = f->ranges->tensors[t].period;
        if (f->graph->tensors[t].data != NULL || period == 0)
            continue;
        for (int64_t i = 0; i < lp_tensor_elements(&f->graph->tensors[t]); i++) {
            uint32_t at = (uint32_t)(i % period);
            bool is_new = is_first && i < period;
            seen[t].low[at] = is_new || values[t][i] < seen[t].low[at] ? values[t][i] : seen[t].low[at];
            seen[t].high[at] = is_new || values[t][i] > seen[t].high[at] ? values[t][i] : seen[t].high[at];
        }
    }
}

static void run_all_inputs(struct random_model *m, const struct found *f, struct observed *seen)
{
    int8_t *values[LP_TW_MAX_TENSORS];
    int32_t input = m->file.inputs[0];
    int32_t count = (int32_t)tw_tensor_elements(&m->file.tensors[input]);
    planted_run(m, false, 0, values);
    for (int32_t n = 0; n < (count == 1 ? 256 : 65536); n++) {
        values[input][0] = (int8_t)(n % 256 - 128);
        if (count == 2)
            values[input][1] = (int8_t)(n / 256 - 128);
        naive_run(&m->file, f->ranges->rounding == LP_ROUNDING_DOUBLE, values);
        observe(f, values, seen, n == 0);
    }
    planted_free(m, values);
}

static const enum lp_op_kind kinds[] = {LP_OP_ABS,          LP_OP_ADD,        LP_OP_AVERAGE_POOL_2D,
                                        LP_OP_BATCH_MATMUL, LP_OP_CONV_2D,    LP_OP_DEPTHWISE_CONV_2D,
                                        LP_OP_ELU,          LP_OP_HARD_SWISH, LP_OP_LEAKY_RELU,
                                        LP_OP_LOGISTIC,     LP_OP_MAXIMUM,    LP_OP_MAX_POOL_2D,
                                        LP_OP_MEAN,         LP_OP_MINIMUM,    LP_OP_MUL,
                                        LP_OP_PAD,          LP_OP_PRELU,      LP_OP_QUANTIZE,
                                        LP_OP_REDUCE_MAX,   LP_OP_RELU,       LP_OP_RESIZE_BILINEAR,
                                        LP_OP_SUB,          LP_OP_TANH,       LP_OP_TRANSPOSE_CONV,
                                        LP_OP_EXP,          LP_OP_GELU,       LP_OP_LOG,
                                        LP_OP_RSQRT,        LP_OP_SQRT,       LP_OP_SQUARED_DIFFERENCE};

struct tightness {
    int models, kinds[LP_OP_KIND_COUNT];
    int64_t exact, all;
};

/* A constant that differs from place to place of a channel: of it the analysis knows the smallest and the largest value. */
static bool is_spread(const struct lp_tensor *t)
{
    return t->data != NULL && t->rank > 0 && lp_tensor_elements(t) != t->dims[t->rank - 1] && lp_tensor_elements(t) != 1;
}

/* Rows of a map times rows of the same map: the two factors of a square are one. And the smallest square is that of a difference
 * between the ends, which a constant may not have. */
static bool has_dependent_inputs(const struct lp_graph *g, const struct lp_op *op)
{
    if (op->kind == LP_OP_SQUARED_DIFFERENCE)
        return is_spread(&g->tensors[op->inputs[0]]) || is_spread(&g->tensors[op->inputs[1]]);
    return op->kind == LP_OP_BATCH_MATMUL && op->inputs[0] == op->inputs[1];
}

/* The first operator sees inputs that are independent of each other, so there the interval has to be exact. */
static void compare_observed(const struct found *f, const struct observed *seen, uint64_t seed, struct tightness *t)
{
    for (uint32_t i = 0; i < f->graph->op_count; i++) {
        const struct lp_op *op = &f->graph->ops[i];
        int32_t out = op->outputs[0];
        bool is_first = !has_dependent_inputs(f->graph, op);
        for (uint32_t k = 0; k < op->input_count; k++)
            is_first = is_first && (op->inputs[k] < 0 || op->inputs[k] == f->graph->inputs[0] ||
                                    f->graph->tensors[op->inputs[k]].data != NULL);
        for (uint32_t c = 0; c < f->ranges->tensors[out].period; c++) {
            struct lp_interval range = f->ranges->tensors[out].of[c];
            if (seen[out].low[c] < range.low || seen[out].high[c] > range.high ||
                (is_first && (seen[out].low[c] != range.low || seen[out].high[c] != range.high)))
                fail_msg("seed %llu, operator %u (%s), channel %u: %d to %d is reached, the range is %d to %d",
                         (unsigned long long)seed, (unsigned)i, lp_op_kind_table[op->kind].name, (unsigned)c,
                         (int)seen[out].low[c], (int)seen[out].high[c], (int)range.low, (int)range.high);
            t->exact += seen[out].low[c] == range.low && seen[out].high[c] == range.high;
            t->all++;
        }
        t->kinds[op->kind] += is_first;
    }
    t->models++;
}

static void search_tiny_model(struct random_model *m, uint64_t seed, struct tightness *t)
{
    struct found f;
    struct observed seen[LP_TW_MAX_TENSORS];
    open_model(&f, &m->file, seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE, NULL, seed);
    for (uint32_t i = 0; i < f.graph->tensor_count; i++) {
        seen[i].low = LP_NEW_ARRAY(&f.arena, f.ranges->tensors[i].period, int32_t);
        seen[i].high = LP_NEW_ARRAY(&f.arena, f.ranges->tensors[i].period, int32_t);
        assert_true(seen[i].low != NULL && seen[i].high != NULL);
    }
    run_all_inputs(m, &f, seen);
    compare_observed(&f, seen, seed, t);
    close_model(&f);
}

static void tiny_models_reach_every_end(void **state)
{
    (void)state;
    struct tightness t = {0};
    for (uint64_t seed = 1; seed <= TINY_SEEDS && t.models < TINY_MODELS; seed++) {
        struct random_model *m = random_model_make(seed);
        size_t outputs = 0;
        for (uint32_t i = 0; i < m->file.op_count; i++)
            outputs += tw_tensor_elements(&m->file.tensors[m->file.ops[i].outputs[0]]);
        if (m->file.input_count == 1 && tw_tensor_elements(&m->file.tensors[m->file.inputs[0]]) <= 2 && outputs < 60)
            search_tiny_model(m, seed, &t);
        random_model_free(m);
    }
    printf("%d tiny models, all inputs: %lld of %lld intervals are exact\n", t.models, (long long)t.exact, (long long)t.all);
    assert_int_equal(t.models, TINY_MODELS);
    for (size_t i = 0; i < LP_COUNT(kinds); i++)
        if (t.kinds[kinds[i]] == 0)
            fail_msg("no tiny model begins with %s", lp_op_kind_table[kinds[i]].name);
    assert_true(t.exact * 10 > t.all * 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_leaves_its_range),
        cmocka_unit_test(tiny_models_reach_every_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
