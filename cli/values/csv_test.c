#define _POSIX_C_SOURCE 200809L
#include "cli/values/test_support.h"

static void assert_int8(const struct fixture *f, size_t inferences, const int8_t *expected)
{
    assert_non_null(f->values.data);
    assert_int_equal(f->values.inference_count, inferences);
    assert_memory_equal(f->values.data, expected, inferences * f->values.inference_bytes);
}

static void rows_headings_blank_lines_and_line_ends(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 3, 0, 0);
    static const int8_t expected[] = {1, -2, 127, -128, 0, 5};
    static const char *const texts[] = {
        "1,-2,127\n-128,0,5\n",
        "1,-2,127\n-128,0,5",
        "x,y.z,w\r\n1,-2,127\r\n\r\n-128,0,5\r\n\r\n",
        "\xEF\xBB\xBF 1 ,\t-2 , +127\n\n   \n-128,0,5",
        "\xEF\xBB\xBFname\n1,-2,127\n-128,0,5",
        "# x y\n1,-2,0127\n-128,0,5\n",
    };
    for (size_t i = 0; i < LP_COUNT(texts); i++) {
        assert_int_equal(read_text(f, texts[i], &tensor, LP_VALUES_RAW), LP_OK);
        assert_int8(f, 2, expected);
    }
}

static void real_rows_are_quantized(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 4, 0, 0);
    static const int8_t expected[] = {-3, -1, 127, -128};
    assert_int_equal(read_text(f, "0,1.25,inf,-1e999\n", &tensor, LP_VALUES_AUTO), LP_OK);
    assert_int8(f, 1, expected);
    assert_int_equal(read_text(f, "0,1,100,-100\n", &tensor, LP_VALUES_REAL), LP_OK);
    assert_int8(f, 1, expected);
    assert_int_equal(read_text(f, "0,1e0,100,-100\n", &tensor, LP_VALUES_AUTO), LP_OK);
    assert_int8(f, 1, expected);
}

static void float32_takes_numbers_as_they_are(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_FLOAT32, 1, 3, 0, 0, 0);
    static const float expected[] = {1.0f, -0.1f, 3e-5f};
    assert_int_equal(read_text(f, "1,-0.1,3e-5", &tensor, LP_VALUES_AUTO), LP_OK);
    assert_memory_equal(f->values.data, expected, sizeof expected);
    assert_message(f, read_text(f, "1,2,3", &tensor, LP_VALUES_RAW), "float32", "--raw");
    assert_message(f, read_text(f, "1,2,1e39", &tensor, LP_VALUES_AUTO), "line 1, column 3", "float32");
}

static void whole_numbers_need_a_flag(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 2, 0, 0, 0);
    assert_message(f, read_text(f, "1,2\n", &tensor, LP_VALUES_AUTO), "--real", "--raw");
    assert_message(f, read_text(f, "a.b,c.d\n1,2\n", &tensor, LP_VALUES_AUTO), "--real", "--raw");
}

static void errors_name_line_and_column(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 3, 0, 0);
    static const struct {
        const char *text;
        enum lp_values_mode mode;
        const char *piece, *other;
    } cases[] = {
        {"1,2,3\n4,128,6\n", LP_VALUES_RAW, "line 2, column 2", "-128 to 127"},
        {"1,2,-129\n", LP_VALUES_RAW, "line 1, column 3: -129", "int8"},
        {"h\n\n1,nan,3\n", LP_VALUES_REAL, "line 3, column 2", "nan"},
        {"1,NaN,3.5\n", LP_VALUES_AUTO, "line 1, column 2", "NaN"},
        {"1,,3\n", LP_VALUES_RAW, "line 1, column 2", "no value"},
        {"1,2,\n", LP_VALUES_REAL, "line 1, column 3", "no value"},
        {"1,2\n", LP_VALUES_RAW, "line 1: 2 values", "needs 3 (1x3)"},
        {"1,2,3\n1,2,3,4\n", LP_VALUES_RAW, "line 2: 4 values", "needs 3 (1x3)"},
        {"1,2.0,3\n", LP_VALUES_RAW, "line 1, column 2: 2.0", "--real"},
        {"1,99999999999999999999,3\n", LP_VALUES_RAW, "line 1, column 2", "64 bits"},
        {"1,0x10,3.0\n", LP_VALUES_REAL, "line 1, column 2: 0x10", "not a number"},
        {"1,2 3,4.0\n", LP_VALUES_REAL, "line 1, column 2", "not a number"},
        {"x,2,3\n1,2,3\n", LP_VALUES_RAW, "line 1, column 1: x", "not an integer"},
        {"1.0;2.0;3.0\n4.0;5.0;6.0\n", LP_VALUES_REAL, "line 2: 1 values", "needs 3"},
        {"", LP_VALUES_RAW, "no row", "t.csv"},
        {"\n \r\n\n", LP_VALUES_RAW, "no row", "t.csv"},
        {"x,y,z\n", LP_VALUES_REAL, "no row", "t.csv"},
    };
    for (size_t i = 0; i < LP_COUNT(cases); i++)
        assert_message(f, read_text(f, cases[i].text, &tensor, cases[i].mode), cases[i].piece, cases[i].other);
}

