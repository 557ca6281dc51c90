/* The device's memory where compiled code finds it: at its own addresses in the child. The CPU kernels of a software epoch
 * take pointers and know nothing of the simulator; before such a block its memory is copied there, afterwards what changed is
 * copied back. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "simulator/shim/internal.h"

static size_t page_count(const struct lp_sim_range *range)
{
    return (size_t)((range->end - range->base + LP_SIM_PAGE_BYTES - 1) / LP_SIM_PAGE_BYTES);
}

static bool is_used(const struct lp_sim_range *range)
{
    if (range->base == LP_SHIM_TABLES_ADDRESS)
        return false;
    for (size_t i = 0; i < page_count(range); i++)
        if (range->pages[i] != NULL)
            return true;
    return false;
}

static uint8_t *place(const struct lp_sim_range *range, size_t page)
{
    return (uint8_t *)(uintptr_t)(range->base + page * LP_SIM_PAGE_BYTES);
}

static bool map(struct lp_shim_session *s, uint32_t index)
{
    const struct lp_sim_range *range = &s->ram.ranges[index];
    if ((s->mapped >> index & 1) != 0)
        return true;
    void *wanted = place(range, 0);
    void *got = mmap(wanted, page_count(range) * LP_SIM_PAGE_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != wanted) {
        lp_shim_fail(s, LP_UNSUPPORTED, "its kernel needs memory at 0x%llx, which this PC does not give to a process",
                     (unsigned long long)range->base);
        return false;
    }
    s->mapped |= (uint64_t)1 << index;
    return true;
}

void lp_shim_map_memory(struct lp_shim_session *s)
{
    for (uint32_t r = 0; r < s->ram.range_count && r < 64; r++) {
        const struct lp_sim_range *range = &s->ram.ranges[r];
        if (!is_used(range) || !map(s, r))
            continue;
        for (size_t i = 0; i < page_count(range); i++)
            if (range->pages[i] != NULL)
                memcpy(place(range, i), range->pages[i]->bytes, LP_SIM_PAGE_BYTES);
    }
}

void lp_shim_map_all_memory(struct lp_shim_session *s)
{
    const uint64_t on_chip = 0x34000000;
    for (uint32_t r = 0; r < s->ram.range_count && r < 64; r++)
        if (s->ram.ranges[r].base == on_chip && !map(s, r))
            return;
    lp_shim_map_memory(s);
}

/* Runs of bytes that differ; equal ones in between stay as they are. */
static void take_back_page(struct lp_shim_session *s, const struct lp_sim_range *range, size_t page)
{
    static const uint8_t zeros[LP_SIM_PAGE_BYTES];
    const uint8_t *now = place(range, page), *then = range->pages[page] == NULL ? zeros : range->pages[page]->bytes;
    if (memcmp(now, then, LP_SIM_PAGE_BYTES) == 0)
        return;
    for (size_t i = 0, run; i < LP_SIM_PAGE_BYTES; i += run + 1) {
        run = 0;
        while (i + run < LP_SIM_PAGE_BYTES && now[i + run] != then[i + run])
            run++;
        if (run > 0)
            lp_shim_put(s, range->base + page * LP_SIM_PAGE_BYTES + i, now + i, run);
        then = range->pages[page] == NULL ? zeros : range->pages[page]->bytes;
    }
}

void lp_shim_take_memory_back(struct lp_shim_session *s)
{
    for (uint32_t r = 0; r < s->ram.range_count && r < 64; r++)
        for (size_t i = 0; (s->mapped >> r & 1) != 0 && i < page_count(&s->ram.ranges[r]); i++)
            take_back_page(s, &s->ram.ranges[r], i);
}
