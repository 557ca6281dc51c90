#include "neural-art/hex.h"

#include "compiler/base/text.h"

enum { RECORD_BYTES = 32, TYPE_DATA = 0, TYPE_END = 1, TYPE_LINEAR = 4, SEGMENT_BYTES = 1 << 16 };

static void put_record(struct lp_text *out, uint8_t type, uint16_t offset, const uint8_t *bytes, uint8_t count)
{
    unsigned sum = count + (offset >> 8) + (offset & 0xffu) + type;
    lp_text_printf(out, ":%02X%04X%02X", count, offset, type);
    for (uint8_t i = 0; i < count; i++) {
        lp_text_printf(out, "%02X", bytes[i]);
        sum += bytes[i];
    }
    lp_text_printf(out, "%02X\n", (0u - sum) & 0xffu);
}

void lp_hex_write(struct lp_text *out, uint32_t address, const uint8_t *bytes, size_t count)
{
    uint64_t at = address, end = at + count, segment = UINT64_MAX;
    while (at < end) {
        if (at / SEGMENT_BYTES != segment) {
            segment = at / SEGMENT_BYTES;
            const uint8_t upper[2] = {(uint8_t)(segment >> 8), (uint8_t)segment};
            put_record(out, TYPE_LINEAR, 0, upper, sizeof upper);
        }
        uint64_t run = end - at, left = (segment + 1) * SEGMENT_BYTES - at;
        run = run < left ? run : left;
        run = run < RECORD_BYTES ? run : RECORD_BYTES;
        put_record(out, TYPE_DATA, (uint16_t)at, bytes + (at - address), (uint8_t)run);
        at += run;
    }
    put_record(out, TYPE_END, 0, NULL, 0);
}
