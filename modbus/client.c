#include "modbus/client.h"

#include <stddef.h>

enum { BITS_PER_CHARACTER = 11, FAST_BAUD = 19200, FAST_GAP_US = 1750, MAX_WAIT_US = 1 << 29 };

static uint32_t gap_of(const struct lp_modbus_config *config)
{
    if (config->gap_us != 0)
        return config->gap_us;
    if (config->baud > FAST_BAUD)
        return FAST_GAP_US;
    return (BITS_PER_CHARACTER * 3500000u + config->baud - 1) / config->baud;
}

lp_status lp_modbus_open(struct lp_modbus *client, const struct lp_modbus_config *config)
{
    const struct lp_serial *serial = &config->serial;
    if (serial->now_us == NULL || serial->send == NULL || serial->receive == NULL || config->baud < 300)
        return LP_BAD_ARGUMENT;
    if (config->timeout_us == 0 || config->timeout_us > MAX_WAIT_US || config->late_us > MAX_WAIT_US)
        return LP_BAD_ARGUMENT;
    if (config->gap_us > MAX_WAIT_US || config->pause_us > MAX_WAIT_US)
        return LP_BAD_ARGUMENT;
    *client = (struct lp_modbus){.config = *config};
    client->config.gap_us = gap_of(config);
    if (client->config.pause_us < client->config.gap_us)
        client->config.pause_us = client->config.gap_us;
    if (client->config.late_us < client->config.gap_us)
        client->config.late_us = client->config.gap_us;
    client->silence_us = client->config.gap_us;
    client->last_byte_us = serial->now_us(serial->ctx);
    return LP_OK;
}

lp_status lp_modbus_begin(struct lp_modbus *client, const struct lp_modbus_request *request)
{
    if (client->state != LP_MODBUS_AT_REST)
        return LP_BUSY;
    if (request->function != LP_MODBUS_READ_HOLDING && request->function != LP_MODBUS_READ_INPUT)
        return LP_BAD_ARGUMENT;
    if (request->unit == 0 || request->unit > 247 || request->count == 0 || request->count > LP_MODBUS_MAX_REGISTERS)
        return LP_BAD_ARGUMENT;
    if ((uint32_t)request->address + request->count > 65536)
        return LP_BAD_ARGUMENT;
    client->request = *request;
    client->counters.requests++;
    client->length = 0;
    client->sent = 0;
    client->state = LP_MODBUS_WAIT_SILENCE;
    client->since_us = client->config.serial.now_us(client->config.serial.ctx);
    return LP_OK;
}

static void enter(struct lp_modbus *client, enum lp_modbus_state state, uint32_t now_us)
{
    client->state = state;
    client->since_us = now_us;
}

static enum lp_modbus_result end(struct lp_modbus *client, enum lp_modbus_result result)
{
    client->counters.results[result]++;
    client->silence_us = client->config.gap_us;
    if (result == LP_MODBUS_NO_ANSWER) {
        /* The silence so far was the time-out's; the late answer is still to come. */
        client->silence_us = client->config.late_us;
        client->last_byte_us = client->config.serial.now_us(client->config.serial.ctx);
    }
    client->state = LP_MODBUS_AT_REST;
    return result;
}

/* Takes what has arrived; true when it was anything. Bytes beyond the buffer are counted only. */
static bool take_bytes(struct lp_modbus *client, uint32_t now_us)
{
    const struct lp_serial *serial = &client->config.serial;
    bool wanted = client->state == LP_MODBUS_WAIT_ANSWER || client->state == LP_MODBUS_RECEIVING;
    bool any = false;
    uint8_t spare[16];
    /* Bounded, so that a line that babbles without end cannot hold the caller. */
    for (uint32_t round = 0; round < LP_MODBUS_MAX_FRAME_BYTES; round++) {
        bool into_frame = wanted && client->length < sizeof client->frame;
        uint8_t *to = into_frame ? client->frame + client->length : spare;
        uint32_t room = into_frame ? (uint32_t)sizeof client->frame - client->length : (uint32_t)sizeof spare;
        uint32_t got = serial->receive(serial->ctx, to, room);
        if (got == 0)
            break;
        any = true;
        if (wanted)
            client->length += got;
        else
            client->counters.stray_bytes += got;
        if (client->length > LP_MODBUS_MAX_FRAME_BYTES)
            break;
    }
    if (any)
        client->last_byte_us = now_us;
    return any;
}

static enum lp_modbus_result wait_silence(struct lp_modbus *client, uint32_t now_us)
{
    if (now_us - client->last_byte_us >= client->silence_us) {
        enter(client, LP_MODBUS_SENDING, now_us);
        return LP_MODBUS_BUSY;
    }
    /* Twice, because a late answer may come at the end of the silence and begin it again. */
    uint32_t patience_us = client->config.timeout_us + 2 * client->silence_us;
    return now_us - client->since_us >= patience_us ? end(client, LP_MODBUS_LINE_BUSY) : LP_MODBUS_BUSY;
}

static enum lp_modbus_result send_request(struct lp_modbus *client, uint32_t now_us)
{
    const struct lp_serial *serial = &client->config.serial;
    uint8_t bytes[LP_MODBUS_REQUEST_BYTES];
    lp_modbus_write_request(&client->request, bytes);
    client->sent += serial->send(serial->ctx, bytes + client->sent, LP_MODBUS_REQUEST_BYTES - client->sent);
    if (client->sent >= LP_MODBUS_REQUEST_BYTES) {
        client->last_byte_us = now_us;
        enter(client, LP_MODBUS_WAIT_ANSWER, now_us);
        return LP_MODBUS_BUSY;
    }
    return now_us - client->since_us >= client->config.timeout_us ? end(client, LP_MODBUS_SEND_FAILED) : LP_MODBUS_BUSY;
}

static enum lp_modbus_result wait_answer(struct lp_modbus *client, uint32_t now_us)
{
    if (client->length != 0) {
        enter(client, LP_MODBUS_RECEIVING, now_us);
        return LP_MODBUS_BUSY;
    }
    return now_us - client->since_us >= client->config.timeout_us ? end(client, LP_MODBUS_NO_ANSWER) : LP_MODBUS_BUSY;
}

static enum lp_modbus_result receive(struct lp_modbus *client, uint32_t now_us)
{
    bool overrun = client->length > LP_MODBUS_MAX_FRAME_BYTES;
    bool lacks_bytes = client->length < lp_modbus_expected_bytes(&client->request, client->frame, client->length);
    uint32_t silence_us = lacks_bytes ? client->config.pause_us : client->config.gap_us;
    if (!overrun && now_us - client->last_byte_us < silence_us)
        return LP_MODBUS_BUSY;
    return end(client,
               lp_modbus_read_answer(&client->request, client->frame, client->length, client->registers, &client->exception));
}

enum lp_modbus_result lp_modbus_poll(struct lp_modbus *client)
{
    /* The clock is read before the bytes: a byte taken now came at this time or earlier, so silence is never overstated. */
    uint32_t now_us = client->config.serial.now_us(client->config.serial.ctx);
    (void)take_bytes(client, now_us);
    switch (client->state) {
    case LP_MODBUS_WAIT_SILENCE: return wait_silence(client, now_us);
    case LP_MODBUS_SENDING: return send_request(client, now_us);
    case LP_MODBUS_WAIT_ANSWER: return wait_answer(client, now_us);
    case LP_MODBUS_RECEIVING: return receive(client, now_us);
    default: return LP_MODBUS_BUSY;
    }
}
