/* Each rule of the NPU at its limit: the last thing that hardware takes, and the first that it does not, which then names the
 * rule and a change. What hardware takes is the outcome of that change: advice that does not help fails, too. A rule without
 * such a pair fails. */
#include "cli/session.h"
#include "compiler/analyze/shapes.h"
#include "compiler/lower/neural-art/backend.h"
#include "compiler/lower/neural-art/curve.h"
#include "compiler/lower/neural-art/rules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { IN, SECOND, THIRD, OUT, TENSORS };

/* A graph of one operator. */
struct single {
    struct lp_session session;
    struct lp_graph graph;
    struct lp_op op;
    struct lp_tensor tensors[TENSORS];
    int32_t inputs[3], outputs[1], graph_inputs[3];
    struct lp_program *program;
    bool allow_unproven;
};

static void *room(struct single *s, size_t count, size_t size)
{
    void *data = lp_arena_alloc(&s->session.arena, count, size);
    assert_non_null(data);
    return data;
}

/* dims end with 0. */
static struct lp_tensor *add(struct single *s, int tensor, enum lp_element element, float scale, int32_t zero,
                             const int32_t *dims)
{
    struct lp_tensor *t = &s->tensors[tensor];
    float *scales = room(s, 1, sizeof *scales);
    int32_t *zeros = room(s, 1, sizeof *zeros);
    *t = (struct lp_tensor){.name = "t", .element = element, .source_index = tensor};
    for (; dims[t->rank] != 0; t->rank++)
        t->dims[t->rank] = dims[t->rank];
    *scales = scale;
    *zeros = zero;
    t->quant = (struct lp_quant){scale == 0.0f ? 0 : 1, 0, scales, zeros};
    return t;
}
#define DIMS(...) ((const int32_t[]){__VA_ARGS__, 0})
#define UNKNOWN ((const int32_t[]){0}) /* the analysis of shapes fills it in */

static void fill(struct single *s, int tensor, int value)
{
    size_t bytes = (size_t)lp_tensor_bytes(&s->tensors[tensor]);
    uint8_t *data = room(s, bytes, 1);
    memset(data, value, bytes);
    s->tensors[tensor].data = data;
}

static void set_numbers(struct single *s, int tensor, const int32_t *numbers, int32_t count)
{
    add(s, tensor, LP_ELEMENT_INT32, 0, 0, DIMS(count));
    int32_t *data = room(s, (size_t)count, sizeof *data);
    memcpy(data, numbers, (size_t)count * sizeof *data);
    s->tensors[tensor].data = data;
}

static void set_op(struct single *s, enum lp_op_kind kind, uint32_t inputs)
{
    s->op.kind = kind;
    s->op.input_count = inputs;
}

/* ---- operators at a limit: `n` says on which side ---- */

static void unary(struct single *s, enum lp_op_kind kind, enum lp_element element, const int32_t *dims)
{
    set_op(s, kind, 1);
    add(s, IN, element, 0.1f, 0, dims);
    add(s, OUT, element, 0.1f, 0, UNKNOWN);
}

static void operator_with_a_form(struct single *s, int n)
{
    unary(s, n == 0 ? LP_OP_RELU : LP_OP_SOFTMAX, LP_ELEMENT_INT8, DIMS(1, 8));
    s->op.as.softmax.beta = 1;
    if (n != 0)
        add(s, OUT, LP_ELEMENT_INT8, 1.0f / 256, -128, UNKNOWN);
}

static void sum_of_type(struct single *s, int n)
{
    enum lp_element element = n == 0 ? LP_ELEMENT_INT8 : LP_ELEMENT_INT16;
    unary(s, LP_OP_ADD, element, DIMS(1, 2, 3, 4));
    set_op(s, LP_OP_ADD, 2);
    add(s, SECOND, element, 0.1f, 0, DIMS(1, 2, 3, 4));
}

