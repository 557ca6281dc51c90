/* Single convolutions, averages, largest values and matrix products of every shape class on the NPU's simulator: kernels up to 13 lines, steps up to 4 and
 * unequal ones, dilations, padding of all kinds, groups, depth multipliers, batches, lines longer than a frame may be, more
 * channels than one coefficient table holds. Every value within one step of the reference, no saturation, estimated cycles
 * equal to the simulator's. LP_MODELS=N asks for other than the usual number. */
#include "cli/session.h"
#include "compiler/analyze/shapes.h"
#include "compiler/lower/neural-art/backend.h"
#include "compiler/plan/plan.h"
#include "evaluate/evaluate.h"
#include "evaluate/neural-art/simulate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 500 };
enum { IN, WEIGHT, BIAS, OUT, TENSORS };

struct single {
    struct lp_session session;
    struct lp_graph graph;
    struct lp_op op;
    struct lp_tensor tensors[TENSORS];
    int32_t inputs[3], outputs[1];
    uint64_t random;
    uint64_t seed;
};

struct totals {
    int hardware, software, epochs, off_by_one;
    int averages, choices, deep; /* of those in hardware; deep: sums that are cut */
};

static int between(struct single *s, int low, int high)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (int)((s->random >> 33) % (uint64_t)(high - low + 1));
}

static int pick(struct single *s, const int *choices, int count)
{
    return choices[between(s, 0, count - 1)];
}

static void *bytes_of(struct single *s, size_t count, size_t size)
{
    void *data = lp_arena_alloc(&s->session.arena, count, size);
    assert_non_null(data);
    return data;
}

static void set_tensor(struct single *s, int tensor, enum lp_element element, const int32_t *dims, int rank)
{
    struct lp_tensor *t = &s->tensors[tensor];
    *t = (struct lp_tensor){.name = "t", .element = element, .rank = (uint8_t)rank, .source_index = tensor};
    for (int i = 0; i < rank; i++)
        t->dims[i] = dims[i];
}

static void set_quant(struct single *s, int tensor, uint32_t count, int32_t axis, double scale, int zero, double spread)
{
    float *scales = bytes_of(s, count, sizeof *scales);
    int32_t *zeros = bytes_of(s, count, sizeof *zeros);
    for (uint32_t i = 0; i < count; i++) {
        scales[i] = (float)(scale * pow(spread, between(s, -100, 100) / 100.0));
        zeros[i] = zero;
    }
    s->tensors[tensor].quant = (struct lp_quant){count, axis, scales, zeros};
}

/* Weights, biases and scales: sums fill the output's range as in a trained network, now more, now less. */
static void set_values(struct single *s, int channels, int axis, int taps)
{
    static const int zeros[] = {-128, 0, 5, -77, 127};
    int per_channel = between(s, 0, 1), reach = between(s, 0, 3) == 0 ? 10 : 127;
    size_t weights = (size_t)lp_tensor_elements(&s->tensors[WEIGHT]);
    int8_t *weight = bytes_of(s, weights, 1);
    int32_t *bias = bytes_of(s, (size_t)channels, 4);
    for (size_t i = 0; i < weights; i++)
        weight[i] = (int8_t)between(s, -reach, reach);
    for (int i = 0; i < channels; i++)
        bias[i] = between(s, -reach * 100, reach * 100);
    s->tensors[WEIGHT].data = weight;
    s->tensors[BIAS].data = bias;
    set_quant(s, IN, 1, 0, 0.05, pick(s, zeros, 5), 1);
    set_quant(s, WEIGHT, per_channel ? (uint32_t)channels : 1, axis, 0.01, 0, per_channel ? 4 : 1);
    const float *scale = s->tensors[WEIGHT].quant.scale;
    double sum = 0.05 * (double)scale[0] * reach * 73 * sqrt((double)taps) / 60 * pow(3, between(s, -100, 100) / 100.0);
    set_quant(s, OUT, 1, 0, sum, pick(s, zeros, 5), 1);
    float *bias_scale = bytes_of(s, s->tensors[WEIGHT].quant.count, sizeof *bias_scale);
    int32_t *bias_zero = bytes_of(s, s->tensors[WEIGHT].quant.count, sizeof *bias_zero);
    for (uint32_t i = 0; i < s->tensors[WEIGHT].quant.count; i++)
        bias_scale[i] = s->tensors[IN].quant.scale[0] * scale[i];
    s->tensors[BIAS].quant = (struct lp_quant){s->tensors[WEIGHT].quant.count, 0, bias_scale, bias_zero};
}

