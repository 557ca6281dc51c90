#include "compiler/target/target.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const char good[] = "; a comment\n"
                           "[target]\n"
                           "title = A board\n"
                           "kind = cpu\n"
                           "isa = helium\n"
                           "pointer_bytes = 4\n"
                           "arena_align_bytes = 16\n"
                           "blob_align_bytes = 8\n"
                           "board = some-board\n"
                           "cflags = -mcpu=x  -mthumb\n"
                           "\n"
                           "[pool flash]\n"
                           "base = 0x08000000\n"
                           "size_bytes = 1024\n"
                           "writable = no\n"
                           "[pool ram]\n"
                           "size_bytes = 512\n"
                           "writable = yes\n";

static lp_status parse(struct lp_arena *arena, struct lp_diag *diag, const char *text, struct lp_target *target)
{
    return lp_target_parse(arena, diag, "targets/my-board.ini", text, strlen(text), target);
}

static void all_keys_are_read(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_target t;
    assert_int_equal(parse(&arena, &diag, good, &t), LP_OK);
    assert_string_equal(t.name, "my-board");
    assert_string_equal(t.title, "A board");
    assert_int_equal(t.kind, LP_TARGET_CPU);
    assert_int_equal(t.isa, LP_ISA_HELIUM);
    assert_int_equal(t.pointer_bytes, 4);
    assert_int_equal(t.arena_align_bytes, 16);
    assert_int_equal(t.blob_align_bytes, 8);
    assert_string_equal(t.board, "some-board");
    assert_int_equal(t.cflag_count, 2);
    assert_string_equal(t.cflags[0], "-mcpu=x");
    assert_string_equal(t.cflags[1], "-mthumb");
    assert_int_equal(t.pool_count, 2);
    assert_string_equal(t.pools[0].name, "flash");
    assert_int_equal(t.pools[0].base, 0x08000000);
    assert_int_equal(t.pools[0].size_bytes, 1024);
    assert_false(t.pools[0].writable);
    assert_int_equal(t.pools[1].base, 0);
    assert_true(t.pools[1].writable);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

/* The good text with one piece replaced, and the sentence that it must give. */
struct fault {
    const char *from, *to, *message;
};

static const struct fault faults[] = {
    {"kind = cpu", "kind = gpu", "targets/my-board.ini:4: kind = gpu: allowed is cpu or npu"},
    {"isa = helium", "isa = neon", "targets/my-board.ini:5: isa = neon: allowed is portable, dsp, helium or x86"},
    {"pointer_bytes = 4", "pointer_bytes = 16", "targets/my-board.ini:6: pointer_bytes = 16: allowed is a number from 4 to 8"},
    {"pointer_bytes = 4", "pointer_bytes = four", ":6: pointer_bytes = four: allowed is a number from 4 to 8"},
    {"pointer_bytes = 4", "pointer_bytes =", ":6: pointer_bytes = : allowed is a number from 4 to 8"},
    {"pointer_bytes = 4", "pointer_bytes = -18446744073709551612",
     ":6: pointer_bytes = -18446744073709551612: allowed is a number from 4 to 8"},
    {"pointer_bytes = 4", "pointer_bytes = 6",
     "targets/my-board.ini: pointer_bytes, arena_align_bytes and blob_align_bytes must all be given as powers of two"},
    {"arena_align_bytes = 16\n", "", "must all be given as powers of two"},
    {"arena_align_bytes = 16", "arena_align_bytes = 128", ":7: arena_align_bytes = 128: allowed is a number from 1 to 64"},
    {"blob_align_bytes = 8", "blob_align_bytes = 8 bytes", ":8: blob_align_bytes = 8 bytes: allowed is a number from 1 to 64"},
    {"title = A board\n", "", "targets/my-board.ini: the key title is missing in [target]"},
    {"title", "titel", "targets/my-board.ini:3: unknown key 'titel' in [target]"},
    {"-mcpu=x ", "1 2 3 4 5 6 7 8 ", ":10: cflags = 1 2 3 4 5 6 7 8  -mthumb: allowed is at most 8 words"},
    {"base = 0x08000000", "base = 0x1ffffffff", ":13: base = 0x1ffffffff: allowed is a number from 0 to 4294967295"},
    {"size_bytes = 1024", "size_bytes = 0", ":14: size_bytes = 0: allowed is a number from 1 to 4294967296"},
    {"writable = no", "writable = maybe", ":15: writable = maybe: allowed is yes or no"},
    {"size_bytes = 512\n", "", "targets/my-board.ini: the key size_bytes is missing in [pool ram]"},
    {"base = 0x08000000", "color = 3", ":13: unknown key 'color' in [pool flash]"},
    {"[pool flash]", "[flash]", ":13: unknown section [flash]: allowed are [target] and [pool NAME]"},
    {"board = some-board", "board", "targets/my-board.ini:9: not a line of the form key = value"},
};

static void every_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(faults); i++) {
        char text[1000];
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_target t;
        const char *at = strstr(good, faults[i].from);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, faults[i].to, at + strlen(faults[i].from));
        assert_int_equal(parse(&arena, &diag, text, &t), LP_BAD_INPUT);
        assert_int_equal(diag.error_count, 1);
        if (strstr(lp_text_get(&diag.errors), faults[i].message) == NULL)
            fail_msg("expected \"%s\", got \"%s\"", faults[i].message, lp_text_get(&diag.errors));
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
}

static void a_17th_pool_is_refused(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    struct lp_target t;
    lp_text_printf(&text, "%s", good);
    for (int i = 3; i <= 17; i++)
        lp_text_printf(&text, "[pool p%d]\nsize_bytes = 1\n", i);
    assert_int_equal(parse(&arena, &diag, lp_text_get(&text), &t), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&diag.errors), "pool = p17: allowed is at most 16 pools"));
    lp_text_free(&text);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void a_long_line_is_refused_not_cut(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    struct lp_target t;
    lp_text_printf(&text, "[target]\ntitle = %0400d\n", 7);
    assert_int_equal(parse(&arena, &diag, lp_text_get(&text), &t), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&diag.errors), "targets/my-board.ini:2: a line has at most"));
    lp_text_free(&text);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys_are_read),
        cmocka_unit_test(every_fault_is_named),
        cmocka_unit_test(a_17th_pool_is_refused),
        cmocka_unit_test(a_long_line_is_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
