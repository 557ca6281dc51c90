#include "modbus/client.h"

#include "modbus/crc16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A device on virtual time: what it will send, byte by byte with the time of each. */
enum { LINE_BYTES = 2048, CHAR_US = 1146 /* 11 bits at 9600 baud */, GAP_US = 4011, TIMEOUT_US = 50000, STEP_US = 500 };

struct line {
    uint32_t now_us;
    uint8_t sent[64];
    uint32_t sent_count;
    uint32_t room; /* bytes that the port still takes */
    uint8_t bytes[LINE_BYTES];
    uint32_t at_us[LINE_BYTES];
    uint32_t count, next;
};

static uint32_t line_now(void *ctx)
{
    return ((struct line *)ctx)->now_us;
}

static uint32_t line_send(void *ctx, const uint8_t *bytes, uint32_t count)
{
    struct line *line = ctx;
    count = count < line->room ? count : line->room;
    assert_true(line->sent_count + count <= sizeof line->sent);
    memcpy(line->sent + line->sent_count, bytes, count);
    line->sent_count += count;
    line->room -= count;
    return count;
}

static uint32_t line_receive(void *ctx, uint8_t *bytes, uint32_t room)
{
    struct line *line = ctx;
    uint32_t got = 0;
    while (got < room && line->next < line->count && (int32_t)(line->now_us - line->at_us[line->next]) >= 0)
        bytes[got++] = line->bytes[line->next++];
    return got;
}

static void open_line(struct line *line, struct lp_modbus *client, uint32_t start_us)
{
    *line = (struct line){.now_us = start_us, .room = 1000};
    struct lp_modbus_config config = {
        .serial = {line, line_now, line_send, line_receive}, .baud = 9600, .timeout_us = TIMEOUT_US, .late_us = 2 * TIMEOUT_US};
    assert_int_equal(lp_modbus_open(client, &config), LP_OK);
    assert_int_equal(client->config.gap_us, GAP_US);
    line->now_us += GAP_US;
}

static void play(struct line *line, const uint8_t *bytes, uint32_t count, uint32_t start_us)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_true(line->count < LINE_BYTES);
        line->bytes[line->count] = bytes[i];
        line->at_us[line->count++] = start_us + i * CHAR_US;
    }
}

static const struct lp_modbus_request two_registers = {17, LP_MODBUS_READ_HOLDING, 107, 2};

static uint32_t right_answer(uint8_t *frame, uint16_t first)
{
    const uint8_t body[7] = {17, 3, 4, (uint8_t)(first >> 8), (uint8_t)(first & 0xff), 0x00, 0x05};
    memcpy(frame, body, 7);
    uint16_t crc = lp_crc16(frame, 7);
    frame[7] = (uint8_t)(crc & 0xff);
    frame[8] = (uint8_t)(crc >> 8);
    return 9;
}

/* Polls until the request ends; it must within a second of virtual time. */
static enum lp_modbus_result finish(struct line *line, struct lp_modbus *client)
{
    uint32_t start_us = line->now_us;
    for (;;) {
        enum lp_modbus_result result = lp_modbus_poll(client);
        if (result != LP_MODBUS_BUSY)
            return result;
        line->now_us += STEP_US;
        assert_true(line->now_us - start_us < 1000000);
    }
}

/* One request, with this answer beginning 5 ms after it; then a clean one must work. */
static enum lp_modbus_result ask(struct line *line, struct lp_modbus *client, const uint8_t *answer, uint32_t count)
{
    assert_int_equal(lp_modbus_begin(client, &two_registers), LP_OK);
    play(line, answer, count, line->now_us + 5000);
    return finish(line, client);
}

