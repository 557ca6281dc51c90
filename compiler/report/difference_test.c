#include "compiler/report/difference.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* Two layers of 30 and 50 bytes of weights, 6 more that belong to none, and tables of 20 bytes. */
static const char before[] =
    "{'model': {'file': 'm.tflite', 'sha256': 'aa', 'constants_bytes': 70}, 'targets': [{'target': 'one', 'weights_bytes': 86,"
    " 'program_bytes': 20, 'activations_bytes': 10, 'code_bytes': null, 'macs': 5, 'epochs': {'hw': 0, 'sw': 2},"
    " 'ledger': [{'cause': 'model-constants', 'bytes': 70}, {'cause': 'alignment', 'bytes': 16}],"
    " 'program_ledger': [{'cause': 'epoch-program', 'bytes': 20}],"
    " 'layers': [{'index': 0, 'op': 'CONV_2D', 'name': 'a', 'runs_on': 'cpu', 'constants_bytes': 20, 'weights_bytes': 30,"
    " 'program_bytes': 8, 'ledger': [{'cause': 'model-constants', 'bytes': 30}]}, {'index': 1, 'op': 'CONV_2D', 'name': 'b',"
    " 'runs_on': null, 'constants_bytes': 50, 'weights_bytes': 50, 'program_bytes': 8, 'ledger': [{'cause': 'model-constants',"
    " 'bytes': 40}, {'cause': 'alignment', 'bytes': 10}]}]}]}";

struct fixture {
    struct lp_arena arena;
    struct lp_diag diag;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    lp_diag_free(&f->diag);
    lp_arena_free(&f->arena);
    return 0;
}

/* The report with one piece of its text replaced. */
static json_t *report_with(struct fixture *f, const char *piece, const char *other)
{
    const char *at = strstr(before, piece);
    assert_non_null(at);
    char *text = lp_arena_printf(&f->arena, "%.*s%s%s", (int)(at - before), before, other, at + strlen(piece));
    assert_non_null(text);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

static struct lp_cost cost_with(struct fixture *f, const char *piece, const char *other)
{
    struct lp_cost cost;
    json_t *json = report_with(f, piece, other);
    assert_int_equal(lp_cost_read(&f->arena, &f->diag, "r.json", json, 0, &cost), LP_OK);
    json_decref(json);
    return cost;
}

static void numbers_are_read(void **state)
{
    struct fixture *f = *state;
    struct lp_cost c = cost_with(f, "null, 'macs'", "400, 'macs'");
    assert_string_equal(c.target, "one");
    assert_int_equal(c.weights_bytes, 86);
    assert_int_equal(c.code_bytes, 400);
    assert_int_equal(lp_cost_flash_bytes(&c), 486);
    assert_int_equal(c.layer_count, 2);
    assert_string_equal(c.layers[0].runs_on, "cpu");
    assert_null(c.layers[1].runs_on);
    assert_int_equal(lp_cost_cause_bytes(&c.weights, "alignment"), 16);
    c = cost_with(f, "null, 'macs'", "null, 'macs'");
    assert_int_equal(c.code_bytes, -1);
    assert_int_equal(lp_cost_flash_bytes(&c), 106);
}

static void contradictions_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *piece, *other, *message;
    } cases[] = {
        {"'weights_bytes': 86", "'weights_bytes': 87", "add up to 86 bytes, the size is 87"},
        {"'weights_bytes': 86", "'weights_bytes': 1e3", "'weights_bytes' must be a number of bytes"},
        {"'weights_bytes': 86", "'weights_bytes': 4611686018427387904", "'weights_bytes' must be a number of bytes"},
        {"'bytes': 20", "'bytes': 21", "'program_ledger' add up to 21 bytes"},
        {"'weights_bytes': 30", "'weights_bytes': 31", "add up to 30 bytes, the size is 31"},
        {"'weights_bytes': 30, 'program_bytes': 8, 'ledger': [{'cause': 'model-constants', 'bytes': 30}",
         "'weights_bytes': 90, 'program_bytes': 8, 'ledger': [{'cause': 'model-constants', 'bytes': 90}",
         "the layers have 140 bytes of weights, the whole network 86"},
        {"'layers': [", "'layers': 3, 'more': [", "'layers' must be a list"},
        {"'ledger': [", "'ledger': 3, 'more': [", "'ledger' must be a list"},
        {"'file': 'm.tflite'", "'file': 3", "'file' must be a text"},
        {"'op': 'CONV_2D'", "'op': null", "'op' must be a text"},
        {"'targets': [", "'targets': [], 'more': [", "'target' must be a text"},
    };
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        struct lp_cost cost;
        json_t *json = report_with(f, cases[i].piece, cases[i].other);
        assert_int_equal(lp_cost_read(&f->arena, &f->diag, "r.json", json, 0, &cost), LP_BAD_INPUT);
        if (strstr(lp_text_get(&f->diag.errors), cases[i].message) == NULL)
            fail_msg("'%s' is not in: %s", cases[i].message, lp_text_get(&f->diag.errors));
        json_decref(json);
        lp_diag_free(&f->diag);
        f->diag = (struct lp_diag){0};
    }
}

