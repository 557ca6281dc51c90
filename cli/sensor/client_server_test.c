/* The client for devices against other people's servers, through a pseudo terminal: libmodbus, and pymodbus when it is there. */
#define _GNU_SOURCE
#include "cli/sensor/pty.h"
#include "modbus/client.h"

#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { UNIT = 17, REGISTERS = 300 };

static uint32_t real_now_us(void *ctx)
{
    (void)ctx;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

static uint32_t fd_send(void *ctx, const uint8_t *bytes, uint32_t count)
{
    ssize_t put = write(*(int *)ctx, bytes, count);
    return put < 0 ? 0 : (uint32_t)put;
}

static uint32_t fd_receive(void *ctx, uint8_t *bytes, uint32_t room)
{
    ssize_t got = read(*(int *)ctx, bytes, room);
    return got < 0 ? 0 : (uint32_t)got;
}

static void open_client(struct lp_modbus *client, int *fd)
{
    assert_true(fcntl(*fd, F_SETFL, O_NONBLOCK) == 0);
    /* The other side is a process that may be held up: silence of 20 ms ends a frame. */
    struct lp_modbus_config config = {.serial = {fd, real_now_us, fd_send, fd_receive},
                                      .baud = 115200,
                                      .gap_us = 20000,
                                      .timeout_us = 500000,
                                      .late_us = 30000};
    assert_int_equal(lp_modbus_open(client, &config), LP_OK);
}

static enum lp_modbus_result ask(struct lp_modbus *client, uint8_t unit, enum lp_modbus_function function, uint16_t address,
                                 uint16_t count)
{
    const struct lp_modbus_request request = {unit, function, address, count};
    assert_int_equal(lp_modbus_begin(client, &request), LP_OK);
    for (;;) {
        enum lp_modbus_result result = lp_modbus_poll(client);
        if (result != LP_MODBUS_BUSY)
            return result;
        struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
}

/* Register n holds n * 257 as input and 65535 - n as holding register. */
static void expect_right_answers(struct lp_modbus *client)
{
    static const uint16_t counts[] = {1, 2, 10, 63, 125};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint16_t address = (uint16_t)(7 * i);
        assert_int_equal(ask(client, UNIT, LP_MODBUS_READ_INPUT, address, counts[i]), LP_MODBUS_FINE);
        for (uint16_t n = 0; n < counts[i]; n++)
            assert_int_equal(client->registers[n], (uint16_t)((address + n) * 257));
        assert_int_equal(ask(client, UNIT, LP_MODBUS_READ_HOLDING, address, counts[i]), LP_MODBUS_FINE);
        for (uint16_t n = 0; n < counts[i]; n++)
            assert_int_equal(client->registers[n], 65535 - (address + n));
    }
    assert_int_equal(ask(client, UNIT, LP_MODBUS_READ_INPUT, 5000, 4), LP_MODBUS_EXCEPTION);
    assert_int_equal(client->exception, 2);
    assert_int_equal(ask(client, UNIT, LP_MODBUS_READ_HOLDING, REGISTERS - 1, 1), LP_MODBUS_FINE);
    assert_int_equal(client->counters.stray_bytes, 0);
}

struct server {
    struct lp_pty pty;
    modbus_t *modbus;
    volatile int stop;
};

static void *serve(void *argument)
{
    struct server *s = argument;
    modbus_mapping_t *registers = modbus_mapping_new(0, 0, REGISTERS, REGISTERS);
    for (int n = 0; registers != NULL && n < REGISTERS; n++) {
        registers->tab_input_registers[n] = (uint16_t)(n * 257);
        registers->tab_registers[n] = (uint16_t)(65535 - n);
    }
    while (registers != NULL && !s->stop) {
        uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
        struct pollfd ready = {.fd = modbus_get_socket(s->modbus), .events = POLLIN};
        if (poll(&ready, 1, 20) <= 0)
            continue;
        int length = modbus_receive(s->modbus, request);
        if (length > 0)
            (void)modbus_reply(s->modbus, request, length, registers);
    }
    modbus_mapping_free(registers);
    return NULL;
}

static void libmodbus_is_understood(void **state)
{
    (void)state;
    struct server server = {0};
    struct lp_diag diag = {0};
    struct lp_modbus client;
    pthread_t thread;
    assert_int_equal(lp_pty_open(&server.pty, &diag), LP_OK);
    server.modbus = modbus_new_rtu(server.pty.name, 115200, 'N', 8, 1);
    assert_non_null(server.modbus);
    assert_int_equal(modbus_set_slave(server.modbus, UNIT), 0);
    assert_int_equal(modbus_connect(server.modbus), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, &server), 0);
    open_client(&client, &server.pty.master);
    expect_right_answers(&client);
    assert_int_equal(ask(&client, UNIT + 1, LP_MODBUS_READ_INPUT, 0, 1), LP_MODBUS_NO_ANSWER);
    /* libmodbus now expects the other unit's answer on the line, and takes the next frame for it. */
    (void)ask(&client, UNIT, LP_MODBUS_READ_INPUT, 1, 1);
    assert_int_equal(ask(&client, UNIT, LP_MODBUS_READ_INPUT, 1, 1), LP_MODBUS_FINE);
    server.stop = 1;
    pthread_join(thread, NULL);
    modbus_close(server.modbus);
    modbus_free(server.modbus);
    lp_pty_close(&server.pty);
}

static const char pymodbus_server[] =
    "import sys\n"
    "from pymodbus.server import StartSerialServer\n"
    "from pymodbus.framer.rtu_framer import ModbusRtuFramer\n"
    "from pymodbus.datastore import ModbusSequentialDataBlock as Block, ModbusSlaveContext, ModbusServerContext\n"
    "slave = ModbusSlaveContext(ir=Block(0, [n * 257 % 65536 for n in range(300)]), hr=Block(0, [65535 - n for n in "
    "range(300)]), zero_mode=True)\n"
    "StartSerialServer(context=ModbusServerContext(slaves={17: slave}, single=False), framer=ModbusRtuFramer, port=sys.argv[1], "
    "baudrate=115200)\n";

static int skipped;

static void pymodbus_is_understood(void **state)
{
    (void)state;
    if (system("/usr/bin/python3 -c 'import pymodbus.server, serial' >/dev/null 2>&1") != 0) {
        printf("SKIP pymodbus_is_understood: python3-pymodbus with python3-serial-asyncio is not installed\n");
        skipped++;
        skip();
    }
    struct lp_pty pty;
    struct lp_diag diag = {0};
    struct lp_modbus client;
    assert_int_equal(lp_pty_open(&pty, &diag), LP_OK);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/usr/bin/python3", "python3", "-c", pymodbus_server, pty.name, (char *)NULL);
        _exit(127);
    }
    open_client(&client, &pty.master);
    for (int i = 0; i < 20; i++) /* until it listens */
        if (ask(&client, UNIT, LP_MODBUS_READ_INPUT, 0, 1) == LP_MODBUS_FINE)
            break;
    client.counters.stray_bytes = 0;
    expect_right_answers(&client);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    lp_pty_close(&pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libmodbus_is_understood),
        cmocka_unit_test(pymodbus_is_understood),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed == 0 && skipped != 0 ? 77 : failed; /* 77: counted as skipped */
}
