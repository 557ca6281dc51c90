#define _POSIX_C_SOURCE 200809L
#include "cli/values/test_support.h"

static lp_status read_spec(struct fixture *f, const char *spec, const struct lp_tensor *tensor)
{
    snprintf(f->path, sizeof f->path, "%s", spec);
    return read_again(f, tensor, LP_VALUES_AUTO);
}

static void random_values_follow_the_published_generator(void **state)
{
    struct fixture *f = *state;
    /* First words of splitmix64 from 1234567, from its authors' test vectors; an int8 is the uppermost byte. */
    static const uint64_t words[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u};
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    assert_int_equal(read_spec(f, "random:2:1234567", &tensor), LP_OK);
    assert_int_equal(f->values.inference_count, 2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(f->values.data[i], words[i] >> 56);
    tensor = test_tensor(LP_ELEMENT_INT64, 1, 4, 0, 0, 0);
    assert_int_equal(read_spec(f, "random:1:1234567", &tensor), LP_OK);
    assert_memory_equal(f->values.data, words, sizeof words);
}

static void random_values_fill_the_whole_range(void **state)
{
    struct fixture *f = *state;
    int counts[256] = {0};
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 256, 0, 0, 0);
    assert_int_equal(read_spec(f, "random:100", &tensor), LP_OK);
    for (size_t i = 0; i < 25600; i++)
        counts[f->values.data[i]]++;
    for (size_t i = 0; i < 256; i++)
        assert_in_range(counts[i], 50, 150);
    tensor = test_tensor(LP_ELEMENT_FLOAT32, 1, 1000, 0, 0, 0);
    assert_int_equal(read_spec(f, "random:1", &tensor), LP_OK);
    int upper_half = 0;
    for (size_t i = 0; i < 1000; i++) {
        float value;
        memcpy(&value, f->values.data + 4 * i, sizeof value);
        assert_true(value >= -1.0f && value < 1.0f);
        upper_half += value >= 0.0f;
    }
    assert_in_range(upper_half, 420, 580);
    tensor = test_tensor(LP_ELEMENT_BOOL, 1, 100, 0, 0, 0);
    assert_int_equal(read_spec(f, "random:1", &tensor), LP_OK);
    int ones = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_true(f->values.data[i] <= 1);
        ones += f->values.data[i];
    }
    assert_in_range(ones, 25, 75);
}

static void bad_specifications_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const cases[][2] = {
        {"random:", "random:N"},
        {"random:0", "random:N"},
        {"random:-1", "random:N"},
        {"random:1:", "random:N"},
        {"random:1:2:3", "random:N"},
        {"random: 1", "random:N"},
        {"random:99999999999999999999", "random:N"},
        {"random:1:x", "random:N"},
        {"random:1000000000", "at most"},
        {"random:18446744073709551615", "at most"},
        {"a.txt", "inputs are"},
        {".npy", "inputs are"},
        {"/nonexistent/a.npy", "/nonexistent/a.npy"},
        {"", "inputs are"},
    };
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 500, 0, 0, 0);
    for (size_t i = 0; i < LP_COUNT(cases); i++)
        assert_message(f, read_spec(f, cases[i][0], &tensor), cases[i][1], "");
    tensor.dims[0] = 0;
    assert_message(f, read_spec(f, "random:1", &tensor), "no elements", "window");
}

static void raw_files_are_whole_inferences(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT16, 2, 1, 2, 0, 0);
    assert_int_equal(read_bytes(f, "t.bin", "abcdefgh", 8, &tensor, LP_VALUES_AUTO), LP_OK);
    assert_int_equal(f->values.inference_count, 2);
    assert_int_equal(f->values.inference_bytes, 4);
    assert_memory_equal(f->values.data, "abcdefgh", 8);
    assert_message(f, read_again(f, &tensor, LP_VALUES_REAL), "raw integers", "--real");
    assert_message(f, read_bytes(f, "t.bin", "abcdefg", 7, &tensor, LP_VALUES_AUTO), "7 bytes", "multiple of the 4");
    assert_message(f, read_bytes(f, "t.bin", "", 0, &tensor, LP_VALUES_AUTO), "0 bytes", "multiple of the 4");
    tensor = test_tensor(LP_ELEMENT_BOOL, 1, 2, 0, 0, 0);
    assert_message(f, read_bytes(f, "t.bin", "\0\2", 2, &tensor, LP_VALUES_AUTO), "byte 1 is 2", "0 or 1");
}