static void make_window(struct single *s, int kernel_h, int kernel_w)
{
    static const int strides[] = {1, 1, 1, 2, 2, 3, 4}, dilations[] = {1, 1, 1, 2, 3};
    struct lp_window *w = &s->op.as.window;
    int dilation = pick(s, dilations, 5), stride = pick(s, strides, 7);
    w->stride_h = stride;
    w->stride_w = between(s, 0, 4) == 0 ? pick(s, strides, 7) : stride;
    w->dilation_h = kernel_h == 1 ? 1 : dilation;
    w->dilation_w = kernel_w == 1 ? 1 : dilation;
    w->padding = between(s, 0, 2) == 0 ? LP_PADDING_VALID : LP_PADDING_SAME;
    if (dilation > 1 && between(s, 0, 3) != 0)
        w->stride_h = w->stride_w = 1;
}

static void make_convolution(struct single *s)
{
    static const int kernels[] = {1, 1, 3, 3, 3, 2, 4, 5, 7, 10, 13};
    static const int channels[] = {1, 2, 3, 5, 8, 13, 16, 24, 40, 64, 130};
    bool is_depthwise = between(s, 0, 2) == 0, is_line = between(s, 0, 4) == 0;
    int kernel_h = is_line ? 1 : pick(s, kernels, 11), kernel_w = between(s, 0, 2) == 0 ? pick(s, kernels, 11) : kernel_h;
    if (is_line)
        kernel_w = pick(s, kernels, 11);
    int in_c = pick(s, channels, 11), groups = 1, multiplier = between(s, 0, 3) == 0 ? between(s, 2, 6) : 1;
    if (!is_depthwise && in_c % 2 == 0 && between(s, 0, 5) == 0)
        groups = 2;
    int out_c = is_depthwise ? in_c * multiplier : groups * pick(s, channels, 11);
    if (kernel_h * kernel_w == 1 && !is_depthwise && groups == 1 && between(s, 0, 9) == 0)
        out_c = 600;
    const int32_t in[4] = {between(s, 0, 7) == 0 ? 2 : 1, is_line ? 1 : between(s, 1, 24),
                           is_line && between(s, 0, 5) == 0 ? between(s, 1500, 4000) : between(s, 1, 24), in_c};
    const int32_t filter[4] = {is_depthwise ? 1 : out_c, kernel_h, kernel_w, is_depthwise ? out_c : in_c / groups};
    s->op.kind = is_depthwise ? LP_OP_DEPTHWISE_CONV_2D : LP_OP_CONV_2D;
    make_window(s, kernel_h, kernel_w);
    set_tensor(s, IN, LP_ELEMENT_INT8, in, 4);
    set_tensor(s, WEIGHT, LP_ELEMENT_INT8, filter, 4);
    set_tensor(s, BIAS, LP_ELEMENT_INT32, &out_c, 1);
    set_tensor(s, OUT, LP_ELEMENT_INT8, in, 0);
    set_values(s, out_c, is_depthwise ? 3 : 0, kernel_h * kernel_w * (is_depthwise ? 1 : in_c / groups));
}

static void make_product(struct single *s)
{
    bool is_deep = between(s, 0, 2) == 0; /* sums beyond what the units hold */
    const int32_t in[2] = {between(s, 0, 3) == 0 ? between(s, 2, 5) : 1, is_deep ? between(s, 700, 2400) : between(s, 1, 700)};
    const int32_t filter[2] = {between(s, 1, is_deep ? 60 : 600), in[1]};
    s->op.kind = LP_OP_FULLY_CONNECTED;
    set_tensor(s, IN, LP_ELEMENT_INT8, in, 2);
    set_tensor(s, WEIGHT, LP_ELEMENT_INT8, filter, 2);
    set_tensor(s, BIAS, LP_ELEMENT_INT32, filter, 1);
    set_tensor(s, OUT, LP_ELEMENT_INT8, in, 0);
    set_values(s, filter[0], 0, in[1]);
}

