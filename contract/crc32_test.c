#include "contract/crc32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms; the others are zlib's. */
static void known_vectors(void **state)
{
    (void)state;
    assert_int_equal(lp_crc32("123456789", 9), 0xcbf43926u);
    assert_int_equal(lp_crc32("", 0), 0u);
    assert_int_equal(lp_crc32("a", 1), 0xe8b7be43u);
    assert_int_equal(lp_crc32("The quick brown fox jumps over the lazy dog", 43), 0x414fa339u);
    static const uint8_t zeros[32];
    assert_int_equal(lp_crc32(zeros, sizeof zeros), 0x190a55adu);
}

/* Bit by bit, as the standard's shift register does it. */
static uint32_t bitwise(const uint8_t *bytes, size_t size_bytes)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size_bytes * 8; i++) {
        uint32_t bit = (crc ^ (uint32_t)(bytes[i / 8] >> (i % 8))) & 1;
        crc = (crc >> 1) ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void every_byte_and_length_agree_with_the_shift_register(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 167 + (i >> 8));
    for (size_t length = 0; length <= sizeof bytes; length++)
        assert_int_equal(lp_crc32(bytes, length), bitwise(bytes, length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors),
        cmocka_unit_test(every_byte_and_length_agree_with_the_shift_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
