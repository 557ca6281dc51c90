#include "modbus/mbap.h"

#include <string.h>

enum { HEAD_WITHOUT_UNIT = 6, REFUSAL = 0x80, EXCEPTION_BYTES = LP_MBAP_BYTES + 2 };

void lp_mbap_write_request(const struct lp_modbus_request *request, uint16_t transaction, uint8_t *frame)
{
    uint8_t rtu[LP_MODBUS_REQUEST_BYTES];
    lp_modbus_write_request(request, rtu);
    memset(frame, 0, HEAD_WITHOUT_UNIT);
    frame[0] = (uint8_t)(transaction >> 8);
    frame[1] = (uint8_t)(transaction & 0xff);
    frame[5] = LP_MBAP_REQUEST_BYTES - HEAD_WITHOUT_UNIT;
    memcpy(frame + HEAD_WITHOUT_UNIT, rtu, LP_MBAP_REQUEST_BYTES - HEAD_WITHOUT_UNIT); /* without the check sum */
}

static uint16_t pair_at(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

uint16_t lp_mbap_transaction(const uint8_t *frame, uint32_t length)
{
    return length < LP_MBAP_BYTES ? 0 : pair_at(frame);
}

enum lp_modbus_result lp_mbap_read_answer(const struct lp_modbus_request *request, uint16_t transaction, const uint8_t *frame,
                                          uint32_t length, uint16_t *registers, uint8_t *exception)
{
    if (length < EXCEPTION_BYTES || pair_at(frame + 4) != length - HEAD_WITHOUT_UNIT)
        return LP_MODBUS_WRONG_LENGTH;
    if (pair_at(frame) != transaction || pair_at(frame + 2) != 0)
        return LP_MODBUS_WRONG_LENGTH;
    if (frame[6] != request->unit)
        return LP_MODBUS_WRONG_UNIT;
    if (frame[7] == ((unsigned)request->function | REFUSAL) && length == EXCEPTION_BYTES) {
        *exception = frame[8];
        return LP_MODBUS_EXCEPTION;
    }
    if (frame[7] != (unsigned)request->function)
        return LP_MODBUS_WRONG_FUNCTION;
    if (frame[8] != 2u * request->count || length != EXCEPTION_BYTES + 2u * request->count)
        return LP_MODBUS_WRONG_LENGTH;
    for (uint32_t i = 0; i < request->count; i++)
        registers[i] = pair_at(frame + EXCEPTION_BYTES + 2 * i);
    return LP_MODBUS_FINE;
}
