/* The cycles that lowering predicts for the four networks that were timed on a board, within a quarter of the board's hardware
 * share (docs/simulator.md has the figures). Values do not matter for the time, shapes and zero points do. */
#include "cli/session.h"
#include "compiler/analyze/shapes.h"
#include "compiler/lower/neural-art/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IN, WEIGHT, BIAS, CONV, POOLED, AXES, MEAN, TENSORS };

struct board {
    const char *name;
    enum lp_op_kind kind;
    int32_t kernel, channels;
    int32_t zero_point;
    bool has_max_pool;
    int64_t measured;
};

static const struct board boards[] = {
    {"1x1 convolution", LP_OP_CONV_2D, 1, 32, 0, false, 132172},
    {"3x3 convolution", LP_OP_CONV_2D, 3, 32, -1, false, 133650},
    {"convolution and maximum", LP_OP_CONV_2D, 3, 16, 0, true, 67266},
    {"depthwise", LP_OP_DEPTHWISE_CONV_2D, 3, 3, -1, false, 14804 + 14012},
};

struct network {
    struct lp_session session;
    struct lp_graph graph;
    struct lp_tensor tensors[TENSORS];
    struct lp_op ops[3];
    int32_t operands[3][4]; /* three inputs and an output */
    float scales[3];
    int32_t zeros[3];
    int32_t biases[32], axes[2];
    int8_t weights[32 * 9 * 3];
};

static void tensor(struct network *n, int t, enum lp_element element, const int32_t *dims, int rank, int quant, const void *data)
{
    n->tensors[t] = (struct lp_tensor){.name = "t", .element = element, .rank = (uint8_t)rank, .data = data, .source_index = t};
    for (int i = 0; i < rank; i++)
        n->tensors[t].dims[i] = dims[i];
    if (quant >= 0)
        n->tensors[t].quant = (struct lp_quant){1, 0, &n->scales[quant], &n->zeros[quant]};
}

static struct lp_op *add(struct network *n, enum lp_op_kind kind, int inputs, const int32_t *from, int to)
{
    struct lp_op *op = &n->ops[n->graph.op_count];
    int32_t *operands = n->operands[n->graph.op_count++];
    memcpy(operands, from, (size_t)inputs * sizeof *from);
    operands[3] = to;
    *op = (struct lp_op){
        .kind = kind, .inputs = operands, .outputs = operands + 3, .input_count = (uint32_t)inputs, .output_count = 1};
    op->source_index = n->graph.op_count - 1;
    return op;
}

static void make(struct network *n, const struct board *b)
{
    const int32_t in[4] = {1, 64, 64, 3}, axes = 2;
    bool is_depthwise = b->kind == LP_OP_DEPTHWISE_CONV_2D;
    const int32_t filter[4] = {is_depthwise ? 1 : b->channels, b->kernel, b->kernel, 3};
    for (size_t i = 0; i < sizeof n->weights; i++)
        n->weights[i] = (int8_t)(i * 37 % 255 - 127);
    const float scales[3] = {0.02f, 0.004f, 0.05f};
    const int32_t zeros[3] = {b->zero_point, 0, -128};
    memcpy(n->scales, scales, sizeof scales);
    memcpy(n->zeros, zeros, sizeof zeros);
    n->axes[0] = 1;
    n->axes[1] = 2;
    n->graph = (struct lp_graph){.arena = &n->session.arena,
                                 .tensors = n->tensors,
                                 .ops = n->ops,
                                 .tensor_count = TENSORS,
                                 .input_count = 1,
                                 .output_count = 1,
                                 .description = ""};
    tensor(n, IN, LP_ELEMENT_INT8, in, 4, 0, NULL);
    tensor(n, WEIGHT, LP_ELEMENT_INT8, filter, 4, 1, n->weights);
    tensor(n, BIAS, LP_ELEMENT_INT32, &b->channels, 1, -1, n->biases);
    tensor(n, AXES, LP_ELEMENT_INT32, &axes, 1, -1, n->axes);
    tensor(n, CONV, LP_ELEMENT_INT8, in, 0, 2, NULL);
    tensor(n, POOLED, LP_ELEMENT_INT8, in, 0, 2, NULL);
    tensor(n, MEAN, LP_ELEMENT_INT8, in, 0, 2, NULL);
    struct lp_op *conv = add(n, b->kind, 3, (const int32_t[]){IN, WEIGHT, BIAS}, CONV);
    conv->activation = LP_ACT_RELU;
    conv->as.window = (struct lp_window){
        .padding = LP_PADDING_SAME, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    if (b->has_max_pool)
        add(n, LP_OP_MAX_POOL_2D, 1, (const int32_t[]){CONV}, POOLED)->as.window = (struct lp_window){.padding = LP_PADDING_VALID,
                                                                                                      .stride_h = 2,
                                                                                                      .stride_w = 2,
                                                                                                      .dilation_h = 1,
                                                                                                      .dilation_w = 1,
                                                                                                      .kernel_h = 2,
                                                                                                      .kernel_w = 2};
    add(n, LP_OP_MEAN, 2, (const int32_t[]){b->has_max_pool ? POOLED : CONV, AXES}, MEAN);
    n->graph.model_op_count = n->graph.op_count;
    n->graph.inputs = &n->operands[0][0];
    n->graph.outputs = &n->operands[n->graph.op_count - 1][3];
}

static void predicted_cycles_are_near_the_boards(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(boards); i++) {
        const struct board *b = &boards[i];
        const struct lp_lower_options options = {.backend = &lp_npu_backend};
        struct network *n = calloc(1, sizeof *n);
        struct lp_program *program = NULL;
        int64_t cycles = 0;
        assert_non_null(n);
        make(n, b);
        if (lp_session_targets(&n->session, "stm32n6") != LP_OK || lp_analyze_shapes(&n->graph, &n->session.diag) != LP_OK ||
            lp_lower(&n->session.arena, &n->session.diag, &n->graph, &n->session.targets[0], &options, &program) != LP_OK)
            fail_msg("%s: %s", b->name, lp_text_get(&n->session.diag.errors));
        for (uint32_t e = 0; e < program->epoch_count; e++) {
            assert_non_null(program->epochs[e].hw);
            cycles += program->epochs[e].cycles;
        }
        printf("%-24s measured %lld, predicted %lld\n", b->name, (long long)b->measured, (long long)cycles);
        if (4 * llabs(cycles - b->measured) > b->measured)
            fail_msg("%s: %lld cycles are predicted, %lld were measured", b->name, (long long)cycles, (long long)b->measured);
        lp_diag_free(&n->session.diag);
        lp_arena_free(&n->session.arena);
        free(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(predicted_cycles_are_near_the_boards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
