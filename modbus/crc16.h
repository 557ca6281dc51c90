/* The check sum of Modbus RTU frames: CRC-16 with the reflected polynomial 0xA001, start 0xFFFF. */
#ifndef LP_MODBUS_CRC16_H
#define LP_MODBUS_CRC16_H

#include <stdint.h>

/* A frame carries it low byte first. The value over a frame with its check sum is 0. */
uint16_t lp_crc16(const uint8_t *bytes, uint32_t count);

#endif