/* Windows that the pooling unit was not seen to average, which are sums of a convolution unit, and some that it was. */
static void make_average(struct single *s)
{
    static const int kernels[] = {1, 2, 2, 3, 3, 4, 5, 7, 8}, channels[] = {1, 3, 8, 17, 40, 130}, zeros[] = {-128, 0, 5, 127};
    const int kernel_h = pick(s, kernels, 9), kernel_w = between(s, 0, 2) == 0 ? pick(s, kernels, 9) : kernel_h;
    const int32_t in[4] = {between(s, 0, 5) == 0 ? 2 : 1, between(s, 1, 24), between(s, 1, 24), pick(s, channels, 6)};
    const int zero = pick(s, zeros, 4);
    s->op.kind = LP_OP_AVERAGE_POOL_2D;
    s->op.input_count = 1;
    make_window(s, kernel_h, kernel_w);
    s->op.as.window.kernel_h = kernel_h;
    s->op.as.window.kernel_w = kernel_w;
    s->op.as.window.dilation_h = s->op.as.window.dilation_w = 1;
    set_tensor(s, IN, LP_ELEMENT_INT8, in, 4);
    set_tensor(s, OUT, LP_ELEMENT_INT8, in, 0);
    set_quant(s, IN, 1, 0, 0.05, zero, 1);
    set_quant(s, OUT, 1, 0, 0.05, zero, 1);
}

/* The largest value of any window; padding as far as a window allows. */
static void make_largest(struct single *s)
{
    static const int kernels[] = {1, 2, 2, 3, 3, 4, 5, 5, 7, 9, 13, 20}, channels[] = {1, 3, 8, 17, 40};
    make_average(s);
    s->op.kind = LP_OP_MAX_POOL_2D;
    s->op.as.window.kernel_h = pick(s, kernels, 12);
    s->op.as.window.kernel_w = between(s, 0, 1) == 0 ? pick(s, kernels, 12) : s->op.as.window.kernel_h;
    const int32_t in[4] = {between(s, 0, 4) == 0 ? 3 : 1, between(s, 1, 30), between(s, 1, 30), pick(s, channels, 5)};
    set_tensor(s, IN, LP_ELEMENT_INT8, in, 4);
    set_quant(s, IN, 1, 0, 0.05, 5, 1);
    set_quant(s, OUT, 1, 0, 0.05, 5, 1);
}

/* The largest value, the smallest, or the mean of lines, columns or both. */
static void make_reduction(struct single *s)
{
    static const enum lp_op_kind kinds[] = {LP_OP_REDUCE_MAX, LP_OP_REDUCE_MIN, LP_OP_MEAN};
    const int32_t dims[4] = {between(s, 1, 3), between(s, 1, 12), between(s, 1, 30), between(s, 1, 9)}, axes[2] = {1, -2};
    const int32_t first = between(s, 0, 1), count = first == 1 ? 1 : between(s, 1, 2), rank = between(s, 3, 4);
    s->op.kind = kinds[between(s, 0, 2)];
    s->op.input_count = 2;
    s->op.activation = LP_ACT_NONE;
    s->op.as.reduce.keep_dims = between(s, 0, 1) == 0;
    set_tensor(s, IN, LP_ELEMENT_INT8, dims, rank);
    set_tensor(s, WEIGHT, LP_ELEMENT_INT32, &count, 1);
    int32_t *data = bytes_of(s, 2, sizeof *data);
    for (int32_t i = 0; i < count; i++)
        data[i] = axes[first + i];
    s->tensors[WEIGHT].data = data;
    set_tensor(s, OUT, LP_ELEMENT_INT8, dims, 0);
    set_quant(s, IN, 1, 0, 0.05, 5, 1);
    set_quant(s, OUT, 1, 0, 0.05, 5, 1);
}

