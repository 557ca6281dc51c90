#define _POSIX_C_SOURCE 200809L
#include "cli/values/test_support.h"

/* A .npy file around `dictionary` (padded by the caller) and `data`; returns its length. */
static size_t make_npy(uint8_t *file, unsigned version, const char *dictionary, const void *data, size_t data_bytes)
{
    size_t length = strlen(dictionary), fixed = version == 1 ? 10 : 12;
    memcpy(file, "\x93NUMPY", 6);
    const uint8_t rest[6] = {(uint8_t)version, 0, (uint8_t)length, (uint8_t)(length >> 8), 0, 0};
    memcpy(file + 6, rest, fixed - 6);
    memcpy(file + fixed, dictionary, length);
    memcpy(file + fixed + length, data, data_bytes);
    return fixed + length + data_bytes;
}

static lp_status read_npy(struct fixture *f, const char *dictionary, const void *data, size_t data_bytes,
                          const struct lp_tensor *tensor, enum lp_values_mode mode)
{
    uint8_t file[1024];
    return read_bytes(f, "t.npy", file, make_npy(file, 1, dictionary, data, data_bytes), tensor, mode);
}

static void every_number_type_is_read(void **state)
{
    struct fixture *f = *state;
    static const int16_t i2[] = {-1, 100};
    static const uint16_t u2[] = {1, 127};
    static const int32_t i4[] = {-128, 127};
    static const uint32_t u4[] = {0, 5};
    static const int64_t i8[] = {-128, 1};
    static const float f4[] = {0.25f, -1.0f};
    static const double f8[] = {1.25, 1e300};
    static const struct {
        const char *type;
        const void *data;
        size_t bytes;
        int8_t expected[2];
    } cases[] = {
        {"|i1", "\x80\x7f", 2, {-128, 127}}, {"<i1", "\xff\x01", 2, {-1, 1}},   {"|u1", "\x05\x7f", 2, {5, 127}},
        {"|b1", "\x00\x01", 2, {0, 1}},      {"<i2", i2, sizeof i2, {-1, 100}}, {"<u2", u2, sizeof u2, {1, 127}},
        {"<i4", i4, sizeof i4, {-128, 127}}, {"<u4", u4, sizeof u4, {0, 5}},    {"<i8", i8, sizeof i8, {-128, 1}},
        {"<f4", f4, sizeof f4, {-3, -5}},    {"<f8", f8, sizeof f8, {-1, 127}},
    };
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        char dictionary[128];
        snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (1, 2), }  \n", cases[i].type);
        assert_int_equal(read_npy(f, dictionary, cases[i].data, cases[i].bytes, &tensor, LP_VALUES_AUTO), LP_OK);
        assert_int_equal(f->values.inference_count, 1);
        assert_memory_equal(f->values.data, cases[i].expected, 2);
    }
}

static void shapes_that_suit_a_tensor(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *shape;
        size_t bytes, inferences; /* 0: refused */
    } cases[] = {
        {"(1, 2, 3)", 6, 1},     {"(2, 3)", 6, 1},
        {"(2,3,)", 6, 1},        {"(4, 2, 3)", 24, 4},
        {"(4, 1, 2, 3)", 24, 4}, {"(6,)", 6, 0},
        {"(3, 2)", 6, 0},        {"()", 1, 0},
        {"(0, 2, 3)", 0, 0},     {"(4, 2, 3)", 23, 0},
        {"(4, 2, 3)", 25, 0},    {"(1, 4, 2, 3)", 24, 0},
        {"(2, 3, 1)", 6, 0},     {"(1073741824, 2, 3)", 24, 0},
    };
    static const uint8_t data[32];
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 3, 1, 2, 3, 0);
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        char dictionary[128];
        snprintf(dictionary, sizeof dictionary, "{'shape': %s, 'fortran_order': False, 'descr': \"|i1\"}", cases[i].shape);
        lp_status status = read_npy(f, dictionary, data, cases[i].bytes, &tensor, LP_VALUES_AUTO);
        assert_int_equal(status == LP_OK ? f->values.inference_count : 0, cases[i].inferences);
    }
    struct lp_tensor scalar = test_tensor(LP_ELEMENT_INT8, 0, 0, 0, 0, 0);
    assert_int_equal(read_npy(f, "{'descr':'|i1','fortran_order':False,'shape':()}", data, 1, &scalar, LP_VALUES_AUTO), LP_OK);
    assert_int_equal(read_npy(f, "{'descr':'|i1','fortran_order':False,'shape':(5,)}", data, 5, &scalar, LP_VALUES_AUTO), LP_OK);
    assert_int_equal(f->values.inference_count, 5);
}

