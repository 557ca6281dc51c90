#include "neural-art/ec_listing.h"

#include <ctype.h>
#include <string.h>

static bool holds(const uint8_t *bytes, size_t size_bytes, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size_bytes; i++)
        if (memcmp(bytes + i, word, length) == 0)
            return true;
    return false;
}

static lp_status raw_words(struct lp_arena *arena, struct lp_diag *diag, const char *label, const uint8_t *bytes,
                           size_t size_bytes, struct lp_ec_blob *blob)
{
    if (size_bytes % 4 != 0)
        return lp_error(diag, LP_BAD_INPUT, "%s: %zu bytes are not a whole number of 32-bit words", label, size_bytes);
    uint32_t *words = LP_NEW_ARRAY(arena, size_bytes / 4, uint32_t);
    if (words == NULL)
        return lp_no_memory(diag);
    for (size_t i = 0; i < size_bytes; i++)
        words[i / 4] |= (uint32_t)bytes[i] << (8 * (i % 4));
    *blob = (struct lp_ec_blob){.words = words, .word_count = size_bytes / 4};
    return LP_OK;
}

lp_status lp_ec_blobs_of(struct lp_arena *arena, struct lp_diag *diag, const char *label, const uint8_t *bytes, size_t size_bytes,
                         struct lp_ec_blob **blobs, size_t *blob_count)
{
    if (holds(bytes, size_bytes, "uint64_t"))
        return lp_ec_read_header(arena, diag, label, (const char *)bytes, size_bytes, blobs, blob_count);
    *blobs = LP_NEW(arena, struct lp_ec_blob);
    *blob_count = 1;
    return *blobs == NULL ? lp_no_memory(diag) : raw_words(arena, diag, label, bytes, size_bytes, *blobs);
}

lp_status lp_ec_list(struct lp_diag *diag, const char *label, const struct lp_ec_blob *blobs, size_t blob_count,
                     struct lp_text *out)
{
    for (size_t i = 0; i < blob_count; i++) {
        if (blobs[i].name != NULL)
            lp_text_printf(out, "%sblob %s\n", i == 0 ? "" : "\n", blobs[i].name);
        lp_status status = lp_ec_disassemble(diag, blobs[i].name == NULL ? label : blobs[i].name, blobs[i].words,
                                             blobs[i].word_count, out);
        if (status != LP_OK)
            return status;
    }
    return out->failed ? lp_no_memory(diag) : LP_OK;
}

/* The name behind "blob " when that begins the line at `at`; its length, 0 when the line is another. */
static size_t blob_name(const char *at, const char *end, const char **name)
{
    static const char word[] = "blob ";
    if ((size_t)(end - at) < sizeof word || memcmp(at, word, sizeof word - 1) != 0)
        return 0;
    *name = at + sizeof word - 1;
    const char *stop = *name;
    while (stop < end && (isalnum((unsigned char)*stop) || *stop == '_'))
        stop++;
    return (size_t)(stop - *name);
}

/* The first "blob NAME" line at or behind `at`, `end` when there is none. `at` begins a line. */
static const char *next_blob(const char *at, const char *end)
{
    const char *name;
    while (at < end && blob_name(at, end, &name) == 0) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        at = stop == NULL ? end : stop + 1;
    }
    return at;
}

lp_status lp_ec_unlist(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                       struct lp_ec_blob **blobs, size_t *blob_count)
{
    const char *end = text + length, *at = next_blob(text, end);
    size_t most = 1;
    for (const char *c = at; c < end; c = next_blob(c + 1, end))
        most++;
    *blobs = LP_NEW_ARRAY(arena, most, struct lp_ec_blob);
    *blob_count = 0;
    if (*blobs == NULL)
        return lp_no_memory(diag);
    if (at == end) {
        *blob_count = 1;
        return lp_ec_assemble(arena, diag, label, text, length, &(*blobs)->words, &(*blobs)->word_count);
    }
    while (at < end) {
        struct lp_ec_blob *blob = &(*blobs)[(*blob_count)++];
        const char *name = NULL;
        size_t name_length = blob_name(at, end, &name);
        const char *body = name + name_length, *stop = next_blob(body, end);
        blob->name = lp_arena_text(arena, name, name_length);
        if (blob->name == NULL)
            return lp_no_memory(diag);
        lp_status status = lp_ec_assemble(arena, diag, blob->name, body, (size_t)(stop - body), &blob->words, &blob->word_count);
        if (status != LP_OK)
            return status;
        at = stop;
    }
    return LP_OK;
}

lp_status lp_ec_header(struct lp_diag *diag, const struct lp_ec_blob *blobs, size_t blob_count, struct lp_text *out)
{
    lp_text_printf(out, "#include <stdint.h>\n");
    for (size_t i = 0; i < blob_count; i++) {
        const struct lp_ec_blob *b = &blobs[i];
        if (b->name == NULL)
            return lp_error(diag, LP_BAD_INPUT, "a C header needs a name for each program: begin the text with \"blob NAME\"");
        if (b->word_count % 2 != 0)
            return lp_error(diag, LP_BAD_INPUT, "%s: %zu words do not fill an array of uint64_t: add \"padding 1\"", b->name,
                            b->word_count);
        lp_text_printf(out, "\nstatic const uint64_t %s[] __attribute__((aligned(64))) = {\n", b->name);
        for (size_t w = 0; w < b->word_count; w += 2)
            lp_text_printf(out, "%s0x%08x%08xUL,%s", w % 8 == 0 ? "    " : " ", b->words[w + 1], b->words[w],
                           w % 8 == 6 || w + 2 == b->word_count ? "\n" : "");
        lp_text_printf(out, "};\n");
    }
    return out->failed ? lp_no_memory(diag) : LP_OK;
}
