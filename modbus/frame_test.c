#include "modbus/frame.h"

#include "modbus/crc16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The check value that catalogues of check sums give for CRC-16/MODBUS, and the frames of the specification's examples. */
static void the_check_sum_is_the_catalogued_one(void **state)
{
    (void)state;
    assert_int_equal(lp_crc16((const uint8_t *)"123456789", 9), 0x4b37);
    assert_int_equal(lp_crc16(NULL, 0), 0xffff);
    const uint8_t frame[] = {0x01, 0x04, 0x02, 0xff, 0xff, 0xb8, 0x80};
    assert_int_equal(lp_crc16(frame, 7), 0);
}

static void a_request_has_the_bytes_of_the_specification(void **state)
{
    (void)state;
    struct lp_modbus_request request = {0x11, LP_MODBUS_READ_HOLDING, 0x006b, 3};
    const uint8_t want[LP_MODBUS_REQUEST_BYTES] = {0x11, 0x03, 0x00, 0x6b, 0x00, 0x03, 0x76, 0x87};
    uint8_t frame[LP_MODBUS_REQUEST_BYTES];
    lp_modbus_write_request(&request, frame);
    assert_memory_equal(frame, want, sizeof want);
    assert_int_equal(lp_modbus_answer_bytes(&request), 11);
}

static uint32_t seal(uint8_t *frame, uint32_t length)
{
    uint16_t crc = lp_crc16(frame, length);
    frame[length] = (uint8_t)(crc & 0xff);
    frame[length + 1] = (uint8_t)(crc >> 8);
    return length + 2;
}

static enum lp_modbus_result judge(const uint8_t *frame, uint32_t length)
{
    struct lp_modbus_request request = {7, LP_MODBUS_READ_INPUT, 0, 2};
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception = 0;
    return lp_modbus_read_answer(&request, frame, length, registers, &exception);
}

static void a_right_answer_gives_its_registers(void **state)
{
    (void)state;
    struct lp_modbus_request request = {7, LP_MODBUS_READ_INPUT, 0, 2};
    uint8_t frame[16] = {7, 4, 4, 0x12, 0x34, 0xff, 0x00};
    uint16_t registers[LP_MODBUS_MAX_REGISTERS] = {0};
    uint8_t exception = 0;
    assert_int_equal(lp_modbus_read_answer(&request, frame, seal(frame, 7), registers, &exception), LP_MODBUS_FINE);
    assert_int_equal(registers[0], 0x1234);
    assert_int_equal(registers[1], 0xff00);
    uint8_t refusal[8] = {7, 0x84, 2};
    assert_int_equal(lp_modbus_read_answer(&request, refusal, seal(refusal, 3), registers, &exception), LP_MODBUS_EXCEPTION);
    assert_int_equal(exception, 2);
}

static void every_kind_of_wrong_frame_has_its_class(void **state)
{
    (void)state;
    uint8_t other_unit[16] = {8, 4, 4, 1, 2, 3, 4};
    assert_int_equal(judge(other_unit, seal(other_unit, 7)), LP_MODBUS_WRONG_UNIT);
    uint8_t other_function[16] = {7, 3, 4, 1, 2, 3, 4};
    assert_int_equal(judge(other_function, seal(other_function, 7)), LP_MODBUS_WRONG_FUNCTION);
    uint8_t other_refusal[16] = {7, 0x83, 2};
    assert_int_equal(judge(other_refusal, seal(other_refusal, 3)), LP_MODBUS_WRONG_FUNCTION);
    uint8_t fewer[16] = {7, 4, 2, 1, 2};
    assert_int_equal(judge(fewer, seal(fewer, 5)), LP_MODBUS_WRONG_LENGTH);
    uint8_t more[16] = {7, 4, 6, 1, 2, 3, 4, 5, 6};
    assert_int_equal(judge(more, seal(more, 9)), LP_MODBUS_WRONG_LENGTH);
    uint8_t lying_count[16] = {7, 4, 3, 1, 2, 3, 4};
    assert_int_equal(judge(lying_count, seal(lying_count, 7)), LP_MODBUS_WRONG_LENGTH);
    uint8_t long_refusal[16] = {7, 0x84, 2, 0};
    assert_int_equal(judge(long_refusal, seal(long_refusal, 4)), LP_MODBUS_WRONG_LENGTH);
    uint8_t extra[16] = {7, 4, 4, 1, 2, 3, 4};
    uint32_t length = seal(extra, 7);
    extra[length] = 0x55;
    assert_int_equal(judge(extra, length + 1), LP_MODBUS_EXTRA_BYTES);
    uint8_t refusal_extra[16] = {7, 0x84, 2};
    length = seal(refusal_extra, 3);
    refusal_extra[length] = 0x55;
    assert_int_equal(judge(refusal_extra, length + 1), LP_MODBUS_EXTRA_BYTES);
    static const uint8_t noise[4] = {0xff, 0xff, 0xff, 0xff};
    assert_int_equal(judge(noise, 4), LP_MODBUS_BAD_CRC);
    assert_int_equal(judge(noise, 0), LP_MODBUS_NO_ANSWER);
    assert_int_equal(judge(noise, LP_MODBUS_MAX_FRAME_BYTES + 1), LP_MODBUS_EXTRA_BYTES);
}

/* CRC-16 finds every error of up to 16 bits in a row: no changed byte and no missing end may pass for the answer. */
static void no_truncation_and_no_corruption_passes(void **state)
{
    (void)state;
    uint8_t frame[16] = {7, 4, 4, 0xa5, 0x5a, 0x00, 0xff};
    uint32_t length = seal(frame, 7);
    for (uint32_t cut = 0; cut < length; cut++) {
        enum lp_modbus_result result = judge(frame, cut);
        assert_int_equal(result, cut == 0 ? LP_MODBUS_NO_ANSWER : LP_MODBUS_SHORT_FRAME);
    }
    for (uint32_t at = 0; at < length; at++)
        for (unsigned change = 1; change < 256; change++) {
            uint8_t damaged[16];
            memcpy(damaged, frame, sizeof damaged);
            damaged[at] = (uint8_t)(damaged[at] ^ change);
            enum lp_modbus_result result = judge(damaged, length);
            assert_int_equal(result, LP_MODBUS_BAD_CRC);
        }
}

static void every_result_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < LP_MODBUS_RESULTS; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(lp_modbus_result_name((enum lp_modbus_result)i),
                                    lp_modbus_result_name((enum lp_modbus_result)j));
    assert_string_equal(lp_modbus_result_name(LP_MODBUS_BUSY), "busy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_sum_is_the_catalogued_one),    cmocka_unit_test(a_request_has_the_bytes_of_the_specification),
        cmocka_unit_test(a_right_answer_gives_its_registers),     cmocka_unit_test(every_kind_of_wrong_frame_has_its_class),
        cmocka_unit_test(no_truncation_and_no_corruption_passes), cmocka_unit_test(every_result_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