static void expect_recovery(struct line *line, struct lp_modbus *client)
{
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0xbeef);
    assert_int_equal(lp_modbus_begin(client, &two_registers), LP_OK);
    line->count = line->next = 0;
    line->sent_count = 0;
    enum lp_modbus_result result = LP_MODBUS_BUSY;
    uint32_t start_us = line->now_us;
    while (result == LP_MODBUS_BUSY && line->now_us - start_us < 1000000) {
        if (line->sent_count == LP_MODBUS_REQUEST_BYTES && line->count == 0)
            play(line, frame, length, line->now_us + 5000);
        result = lp_modbus_poll(client);
        line->now_us += STEP_US;
    }
    assert_int_equal(result, LP_MODBUS_FINE);
    assert_int_equal(client->registers[0], 0xbeef);
    assert_int_equal(client->registers[1], 5);
}

static void a_right_answer_is_taken_at_any_time_of_the_clock(void **state)
{
    (void)state;
    struct line line;
    struct lp_modbus client;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    for (uint32_t before_wrap_us = 0; before_wrap_us < 40000; before_wrap_us += 700) {
        open_line(&line, &client, UINT32_MAX - before_wrap_us);
        assert_int_equal(ask(&line, &client, frame, length), LP_MODBUS_FINE);
        assert_int_equal(client.registers[0], 0x1234);
        static const uint8_t want[8] = {17, 3, 0, 107, 0, 2, 0xb7, 0x47};
        assert_int_equal(line.sent_count, 8);
        assert_memory_equal(line.sent, want, 6);
        assert_int_equal(lp_crc16(line.sent, 8), 0);
        assert_int_equal(client.counters.results[LP_MODBUS_FINE], 1);
        assert_int_equal(client.counters.stray_bytes, 0);
    }
}

static void every_truncation_is_reported_and_survived(void **state)
{
    (void)state;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    for (uint32_t cut = 0; cut < length; cut++) {
        struct line line;
        struct lp_modbus client;
        open_line(&line, &client, 1000 * cut);
        enum lp_modbus_result want = cut == 0 ? LP_MODBUS_NO_ANSWER : LP_MODBUS_SHORT_FRAME;
        assert_int_equal(ask(&line, &client, frame, cut), want);
        assert_int_equal(client.counters.results[want], 1);
        expect_recovery(&line, &client);
    }
}

static void every_corruption_is_reported_and_survived(void **state)
{
    (void)state;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    for (uint32_t at = 0; at < length; at++)
        for (unsigned change = 1; change < 256; change++) {
            struct line line;
            struct lp_modbus client;
            uint8_t damaged[16];
            memcpy(damaged, frame, sizeof damaged);
            damaged[at] = (uint8_t)(damaged[at] ^ change);
            open_line(&line, &client, 77);
            assert_int_equal(ask(&line, &client, damaged, length), LP_MODBUS_BAD_CRC);
            expect_recovery(&line, &client);
        }
}

static void a_pause_inside_a_frame_ends_it_at_every_byte(void **state)
{
    (void)state;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    for (uint32_t at = 1; at < length; at++)
        for (uint32_t pause_us = GAP_US - 2000; pause_us <= GAP_US + 2000; pause_us += 4000) {
            struct line line;
            struct lp_modbus client;
            open_line(&line, &client, 0);
            assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
            play(&line, frame, at, line.now_us + 5000);
            play(&line, frame + at, length - at, line.at_us[at - 1] + pause_us);
            enum lp_modbus_result want = pause_us < GAP_US ? LP_MODBUS_FINE : LP_MODBUS_SHORT_FRAME;
            assert_int_equal(finish(&line, &client), want);
            if (want == LP_MODBUS_FINE)
                continue;
            /* The rest of the frame must not pass for the next answer. */
            line.now_us += 100000;
            assert_int_equal(lp_modbus_poll(&client), LP_MODBUS_BUSY);
            expect_recovery(&line, &client);
            assert_int_equal(client.counters.stray_bytes, length - at);
        }
}

