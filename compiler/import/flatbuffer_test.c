/* A small FlatBuffer written by hand, read back; then every offset and size in it made wrong once. */
#include "compiler/import/flatbuffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fields of the root table. */
enum { BYTE, WORD, REAL, LIST, TEXT, CHILD, CHILDREN, ABSENT, LONG, FIELDS };

enum {
    VTABLE = 8,
    VTABLE_BYTES = 4 + 2 * FIELDS,
    TABLE = 32,
    TABLE_BYTES = 44,
    LIST_AT = 76,
    TEXT_AT = 88,
    CHILD_VTABLE = 96,
    CHILD_AT = 104,
    CHILDREN_AT = 112,
    SIZE = 124
};

static void put(uint8_t *file, size_t at, uint64_t value, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < size_bytes; i++)
        file[at + i] = (uint8_t)(value >> (8 * i));
}

static void set_field(uint8_t *file, uint32_t field, uint16_t offset, uint64_t value, uint32_t size_bytes)
{
    put(file, VTABLE + 4 + 2 * (size_t)field, offset, 2);
    put(file, TABLE + (size_t)offset, value, size_bytes);
}

static void point(uint8_t *file, uint32_t field, uint16_t offset, size_t to)
{
    set_field(file, field, offset, to - TABLE - offset, 4);
}

static void make(uint8_t file[SIZE])
{
    memset(file, 0, SIZE);
    put(file, 0, TABLE, 4);
    put(file, VTABLE, VTABLE_BYTES, 2);
    put(file, VTABLE + 2, TABLE_BYTES, 2);
    put(file, TABLE, TABLE - VTABLE, 4);
    set_field(file, BYTE, 4, 0xfe, 1);
    set_field(file, WORD, 8, 0x80000001u, 4);
    set_field(file, REAL, 12, 0x3fc00000u, 4);
    point(file, LIST, 16, LIST_AT);
    point(file, TEXT, 20, TEXT_AT);
    point(file, CHILD, 24, CHILD_AT);
    point(file, CHILDREN, 28, CHILDREN_AT);
    set_field(file, LONG, 36, 0x8000000000000005u, 8);
    put(file, LIST_AT, 2, 4);
    put(file, LIST_AT + 4, 7, 4);
    put(file, LIST_AT + 8, 0xffffffffu, 4);
    put(file, TEXT_AT, 3, 4);
    memcpy(file + TEXT_AT + 4, "abc", 4);
    put(file, CHILD_VTABLE, 6, 2);
    put(file, CHILD_VTABLE + 2, 8, 2);
    put(file, CHILD_VTABLE + 4, 4, 2);
    put(file, CHILD_AT, CHILD_AT - CHILD_VTABLE, 4);
    put(file, CHILD_AT + 4, 99, 4);
    put(file, CHILDREN_AT, 2, 4); /* whoever reads them sets their offsets */
}

static void values_are_read_back(void **state)
{
    (void)state;
    uint8_t file[SIZE];
    make(file);
    struct lp_fb fb = {.data = file, .size_bytes = SIZE};
    struct lp_fb_table root = lp_fb_root(&fb);
    assert_int_equal(lp_fb_int(&root, BYTE, 1, 0), -2);
    assert_int_equal(lp_fb_uint(&root, BYTE, 1, 0), 0xfe);
    assert_int_equal(lp_fb_int(&root, WORD, 4, 0), -2147483647);
    assert_int_equal(lp_fb_uint(&root, WORD, 4, 0), 0x80000001u);
    assert_true(lp_fb_int(&root, LONG, 8, 0) == INT64_MIN + 5);
    assert_true(lp_fb_float(&root, REAL, 0) == 1.5f);
    struct lp_fb_vector list = lp_fb_vec(&root, LIST, 4);
    assert_int_equal(list.count, 2);
    assert_int_equal(lp_fb_int_at(&list, 0, 4), 7);
    assert_int_equal(lp_fb_int_at(&list, 1, 4), -1);
    struct lp_fb_vector text = lp_fb_text(&root, TEXT);
    assert_int_equal(text.count, 3);
    assert_memory_equal(file + text.at, "abc", 3);
    struct lp_fb_table child = lp_fb_sub(&root, CHILD);
    assert_int_equal(lp_fb_int(&child, 0, 4, 0), 99);
    assert_null(fb.fault);
}

static void absent_fields_give_the_default(void **state)
{
    (void)state;
    uint8_t file[SIZE];
    make(file);
    struct lp_fb fb = {.data = file, .size_bytes = SIZE};
    struct lp_fb_table root = lp_fb_root(&fb);
    assert_false(lp_fb_has(&root, ABSENT));
    assert_true(lp_fb_has(&root, BYTE));
    assert_int_equal(lp_fb_int(&root, ABSENT, 4, 5), 5);
    assert_int_equal(lp_fb_uint(&root, FIELDS, 4, 6), 6); /* newer than the file */
    assert_int_equal(lp_fb_uint(&root, 60000, 4, 6), 6);
    assert_true(lp_fb_float(&root, ABSENT, 0.25f) == 0.25f);
    assert_int_equal(lp_fb_vec(&root, ABSENT, 4).count, 0);
    struct lp_fb_table none = lp_fb_sub(&root, ABSENT);
    assert_int_equal(lp_fb_int(&none, 0, 4, 7), 7);
    assert_int_equal(lp_fb_vec(&none, 0, 4).count, 0);
    assert_false(lp_fb_has(&none, 0));
    assert_null(fb.fault);
}