/* A border of any width around a map, sometimes of channels, too. */
static void make_pad(struct single *s)
{
    const int32_t dims[4] = {1, between(s, 1, 9), between(s, 0, 9) == 0 ? 2000 : between(s, 1, 12), between(s, 1, 9)};
    const int32_t shape[2] = {4, 2}, widest = between(s, 0, 1) == 0 ? 8 : 30, channels = between(s, 0, 4) == 0 ? 2 : 0;
    s->op.kind = LP_OP_PAD;
    s->op.input_count = 2;
    s->op.activation = LP_ACT_NONE;
    set_tensor(s, IN, LP_ELEMENT_INT8, dims, 4);
    set_tensor(s, WEIGHT, LP_ELEMENT_INT32, shape, 2);
    int32_t *data = bytes_of(s, 8, sizeof *data);
    for (int i = 2; i < 6; i++)
        data[i] = between(s, 0, 2) == 0 ? 0 : between(s, 0, widest);
    data[6] = channels;
    s->tensors[WEIGHT].data = data;
    set_tensor(s, OUT, LP_ELEMENT_INT8, dims, 0);
    set_quant(s, IN, 1, 0, 0.05, between(s, -128, 127), 1);
    s->tensors[OUT].quant = s->tensors[IN].quant;
}

static bool is_choice(const struct single *s)
{
    return s->op.kind == LP_OP_PAD || s->op.kind == LP_OP_MAX_POOL_2D || s->op.kind == LP_OP_REDUCE_MAX ||
           s->op.kind == LP_OP_REDUCE_MIN;
}

/* Inputs with the signs of a filter: its largest sum. */
static void fill_extreme(const struct single *s, uint8_t *in, int64_t in_bytes)
{
    const struct lp_tensor *t = &s->tensors[WEIGHT];
    int32_t filter = s->op.input_count == 3 ? t->dims[t->rank - 1] : 0;
    for (int64_t i = 0; i < in_bytes; i++)
        in[i] = filter == 0 || ((const int8_t *)t->data)[i % filter] >= 0 ? 127 : 0x80;
}

/* False: such a window fits nowhere, or the semantics refuse it. */
static bool make(struct single *s, uint64_t seed)
{
    static const enum lp_activation activations[] = {LP_ACT_NONE, LP_ACT_NONE, LP_ACT_RELU, LP_ACT_RELU6};
    s->seed = seed;
    s->random = seed * UINT64_C(0x9E3779B97F4A7C15);
    s->op = (struct lp_op){.inputs = s->inputs, .outputs = s->outputs, .input_count = 3, .output_count = 1};
    s->inputs[0] = IN;
    s->inputs[1] = WEIGHT;
    s->inputs[2] = BIAS;
    s->outputs[0] = OUT;
    s->op.activation = activations[between(s, 0, 3)];
    s->graph = (struct lp_graph){.arena = &s->session.arena,
                                 .tensors = s->tensors,
                                 .ops = &s->op,
                                 .inputs = s->inputs,
                                 .outputs = s->outputs,
                                 .tensor_count = TENSORS,
                                 .op_count = 1,
                                 .input_count = 1,
                                 .output_count = 1,
                                 .model_op_count = 1,
                                 .description = ""};
    static void (*const makers[])(struct single *) = {
        make_average, make_average, make_largest,     make_largest,     make_pad,         make_reduction,  make_reduction,
        make_product, make_product, make_convolution, make_convolution, make_convolution, make_convolution};
    makers[between(s, 0, (int)LP_COUNT(makers) - 1)](s);
    return lp_analyze_shapes(&s->graph, &s->session.diag) == LP_OK;
}

static void compare(struct single *s, const int8_t *got, const int8_t *want, bool is_hardware, struct totals *t)
{
    for (int64_t i = 0; i < lp_tensor_elements(&s->tensors[OUT]); i++) {
        if (abs(got[i] - want[i]) > (is_hardware && !is_choice(s) ? 1 : 0))
            fail_msg("seed %llu: element %lld is %d, expected %d", (unsigned long long)s->seed, (long long)i, got[i], want[i]);
        t->off_by_one += got[i] != want[i];
    }
}

