/* Ranges of single operators that have no naive twin: functions of whole rows, and wider types. Values come from the reference
 * kernels; what they give for all inputs, or for the ends of their ranges, must lie in the interval and nearly fill it. */
#include "compiler/analyze/ranges.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "evaluate/evaluate.h"
#include "tests/support/random_model.h"
#include "tests/support/range_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 3000, SMALL_ROWS = 600, WIDE = 3300, MOST_ELEMENTS = 64 };

/* A model of one operator, and what its output has been. */
struct one {
    struct random_model m;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    struct lp_ranges *ranges;
    struct lp_evaluation e;
    int32_t in, out;
    struct lp_interval of[MOST_ELEMENTS], seen[MOST_ELEMENTS]; /* by channel */
    bool is_first;
    uint64_t seed;
};

static const struct row_op {
    const char *name;
    int32_t code;
    uint8_t options;
    float scale;
    int32_t zero_point;
    int32_t excess; /* that an end of the interval may have: the rule's own margin, at either end of what rounding hides */
    int32_t width;  /* at most, on average over random rows */
} row_ops[] = {
    {"SOFTMAX", 25, 9, 1.0f / 256, -128, 4, 75},
    {"LOG_SOFTMAX", 50, 36, 1.0f / 16, 127, 2, 95},
    {"L2_NORMALIZATION", 11, 12, 1.0f / 128, 0, 2, 65},
};

static void open_one(struct one *o, enum lp_rounding rounding, const struct lp_input_range *inputs)
{
    size_t size_bytes = 0;
    const uint8_t *bytes = lp_tw_finish(&o->m.file, &size_bytes);
    lp_status status = lp_import(&o->arena, &o->diag, "one.tflite", bytes, size_bytes, &o->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(o->graph, &o->diag);
    if (status == LP_OK)
        status = lp_ranges_find(&o->arena, &o->diag, o->graph, rounding, inputs, &o->ranges);
    if (status == LP_OK)
        status = lp_evaluate_open(&o->e, o->graph, rounding, &o->diag);
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)o->seed, lp_text_get(&o->diag.errors));
    o->is_first = true;
}

static void close_one(struct one *o)
{
    lp_evaluate_close(&o->e);
    lp_diag_free(&o->diag);
    lp_arena_free(&o->arena);
    lp_tw_free(&o->m.file);
}

static void begin(struct one *o, uint64_t seed)
{
    memset(o, 0, sizeof *o);
    o->seed = seed;
    o->m.state = seed * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 4; i++)
        random_bits(&o->m);
}

static void narrow(struct one *o, uint32_t count, int32_t low, int32_t high, int32_t widest)
{
    for (uint32_t c = 0; c < count; c++) {
        o->of[c].low = random_between(&o->m, low, high);
        o->of[c].high = random_between(&o->m, o->of[c].low, o->of[c].low + widest < high ? o->of[c].low + widest : high);
    }
}

/* One row of int8. */
static void run_row(struct one *o, const struct row_op *op, const int8_t *values, int32_t depth)
{
    assert_int_equal(lp_evaluate_set_input(&o->e, 0, values, (size_t)depth), LP_OK);
    assert_int_equal(lp_evaluate_run(&o->e, &o->diag), LP_OK);
    const int8_t *result = lp_evaluate_tensor(&o->e, o->out);
    range_check_tensor(o->ranges, o->out, result, op->name);
    for (int32_t c = 0; c < depth; c++) {
        struct lp_interval *seen = &o->seen[c];
        seen->low = o->is_first || result[c] < seen->low ? result[c] : seen->low;
        seen->high = o->is_first || result[c] > seen->high ? result[c] : seen->high;
    }
    o->is_first = false;
}

static void open_row(struct one *o, const struct row_op *op, int32_t depth, int32_t widest)
{
    float *scales = calloc(2, sizeof *scales);
    int32_t *zeros = calloc(2, sizeof *zeros);
    assert_true(scales != NULL && zeros != NULL);
    o->m.blocks[0] = scales;
    o->m.blocks[1] = zeros;
    scales[0] = 0.002f * (float)random_between(&o->m, 1, 1 + (int32_t)(o->seed % 400));
    scales[1] = op->scale;
    zeros[0] = random_between(&o->m, -128, 127);
    zeros[1] = op->zero_point;
    const int32_t dims[2] = {1, depth};
    o->in = lp_tw_add_tensor(&o->m.file, "in", LP_ELEMENT_INT8, 2, dims, &scales[0], &zeros[0]);
    o->out = lp_tw_add_tensor(&o->m.file, "out", LP_ELEMENT_INT8, 2, dims, &scales[1], &zeros[1]);
    struct lp_tw_op *written = lp_tw_add_op(&o->m.file, op->code, op->options, 1, &o->in, o->out);
    if (op->options == 9)
        written->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
    o->m.file.inputs[o->m.file.input_count++] = o->in;
    o->m.file.outputs[o->m.file.output_count++] = o->out;
    narrow(o, (uint32_t)depth, -128, 127, widest);
    const struct lp_input_range input = {(uint32_t)depth, o->of};
    open_one(o, o->seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE, &input);
}

