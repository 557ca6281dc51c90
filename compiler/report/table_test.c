#include "compiler/report/table.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void columns_line_up(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_text out = {0};
    struct lp_table table = {.arena = &arena, .columns = 3, .align = "lrl"};
    const char *const cells[] = {"name", "bytes", "what", "\xc3\xbcn\xc3\xaf", "", "x\ny"};
    for (size_t i = 0; i < 6; i++)
        i == 4 ? lp_table_number(&table, -1234567) : lp_table_cell(&table, "%s", cells[i]);
    lp_table_print(&table, &out);
    assert_string_equal(lp_text_get(&out), "  name       bytes  what\n"
                                           "  ----------------------\n"
                                           "  \xc3\xbcn\xc3\xaf   -1,234,567  x?y\n");
    lp_text_free(&out);
    lp_arena_free(&arena);
}

static void numbers_have_separators(void **state)
{
    (void)state;
    char buffer[32];
    assert_string_equal(lp_number_text(0, buffer), "0");
    assert_string_equal(lp_number_text(999, buffer), "999");
    assert_string_equal(lp_number_text(1000, buffer), "1,000");
    assert_string_equal(lp_number_text(-219064, buffer), "-219,064");
    assert_string_equal(lp_number_text(INT64_MIN, buffer), "-9,223,372,036,854,775,808");
}

static void a_long_cell_is_cut_between_characters(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_table table = {.arena = &arena, .columns = 1, .align = "l"};
    char name[601] = "";
    for (size_t i = 0; i < 200; i++)
        strcat(name, "\xe4\xb8\xad");
    for (size_t shift = 0; shift < 3; shift++) {
        lp_table_cell(&table, "%s%s", shift == 0 ? "" : shift == 1 ? "a" : "ab", name);
        const char *cell = table.cells[table.count - 1];
        assert_int_equal((strlen(cell) - shift) % 3, 0);
        assert_true(strlen(cell) > 240);
    }
    lp_arena_free(&arena);
}

static int left;

static void *failing(size_t count, size_t size_bytes)
{
    return left-- > 0 ? calloc(count, size_bytes) : NULL;
}

static void without_memory_the_text_fails(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_text out = {0};
    struct lp_table table = {.arena = &arena, .columns = 1, .align = "l"};
    left = 0;
    lp_allocate = failing;
    lp_table_cell(&table, "lost");
    lp_allocate = calloc;
    lp_table_cell(&table, "kept");
    lp_table_print(&table, &out);
    assert_true(out.failed);
    lp_text_free(&out);
    lp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up),
        cmocka_unit_test(numbers_have_separators),
        cmocka_unit_test(a_long_cell_is_cut_between_characters),
        cmocka_unit_test(without_memory_the_text_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
