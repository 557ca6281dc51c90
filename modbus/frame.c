#include "modbus/frame.h"

#include "modbus/crc16.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXCEPTION_FLAG = 0x80, OVERHEAD_BYTES = 5 /* unit, function, byte count, check sum */ };

const char *lp_modbus_result_name(enum lp_modbus_result result)
{
    static const char *const names[LP_MODBUS_RESULTS] = {
        "fine",           "no answer",    "short frame", "wrong CRC", "extra bytes", "wrong unit",
        "wrong function", "wrong length", "exception",   "line busy", "send failed",
    };
    return result < LP_MODBUS_RESULTS ? names[result] : "busy";
}

void lp_modbus_write_request(const struct lp_modbus_request *request, uint8_t *frame)
{
    frame[0] = request->unit;
    frame[1] = (uint8_t)request->function;
    frame[2] = (uint8_t)(request->address >> 8);
    frame[3] = (uint8_t)(request->address & 0xff);
    frame[4] = (uint8_t)(request->count >> 8);
    frame[5] = (uint8_t)(request->count & 0xff);
    uint16_t crc = lp_crc16(frame, 6);
    frame[6] = (uint8_t)(crc & 0xff);
    frame[7] = (uint8_t)(crc >> 8);
}

uint32_t lp_modbus_answer_bytes(const struct lp_modbus_request *request)
{
    return OVERHEAD_BYTES + 2u * request->count;
}

static bool crc_is_right(const uint8_t *frame, uint32_t length)
{
    return length >= 4 && lp_crc16(frame, length) == 0;
}

uint32_t lp_modbus_expected_bytes(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length)
{
    if (length < 2)
        return lp_modbus_answer_bytes(request);
    if (frame[1] == (uint8_t)request->function)
        return lp_modbus_answer_bytes(request);
    return frame[1] == ((uint8_t)request->function | EXCEPTION_FLAG) ? LP_MODBUS_EXCEPTION_BYTES : 0u;
}

/* A frame whose check sum is right: is it the answer? */
static enum lp_modbus_result read_sound_frame(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length,
                                              uint16_t *registers, uint8_t *exception)
{
    if (frame[0] != request->unit)
        return LP_MODBUS_WRONG_UNIT;
    if (frame[1] == ((uint8_t)request->function | EXCEPTION_FLAG)) {
        if (length != LP_MODBUS_EXCEPTION_BYTES)
            return LP_MODBUS_WRONG_LENGTH;
        *exception = frame[2];
        return LP_MODBUS_EXCEPTION;
    }
    if (frame[1] != (uint8_t)request->function)
        return LP_MODBUS_WRONG_FUNCTION;
    if (length != lp_modbus_answer_bytes(request) || frame[2] != 2u * request->count)
        return LP_MODBUS_WRONG_LENGTH;
    for (uint32_t i = 0; i < request->count; i++)
        registers[i] = (uint16_t)((unsigned)frame[3 + 2 * i] << 8 | frame[4 + 2 * i]);
    return LP_MODBUS_FINE;
}

enum lp_modbus_result lp_modbus_read_answer(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length,
                                            uint16_t *registers, uint8_t *exception)
{
    if (length == 0)
        return LP_MODBUS_NO_ANSWER;
    if (length > LP_MODBUS_MAX_FRAME_BYTES)
        return LP_MODBUS_EXTRA_BYTES;
    if (crc_is_right(frame, length))
        return read_sound_frame(request, frame, length, registers, exception);
    uint32_t expected = lp_modbus_expected_bytes(request, frame, length);
    if (length < expected || length < 4)
        return LP_MODBUS_SHORT_FRAME;
    if (expected != 0 && length > expected && crc_is_right(frame, expected))
        return LP_MODBUS_EXTRA_BYTES;
    return LP_MODBUS_BAD_CRC;
}
