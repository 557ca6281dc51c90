#include "evaluate/evaluate.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* float32 -> QUANTIZE -> RELU -> ADD with a constant -> DEQUANTIZE, put together by hand. All of scale 0.5, zero point 1. */
enum { IN, QUANTIZED, RELUED, CONSTANT, SUM, OUT, TENSORS, OPS = 4 };

static const float scale = 0.5f;
static const int32_t zero_point = 1;
static const int8_t constant[4] = {1, 3, 5, -128};
static struct lp_tensor tensors[TENSORS];
static int32_t lists[OPS][3] = {{IN, QUANTIZED, 0}, {QUANTIZED, RELUED, 0}, {RELUED, CONSTANT, SUM}, {SUM, OUT, 0}};
static struct lp_op ops[OPS];
static int32_t inputs[1] = {IN};
static int32_t outputs[1] = {OUT};

static struct lp_graph small_graph(void)
{
    static const enum lp_op_kind kinds[OPS] = {LP_OP_QUANTIZE, LP_OP_RELU, LP_OP_ADD, LP_OP_DEQUANTIZE};
    for (int t = 0; t < TENSORS; t++) {
        bool is_float = t == IN || t == OUT;
        tensors[t] = (struct lp_tensor){
            .name = "", .element = is_float ? LP_ELEMENT_FLOAT32 : LP_ELEMENT_INT8, .rank = 1, .dims = {4}};
        if (!is_float)
            tensors[t].quant = (struct lp_quant){.count = 1, .scale = &scale, .zero_point = &zero_point};
    }
    tensors[CONSTANT].data = constant;
    for (int o = 0; o < OPS; o++) {
        uint32_t input_count = kinds[o] == LP_OP_ADD ? 2 : 1;
        ops[o] = (struct lp_op){.kind = kinds[o],
                                .inputs = lists[o],
                                .outputs = lists[o] + input_count,
                                .input_count = input_count,
                                .output_count = 1};
    }
    return (struct lp_graph){.tensors = tensors,
                             .ops = ops,
                             .inputs = inputs,
                             .outputs = outputs,
                             .tensor_count = TENSORS,
                             .op_count = OPS,
                             .input_count = 1,
                             .output_count = 1,
                             .description = ""};
}

static void every_tensor_can_be_seen_after_a_run(void **state)
{
    (void)state;
    struct lp_graph graph = small_graph();
    struct lp_diag diag = {0};
    struct lp_evaluation e;
    assert_int_equal(lp_graph_verify(&graph, "the test", &diag), LP_OK);
    assert_int_equal(lp_evaluate_open(&e, &graph, LP_ROUNDING_SINGLE, &diag), LP_OK);
    const float in[4] = {-3.0f, 0.5f, 2.0f, 100.0f};
    const int8_t quantized[4] = {-5, 2, 5, 127};
    const int8_t relued[4] = {1, 2, 5, 127};
    const float out[4] = {0.0f, 1.5f, 4.0f, -1.5f};
    for (int run = 0; run < 2; run++) { /* a second run needs no new inputs */
        if (run == 0)
            assert_int_equal(lp_evaluate_set_input(&e, 0, in, sizeof in), LP_OK);
        assert_int_equal(lp_evaluate_run(&e, &diag), LP_OK);
        assert_memory_equal(lp_evaluate_tensor(&e, IN), in, sizeof in);
        assert_memory_equal(lp_evaluate_tensor(&e, QUANTIZED), quantized, sizeof quantized);
        assert_memory_equal(lp_evaluate_tensor(&e, RELUED), relued, sizeof relued);
        assert_memory_equal(lp_evaluate_output(&e, 0), out, sizeof out);
    }
    assert_ptr_equal(lp_evaluate_tensor(&e, CONSTANT), constant);
    lp_evaluate_close(&e);
    assert_int_equal(diag.error_count, 0);
}

static void wrong_inputs_are_refused(void **state)
{
    (void)state;
    struct lp_graph graph = small_graph();
    struct lp_diag diag = {0};
    struct lp_evaluation e;
    const float in[5] = {0};
    assert_int_equal(lp_evaluate_open(&e, &graph, LP_ROUNDING_DOUBLE, &diag), LP_OK);
    assert_int_equal(lp_evaluate_set_input(&e, 1, in, 16), LP_BAD_ARGUMENT);
    assert_int_equal(lp_evaluate_set_input(&e, 0, in, 15), LP_BAD_ARGUMENT);
    assert_int_equal(lp_evaluate_set_input(&e, 0, in, 20), LP_BAD_ARGUMENT);
    assert_int_equal(lp_evaluate_set_input(&e, 0, in, 16), LP_OK);
    lp_evaluate_close(&e);
}

static void an_operator_that_is_refused_leaves_nothing_open(void **state)
{
    (void)state;
    struct lp_graph graph = small_graph();
    struct lp_diag diag = {0};
    struct lp_evaluation e;
    tensors[RELUED].element = LP_ELEMENT_INT16;
    assert_int_equal(lp_evaluate_open(&e, &graph, LP_ROUNDING_DOUBLE, &diag), LP_UNSUPPORTED);
    assert_int_equal(diag.error_count, 1);
    lp_diag_free(&diag);
}

static int allocations_left;

static void *failing_allocate(size_t count, size_t size_bytes)
{
    return allocations_left-- > 0 ? calloc(count, size_bytes) : NULL;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    struct lp_graph graph = small_graph();
    lp_status status = LP_OUT_OF_MEMORY;
    int tried = 0;
    for (; status != LP_OK; tried++) {
        struct lp_diag diag = {0};
        struct lp_evaluation e;
        allocations_left = tried;
        lp_allocate = failing_allocate;
        status = lp_evaluate_open(&e, &graph, LP_ROUNDING_SINGLE, &diag);
        lp_allocate = calloc;
        assert_true(status == LP_OK || status == LP_OUT_OF_MEMORY);
        if (status == LP_OK)
            lp_evaluate_close(&e);
        lp_diag_free(&diag);
    }
    assert_true(tried > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tensor_can_be_seen_after_a_run),
        cmocka_unit_test(wrong_inputs_are_refused),
        cmocka_unit_test(an_operator_that_is_refused_leaves_nothing_open),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
