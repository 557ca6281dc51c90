#include "compiler/emit/parts.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

static void check_name(const char *text, const char *expected)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    const char *name = NULL;
    assert_int_equal(lp_emit_name(&arena, &diag, text, &name), LP_OK);
    assert_string_equal(name, expected);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void names_become_c_names(void **state)
{
    (void)state;
    check_name("sensor", "sensor");
    check_name("ad01_int8", "ad01_int8");
    check_name("my model-v2.1", "my_model_v2_1");
    check_name("2nd", "net_2nd");
    check_name("_x", "net__x");
    check_name("\xc3\xbcx", "net___x");
    check_name("a*/b\n\"", "a__b__");
    check_name("for", "for"); /* stands in longer names only: for_network */
}

static void no_name_hides_a_header_or_another_file(void **state)
{
    (void)state;
    check_name("stdint", "net_stdint");
    check_name("String", "net_String");
    check_name("features", "net_features");
    check_name("main", "net_main");
    check_name("stdint2", "stdint2");
    check_name("lp_network", "net_lp_network");
    check_name("LP", "net_LP");
    check_name("kws_weights", "kws_weights_net");
    check_name("kws_example", "kws_example_net");
    check_name("weights", "weights");
}

static void hopeless_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "___", "*/", "\xe4\xb8\xad",
                                        "x23456789012345678901234567890123456789012345678901234567890123465"};
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        const char *name = NULL;
        assert_int_equal(lp_emit_name(&arena, &diag, names[i], &name), LP_BAD_ARGUMENT);
        assert_non_null(strstr(lp_text_get(&diag.errors), "give --name NAME"));
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
    check_name("x234567890123456789012345678901234567890123456789012345678901234",
               "x234567890123456789012345678901234567890123456789012345678901234");
}

static void nothing_in_a_comment_can_end_it(void **state)
{
    (void)state;
    char buffer[LP_COMMENT_BYTES];
    assert_string_equal(lp_emit_comment("a*/ int x; /*", buffer), "a_/ int x; /_");
    assert_string_equal(lp_emit_comment("q?"
                                        "?/\n\\",
                                        buffer),
                        "q__/__");
    assert_string_equal(lp_emit_comment("\x1b[31m \xc3\xbc\"'", buffer), "_[31m ____");
    assert_string_equal(lp_emit_comment("", buffer), "");
    char text[1000];
    memset(text, '*', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(strlen(lp_emit_comment(text, buffer)), LP_COMMENT_BYTES - 1);
    assert_int_equal(strspn(buffer, "_"), LP_COMMENT_BYTES - 1);
}

static void floats_read_back_as_the_same_bits(void **state)
{
    (void)state;
    const float values[] = {0, 1, -1, 0.1f, 1.0f / 3, 3e38f, FLT_MIN, 1e-45f, 123456789.0f, -0.0f, FLT_MAX};
    for (size_t i = 0; i < LP_COUNT(values); i++) {
        struct lp_text out = {0};
        char *end = NULL;
        lp_emit_float(&out, values[i]);
        float back = strtof(lp_text_get(&out), &end);
        assert_memory_equal(&back, &values[i], sizeof back);
        assert_string_equal(end, "f");
        assert_non_null(strpbrk(lp_text_get(&out), ".e")); /* 1f is no number in C */
        lp_text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_c_names),
        cmocka_unit_test(no_name_hides_a_header_or_another_file),
        cmocka_unit_test(hopeless_names_are_refused),
        cmocka_unit_test(nothing_in_a_comment_can_end_it),
        cmocka_unit_test(floats_read_back_as_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