/* The second operand repeats in n places. */
static void sum_with_repeats(struct single *s, int n)
{
    unary(s, LP_OP_ADD, LP_ELEMENT_INT8, DIMS(2, 2, 2, 2, 2, 2));
    set_op(s, LP_OP_ADD, 2);
    add(s, SECOND, LP_ELEMENT_INT8, 0.1f, 0, DIMS(n > 0 ? 1 : 2, 2, n > 1 ? 1 : 2, 2, n > 2 ? 1 : 2, 2));
}

/* Weights of 1 on a map of one channel; the window is the caller's. */
static void convolution(struct single *s, int height, int width, int kernel_h, int kernel_w)
{
    set_op(s, LP_OP_CONV_2D, 3);
    add(s, IN, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, height, width, 1));
    add(s, SECOND, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, kernel_h, kernel_w, 1));
    add(s, THIRD, LP_ELEMENT_INT32, 0.01f, 0, DIMS(1));
    add(s, OUT, LP_ELEMENT_INT8, 0.01f * (float)(kernel_h * kernel_w), 0, UNKNOWN);
    fill(s, SECOND, 1);
    fill(s, THIRD, 0);
    s->op.as.window = (struct lp_window){
        .padding = LP_PADDING_VALID, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
}

static void kernel_of(struct single *s, int n)
{
    convolution(s, 1, 80, 1, n);
}

static void dilation_of(struct single *s, int n)
{
    convolution(s, 1, 80, 1, 3);
    s->op.as.window.dilation_w = n;
}

/* An epoch for each of the dilation's windows. */
static void windows_of(struct single *s, int n)
{
    convolution(s, 40, 40, 3, 3);
    s->op.as.window.dilation_h = 8;
    s->op.as.window.dilation_w = n;
}

static void padding_of(struct single *s, int n)
{
    convolution(s, 40, 1, 2 * n + 1, 1);
    s->op.as.window.padding = LP_PADDING_SAME;
}

static void windows_of_lines(struct single *s, int n)
{
    convolution(s, 40, 40, n, 3);
    s->op.as.window.dilation_h = 8;
    s->op.as.window.dilation_w = 9;
}

/* What a PAD operator before the convolution would leave to it. */
static void padding_before(struct single *s, int n)
{
    convolution(s, 40 + 2 * n, 1, 2 * n + 1, 1);
}

/* A convolution of two groups with n results each. */
static void results_of_group(struct single *s, int n)
{
    convolution(s, 2, 2, 1, 1);
    add(s, IN, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, 2, 2, 8));
    add(s, SECOND, LP_ELEMENT_INT8, 0.1f, 0, DIMS(2 * n, 1, 1, 4));
    add(s, THIRD, LP_ELEMENT_INT32, 0.01f, 0, DIMS(2 * n));
    fill(s, SECOND, 1);
    fill(s, THIRD, 0);
}

/* Products of 127 and of up to 128: the units hold the sums of up to 516, whole slices of 128 channels in each of four groups. */
static void depth_of(struct single *s, int n)
{
    set_op(s, LP_OP_FULLY_CONNECTED, 3);
    add(s, IN, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, n));
    add(s, SECOND, LP_ELEMENT_INT8, 0.1f, 0, DIMS(4, n));
    add(s, THIRD, LP_ELEMENT_INT32, 0.01f, 0, DIMS(4));
    add(s, OUT, LP_ELEMENT_INT8, 0.01f * 127 * (float)n, 0, UNKNOWN);
    fill(s, SECOND, 127);
    fill(s, THIRD, 0);
}

static void weights_of(struct single *s, int n)
{
    depth_of(s, 2049);
    fill(s, SECOND, n);
}

/* Computed weights are refused before; what is left is an input that is constant as well (1). */
static void constant_input(struct single *s, int n)
{
    depth_of(s, 16);
    if (n == 1)
        fill(s, IN, 3);
}

/* Outputs finer by 1 % with each step, so that the rounding of the sums shows. A convolution: sums of matrix products are kept
 * whole. */
static void output_finer_by(struct single *s, int n)
{
    convolution(s, 2, 2, 1, 1);
    add(s, IN, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, 2, 2, 100));
    add(s, SECOND, LP_ELEMENT_INT8, 0.1f, 0, DIMS(1, 1, 1, 100));
    add(s, OUT, LP_ELEMENT_INT8, 0.01f * 127 * 100 * (float)pow(0.99, n), 0, UNKNOWN);
    fill(s, SECOND, 127);
}