static void bursts_are_allowed_where_the_port_says_so(void **state)
{
    (void)state;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    for (uint32_t at = 1; at < length; at++)
        for (uint32_t pause_us = 30000; pause_us <= 50000; pause_us += 20000) {
            struct line line;
            struct lp_modbus client;
            open_line(&line, &client, 0);
            client.config.pause_us = 40000;
            assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
            play(&line, frame, at, line.now_us + 5000);
            play(&line, frame + at, length - at, line.at_us[at - 1] + pause_us);
            assert_int_equal(finish(&line, &client), pause_us < 40000 ? LP_MODBUS_FINE : LP_MODBUS_SHORT_FRAME);
        }
    /* A whole frame does not wait for the longer time. */
    struct line line;
    struct lp_modbus client;
    open_line(&line, &client, 0);
    client.config.pause_us = 40000;
    assert_int_equal(ask(&line, &client, frame, length), LP_MODBUS_FINE);
    assert_true(line.now_us < 40000);
}

static void extra_bytes_are_seen(void **state)
{
    (void)state;
    for (uint32_t extra = 1; extra < 1000; extra += extra < 20 ? 1 : 111) {
        struct line line;
        struct lp_modbus client;
        static uint8_t frame[1024];
        memset(frame, 0xa5, sizeof frame);
        uint32_t length = right_answer(frame, 0x1234);
        open_line(&line, &client, 0);
        assert_int_equal(ask(&line, &client, frame, length + extra), LP_MODBUS_EXTRA_BYTES);
        line.now_us += 1500000; /* until the babbling is over */
        expect_recovery(&line, &client);
    }
}

static void a_late_answer_never_passes_for_the_next_one(void **state)
{
    (void)state;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x0bad);
    for (uint32_t late_us = TIMEOUT_US - 5000; late_us < 3 * TIMEOUT_US; late_us += 1000) {
        struct line line;
        struct lp_modbus client;
        open_line(&line, &client, 0);
        assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
        play(&line, frame, length, line.now_us + late_us);
        enum lp_modbus_result result = finish(&line, &client);
        if (result == LP_MODBUS_FINE) /* in time after all */
            continue;
        assert_int_equal(result, LP_MODBUS_NO_ANSWER);
        assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
        uint8_t right[16];
        bool answered = false;
        do {
            if (line.sent_count == 16 && !answered) {
                play(&line, right, right_answer(right, 0x600d), line.now_us + 5000);
                answered = true;
            }
            line.now_us += STEP_US;
            result = lp_modbus_poll(&client);
        } while (result == LP_MODBUS_BUSY);
        assert_int_equal(result, LP_MODBUS_FINE);
        assert_int_equal(client.registers[0], 0x600d);
        assert_int_equal(client.counters.stray_bytes, length);
    }
}

static void a_line_that_is_never_silent_ends_the_request(void **state)
{
    (void)state;
    struct line line;
    struct lp_modbus client;
    open_line(&line, &client, 0);
    static const uint8_t noise[400] = {0};
    play(&line, noise, sizeof noise, line.now_us - 100);
    assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
    assert_int_equal(finish(&line, &client), LP_MODBUS_LINE_BUSY);
    assert_int_equal(line.sent_count, 0);
    line.now_us += 1000000;
    expect_recovery(&line, &client);
}

static void a_port_that_takes_bytes_one_by_one_or_not_at_all(void **state)
{
    (void)state;
    struct line line;
    struct lp_modbus client;
    uint8_t frame[16];
    open_line(&line, &client, 0);
    line.room = 5;
    assert_int_equal(ask(&line, &client, NULL, 0), LP_MODBUS_SEND_FAILED);
    line.room = 0;
    line.sent_count = 0;
    line.now_us += 100000;
    assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(lp_modbus_poll(&client), LP_MODBUS_BUSY);
        line.room = 1;
        line.now_us += 100;
    }
    play(&line, frame, right_answer(frame, 9), line.now_us);
    assert_int_equal(finish(&line, &client), LP_MODBUS_FINE);
    assert_int_equal(line.sent_count, LP_MODBUS_REQUEST_BYTES);
    assert_int_equal(lp_crc16(line.sent, 8), 0);
}

