#include "simulator/board/data_cache.h"

#include "simulator/board/board.h"

enum { LINE = LP_DATA_CACHE_LINE_BYTES };

static struct lp_data_cache_line *set_of(struct lp_data_cache *cache, uint32_t address)
{
    return cache->sets[address / LINE % LP_DATA_CACHE_SETS];
}

struct lp_data_cache_line *lp_data_cache_find(struct lp_data_cache *cache, uint32_t address)
{
    struct lp_data_cache_line *set = set_of(cache, address);
    for (int way = 0; way < LP_DATA_CACHE_WAYS; way++)
        if (set[way].is_valid && set[way].address == address / LINE * LINE)
            return &set[way];
    return NULL;
}

static void write_back(struct lp_board *b, struct lp_data_cache_line *line)
{
    if (line->is_dirty)
        lp_board_line_write(b, line->address, b->window + line->address, LINE);
    line->is_dirty = false;
}

static struct lp_data_cache_line *victim_of(struct lp_data_cache_line *set)
{
    struct lp_data_cache_line *victim = &set[0];
    for (int way = 0; way < LP_DATA_CACHE_WAYS; way++) {
        if (!set[way].is_valid)
            return &set[way];
        if (set[way].used_at < victim->used_at)
            victim = &set[way];
    }
    return victim;
}

static void touch_line(struct lp_board *b, uint32_t address, bool writes)
{
    struct lp_data_cache *cache = &b->data_cache;
    struct lp_data_cache_line *line = lp_data_cache_find(cache, address);
    if (line == NULL) {
        line = victim_of(set_of(cache, address));
        if (line->is_valid)
            write_back(b, line);
        *line = (struct lp_data_cache_line){.is_valid = true, .address = address};
        lp_board_line_read(b, address, b->window + address, LINE);
    }
    line->is_dirty = line->is_dirty || writes;
    line->used_at = ++cache->uses;
}

void lp_data_cache_settle(struct lp_board *b)
{
    struct lp_data_cache *cache = &b->data_cache;
    if (cache->stored_bytes != 0)
        lp_board_line_write(b, cache->stored_at, b->window + cache->stored_at, cache->stored_bytes);
    cache->stored_bytes = 0;
}

void lp_data_cache_touch(struct lp_board *b, uint32_t address, uint32_t count, bool writes)
{
    struct lp_data_cache *cache = &b->data_cache;
    lp_data_cache_settle(b);
    if (count == 0)
        return;
    if (!cache->is_enabled) {
        lp_board_line_read(b, address, b->window + address, count);
        cache->stored_at = address;
        cache->stored_bytes = writes ? count : 0;
        return;
    }
    uint64_t end = (uint64_t)address + count;
    for (uint64_t at = address / LINE * LINE; at < end; at += LINE)
        touch_line(b, (uint32_t)at, writes);
}

static void maintain_line(struct lp_board *b, struct lp_data_cache_line *line, bool clean, bool invalidate)
{
    if (clean)
        write_back(b, line);
    if (invalidate)
        *line = (struct lp_data_cache_line){.is_valid = false};
}

void lp_data_cache_maintain(struct lp_board *b, uint64_t address, uint64_t size_bytes, bool clean, bool invalidate)
{
    lp_data_cache_settle(b);
    for (int set = 0; set < LP_DATA_CACHE_SETS && size_bytes != 0; set++)
        for (int way = 0; way < LP_DATA_CACHE_WAYS; way++) {
            struct lp_data_cache_line *line = &b->data_cache.sets[set][way];
            if (line->is_valid && (uint64_t)line->address + LINE > address && line->address < address + size_bytes)
                maintain_line(b, line, clean, invalidate);
        }
}