static void map_of_lines(struct single *s, int n)
{
    unary(s, LP_OP_RELU, LP_ELEMENT_INT8, DIMS(1, n, 1, 1));
}

static void pool(struct single *s, enum lp_op_kind kind, const int32_t *dims, int window, int stride)
{
    unary(s, kind, LP_ELEMENT_INT8, dims);
    s->op.as.window = (struct lp_window){.padding = LP_PADDING_VALID,
                                         .stride_h = stride,
                                         .stride_w = stride,
                                         .dilation_h = 1,
                                         .dilation_w = 1,
                                         .kernel_h = window,
                                         .kernel_w = window};
}

static void map_in_square(struct single *s, int n)
{
    unary(s, LP_OP_RELU, LP_ELEMENT_INT8, DIMS(1, n, n, 1));
}

static void pool_of_maps(struct single *s, int n)
{
    pool(s, LP_OP_MAX_POOL_2D, DIMS(n, 4, 4, 8), 3, 3);
}

/* Windows of n columns of a map as long as it may be, with a border or without. */
static void largest_with_border(struct single *s, int n)
{
    pool(s, LP_OP_MAX_POOL_2D, DIMS(1, 1, 65535, 1), 1, 1);
    s->op.as.window.kernel_w = n;
    s->op.as.window.padding = LP_PADDING_SAME;
}

static void largest_without_border(struct single *s, int n)
{
    largest_with_border(s, n);
    s->op.as.window.padding = LP_PADDING_VALID;
}

static void average_of_columns(struct single *s, int n)
{
    pool(s, LP_OP_AVERAGE_POOL_2D, DIMS(1, 2, n, 1), 2, 2);
}

static void average_of_windows(struct single *s, int n)
{
    pool(s, LP_OP_AVERAGE_POOL_2D, DIMS(1, 24, 24, 8), n, 1);
    s->op.as.window.padding = LP_PADDING_SAME;
}

static void average_inside(struct single *s, int n)
{
    pool(s, LP_OP_AVERAGE_POOL_2D, DIMS(1, 24, 24, 8), n, 1);
}

static void average_of_map(struct single *s, int n)
{
    pool(s, LP_OP_AVERAGE_POOL_2D, DIMS(1, n, n, 8), n, 1);
}

static void mean_of_maps(struct single *s, int n)
{
    unary(s, LP_OP_MEAN, LP_ELEMENT_INT8, DIMS(n, 4, 4, 8));
    set_op(s, LP_OP_MEAN, 2);
    set_numbers(s, SECOND, (const int32_t[]){1, 2}, 2);
}

/* Axes 3 - n and what follows before the channels, or the channels too (3). */
static void largest_of_axes(struct single *s, int n)
{
    unary(s, LP_OP_REDUCE_MAX, LP_ELEMENT_INT8, DIMS(2, 4, 4, 8));
    set_op(s, LP_OP_REDUCE_MAX, 2);
    set_numbers(s, SECOND, (const int32_t[]){2, 1, 3}, n);
}

static void mean_of_axes(struct single *s, int n)
{
    unary(s, LP_OP_MEAN, LP_ELEMENT_INT8, DIMS(1, 4, 4, 8));
    set_op(s, LP_OP_MEAN, 2);
    set_numbers(s, SECOND, (const int32_t[]){1, 2, 3}, n);
}

/* A channel more, too. */
static void border(struct single *s, int columns, int lines)
{
    unary(s, LP_OP_PAD, LP_ELEMENT_INT8, DIMS(1, 9, columns, 4));
    set_op(s, LP_OP_PAD, 2);
    set_numbers(s, SECOND, (const int32_t[]){0, 0, lines, 0, 0, 0, 1, 0}, 8);
    s->tensors[SECOND].rank = 2;
    s->tensors[SECOND].dims[0] = 4;
    s->tensors[SECOND].dims[1] = 2;
}

