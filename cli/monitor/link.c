#define _GNU_SOURCE
#include "cli/monitor/link.h"

#include "modbus/mbap.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_BACKOFF_MS = 100, MAX_CONNECT_MS = 2000, BYTE_PAUSE_MS = 50 };

const char *const lp_poll_fault_names[LP_POLL_FAULTS] = {
    "fine",         "no answer", "short frame",  "wrong CRC",      "extra bytes",   "wrong unit",
    "wrong answer", "exception", "disconnected", "cannot connect", "not connected", "late",
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void lp_link_open(struct lp_link *link, const struct lp_monitor_config *config, uint32_t line, int wake_fd)
{
    *link = (struct lp_link){.config = config, .line = line, .wake_fd = wake_fd, .backoff_ms = FIRST_BACKOFF_MS};
}

static void disconnect(struct lp_link *link)
{
    if (link->modbus == NULL)
        return;
    modbus_close(link->modbus);
    modbus_free(link->modbus);
    link->modbus = NULL;
    link->connected = false;
}

void lp_link_close(struct lp_link *link)
{
    disconnect(link);
}

/* True when the descriptor became readable within the time, false after it or when the monitor stops. fd -1 just waits. */
static bool wait_readable(const struct lp_link *link, int fd, int64_t until_ms)
{
    for (;;) {
        struct pollfd ready[2] = {{.fd = fd, .events = POLLIN}, {.fd = link->wake_fd, .events = POLLIN}};
        int64_t left = until_ms - now_ms();
        int count = poll(ready, 2, left <= 0 ? 0 : (int)left);
        if (count < 0 && errno == EINTR)
            continue;
        if (ready[1].revents != 0)
            return false;
        if (count > 0 || left <= 0)
            return count > 0;
    }
}

/* Seven character times of the line in whole milliseconds, 0 for TCP. */
static int64_t gap_ms(const struct lp_monitor_line *line)
{
    return line->tcp ? 0 : 1 + (int64_t)(7 * 11 * 1000 / line->baud);
}

static modbus_t *make_context(const struct lp_monitor_line *line)
{
    return line->tcp ? modbus_new_tcp_pi(line->host, line->port)
                     : modbus_new_rtu(line->device, (int)line->baud, line->parity, 8, line->stop_bits);
}

static bool connect_line(struct lp_link *link, const struct lp_monitor_device *device)
{
    const struct lp_monitor_line *line = &link->config->lines[link->line];
    uint32_t wait_ms = device->timeout_ms < MAX_CONNECT_MS ? device->timeout_ms : MAX_CONNECT_MS;
    uint32_t pause_ms = BYTE_PAUSE_MS + (uint32_t)gap_ms(line);
    link->modbus = make_context(line);
    if (link->modbus == NULL)
        return false;
    modbus_set_response_timeout(link->modbus, wait_ms / 1000, wait_ms % 1000 * 1000);
    modbus_set_byte_timeout(link->modbus, pause_ms / 1000, pause_ms % 1000 * 1000);
    if (modbus_connect(link->modbus) != 0) {
        modbus_free(link->modbus);
        link->modbus = NULL;
        return false;
    }
    link->connected = true;
    link->silent_until_ms = 0;
    return true;
}

static enum lp_poll_fault need_connection(struct lp_link *link, const struct lp_monitor_device *device,
                                          struct lp_device_counters *counters)
{
    if (link->connected)
        return LP_POLL_FINE;
    if (now_ms() < link->retry_at_ms)
        return LP_POLL_NOT_CONNECTED;
    if (connect_line(link, device)) {
        counters->connects++;
        return LP_POLL_FINE;
    }
    link->retry_at_ms = now_ms() + link->backoff_ms;
    link->backoff_ms = link->backoff_ms * 2 < device->reconnect_max_ms ? link->backoff_ms * 2 : device->reconnect_max_ms;
    return LP_POLL_CANNOT_CONNECT;
}

/* Throws away what lies in the line; true when there was anything. */
static bool drain(const struct lp_link *link, int fd)
{
    int waiting = 0;
    if (ioctl(fd, FIONREAD, &waiting) != 0 || waiting <= 0)
        return false;
    (void)modbus_flush(link->modbus);
    return true;
}

/* On a serial line an answer has no number: after a time-out the line must have been silent before the next request. */
static void wait_for_silence(struct lp_link *link, int fd, struct lp_device_counters *counters)
{
    bool late = drain(link, fd);
    while (now_ms() < link->silent_until_ms && wait_readable(link, fd, link->silent_until_ms)) {
        wait_readable(link, -1, now_ms() + gap_ms(&link->config->lines[link->line]));
        if (!drain(link, fd))
            break;
        late = true;
    }
    link->silent_until_ms = 0;
    counters->late_answers += late;
}

static bool send_tcp(struct lp_link *link, int fd, const struct lp_modbus_request *request)
{
    uint8_t bytes[LP_MBAP_REQUEST_BYTES];
    lp_mbap_write_request(request, ++link->transaction, bytes);
    return send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) == (ssize_t)sizeof bytes;
}

