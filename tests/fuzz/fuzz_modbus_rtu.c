/* A serial line on which anything may come, at any time. First bytes: unit, function, address, count; then pairs of a pause and a
 * byte. */
#include "modbus/client.h"
#include "modbus/crc16.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { HEAD_BYTES = 6, STEP_US = 500, TIMEOUT_US = 20000, REQUESTS = 8 };

struct line {
    const uint8_t *pairs;
    size_t count, next;
    uint32_t now_us, next_us;
};

static uint32_t line_now(void *ctx)
{
    return ((struct line *)ctx)->now_us;
}

static uint32_t line_send(void *ctx, const uint8_t *bytes, uint32_t count)
{
    (void)ctx;
    (void)bytes;
    return count > 3 ? 3 : count;
}

static uint32_t line_receive(void *ctx, uint8_t *bytes, uint32_t room)
{
    struct line *line = ctx;
    uint32_t got = 0;
    while (got < room && line->next < line->count && (int32_t)(line->now_us - line->next_us) >= 0) {
        bytes[got++] = line->pairs[2 * line->next + 1];
        line->next++;
        if (line->next < line->count)
            line->next_us += (uint32_t)line->pairs[2 * line->next] * 64;
    }
    return got;
}

/* What is called fine is a frame of that request with a right check sum, and nothing else. */
static void judge_whole(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length)
{
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception = 0;
    enum lp_modbus_result result = lp_modbus_read_answer(request, frame, length, registers, &exception);
    must(result < LP_MODBUS_RESULTS, "an unknown result");
    if (result != LP_MODBUS_FINE && result != LP_MODBUS_EXCEPTION)
        return;
    must(length >= 5 && frame[0] == request->unit, "an answer of somebody else");
    must(lp_crc16(frame, length - 2) == (frame[length - 2] | frame[length - 1] << 8), "a wrong check sum passed");
    must(length == (result == LP_MODBUS_FINE ? 5u + 2u * request->count : LP_MODBUS_EXCEPTION_BYTES), "a wrong length passed");
}

static void talk(const struct lp_modbus_request *request, const uint8_t *pairs, size_t count)
{
    struct line line = {.pairs = pairs, .count = count, .next_us = count == 0 ? 0 : pairs[0] * 64u};
    struct lp_modbus client;
    const struct lp_modbus_config config = {
        .serial = {&line, line_now, line_send, line_receive}, .baud = 19200, .timeout_us = TIMEOUT_US, .late_us = TIMEOUT_US};
    must(lp_modbus_open(&client, &config) == LP_OK, "a client that does not open");
    for (int i = 0; i < REQUESTS; i++) {
        must(lp_modbus_begin(&client, request) == LP_OK, "a request that does not begin");
        enum lp_modbus_result result = LP_MODBUS_BUSY;
        for (int steps = 0; result == LP_MODBUS_BUSY; steps++) {
            must(steps < 100000, "a request that never ends");
            line.now_us += STEP_US;
            result = lp_modbus_poll(&client);
        }
        must(result < LP_MODBUS_RESULTS, "an unknown result");
    }
    uint32_t sum = 0;
    for (int r = 0; r < LP_MODBUS_RESULTS; r++)
        sum += client.counters.results[r];
    must(sum == REQUESTS && client.counters.requests == REQUESTS, "requests that are not counted");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < HEAD_BYTES)
        return 0;
    struct lp_modbus_request request = {.unit = (uint8_t)(1 + data[0] % 247),
                                        .function = (data[1] & 1) != 0 ? LP_MODBUS_READ_HOLDING : LP_MODBUS_READ_INPUT,
                                        .address = (uint16_t)(data[2] << 8 | data[3]),
                                        .count = (uint16_t)(1 + data[4] % LP_MODBUS_MAX_REGISTERS)};
    if ((uint32_t)request.address + request.count > 65536)
        request.address = 0;
    judge_whole(&request, data + HEAD_BYTES, (uint32_t)(size_bytes - HEAD_BYTES));
    talk(&request, data + HEAD_BYTES, (size_bytes - HEAD_BYTES) / 2);
    return 0;
}
