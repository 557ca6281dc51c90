/* The Cortex-M55's data cache as the STM32N6 has it: 32 KB, lines of 32 bytes, 4 ways, write-back, write-allocate. Replaced
 * is the way of the set that was used longest ago; the silicon's choice is not documented, and no verdict may depend on it. */
#ifndef LP_SIMULATOR_BOARD_DATA_CACHE_H
#define LP_SIMULATOR_BOARD_DATA_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_DATA_CACHE_LINE_BYTES = 32, LP_DATA_CACHE_WAYS = 4, LP_DATA_CACHE_SETS = 256 };

struct lp_data_cache_line {
    bool is_valid, is_dirty;
    uint32_t address; /* of its first byte */
    uint64_t used_at;
};

struct lp_board;

/* The bytes of a line that is valid lie in the board's window, at the line's address. */
struct lp_data_cache {
    struct lp_data_cache_line sets[LP_DATA_CACHE_SETS][LP_DATA_CACHE_WAYS];
    uint64_t uses;
    bool is_enabled;
    /* Switched off: the store that the processor was about to do; it is in memory when the next thing happens. */
    uint32_t stored_at, stored_bytes;
};

/* The processor is about to read or write these bytes in the window: they become what it must see there. At most as many
 * bytes as one way of the cache holds. */
void lp_data_cache_touch(struct lp_board *board, uint32_t address, uint32_t count, bool writes);

/* A store of a moment ago reaches memory when the cache is off. */
void lp_data_cache_settle(struct lp_board *board);

/* Null: not in the cache. */
struct lp_data_cache_line *lp_data_cache_find(struct lp_data_cache *cache, uint32_t address);

/* All lines that have a byte in the range. */
void lp_data_cache_maintain(struct lp_board *board, uint64_t address, uint64_t size_bytes, bool clean, bool invalidate);

#endif
