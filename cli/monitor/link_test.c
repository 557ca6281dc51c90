/* The monitor's lines against the simulated device, over TCP and over a pseudo terminal: every fault must be told by its name,
 * must cost exactly its poll, and must be over with the next one. */
#define _POSIX_C_SOURCE 200809L
#include "cli/monitor/link.h"

#include "cli/sensor/device.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_sensor_config sensor;
    struct lp_device device;
    struct lp_monitor_config config;
    struct lp_link link;
    pthread_t thread;
    volatile int stop;
    float values[LP_MONITOR_MAX_FEATURES];
};

static void *serve(void *argument)
{
    struct bench *b = argument;
    (void)lp_device_serve(&b->device, -1, &b->stop);
    return NULL;
}

static void pause_ms(int ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

/* Three channels: a constant, one that steps with each request, one in two registers of another kind of order. */
static void make_sensor(struct bench *b, enum lp_sensor_transport transport)
{
    struct lp_sensor_config *s = &b->sensor;
    *s = (struct lp_sensor_config){.transport = transport, .host = "127.0.0.1", .port = 0, .unit = 9, .control_address = 100};
    s->step_by_request = true;
    s->machine = (struct lp_machine){.channel_count = 3,
                                     .state_count = 2,
                                     .states = {"low", "high"},
                                     .sample_period_ms = 100,
                                     .normal = -1,
                                     .imbalance = -1,
                                     .bearing_wear = -1};
    for (uint32_t i = 0; i < 3; i++) {
        s->machine.channels[i] = (struct lp_machine_channel){
            .name = "c", .unit = "", .resolution = 1, .lag_samples = 1, .level = {100.0 * (i + 1), 200.0 * (i + 1)}};
        s->channels[i] = (struct lp_sensor_channel){(uint16_t)(10 * i), {LP_REGISTER_INT16, LP_ORDER_ABCD, 0.01, 0}};
    }
    s->channels[1].address = 1;
    s->channels[2].format = (struct lp_register_format){LP_REGISTER_FLOAT32, LP_ORDER_CDAB, 1, 0};
}

static void make_config(struct bench *b, bool tcp)
{
    struct lp_monitor_config *c = &b->config;
    *c = (struct lp_monitor_config){.line_count = 1, .device_count = 1, .feature_count = 3};
    c->lines[0] = (struct lp_monitor_line){.tcp = tcp, .host = "127.0.0.1", .baud = 115200, .parity = 'N', .stop_bits = 1};
    c->lines[0].device = b->device.pty.name;
    c->lines[0].port = strrchr(b->device.where, ':') + 1;
    c->devices[0] = (struct lp_monitor_device){.name = "d", .unit = 9, .timeout_ms = 60, .late_ms = 100, .reconnect_max_ms = 200};
    for (uint32_t i = 0; i < 3; i++)
        c->features[i] = (struct lp_monitor_feature){"f",
                                                     "",
                                                     0,
                                                     i == 2 ? LP_MODBUS_READ_HOLDING : LP_MODBUS_READ_INPUT,
                                                     b->sensor.channels[i].address,
                                                     b->sensor.channels[i].format};
    lp_monitor_plan_blocks(c);
    assert_int_equal(c->block_count, 2);
}

static void open_bench(struct bench *b, enum lp_sensor_transport transport)
{
    memset(b, 0, sizeof *b);
    make_sensor(b, transport);
    assert_int_equal(lp_device_open(&b->device, &b->sensor, &b->diag), LP_OK);
    make_config(b, transport == LP_SENSOR_TCP);
    lp_link_open(&b->link, &b->config, 0, -1);
    assert_int_equal(pthread_create(&b->thread, NULL, serve, b), 0);
}

static void close_bench(struct bench *b)
{
    b->stop = 1;
    pthread_join(b->thread, NULL);
    lp_link_close(&b->link);
    lp_device_close(&b->device);
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
}

static void expect_good_poll(struct bench *b)
{
    uint64_t fine = b->link.counters[0].faults[LP_POLL_FINE];
    lp_link_poll(&b->link, b->values);
    assert_int_equal(b->link.counters[0].faults[LP_POLL_FINE], fine + 1);
    assert_true(fabsf(b->values[0] - 100.0f) < 5.0f);
    assert_true(fabsf(b->values[1] - 200.0f) < 9.0f);
    assert_true(fabsf(b->values[2] - 300.0f) < 13.0f);
}

static void each_fault_has_its_class(enum lp_sensor_transport transport)
{
    static const struct {
        enum lp_sensor_fault fault;
        int64_t argument;
        enum lp_poll_fault tcp, rtu;
    } cases[] = {
        {LP_SENSOR_NO_ANSWER, -1, LP_POLL_NO_ANSWER, LP_POLL_NO_ANSWER},
        {LP_SENSOR_LATE_ANSWER, 100, LP_POLL_NO_ANSWER, LP_POLL_NO_ANSWER},
        {LP_SENSOR_WRONG_CRC, -1, LP_POLL_FINE, LP_POLL_WRONG_CRC},
        {LP_SENSOR_EXCEPTION, 4, LP_POLL_EXCEPTION, LP_POLL_EXCEPTION},
        {LP_SENSOR_SHORT_FRAME, -1, LP_POLL_SHORT_FRAME, LP_POLL_SHORT_FRAME},
        {LP_SENSOR_EXTRA_BYTES, -1, LP_POLL_EXTRA_BYTES, LP_POLL_EXTRA_BYTES},
        {LP_SENSOR_DISCONNECT, 50, LP_POLL_DISCONNECTED, LP_POLL_NO_ANSWER},
        {LP_SENSOR_WRONG_UNIT, -1, LP_POLL_WRONG_UNIT, LP_POLL_WRONG_UNIT},
        {LP_SENSOR_OUT_OF_RANGE, -1, LP_POLL_EXCEPTION, LP_POLL_EXCEPTION},
    };
    static struct bench b;
    open_bench(&b, transport);
    expect_good_poll(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum lp_poll_fault want = transport == LP_SENSOR_TCP ? cases[i].tcp : cases[i].rtu;
        struct lp_sensor_order order = {
            .kind = LP_ORDER_FAULT, .fault = cases[i].fault, .requests = 1, .argument = cases[i].argument};
        char said[100];
        uint64_t before = b.link.counters[0].faults[want];
        lp_device_order(&b.device, &order, said, sizeof said);
        lp_link_poll(&b.link, b.values);
        assert_int_equal(b.link.counters[0].faults[want], before + 1);
        assert_true(want == LP_POLL_FINE || isnan(b.values[0]));
        /* A refusal is an answer: the next request of the same poll still brings its registers. */
        assert_int_equal(isnan(b.values[2]) != 0, want != LP_POLL_FINE && want != LP_POLL_EXCEPTION);
        if (cases[i].fault == LP_SENSOR_LATE_ANSWER)
            pause_ms(60);
        expect_good_poll(&b);
    }
    assert_int_equal(b.link.counters[0].late_answers, 1);
    assert_int_equal(b.link.counters[0].last_exception, 2);
    uint64_t sum = 0;
    for (int f = 0; f < LP_POLL_FAULTS; f++)
        sum += b.link.counters[0].faults[f];
    assert_int_equal(sum, b.link.counters[0].polls);
    close_bench(&b);
}

static void each_fault_over_tcp_has_its_class(void **state)
{
    (void)state;
    each_fault_has_its_class(LP_SENSOR_TCP);
}

static void each_fault_over_a_serial_line_has_its_class(void **state)
{
    (void)state;
    each_fault_has_its_class(LP_SENSOR_PTY);
}

/* Each answer comes after its time-out but long before the one behind it: none may be taken for a later request's. */
static void late_answers_over_tcp_never_shift_the_values(void **state)
{
    (void)state;
    static struct bench b;
    char said[100];
    open_bench(&b, LP_SENSOR_TCP);
    expect_good_poll(&b);
    for (int round = 0; round < 3; round++) {
        struct lp_sensor_order late = {.kind = LP_ORDER_FAULT, .fault = LP_SENSOR_LATE_ANSWER, .requests = 1, .argument = 70};
        struct lp_sensor_order change = {.kind = LP_ORDER_STATE, .state = round % 2 == 0};
        lp_device_order(&b.device, &late, said, sizeof said);
        lp_link_poll(&b.link, b.values); /* times out */
        assert_true(isnan(b.values[0]));
        pause_ms(30); /* the late answer, with the values of before, lies in the socket now */
        lp_device_order(&b.device, &change, said, sizeof said);
        lp_link_poll(&b.link, b.values);
        assert_true(fabsf(b.values[0] - (round % 2 == 0 ? 200.0f : 100.0f)) < 10.0f);
    }
    assert_int_equal(b.link.counters[0].late_answers, 3);
    close_bench(&b);
}

static void a_device_that_is_away_is_tried_again_with_back_off(void **state)
{
    (void)state;
    static struct bench b;
    open_bench(&b, LP_SENSOR_TCP);
    expect_good_poll(&b);
    static char nowhere[] = "1"; /* nobody listens on port 1 */
    const char *port = b.config.lines[0].port;
    b.config.lines[0].port = nowhere;
    lp_link_close(&b.link);
    for (int i = 0; i < 40; i++) {
        lp_link_poll(&b.link, b.values);
        pause_ms(10);
    }
    /* Attempts at 0, 100 and 300 ms, the rest of the polls say that they did not try. */
    uint64_t attempts = b.link.counters[0].faults[LP_POLL_CANNOT_CONNECT];
    assert_in_range(attempts, 2, 4);
    assert_int_equal(b.link.counters[0].faults[LP_POLL_NOT_CONNECTED], 40 - attempts);
    b.config.lines[0].port = port;
    pause_ms(250);
    expect_good_poll(&b);
    assert_int_equal(b.link.counters[0].connects, 2);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_over_tcp_has_its_class),
        cmocka_unit_test(each_fault_over_a_serial_line_has_its_class),
        cmocka_unit_test(late_answers_over_tcp_never_shift_the_values),
        cmocka_unit_test(a_device_that_is_away_is_tried_again_with_back_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
