/* Accumulators of operators without a filter are tight: the ends of their intervals are what some inputs reach, found by trying
 * every combination of the ends of the inputs' ranges. */
#include "compiler/analyze/ranges.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "evaluate/evaluate.h"
#include "tests/support/random_model.h"
#include "tests/support/streaming_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 2000, MOST_TERMS = 9 };
enum { AVERAGE_POOL = 1, MEAN = 40, BATCH_MATMUL = 126 };

struct sum {
    struct random_model m;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    struct lp_ranges *ranges;
    struct lp_interval of[2][MOST_TERMS];
    float scales[3];
    int32_t zeros[3];
    const char *name;
    uint64_t seed;
};

static void begin(struct sum *s, const char *name, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->name = name;
    s->seed = seed;
    s->m.state = seed * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 3; i++) {
        s->scales[i] = 0.5f;
        s->zeros[i] = random_between(&s->m, -128, 127);
    }
    for (int i = 0; i < 2 * MOST_TERMS; i++) {
        struct lp_interval *of = &s->of[i / MOST_TERMS][i % MOST_TERMS];
        of->low = random_between(&s->m, -128, 127);
        of->high = random_between(&s->m, of->low, 127);
    }
}

static void open_sum(struct sum *s, uint32_t first_count, uint32_t second_count)
{
    const struct lp_input_range inputs[2] = {{first_count, s->of[0]}, {second_count, s->of[1]}};
    size_t size_bytes = 0;
    const uint8_t *bytes = lp_tw_finish(&s->m.file, &size_bytes);
    lp_status status = lp_import(&s->arena, &s->diag, "sum.tflite", bytes, size_bytes, &s->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(s->graph, &s->diag);
    if (status == LP_OK)
        status = lp_ranges_find(&s->arena, &s->diag, s->graph, LP_ROUNDING_SINGLE, inputs, &s->ranges);
    if (status != LP_OK)
        fail_msg("%s, seed %llu: %s", s->name, (unsigned long long)s->seed, lp_text_get(&s->diag.errors));
}

static void close_sum(struct sum *s)
{
    lp_diag_free(&s->diag);
    lp_arena_free(&s->arena);
    lp_tw_free(&s->m.file);
}

static int32_t tensor(struct sum *s, int i, int32_t rank, const int32_t *dims)
{
    return lp_tw_add_tensor(&s->m.file,
                            i == 2   ? "out"
                            : i == 1 ? "other"
                                     : "in",
                            LP_ELEMENT_INT8, rank, dims, &s->scales[i], &s->zeros[i]);
}

static void widen(struct lp_wide_interval *seen, int64_t value, bool is_first)
{
    seen->low = is_first || value < seen->low ? value : seen->low;
    seen->high = is_first || value > seen->high ? value : seen->high;
}

static void need_same(const struct sum *s, const char *what, struct lp_wide_interval seen, struct lp_wide_interval range)
{
    if (seen.low != range.low || seen.high != range.high)
        fail_msg("%s, seed %llu: %s reaches %lld to %lld, its range is %lld to %lld", s->name, (unsigned long long)s->seed, what,
                 (long long)seen.low, (long long)seen.high, (long long)range.low, (long long)range.high);
}

/* One row times one column: every input at one of its ends, every part of the terms. */
static void products_reach_their_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct sum s;
        struct lp_wide_interval all = {0, 0}, part = {0, 0};
        begin(&s, "BATCH_MATMUL", seed);
        const int32_t depth = random_between(&s.m, 1, 3);
        const int32_t in[2] = {tensor(&s, 0, 2, (int32_t[]){1, depth}), tensor(&s, 1, 2, (int32_t[]){1, depth})};
        const int32_t out = tensor(&s, 2, 2, (int32_t[]){1, 1});
        struct lp_tw_op *op = lp_tw_add_op(&s.m.file, BATCH_MATMUL, 101, 2, in, out);
        op->fields[0] = (struct lp_tw_field){1, 0};
        op->fields[1] = (struct lp_tw_field){1, 1}; /* the second one is read by columns: its last dimension is the sum's */
        for (int i = 0; i < 2; i++)
            s.m.file.inputs[s.m.file.input_count++] = in[i];
        s.m.file.outputs[s.m.file.output_count++] = out;
        open_sum(&s, (uint32_t)depth, (uint32_t)depth);
        for (uint32_t corner = 0; corner < 1u << 2 * depth; corner++)
            for (uint32_t kept = 0; kept < 1u << depth; kept++) {
                int64_t sum = 0;
                for (int32_t k = 0; k < depth; k++) {
                    const struct lp_interval *a = &s.of[0][k], *b = &s.of[1][k];
                    int64_t left = (corner >> k & 1 ? a->high : a->low) - s.zeros[0];
                    int64_t right = (corner >> (depth + k) & 1 ? b->high : b->low) - s.zeros[1];
                    sum += kept >> k & 1 ? left * right : 0;
                }
                widen(&part, sum, corner == 0 && kept == 0);
                if (kept == (1u << depth) - 1)
                    widen(&all, sum, corner == 0);
            }
        assert_int_equal(s.ranges->ops[0].count, 1);
        need_same(&s, "the sum", all, s.ranges->ops[0].of[0].anywhere);
        need_same(&s, "a part of the sum", part, s.ranges->ops[0].of[0].partial);
        close_sum(&s);
    }
}