static void border_of_maps(struct single *s, int n)
{
    unary(s, LP_OP_PAD, LP_ELEMENT_INT8, DIMS(n, 9, 9, 4));
    set_op(s, LP_OP_PAD, 2);
    set_numbers(s, SECOND, (const int32_t[]){0, 0, 1, 0, 0, 0, 0, 0}, 8);
    s->tensors[SECOND].rank = 2;
    s->tensors[SECOND].dims[0] = 4;
    s->tensors[SECOND].dims[1] = 2;
}

static void border_of(struct single *s, int n)
{
    border(s, 9, n);
}

static void border_of_columns(struct single *s, int n)
{
    border(s, n, 1);
}

/* From 6 lines and columns to n. */
static void resized_to(struct single *s, int n)
{
    unary(s, LP_OP_RESIZE_NEAREST_NEIGHBOR, LP_ELEMENT_INT8, DIMS(1, 6, 6, 4));
    set_op(s, LP_OP_RESIZE_NEAREST_NEIGHBOR, 2);
    set_numbers(s, SECOND, (const int32_t[]){n, n}, 2);
}

static void slopes_for(struct single *s, int n)
{
    unary(s, LP_OP_PRELU, LP_ELEMENT_INT8, DIMS(1, 2, 2, n));
    set_op(s, LP_OP_PRELU, 2);
    add(s, SECOND, LP_ELEMENT_INT8, 0.01f, 0, DIMS(1, 1, n));
    fill(s, SECOND, 20);
}

/* All of n dimensions in the opposite order: as many loops. */
static void transposition_of(struct single *s, int n)
{
    int32_t dims[7] = {2, 3, 2, 3, 2, 3, 0}, order[6];
    dims[n] = 0;
    for (int i = 0; i < n; i++)
        order[i] = n - 1 - i;
    unary(s, LP_OP_TRANSPOSE, LP_ELEMENT_INT8, dims);
    set_op(s, LP_OP_TRANSPOSE, 2);
    set_numbers(s, SECOND, order, n);
}

/* ---- looking ---- */

static void open_single(struct single *s)
{
    memset(s, 0, sizeof *s);
    s->op = (struct lp_op){.inputs = s->inputs, .outputs = s->outputs, .output_count = 1};
    for (int i = 0; i < 3; i++)
        s->inputs[i] = i;
    s->outputs[0] = OUT;
    assert_int_equal(lp_session_targets(&s->session, "stm32n6"), LP_OK);
}

/* The rule that keeps the operator from the NPU; null: none does. */
static const char *rule_of(struct single *s)
{
    const struct lp_lower_options options = {.backend = &lp_npu_backend, .allow_unproven = s->allow_unproven};
    s->graph = (struct lp_graph){.arena = &s->session.arena,
                                 .tensors = s->tensors,
                                 .ops = &s->op,
                                 .inputs = s->graph_inputs,
                                 .outputs = s->outputs,
                                 .tensor_count = TENSORS,
                                 .op_count = 1,
                                 .output_count = 1,
                                 .model_op_count = 1,
                                 .description = ""};
    for (uint32_t i = 0; i < s->op.input_count; i++)
        if (s->tensors[i].data == NULL)
            s->graph_inputs[s->graph.input_count++] = (int32_t)i;
    if (lp_analyze_shapes(&s->graph, &s->session.diag) != LP_OK ||
        lp_lower(&s->session.arena, &s->session.diag, &s->graph, &s->session.targets[0], &options, &s->program) != LP_OK)
        fail_msg("%s", lp_text_get(&s->session.diag.errors));
    const char *rule = s->program->refusals[0].rule;
    assert_true((s->program->epochs[s->program->epoch_count - 1].hw == NULL) == (rule != NULL));
    return rule;
}

static void close_single(struct single *s)
{
    lp_diag_free(&s->session.diag);
    lp_arena_free(&s->session.arena);
}

struct answer {
    const char *rule; /* null: the NPU takes it */
    char change[200];
};

static struct answer look(void (*make)(struct single *s, int n), int n)
{
    static struct single s;
    open_single(&s);
    make(&s, n);
    struct answer answer = {.rule = rule_of(&s)};
    if (answer.rule != NULL)
        snprintf(answer.change, sizeof answer.change, "%s", s.program->refusals[0].change);
    close_single(&s);
    return answer;
}