static void close_row(struct one *o)
{
    free(o->m.blocks[0]);
    free(o->m.blocks[1]);
    close_one(o);
}

/* Long rows: random values, and each element at one end with all others at the other. */
static void rows_stay_in_their_ranges(void **state)
{
    (void)state;
    for (size_t k = 0; k < LP_COUNT(row_ops); k++) {
        int64_t width = 0;
        for (uint64_t seed = 1; seed <= ROWS; seed++) {
            struct one o;
            int8_t values[20];
            begin(&o, seed);
            int32_t depth = random_between(&o.m, 1, 20);
            open_row(&o, &row_ops[k], depth, 255);
            for (int n = 0; n < 30; n++) {
                for (int32_t i = 0; i < depth; i++) {
                    struct lp_interval r = o.of[i];
                    int32_t end = (i + n) % depth == 0 ? r.high : r.low;
                    values[i] = (int8_t)(n < 10 ? random_between(&o.m, r.low, r.high) : n < 20 ? end : r.low + r.high - end);
                }
                run_row(&o, &row_ops[k], values, depth);
            }
            width += lp_range_at(o.ranges, o.out, 0).high - lp_range_at(o.ranges, o.out, 0).low;
            close_row(&o);
        }
        printf("%s: intervals are %.1f wide on average\n", row_ops[k].name, (double)width / ROWS);
        assert_true(width < (int64_t)ROWS * row_ops[k].width);
    }
}

static void need_tight(const struct one *o, const struct row_op *op, int32_t c, int32_t *most)
{
    struct lp_interval range = lp_range_at(o->ranges, o->out, c);
    int32_t below = o->seen[c].low - range.low, above = range.high - o->seen[c].high;
    *most = below > *most ? below : above > *most ? above : *most;
    if (below > op->excess || above > op->excess)
        fail_msg("%s, seed %llu, element %d: %d to %d is reached, the range is %d to %d", op->name, (unsigned long long)o->seed,
                 (int)c, (int)o->seen[c].low, (int)o->seen[c].high, (int)range.low, (int)range.high);
}

/* Short rows: every input there is. */
static void rows_nearly_reach_their_ends(void **state)
{
    (void)state;
    for (size_t k = 0; k < LP_COUNT(row_ops); k++) {
        int32_t most = 0;
        for (uint64_t seed = 1; seed <= SMALL_ROWS; seed++) {
            struct one o;
            int8_t values[3];
            begin(&o, seed);
            int32_t depth = random_between(&o.m, 1, 3);
            open_row(&o, &row_ops[k], depth, 12);
            for (int32_t i = 0; i < depth; i++)
                values[i] = (int8_t)o.of[i].low;
            for (int32_t at = 0; at < depth;) {
                run_row(&o, &row_ops[k], values, depth);
                for (at = 0; at < depth && values[at] == o.of[at].high; at++)
                    values[at] = (int8_t)o.of[at].low;
                if (at < depth)
                    values[at]++;
            }
            for (int32_t c = 0; c < depth; c++)
                need_tight(&o, &row_ops[k], c, &most);
            close_row(&o);
        }
        printf("%s: no end is more than %d away from what is reached\n", row_ops[k].name, (int)most);
    }
}

