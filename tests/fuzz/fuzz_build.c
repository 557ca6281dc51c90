/* What another compiler left, from hostile hands: the first byte says as which of the files the rest is read. Whatever is read
 * adds up. */
#include "explain/ledger.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lp_arena arena = {.limit_bytes = 1 << 28};
    struct lp_diag diag = {0};
    struct lp_build build = {.weights_bytes = -1, .activations_bytes = -1};
    struct lp_build_ledger ledger;
    const char *text = (const char *)data + 1;
    lp_status status = LP_BAD_INPUT;
    if (size > 0 && data[0] == 'c')
        status = lp_build_read_source(&arena, &diag, "fuzz", text, size - 1, &build);
    else if (size > 0 && data[0] == 'r')
        status = lp_build_read_report(&arena, &diag, "fuzz", text, size - 1, &build);
    else if (size > 0)
        status = lp_build_read_c_info(&arena, &diag, "fuzz", text, size - 1, &build);
    if (status == LP_OK && lp_build_account(&arena, &diag, &build, NULL, 0, &ledger) == LP_OK) {
        int64_t sum = 0;
        for (int c = 0; c <= LP_CAUSE_COUNT; c++)
            sum += lp_build_cause_bytes(&ledger, (enum lp_cause)c);
        must(sum == ledger.total_bytes, "the causes add up to the total");
    }
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
