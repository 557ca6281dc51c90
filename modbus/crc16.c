#include "modbus/crc16.h"

/* Bit by bit: a frame has at most 256 bytes, and flash is dearer than time. */
uint16_t lp_crc16(const uint8_t *bytes, uint32_t count)
{
    uint32_t crc = 0xffffu;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1u) != 0 ? (crc >> 1) ^ 0xa001u : crc >> 1;
    }
    return (uint16_t)crc;
}
