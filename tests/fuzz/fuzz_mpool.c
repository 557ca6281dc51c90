/* Memory pool files from hostile hands. What is read keeps the promises that the planner relies on. */
#include "compiler/target/target.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lp_arena arena = {.limit_bytes = 1 << 24};
    struct lp_diag diag = {0};
    struct lp_target target = {0};
    lp_status status = lp_mpool_parse(&arena, &diag, "fuzz", (const char *)data, size, &target);
    must(status == LP_OK || diag.error_count > 0, "a refusal without a message");
    for (uint32_t i = 0; status == LP_OK && i < target.pool_count; i++) {
        const struct lp_pool *a = &target.pools[i];
        must(a->name != NULL && a->size_bytes > 0 && a->base + a->size_bytes <= (uint64_t)1 << 32, "a pool outside of memory");
        must(lp_pool_cost(a) <= 1000000, "a cost beyond all bounds");
        for (uint32_t k = 0; k < i; k++)
            must(a->base >= target.pools[k].base + target.pools[k].size_bytes || target.pools[k].base >= a->base + a->size_bytes,
                 "pools that overlap");
    }
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
