#include "cli/sensor/answer.h"

#include "modbus/crc16.h"
#include "modbus/frame.h"

#include <string.h>

enum { MBAP_BYTES = 6 /* before the unit */, CRC_BYTES = 2 };

static uint32_t seal(uint8_t *answer, uint32_t length)
{
    uint16_t crc = lp_crc16(answer, length);
    answer[length] = (uint8_t)(crc & 0xff);
    answer[length + 1] = (uint8_t)(crc >> 8);
    return length + CRC_BYTES;
}

uint32_t lp_answer_build(const uint8_t *request, uint32_t request_bytes, bool tcp, const uint16_t *registers,
                         uint32_t register_count, uint8_t *answer)
{
    uint32_t head = tcp ? MBAP_BYTES : 0;
    if (request_bytes < head + 6 || register_count > LP_MODBUS_MAX_REGISTERS)
        return 0;
    uint8_t function = request[head + 1];
    if (function != LP_MODBUS_READ_HOLDING && function != LP_MODBUS_READ_INPUT)
        return 0;
    memcpy(answer, request, head + 2);
    uint32_t length = head + 2;
    answer[length++] = (uint8_t)(2 * register_count);
    for (uint32_t i = 0; i < register_count; i++) {
        answer[length++] = (uint8_t)(registers[i] >> 8);
        answer[length++] = (uint8_t)(registers[i] & 0xff);
    }
    if (!tcp)
        return seal(answer, length);
    answer[4] = (uint8_t)((length - MBAP_BYTES) >> 8);
    answer[5] = (uint8_t)((length - MBAP_BYTES) & 0xff);
    return length;
}

uint32_t lp_answer_damage(enum lp_sensor_fault fault, bool tcp, uint8_t *answer, uint32_t length)
{
    switch (fault) {
    case LP_SENSOR_WRONG_CRC: answer[length - 1] = (uint8_t)(answer[length - 1] ^ 0x40); return length;
    case LP_SENSOR_SHORT_FRAME: return length - 3;
    case LP_SENSOR_EXTRA_BYTES: memset(answer + length, 0xa5, 3); return length + 3;
    case LP_SENSOR_WRONG_UNIT: answer[tcp ? MBAP_BYTES : 0]++; return tcp ? length : seal(answer, length - CRC_BYTES);
    default: return length;
    }
}