static void simulate(struct single *s, const struct lp_program *program, struct totals *t)
{
    const struct lp_placement_options options = {.allow_slow = true};
    struct lp_arena *arena = &s->session.arena;
    struct lp_diag *diag = &s->session.diag;
    struct lp_placement placement;
    struct lp_npu_linked linked;
    struct lp_npu_simulation simulation;
    struct lp_evaluation exact;
    bool is_hardware = program->refusals[0].rule == NULL;
    int64_t in_bytes = lp_tensor_bytes(&s->tensors[IN]);
    uint8_t *in = bytes_of(s, (size_t)in_bytes, 1), *out = bytes_of(s, (size_t)lp_tensor_bytes(&s->tensors[OUT]), 1);
    if (lp_place_program(arena, diag, program, &s->graph, &options, &placement) != LP_OK ||
        lp_npu_link(arena, diag, &s->graph, program, &placement, "single", &linked) != LP_OK ||
        lp_npu_simulation_open(arena, diag, &s->graph, program, &placement, &linked, &simulation) != LP_OK ||
        lp_evaluate_open(&exact, &s->graph, LP_ROUNDING_SINGLE, diag) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)s->seed, lp_text_get(&diag->errors));
    for (int n = 0; n < 3; n++) {
        const uint8_t *inputs[1] = {in};
        uint8_t *outputs[1] = {out};
        for (int64_t i = 0; i < in_bytes; i++)
            in[i] = (uint8_t)(n == 1 ? between(s, 0, 1) * 255 - 128 : between(s, -128, 127));
        if (n == 2)
            fill_extreme(s, in, in_bytes);
        if (lp_npu_simulation_run(&simulation, inputs, outputs, NULL, NULL) != LP_OK)
            fail_msg("seed %llu: %s", (unsigned long long)s->seed, lp_text_get(&diag->errors));
        assert_int_equal(lp_evaluate_set_input(&exact, 0, in, (size_t)in_bytes), LP_OK);
        assert_int_equal(lp_evaluate_run(&exact, diag), LP_OK);
        compare(s, (const int8_t *)out, lp_evaluate_output(&exact, 0), is_hardware, t);
    }
    for (uint32_t e = 0; e < program->epoch_count; e++) {
        if (simulation.saturations[e] != 0)
            fail_msg("seed %llu: %llu values saturate in epoch %u", (unsigned long long)s->seed,
                     (unsigned long long)simulation.saturations[e], (unsigned)e);
        if (is_hardware && simulation.cycles[e] != (uint64_t)program->epochs[e].cycles)
            fail_msg("seed %llu: epoch %u takes %llu cycles, %lld were estimated", (unsigned long long)s->seed, (unsigned)e,
                     (unsigned long long)simulation.cycles[e], (long long)program->epochs[e].cycles);
    }
    lp_evaluate_close(&exact);
}

static void check_single(uint64_t seed, struct totals *t)
{
    static const enum lp_goal goals[] = {LP_GOAL_BALANCED, LP_GOAL_SIZE, LP_GOAL_SPEED};
    struct single *s = calloc(1, sizeof *s);
    struct lp_program *program = NULL;
    assert_non_null(s);
    if (make(s, seed)) {
        const struct lp_lower_options options = {.backend = &lp_npu_backend, .goal = goals[seed % 3]};
        struct lp_plan_result plan;
        assert_int_equal(lp_session_targets(&s->session, "stm32n6"), LP_OK);
        if (lp_lower(&s->session.arena, &s->session.diag, &s->graph, &s->session.targets[0], &options, &program) != LP_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&s->session.diag.errors));
        struct lp_plan_problem problem = {
            .blocks = program->blocks, .block_count = program->block_count, .diag = &s->session.diag};
        assert_int_equal(lp_plan_make(&problem, &plan), LP_OK);
        t->hardware += program->refusals[0].rule == NULL;
        t->averages += program->refusals[0].rule == NULL && s->op.kind == LP_OP_AVERAGE_POOL_2D;
        t->choices += program->refusals[0].rule == NULL && is_choice(s);
        t->deep += program->refusals[0].rule == NULL && s->op.kind == LP_OP_FULLY_CONNECTED && s->tensors[IN].dims[1] > 1400;
        t->software += program->refusals[0].rule != NULL;
        t->epochs += (int)program->epoch_count;
        if (program->refusals[0].rule != NULL && getenv("LP_VERBOSE") != NULL)
            printf("seed %llu: %s: %s\n", (unsigned long long)seed, program->refusals[0].rule, program->refusals[0].found);
        simulate(s, program, t);
    }
    lp_diag_free(&s->session.diag);
    lp_arena_free(&s->session.arena);
    free(s);
}

