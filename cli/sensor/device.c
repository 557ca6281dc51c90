#define _POSIX_C_SOURCE 200809L
#include "cli/sensor/device.h"

#include "cli/sensor/answer.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FOREVER_MS = 100, MAX_LINE = 200 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void publish(struct lp_device *d)
{
    struct lp_sensor_config *c = d->config;
    for (uint32_t i = 0; i < c->machine.channel_count; i++) {
        double value = c->machine.channels[i].value;
        if (d->fault == LP_SENSOR_VALUE_JUMP && (d->fault_argument < 0 ? 0 : d->fault_argument) == (int64_t)i)
            value *= 10.0;
        const struct lp_sensor_channel *channel = &c->channels[i];
        lp_register_encode(&channel->format, value, d->registers->tab_input_registers + channel->address);
        lp_register_encode(&channel->format, value, d->registers->tab_registers + channel->address);
    }
    d->registers->tab_registers[c->control_address + 1] = (uint16_t)c->machine.state;
}

void lp_device_order(struct lp_device *d, const struct lp_sensor_order *order, char *said, size_t said_bytes)
{
    said[0] = '\0';
    if (order->kind == LP_ORDER_QUIT) {
        d->quit = true;
        snprintf(said, said_bytes, "quit");
    } else if (order->kind == LP_ORDER_STATE) {
        lp_machine_set_state(&d->config->machine, order->state);
        publish(d);
        snprintf(said, said_bytes, "state %s", d->config->machine.states[order->state]);
    } else if (order->fault == LP_SENSOR_WRONG_CRC && d->config->transport == LP_SENSOR_TCP) {
        snprintf(said, said_bytes, "refused: TCP frames have no CRC");
    } else {
        d->fault = order->fault;
        d->fault_requests = order->fault == LP_SENSOR_HEALTHY ? 0 : order->requests;
        d->fault_argument = order->argument;
        publish(d);
        snprintf(said, said_bytes, "fault %s for %u requests", lp_sensor_fault_names[order->fault], (unsigned)d->fault_requests);
    }
}

/* The script's time: with a sample for each request it is the machine's, so that a script meets the same samples always. */
static int64_t elapsed_ms(const struct lp_device *d)
{
    return d->config->step_by_request ? (int64_t)d->steps * d->config->machine.sample_period_ms : now_ms() - d->start_ms;
}

static void say(struct lp_device *d, const char *what)
{
    printf("%.3f %s, request %u\n", (double)elapsed_ms(d) / 1000.0, what, (unsigned)d->requests);
    fflush(stdout);
}

/* Writes to the control registers are orders. */
static void obey_registers(struct lp_device *d, const uint8_t *request, uint32_t head)
{
    uint8_t function = request[head + 1];
    if (function != 6 && function != 16)
        return;
    uint32_t address = (uint32_t)request[head + 2] << 8 | request[head + 3];
    uint32_t count = function == 6 ? 1 : (uint32_t)request[head + 4] << 8 | request[head + 5];
    struct lp_sensor_config *c = d->config;
    char said[120];
    uint16_t control = d->registers->tab_registers[c->control_address];
    uint16_t state = d->registers->tab_registers[c->control_address + 1];
    if (address <= c->control_address && address + count > c->control_address && (control & 0xff) < LP_SENSOR_FAULTS) {
        struct lp_sensor_order order = {.kind = LP_ORDER_FAULT, .fault = (enum lp_sensor_fault)(control & 0xff), .argument = -1};
        order.requests = control >> 8 == 0 ? 1u : control >> 8;
        lp_device_order(d, &order, said, sizeof said);
        say(d, said);
    }
    if (address <= c->control_address + 1u && address + count > c->control_address + 1u && state < c->machine.state_count) {
        struct lp_sensor_order order = {.kind = LP_ORDER_STATE, .state = state};
        lp_device_order(d, &order, said, sizeof said);
        say(d, said);
    }
}

static void sleep_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

static void write_all(int fd, const uint8_t *bytes, size_t count)
{
    while (count != 0) {
        ssize_t put = write(fd, bytes, count);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return; /* the other side is gone: the next read says so */
        bytes += put;
        count -= (size_t)put;
    }
}

