/* CRC-32 of IEEE 802.3, as zlib's crc32(): reflected polynomial 0xEDB88320, start and final inversion.
 * The compiler writes it beside the weights, the device checks it when a network is opened. */
#ifndef LP_CONTRACT_CRC32_H
#define LP_CONTRACT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Four bits a step: a table of 64 bytes is the compromise between flash and the time to check a large parameter blob. */
static inline uint32_t lp_crc32(const void *data, size_t size_bytes)
{
    static const uint32_t of_nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *bytes = (const uint8_t *)data;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= bytes[i];
        crc = of_nibble[crc & 15] ^ (crc >> 4);
        crc = of_nibble[crc & 15] ^ (crc >> 4);
    }
    return ~crc;
}

#endif
