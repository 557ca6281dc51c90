#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/ec.h"

/* Every instruction once, put together by hand from the table of the encoding. */
static const uint32_t sample[] = {
    LP_EC_MAGIC,
    22,
    29 | 2 << 5, /* label 2 */
    0 | 31 << 10 | 2 << 16 | 10u << 26,
    0x342e0010, /* write STRENG5.ADDR */
    0 | 31 << 10 | 0 << 16 | 10u << 26,
    0x00408108, /* write STRENG5.CTRL */
    0 | 8 << 5 | 15 << 10 | 12 << 16 | 15u << 26,
    0x7,                                                     /* write bits 15:8 of CONVACC0.FSUB */
    1 | 0 << 5 | 0 << 10 | 1 << 13 | 0 << 21 | 10u << 26,    /* set STRENG5.CTRL.EN 1 */
    1 | 4 << 5 | 5 << 10 | 0x21 << 13 | 5 << 21 | 23u << 26, /* set 6 bits from bit 4 of ARITH0 + 0x14 */
    2 | 2 << 5 | 256 << 16 | 23u << 26,
    0x11,
    0x22, /* feed ARITH0 + 0x400 */
    3 | 3 << 5 | 256 << 16 | 23u << 26,
    1,
    2,
    0xffffffff, /* fill */
    4 | 31 << 5 | 31 << 10 | 0 << 16 | 10u << 26,
    100,
    0, /* poll STRENG5.CTRL.RUNNING */
    0 | 31 << 10 | 1 << 16 | 40u << 26,
    5,  /* a page without a name */
    12, /* irq 0 */
};

