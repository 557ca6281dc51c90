#include "simulator/board/board.h"

#include <string.h>

#include "simulator/board/cpu.h"

/* Addresses and sizes of the STM32N6. The processor's own RAMs are awake after a reset; the NPU's are not. */
static const struct lp_board_memory after_reset[LP_BOARD_MEMORIES] = {
    {.name = "flexMEM", .base = 0x34000000, .size_bytes = 0x64000, .is_awake = true},
    {.name = "cpuRAM1", .base = 0x34064000, .size_bytes = 0x9c000, .is_awake = true},
    {.name = "cpuRAM2", .base = 0x34100000, .size_bytes = 0x100000, .is_awake = true},
    {.name = "npuRAM3", .base = 0x34200000, .size_bytes = 0x70000},
    {.name = "npuRAM4", .base = 0x34270000, .size_bytes = 0x70000},
    {.name = "npuRAM5", .base = 0x342e0000, .size_bytes = 0x70000},
    {.name = "npuRAM6", .base = 0x34350000, .size_bytes = 0x70000},
    {.name = "octoFlash", .base = 0x70000000, .size_bytes = 0x8000000, .is_external = true},
    {.name = "hyperRAM", .base = 0x90000000, .size_bytes = 0x2000000, .is_external = true},
};

uint32_t lp_board_memory_at(const struct lp_board *b, uint64_t address)
{
    uint32_t i = 0;
    while (i < LP_BOARD_MEMORIES &&
           (address < b->memories[i].base || address >= (uint64_t)b->memories[i].base + b->memories[i].size_bytes))
        i++;
    return i;
}

/* Bytes from `address` to the end of its memory, at most `want`. */
static uint64_t in_memory(const struct lp_board_memory *m, uint64_t address, uint64_t want)
{
    uint64_t left = (uint64_t)m->base + m->size_bytes - address;
    return want < left ? want : left;
}

/* Every byte lies in a memory; they may touch. */
static bool is_covered(const struct lp_board *b, uint64_t address, uint64_t count, uint64_t *bad)
{
    while (count > 0) {
        uint32_t i = lp_board_memory_at(b, address);
        *bad = address;
        if (i == LP_BOARD_MEMORIES)
            return false;
        uint64_t n = in_memory(&b->memories[i], address, count);
        address += n;
        count -= n;
    }
    return true;
}

/* ---- memory behind the caches ---- */

void lp_board_line_read(struct lp_board *b, uint64_t address, uint8_t *bytes, size_t count)
{
    while (count > 0) {
        const struct lp_board_memory *m = &b->memories[lp_board_memory_at(b, address)];
        size_t n = (size_t)in_memory(m, address, count);
        if (m->is_awake)
            (void)lp_sim_ram_get(&b->cells, address, bytes, n);
        else
            memset(bytes, 0, n);
        address += n;
        bytes += n;
        count -= n;
    }
}

void lp_board_line_write(struct lp_board *b, uint64_t address, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        struct lp_board_memory *m = &b->memories[lp_board_memory_at(b, address)];
        size_t n = (size_t)in_memory(m, address, count);
        if (m->is_awake)
            (void)lp_sim_ram_put(&b->cells, address, bytes, n); /* no memory on the PC: cells.out_of_memory */
        else
            m->lost_writes += (uint32_t)n;
        address += n;
        bytes += n;
        count -= n;
    }
}

lp_status lp_board_peek(struct lp_board *b, uint64_t address, void *bytes, size_t count)
{
    lp_data_cache_settle(b);
    return lp_sim_ram_get(&b->cells, address, bytes, count);
}

lp_status lp_board_poke(struct lp_board *b, uint64_t address, const void *bytes, size_t count)
{
    lp_data_cache_settle(b);
    return lp_sim_ram_put(&b->cells, address, bytes, count);
}

/* ---- the NPU's view ---- */

static void npu_move(struct lp_board *b, uint64_t address, uint8_t *bytes, uint64_t count, bool writes)
{
    while (count > 0) {
        struct lp_board_memory *m = &b->memories[lp_board_memory_at(b, address)];
        size_t n = (size_t)in_memory(m, address, count);
        if (!m->npu_is_allowed) {
            m->denied_bytes += (uint32_t)n;
            if (!writes)
                memset(bytes, 0, n);
        } else if (m->is_external) {
            if (writes)
                lp_axi_cache_write(b, address, bytes, n);
            else
                lp_axi_cache_read(b, address, bytes, n);
        } else if (writes) {
            lp_board_line_write(b, address, bytes, n);
        } else {
            lp_board_line_read(b, address, bytes, n);
        }
        address += n;
        bytes += n;
        count -= n;
    }
}