static void headings_that_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const cases[][3] = {
        {"{'descr': '|i1', 'fortran_order': True, 'shape': (1, 2)}", "Fortran order", "ascontiguousarray"},
        {"{'descr': '>i2', 'fortran_order': False, 'shape': (1, 2)}", ">i2", "little-endian"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1, 2)}", "<c8", "f4"},
        {"{'descr': '|i2', 'fortran_order': False, 'shape': (1, 2)}", "|i2", "little-endian"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3)}", "shape 2x3", "needs 1x2"},
        {"{'descr': '|i1', 'fortran_order': False}", "heading", "shape"},
        {"{'descr': '|i1', 'descr': '|i1', 'shape': (1, 2)}", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': Maybe, 'shape': (1, 2)}", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2), 'more': 1}", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2)} x", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1 2)}", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (-1, 2)}", "heading", "shape"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999, 2)}", "heading", "limit"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,2)}", "heading", "shape"},
        {"{'descr': [('a', '|i1')], 'fortran_order': False, 'shape': (1, 2)}", "heading", "descr"},
        {"{'descr': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fortran_order': False, 'shape': (1, 2)}", "heading", "descr"},
        {"", "heading", "descr"},
        {"{", "heading", "descr"},
        {"{'descr", "heading", "descr"},
    };
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    for (size_t i = 0; i < LP_COUNT(cases); i++)
        assert_message(f, read_npy(f, cases[i][0], "\1\2", 2, &tensor, LP_VALUES_AUTO), cases[i][1], cases[i][2]);
    uint8_t file[256];
    static const char fine[] = "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2)}";
    size_t length = make_npy(file, 3, fine, "\1\2", 2);
    assert_message(f, read_bytes(f, "t.npy", file, length, &tensor, LP_VALUES_AUTO), "version 3", "1 and 2");
    length = make_npy(file, 2, fine, "\1\2", 2);
    assert_int_equal(read_bytes(f, "t.npy", file, length, &tensor, LP_VALUES_AUTO), LP_OK);
    file[11] = 0x80; /* a heading of 2 GB */
    assert_message(f, read_bytes(f, "t.npy", file, length, &tensor, LP_VALUES_AUTO), "heading", "65535");
    assert_message(f, read_bytes(f, "t.npy", "PK\3\4......", 10, &tensor, LP_VALUES_AUTO), "signature", "t.npy");
}

static void values_that_are_refused_name_their_place(void **state)
{
    struct fixture *f = *state;
    static const float nan_last[] = {1.0f, 2.0f, 3.0f, 0.0f / 0.0f};
    static const int16_t too_large[] = {1, 2, 3, -129};
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    static const char reals[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}";
    static const char integers[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2)}";
    assert_message(f, read_npy(f, reals, nan_last, 16, &tensor, LP_VALUES_AUTO), "inference 2, value 2", "NaN");
    assert_message(f, read_npy(f, reals, nan_last, 16, &tensor, LP_VALUES_RAW), "floating point", "--raw");
    assert_message(f, read_npy(f, integers, too_large, 8, &tensor, LP_VALUES_AUTO), "inference 2, value 2: -129", "-128 to 127");
    /* Said to be real, the same integers are quantized: 1 / 0.5 - 3. */
    assert_int_equal(read_npy(f, integers, too_large, 8, &tensor, LP_VALUES_REAL), LP_OK);
    assert_memory_equal(f->values.data, "\xff\x01\x03\x80", 4);
    struct lp_tensor floats = test_tensor(LP_ELEMENT_FLOAT32, 2, 1, 2, 0, 0);
    assert_message(f, read_npy(f, integers, too_large, 8, &floats, LP_VALUES_AUTO), "float32", "--real");
}

static void every_truncation_is_refused(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    static const double data[] = {0.5, 1.5, 2.5, 3.5};
    for (unsigned version = 1; version <= 2; version++) {
        uint8_t file[256];
        size_t full = make_npy(file, version, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }   \n", data,
                               sizeof data);
        assert_int_equal(read_bytes(f, "t.npy", file, full, &tensor, LP_VALUES_AUTO), LP_OK);
        for (size_t length = 0; length < full; length++) {
            assert_int_not_equal(read_bytes(f, "t.npy", file, length, &tensor, LP_VALUES_AUTO), LP_OK);
            assert_int_equal(f->diag.error_count, 1);
            assert_null(f->values.data);
            const char *expected = length < 10                   ? "signature"
                                   : length < full - sizeof data ? "ends within its heading"
                                                                 : "bytes of data";
            assert_non_null(strstr(lp_text_get(&f->diag.errors), expected));
        }
    }
}