/* Reads everything there is. */
static const char *fault_of(const uint8_t *file, size_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes == 0 ? 1 : size_bytes);
    assert_non_null(copy);
    if (size_bytes != 0)
        memcpy(copy, file, size_bytes);
    struct lp_fb fb = {.data = copy, .size_bytes = size_bytes};
    struct lp_fb_table root = lp_fb_root(&fb);
    (void)lp_fb_int(&root, BYTE, 1, 0);
    (void)lp_fb_int(&root, WORD, 4, 0);
    (void)lp_fb_float(&root, REAL, 0);
    (void)lp_fb_int(&root, LONG, 8, 0);
    struct lp_fb_vector list = lp_fb_vec(&root, LIST, 4);
    for (uint32_t i = 0; i < list.count; i++)
        (void)lp_fb_int_at(&list, i, 4);
    struct lp_fb_vector text = lp_fb_text(&root, TEXT);
    struct lp_fb_table child = lp_fb_sub(&root, CHILD);
    (void)lp_fb_int(&child, 0, 4, 0);
    if (fb.fault == NULL)
        assert_true(text.count < size_bytes);
    if (fb.fault != NULL)
        assert_true(lp_fb_vec(&root, LIST, 4).count == 0 && lp_fb_int(&root, WORD, 4, 3) == 3); /* the first fault stays */
    free(copy);
    return fb.fault;
}

static void every_wrong_offset_and_size_is_found(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint64_t value;
        uint32_t size_bytes;
        const char *fault;
    } wrong[] = {
        {0, SIZE + 1, 4, "a number lies beyond the end"},
        {0, 0xffffffffu, 4, "a number lies beyond the end"},
        {0, SIZE - 2, 4, "a number lies beyond the end"},
        {TABLE, TABLE + 1, 4, "description lies outside"},
        {TABLE, (uint64_t) - (SIZE), 4, "description lies outside"},
        {TABLE, 0x80000000u, 4, "description lies outside"},
        {VTABLE, 2, 2, "impossible size"},
        {VTABLE, VTABLE_BYTES + 1, 2, "impossible size"},
        {VTABLE, 0xfffe, 2, "impossible size"},
        {VTABLE + 2, 3, 2, "ends beyond the file"},
        {VTABLE + 2, SIZE - TABLE + 1, 2, "ends beyond the file"},
        {VTABLE + 4, 1, 2, "a field lies outside its table"},
        {VTABLE + 4, TABLE_BYTES, 2, "a field lies outside its table"},
        {VTABLE + 4 + 2 * WORD, TABLE_BYTES - 3, 2, "a field lies outside its table"},
        {VTABLE + 4 + 2 * LONG, TABLE_BYTES - 7, 2, "a field lies outside its table"},
        {TABLE + 16, 0, 4, "an offset points outside"},
        {TABLE + 16, SIZE, 4, "an offset points outside"},
        {TABLE + 16, 0xffffffffu, 4, "an offset points outside"},
        {TABLE + 16, SIZE - TABLE - 16, 4, "a number lies beyond the end"},
        {LIST_AT, (SIZE - LIST_AT) / 4, 4, "a list is longer than the file"},
        {LIST_AT, 0xffffffffu, 4, "a list is longer than the file"},
        {TEXT_AT, SIZE - TEXT_AT - 3, 4, "a list is longer than the file"},
        {TABLE + 24, 0, 4, "an offset points outside"},
        {CHILD_AT, CHILD_AT + 1, 4, "description lies outside"},
        {CHILD_VTABLE + 2, SIZE, 2, "ends beyond the file"},
    };
    uint8_t file[SIZE];
    make(file);
    assert_null(fault_of(file, SIZE));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        make(file);
        put(file, wrong[i].at, wrong[i].value, wrong[i].size_bytes);
        const char *fault = fault_of(file, SIZE);
        if (fault == NULL || strstr(fault, wrong[i].fault) == NULL)
            fail_msg("case %zu: expected '%s', found '%s'", i, wrong[i].fault, fault == NULL ? "nothing" : fault);
    }
}

/* Up to its last table, every byte is needed. */
static void every_truncation_is_found(void **state)
{
    (void)state;
    uint8_t file[SIZE];
    make(file);
    for (size_t length = 0; length < CHILD_AT + 8; length++)
        assert_non_null(fault_of(file, length));
    assert_null(fault_of(file, CHILD_AT + 8));
}

static void tables_in_a_list_are_followed(void **state)
{
    (void)state;
    uint8_t file[SIZE + 16] = {0};
    make(file);
    put(file, SIZE, SIZE - CHILD_VTABLE, 4);
    put(file, SIZE + 4, 42, 4);
    put(file, CHILDREN_AT + 4, SIZE - CHILDREN_AT - 4, 4);
    put(file, CHILDREN_AT + 8, SIZE - CHILDREN_AT - 8, 4);
    struct lp_fb fb = {.data = file, .size_bytes = SIZE + 8};
    struct lp_fb_table root = lp_fb_root(&fb);
    struct lp_fb_vector children = lp_fb_vec(&root, CHILDREN, 4);
    assert_int_equal(children.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct lp_fb_table child = lp_fb_at(&children, i);
        assert_int_equal(lp_fb_int(&child, 0, 4, 0), 42);
    }
    assert_null(fb.fault);
    put(file, CHILDREN_AT + 8, SIZE, 4);
    struct lp_fb_table none = lp_fb_at(&children, 1);
    assert_int_equal(lp_fb_int(&none, 0, 4, 3), 3);
    assert_non_null(fb.fault);
    assert_int_equal(fb.fault_at_bytes, CHILDREN_AT + 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_back),
        cmocka_unit_test(absent_fields_give_the_default),
        cmocka_unit_test(every_wrong_offset_and_size_is_found),
        cmocka_unit_test(every_truncation_is_found),
        cmocka_unit_test(tables_in_a_list_are_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
