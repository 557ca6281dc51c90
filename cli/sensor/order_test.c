#include "cli/sensor/answer.h"

#include "modbus/crc16.h"
#include "modbus/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct lp_machine machine = {.channel_count = 3, .state_count = 2, .states = {"idle", "busy"}};

static void orders_are_read_with_their_defaults(void **state)
{
    (void)state;
    struct lp_sensor_order order;
    char allowed[512];
    assert_true(lp_sensor_read_order(&machine, " state  busy\n", &order, allowed, sizeof allowed));
    assert_int_equal(order.kind, LP_ORDER_STATE);
    assert_int_equal(order.state, 1);
    assert_true(lp_sensor_read_order(&machine, "quit", &order, allowed, sizeof allowed));
    assert_int_equal(order.kind, LP_ORDER_QUIT);
    for (int fault = 0; fault < LP_SENSOR_FAULTS; fault++) {
        char text[64];
        snprintf(text, sizeof text, "fault %s", lp_sensor_fault_names[fault]);
        assert_true(lp_sensor_read_order(&machine, text, &order, allowed, sizeof allowed));
        assert_int_equal(order.kind, LP_ORDER_FAULT);
        assert_int_equal(order.fault, fault);
        assert_int_equal(order.requests, 1);
        assert_int_equal(order.argument, -1);
    }
    assert_true(lp_sensor_read_order(&machine, "fault exception 7 11", &order, allowed, sizeof allowed));
    assert_int_equal(order.requests, 7);
    assert_int_equal(order.argument, 11);
}

static void orders_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *allowed;
    } cases[] = {
        {"", "'state NAME', 'fault NAME [REQUESTS [ARGUMENT]]' or 'quit'"},
        {"stat busy", "'state NAME', 'fault NAME [REQUESTS [ARGUMENT]]' or 'quit'"},
        {"state asleep", "state idle, busy"},
        {"fault rain",
         "fault none, no-answer, late-answer, wrong-crc, exception, short-frame, extra-bytes, disconnect, wrong-unit, "
         "value-jump, out-of-range"},
        {"fault no-answer 0", "a number of requests from 1 to 1000000"},
        {"fault no-answer x", "a number of requests from 1 to 1000000"},
        {"fault exception 1 256", "an argument of the fault up to 255"},
        {"fault value-jump 1 3", "an argument of the fault up to 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lp_sensor_order order;
        char allowed[512] = "";
        assert_false(lp_sensor_read_order(&machine, cases[i].text, &order, allowed, sizeof allowed));
        assert_string_equal(allowed, cases[i].allowed);
    }
}

/* The client for devices judges the serial answers: two pieces of code that were written apart. */
static void answers_are_right_until_damaged(void **state)
{
    (void)state;
    const struct lp_modbus_request request = {5, LP_MODBUS_READ_INPUT, 100, 2};
    const uint16_t registers[2] = {0x1234, 0xfedc};
    uint16_t read[LP_MODBUS_MAX_REGISTERS];
    uint8_t bytes[LP_MODBUS_REQUEST_BYTES], answer[LP_ANSWER_MAX_BYTES], code = 0;
    static const struct {
        enum lp_sensor_fault fault;
        enum lp_modbus_result want;
    } cases[] = {
        {LP_SENSOR_HEALTHY, LP_MODBUS_FINE},
        {LP_SENSOR_WRONG_CRC, LP_MODBUS_BAD_CRC},
        {LP_SENSOR_SHORT_FRAME, LP_MODBUS_SHORT_FRAME},
        {LP_SENSOR_EXTRA_BYTES, LP_MODBUS_EXTRA_BYTES},
        {LP_SENSOR_WRONG_UNIT, LP_MODBUS_WRONG_UNIT},
    };
    lp_modbus_write_request(&request, bytes);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t length = lp_answer_build(bytes, sizeof bytes, false, registers, 2, answer);
        assert_int_equal(length, 9);
        length = lp_answer_damage(cases[i].fault, false, answer, length);
        assert_int_equal(lp_modbus_read_answer(&request, answer, length, read, &code), cases[i].want);
    }
    assert_int_equal(read[0], 0x1234);
    assert_int_equal(read[1], 0xfedc);
}

static void tcp_answers_repeat_the_number_and_tell_their_length(void **state)
{
    (void)state;
    const uint8_t request[12] = {0xab, 0xcd, 0, 0, 0, 6, 5, 3, 0, 1, 0, 1};
    const uint16_t registers[1] = {0x0102};
    const uint8_t want[11] = {0xab, 0xcd, 0, 0, 0, 5, 5, 3, 2, 1, 2};
    uint8_t answer[LP_ANSWER_MAX_BYTES];
    assert_int_equal(lp_answer_build(request, 12, true, registers, 1, answer), 11);
    assert_memory_equal(answer, want, sizeof want);
    assert_int_equal(lp_answer_damage(LP_SENSOR_WRONG_UNIT, true, answer, 11), 11);
    assert_int_equal(answer[6], 6);
    uint8_t write_request[12] = {0, 1, 0, 0, 0, 6, 5, 6, 0, 1, 0, 1};
    assert_int_equal(lp_answer_build(write_request, 12, true, registers, 1, answer), 0);
    assert_int_equal(lp_answer_build(request, 11, true, registers, 1, answer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_read_with_their_defaults),
        cmocka_unit_test(orders_that_make_no_sense_are_refused),
        cmocka_unit_test(answers_are_right_until_damaged),
        cmocka_unit_test(tcp_answers_repeat_the_number_and_tell_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