static void what_is_written_reads_back(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"t.npy", "t.csv", "t.bin"};
    static const enum lp_element elements[] = {LP_ELEMENT_INT8,  LP_ELEMENT_UINT8, LP_ELEMENT_INT16,
                                               LP_ELEMENT_INT64, LP_ELEMENT_BOOL,  LP_ELEMENT_FLOAT32};
    for (size_t i = 0; i < LP_COUNT(elements); i++)
        for (size_t k = 0; k < LP_COUNT(names); k++)
            for (int real = 0; real <= (i < 3 && k < 2); real++) {
                struct lp_tensor tensor = test_tensor(elements[i], 3, 1, 5, 2, 0);
                assert_int_equal(read_spec(f, "random:3:77", &tensor), LP_OK);
                uint8_t kept[240];
                size_t size_bytes = 3 * f->values.inference_bytes;
                memcpy(kept, f->values.data, size_bytes);
                snprintf(f->path, sizeof f->path, "%s/%s", f->folder, names[k]);
                assert_int_equal(lp_values_write(&f->diag, f->path, &tensor, kept, 3, real != 0), LP_OK);
                bool needs_flag = k == 1 && !real && elements[i] != LP_ELEMENT_FLOAT32;
                assert_int_equal(read_again(f, &tensor, needs_flag ? LP_VALUES_RAW : LP_VALUES_AUTO), LP_OK);
                assert_int_equal(f->values.inference_count, 3);
                assert_memory_equal(f->values.data, kept, size_bytes);
            }
}

static void csv_text_is_exact_and_unmistakable(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_FLOAT32, 2, 1, 3, 0, 0);
    static const float values[] = {1.0f, 0.1f, 1e-8f, 16777217.0f, -0.33333334f, 3e38f};
    snprintf(f->path, sizeof f->path, "%s/t.csv", f->folder);
    assert_int_equal(lp_values_write(&f->diag, f->path, &tensor, values, 2, false), LP_OK);
    FILE *file = fopen(f->path, "r");
    assert_non_null(file);
    char text[200] = "";
    size_t length = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_true(length < sizeof text);
    assert_string_equal(text, "1.0,0.1,1e-08\n16777216.0,-0.33333334,3e+38\n");
    assert_int_equal(read_again(f, &tensor, LP_VALUES_AUTO), LP_OK);
    assert_memory_equal(f->values.data, values, sizeof values);
}

static void writing_is_refused_with_a_reason(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 1, 2, 0, 0, 0);
    forget(f);
    snprintf(f->path, sizeof f->path, "%s/t.txt", f->folder);
    assert_message(f, lp_values_write(&f->diag, f->path, &tensor, "ab", 1, false), ".npy, .csv or .bin", "t.txt");
    forget(f);
    tensor.quant.count = 0;
    snprintf(f->path, sizeof f->path, "%s/t.csv", f->folder);
    assert_message(f, lp_values_write(&f->diag, f->path, &tensor, "ab", 1, true), "real values", "window");
    forget(f);
    assert_message(f, lp_values_write(&f->diag, "/nonexistent/t.bin", &tensor, "ab", 1, false), "/nonexistent/t.bin", "");
}

static size_t calls_left;

static void *fail_after(size_t count, size_t size_bytes)
{
    return calls_left-- == 0 ? NULL : calloc(count, size_bytes);
}

static void every_failed_allocation_is_reported(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 3, 0, 0);
    write_bytes(f, "t.csv", "1.5,2,3\n", 8);
    char out[160];
    snprintf(out, sizeof out, "%s/t.npy", f->folder);
    lp_status status = LP_OUT_OF_MEMORY;
    for (size_t calls = 0; status != LP_OK; calls++) {
        assert_true(calls < 20);
        forget(f);
        calls_left = calls;
        lp_allocate = fail_after;
        status = lp_values_read(&f->arena, &f->diag, f->path, LP_VALUES_AUTO, &tensor, &f->values);
        if (status == LP_OK)
            status = lp_values_write(&f->diag, out, &tensor, f->values.data, 1, true);
        lp_allocate = calloc;
        assert_true(status == LP_OK || status == LP_OUT_OF_MEMORY);
        assert_int_equal(f->diag.error_count, status != LP_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_values_follow_the_published_generator),
        cmocka_unit_test(random_values_fill_the_whole_range),
        cmocka_unit_test(bad_specifications_are_refused),
        cmocka_unit_test(raw_files_are_whole_inferences),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(csv_text_is_exact_and_unmistakable),
        cmocka_unit_test(writing_is_refused_with_a_reason),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