static const struct wide_op {
    const char *name;
    int32_t code;
    uint8_t options;
    uint8_t inputs;
    float scale; /* of the output; 0: any, below 0: as the input */
    enum lp_element out;
    int32_t excess; /* that an end of the interval may have; -1: the ends are not looked for */
} wide_ops[] = {
    {"LEAKY_RELU", TW_LEAKY_RELU, 75, 1, 0, LP_ELEMENT_INT16, 0},
    {"QUANTIZE", TW_QUANTIZE, 0, 1, 0, LP_ELEMENT_INT16, 0},
    {"QUANTIZE", TW_QUANTIZE, 0, 1, 0, LP_ELEMENT_INT8, 0},
    {"ADD", TW_ADD, 11, 2, 0, LP_ELEMENT_INT16, 0},
    {"SUB", TW_SUB, 28, 2, 0, LP_ELEMENT_INT16, 0},
    {"MUL", TW_MUL, 21, 2, 0, LP_ELEMENT_INT16, 0},
    {"MAXIMUM", TW_MAXIMUM, 39, 2, -1, LP_ELEMENT_INT16, 0},
    {"REDUCE_MAX", TW_REDUCE_MAX, 27, 1, -1, LP_ELEMENT_INT16, -1},
    {"LOGISTIC", TW_LOGISTIC, 0, 1, 1.0f / 32768, LP_ELEMENT_INT16, 8},
    {"TANH", TW_TANH, 0, 1, 1.0f / 32768, LP_ELEMENT_INT16, 8},
    {"SOFTMAX", 25, 9, 1, 1.0f / 32768, LP_ELEMENT_INT16, -1},
};

/* Room for constants that the file only points to. */
struct constants {
    float scales[3];
    int32_t zeros[3], axis, one;
};

static int32_t add_wide(struct one *o, const char *name, struct constants *c, int i, enum lp_element element, int32_t channels)
{
    return lp_tw_add_tensor(&o->m.file, name, element, 2, (int32_t[]){1, channels}, &c->scales[i], &c->zeros[i]);
}

static void open_wide(struct one *o, const struct wide_op *op, struct constants *c, int32_t channels)
{
    struct lp_input_range inputs[2] = {{(uint32_t)channels, o->of}, {(uint32_t)channels, o->of + channels}};
    for (int i = 0; i < 3; i++)
        c->scales[i] = op->scale < 0 ? 0.01f : 0.001f * (float)random_between(&o->m, 1, 100);
    if (op->scale > 0) {
        c->scales[0] = ldexpf((float)random_between(&o->m, 32, 63), random_between(&o->m, -20, -14));
        c->scales[2] = op->scale;
    }
    int32_t in[2] = {add_wide(o, "a", c, 0, LP_ELEMENT_INT16, channels), 0};
    o->m.file.inputs[o->m.file.input_count++] = in[0];
    if (op->inputs == 2) {
        in[1] = add_wide(o, "b", c, 1, LP_ELEMENT_INT16, channels);
        o->m.file.inputs[o->m.file.input_count++] = in[1];
    }
    if (op->code == TW_REDUCE_MAX) {
        c->axis = c->one = 1;
        in[1] = lp_tw_add_tensor(&o->m.file, "axes", LP_ELEMENT_INT32, 1, &c->one, NULL, NULL);
        lp_tw_set_data(&o->m.file, in[1], &c->axis, sizeof c->axis);
    }
    if (op->out == LP_ELEMENT_INT8)
        c->zeros[2] = random_between(&o->m, -128, 127);
    o->out = add_wide(o, "out", c, 2, op->out, op->code == TW_REDUCE_MAX ? 1 : channels);
    struct lp_tw_op *written = lp_tw_add_op(&o->m.file, op->code, op->options, op->code == TW_REDUCE_MAX ? 2 : op->inputs, in,
                                            o->out);
    if (op->code == TW_LEAKY_RELU)
        written->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits((float)random_between(&o->m, 0, 120) / 100.0f)};
    if (op->code == TW_REDUCE_MAX)
        written->fields[0] = (struct lp_tw_field){1, 1};
    if (op->options == 9)
        written->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
    o->m.file.outputs[o->m.file.output_count++] = o->out;
    narrow(o, 2 * (uint32_t)channels, -32768, 32767, 65535);
    open_one(o, o->seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE, inputs);
}

/* Run n: both ends of each input in all combinations, then one channel at an end and all others at the other, then any value. */
static void fill_wide(struct one *o, int n, int32_t channels, int16_t values[2][5])
{
    for (int32_t i = 0; i < 2 * channels; i++) {
        struct lp_interval r = o->of[i];
        bool is_high = n < 4 ? (n >> (i / channels) & 1) != 0 : (i % channels == n / 2 % channels) == (n % 2 == 0);
        values[i / channels][i % channels] = (int16_t)(n >= 14 ? random_between(&o->m, r.low, r.high) : is_high ? r.high : r.low);
    }
}

