/* A sound graph, and each rule of the verifier broken once. */
#include "compiler/graph/graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { INPUT, FILTER, BIAS, MIDDLE, SHAPE, OUTPUT, TENSORS };
enum { CONV, RESHAPE, OPS };

/* CONV_2D with a filter of two channels, then RESHAPE. */
struct example {
    struct lp_graph graph;
    struct lp_tensor tensors[TENSORS];
    struct lp_op ops[OPS];
    int32_t conv_inputs[3], conv_outputs[1], reshape_inputs[2], reshape_outputs[1];
    int32_t inputs[2], outputs[1];
    float scales[2];
    int32_t zero_points[2];
    _Alignas(8) int8_t filter[8];
    int32_t bias[2], shape[2];
};

static void set_tensor(struct example *e, int index, const char *name, enum lp_element element, int rank, int d0, int d1, int d2,
                       int d3)
{
    e->tensors[index] = (struct lp_tensor){
        .name = name, .element = element, .rank = (uint8_t)rank, .dims = {d0, d1, d2, d3}, .source_index = index};
}

static void set_quant(struct example *e, int index, uint32_t count)
{
    e->tensors[index].quant = (struct lp_quant){.count = count, .scale = e->scales, .zero_point = e->zero_points};
}

static void make(struct example *e)
{
    memset(e, 0, sizeof *e);
    e->scales[0] = 0.5f;
    e->scales[1] = 0.25f;
    e->shape[0] = 1;
    e->shape[1] = 18;
    set_tensor(e, INPUT, "in", LP_ELEMENT_INT8, 4, 1, 3, 3, 4);
    set_tensor(e, FILTER, "filter", LP_ELEMENT_INT8, 4, 2, 1, 1, 4);
    set_tensor(e, BIAS, "bias", LP_ELEMENT_INT32, 1, 2, 0, 0, 0);
    set_tensor(e, MIDDLE, "middle", LP_ELEMENT_INT8, 4, 1, 3, 3, 2);
    set_tensor(e, SHAPE, "", LP_ELEMENT_INT32, 1, 2, 0, 0, 0);
    set_tensor(e, OUTPUT, "out", LP_ELEMENT_INT8, 2, 1, 18, 0, 0);
    set_quant(e, INPUT, 1);
    set_quant(e, FILTER, 2);
    set_quant(e, MIDDLE, 1);
    set_quant(e, OUTPUT, 1);
    e->tensors[FILTER].data = e->filter;
    e->tensors[BIAS].data = e->bias;
    e->tensors[SHAPE].data = e->shape;
    memcpy(e->conv_inputs, (int32_t[]){INPUT, FILTER, BIAS}, sizeof e->conv_inputs);
    memcpy(e->reshape_inputs, (int32_t[]){MIDDLE, SHAPE}, sizeof e->reshape_inputs);
    e->conv_outputs[0] = MIDDLE;
    e->reshape_outputs[0] = OUTPUT;
    e->ops[CONV] = (struct lp_op){
        .kind = LP_OP_CONV_2D, .inputs = e->conv_inputs, .outputs = e->conv_outputs, .input_count = 3, .output_count = 1};
    e->ops[CONV].as.window = (struct lp_window){LP_PADDING_SAME, 1, 2, 1, 1, 1, 1, 0, 0, 0, 1};
    e->ops[CONV].activation = LP_ACT_RELU6;
    e->ops[RESHAPE] = (struct lp_op){.kind = LP_OP_RESHAPE,
                                     .source_index = 1,
                                     .inputs = e->reshape_inputs,
                                     .outputs = e->reshape_outputs,
                                     .input_count = 2,
                                     .output_count = 1};
    e->inputs[0] = INPUT;
    e->outputs[0] = OUTPUT;
    e->graph = (struct lp_graph){.tensors = e->tensors,
                                 .ops = e->ops,
                                 .inputs = e->inputs,
                                 .outputs = e->outputs,
                                 .tensor_count = TENSORS,
                                 .op_count = OPS,
                                 .input_count = 1,
                                 .output_count = 1,
                                 .description = ""};
}

/* How a rule is broken, and a part of the sentence that names it. */
#define BREAK(name, sentence, statement)        \
    static void break_##name(struct example *e) \
    {                                           \
        statement;                              \
    }                                           \
    static const char sentence_##name[] = sentence;

BREAK(name, "tensor 4 breaks the rule: every tensor has a name", e->tensors[SHAPE].name = NULL)
BREAK(element, "tensor 0 ('in') breaks the rule: the element type",
      e->tensors[INPUT].element = (enum lp_element)(LP_ELEMENT_BOOL + 1))