/* The right answer, damaged by hand and sent past libmodbus. */
static void send_damaged(struct lp_device *d, int fd, const uint8_t *request, int length, enum lp_sensor_fault fault)
{
    bool tcp = d->config->transport == LP_SENSOR_TCP;
    const uint8_t *body = request + (tcp ? 6 : 0);
    uint32_t address = (uint32_t)body[2] << 8 | body[3], count = (uint32_t)body[4] << 8 | body[5];
    uint8_t answer[LP_ANSWER_MAX_BYTES];
    if (count == 0 || address + count > d->top_register) {
        (void)modbus_reply(d->modbus, request, length, d->registers);
        return;
    }
    const uint16_t *bank = body[1] == 4 ? d->registers->tab_input_registers : d->registers->tab_registers;
    uint32_t bytes = lp_answer_build(request, (uint32_t)length, tcp, bank + address, count, answer);
    if (bytes != 0)
        write_all(fd, answer, lp_answer_damage(fault, tcp, answer, bytes));
}

static int64_t argument_or(const struct lp_device *d, int64_t standard)
{
    return d->fault_argument < 0 ? standard : d->fault_argument;
}

static bool answer_with_fault(struct lp_device *d, int fd, const uint8_t *request, int length)
{
    bool tcp = d->config->transport == LP_SENSOR_TCP;
    switch (d->fault) {
    case LP_SENSOR_NO_ANSWER: return true;
    case LP_SENSOR_DISCONNECT:
        if (!tcp)
            d->deaf_until_ms = now_ms() + argument_or(d, 500);
        return !tcp;
    case LP_SENSOR_LATE_ANSWER:
        sleep_ms(argument_or(d, 300));
        (void)modbus_reply(d->modbus, request, length, d->registers);
        return true;
    case LP_SENSOR_EXCEPTION: (void)modbus_reply_exception(d->modbus, request, (unsigned)argument_or(d, 4)); return true;
    case LP_SENSOR_OUT_OF_RANGE:
        (void)modbus_reply_exception(d->modbus, request, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
        return true;
    case LP_SENSOR_VALUE_JUMP: (void)modbus_reply(d->modbus, request, length, d->registers); return true;
    default: send_damaged(d, fd, request, length, d->fault); return true;
    }
}

/* Carries out the orders that are due; returns how long there is none, at most FOREVER_MS. */
static int64_t follow_script(struct lp_device *d)
{
    const struct lp_sensor_config *c = d->config;
    while (d->next_order < c->order_count && !d->quit) {
        const struct lp_sensor_order *order = &c->orders[d->next_order];
        int64_t left_ms = (int64_t)(order->at_s * 1000.0) - elapsed_ms(d);
        if (left_ms > 0)
            return left_ms < FOREVER_MS ? left_ms : FOREVER_MS;
        char said[200];
        lp_device_order(d, order, said, sizeof said);
        say(d, said);
        d->next_order++;
    }
    return FOREVER_MS;
}

static bool answer_request(struct lp_device *d, int fd, const uint8_t *request, int length)
{
    uint32_t head = d->config->transport == LP_SENSOR_TCP ? 6 : 0;
    if (request[head] != d->config->unit)
        return true; /* for another unit: silence */
    bool reads = request[head + 1] == 3 || request[head + 1] == 4;
    d->requests++;
    if (reads && d->config->step_by_request) {
        lp_machine_step(&d->config->machine);
        d->steps++;
        (void)follow_script(d);
        publish(d);
    }
    if (reads && d->fault_requests != 0) {
        d->faulted++;
        bool goes_on = answer_with_fault(d, fd, request, length);
        if (--d->fault_requests == 0)
            d->fault = LP_SENSOR_HEALTHY;
        publish(d);
        return goes_on;
    }
    (void)modbus_reply(d->modbus, request, length, d->registers);
    obey_registers(d, request, head);
    return true;
}

bool lp_device_answer(struct lp_device *d, int fd)
{
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(d->modbus, fd);
    int length = modbus_receive(d->modbus, request);
    if (now_ms() < d->deaf_until_ms)
        return true;
    if (length > 0)
        return answer_request(d, fd, request, length);
    if (d->config->transport == LP_SENSOR_TCP)
        return length == 0;
    if (length < 0)
        (void)modbus_flush(d->modbus);
    return errno != EBADF && errno != EIO;
}

static void accept_client(struct lp_device *d)
{
    int fd = accept(d->listener, NULL, NULL);
    if (fd < 0)
        return;
    if (d->client_count == LP_DEVICE_MAX_CLIENTS)
        close(fd);
    else
        d->clients[d->client_count++] = fd;
}

static void read_orders(struct lp_device *d, int *input_fd)
{
    char line[MAX_LINE], allowed[512], said[700];
    ssize_t got = read(*input_fd, line, sizeof line - 1);
    if (got <= 0) {
        *input_fd = -1; /* the end of standard input is not the end of the device */
        return;
    }
    line[got] = '\0';
    char *rest = NULL;
    for (char *text = strtok_r(line, "\n", &rest); text != NULL; text = strtok_r(NULL, "\n", &rest)) {
        struct lp_sensor_order order;
        if (lp_sensor_read_order(&d->config->machine, text, &order, allowed, sizeof allowed))
            lp_device_order(d, &order, said, sizeof said);
        else
            snprintf(said, sizeof said, "refused: '%.100s': allowed is %s", text, allowed);
        say(d, said);
    }
}

/* Samples that are due; returns how long nothing else is. */
static int keep_time(struct lp_device *d)
{
    struct lp_sensor_config *c = d->config;
    int64_t wait = follow_script(d), now = now_ms();
    bool stepped = false;
    while (!c->step_by_request && d->next_sample_ms <= now) {
        lp_machine_step(&c->machine);
        d->next_sample_ms += c->machine.sample_period_ms;
        stepped = true;
    }
    if (stepped)
        publish(d);
    if (!c->step_by_request && d->next_sample_ms - now < wait)
        wait = d->next_sample_ms - now;
    return (int)wait;
}

static void serve_ready(struct lp_device *d, const struct pollfd *ready, uint32_t count)
{
    for (uint32_t i = count; i-- > 0;) {
        if ((ready[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0 || lp_device_answer(d, ready[i].fd))
            continue;
        if (d->config->transport != LP_SENSOR_TCP) {
            d->quit = true; /* the serial port is gone */
            continue;
        }
        close(d->clients[i]);
        d->clients[i] = d->clients[--d->client_count];
    }
}

lp_status lp_device_serve(struct lp_device *d, int input_fd, const volatile int *stop)
{
    d->start_ms = now_ms();
    d->next_sample_ms = d->start_ms + d->config->machine.sample_period_ms;
    while (!d->quit && !*stop) {
        struct pollfd ready[LP_DEVICE_MAX_CLIENTS + 2];
        int wait = keep_time(d);
        for (uint32_t i = 0; i < d->client_count; i++)
            ready[i] = (struct pollfd){.fd = d->clients[i], .events = POLLIN};
        uint32_t clients = d->client_count;
        ready[clients] = (struct pollfd){.fd = d->listener, .events = POLLIN};
        ready[clients + 1] = (struct pollfd){.fd = input_fd, .events = POLLIN};
        if (d->quit)
            break;
        int count = poll(ready, clients + 2, wait);
        if (count < 0 && errno != EINTR)
            return lp_error(d->diag, LP_IO, "%s: %s", d->where, strerror(errno));
        if (count <= 0)
            continue;
        (void)keep_time(d);
        serve_ready(d, ready, clients);
        if (d->listener >= 0 && (ready[clients].revents & POLLIN) != 0)
            accept_client(d);
        if (ready[clients + 1].revents != 0)
            read_orders(d, &input_fd);
    }
    return LP_OK;
}

static lp_status open_tcp(struct lp_device *d)
{
    const struct lp_sensor_config *c = d->config;
    d->modbus = modbus_new_tcp(c->host, c->port);
    if (d->modbus == NULL)
        return lp_error(d->diag, LP_BAD_INPUT, "cannot listen on %s:%u: %s", c->host, c->port, modbus_strerror(errno));
    d->listener = modbus_tcp_listen(d->modbus, LP_DEVICE_MAX_CLIENTS);
    if (d->listener < 0)
        return lp_error(d->diag, LP_IO, "cannot listen on %s:%u: %s", c->host, c->port, modbus_strerror(errno));
    struct sockaddr_in bound = {0};
    socklen_t size = sizeof bound;
    if (getsockname(d->listener, (struct sockaddr *)&bound, &size) != 0)
        return lp_error(d->diag, LP_IO, "cannot tell the port: %s", strerror(errno));
    snprintf(d->where, sizeof d->where, "tcp %.100s:%u", c->host, (unsigned)ntohs(bound.sin_port));
    return LP_OK;
}

static lp_status open_pty(struct lp_device *d)
{
    const struct lp_sensor_config *c = d->config;
    lp_status status = lp_pty_open(&d->pty, d->diag);
    if (status != LP_OK)
        return status;
    if (c->link != NULL) {
        (void)unlink(c->link); /* one that an earlier run left behind */
        if (symlink(d->pty.name, c->link) != 0)
            return lp_error(d->diag, LP_IO, "cannot make the link %s: %s", c->link, strerror(errno));
    }
    /* libmodbus opens ports by name; our end of the pair has none, so it is handed over. */
    d->modbus = modbus_new_rtu(d->pty.name, 19200, 'N', 8, 1);
    if (d->modbus == NULL)
        return lp_error(d->diag, LP_IO, "libmodbus: %s", modbus_strerror(errno));
    d->clients[d->client_count++] = d->pty.master;
    snprintf(d->where, sizeof d->where, "pty %s", d->pty.name);
    return LP_OK;
}

static lp_status open_rtu(struct lp_device *d)
{
    const struct lp_sensor_config *c = d->config;
    d->modbus = modbus_new_rtu(c->device, (int)c->baud, c->parity, 8, c->stop_bits);
    if (d->modbus == NULL || modbus_connect(d->modbus) != 0)
        return lp_error(d->diag, LP_IO, "cannot open the serial port %s: %s", c->device, modbus_strerror(errno));
    d->clients[d->client_count++] = modbus_get_socket(d->modbus);
    snprintf(d->where, sizeof d->where, "rtu %.140s", c->device);
    return LP_OK;
}

static lp_status open_line(struct lp_device *d)
{
    switch (d->config->transport) {
    case LP_SENSOR_TCP: return open_tcp(d);
    case LP_SENSOR_PTY: return open_pty(d);
    default: return open_rtu(d);
    }
}

/* Registers exist up to the highest channel or control register; above that libmodbus answers with exception 2. */
static lp_status make_registers(struct lp_device *d)
{
    const struct lp_sensor_config *c = d->config;
    d->top_register = c->control_address + 2u;
    for (uint32_t i = 0; i < c->machine.channel_count; i++) {
        uint32_t end = c->channels[i].address + (uint32_t)lp_register_words(c->channels[i].format.type);
        d->top_register = end > d->top_register ? end : d->top_register;
    }
    if (d->top_register > LP_DEVICE_REGISTERS)
        return lp_error(d->diag, LP_BAD_INPUT, "a channel of two registers cannot begin at address 65535");
    d->registers = modbus_mapping_new(0, 0, (int)d->top_register, (int)d->top_register);
    return d->registers == NULL ? lp_no_memory(d->diag) : LP_OK;
}

lp_status lp_device_open(struct lp_device *d, struct lp_sensor_config *config, struct lp_diag *diag)
{
    *d = (struct lp_device){.config = config, .diag = diag, .listener = -1, .pty = {.master = -1, .slave = -1}};
    lp_status status = make_registers(d);
    if (status == LP_OK)
        status = open_line(d);
    if (status == LP_OK && modbus_set_slave(d->modbus, config->unit) != 0)
        status = lp_error(diag, LP_INTERNAL, "libmodbus: %s", modbus_strerror(errno));
    if (status != LP_OK) {
        lp_device_close(d);
        return status;
    }
    lp_machine_start(&config->machine, config->start_state, config->seed);
    publish(d);
    return LP_OK;
}

void lp_device_close(struct lp_device *d)
{
    for (uint32_t i = 0; i < d->client_count && d->config->transport == LP_SENSOR_TCP; i++)
        close(d->clients[i]);
    d->client_count = 0;
    if (d->listener >= 0)
        close(d->listener);
    d->listener = -1;
    if (d->config->transport == LP_SENSOR_RTU && d->modbus != NULL)
        modbus_close(d->modbus);
    if (d->config->transport == LP_SENSOR_PTY && d->config->link != NULL && d->pty.master >= 0)
        (void)unlink(d->config->link);
    lp_pty_close(&d->pty);
    if (d->modbus != NULL)
        modbus_free(d->modbus);
    d->modbus = NULL;
    if (d->registers != NULL)
        modbus_mapping_free(d->registers);
    d->registers = NULL;
}
