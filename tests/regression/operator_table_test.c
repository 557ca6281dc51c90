/* The table of operators in README.md is what the compiler's own tables say. With the argument --write it is written anew. */
#include "compiler/base/file.h"
#include "compiler/base/text.h"
#include "compiler/import/import.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/neural-art/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char path[] = "README.md", begin[] = "<!-- operators: begin -->\n", end[] = "<!-- operators: end -->\n";
enum { LARGEST_BYTES = 1 << 20 };

typedef bool chooses(enum lp_op_kind kind);

static bool has_element(enum lp_op_kind kind, enum lp_element element)
{
    uint32_t in = 0, out = 0;
    return lp_import_elements(kind, &in, &out) && ((in | out) >> element & 1) != 0;
}

static bool on_npu(enum lp_op_kind kind)
{
    return lp_npu_table[kind].lower != NULL;
}

static bool on_cpu(enum lp_op_kind kind)
{
    return !on_npu(kind) && lp_lower_cpu_table[kind] != NULL;
}

static bool of_int16(enum lp_op_kind kind)
{
    return has_element(kind, LP_ELEMENT_INT16) && lp_lower_cpu_table[kind] != NULL;
}

static bool of_float(enum lp_op_kind kind)
{
    return kind == LP_OP_QUANTIZE || kind == LP_OP_DEQUANTIZE;
}

static bool folded(enum lp_op_kind kind)
{
    return lp_lower_cpu_table[kind] == NULL;
}

static const struct {
    const char *where;
    chooses *chooses;
} rows[] = {
    {"int8, on the NPU where its rules allow, else on the processor", on_npu},
    {"int8, on the processor", on_cpu},
    {"int16 too (weights of int8), on the processor", of_int16},
    {"from or to float32, at the edges of a network", of_float},
    {"of shapes, computed by the compiler", folded},
};

static void add_row(struct lp_text *out, const char *where, chooses *takes)
{
    const char *between = "";
    lp_text_printf(out, "| %s | ", where);
    for (int kind = 0; kind < LP_OP_KIND_COUNT; kind++)
        if (takes((enum lp_op_kind)kind)) {
            lp_text_printf(out, "%s%s", between, lp_op_kind_table[kind].name);
            between = ", ";
        }
    lp_text_printf(out, " |\n");
}

static void readme(struct lp_arena *arena, struct lp_diag *diag, const char **text, const char **from, const char **to)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(lp_file_read(arena, diag, path, LARGEST_BYTES, &bytes, &size), LP_OK);
    *text = lp_arena_text(arena, (const char *)bytes, size);
    assert_non_null(*text);
    *from = strstr(*text, begin);
    *to = strstr(*text, end);
    if (*from == NULL || *to == NULL)
        fail_msg("%s has no place for the operators", path);
    *from += strlen(begin);
}

static bool is_writing;

static void the_readme_lists_the_operators(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_text table = {0}, whole = {0};
    const char *text, *from, *to;
    readme(&arena, &diag, &text, &from, &to);
    lp_text_printf(&table, "| where | operators |\n| --- | --- |\n");
    for (size_t i = 0; i < LP_COUNT(rows); i++)
        add_row(&table, rows[i].where, rows[i].chooses);
    const char *expected = lp_text_get(&table);
    if (is_writing) {
        lp_text_add(&whole, text, (size_t)(from - text));
        lp_text_printf(&whole, "%s%s", expected, to);
        assert_int_equal(lp_file_write(&diag, path, lp_text_get(&whole), whole.length), LP_OK);
    } else if ((size_t)(to - from) != strlen(expected) || memcmp(from, expected, strlen(expected)) != 0) {
        fail_msg("the operators in %s are others: run tests.regression.operator_table_test --write", path);
    }
    lp_text_free(&table);
    lp_text_free(&whole);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

int main(int argc, char **argv)
{
    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_readme_lists_the_operators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