static void unproven_average(struct single *s, int n)
{
    average_of_map(s, n);
    s->allow_unproven = true;
}

static const char same[] = "a model with int8 activations";
static const char smaller_dilation[] = "fewer channels, a smaller kernel, dilation or batch";
static const char less[] = "fewer input channels, or smaller weights";
static const char beside_channels[] = "at most 8 lines around at most 1,920 columns beside a border of channels";
static const char valid[] = "VALID padding, or a smaller window";

/* `outside` is refused with the advice `change`; `inside` is what follows it, as near to `outside` as it can be. */
static const struct limit {
    enum lp_npu_rule rule;
    const char *change;
    void (*make)(struct single *s, int n);
    int outside;
    void (*changed)(struct single *s, int n);
    int inside;
} limits[] = {
    {LP_NPU_RULE_OPERATOR, "none: it stays on the CPU", operator_with_a_form, 1, operator_with_a_form, 0},
    {LP_NPU_RULE_TYPE, same, sum_of_type, 1, sum_of_type, 0},
    {LP_NPU_RULE_CONSTANT, "a computed input", constant_input, 1, constant_input, 0},
    {LP_NPU_RULE_KERNEL, "at most 64 lines and columns", kernel_of, 65, kernel_of, 64},
    {LP_NPU_RULE_DILATION, "a dilation of at most 16", dilation_of, 17, dilation_of, 16},
    {LP_NPU_RULE_TILES, smaller_dilation, windows_of, 9, windows_of, 8},
    {LP_NPU_RULE_TILES, smaller_dilation, windows_of_lines, 3, windows_of_lines, 1},
    {LP_NPU_RULE_TILES, "at most 512 results a group", results_of_group, 513, results_of_group, 512},
    {LP_NPU_RULE_TILES, valid, average_of_windows, 8, average_of_windows, 7},
    {LP_NPU_RULE_TILES, valid, average_of_windows, 8, average_inside, 8},
    {LP_NPU_RULE_TILES, "a smaller batch", pool_of_maps, 22, pool_of_maps, 21},
    {LP_NPU_RULE_PADDING, "a PAD operator before this one, and VALID padding", padding_of, 9, padding_before, 9},
    {LP_NPU_RULE_ACCUMULATOR, less, depth_of, 2049, depth_of, 2048},
    {LP_NPU_RULE_ACCUMULATOR, less, depth_of, 2049, weights_of, 102},
    {LP_NPU_RULE_SHAPES, "operands of one shape", sum_with_repeats, 3, sum_with_repeats, 2},
    {LP_NPU_RULE_SHAPES, "operands of one shape", sum_with_repeats, 3, sum_with_repeats, 0},
    {LP_NPU_RULE_MAP, "the same elements in another shape", map_of_lines, 65536, map_of_lines, 65535},
    {LP_NPU_RULE_MAP, "the same elements in another shape", map_of_lines, 65536, map_in_square, 256},
    {LP_NPU_RULE_MAP, "VALID padding", largest_with_border, 2, largest_with_border, 1},
    {LP_NPU_RULE_MAP, "VALID padding", largest_with_border, 2, largest_without_border, 2},
    {LP_NPU_RULE_TILES, "a smaller batch", mean_of_maps, 65, mean_of_maps, 64},
    {LP_NPU_RULE_ROW, "at most 4,095 columns", average_of_columns, 4096, average_of_columns, 4095},
    {LP_NPU_RULE_BORDER, beside_channels, border_of_columns, 1921, border_of_columns, 1920},
    {LP_NPU_RULE_RESIZE, "a size that is a multiple of the other one, without align_corners", resized_to, 9, resized_to, 12},
    {LP_NPU_RULE_RESIZE, "a size that is a multiple of the other one, without align_corners", resized_to, 4, resized_to, 3},
    {LP_NPU_RULE_SLOPES, "constant slopes that all rows and columns share, for up to 512 channels", slopes_for, 513, slopes_for,
     512},
    {LP_NPU_RULE_REDUCED_AXES, "the height, the width, or both of a map", mean_of_axes, 3, mean_of_axes, 2},
    {LP_NPU_RULE_REDUCED_AXES, "the height, the width, or both of a map", largest_of_axes, 3, largest_of_axes, 2},
    {LP_NPU_RULE_REDUCED_AXES, "the height, the width, or both of a map", largest_of_axes, 3, largest_of_axes, 1},
    {LP_NPU_RULE_BORDER, beside_channels, border_of, 9, border_of, 8},
    {LP_NPU_RULE_BORDER, "a border of rows, columns or channels of one map", border_of_maps, 2, border_of_maps, 1},
    {LP_NPU_RULE_MOVE, "fewer dimensions, none reversed or repeated", transposition_of, 5, transposition_of, 4},
    {LP_NPU_RULE_EVIDENCE, "--allow-unproven", average_of_map, 65, unproven_average, 65},
    {LP_NPU_RULE_EVIDENCE, "--allow-unproven", average_of_map, 65, average_of_map, 64},
};