static lp_status move_runs(struct lp_board *b, const struct lp_sim_access *a, uint8_t *bytes, bool writes, uint64_t *bad)
{
    lp_data_cache_settle(b);
    for (uint64_t i = 0; i < a->runs; i++)
        if (!is_covered(b, a->address + i * a->pitch_bytes, a->run_bytes, bad))
            return LP_MEMORY_FAULT;
    for (uint64_t i = 0; i < a->runs; i++)
        npu_move(b, a->address + i * a->pitch_bytes, bytes + i * a->run_bytes, a->run_bytes, writes);
    return b->cells.out_of_memory ? LP_OUT_OF_MEMORY : LP_OK;
}

static lp_status npu_read(void *ctx, const struct lp_sim_access *access, uint8_t *bytes, uint64_t *bad)
{
    return move_runs(ctx, access, bytes, false, bad);
}

static lp_status npu_write(void *ctx, const struct lp_sim_access *access, const uint8_t *bytes, uint64_t *bad)
{
    return move_runs(ctx, access, (uint8_t *)(uintptr_t)bytes, true, bad);
}

/* ---- the processor's view ---- */

/* At most a line at a time: a longer access could push its own first lines out again. */
static size_t in_cache_line(uint64_t address, size_t want)
{
    size_t left = LP_DATA_CACHE_LINE_BYTES - (size_t)(address % LP_DATA_CACHE_LINE_BYTES);
    return want < left ? want : left;
}

static lp_status cpu_move(struct lp_board *b, uint64_t address, uint8_t *bytes, size_t count, bool writes)
{
    uint64_t bad;
    if (!is_covered(b, address, count, &bad))
        return LP_MEMORY_FAULT;
    while (count > 0) {
        size_t n = in_cache_line(address, count);
        lp_data_cache_touch(b, (uint32_t)address, (uint32_t)n, writes);
        if (writes)
            memcpy(b->window + address, bytes, n);
        else
            memcpy(bytes, b->window + address, n);
        address += n;
        bytes += n;
        count -= n;
    }
    lp_data_cache_settle(b);
    return LP_OK;
}

lp_status lp_board_cpu_read(struct lp_board *b, uint64_t address, void *bytes, size_t count)
{
    return cpu_move(b, address, bytes, count, false);
}

lp_status lp_board_cpu_write(struct lp_board *b, uint64_t address, const void *bytes, size_t count)
{
    return cpu_move(b, address, (uint8_t *)(uintptr_t)bytes, count, true);
}

static lp_status cpu_read_runs(void *ctx, const struct lp_sim_access *a, uint8_t *bytes, uint64_t *bad)
{
    lp_status status = LP_OK;
    for (uint64_t i = 0; i < a->runs && status == LP_OK; i++) {
        *bad = a->address + i * a->pitch_bytes;
        status = lp_board_cpu_read(ctx, *bad, bytes + i * a->run_bytes, (size_t)a->run_bytes);
    }
    return status;
}

static lp_status cpu_write_runs(void *ctx, const struct lp_sim_access *a, const uint8_t *bytes, uint64_t *bad)
{
    lp_status status = LP_OK;
    for (uint64_t i = 0; i < a->runs && status == LP_OK; i++) {
        *bad = a->address + i * a->pitch_bytes;
        status = lp_board_cpu_write(ctx, *bad, bytes + i * a->run_bytes, (size_t)a->run_bytes);
    }
    return status;
}

lp_status lp_board_cpu_glance(struct lp_board *b, uint64_t address, void *bytes, size_t count)
{
    uint8_t *to = bytes;
    uint64_t bad;
    lp_data_cache_settle(b);
    if (!is_covered(b, address, count, &bad))
        return LP_MEMORY_FAULT;
    while (count > 0) {
        size_t n = in_cache_line(address, count);
        if (b->data_cache.is_enabled && lp_data_cache_find(&b->data_cache, (uint32_t)address) != NULL)
            memcpy(to, b->window + address, n);
        else
            lp_board_line_read(b, address, to, n);
        address += n;
        to += n;
        count -= n;
    }
    return LP_OK;
}

