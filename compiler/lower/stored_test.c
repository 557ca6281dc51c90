#include "compiler/lower/stored.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* Two convolutions over one kernel of 3 x 2 x 2 x 4 bytes, and an ADD with a constant, which may be stored in any way. */
static void fewer_bytes_than_kernels_are_a_contradiction(void **state)
{
    (void)state;
    static const int8_t weights[48];
    struct lp_tensor tensors[] = {
        {.element = LP_ELEMENT_INT8, .rank = 4, .dims = {1, 8, 8, 4}},
        {.element = LP_ELEMENT_INT8, .rank = 4, .dims = {3, 2, 2, 4}, .data = (const uint8_t *)weights},
        {.element = LP_ELEMENT_INT8, .rank = 4, .dims = {1, 7, 7, 3}},
    };
    int32_t in[] = {0, 1}, out[] = {2};
    struct lp_op ops[] = {
        {.kind = LP_OP_CONV_2D, .inputs = in, .input_count = 2, .outputs = out, .output_count = 1},
        {.kind = LP_OP_ADD, .inputs = in, .input_count = 2, .outputs = out, .output_count = 1},
        {.kind = LP_OP_CONV_2D, .inputs = in, .input_count = 2, .outputs = out, .output_count = 1},
    };
    const struct lp_graph graph = {.tensors = tensors, .tensor_count = 3, .ops = ops, .op_count = 3};
    struct lp_program program = {.weights = {.name = "weights", .size_bytes = 48}};
    struct lp_diag diag = {0};
    assert_int_equal(lp_stored_least_bytes(&graph), 48);
    assert_int_equal(lp_stored_check(&graph, &program, &diag), LP_OK);
    program.weights.size_bytes = 47;
    assert_int_equal(lp_stored_check(&graph, &program, &diag), LP_INTERNAL);
    assert_non_null(strstr(lp_text_get(&diag.errors), "the weights have 47 bytes"));
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fewer_bytes_than_kernels_are_a_contradiction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