/* Columns of one row are the terms; a window that is cut off at the border has fewer of them. */
static void windows_reach_their_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct sum s;
        begin(&s, "AVERAGE_POOL_2D", seed);
        const int32_t width = random_between(&s.m, 1, 7), kernel = random_between(&s.m, 1, 7),
                      stride = random_between(&s.m, 1, 3);
        const int32_t out_w = (width + stride - 1) / stride, needed = (out_w - 1) * stride + kernel - width;
        const int32_t pad = needed > 0 ? needed / 2 : 0;
        s.scales[2] = s.scales[0];
        s.zeros[2] = s.zeros[0];
        const int32_t in = tensor(&s, 0, 4, (int32_t[]){1, 1, width, 1}), out = tensor(&s, 2, 4, (int32_t[]){1, 1, out_w, 1});
        struct lp_tw_op *op = lp_tw_add_op(&s.m.file, AVERAGE_POOL, 5, 1, &in, out);
        op->fields[0] = (struct lp_tw_field){1, 0}; /* SAME */
        op->fields[1] = (struct lp_tw_field){4, (uint32_t)stride};
        op->fields[2] = (struct lp_tw_field){4, 1};
        op->fields[3] = (struct lp_tw_field){4, (uint32_t)kernel};
        op->fields[4] = (struct lp_tw_field){4, 1};
        s.m.file.inputs[s.m.file.input_count++] = in;
        s.m.file.outputs[s.m.file.output_count++] = out;
        open_sum(&s, 1, 0);
        struct lp_wide_interval all = {0, 0}, whole = {0, 0}, part = {0, 0};
        bool has_whole = false;
        for (int32_t x = 0; x < out_w; x++) {
            int64_t terms = 0;
            for (int32_t k = 0; k < kernel; k++)
                terms += x * stride - pad + k >= 0 && x * stride - pad + k < width;
            for (int end = 0; end < 2; end++) {
                const int64_t value = end == 0 ? s.of[0][0].low : s.of[0][0].high;
                widen(&all, value * terms, x == 0 && end == 0);
                widen(&part, value * terms, false);
                if (terms == kernel)
                    widen(&whole, value * terms, !has_whole);
                has_whole = has_whole || terms == kernel;
            }
        }
        need_same(&s, "the sum", all, s.ranges->ops[0].of[0].anywhere);
        need_same(&s, "a whole window", has_whole ? whole : all, s.ranges->ops[0].of[0].interior);
        need_same(&s, "a part of the sum", part, s.ranges->ops[0].of[0].partial);
        close_sum(&s);
    }
}

