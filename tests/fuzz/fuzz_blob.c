/* Programs of the epoch controller: whatever becomes text becomes the same words again. */
#include <string.h>

#include "neural-art/ec_listing.h"
#include "tests/fuzz/fuzz.h"

static void same_words(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ec_blob *blobs, size_t count)
{
    struct lp_text text = {0};
    struct lp_ec_blob *back = NULL;
    size_t back_count = 0;
    if (lp_ec_list(diag, "damaged", blobs, count, &text) == LP_OK) {
        must(lp_ec_unlist(arena, diag, "text", lp_text_get(&text), text.length, &back, &back_count) == LP_OK, "the text is refused");
        must(back_count == count, "another number of programs");
        for (size_t i = 0; i < count; i++)
            must(back[i].word_count == blobs[i].word_count && memcmp(back[i].words, blobs[i].words, blobs[i].word_count * 4) == 0,
                 "other words");
    }
    lp_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_ec_blob *blobs = NULL;
    size_t count = 0;
    if (lp_ec_blobs_of(&arena, &diag, "damaged", data, size_bytes, &blobs, &count) == LP_OK)
        same_words(&arena, &diag, blobs, count);
    (void)lp_ec_unlist(&arena, &diag, "text", (const char *)data, size_bytes, &blobs, &count);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