static void a_caller_that_polls_late_takes_the_whole_answer(void **state)
{
    (void)state;
    struct line line;
    struct lp_modbus client;
    uint8_t frame[16];
    uint32_t length = right_answer(frame, 0x1234);
    open_line(&line, &client, 0);
    assert_int_equal(lp_modbus_begin(&client, &two_registers), LP_OK);
    while (line.sent_count == 0) {
        assert_int_equal(lp_modbus_poll(&client), LP_MODBUS_BUSY);
        line.now_us += STEP_US;
    }
    play(&line, frame, length, line.now_us + 1000);
    line.now_us += 2 * TIMEOUT_US; /* the caller ran a network meanwhile */
    assert_int_equal(finish(&line, &client), LP_MODBUS_FINE);
}

static void requests_and_configurations_out_of_range_are_refused(void **state)
{
    (void)state;
    struct line line;
    struct lp_modbus client;
    open_line(&line, &client, 0);
    static const struct lp_modbus_request bad[] = {
        {0, LP_MODBUS_READ_INPUT, 0, 1},   {248, LP_MODBUS_READ_INPUT, 0, 1},   {1, LP_MODBUS_READ_INPUT, 0, 0},
        {1, LP_MODBUS_READ_INPUT, 0, 126}, {1, LP_MODBUS_READ_INPUT, 65535, 2}, {1, (enum lp_modbus_function)5, 0, 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(lp_modbus_begin(&client, &bad[i]), LP_BAD_ARGUMENT);
    assert_int_equal(client.counters.requests, 0);
    const struct lp_modbus_request last = {247, LP_MODBUS_READ_INPUT, 65535, 1};
    assert_int_equal(lp_modbus_begin(&client, &last), LP_OK);
    assert_int_equal(lp_modbus_begin(&client, &last), LP_BUSY);
    for (int i = 0; i < 8; i++) {
        struct lp_modbus_config config = {.serial = {&line, line_now, line_send, line_receive}, .baud = 19200, .timeout_us = 1};
        switch (i) {
        case 0: config.serial.now_us = NULL; break;
        case 1: config.serial.send = NULL; break;
        case 2: config.serial.receive = NULL; break;
        case 3: config.baud = 299; break;
        case 4: config.timeout_us = 0; break;
        case 5: config.late_us = UINT32_MAX; break;
        case 6: config.pause_us = UINT32_MAX; break;
        default: config.gap_us = UINT32_MAX; break;
        }
        assert_int_equal(lp_modbus_open(&client, &config), LP_BAD_ARGUMENT);
    }
    struct lp_modbus_config fast = {.serial = {&line, line_now, line_send, line_receive}, .baud = 115200, .timeout_us = 1};
    assert_int_equal(lp_modbus_open(&client, &fast), LP_OK);
    assert_int_equal(client.config.gap_us, 1750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_answer_is_taken_at_any_time_of_the_clock),
        cmocka_unit_test(every_truncation_is_reported_and_survived),
        cmocka_unit_test(every_corruption_is_reported_and_survived),
        cmocka_unit_test(a_pause_inside_a_frame_ends_it_at_every_byte),
        cmocka_unit_test(bursts_are_allowed_where_the_port_says_so),
        cmocka_unit_test(extra_bytes_are_seen),
        cmocka_unit_test(a_late_answer_never_passes_for_the_next_one),
        cmocka_unit_test(a_line_that_is_never_silent_ends_the_request),
        cmocka_unit_test(a_port_that_takes_bytes_one_by_one_or_not_at_all),
        cmocka_unit_test(a_caller_that_polls_late_takes_the_whole_answer),
        cmocka_unit_test(requests_and_configurations_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