static void means_reach_their_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct sum s;
        struct lp_wide_interval all = {0, 0}, part = {0, 0};
        begin(&s, "MEAN", seed);
        const int32_t terms = random_between(&s.m, 1, MOST_TERMS), one = 1, axis = 1;
        const int32_t in = tensor(&s, 0, 2, (int32_t[]){1, terms}), out = tensor(&s, 2, 1, &one);
        const int32_t axes = lp_tw_add_tensor(&s.m.file, "axes", LP_ELEMENT_INT32, 1, &one, NULL, NULL);
        lp_tw_set_data(&s.m.file, axes, &axis, sizeof axis);
        lp_tw_add_op(&s.m.file, MEAN, 27, 2, (int32_t[]){in, axes}, out);
        s.m.file.inputs[s.m.file.input_count++] = in;
        s.m.file.outputs[s.m.file.output_count++] = out;
        open_sum(&s, (uint32_t)terms, 0);
        const int64_t start = -(int64_t)terms * s.zeros[0];
        for (int end = 0; end < 2; end++) {
            int64_t sum = start, some = 0;
            for (int32_t k = 0; k < terms; k++) {
                const int64_t value = end == 0 ? s.of[0][k].low : s.of[0][k].high;
                sum += value;
                some += (end == 0) == (value < 0) ? value : 0;
            }
            widen(&all, sum, end == 0);
            widen(&part, some, false);
            widen(&part, some + start, false);
        }
        need_same(&s, "the sum", all, s.ranges->ops[0].of[0].anywhere);
        need_same(&s, "a part of the sum", part, s.ranges->ops[0].of[0].partial);
        close_sum(&s);
    }
}

/* ---- sums that depend on more than corners: they lie inside ---- */

static void need_within(const char *what, int64_t value, struct lp_wide_interval range)
{
    if (value < range.low || value > range.high)
        fail_msg("%s is %lld, its range is %lld to %lld", what, (long long)value, (long long)range.low, (long long)range.high);
}

/* All values of one layer of SVDF at one moment. */
static size_t check_svdf(const struct lp_ranges *ranges, uint32_t index, const struct lp_evaluation *e)
{
    const struct lp_graph *g = ranges->graph;
    const struct lp_op *op = &g->ops[index];
    const struct lp_op_range *r = &ranges->ops[index];
    const struct lp_tensor *feature = lp_op_input(g, op, 1), *time = lp_op_input(g, op, 2), *bias = lp_op_input(g, op, 3);
    const int8_t *in = lp_evaluate_tensor(e, op->inputs[0]), *by = feature->data, *out = lp_evaluate_tensor(e, op->outputs[0]);
    const int16_t *memory = lp_evaluate_tensor(e, op->outputs[1]), *in_time = time->data;
    const int32_t depth = feature->dims[1], moments = time->dims[1], rank = op->as.svdf.rank;
    const int32_t zero = lp_op_input(g, op, 0)->quant.zero_point[0];
    assert_int_equal(r->feature_count, feature->dims[0]);
    for (int32_t f = 0; f < feature->dims[0]; f++) {
        int64_t sum = 0;
        for (int32_t i = 0; i < depth; i++) {
            sum += (int64_t)(in[i] - zero) * by[f * depth + i];
            need_within("a part of a feature", sum, r->features[f].partial);
        }
        need_within("a feature", sum, r->features[f].anywhere);
    }
    for (uint32_t u = 0; u < r->count; u++) {
        int64_t sum = bias == NULL ? 0 : ((const int32_t *)bias->data)[u];
        for (int32_t k = (int32_t)u * rank * moments; k < ((int32_t)u + 1) * rank * moments; k++) {
            sum += (int64_t)memory[k] * in_time[k];
            need_within("a part of a sum in time", sum, r->of[u].partial);
        }
        need_within("a sum in time", sum, r->of[u].anywhere);
        const struct lp_interval range = lp_range_at(ranges, op->outputs[0], u);
        need_within("an output", out[u], (struct lp_wide_interval){range.low, range.high});
    }
    return r->count;
}

