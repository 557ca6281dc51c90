/* Device logs: ranges stand in the order of their inferences, and a pool holds all of what it is said to hold. */
#include "diagnose/device_log.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct lp_device_log *log)
{
    must(log->trace.count > 0, "a log without an inference");
    for (int kind = 0; kind < LP_LOG_KINDS; kind++) {
        const struct lp_log_range *ranges = lp_log_ranges(log, (enum lp_log_kind)kind);
        for (uint32_t i = 0; i < log->ranges[kind].count; i++) {
            const struct lp_log_pool *pool = lp_log_pool_of(log, ranges[i].address, ranges[i].size_bytes);
            must(ranges[i].inference < log->trace.count, "a range of no inference");
            must(i == 0 || ranges[i - 1].inference <= ranges[i].inference, "inferences out of order");
            must(pool == NULL || (pool->base <= ranges[i].address &&
                                  ranges[i].address + ranges[i].size_bytes <= pool->base + pool->size_bytes),
                 "a pool that does not hold the range");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct lp_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct lp_diag diag = {0};
    struct lp_device_log log;
    lp_status status = lp_device_log_read(&arena, &diag, "damaged", data, size_bytes, &log);
    must(status == LP_OK || diag.error_count > 0, "refused without a word");
    if (status == LP_OK)
        check(&log);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
