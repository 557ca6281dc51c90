/* Programs of the epoch controller: whatever becomes text becomes the same words again. */
#include <string.h>

#include "neural-art/ec_listing.h"
#include "neural-art/ec_run.h"
#include "tests/fuzz/fuzz.h"

static void same_words(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ec_blob *blobs, size_t count)
{
    struct lp_text text = {0};
    struct lp_ec_blob *back = NULL;
    size_t back_count = 0;
    if (lp_ec_list(diag, "damaged", blobs, count, &text) == LP_OK) {
        must(lp_ec_unlist(arena, diag, "text", lp_text_get(&text), text.length, &back, &back_count) == LP_OK,
             "the text is refused");
        must(back_count == count, "another number of programs");
        for (size_t i = 0; i < count; i++)
            must(back[i].word_count == blobs[i].word_count && memcmp(back[i].words, blobs[i].words, blobs[i].word_count * 4) == 0,
                 "other words");
    }
    lp_text_free(&text);
}

static lp_status take_tables(void *ctx, uint32_t address, const uint8_t *bytes, size_t count)
{
    (void)ctx;
    must(address == 0x1000 && bytes != NULL && count == LP_EC_TABLE_BYTES, "other tables than announced");
    return LP_OK;
}

static lp_status take_epoch(void *ctx, const struct lp_npu_epoch *epoch)
{
    (void)ctx;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        must(epoch->unit_count[type] <= LP_NPU_MOST_UNITS, "more units than there are");
    must(epoch->route_count <= LP_EC_MOST_ROUTES, "more routes than there are destinations");
    return LP_OK;
}

static void run(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ec_blob *blob)
{
    const struct lp_ec_host host = {NULL, 0x1000, take_tables, take_epoch};
    const uint32_t *program;
    uint32_t count;
    if (lp_ec_program(diag, "damaged", blob->words, blob->word_count, &program, &count) == LP_OK)
        (void)lp_ec_run(arena, diag, "damaged", program, count, &host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_ec_blob *blobs = NULL;
    size_t count = 0;
    if (lp_ec_blobs_of(&arena, &diag, "damaged", data, size_bytes, &blobs, &count) == LP_OK) {
        same_words(&arena, &diag, blobs, count);
        for (size_t i = 0; i < count && i < 4; i++)
            run(&arena, &diag, &blobs[i]);
    }
    if (lp_ec_unlist(&arena, &diag, "text", (const char *)data, size_bytes, &blobs, &count) == LP_OK && count > 0)
        run(&arena, &diag, &blobs[0]);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