static void rules_hold_from_their_limit_on(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < LP_COUNT(limits); i++) {
        const struct limit *l = &limits[i];
        const char *want = lp_npu_rule_table[l->rule].name;
        const struct answer inside = look(l->changed, l->inside), outside = look(l->make, l->outside);
        if (inside.rule != NULL || outside.rule == NULL || strcmp(outside.rule, want) != 0 ||
            strcmp(outside.change, l->change) != 0) {
            print_error("%s: %d is refused by %s, %d by %s (%s)\n", want, l->inside,
                        inside.rule == NULL ? "nothing" : inside.rule, l->outside,
                        outside.rule == NULL ? "nothing" : outside.rule, outside.change);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* The limit of the deviation is a real number, met in small steps from both sides. */
static void deviation_is_refused_from_one_on(void **state)
{
    (void)state;
    double largest_inside = 0.0, smallest_outside = INFINITY;
    for (int n = 450; n < 600; n++) {
        static struct single s;
        open_single(&s);
        output_finer_by(&s, n);
        const char *rule = rule_of(&s);
        double deviation = s.program->deviation[0];
        close_single(&s);
        if (rule == NULL)
            largest_inside = fmax(largest_inside, deviation);
        else
            smallest_outside = fmin(smallest_outside, deviation);
        if (rule != NULL)
            assert_string_equal(rule, lp_npu_rule_table[LP_NPU_RULE_DEVIATION].name);
    }
    assert_true(largest_inside < 1.0 && smallest_outside >= 1.0);
    assert_true(largest_inside > 0.9 && smallest_outside < 1.1);
}

/* No function of an operator bends more often than the unit has rows for; a table can. */
static void curves_have_as_many_bends_as_rows(void **state)
{
    struct lp_npu_curve c;
    int8_t table[256];
    (void)state;
    for (int q = 0; q < 256; q++)
        table[q] = (int8_t)(q / 8 % 2 == 0 ? 10 * (q % 8) : 70 - 10 * (q % 8));
    assert_true(lp_npu_curve_fit(table, &c));
    for (int q = 0; q < 256; q++)
        table[q] = (int8_t)(q % 2 == 0 ? 100 : -100);
    assert_false(lp_npu_curve_fit(table, &c));
}

static void no_rule_is_without_a_limit(void **state)
{
    (void)state;
    bool has[LP_NPU_RULE_COUNT] = {[LP_NPU_RULE_DEVIATION] = true, [LP_NPU_RULE_CURVE] = true};
    for (size_t i = 0; i < LP_COUNT(limits); i++)
        has[limits[i].rule] = true;
    for (int rule = 0; rule < LP_NPU_RULE_COUNT; rule++)
        if (!has[rule])
            fail_msg("rule %s has no pair of tests at its limit", lp_npu_rule_table[rule].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_hold_from_their_limit_on),
        cmocka_unit_test(deviation_is_refused_from_one_on),
        cmocka_unit_test(curves_have_as_many_bends_as_rows),
        cmocka_unit_test(no_rule_is_without_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