static void every_shape_is_within_one_step(void **state)
{
    (void)state;
    const char *asked = getenv("LP_MODELS");
    int models = asked == NULL || atoi(asked) <= 0 ? MODELS : atoi(asked);
    struct totals t = {0};
    for (int seed = 1; seed <= models; seed++)
        check_single((uint64_t)seed, &t);
    printf("%d operators in hardware (%d epochs), %d in software, %d values off by one\n", t.hardware, t.epochs, t.software,
           t.off_by_one);
    /* Rules that random operators break now and then: sums beyond 24 bits, outputs finer than the sums, too many epochs. */
    assert_true(t.hardware > 6 * t.software && t.software > 0);
    assert_true(t.off_by_one > 0 && t.averages * 12 > models && t.choices * 12 > models && t.deep * 100 > models);
}

/* A row of 80 values of one channel under a kernel of one line; null: the NPU takes it. */
static const char *rule_of(int32_t kernel, int32_t dilation, int32_t channels, float scale)
{
    struct single *s = calloc(1, sizeof *s);
    struct lp_program *program = NULL;
    const int32_t in[4] = {1, 1, 80, channels}, filter[4] = {1, 1, kernel, channels}, one = 1;
    const struct lp_lower_options options = {.backend = &lp_npu_backend};
    assert_non_null(s);
    (void)make(s, 1);
    s->op.input_count = 3;
    s->op.kind = LP_OP_CONV_2D;
    s->op.activation = LP_ACT_NONE;
    s->op.as.window = (struct lp_window){
        .padding = LP_PADDING_VALID, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = dilation};
    set_tensor(s, IN, LP_ELEMENT_INT8, in, 4);
    set_tensor(s, WEIGHT, LP_ELEMENT_INT8, filter, 4);
    set_tensor(s, BIAS, LP_ELEMENT_INT32, &one, 1);
    set_tensor(s, OUT, LP_ELEMENT_INT8, in, 0);
    set_values(s, 1, 0, kernel * channels);
    memset((void *)(uintptr_t)s->tensors[WEIGHT].data, 127, (size_t)(kernel * channels));
    set_quant(s, OUT, 1, 0, (double)scale, 0, 1);
    assert_int_equal(lp_session_targets(&s->session, "stm32n6"), LP_OK);
    assert_int_equal(lp_analyze_shapes(&s->graph, &s->session.diag), LP_OK);
    assert_int_equal(lp_lower(&s->session.arena, &s->session.diag, &s->graph, &s->session.targets[0], &options, &program), LP_OK);
    const struct lp_refusal *no = &program->refusals[0];
    const char *rule = no->rule;
    assert_true(rule == NULL || (no->found != NULL && no->allowed != NULL && no->change != NULL));
    lp_diag_free(&s->session.diag);
    lp_arena_free(&s->session.arena);
    free(s);
    return rule; /* a constant of the table */
}

static void rules_hold_exactly_up_to_their_limits(void **state)
{
    (void)state;
    const float coarse = 100.0f;
    assert_null(rule_of(64, 1, 1, coarse));
    assert_string_equal(rule_of(65, 1, 1, coarse), "kernel-size");
    assert_null(rule_of(3, 16, 1, coarse));
    assert_string_equal(rule_of(3, 17, 1, coarse), "dilation");
    assert_null(rule_of(1, 1, 511, coarse)); /* 511 * 128 * 127 < 2^23 */
    assert_null(rule_of(1, 1, 520, coarse)); /* two groups */
    assert_string_equal(rule_of(1, 1, 2200, coarse), "accumulator");
    /* Sums of up to 128 * 127 * 400 lose 8 bits before they are scaled. */
    assert_null(rule_of(1, 1, 400, 1.0f));
    assert_string_equal(rule_of(1, 1, 400, 0.001f), "deviation");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_shape_is_within_one_step),
                                       cmocka_unit_test(rules_hold_exactly_up_to_their_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
