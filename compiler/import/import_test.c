/* What kind of file it is, told from its first bytes. */
#include "compiler/import/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t size_bytes;
    lp_status status;
    const char *sentence;
} files[] = {
    {BYTES(""), LP_BAD_INPUT, "an empty file"},
    {BYTES("TFL3"), LP_BAD_INPUT, "something else"},
    {BYTES("\0\0\0\0TFL"), LP_BAD_INPUT, "something else"},
    {BYTES("\0\0\0\0TFL2\0\0\0\0"), LP_BAD_INPUT, "the letters TFL3 are missing at byte 4"},
    {BYTES("\0\0\0\0TFL3"), LP_BAD_INPUT, "damaged at byte"},
    {BYTES("\377\377\377\377TFL3\0\0\0\0"), LP_BAD_INPUT, "damaged at byte"},
    {BYTES("PK\003\004\024\0\0\0\0\0"), LP_BAD_INPUT, "a ZIP archive"},
    {BYTES("\x89HDF\r\n\x1a\n"), LP_BAD_INPUT, "an HDF5 file"},
    {BYTES("\x89PNG\r\n\x1a\n"), LP_BAD_INPUT, "a PNG image"},
    {BYTES("\x7f"
           "ELF\2\1\1\0\0\0\0\0"),
     LP_BAD_INPUT, "an ELF program"},
    {BYTES("\x93NUMPY\1\0"), LP_BAD_INPUT, "a NumPy array"},
    {BYTES("\x1f\x8b\x08\0"), LP_BAD_INPUT, "a gzip archive"},
    {BYTES("version https://git-lfs.github.com/spec/v1\n"), LP_BAD_INPUT, "the real file was not downloaded"},
    {BYTES("unsigned char model[] = {\n"), LP_BAD_INPUT, "a C array"},
    {BYTES("<!DOCTYPE html>\n<html>"), LP_BAD_INPUT, "a web page"},
    {BYTES("\x08\x01\x12\x80\x01\x0a\x0f\0\0\0\0\0\0\0\0\0\0\0\0"), LP_BAD_INPUT, "a TensorFlow saved model"},
    {BYTES("\x08\x07"), LP_BAD_INPUT, "something else"},
    {BYTES("\x08\x07\x12\x0cskl2onnx____:\x10\x01\x02\x03"), LP_UNSUPPORTED, "looks like an ONNX model, which can't be read yet"},
    {BYTES("\x08\x08\x3a\x20\x0a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0"), LP_UNSUPPORTED,
     "looks like an ONNX model, which can't be read yet"},
};

static void every_kind_of_file_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(files); i++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_graph *graph = NULL;
        uint8_t *copy = malloc(files[i].size_bytes == 0 ? 1 : files[i].size_bytes);
        assert_non_null(copy);
        memcpy(copy, files[i].bytes, files[i].size_bytes);
        lp_status status = lp_import(&arena, &diag, "some.file", copy, files[i].size_bytes, &graph);
        const char *errors = lp_text_get(&diag.errors);
        if (status != files[i].status || diag.error_count != 1 || strstr(errors, files[i].sentence) == NULL ||
            strncmp(errors, "some.file ", 10) != 0)
            fail_msg("file %zu: status %d, expected '%s', found '%s'", i, (int)status, files[i].sentence, errors);
        assert_null(graph);
        free(copy);
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_of_file_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
