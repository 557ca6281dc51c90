#include "simulator/board/axi_cache.h"

#include <string.h>

#include "simulator/board/board.h"

enum { LINE = LP_AXI_CACHE_LINE_BYTES };

static struct lp_axi_cache_line *place_of(struct lp_axi_cache *cache, uint64_t address)
{
    return &cache->lines[address / LINE % LP_AXI_CACHE_LINES];
}

/* Bytes from `address` to the end of its line, at most `want`. */
static size_t in_line(uint64_t address, size_t want)
{
    size_t left = LINE - (size_t)(address % LINE);
    return want < left ? want : left;
}

void lp_axi_cache_read(struct lp_board *b, uint64_t address, uint8_t *bytes, size_t count)
{
    if (!b->npu_cache.is_enabled) {
        lp_board_line_read(b, address, bytes, count);
        return;
    }
    while (count > 0) {
        struct lp_axi_cache_line *line = place_of(&b->npu_cache, address);
        uint32_t start = (uint32_t)(address / LINE * LINE);
        size_t n = in_line(address, count);
        if (!line->is_valid || line->address != start) {
            line->is_valid = true;
            line->address = start;
            lp_board_line_read(b, start, line->bytes, LINE);
        }
        memcpy(bytes, line->bytes + address % LINE, n);
        address += n;
        bytes += n;
        count -= n;
    }
}

void lp_axi_cache_write(struct lp_board *b, uint64_t address, const uint8_t *bytes, size_t count)
{
    lp_board_line_write(b, address, bytes, count);
    while (b->npu_cache.is_enabled && count > 0) {
        struct lp_axi_cache_line *line = place_of(&b->npu_cache, address);
        size_t n = in_line(address, count);
        if (line->is_valid && line->address == address / LINE * LINE)
            memcpy(line->bytes + address % LINE, bytes, n);
        address += n;
        bytes += n;
        count -= n;
    }
}

void lp_axi_cache_invalidate(struct lp_axi_cache *cache)
{
    for (int i = 0; i < LP_AXI_CACHE_LINES; i++)
        cache->lines[i].is_valid = false;
}