/* A row that is complete but for its last digit is shorter than any good row, and must not be stored beyond the room. */
static void a_row_without_its_last_value_is_refused(void **state)
{
    struct fixture *f = *state;
    enum { VALUES = 20000 };
    static char row[2 * VALUES];
    for (size_t i = 0; i + 1 < VALUES; i++)
        memcpy(row + 2 * i, "1,", 2);
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT32, 2, 1, VALUES, 0, 0);
    assert_message(f, read_text(f, row, &tensor, LP_VALUES_RAW), "line 1, column 20000", "no value");
}

static void long_numbers_and_nul_bytes_are_refused(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 1, 0, 0, 0);
    static char text[100000];
    memset(text, '0', sizeof text - 1);
    text[0] = '1';
    assert_message(f, read_text(f, text, &tensor, LP_VALUES_RAW), "no row", "t.csv"); /* no number, so a heading */
    memcpy(text, "1\n", 2);
    assert_message(f, read_text(f, text, &tensor, LP_VALUES_RAW), "line 2", "is not an integer");
    assert_message(f, read_bytes(f, "t.csv", "1.0\n2\0005", 7, &tensor, LP_VALUES_REAL), "line 2, column 1", "not a number");
}

static void tensors_without_real_values_say_so(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 1, 0, 0, 0);
    tensor.quant.count = 0;
    assert_message(f, read_text(f, "1.5", &tensor, LP_VALUES_AUTO), "--raw", "window");
    assert_int_equal(read_text(f, "1", &tensor, LP_VALUES_RAW), LP_OK);
    tensor = test_tensor(LP_ELEMENT_INT64, 1, 1, 0, 0, 0);
    assert_message(f, read_text(f, "1.5", &tensor, LP_VALUES_AUTO), "--raw", "int64");
    assert_int_equal(read_text(f, "-9223372036854775808", &tensor, LP_VALUES_RAW), LP_OK);
    assert_memory_equal(f->values.data, "\0\0\0\0\0\0\0\x80", 8);
}

/* The same question answered by other means: sscanf on whole lines. -1 when the text must be refused. */
static int naive_rows(const char *text)
{
    int rows = 0;
    for (const char *line = text; *line != '\0';) {
        double v[3];
        int used = 0;
        size_t length = strcspn(line, "\n");
        char copy[64];
        snprintf(copy, sizeof copy, "%.*s", (int)length, line);
        if (sscanf(copy, "%lf,%lf,%lf%n", &v[0], &v[1], &v[2], &used) != 3 || copy[used] != '\0')
            return -1;
        rows++;
        line += length + (line[length] == '\n');
    }
    return rows == 0 ? -1 : rows;
}

static void every_truncation_is_refused_or_whole(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 3, 0, 0);
    static const char text[] = "1.5,-2.25,3\n4,5.5,6.125\n-7,8.5,91\n";
    int accepted = 0;
    for (size_t length = 0; length < sizeof text; length++) {
        char cut[sizeof text] = "";
        memcpy(cut, text, length);
        int rows = naive_rows(cut);
        lp_status status = read_bytes(f, "t.csv", cut, length, &tensor, LP_VALUES_REAL);
        assert_int_equal(status == LP_OK ? (int)f->values.inference_count : -1, rows);
        assert_int_equal(f->diag.error_count, status == LP_OK ? 0 : 1);
        accepted += status == LP_OK;
    }
    assert_true(accepted >= 3);
}

static void every_byte_changed_is_refused_or_read(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 3, 0, 0);
    static const char text[] = "1.5,-2.25,3\n4,5.5,6.125\n";
    for (size_t at = 0; at + 1 < sizeof text; at++)
        for (int byte = 0; byte < 256; byte += 5) {
            char changed[sizeof text];
            memcpy(changed, text, sizeof text);
            changed[at] = (char)byte;
            lp_status status = read_bytes(f, "t.csv", changed, sizeof text - 1, &tensor, LP_VALUES_AUTO);
            assert_int_equal(f->values.data != NULL, status == LP_OK);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_headings_blank_lines_and_line_ends),
        cmocka_unit_test(real_rows_are_quantized),
        cmocka_unit_test(float32_takes_numbers_as_they_are),
        cmocka_unit_test(whole_numbers_need_a_flag),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(a_row_without_its_last_value_is_refused),
        cmocka_unit_test(long_numbers_and_nul_bytes_are_refused),
        cmocka_unit_test(tensors_without_real_values_say_so),
        cmocka_unit_test(every_truncation_is_refused_or_whole),
        cmocka_unit_test(every_byte_changed_is_refused_or_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