static bool send_rtu(struct lp_link *link, const struct lp_modbus_request *request)
{
    uint8_t frame[LP_MODBUS_REQUEST_BYTES];
    lp_modbus_write_request(request, frame);
    return modbus_send_raw_request(link->modbus, frame, 6) >= 0;
}

static enum lp_poll_fault fault_of_error(int error)
{
    if (error == ETIMEDOUT)
        return LP_POLL_SHORT_FRAME; /* it began: the first byte was waited for apart */
    if (error == EMBBADCRC)
        return LP_POLL_WRONG_CRC;
    if (error == EMBBADSLAVE)
        return LP_POLL_WRONG_UNIT;
    return error >= EMBXILFUN && error <= EMBBADSLAVE ? LP_POLL_WRONG_ANSWER : LP_POLL_DISCONNECTED;
}

static enum lp_poll_fault read_rtu_answer(const struct lp_modbus_request *request, const uint8_t *answer, int length,
                                          uint16_t *registers, struct lp_device_counters *counters)
{
    uint8_t code = 0;
    switch (lp_modbus_read_answer(request, answer, (uint32_t)length, registers, &code)) {
    case LP_MODBUS_FINE: return LP_POLL_FINE;
    case LP_MODBUS_EXCEPTION: counters->last_exception = code; return LP_POLL_EXCEPTION;
    case LP_MODBUS_WRONG_UNIT: return LP_POLL_WRONG_UNIT;
    case LP_MODBUS_BAD_CRC: return LP_POLL_WRONG_CRC;
    case LP_MODBUS_SHORT_FRAME: return LP_POLL_SHORT_FRAME;
    case LP_MODBUS_EXTRA_BYTES: return LP_POLL_EXTRA_BYTES;
    default: return LP_POLL_WRONG_ANSWER;
    }
}

static enum lp_poll_fault read_tcp_answer(const struct lp_link *link, const struct lp_modbus_request *request,
                                          const uint8_t *answer, int length, uint16_t *registers,
                                          struct lp_device_counters *counters)
{
    uint8_t code = 0;
    switch (lp_mbap_read_answer(request, link->transaction, answer, (uint32_t)length, registers, &code)) {
    case LP_MODBUS_FINE: return LP_POLL_FINE;
    case LP_MODBUS_EXCEPTION: counters->last_exception = code; return LP_POLL_EXCEPTION;
    case LP_MODBUS_WRONG_UNIT: return LP_POLL_WRONG_UNIT;
    default: return LP_POLL_WRONG_ANSWER;
    }
}

/* True for an answer to an earlier request on this connection. */
static bool answers_earlier(const struct lp_link *link, const uint8_t *answer, int length)
{
    uint16_t behind = (uint16_t)(link->transaction - lp_mbap_transaction(answer, (uint32_t)length));
    return length >= LP_MBAP_BYTES && behind != 0 && behind < 1000;
}

