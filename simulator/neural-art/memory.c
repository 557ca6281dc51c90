#include "simulator/neural-art/memory.h"

#include <string.h>

/* Descriptions leave out the last words of a memory, which only prefetch may touch; engines of 24-bit words do read them. */
static uint64_t end_of(const struct lp_npu_pool_memory *pool)
{
    return ((uint64_t)pool->base + pool->size_bytes + 15) / 16 * 16;
}

static struct lp_sim_range *range_of(struct lp_sim_ram *ram, uint64_t address)
{
    for (uint32_t i = 0; i < ram->range_count; i++)
        if (address >= ram->ranges[i].base && address < ram->ranges[i].end)
            return &ram->ranges[i];
    return NULL;
}

static struct lp_sim_page *page_for_writing(struct lp_sim_ram *ram, struct lp_sim_range *range, uint64_t address)
{
    struct lp_sim_page **slot = &range->pages[(address - range->base) / LP_SIM_PAGE_BYTES];
    if (*slot == NULL)
        *slot = LP_NEW(ram->arena, struct lp_sim_page);
    if (*slot == NULL)
        ram->out_of_memory = true;
    return *slot;
}

/* Bytes from `address` to the end of its page, at most `want`. */
static size_t in_page(const struct lp_sim_range *range, uint64_t address, uint64_t want)
{
    uint64_t left = LP_SIM_PAGE_BYTES - (address - range->base) % LP_SIM_PAGE_BYTES;
    return (size_t)(want < left ? want : left);
}

/* Of `count` bytes of a page; null: a page that nobody touched. */
static uint64_t unwritten_of(const struct lp_sim_page *page, size_t offset, size_t count)
{
    size_t written = 0;
    for (size_t i = 0; i < count && page != NULL; i++)
        written += page->written[offset + i];
    return count - written;
}

static lp_status read_run(struct lp_sim_ram *ram, uint64_t address, uint8_t *bytes, uint64_t count, uint64_t surplus)
{
    struct lp_sim_range *range = range_of(ram, address);
    while (count > 0) {
        size_t n = in_page(range, address, count), offset = (size_t)((address - range->base) % LP_SIM_PAGE_BYTES);
        const struct lp_sim_page *page = range->pages[(address - range->base) / LP_SIM_PAGE_BYTES];
        uint64_t needed = count > surplus ? count - surplus : 0;
        if (page == NULL)
            memset(bytes, 0, n);
        else
            memcpy(bytes, page->bytes + offset, n);
        ram->traffic.unwritten_bytes += unwritten_of(page, offset, needed < n ? (size_t)needed : n);
        bytes += n;
        address += n;
        count -= n;
    }
    return LP_OK;
}

static lp_status write_run(struct lp_sim_ram *ram, uint64_t address, const uint8_t *bytes, uint64_t count)
{
    struct lp_sim_range *range = range_of(ram, address);
    while (count > 0) {
        size_t n = in_page(range, address, count), offset = (size_t)((address - range->base) % LP_SIM_PAGE_BYTES);
        struct lp_sim_page *page = page_for_writing(ram, range, address);
        if (page == NULL)
            return LP_OUT_OF_MEMORY;
        memcpy(page->bytes + offset, bytes, n);
        memset(page->written + offset, 1, n);
        bytes += n;
        address += n;
        count -= n;
    }
    return LP_OK;
}

/* All runs inside one range each, and writable if asked. */
static bool covers(struct lp_sim_ram *ram, const struct lp_sim_access *a, bool writing, uint64_t *bad)
{
    for (uint64_t i = 0; i < a->runs; i++) {
        uint64_t address = a->address + i * a->pitch_bytes;
        const struct lp_sim_range *range = range_of(ram, address);
        *bad = address;
        if (range == NULL || (writing && !range->is_writable))
            return false;
        if (a->run_bytes > range->end - address) {
            *bad = range->end;
            return false;
        }
    }
    return true;
}

static struct lp_sim_pool_traffic *traffic_of(struct lp_sim_ram *ram, uint64_t address)
{
    for (uint32_t i = 0; i < ram->traffic.pool_count; i++)
        if (address >= ram->pools[i].base && address < end_of(&ram->pools[i]))
            return &ram->traffic.pools[i];
    return NULL;
}

static lp_status ram_read(void *ctx, const struct lp_sim_access *a, uint8_t *bytes, uint64_t *bad)
{
    struct lp_sim_ram *ram = ctx;
    if (a->run_bytes == 0)
        return LP_OK;
    if (!covers(ram, a, false, bad))
        return LP_MEMORY_FAULT;
    lp_status status = LP_OK;
    for (uint64_t i = 0; i < a->runs && status == LP_OK; i++)
        status = read_run(ram, a->address + i * a->pitch_bytes, bytes + i * a->run_bytes, a->run_bytes, a->surplus_bytes);
    struct lp_sim_pool_traffic *traffic = traffic_of(ram, a->address);
    if (traffic != NULL)
        traffic->read_bytes += a->runs * a->run_bytes;
    return status;
}

static lp_status ram_write(void *ctx, const struct lp_sim_access *a, const uint8_t *bytes, uint64_t *bad)
{
    struct lp_sim_ram *ram = ctx;
    if (a->run_bytes == 0)
        return LP_OK;
    if (!covers(ram, a, true, bad))
        return LP_MEMORY_FAULT;
    lp_status status = LP_OK;
    for (uint64_t i = 0; i < a->runs && status == LP_OK; i++)
        status = write_run(ram, a->address + i * a->pitch_bytes, bytes + i * a->run_bytes, a->run_bytes);
    struct lp_sim_pool_traffic *traffic = traffic_of(ram, a->address);
    if (traffic != NULL)
        traffic->write_bytes += a->runs * a->run_bytes;
    return status;
}

