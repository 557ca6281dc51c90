/* Dead channels of int16 networks, whose sums and biases may have 64 bits: random chains of operators with weights, with zero
 * filters planted. The reference kernels have to give the same without what was removed, in both roundings; no value and no sum
 * leaves its range; what is written as a .tflite comes back. */
#include "cli/graph_runner.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/optimize/optimize.h"
#include "compiler/write/tflite_write.h"
#include "evaluate/evaluate.h"
#include "tests/support/random_parts.h"
#include "tests/support/range_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 600, RUNS = 3, LARGEST_BIAS = 2000000 };

struct work {
    struct random_model *m;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    struct lp_ranges *ranges;
    struct lp_removal *removal;
    uint64_t seed;
};

static int32_t add_wide(struct random_model *m, int32_t rank, const int32_t *dims)
{
    int32_t t = add_scaled(m, rank, dims, 0.001f * (float)random_between(m, 1, 40), 0);
    m->file.tensors[t].element = LP_ELEMENT_INT16;
    return t;
}

/* About every third filter becomes zero. */
static void plant(struct random_model *m, int32_t weights, int32_t filters, bool is_last_dim)
{
    int8_t *data = (int8_t *)(uintptr_t)m->file.tensors[weights].data;
    size_t taps = tw_tensor_elements(&m->file.tensors[weights]) / (size_t)filters;
    for (int32_t f = 0; f < filters; f++)
        for (size_t i = 0; i < taps && (f + (int32_t)m->state) % 3 == 0; i++)
            data[is_last_dim ? i * (size_t)filters + (size_t)f : (size_t)f * taps + i] = 0;
}

static int32_t add_bias_64(struct random_model *m, int32_t channels)
{
    if (random_between(m, 0, 2) == 0)
        return -1;
    int64_t *data = block(m, sizeof *data * (size_t)channels);
    for (int32_t i = 0; i < channels; i++)
        data[i] = random_between(m, 0, 1) != 0 ? 0 : random_between(m, -LARGEST_BIAS, LARGEST_BIAS);
    int32_t bias = lp_tw_add_tensor(&m->file, "bias", LP_ELEMENT_INT64, 1, &channels, NULL, NULL);
    lp_tw_set_data(&m->file, bias, data, sizeof *data * (size_t)channels);
    return bias;
}

static void set_window(struct random_model *m, struct lp_tw_op *op, bool is_depthwise)
{
    const int32_t values[7] = {0, 1, 1, 1, random_between(m, 0, 1), 1, 1}; /* same, strides, multiplier, activation, dilation */
    for (int i = 0, f = 0; i < 7; i++)
        if (i != 3 || is_depthwise)
            op->fields[f++] = (struct lp_tw_field){i == 0 || i == 4 ? 1 : 4, values[i]};
}

static int32_t convolve(struct random_model *m, int32_t in, bool is_depthwise)
{
    const int32_t *d = m->file.tensors[in].dims;
    int32_t kernel = random_between(m, 0, 1) != 0 ? 3 : 1;
    int32_t channels = is_depthwise ? d[3] : random_between(m, 1, 9);
    int32_t filter[4] = {is_depthwise ? 1 : channels, kernel, kernel, d[3]};
    int32_t out = add_wide(m, 4, (int32_t[]){1, d[1], d[2], channels});
    int32_t taps = kernel * kernel * (is_depthwise ? 1 : d[3]);
    int32_t weights = add_weights(m, 4, filter, is_depthwise ? 3 : 0, taps, in, out);
    plant(m, weights, channels, is_depthwise);
    int32_t bias = add_bias_64(m, channels);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, is_depthwise ? TW_DEPTHWISE_CONV_2D : TW_CONV_2D, is_depthwise ? 2 : 1,
                                       bias < 0 ? 2 : 3, (int32_t[]){in, weights, bias}, out);
    set_window(m, op, is_depthwise);
    return out;
}

static int32_t spread(struct random_model *m, int32_t in)
{
    const int32_t *d = m->file.tensors[in].dims;
    const int32_t channels = random_between(m, 1, 6), dims[4] = {1, 2 * d[1], 2 * d[2], channels};
    int32_t out = add_wide(m, 4, dims);
    int32_t weights = add_weights(m, 4, (int32_t[]){channels, 3, 3, d[3]}, 0, 9 * d[3], in, out);
    plant(m, weights, channels, false);
    int32_t bias = add_bias_64(m, channels);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_TRANSPOSE_CONV, 49, bias < 0 ? 3 : 4,
                                       (int32_t[]){add_numbers(m, dims, 4, 1, (int32_t[]){4}), weights, in, bias}, out);
    const int32_t values[4] = {0, 2, 2, 0}; /* same, strides, no activation */
    for (int i = 0; i < 4; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
    return out;
}

static int32_t bend(struct random_model *m, int32_t in)
{
    int32_t out = add_wide(m, 4, m->file.tensors[in].dims);
    lp_tw_add_op(&m->file, TW_LEAKY_RELU, 75, 1, &in, out)->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(0.25f)};
    return out;
}

static int32_t finish_with_row(struct random_model *m, int32_t in)
{
    int32_t width = (int32_t)tw_tensor_elements(&m->file.tensors[in]), classes = random_between(m, 1, 5);
    int32_t row = add_like(m, in, 2, (int32_t[]){1, width});
    m->file.tensors[row].element = LP_ELEMENT_INT16;
    lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){in, add_numbers(m, (int32_t[]){1, width}, 2, 1, (int32_t[]){2})}, row);
    int32_t out = add_wide(m, 2, (int32_t[]){1, classes});
    int32_t weights = add_weights(m, 2, (int32_t[]){classes, width}, 0, width, row, out);
    int32_t bias = add_bias_64(m, classes);
    lp_tw_add_op(&m->file, TW_FULLY_CONNECTED, 8, bias < 0 ? 2 : 3, (int32_t[]){row, weights, bias}, out);
    return out;
}

