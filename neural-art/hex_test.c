#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/hex.h"

/* What arrived, as "address:bytes;" texts. */
static lp_status keep(void *ctx, uint64_t address, const uint8_t *bytes, size_t count)
{
    struct lp_text *text = ctx;
    lp_text_printf(text, "%llx:", (unsigned long long)address);
    for (size_t i = 0; i < count; i++)
        lp_text_printf(text, "%02x", bytes[i]);
    lp_text_printf(text, ";");
    return bytes[0] == 0xee ? LP_MEMORY_FAULT : LP_OK;
}

static void reads(const char *hex, const char *expected)
{
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    if (lp_hex_read(&diag, "a.hex", (const uint8_t *)hex, strlen(hex), keep, &text) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    assert_string_equal(lp_text_get(&text), expected);
    lp_text_free(&text);
    lp_diag_free(&diag);
}

static void refuses(const char *hex, const char *message)
{
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    assert_int_equal(lp_hex_read(&diag, "a.hex", (const uint8_t *)hex, strlen(hex), keep, &text), LP_BAD_INPUT);
    if (strstr(lp_text_get(&diag.errors), message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", lp_text_get(&diag.errors), message);
    lp_text_free(&text);
    lp_diag_free(&diag);
}

/* The first record is the example of Wikipedia's article on the format. */
static void records_carry_their_addresses(void **state)
{
    (void)state;
    reads(":0B0010006164647265737320676170A7\n:00000001FF\n", "10:6164647265737320676170;");
    reads(":020000047038"
          "52\r\n:020004000A0Be5\r\n\r\n:00000001FF\r\nanything",
          "70380004:0a0b;");
    reads(":020000021200EA\n:0100050001F9\n:0400000300003800C1\n:00000001FF", "12005:01;");
    reads(":0400000508000131BD\n:0000000000\n:00000001FF", "");
}

static void what_is_no_record_is_named_with_its_line(void **state)
{
    (void)state;
    refuses(":0100050001F9\n", "without an end record");
    refuses("", "without an end record");
    refuses("hello\n", "line 1 is no record of Intel hex: it does not begin with a colon");
    refuses("\n:0100050001F8\n", "line 2 is no record of Intel hex: its sum is wrong");
    refuses(":01000500010\n", "a wrong length");
    refuses(":0200050001F8\n", "another length than it says");
    refuses(":01000500G1F9\n", "no hexadecimal digit");
    refuses(":00000006FA\n", "its type is unknown");
    refuses(":0100000401FA\n", "its type is unknown");
    refuses(":", "a wrong length");
}

static void the_receiver_may_stop(void **state)
{
    (void)state;
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    static const char hex[] = ":01000500EE0C\n:0100050001F9\n:00000001FF\n";
    assert_int_equal(lp_hex_read(&diag, "a.hex", (const uint8_t *)hex, sizeof hex - 1, keep, &text), LP_MEMORY_FAULT);
    assert_string_equal(lp_text_get(&text), "5:ee;");
    lp_text_free(&text);
    lp_diag_free(&diag);
}

struct image {
    uint64_t base;
    uint8_t bytes[300];
    size_t count;
};

static lp_status gather(void *ctx, uint64_t address, const uint8_t *bytes, size_t count)
{
    struct image *image = ctx;
    assert_int_equal(address, image->base + image->count);
    memcpy(image->bytes + image->count, bytes, count);
    image->count += count;
    return LP_OK;
}

/* Over a boundary of 64 KiB, where the upper half of the address has to be said anew. */
static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    struct image image = {.base = 0x7103ffc3};
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + i / 7);
    lp_hex_write(&text, (uint32_t)image.base, bytes, sizeof bytes);
    assert_int_equal(lp_hex_read(&diag, "x", (const uint8_t *)text.data, text.length, gather, &image), LP_OK);
    assert_int_equal(image.count, sizeof bytes);
    assert_memory_equal(image.bytes, bytes, sizeof bytes);
    /* Sums by hand: 02+04+71 and 02+01+ff add up to 77 and 102. */
    lp_text_free(&text);
    text = (struct lp_text){0};
    lp_hex_write(&text, 0x71000000, (const uint8_t *)"\x01\xff", 2);
    assert_string_equal(text.data, ":020000047100"
                                   "89\n:0200000001FFFE\n:00000001FF\n");
    lp_text_free(&text);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_carry_their_addresses),
        cmocka_unit_test(what_is_no_record_is_named_with_its_line),
        cmocka_unit_test(the_receiver_may_stop),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
