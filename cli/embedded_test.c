/* The embedded files are those of the source tree that this test was built from, every one and byte by byte. */
#include "cli/embedded.h"

#include "compiler/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct lp_embedded_file *find(const char *path)
{
    for (size_t i = 0; i < lp_embedded_file_count; i++)
        if (strcmp(lp_embedded_files[i].path, path) == 0)
            return &lp_embedded_files[i];
    return NULL;
}

static void bytes_are_those_of_the_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < lp_embedded_file_count; i++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        const uint8_t *data = NULL;
        size_t size_bytes = 0;
        assert_int_equal(lp_file_read(&arena, &diag, lp_embedded_files[i].path, 0, &data, &size_bytes), LP_OK);
        assert_int_equal(lp_embedded_files[i].size_bytes, size_bytes);
        assert_memory_equal(lp_embedded_files[i].data, data, size_bytes);
        assert_int_equal(lp_embedded_files[i].data[size_bytes], 0);
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
}

static void paths_are_sorted_and_unique(void **state)
{
    (void)state;
    for (size_t i = 1; i < lp_embedded_file_count; i++)
        assert_true(strcmp(lp_embedded_files[i - 1].path, lp_embedded_files[i].path) < 0);
}

static void every_kind_of_file_is_there_and_no_test(void **state)
{
    (void)state;
    assert_non_null(find("contract/network.h"));
    assert_non_null(find("runtime/epoch/network.c"));
    assert_non_null(find("runtime/ports/host/port.c"));
    assert_non_null(find("runtime/ports/cortex-m/mps3-an547.ld"));
    assert_non_null(find("targets/cortex-m55.ini"));
    for (size_t i = 0; i < lp_embedded_file_count; i++)
        assert_null(strstr(lp_embedded_files[i].path, "_test."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_files),
        cmocka_unit_test(paths_are_sorted_and_unique),
        cmocka_unit_test(every_kind_of_file_is_there_and_no_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