BREAK(rank, "tensor 3 ('middle') breaks the rule: at most 8 dimensions", e->tensors[MIDDLE].rank = 9)
BREAK(zero_dimension, "every dimension is at least 1", e->tensors[INPUT].dims[3] = 0)
BREAK(negative_dimension, "every dimension is at least 1", e->tensors[INPUT].dims[0] = -1)
BREAK(size, "at most 2,147,483,647 bytes", e->tensors[INPUT].dims[0] = e->tensors[INPUT].dims[1] = INT32_MAX)
BREAK(wide_size, "at most 2,147,483,647 bytes", e->tensors[BIAS].dims[0] = 1 << 29)
BREAK(alignment, "tensor 2 ('bias') breaks the rule: constants are aligned", e->tensors[BIAS].data = e->filter + 2)
BREAK(no_scales, "a quantized tensor has scales and zero points", e->tensors[INPUT].quant.scale = NULL)
BREAK(no_zero_points, "a quantized tensor has scales and zero points", e->tensors[INPUT].quant.zero_point = NULL)
BREAK(axis, "as many as the quantized dimension is long", e->tensors[FILTER].quant.axis = 4)
BREAK(negative_axis, "as many as the quantized dimension is long", e->tensors[FILTER].quant.axis = -1)
BREAK(scale_count, "as many as the quantized dimension is long", e->tensors[FILTER].quant.axis = 3)
BREAK(scale_zero, "scales are finite and above 0", e->scales[1] = 0)
BREAK(scale_negative, "scales are finite and above 0", e->scales[0] = -0.5f)
BREAK(scale_infinite, "scales are finite and above 0", e->scales[0] = INFINITY)
BREAK(scale_nan, "scales are finite and above 0", e->scales[0] = NAN)
BREAK(zero_point_low, "zero points lie in the range", e->zero_points[0] = -129)
BREAK(zero_point_high, "zero points lie in the range", e->zero_points[1] = 128)
BREAK(zero_point_uint8, "zero points lie in the range", (e->tensors[OUTPUT].element = LP_ELEMENT_UINT8, e->zero_points[0] = -1))
BREAK(zero_point_int16, "zero points lie in the range",
      (e->tensors[INPUT].element = LP_ELEMENT_INT16, e->zero_points[0] = INT16_MAX + 1))
BREAK(kind, "operator 1 breaks the rule: the kind", e->ops[RESHAPE].kind = LP_OP_KIND_COUNT)
BREAK(few_inputs, "as many inputs as its kind takes", e->ops[CONV].input_count = 1)
BREAK(many_inputs, "operator 1 (RESHAPE 'out') breaks the rule: it has as many inputs", e->ops[RESHAPE].input_count = 3)
BREAK(no_outputs, "as many outputs as its kind gives", e->ops[CONV].output_count = 0)
BREAK(many_outputs, "as many outputs as its kind gives", e->ops[CONV].output_count = 2)
BREAK(missing_list, "tensor indices lie in the graph", e->ops[CONV].inputs = NULL)
BREAK(input_index, "operator 0 (CONV_2D 'middle') breaks the rule: tensor indices", e->conv_inputs[0] = TENSORS)
BREAK(negative_index, "tensor indices lie in the graph", e->conv_inputs[0] = -2)
BREAK(output_index, "operator 0 (CONV_2D '') breaks the rule: tensor indices", e->conv_outputs[0] = TENSORS)
BREAK(absent_output, "tensor indices lie in the graph", e->conv_outputs[0] = LP_NO_TENSOR)
BREAK(absent_input, "inputs that its kind needs are present", e->conv_inputs[1] = LP_NO_TENSOR)
BREAK(activation, "the fused activation is a known one", e->ops[CONV].activation = (enum lp_activation)(LP_ACT_RELU_0_TO_1 + 1))
BREAK(padding, "the padding is a known one", e->ops[CONV].as.window.padding = (enum lp_padding)(LP_PADDING_EXPLICIT + 1))
BREAK(reshape_rank, "the new shape has at most 8 dimensions", e->ops[RESHAPE].as.reshape.rank = 9)
BREAK(squeeze_count, "at most 8 dimensions are squeezed",
      (e->ops[RESHAPE].kind = LP_OP_SQUEEZE, e->ops[RESHAPE].input_count = 1, e->ops[RESHAPE].as.squeeze.count = 9))
BREAK(beta, "beta is finite and above 0",
      (e->ops[RESHAPE].kind = LP_OP_SOFTMAX, e->ops[RESHAPE].input_count = 1, e->ops[RESHAPE].as.softmax.beta = 0))
