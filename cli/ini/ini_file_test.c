#include "cli/ini/ini_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_ini ini;
};

static lp_status parse(struct fixture *f, const char *text)
{
    *f = (struct fixture){0};
    return lp_ini_parse(&f->arena, &f->diag, "folder/my.ini", text, strlen(text), &f->ini);
}

static void drop(struct fixture *f)
{
    lp_diag_free(&f->diag);
    lp_arena_free(&f->arena);
}

static void expect_error(struct fixture *f, const char *sentence)
{
    assert_string_equal(lp_text_get(&f->diag.errors), sentence);
    drop(f);
}

static void values_are_read_by_their_type(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(parse(&f, "; comment\n[a]\nport = 0x10 ; sixteen\n  scale=-2.5e1\r\nrule = hold\nname = two words\n"),
                     LP_OK);
    struct lp_ini_section *a = lp_ini_section(&f.ini, "a");
    static const char *const rules[] = {"restart", "hold"};
    int64_t port = 0, absent = 7;
    double scale = 0;
    int rule = 0;
    const char *name = NULL;
    assert_int_equal(lp_ini_whole(&f.ini, a, "port", 0, 65535, &port), LP_OK);
    assert_int_equal(lp_ini_whole(&f.ini, a, "absent", 0, 1, &absent), LP_OK);
    assert_int_equal(lp_ini_real(&f.ini, a, "scale", -100, 100, &scale), LP_OK);
    assert_int_equal(lp_ini_choice(&f.ini, a, "rule", rules, 2, &rule), LP_OK);
    assert_int_equal(lp_ini_text(&f.ini, a, "name", &name), LP_OK);
    assert_int_equal(port, 16);
    assert_int_equal(absent, 7);
    assert_true(scale == -25.0);
    assert_int_equal(rule, 1);
    assert_string_equal(name, "two words");
    assert_int_equal(lp_ini_check_all_asked(&f.ini, "[a]"), LP_OK);
    assert_string_equal(lp_ini_path(&f.ini, "x.tflite"), "folder/x.tflite");
    assert_string_equal(lp_ini_path(&f.ini, "/x.tflite"), "/x.tflite");
    drop(&f);
}

static void complaints_name_file_line_key_value_and_what_is_allowed(void **state)
{
    (void)state;
    struct fixture f;
    int64_t whole = 0;
    double real = 0;
    int choice = 0;
    static const char *const rules[] = {"hold", "interpolate", "restart"};
    const char *text = "[a]\nport = 70000\nscale = nan\nrule = wait\n";
    assert_int_equal(parse(&f, text), LP_OK);
    assert_int_equal(lp_ini_whole(&f.ini, lp_ini_section(&f.ini, "a"), "port", 1, 65535, &whole), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:2: port = 70000: allowed is a whole number from 1 to 65535\n");
    assert_int_equal(parse(&f, text), LP_OK);
    assert_int_equal(lp_ini_real(&f.ini, lp_ini_section(&f.ini, "a"), "scale", 0, 1, &real), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:3: scale = nan: allowed is a number from 0 to 1\n");
    assert_int_equal(parse(&f, text), LP_OK);
    assert_int_equal(lp_ini_choice(&f.ini, lp_ini_section(&f.ini, "a"), "rule", rules, 3, &choice), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:4: rule = wait: allowed is hold, interpolate or restart\n");
    assert_int_equal(parse(&f, "[a]\nport = 1\nprot = 2\n"), LP_OK);
    assert_int_equal(lp_ini_whole(&f.ini, lp_ini_section(&f.ini, "a"), "port", 0, 9, &whole), LP_OK);
    assert_int_equal(lp_ini_whole(&f.ini, lp_ini_section(&f.ini, "a"), "unit", 0, 9, &whole), LP_OK);
    assert_int_equal(lp_ini_check_all_asked(&f.ini, "[a]"), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:3: prot = 2: unknown key in [a]: allowed are port, unit\n");
    assert_int_equal(parse(&f, "[a]\nport = 1\n[b]\nx = 1\n"), LP_OK);
    (void)lp_ini_key(&f.ini, lp_ini_section(&f.ini, "a"), "port");
    assert_int_equal(lp_ini_check_all_asked(&f.ini, "[a] and [c NAME]"), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:3: unknown section [b]: allowed are [a] and [c NAME]\n");
}

static void damaged_files_are_refused_with_the_line(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(parse(&f, "[a]\nx = 1\nx = 2\n"), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:3: x = 2: the key already stands in line 2 of [a]\n");
    assert_int_equal(parse(&f, "[a]\n\njust words\n"), LP_BAD_INPUT);
    expect_error(&f, "folder/my.ini:3: the line is neither [section] nor key = value\n");
    static char long_line[400];
    memset(long_line, 'x', sizeof long_line - 1);
    assert_int_equal(parse(&f, long_line), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&f.diag.errors), "folder/my.ini:1: the line has 399 characters"));
    drop(&f);
    f = (struct fixture){0};
    assert_int_equal(lp_ini_parse(&f.arena, &f.diag, "my.ini", "[a]\nx\0= 1\n", 10, &f.ini), LP_BAD_INPUT);
    expect_error(&f, "my.ini:2: the line holds a zero byte: this is not a text file\n");
    f = (struct fixture){0};
    assert_int_equal(lp_ini_read(&f.arena, &f.diag, "does-not-exist.ini", &f.ini), LP_IO);
    expect_error(&f, "cannot open does-not-exist.ini: No such file or directory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_by_their_type),
        cmocka_unit_test(complaints_name_file_line_key_value_and_what_is_allowed),
        cmocka_unit_test(damaged_files_are_refused_with_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