static void observe_wide(struct one *o, const struct wide_op *op, int32_t channels)
{
    const void *result = lp_evaluate_tensor(&o->e, o->out);
    range_check_tensor(o->ranges, o->out, result, op->name);
    for (int32_t i = 0; i < channels && op->excess >= 0; i++) {
        int32_t value = op->out == LP_ELEMENT_INT8 ? ((const int8_t *)result)[i] : ((const int16_t *)result)[i];
        o->seen[i].low = o->is_first || value < o->seen[i].low ? value : o->seen[i].low;
        o->seen[i].high = o->is_first || value > o->seen[i].high ? value : o->seen[i].high;
    }
    o->is_first = false;
}

/* Where no function falls, and no factor is negative, extremes lie at the ends of the inputs; those of a product in one of the
 * four corners. */
static void wide_types_reach_their_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WIDE; seed++) {
        const struct wide_op *op = &wide_ops[seed % LP_COUNT(wide_ops)];
        struct constants c = {.zeros = {0}};
        struct one o;
        begin(&o, seed);
        const int32_t channels = random_between(&o.m, 1, 5);
        open_wide(&o, op, &c, channels);
        for (int n = 0; n < 30; n++) {
            int16_t values[2][5];
            fill_wide(&o, n, channels, values);
            for (uint32_t i = 0; i < op->inputs; i++)
                assert_int_equal(lp_evaluate_set_input(&o.e, i, values[i], 2 * (size_t)channels), LP_OK);
            assert_int_equal(lp_evaluate_run(&o.e, &o.diag), LP_OK);
            observe_wide(&o, op, channels);
        }
        for (int32_t i = 0; i < channels && op->excess >= 0; i++) {
            struct lp_interval range = lp_range_at(o.ranges, o.out, i);
            if (o.seen[i].low - range.low > op->excess || range.high - o.seen[i].high > op->excess)
                fail_msg("%s, seed %llu, channel %d: %d to %d is reached, the range is %d to %d", op->name,
                         (unsigned long long)seed, (int)i, (int)o.seen[i].low, (int)o.seen[i].high, (int)range.low,
                         (int)range.high);
        }
        close_one(&o);
    }
}

/* A map of more elements than are told apart one by one, turned so that the last dimension sees both channels. */
static void large_maps_take_channels_together(void **state)
{
    (void)state;
    enum { SIDE = 200 };
    static int8_t values[2 * SIDE * SIDE];
    static const float scale = 1;
    static const int32_t zero = 0, order[4] = {0, 1, 3, 2}, four = 4;
    struct one o;
    begin(&o, 1);
    o.of[0] = (struct lp_interval){-5, 5};
    o.of[1] = (struct lp_interval){10, 20};
    o.in = lp_tw_add_tensor(&o.m.file, "in", LP_ELEMENT_INT8, 4, (int32_t[]){1, SIDE, SIDE, 2}, &scale, &zero);
    o.out = lp_tw_add_tensor(&o.m.file, "out", LP_ELEMENT_INT8, 4, (int32_t[]){1, SIDE, 2, SIDE}, &scale, &zero);
    int32_t numbers = lp_tw_add_tensor(&o.m.file, "order", LP_ELEMENT_INT32, 1, &four, NULL, NULL);
    lp_tw_set_data(&o.m.file, numbers, order, sizeof order);
    lp_tw_add_op(&o.m.file, TW_TRANSPOSE, 26, 2, (int32_t[]){o.in, numbers}, o.out);
    o.m.file.inputs[o.m.file.input_count++] = o.in;
    o.m.file.outputs[o.m.file.output_count++] = o.out;
    const struct lp_input_range input = {2, o.of};
    open_one(&o, LP_ROUNDING_SINGLE, &input);
    for (int n = 0; n < 2; n++) {
        for (int32_t i = 0; i < 2 * SIDE * SIDE; i++)
            values[i] = (int8_t)(n == 0 ? o.of[i % 2].low : o.of[i % 2].high);
        assert_int_equal(lp_evaluate_set_input(&o.e, 0, values, sizeof values), LP_OK);
        assert_int_equal(lp_evaluate_run(&o.e, &o.diag), LP_OK);
        range_check_tensor(o.ranges, o.out, lp_evaluate_tensor(&o.e, o.out), "TRANSPOSE");
    }
    struct lp_interval range = lp_range_at(o.ranges, o.out, 0);
    assert_true(range.low == -5 && range.high == 20);
    close_one(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stay_in_their_ranges),
        cmocka_unit_test(rows_nearly_reach_their_ends),
        cmocka_unit_test(wide_types_reach_their_ends),
        cmocka_unit_test(large_maps_take_channels_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