static bool has_effect(struct lp_board *b, enum lp_board_step step, uint64_t address, uint64_t size_bytes, bool is_fetching)
{
    const struct lp_board_event event = {
        .step = step, .epoch = b->epoch, .address = address, .size_bytes = size_bytes, .is_fetching = is_fetching};
    return lp_board_ask(b, &event) == LP_BOARD_GO_ON;
}

void lp_board_cache_clean(struct lp_board *b, uint64_t address, uint64_t size_bytes)
{
    if (has_effect(b, LP_BOARD_STEP_CLEAN, address, size_bytes, false))
        lp_data_cache_maintain(b, address, size_bytes, true, false);
}

void lp_board_cache_invalidate(struct lp_board *b, uint64_t address, uint64_t size_bytes)
{
    if (has_effect(b, LP_BOARD_STEP_INVALIDATE, address, size_bytes, true))
        lp_data_cache_maintain(b, address, size_bytes, false, true);
}

void lp_board_cache_clean_invalidate(struct lp_board *b, uint64_t address, uint64_t size_bytes)
{
    bool clean = has_effect(b, LP_BOARD_STEP_CLEAN, address, size_bytes, true);
    bool invalidate = has_effect(b, LP_BOARD_STEP_INVALIDATE, address, size_bytes, true);
    lp_data_cache_maintain(b, address, size_bytes, clean, invalidate);
}

void lp_board_cache_enable(struct lp_board *b, bool enable)
{
    if (!enable)
        lp_data_cache_maintain(b, 0, UINT64_C(1) << 32, true, true);
    lp_data_cache_settle(b);
    b->data_cache.is_enabled = enable;
}

/* ---- all together ---- */

enum lp_board_answer lp_board_ask(struct lp_board *b, const struct lp_board_event *event)
{
    return b->watch.step == NULL ? LP_BOARD_GO_ON : b->watch.step(b->watch.ctx, b, event);
}

void lp_board_spend_ns(struct lp_board *b, uint64_t ns)
{
    b->now_ns += ns;
}

static lp_status open_cells(struct lp_board *b, struct lp_diag *diag)
{
    struct lp_npu_pool_memory pools[LP_BOARD_MEMORIES];
    for (int i = 0; i < LP_BOARD_MEMORIES; i++)
        pools[i] = (struct lp_npu_pool_memory){.name = after_reset[i].name,
                                               .base = after_reset[i].base,
                                               .size_bytes = after_reset[i].size_bytes,
                                               .is_writable = true,
                                               .is_cacheable = after_reset[i].is_external};
    const struct lp_npu_program memory = {.name = "STM32N6", .pools = pools, .pool_count = LP_BOARD_MEMORIES};
    return lp_sim_ram_open(&b->arena, diag, &memory, &b->cells);
}

lp_status lp_board_open(struct lp_board *b, struct lp_diag *diag)
{
    memset(b, 0, sizeof *b);
    memcpy(b->memories, after_reset, sizeof after_reset);
    b->npu_cache.lines = LP_NEW_ARRAY(&b->arena, LP_AXI_CACHE_LINES, struct lp_axi_cache_line);
    lp_status status = b->npu_cache.lines == NULL ? lp_no_memory(diag) : open_cells(b, diag);
    if (status == LP_OK)
        status = lp_cpu_window_open(b, diag);
    b->npu = (struct lp_sim_memory){b, npu_read, npu_write, &b->cells.traffic};
    b->cpu = (struct lp_sim_memory){b, cpu_read_runs, cpu_write_runs, &b->cells.traffic};
    return status;
}

void lp_board_close(struct lp_board *b)
{
    lp_cpu_window_close(b);
    lp_arena_free(&b->arena);
}

void lp_board_bring_up(struct lp_board *b)
{
    for (int i = 0; i < LP_BOARD_MEMORIES; i++)
        b->memories[i].is_awake = b->memories[i].npu_is_allowed = true;
    b->npu_is_clocked = true;
    b->npu_interrupt_is_enabled = true;
    b->npu_cache.is_enabled = true;
    lp_board_cache_enable(b, true);
    (void)lp_board_ask(b, &(struct lp_board_event){.step = LP_BOARD_STEP_START});
}
