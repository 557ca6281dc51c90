/* Level 3: self-test, addresses and CRC of a device log, from what lies deepest (memories) to what lies last (outputs). */
#include "diagnose/evidence.h"
#include "diagnose/memory_log.h"
#include "diagnose/predictions.h"

#include "contract/crc32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

/* ---- memories ---- */

static bool overlaps(const struct lp_log_pool *pool, uint64_t address, uint64_t size_bytes)
{
    return address < pool->base + pool->size_bytes && pool->base < address + size_bytes;
}

/* Something of the network lies there; every pool counts when the log names no ranges. */
static bool is_used(const struct lp_device_log *log, const struct lp_log_pool *pool)
{
    uint32_t ranges = log->weights.count;
    for (uint32_t i = 0; i < log->weights.count; i++)
        if (overlaps(pool, lp_log_blobs(log)[i].plan, lp_log_blobs(log)[i].size_bytes))
            return true;
    for (int kind = 0; kind < LP_LOG_KINDS; kind++)
        for (uint32_t i = 0; i < log->ranges[kind].count; i++) {
            const struct lp_log_range *r = &lp_log_ranges(log, (enum lp_log_kind)kind)[i];
            if (overlaps(pool, r->plan, r->size_bytes))
                return true;
            ranges++;
        }
    return ranges == 0;
}

/* The CPU was not tested in it, but reads parameters there that are right: a flash that takes no pattern. */
static bool is_read_well(const struct lp_device_log *log, const struct lp_log_pool *pool)
{
    for (uint32_t i = 0; i < log->weights.count; i++) {
        const struct lp_log_weights *w = &lp_log_blobs(log)[i];
        if (overlaps(pool, w->address, w->size_bytes) && w->address == w->plan && w->crc == w->plan_crc)
            return true;
    }
    return false;
}

static void weigh_pools(const struct lp_device_log *log, struct lp_findings *f)
{
    bool asleep = false, walled = false, all_tested = log->pools.count != 0, npu_tested = log->pools.count != 0;
    for (uint32_t i = 0; i < log->pools.count; i++) {
        const struct lp_log_pool *p = &lp_log_pools(log)[i];
        bool cpu_reads = p->cpu == LP_POOL_OK || (p->cpu == LP_POOL_UNKNOWN && is_read_well(log, p));
        all_tested = all_tested && (p->cpu != LP_POOL_UNKNOWN || cpu_reads);
        npu_tested = npu_tested && p->npu != LP_POOL_UNKNOWN;
        if (!is_used(log, p))
            continue;
        if (p->cpu == LP_POOL_ZERO && !asleep) {
            lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_POOL_ASLEEP, LP_OPINION_CONFIRMED,
                    "the self-test of pool %s at 0x%08llx reads zero from the CPU", p->name, (unsigned long long)p->base);
            lp_tell(f, "Pool %s (0x%08llx) reads zero and loses what the CPU writes.", p->name, (unsigned long long)p->base);
            asleep = true;
        } else if (cpu_reads && (p->npu == LP_POOL_ZERO || p->npu == LP_POOL_STUCK) && !walled) {
            lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_POOL_FIREWALLED, LP_OPINION_CONFIRMED,
                    "pool %s at 0x%08llx answers the CPU and not the NPU", p->name, (unsigned long long)p->base);
            lp_tell(f, "Pool %s (0x%08llx) answers the CPU; the NPU's reads give zero or its writes are lost.", p->name,
                    (unsigned long long)p->base);
            walled = true;
        }
    }
    if (!asleep && all_tested)
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_POOL_ASLEEP, LP_OPINION_REFUTED, "every pool passed the CPU's self-test");
    if (!walled && npu_tested)
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_POOL_FIREWALLED, LP_OPINION_REFUTED, "every pool answered the NPU in the self-test");
}

/* ---- parameters ---- */

enum { LARGEST_FILL_BYTES = 64 << 20 };

/* The CRC of `size` equal bytes. */
static bool is_crc_of_fill(uint32_t crc, uint64_t size, uint8_t fill)
{
    if (size > LARGEST_FILL_BYTES)
        return false;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return false;
    memset(bytes, fill, size);
    bool same = lp_crc32(bytes, size) == crc;
    free(bytes);
    return same;
}

/* The bytes that the log shows of the blob stand elsewhere in the program's own image of it. */
static bool head_stands_elsewhere(const struct lp_case *c, const struct lp_log_weights *w, uint64_t *at)
{
    if (w->head_bytes < 8 || c->device == NULL || w->size_bytes > LARGEST_FILL_BYTES || w->size_bytes < w->head_bytes)
        return false;
    uint8_t *bytes = malloc(w->size_bytes);
    bool found = false;
    if (bytes != NULL && c->device->image(c->device->user, w->plan, bytes, w->size_bytes))
        for (uint64_t i = 1; i + w->head_bytes <= w->size_bytes && !found; i++)
            if (memcmp(bytes + i, w->head, w->head_bytes) == 0) {
                found = true;
                *at = i;
            }
    free(bytes);
    return found;
}

