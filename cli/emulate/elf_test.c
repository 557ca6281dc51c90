#define _POSIX_C_SOURCE 200809L
#include "cli/emulate/elf.h"

#include "cli/emulate/folder.h"
#include "cli/emulate/process.h"
#include "compiler/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct lp_arena arena;
static struct lp_diag diag;
static struct lp_guard guard;
static const char *folder;
static const uint8_t *image;
static size_t image_bytes;

static const char source[] = "static const char table[1234] = {1};\n"
                             "int counters[5] = {1, 2, 3, 4, 5};\n"
                             "static short zeroed[77];\n"
                             "int start(int i);\n"
                             "int start(int i)\n"
                             "{\n"
                             "    return table[i] + counters[i] + zeroed[i]++;\n"
                             "}\n";

static void run_tool(const char *const *argv, const char *log)
{
    struct lp_process p = {.argv = argv, .folder = folder, .output_path = log, .timeout_ms = 60000};
    assert_int_equal(lp_process_run(&diag, &p, 1, 1, NULL), LP_OK);
    assert_int_equal(p.exit_status, 0);
}

static int set_up(void **state)
{
    (void)state;
    lp_guard_open(&guard);
    if (lp_folder_temporary(&arena, &diag, &folder) != LP_OK ||
        lp_folder_write(&arena, &diag, folder, "a.c", source, sizeof source - 1) != LP_OK)
        return -1;
    const char *const compile[] = {
        "arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O1", "-nostdlib", "-Wl,-estart", "-o", "a.elf", "a.c", NULL};
    run_tool(compile, "log");
    const char *path = lp_arena_printf(&arena, "%s/a.elf", folder);
    return lp_file_read(&arena, &diag, path, 0, &image, &image_bytes) == LP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lp_folder_remove(&diag, folder);
    lp_guard_close(&guard);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}

/* The oracle is binutils' readelf: its lines hold name, type, address, offset and size. */
static void sections_are_those_of_readelf(void **state)
{
    (void)state;
    const char *const readelf[] = {"arm-none-eabi-readelf", "-SW", "a.elf", NULL};
    run_tool(readelf, "sections");
    const char *line = lp_folder_read_text(&arena, folder, "sections", 100000);
    struct lp_elf elf;
    assert_int_equal(lp_elf_open(&diag, "a.elf", image, image_bytes, &elf), LP_OK);
    uint32_t seen = 0;
    for (; line != NULL && *line != 0; line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1) {
        unsigned number, address, offset, size;
        char name[100], type[100];
        if (sscanf(line, " [%u] %99s %99s %x %x %x", &number, name, type, &address, &offset, &size) != 6 || number == 0)
            continue;
        struct lp_elf_section section;
        assert_true(lp_elf_section(&elf, number, &section));
        assert_string_equal(section.name, name);
        assert_int_equal(section.address, address);
        assert_int_equal(section.size_bytes, size);
        assert_int_equal(section.offset, offset);
        seen++;
    }
    assert_true(seen > 5);
    assert_int_equal(seen + 1, elf.section_count);
}

static void symbols_have_the_size_of_their_objects(void **state)
{
    (void)state;
    struct lp_elf elf;
    uint32_t size_bytes = 0;
    assert_int_equal(lp_elf_open(&diag, "a.elf", image, image_bytes, &elf), LP_OK);
    assert_true(lp_elf_symbol_bytes(&elf, "table", &size_bytes));
    assert_int_equal(size_bytes, 1234);
    assert_true(lp_elf_symbol_bytes(&elf, "counters", &size_bytes));
    assert_int_equal(size_bytes, 20);
    assert_true(lp_elf_symbol_bytes(&elf, "zeroed", &size_bytes));
    assert_int_equal(size_bytes, 154);
    assert_false(lp_elf_symbol_bytes(&elf, "count", &size_bytes));
    assert_false(lp_elf_symbol_bytes(&elf, "counters2", &size_bytes));
}

static void read_everything(const uint8_t *data, size_t size_bytes)
{
    struct lp_elf elf;
    struct lp_elf_section section;
    uint32_t symbol_bytes;
    if (lp_elf_open(&diag, "damaged.elf", data, size_bytes, &elf) != LP_OK)
        return;
    for (uint32_t i = 0; i < elf.section_count; i++)
        if (lp_elf_section(&elf, i, &section))
            assert_non_null(memchr(section.name, 0, size_bytes));
    (void)lp_elf_symbol_bytes(&elf, "no such symbol", &symbol_bytes);
}

/* Copies of exact size, so that the sanitizer sees a read behind the end. */
static void a_damaged_file_is_survived(void **state)
{
    (void)state;
    for (size_t length = 0; length < image_bytes; length += 1 + length / 40) {
        uint8_t *copy = malloc(length == 0 ? 1 : length);
        assert_non_null(copy);
        memcpy(copy, image, length);
        read_everything(copy, length);
        free(copy);
    }
    uint8_t *copy = malloc(image_bytes);
    assert_non_null(copy);
    memcpy(copy, image, image_bytes);
    size_t table = image_bytes - image_bytes / 2;
    for (size_t i = 0; i < image_bytes; i += i < 64 || i > table ? 1 : 61) {
        copy[i] ^= 0xff;
        read_everything(copy, image_bytes);
        copy[i] = image[i];
    }
    free(copy);
}

int main(void)
{
    if (!lp_process_exists("arm-none-eabi-gcc")) {
        printf("SKIP cli.emulate.elf_test: arm-none-eabi-gcc is not present\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_are_those_of_readelf),
        cmocka_unit_test(symbols_have_the_size_of_their_objects),
        cmocka_unit_test(a_damaged_file_is_survived),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