static enum lp_poll_fault receive(struct lp_link *link, int fd, const struct lp_modbus_request *request, uint32_t timeout_ms,
                                  uint16_t *registers, struct lp_device_counters *counters)
{
    const struct lp_monitor_line *line = &link->config->lines[link->line];
    uint8_t answer[MODBUS_MAX_ADU_LENGTH];
    int64_t until_ms = now_ms() + timeout_ms;
    for (;;) {
        if (!wait_readable(link, fd, until_ms))
            return LP_POLL_NO_ANSWER;
        int length = modbus_receive_confirmation(link->modbus, answer);
        if (length < 0)
            return fault_of_error(errno);
        if (length == 0)
            return LP_POLL_WRONG_UNIT; /* libmodbus drops frames of other units */
        if (line->tcp && answers_earlier(link, answer, length)) {
            counters->late_answers++;
            continue;
        }
        /* Bytes behind the frame make it doubtful, and would pass for the beginning of the next one. */
        if (!line->tcp)
            wait_readable(link, fd, now_ms() + gap_ms(line));
        if (drain(link, fd))
            return LP_POLL_EXTRA_BYTES;
        return line->tcp ? read_tcp_answer(link, request, answer, length, registers, counters)
                         : read_rtu_answer(request, answer, length, registers, counters);
    }
}

/* What a fault means for the line. */
static void recover(struct lp_link *link, enum lp_poll_fault fault, const struct lp_monitor_device *device)
{
    bool tcp = link->config->lines[link->line].tcp;
    if (fault == LP_POLL_FINE || fault == LP_POLL_EXCEPTION) {
        link->backoff_ms = FIRST_BACKOFF_MS;
        return;
    }
    /* A TCP stream that lost its frames is begun anew; on a serial line silence does it. */
    bool stream_lost = tcp && (fault == LP_POLL_SHORT_FRAME || fault == LP_POLL_WRONG_ANSWER || fault == LP_POLL_EXTRA_BYTES);
    if (fault == LP_POLL_DISCONNECTED || stream_lost)
        disconnect(link);
    else if (fault == LP_POLL_NO_ANSWER && !tcp)
        link->silent_until_ms = now_ms() + device->late_ms;
}

static enum lp_poll_fault read_block(struct lp_link *link, const struct lp_monitor_block *block, uint16_t *registers)
{
    const struct lp_monitor_device *device = &link->config->devices[block->device];
    struct lp_device_counters *counters = &link->counters[block->device];
    const struct lp_monitor_line *line = &link->config->lines[link->line];
    struct lp_modbus_request request = {device->unit, block->function, block->address, block->count};
    enum lp_poll_fault fault = need_connection(link, device, counters);
    if (fault != LP_POLL_FINE)
        return fault;
    int fd = modbus_get_socket(link->modbus);
    modbus_set_slave(link->modbus, device->unit);
    if (!line->tcp)
        wait_for_silence(link, fd, counters);
    bool sent = line->tcp ? send_tcp(link, fd, &request) : send_rtu(link, &request);
    fault = sent ? receive(link, fd, &request, device->timeout_ms, registers, counters) : LP_POLL_DISCONNECTED;
    recover(link, fault, device);
    return fault;
}

static void decode(const struct lp_link *link, uint32_t block, const uint16_t *registers, float *values)
{
    const struct lp_monitor_config *config = link->config;
    for (uint32_t f = 0; f < config->feature_count; f++)
        if (config->block_of[f] == block)
            values[f] = lp_register_decode(&config->features[f].format,
                                           registers + (config->features[f].address - config->blocks[block].address));
}

static void poll_device(struct lp_link *link, uint32_t device, float *values)
{
    const struct lp_monitor_config *config = link->config;
    enum lp_poll_fault first = LP_POLL_FINE;
    for (uint32_t b = 0; b < config->block_count; b++) {
        uint16_t registers[LP_MODBUS_MAX_REGISTERS];
        if (config->blocks[b].device != device)
            continue;
        enum lp_poll_fault fault = read_block(link, &config->blocks[b], registers);
        if (fault == LP_POLL_FINE)
            decode(link, b, registers, values);
        else if (first == LP_POLL_FINE)
            first = fault;
        /* Only a refusal says that the device can still answer in this poll. */
        if (fault != LP_POLL_FINE && fault != LP_POLL_EXCEPTION)
            break;
    }
    link->counters[device].polls++;
    link->counters[device].faults[first]++;
}

void lp_link_poll(struct lp_link *link, float *values)
{
    const struct lp_monitor_config *config = link->config;
    for (uint32_t f = 0; f < config->feature_count; f++)
        if (config->devices[config->features[f].device].line == link->line)
            values[f] = NAN;
    for (uint32_t d = 0; d < config->device_count; d++)
        if (config->devices[d].line == link->line)
            poll_device(link, d, values);
}
