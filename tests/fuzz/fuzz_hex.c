/* Intel hex: every accepted byte comes from a record, addresses stay below what the format can say. */
#include "neural-art/hex.h"
#include "tests/fuzz/fuzz.h"

static lp_status count_bytes(void *ctx, uint64_t address, const uint8_t *bytes, size_t count)
{
    size_t *total = ctx;
    must(count >= 1 && count <= 255 && bytes != NULL, "a record of impossible size");
    must(address <= UINT64_C(0xffff0000) + 0xffff, "an address beyond the format");
    *total += count;
    return LP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct lp_diag diag = {0};
    size_t total = 0;
    lp_status status = lp_hex_read(&diag, "damaged.hex", data, size_bytes, count_bytes, &total);
    must(total * 2 <= size_bytes, "more bytes than the text has digits");
    must(status == LP_OK || diag.error_count > 0, "refused without a word");
    lp_diag_free(&diag);
    return 0;
}