static int64_t sum_of(const struct lp_difference_row *rows, uint32_t count)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += rows[i].b_bytes - rows[i].a_bytes;
    return sum;
}

static void both_sums_are_the_difference(void **state)
{
    struct fixture *f = *state;
    struct lp_difference d;
    struct lp_cost a = cost_with(f, "aa", "aa");
    /* Layer 'b' loses 10 bytes, the network gains 25 of a cause that was not there, and the tables 1 of no layer. */
    struct lp_cost b = cost_with(
        f,
        "'weights_bytes': 86, 'program_bytes': 20, 'activations_bytes': 10, 'code_bytes': null, 'macs': 5, 'epochs': {'hw': 0, "
        "'sw': 2}, 'ledger': [{'cause': 'model-constants', 'bytes': 70}, {'cause': 'alignment', 'bytes': 16}], "
        "'program_ledger': [{'cause': 'epoch-program', 'bytes': 20}]",
        "'weights_bytes': 101, 'program_bytes': 21, 'activations_bytes': 10, 'code_bytes': null, 'macs': 5, 'epochs': {'hw': 0, "
        "'sw': 2}, 'ledger': [{'cause': 'model-constants', 'bytes': 70}, {'cause': 'alignment', 'bytes': 6}, {'cause': 'new', "
        "'bytes': 25}], 'program_ledger': [{'cause': 'epoch-program', 'bytes': 21}]");
    b.layers[1].weights_bytes = 40;
    b.layers[1].name = "c"; /* another name: found as the second of its operator */
    b.sha256 = "bb";
    assert_int_equal(lp_difference_find(&f->arena, &f->diag, &a, &b, &d), LP_OK);
    assert_int_equal(sum_of(d.causes, d.cause_count), 16);
    assert_int_equal(sum_of(d.layers, d.layer_count), 16);
    assert_string_equal(d.causes[0].name, "new");
    assert_string_equal(d.causes[1].name, "alignment");
    assert_true(d.causes[2].is_program);
    assert_int_equal(d.layer_count, 3);
    assert_null(d.layers[0].name);
    assert_int_equal(d.layers[0].b_bytes - d.layers[0].a_bytes, 26);
    assert_string_equal(d.layers[1].name, "b");
    assert_int_equal(d.layers[1].index_b, 1);
    assert_int_equal(d.layers[1].a_bytes - d.layers[1].b_bytes, 10);
}

static void layers_of_one_side_only_are_named(void **state)
{
    struct fixture *f = *state;
    struct lp_difference d;
    struct lp_text out = {0};
    struct lp_cost a = cost_with(f, "aa", "aa"), b = cost_with(f, "'op': 'CONV_2D', 'name': 'b'", "'op': 'ADD', 'name': 'b'");
    b.sha256 = "bb";
    assert_int_equal(lp_difference_find(&f->arena, &f->diag, &a, &b, &d), LP_OK);
    assert_int_equal(d.layer_count, 4);
    assert_int_equal(sum_of(d.layers, d.layer_count), 0);
    lp_difference_text(&d, &f->arena, &out);
    assert_non_null(strstr(lp_text_get(&out), "gone 1"));
    assert_non_null(strstr(lp_text_get(&out), "new 1"));
    lp_text_free(&out);
    assert_int_equal(lp_difference_find(&f->arena, &f->diag, &a, &a, &d), LP_OK);
    lp_difference_text(&d, &f->arena, &out);
    assert_non_null(strstr(lp_text_get(&out), "nothing"));
    lp_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(contradictions_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_sums_are_the_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(layers_of_one_side_only_are_named, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