static void add_range(struct lp_sim_ram *ram, const struct lp_npu_pool_memory *pool)
{
    struct lp_sim_range added = {.base = pool->base, .end = end_of(pool), .is_writable = pool->is_writable};
    uint32_t kept = 0;
    /* Swallow every range that touches or overlaps the new one: virtual pools lie over real ones. */
    for (uint32_t i = 0; i < ram->range_count; i++) {
        struct lp_sim_range *r = &ram->ranges[i];
        if (r->base <= added.end && added.base <= r->end && r->is_writable == added.is_writable) {
            added.base = r->base < added.base ? r->base : added.base;
            added.end = r->end > added.end ? r->end : added.end;
        } else {
            ram->ranges[kept++] = *r;
        }
    }
    uint32_t at = kept;
    while (at > 0 && ram->ranges[at - 1].base > added.base) {
        ram->ranges[at] = ram->ranges[at - 1];
        at--;
    }
    ram->ranges[at] = added;
    ram->range_count = kept + 1;
}

static lp_status put_images(struct lp_sim_ram *ram, const struct lp_npu_image *images, uint32_t count, struct lp_diag *diag)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct lp_npu_image *image = &images[i];
        if (image->bytes == NULL)
            continue;
        lp_status status = lp_sim_ram_put(ram, image->base, image->bytes, image->size_bytes);
        if (status == LP_MEMORY_FAULT && diag != NULL)
            return lp_error(diag, LP_BAD_INPUT, "image %s: %u bytes at address %u do not lie in a memory pool of the program",
                            image->file, image->size_bytes, image->base);
        if (status != LP_OK)
            return status;
    }
    return LP_OK;
}

lp_status lp_sim_ram_set_states(struct lp_sim_ram *ram, const struct lp_npu_program *program, struct lp_diag *diag)
{
    return put_images(ram, program->states, program->state_count, diag);
}

lp_status lp_sim_ram_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_program *program,
                          struct lp_sim_ram *ram)
{
    *ram = (struct lp_sim_ram){.arena = arena};
    ram->memory = (struct lp_sim_memory){.ctx = ram, .read = ram_read, .write = ram_write, .traffic = &ram->traffic};
    ram->ranges = LP_NEW_ARRAY(arena, program->pool_count + 1, struct lp_sim_range);
    if (ram->ranges == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < program->pool_count; i++) {
        const struct lp_npu_pool_memory *pool = &program->pools[i];
        if (pool->size_bytes == 0)
            continue;
        add_range(ram, pool);
        if (pool->is_virtual)
            continue;
        if (ram->traffic.pool_count == LP_SIM_MOST_POOLS)
            return lp_error(diag, LP_UNSUPPORTED, "program %s: it has more than %d memory pools", program->name,
                            LP_SIM_MOST_POOLS);
        ram->pools[ram->traffic.pool_count] = *pool;
        ram->traffic.pools[ram->traffic.pool_count++].name = pool->name;
    }
    for (uint32_t i = 0; i < ram->range_count; i++) {
        struct lp_sim_range *range = &ram->ranges[i];
        range->pages = LP_NEW_ARRAY(arena, (range->end - range->base) / LP_SIM_PAGE_BYTES + 1, struct lp_sim_page *);
        if (range->pages == NULL)
            return lp_no_memory(diag);
    }
    lp_status status = put_images(ram, program->images, program->image_count, diag);
    if (status == LP_OK)
        status = lp_sim_ram_set_states(ram, program, diag);
    return status == LP_OUT_OF_MEMORY ? lp_no_memory(diag) : status;
}

lp_status lp_sim_ram_put(struct lp_sim_ram *ram, uint64_t address, const void *bytes, size_t count)
{
    const struct lp_sim_access access = {.address = address, .run_bytes = count, .runs = 1};
    uint64_t bad;
    if (count == 0)
        return LP_OK;
    return covers(ram, &access, false, &bad) ? write_run(ram, address, bytes, count) : LP_MEMORY_FAULT;
}

lp_status lp_sim_ram_get(struct lp_sim_ram *ram, uint64_t address, void *bytes, size_t count)
{
    const struct lp_sim_access access = {.address = address, .run_bytes = count, .runs = 1};
    uint64_t bad, unwritten = ram->traffic.unwritten_bytes;
    if (count == 0)
        return LP_OK;
    if (!covers(ram, &access, false, &bad))
        return LP_MEMORY_FAULT;
    lp_status status = read_run(ram, address, bytes, count, 0);
    ram->traffic.unwritten_bytes = unwritten;
    return status;
}

lp_status lp_sim_ram_reset(struct lp_sim_ram *ram, const struct lp_npu_program *program)
{
    for (uint32_t i = 0; i < ram->range_count; i++) {
        struct lp_sim_range *range = &ram->ranges[i];
        for (uint64_t k = 0; k <= (range->end - range->base) / LP_SIM_PAGE_BYTES; k++)
            if (range->pages[k] != NULL)
                memset(range->pages[k], 0, sizeof *range->pages[k]);
    }
    lp_status status = put_images(ram, program->images, program->image_count, NULL);
    return status == LP_OK ? lp_sim_ram_set_states(ram, program, NULL) : status;
}