static struct random_model *make_model(uint64_t seed)
{
    struct random_model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    for (int i = 0; i < 8; i++)
        random_bits(m);
    int32_t at = add_wide(m, 4, (int32_t[]){1, random_between(m, 1, 5), random_between(m, 1, 5), random_between(m, 1, 5)});
    m->file.inputs[m->file.input_count++] = at;
    for (int32_t i = random_between(m, 2, 4); i > 0; i--) {
        int32_t choice = random_between(m, 0, 6);
        at = choice == 0 ? bend(m, at) : choice == 1 ? spread(m, at) : convolve(m, at, choice < 4);
    }
    at = random_between(m, 0, 1) != 0 ? finish_with_row(m, at) : at;
    m->file.outputs[m->file.output_count++] = at;
    return m;
}

static void need_ok(lp_status status, const struct work *w)
{
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)w->seed, lp_text_get(&w->diag.errors));
}

/* Ends of the type, and any value. */
static void fill(struct random_model *m, int run, int16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (int16_t)(run == 0 ? random_between(m, 0, 1) * 65535 - 32768 : random_between(m, -32768, 32767));
}

static void check_ranges(struct work *w, const int16_t *values, size_t bytes, size_t *sums)
{
    struct lp_evaluation e;
    need_ok(lp_evaluate_open(&e, w->graph, w->ranges->rounding, &w->diag), w);
    assert_int_equal(lp_evaluate_set_input(&e, 0, values, bytes), LP_OK);
    need_ok(lp_evaluate_run(&e, &w->diag), w);
    for (uint32_t t = 0; t < w->graph->tensor_count; t++)
        if (w->graph->tensors[t].data == NULL)
            range_check_tensor(w->ranges, (int32_t)t, lp_evaluate_tensor(&e, (int32_t)t), "int16");
    for (uint32_t i = 0; i < w->graph->op_count; i++)
        *sums += range_check_accumulators(w->ranges, i, e.values, "int16");
    lp_evaluate_close(&e);
}

static void check_outputs(struct work *w, const int16_t *values)
{
    const uint8_t *input = (const uint8_t *)values;
    size_t bytes = (size_t)lp_tensor_bytes(&w->graph->tensors[w->graph->outputs[0]]);
    uint8_t *a = malloc(bytes), *b = malloc(bytes);
    assert_true(a != NULL && b != NULL);
    need_ok(lp_pc_runner.run(NULL, w->removal->before, w->ranges->rounding, 1, &input, &a, &w->diag), w);
    need_ok(lp_pc_runner.run(NULL, w->removal->after, w->ranges->rounding, 1, &input, &b, &w->diag), w);
    if (memcmp(a, b, bytes) != 0)
        fail_msg("seed %llu: the output differs", (unsigned long long)w->seed);
    free(a);
    free(b);
}

static void check_file(struct work *w, const uint8_t *model, size_t model_bytes)
{
    const uint8_t *written = NULL;
    size_t written_bytes = 0;
    struct lp_graph *again = NULL;
    struct lp_ranges *ranges = NULL;
    need_ok(lp_tflite_write(&w->arena, &w->diag, model, model_bytes, w->graph, w->removal->after, &written, &written_bytes), w);
    need_ok(lp_import(&w->arena, &w->diag, "again.tflite", written, written_bytes, &again), w);
    need_ok(lp_analyze_shapes(again, &w->diag), w);
    need_ok(lp_ranges_find(&w->arena, &w->diag, again, w->ranges->rounding, NULL, &ranges), w);
    assert_int_equal(again->op_count, w->removal->after->op_count);
}

static void check_model(uint64_t seed, uint64_t *dead, size_t *sums)
{
    struct work w = {.m = make_model(seed), .seed = seed};
    size_t bytes = 0;
    const uint8_t *model = lp_tw_finish(&w.m->file, &bytes);
    need_ok(lp_import(&w.arena, &w.diag, "wide.tflite", model, bytes, &w.graph), &w);
    need_ok(lp_analyze_shapes(w.graph, &w.diag), &w);
    enum lp_rounding rounding = seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE;
    need_ok(lp_ranges_find(&w.arena, &w.diag, w.graph, rounding, NULL, &w.ranges), &w);
    const struct lp_optimize_options options = {.ranges = w.ranges, .only_tflite = true};
    need_ok(lp_optimize(&w.arena, &w.diag, w.graph, &options, &w.removal), &w);
    for (int run = 0; run < RUNS; run++) {
        int16_t values[125];
        size_t count = tw_tensor_elements(&w.m->file.tensors[w.m->file.inputs[0]]);
        fill(w.m, run, values, count);
        check_ranges(&w, values, 2 * count, sums);
        check_outputs(&w, values);
    }
    check_file(&w, model, bytes);
    for (uint32_t i = 0; i < w.graph->op_count; i++)
        for (int r = 0; r < LP_DEAD_REASON_COUNT; r++)
            *dead += w.removal->layers[i].dead[r];
    random_model_free(w.m);
    lp_diag_free(&w.diag);
    lp_arena_free(&w.arena);
}

static void no_output_changes(void **state)
{
    (void)state;
    uint64_t dead = 0;
    size_t sums = 0;
    for (uint64_t seed = 1; seed <= MODELS; seed++)
        check_model(seed, &dead, &sums);
    printf("%d models of int16, %llu channels removed, %zu sums in their ranges\n", MODELS, (unsigned long long)dead, sums);
    assert_true(dead > 300 && sums > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_output_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
