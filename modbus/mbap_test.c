#include "modbus/mbap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct lp_modbus_request request = {17, LP_MODBUS_READ_HOLDING, 0x006b, 3};
static const uint8_t right[] = {0x15, 0x01, 0, 0, 0, 9, 17, 3, 6, 0x02, 0x2b, 0x00, 0x00, 0x00, 0x64};

/* The frames of the public specification's example. */
static void a_request_as_specified(void **state)
{
    (void)state;
    static const uint8_t expected[LP_MBAP_REQUEST_BYTES] = {0x15, 0x01, 0, 0, 0, 6, 17, 3, 0, 0x6b, 0, 3};
    uint8_t frame[LP_MBAP_REQUEST_BYTES];
    lp_mbap_write_request(&request, 0x1501, frame);
    assert_memory_equal(frame, expected, sizeof expected);
}

static enum lp_modbus_result judge(const uint8_t *frame, uint32_t length, uint16_t *registers, uint8_t *exception)
{
    memset(registers, 0xee, 2 * LP_MODBUS_MAX_REGISTERS);
    *exception = 0xee;
    return lp_mbap_read_answer(&request, 0x1501, frame, length, registers, exception);
}

static void a_right_answer(void **state)
{
    (void)state;
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception;
    assert_int_equal(judge(right, sizeof right, registers, &exception), LP_MODBUS_FINE);
    assert_int_equal(registers[0], 0x022b);
    assert_int_equal(registers[1], 0);
    assert_int_equal(registers[2], 100);
    assert_int_equal(registers[3], 0xeeee);
    assert_int_equal(lp_mbap_transaction(right, sizeof right), 0x1501);
    assert_int_equal(lp_mbap_transaction(right, 6), 0);
}

static void a_refusal(void **state)
{
    (void)state;
    static const uint8_t frame[] = {0x15, 0x01, 0, 0, 0, 3, 17, 0x83, 2};
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception;
    assert_int_equal(judge(frame, sizeof frame, registers, &exception), LP_MODBUS_EXCEPTION);
    assert_int_equal(exception, 2);
}

/* Any byte changed but those of the values, any length but the right one: refused, and nothing written. */
static void everything_else_is_refused(void **state)
{
    (void)state;
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception, frame[sizeof right];
    for (uint32_t length = 0; length < sizeof right; length++) {
        assert_int_equal(judge(right, length, registers, &exception), LP_MODBUS_WRONG_LENGTH);
        assert_int_equal(registers[0], 0xeeee);
    }
    for (size_t at = 0; at < 9; at++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(frame, right, sizeof frame);
            frame[at] ^= (uint8_t)(1 << bit);
            enum lp_modbus_result result = judge(frame, sizeof frame, registers, &exception);
            assert_int_equal(result, at == 6   ? LP_MODBUS_WRONG_UNIT
                                     : at == 7 ? LP_MODBUS_WRONG_FUNCTION
                                               : LP_MODBUS_WRONG_LENGTH);
            assert_int_equal(registers[0], 0xeeee);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_as_specified),
        cmocka_unit_test(a_right_answer),
        cmocka_unit_test(a_refusal),
        cmocka_unit_test(everything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