static void every_byte_changed_is_refused_or_read(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 2, 1, 2, 0, 0);
    uint8_t file[256];
    size_t full = make_npy(file, 2, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }\n",
                           "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 16);
    for (size_t at = 0; at < full; at++)
        for (unsigned change = 1; change < 256; change += 11) {
            file[at] = (uint8_t)(file[at] ^ change);
            lp_status status = read_bytes(f, "t.npy", file, full, &tensor, LP_VALUES_AUTO);
            assert_int_equal(f->values.data != NULL, status == LP_OK);
            file[at] = (uint8_t)(file[at] ^ change);
        }
}

static int run_python(struct fixture *f, const char *program)
{
    write_bytes(f, "t.py", program, strlen(program));
    char command[300];
    snprintf(command, sizeof command, "cd %s && /usr/bin/python3 t.py ", f->folder);
    return system(command);
}

static bool without_numpy(struct fixture *f)
{
    if (run_python(f, "import numpy\n") == 0)
        return false;
    print_message("SKIP reading and writing with numpy: python3-numpy is not present\n");
    return true;
}

static void numpy_reads_what_is_written(void **state)
{
    struct fixture *f = *state;
    if (without_numpy(f))
        skip();
    static const enum lp_element elements[] = {LP_ELEMENT_INT8,  LP_ELEMENT_UINT8, LP_ELEMENT_INT16,  LP_ELEMENT_INT32,
                                               LP_ELEMENT_INT64, LP_ELEMENT_BOOL,  LP_ELEMENT_FLOAT32};
    static const char *const names[] = {"int8", "uint8", "int16", "int32", "int64", "bool", "float32"};
    for (size_t i = 0; i < LP_COUNT(elements); i++)
        for (int real = 0; real <= (i < 4); real++) {
            struct lp_tensor tensor = test_tensor(elements[i], 3, 1, 2, 3, 0);
            struct lp_arena arena = {0};
            struct lp_values values;
            assert_int_equal(lp_values_read(&arena, &f->diag, "random:4:9", LP_VALUES_AUTO, &tensor, &values), LP_OK);
            snprintf(f->path, sizeof f->path, "%s/t.npy", f->folder);
            assert_int_equal(lp_values_write(&f->diag, f->path, &tensor, values.data, 4, real != 0), LP_OK);
            write_bytes(f, "t.bin", values.data, values.inference_bytes * 4);
            char program[500];
            snprintf(program, sizeof program,
                     "import numpy as np, os, sys\n"
                     "a, b = np.load('t.npy'), np.fromfile('t.bin', '%s').reshape(4, 2, 3)\n"
                     "if %d: b = (np.float32(0.5) * (b.astype(np.int64) + 3).astype(np.float32)).astype(np.float32)\n"
                     "sys.exit(0 if a.dtype == b.dtype and a.shape == b.shape and (a == b).all() and (os.path.getsize('t.npy') - "
                     "a.nbytes) %% 64 == 0 else 1)\n",
                     names[i], real);
            assert_int_equal(run_python(f, program), 0);
            lp_arena_free(&arena);
        }
}

static void what_numpy_writes_is_read(void **state)
{
    struct fixture *f = *state;
    if (without_numpy(f))
        skip();
    static const char *const types[] = {"i1", "u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"};
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 3, 1, 2, 3, 0);
    for (size_t i = 0; i < LP_COUNT(types); i++)
        for (int version = 1; version <= 2; version++) {
            char program[400];
            snprintf(program, sizeof program,
                     "import numpy as np\n"
                     "a = np.arange(24).reshape(4, 2, 3).astype('<%s')\n"
                     "if a.dtype.kind == 'f': a = a / 2 + a.dtype.type(1.5)\n"
                     "np.lib.format.write_array(open('t.npy', 'wb'), a, version=(%d, 0))\n",
                     types[i], version);
            assert_int_equal(run_python(f, program), 0);
            snprintf(f->path, sizeof f->path, "%s/t.npy", f->folder);
            assert_int_equal(read_again(f, &tensor, LP_VALUES_AUTO), LP_OK);
            assert_int_equal(f->values.inference_count, 4);
            for (uint8_t k = 0; k < 24; k++)
                assert_int_equal(f->values.data[k], k);
        }
    assert_int_equal(run_python(f, "import numpy as np\nnp.save('t.npy', np.zeros((2, 3), np.int8, order='F'))\n"), 0);
    snprintf(f->path, sizeof f->path, "%s/t.npy", f->folder);
    assert_message(f, read_again(f, &tensor, LP_VALUES_AUTO), "Fortran order", "t.npy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_type_is_read),   cmocka_unit_test(shapes_that_suit_a_tensor),
        cmocka_unit_test(headings_that_are_refused),   cmocka_unit_test(values_that_are_refused_name_their_place),
        cmocka_unit_test(every_truncation_is_refused), cmocka_unit_test(every_byte_changed_is_refused_or_read),
        cmocka_unit_test(numpy_reads_what_is_written), cmocka_unit_test(what_numpy_writes_is_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