BREAK(order, "what it reads was written before", e->conv_inputs[0] = OUTPUT)
BREAK(own_output, "what it reads was written before", e->conv_inputs[0] = MIDDLE)
BREAK(written_twice, "a tensor is written once", e->reshape_outputs[0] = MIDDLE)
BREAK(written_constant, "a tensor is written once", e->conv_outputs[0] = FILTER)
BREAK(written_input, "a tensor is written once", e->reshape_outputs[0] = INPUT)
BREAK(no_output, "a network has at least one output", e->graph.output_count = 0)
BREAK(graph_input_index, "input list 0 breaks the rule: tensor indices", e->inputs[0] = -1)
BREAK(graph_output_index, "output list 0 breaks the rule: tensor indices", e->outputs[0] = TENSORS)
BREAK(constant_input, "tensor 1 ('filter') breaks the rule: an input is not a constant", e->inputs[0] = FILTER)
BREAK(input_twice, "a tensor is an input once", e->graph.input_count = 2)
BREAK(output_never_written, "tensor 5 ('out') breaks the rule: an output is computed", e->graph.op_count = 1)

static const struct {
    void (*break_it)(struct example *e);
    const char *sentence;
} breaks[] = {
#define ROW(name)                     \
    {                                 \
        break_##name, sentence_##name \
    }
    ROW(name),
    ROW(element),
    ROW(rank),
    ROW(zero_dimension),
    ROW(negative_dimension),
    ROW(size),
    ROW(wide_size),
    ROW(alignment),
    ROW(no_scales),
    ROW(no_zero_points),
    ROW(axis),
    ROW(negative_axis),
    ROW(scale_count),
    ROW(scale_zero),
    ROW(scale_negative),
    ROW(scale_infinite),
    ROW(scale_nan),
    ROW(zero_point_low),
    ROW(zero_point_high),
    ROW(zero_point_uint8),
    ROW(zero_point_int16),
    ROW(kind),
    ROW(few_inputs),
    ROW(many_inputs),
    ROW(no_outputs),
    ROW(many_outputs),
    ROW(missing_list),
    ROW(input_index),
    ROW(negative_index),
    ROW(output_index),
    ROW(absent_output),
    ROW(absent_input),
    ROW(activation),
    ROW(padding),
    ROW(reshape_rank),
    ROW(squeeze_count),
    ROW(beta),
    ROW(order),
    ROW(own_output),
    ROW(written_twice),
    ROW(written_constant),
    ROW(written_input),
    ROW(no_output),
    ROW(graph_input_index),
    ROW(graph_output_index),
    ROW(constant_input),
    ROW(input_twice),
    ROW(output_never_written),
#undef ROW
};

static void a_sound_graph_passes(void **state)
{
    (void)state;
    struct example e;
    struct lp_diag diag = {0};
    make(&e);
    assert_int_equal(lp_graph_verify(&e.graph, "import", &diag), LP_OK);
    /* An optional input may be absent, a number may have no dimensions, an input may be an output, a graph empty. */
    e.conv_inputs[2] = LP_NO_TENSOR;
    e.tensors[SHAPE].rank = 0;
    e.tensors[BIAS].quant = (struct lp_quant){.count = 1, .scale = e.scales, .zero_point = (const int32_t[]){1000}};
    assert_int_equal(lp_graph_verify(&e.graph, "import", &diag), LP_OK);
    e.graph.op_count = 0;
    e.outputs[0] = INPUT;
    assert_int_equal(lp_graph_verify(&e.graph, "import", &diag), LP_OK);
    assert_int_equal(diag.error_count, 0);
}

static void every_broken_rule_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(breaks); i++) {
        struct example e;
        struct lp_diag diag = {0};
        make(&e);
        breaks[i].break_it(&e);
        lp_status status = lp_graph_verify(&e.graph, "folding", &diag);
        const char *errors = lp_text_get(&diag.errors);
        if (status != LP_BAD_INPUT || diag.error_count != 1 || strstr(errors, breaks[i].sentence) == NULL ||
            strncmp(errors, "after folding: ", 15) != 0)
            fail_msg("status %d, expected '%s', found '%s'", (int)status, breaks[i].sentence, errors);
        lp_diag_free(&diag);
    }
}

static void *no_memory(size_t count, size_t size_bytes)
{
    (void)count;
    (void)size_bytes;
    return NULL;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    struct example e;
    struct lp_diag diag = {0};
    make(&e);
    void *(*allocate)(size_t, size_t) = lp_allocate;
    lp_allocate = no_memory;
    lp_status status = lp_graph_verify(&e.graph, "import", &diag);
    lp_allocate = allocate;
    assert_int_equal(status, LP_OUT_OF_MEMORY);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_graph_passes),
        cmocka_unit_test(every_broken_rule_is_named),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