static void words_become_text_and_the_same_words(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    const uint32_t *words = NULL;
    size_t count = 0;
    uint32_t padded[LP_COUNT(sample) + 6] = {0};
    memcpy(padded, sample, sizeof sample);
    padded[1] = LP_COUNT(sample) - 2;
    if (lp_ec_disassemble(&diag, "sample", padded, LP_COUNT(padded), &text) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    assert_non_null(strstr(text.data, "write STRENG5.ADDR 0x342e0010\n"));
    assert_non_null(strstr(text.data, "write STRENG5.CTRL 0x408108    ; DIR=1 RAW=1 SIGNEXT=1 SIZE1=4\n"));
    assert_non_null(strstr(text.data, "write CONVACC0.FSUB[15:8] 0x7\n"));
    assert_non_null(strstr(text.data, "set STRENG5.CTRL.EN 0x1\n"));
    assert_non_null(strstr(text.data, "set ARITH0.RSTCNT2[9:4] 0x21\n"));
    assert_non_null(strstr(text.data, "feed ARITH0.+0x400 0x11 0x22\n"));
    assert_non_null(strstr(text.data, "fill ARITH0.+0x400 0x1 0x2 0xffffffff\n"));
    assert_non_null(strstr(text.data, "poll STRENG5.CTRL.RUNNING 0x0 timeout 100\n"));
    assert_non_null(strstr(text.data, "write PAGE40.+0x4 0x5\n"));
    assert_non_null(strstr(text.data, "irq 0\npadding 6\n"));
    if (lp_ec_assemble(&arena, &diag, "text", text.data, text.length, &words, &count) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    assert_int_equal(count, LP_COUNT(padded));
    assert_memory_equal(words, padded, sizeof padded);
    lp_text_free(&text);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

/* Any program of known instructions survives; what is not one is refused without reading beyond its end. */
static void random_words_survive_or_are_refused(void **state)
{
    (void)state;
    static const uint32_t opcodes[] = {0, 1, 2, 3, 4, 12, 29, 7};
    uint32_t seed = 12345, survived = 0;
    for (int turn = 0; turn < 4000; turn++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_text text = {0};
        const uint32_t *back;
        size_t count;
        uint32_t length = 2 + (uint32_t)turn % 9, *words = malloc(length * sizeof *words);
        assert_non_null(words);
        for (uint32_t i = 0; i < length; i++) {
            seed = seed * 1664525u + 1013904223u;
            words[i] = (seed ^ seed >> 15) & ~31u;
            if (opcodes[seed >> 28 & 7] < 4 || turn % 3 == 0)
                words[i] &= ~(0x7feu << 5); /* short bursts and small fields more often */
            words[i] |= opcodes[seed >> 28 & 7];
        }
        words[0] = LP_EC_MAGIC;
        words[1] = length - 2;
        lp_status status = lp_ec_disassemble(&diag, "random", words, length, &text);
        if (status == LP_OK) {
            if (lp_ec_assemble(&arena, &diag, "random", lp_text_get(&text), text.length, &back, &count) != LP_OK)
                fail_msg("%s%s", lp_text_get(&diag.errors), text.data);
            assert_int_equal(count, length);
            assert_memory_equal(back, words, length * sizeof *words);
            survived++;
        } else {
            assert_int_equal(status, LP_BAD_INPUT);
        }
        free(words);
        lp_text_free(&text);
        lp_arena_free(&arena);
        lp_diag_free(&diag);
    }
    assert_true(survived > 300);
}

static void refuses_program(const uint32_t *words, size_t count, const char *message)
{
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    assert_int_not_equal(lp_ec_disassemble(&diag, "blob", words, count, &text), LP_OK);
    if (strstr(lp_text_get(&diag.errors), message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", lp_text_get(&diag.errors), message);
    lp_text_free(&text);
    lp_diag_free(&diag);
}

static void wrong_words_are_named_with_their_place(void **state)
{
    (void)state;
    const uint32_t unknown[] = {LP_EC_MAGIC, 2, 29, 30};
    const uint32_t cut[] = {LP_EC_MAGIC, 1, 31 << 10};
    const uint32_t bits[] = {LP_EC_MAGIC, 2, 1 << 15 | 31 << 10, 0};
    const uint32_t announced[] = {LP_EC_MAGIC, 9, 12};
    const uint32_t magic[] = {1, 2};
    const uint32_t version[] = {0xECBF0040, 0, 0, 0, 20, LP_EC_MAGIC, 0};
    const uint32_t offset[] = {0xECBF0050, 0, 0, 0, 400, LP_EC_MAGIC, 0};
    refuses_program(unknown, 4, "0x0000001e at word 1: the opcode is unknown");
    refuses_program(cut, 3, "the program ends within the instruction");
    refuses_program(bits, 4, "bits are set that have no meaning");
    refuses_program(announced, 3, "9 instruction words are announced, 1 are there");
    refuses_program(magic, 2, "not a program of the epoch controller");
    refuses_program(version, 7, "version 0x40");
    refuses_program(offset, 7, "the program is said to begin at byte 400");
}

static void relocatable_files_are_opened(void **state)
{
    (void)state;
    /* header, program of one irq, relocation table: one entry "io" in instruction word 0 */
    const uint32_t file[] = {0xECBF0020, 28, 0, 16, LP_EC_MAGIC, 1, 12, 1, 20, 1, 16, 0, 0x00006f69};
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    assert_int_equal(lp_ec_disassemble(&diag, "file", file, LP_COUNT(file), &text), LP_OK);
    assert_non_null(strstr(text.data, "; relocation 0 \"io\" in instruction words 0\n"));
    assert_non_null(strstr(text.data, "irq 0\n"));
    lp_text_free(&text);
    lp_diag_free(&diag);
}

/* Whole files, whatever surrounds the program. */
static void relocatable_files_survive(void **state)
{
    (void)state;
    const uint32_t file[] = {0xECBF0020, 28, 0, 16, LP_EC_MAGIC, 1, 12, 1, 20, 1, 16, 0, 0x00006f69};
    const uint32_t late[] = {0xECBF0050, 0, 0, 0, 24, 77, LP_EC_MAGIC, 1, 12, 0, 0};
    const uint32_t trailing[] = {LP_EC_MAGIC, 1, 12, 0, 5};
    const uint32_t empty[] = {LP_EC_MAGIC, 0, 5};
    const uint32_t padded[] = {LP_EC_MAGIC, 1, 1 | 7 << 10 | 6 << 13, 0, 0};
    const struct {
        const uint32_t *words;
        size_t count;
    } cases[] = {{file, LP_COUNT(file)},
                 {late, LP_COUNT(late)},
                 {trailing, LP_COUNT(trailing)},
                 {empty, LP_COUNT(empty)},
                 {padded, LP_COUNT(padded)}};
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_text text = {0};
        const uint32_t *back = NULL;
        size_t count = 0;
        assert_int_equal(lp_ec_disassemble(&diag, "file", cases[i].words, cases[i].count, &text), LP_OK);
        if (lp_ec_assemble(&arena, &diag, "text", text.data, text.length, &back, &count) != LP_OK)
            fail_msg("%s", lp_text_get(&diag.errors));
        assert_int_equal(count, cases[i].count);
        assert_memory_equal(back, cases[i].words, count * sizeof *back);
        lp_text_free(&text);
        lp_arena_free(&arena);
        lp_diag_free(&diag);
    }
}

static void refuses_text(const char *text, const char *message)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    const uint32_t *words;
    size_t count;
    assert_int_equal(lp_ec_assemble(&arena, &diag, "text", text, strlen(text), &words, &count), LP_BAD_INPUT);
    if (strstr(lp_text_get(&diag.errors), message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", lp_text_get(&diag.errors), message);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

static void wrong_text_is_named_with_its_line(void **state)
{
    (void)state;
    refuses_text("label 1\njump 3\n", "line 2: not an instruction: \"jump\"");
    refuses_text("write STRENG11.CTRL 1", "not a unit: \"STRENG11\"");
    refuses_text("write STRENG1.CONTROL 1", "not a register or field of that unit: \"STRENG1.CONTROL\"");
    refuses_text("write STRENG1.CTRL.GO 1", "not a register or field of that unit");
    refuses_text("write STRENG1.CTRL[3:9] 1", "not a range of bits");
    refuses_text("write STRENG1.CTRL 1 2", "wrong number of values");
    refuses_text("set STRENG1.CTRL.SIZE0 16", "fields and values of up to 8 bits");
    refuses_text("set ARITH0.+0x400 1", "registers below 0x80");
    refuses_text("write STRENG1.CTRL x", "not a number");
    refuses_text("program\nword 1", "raw words stand before");
    refuses_text("irq 0\nend\nirq 0", "only raw words may follow");
    refuses_text("program\nprogram", "a second");
    refuses_text("end", "no program is open");
    refuses_text("padding 64", "padding is up to 63 words");
    refuses_text("irq", "a number is missing behind \"irq\"");
}

static void headers_hold_arrays_of_words(void **state)
{
    (void)state;
    static const char header[] =
        "/* c */ #include <stdint.h>\nstatic const uint64_t _ec_blob_net_1[] __attribute__((aligned(64))) = {\n"
        " 0x00000001ca057a7aUL, 12 };\nvoid f(uint64_t x); static uint64_t other[2];\n"
        "const uint64_t __attribute__((aligned(64))) b[1] ={ // no, 0x9\n /* 1, */ 0x2ULL,};\n";
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_ec_blob *blobs;
    size_t count;
    if (lp_ec_read_header(&arena, &diag, "blobs.h", header, sizeof header - 1, &blobs, &count) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    assert_int_equal(count, 2);
    assert_string_equal(blobs[0].name, "_ec_blob_net_1");
    assert_int_equal(blobs[0].word_count, 4);
    assert_int_equal(blobs[0].words[0], LP_EC_MAGIC);
    assert_int_equal(blobs[0].words[1], 1);
    assert_string_equal(blobs[1].name, "b");
    assert_int_equal(blobs[1].word_count, 2);
    assert_int_equal(blobs[1].words[0], 2);
    assert_int_equal(lp_ec_read_header(&arena, &diag, "blobs.h", "uint64_t a[] = {1, x};", 22, &blobs, &count), LP_BAD_INPUT);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_text_and_the_same_words),
        cmocka_unit_test(random_words_survive_or_are_refused),
        cmocka_unit_test(wrong_words_are_named_with_their_place),
        cmocka_unit_test(relocatable_files_are_opened),
        cmocka_unit_test(relocatable_files_survive),
        cmocka_unit_test(wrong_text_is_named_with_its_line),
        cmocka_unit_test(headers_hold_arrays_of_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
