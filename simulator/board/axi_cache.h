/* The cache between the NPU and external memory. A model of what can go wrong with it, not of its speed: lines of 64 bytes,
 * as many as 256 KB hold, each at the one place that its address says; writes go to memory and to a line that is there. The
 * processor does not pass through it: what it changes in external memory the NPU sees after an invalidate. */
#ifndef LP_SIMULATOR_BOARD_AXI_CACHE_H
#define LP_SIMULATOR_BOARD_AXI_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_AXI_CACHE_LINE_BYTES = 64, LP_AXI_CACHE_LINES = 4096 };

struct lp_axi_cache_line {
    bool is_valid;
    uint32_t address;
    uint8_t bytes[LP_AXI_CACHE_LINE_BYTES];
};

struct lp_axi_cache {
    struct lp_axi_cache_line *lines;
    bool is_enabled;
};

struct lp_board;

/* Bytes of one external memory, as the NPU's stream engines read and write them. */
void lp_axi_cache_read(struct lp_board *board, uint64_t address, uint8_t *bytes, size_t count);
void lp_axi_cache_write(struct lp_board *board, uint64_t address, const uint8_t *bytes, size_t count);
void lp_axi_cache_invalidate(struct lp_axi_cache *cache);

#endif
