#include "compiler/emit/parts.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

static struct lp_program program;
static struct lp_arena arena;
static struct lp_diag diag;

static int open_program(void **state)
{
    (void)state;
    arena = (struct lp_arena){0};
    diag = (struct lp_diag){0};
    program = (struct lp_program){.weights = {.name = "weights", .arena = &arena}};
    return 0;
}

static int close_program(void **state)
{
    (void)state;
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}

static void put(const char *name, enum lp_element element, const void *data, uint32_t count, uint32_t align_bytes)
{
    struct lp_item item = {.cause = LP_CAUSE_MODEL_CONSTANTS,
                           .layer = 7,
                           .name = name,
                           .element = element,
                           .data = data,
                           .count = count,
                           .align_bytes = align_bytes};
    assert_int_equal(lp_section_put(&program.weights, &diag, item, NULL), LP_OK);
}

static struct lp_emit_input input(void)
{
    return (struct lp_emit_input){.program = &program, .name = "n"};
}

static void extreme_numbers_are_written_as_c_can_read_them(void **state)
{
    (void)state;
    const int8_t s8[2] = {-128, 127};
    const int32_t s32[3] = {INT32_MIN, -1, INT32_MAX};
    const int64_t s64[2] = {INT64_MIN, INT64_MAX};
    const float f32[2] = {0.1f, 1};
    struct lp_text out = {0};
    put("a", LP_ELEMENT_INT8, s8, 2, 1);
    put("b", LP_ELEMENT_INT32, s32, 3, 4);
    put("c", LP_ELEMENT_INT64, s64, 2, 8);
    put("d", LP_ELEMENT_FLOAT32, f32, 2, 4);
    struct lp_emit_input in = input();
    assert_int_equal(lp_emit_weights(&in, &out, &diag), LP_OK);
    assert_string_equal(lp_text_get(&out), "#include \"n_weights.h\"\n\n"
                                           "const _Alignas(16) struct n_weights n_weights = {\n"
                                           "    .a = {\n        -128, 127,\n    },\n"
                                           "    .gap_1 = {\n        0, 0,\n    },\n"
                                           "    .b = {\n        -2147483647 - 1, -1, 2147483647,\n    },\n"
                                           "    .c = {\n        -9223372036854775807 - 1, 9223372036854775807,\n    },\n"
                                           "    .d = {\n        0.100000001f, 1.0f,\n    },\n};\n");
    lp_text_free(&out);
    lp_emit_weights_header(&in, &out);
    const char *header = lp_text_get(&out);
    assert_non_null(strstr(header, "    int32_t b[3]; /* offset 4, model-constants, operator 7 */\n"));
    assert_non_null(strstr(header, "    uint8_t gap_1[2]; /* offset 2, alignment, operator 7 */\n"));
    assert_non_null(strstr(header, "_Static_assert(sizeof(struct n_weights) == 40,"));
    lp_text_free(&out);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    const float values[2] = {1, INFINITY};
    struct lp_text out = {0};
    put("a", LP_ELEMENT_FLOAT32, values, 2, 4);
    struct lp_emit_input in = input();
    assert_int_equal(lp_emit_weights(&in, &out, &diag), LP_UNSUPPORTED);
    assert_non_null(strstr(lp_text_get(&diag.errors), "operator 7"));
    lp_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(extreme_numbers_are_written_as_c_can_read_them, open_program, close_program),
        cmocka_unit_test_setup_teardown(what_is_no_number_is_refused, open_program, close_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
