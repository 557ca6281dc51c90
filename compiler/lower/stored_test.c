#include "compiler/lower/stored.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static const float one_scale[] = {0.5f};
static const int32_t zero[] = {0};
static const struct lp_quant quant = {.count = 1, .scale = one_scale, .zero_point = zero};
static const int8_t weights[48];

/* Two convolutions over one kernel of 3 x 2 x 2 x 4 bytes, and an ADD with a constant, which may be stored in any way. With
 * padding at the bottom a map of one row sees the first row of the kernel only. */
static int64_t least_for(int32_t rows, const struct lp_program *program, lp_status *checked)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_tensor tensors[] = {
        {.name = "in", .element = LP_ELEMENT_INT8, .rank = 4, .dims = {1, rows, 8, 4}, .quant = quant},
        {.name = "w",
         .element = LP_ELEMENT_INT8,
         .rank = 4,
         .dims = {3, 2, 2, 4},
         .quant = quant,
         .data = (const uint8_t *)weights},
        {.name = "out", .element = LP_ELEMENT_INT8, .rank = 4, .dims = {1, rows, 7, 3}, .quant = quant},
    };
    int32_t in[] = {0, 1}, out[] = {2};
    const struct lp_window window = {
        .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .kernel_h = 2, .kernel_w = 2, .pad_bottom = 1};
    struct lp_op conv = {
        .kind = LP_OP_CONV_2D, .inputs = in, .input_count = 2, .outputs = out, .output_count = 1, .as.window = window};
    struct lp_op add = {.kind = LP_OP_ADD, .inputs = in, .input_count = 2, .outputs = out, .output_count = 1};
    struct lp_op ops[] = {conv, add, conv};
    const struct lp_graph graph = {.tensors = tensors, .tensor_count = 3, .ops = ops, .op_count = 3};
    int64_t least = -1;
    if (lp_stored_least_bytes(&arena, &diag, &graph, &least) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    *checked = lp_stored_check(&arena, &diag, &graph, program);
    if (*checked != LP_OK)
        assert_non_null(strstr(lp_text_get(&diag.errors), "contradiction: the weights have"));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return least;
}

static void fewer_bytes_than_kernels_are_a_contradiction(void **state)
{
    (void)state;
    lp_status checked;
    struct lp_program program = {.weights = {.name = "weights", .size_bytes = 48}};
    assert_int_equal(least_for(8, &program, &checked), 48);
    assert_int_equal(checked, LP_OK);
    program.weights.size_bytes = 47;
    assert_int_equal(least_for(8, &program, &checked), 48);
    assert_int_equal(checked, LP_INTERNAL);
    program.shared_bytes = 1;
    assert_int_equal(least_for(8, &program, &checked), 48);
    assert_int_equal(checked, LP_OK);
    assert_int_equal(least_for(1, &program, &checked), 24);
    assert_int_equal(checked, LP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fewer_bytes_than_kernels_are_a_contradiction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