static void what_is_remembered_stays_inside(void **state)
{
    (void)state;
    struct lp_tw file = {0};
    struct sum s = {.name = "SVDF"};
    struct lp_evaluation e;
    size_t bytes = 0, checked = 0;
    svdf_model_make(&file);
    const uint8_t *model = lp_tw_finish(&file, &bytes);
    assert_int_equal(lp_import(&s.arena, &s.diag, "svdf.tflite", model, bytes, &s.graph), LP_OK);
    assert_int_equal(lp_analyze_shapes(s.graph, &s.diag), LP_OK);
    assert_int_equal(lp_ranges_find(&s.arena, &s.diag, s.graph, LP_ROUNDING_DOUBLE, NULL, &s.ranges), LP_OK);
    assert_int_equal(lp_evaluate_open(&e, s.graph, LP_ROUNDING_DOUBLE, &s.diag), LP_OK);
    s.m.state = 7;
    for (int moment = 0; moment < 60; moment++) {
        int8_t in[10];
        for (int i = 0; i < 10; i++)
            in[i] = (int8_t)(moment % 3 == 0 ? random_between(&s.m, 0, 1) * 255 - 128 : random_between(&s.m, -128, 127));
        assert_int_equal(lp_evaluate_set_input(&e, 0, in, sizeof in), LP_OK);
        assert_int_equal(lp_evaluate_run(&e, &s.diag), LP_OK);
        for (uint32_t i = 0; i < s.graph->op_count; i++)
            if (s.graph->ops[i].kind == LP_OP_SVDF)
                checked += check_svdf(s.ranges, i, &e);
    }
    assert_true(checked > 500);
    lp_evaluate_close(&e);
    lp_diag_free(&s.diag);
    lp_arena_free(&s.arena);
    lp_tw_free(&file);
}

/* Squares add up to exactly what their interval says at its ends; exponentials of n equal elements are n times one. */
static void rows_have_the_sums_of_their_formulas(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct sum s;
        const bool is_softmax = seed % 2 == 0;
        begin(&s, is_softmax ? "SOFTMAX" : "L2_NORMALIZATION", seed);
        const int32_t terms = random_between(&s.m, 1, MOST_TERMS);
        s.scales[2] = is_softmax ? 1.0f / 256 : 1.0f / 128;
        s.zeros[2] = is_softmax ? -128 : 0;
        const int32_t in = tensor(&s, 0, 2, (int32_t[]){1, terms}), out = tensor(&s, 2, 2, (int32_t[]){1, terms});
        struct lp_tw_op *op = lp_tw_add_op(&s.m.file, is_softmax ? 25 : 11, is_softmax ? 9 : 12, 1, &in, out);
        if (is_softmax)
            op->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
        s.m.file.inputs[s.m.file.input_count++] = in;
        s.m.file.outputs[s.m.file.output_count++] = out;
        open_sum(&s, (uint32_t)terms, 0);
        struct lp_wide_interval all = {0, 0}, part = {0, 0};
        for (int32_t k = 0; k < terms; k++) {
            struct lp_wide_interval square = {0, 0};
            for (int32_t v = s.of[0][k].low; v <= s.of[0][k].high; v++)
                widen(&square, (int64_t)(v - s.zeros[0]) * (v - s.zeros[0]), v == s.of[0][k].low);
            all.low += is_softmax ? 0 : square.low;
            all.high += is_softmax ? 1 << 19 : square.high;
        }
        all.low = is_softmax ? 1 << 19 : all.low;
        part.high = all.high;
        assert_int_equal(s.ranges->ops[0].count, 1);
        need_same(&s, "the sum", all, s.ranges->ops[0].of[0].anywhere);
        need_same(&s, "a part of the sum", part, s.ranges->ops[0].of[0].partial);
        close_sum(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_reach_their_ends),
        cmocka_unit_test(windows_reach_their_ends),
        cmocka_unit_test(means_reach_their_ends),
        cmocka_unit_test(what_is_remembered_stays_inside),
        cmocka_unit_test(rows_have_the_sums_of_their_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
