/* Several lines at once, in real time: one that never answers must not cost the others a sample, nor hold up the end. */
#define _POSIX_C_SOURCE 200809L
#include "cli/monitor/source.h"

#include "cli/sensor/device.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct lp_sensor_config sensor;
static struct lp_device device;
static volatile int stop;

static void *serve(void *argument)
{
    (void)argument;
    (void)lp_device_serve(&device, -1, &stop);
    return NULL;
}

/* Connections are taken by the system and never answered. */
static int open_mute(char *port, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(port, room, "%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

static void a_mute_line_costs_the_others_nothing(void **state)
{
    (void)state;
    enum { SAMPLES = 20, PERIOD_US = 50000 };
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static struct lp_monitor_config c;
    struct lp_poller *poller = NULL;
    struct lp_device_counters good, mute;
    pthread_t thread;
    char port[16];
    sensor = (struct lp_sensor_config){.transport = LP_SENSOR_TCP, .host = "127.0.0.1", .unit = 1, .control_address = 100};
    sensor.machine = (struct lp_machine){.channel_count = 1,
                                         .state_count = 1,
                                         .states = {"on"},
                                         .sample_period_ms = 1000,
                                         .normal = -1,
                                         .imbalance = -1,
                                         .bearing_wear = -1};
    sensor.machine.channels[0] = (struct lp_machine_channel){.name = "c", .resolution = 1, .lag_samples = 1, .level = {50}};
    sensor.channels[0] = (struct lp_sensor_channel){0, {LP_REGISTER_INT16, LP_ORDER_ABCD, 1, 0}};
    assert_int_equal(lp_device_open(&device, &sensor, &diag), LP_OK);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    int mute_fd = open_mute(port, sizeof port);
    c = (struct lp_monitor_config){.line_count = 2, .device_count = 2, .feature_count = 2};
    for (uint32_t i = 0; i < 2; i++) {
        c.lines[i] = (struct lp_monitor_line){
            .tcp = true, .host = "127.0.0.1", .port = i == 0 ? strrchr(device.where, ':') + 1 : port};
        c.devices[i] = (struct lp_monitor_device){
            .name = "d", .line = i, .unit = 1, .timeout_ms = i == 0 ? 40 : 60000, .reconnect_max_ms = 100};
        c.features[i] = (struct lp_monitor_feature){
            "f", "", i, LP_MODBUS_READ_INPUT, 0, {LP_REGISTER_INT16, LP_ORDER_ABCD, 1, 0}};
    }
    lp_monitor_plan_blocks(&c);
    assert_int_equal(lp_poller_open(&arena, &diag, &c, &poller), LP_OK);
    struct lp_monitor_source source = lp_poller_source(poller);
    int64_t start_us = lp_monitor_real_clock.now_us(NULL);
    for (uint64_t tick = 0; tick < SAMPLES; tick++) {
        float values[2] = {0, 0};
        lp_monitor_real_clock.sleep_until_us(NULL, start_us + (int64_t)tick * PERIOD_US);
        source.sample(source.ctx, tick, start_us + (int64_t)(tick + 1) * PERIOD_US, values);
        assert_true(isnan(values[1]));
        assert_true(isnan(values[0]) || fabsf(values[0] - 50.0f) < 5.0f);
    }
    source.counters(source.ctx, 0, &good);
    source.counters(source.ctx, 1, &mute);
    assert_int_equal(good.polls, SAMPLES);
    assert_true(good.faults[LP_POLL_FINE] >= SAMPLES - 3); /* a busy PC may be late itself */
    /* The first request still waits; all other samples found the line busy. */
    assert_int_equal(mute.faults[LP_POLL_LATE], SAMPLES - 1);
    int64_t before_us = lp_monitor_real_clock.now_us(NULL);
    lp_poller_close(poller);
    assert_true(lp_monitor_real_clock.now_us(NULL) - before_us < 2000000); /* not the 60 s of its time-out */
    stop = 1;
    pthread_join(thread, NULL);
    lp_device_close(&device);
    close(mute_fd);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mute_line_costs_the_others_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
