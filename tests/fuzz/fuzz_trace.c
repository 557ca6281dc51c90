/* Traces of run loops: whatever is read keeps what the header promises. */
#include "diagnose/trace.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct lp_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct lp_diag diag = {0};
    struct lp_trace trace;
    lp_status status = lp_trace_read(&arena, &diag, "damaged", data, size_bytes, &trace);
    must(status == LP_OK || diag.error_count > 0, "refused without a word");
    for (uint32_t i = 0; status == LP_OK && i < trace.count; i++) {
        const struct lp_trace_inference *item = &trace.items[i];
        must(item->waits <= item->run_calls && item->blocks_run <= item->run_calls, "more waits or blocks than calls");
        must(item->resets_early <= item->resets + item->resets_refused, "more early resets than resets");
    }
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