static bool weigh_blob(const struct lp_case *c, const struct lp_log_weights *w, struct lp_findings *f)
{
    uint64_t at = 0;
    if (w->address != w->plan) {
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_WEIGHTS_WRONG_ADDRESS, LP_OPINION_CONFIRMED,
                "'%s' is read at 0x%08llx, the plan puts it at 0x%08llx", w->name, (unsigned long long)w->address,
                (unsigned long long)w->plan);
        lp_tell(f, "Parameters '%s' are read at 0x%08llx and lie at 0x%08llx.", w->name, (unsigned long long)w->address,
                (unsigned long long)w->plan);
        return true;
    }
    if (w->crc == w->plan_crc)
        return false;
    if (is_crc_of_fill(w->crc, w->size_bytes, 0xff) || is_crc_of_fill(w->crc, w->size_bytes, 0)) {
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_WEIGHTS_MISSING, LP_OPINION_CONFIRMED,
                "'%s' at 0x%08llx holds one repeated byte: erased or not mapped", w->name, (unsigned long long)w->plan);
        lp_tell(f, "The memory of '%s' (0x%08llx) holds nothing but 0xff or 0x00.", w->name, (unsigned long long)w->plan);
    } else if (head_stands_elsewhere(c, w, &at)) {
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_WEIGHTS_WRONG_ADDRESS, LP_OPINION_CONFIRMED,
                "at 0x%08llx stands what belongs %llu bytes further on", (unsigned long long)w->plan, (unsigned long long)at);
        lp_tell(f, "At the start of '%s' stands what belongs %llu bytes further on.", w->name, (unsigned long long)at);
    } else {
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_WEIGHTS_CORRUPT, LP_OPINION_CONFIRMED,
                "the CRC of '%s' is 0x%08x, that of the build 0x%08x", w->name, (unsigned)w->crc, (unsigned)w->plan_crc);
        lp_tell(f, "The CRC of '%s' on the device is 0x%08x; it should be 0x%08x.", w->name, (unsigned)w->crc,
                (unsigned)w->plan_crc);
    }
    return true;
}

static void weigh_weights(const struct lp_case *c, struct lp_findings *f)
{
    const struct lp_device_log *log = c->log;
    bool wrong = false;
    for (uint32_t i = 0; i < log->weights.count; i++)
        wrong = weigh_blob(c, &lp_log_blobs(log)[i], f) || wrong;
    if (log->weights.count != 0 && !wrong)
        lp_find_all(f, LP_SOURCE_LOG, BIT(WEIGHTS_MISSING) | BIT(WEIGHTS_CORRUPT) | BIT(WEIGHTS_WRONG_ADDRESS),
                    LP_OPINION_REFUTED, "addresses and CRC of all parameters are right");
}

/* ---- addresses of inputs and outputs ---- */

static void weigh_address(const struct lp_device_log *log, enum lp_log_kind kind, enum lp_trouble cause, const char *what,
                          struct lp_findings *f)
{
    for (uint32_t i = 0; i < log->ranges[kind].count; i++) {
        const struct lp_log_range *r = &lp_log_ranges(log, kind)[i];
        if (r->address == r->plan)
            continue;
        lp_find(f, LP_SOURCE_LOG, cause, LP_OPINION_CONFIRMED, "%s %u is at 0x%08llx, the network's is at 0x%08llx", what,
                (unsigned)r->index, (unsigned long long)r->address, (unsigned long long)r->plan);
        lp_tell(f, "From inference %u on %s %u is at 0x%08llx; the network uses 0x%08llx.", (unsigned)r->inference, what,
                (unsigned)r->index, (unsigned long long)r->address, (unsigned long long)r->plan);
        return;
    }
    if (log->ranges[kind].count != 0)
        lp_find(f, LP_SOURCE_LOG, cause, LP_OPINION_REFUTED, "every %s lies where the network has it", what);
}

lp_status lp_weigh_log(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f)
{
    const struct lp_device_log *log = c->log;
    lp_weigh_trace(&log->trace, LP_SOURCE_LOG, f);
    weigh_pools(log, f);
    weigh_weights(c, f);
    weigh_address(log, LP_LOG_INPUT, LP_TROUBLE_INPUT_WRONG_ADDRESS, "input", f);
    weigh_address(log, LP_LOG_OUTPUT, LP_TROUBLE_OUTPUT_WRONG_ADDRESS, "output", f);
    lp_status status = lp_weigh_log_inputs(c, f);
    if (status == LP_OK)
        status = lp_weigh_log_epochs(c, layers, f);
    if (status == LP_OK)
        lp_weigh_log_outputs(c, f);
    return status == LP_OK ? f->status : status;
}
