#include "cli/check/seal.h"

#include "compiler/base/sha256.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK_LEAST = 512, MOST_BLOCKS = 4096, DIGITS = 8 };

static size_t block_bytes_for(size_t size_bytes)
{
    size_t block = BLOCK_LEAST;
    while (size_bytes / block > MOST_BLOCKS)
        block *= 2;
    return block;
}

static uint32_t block_crc(const uint8_t *data, size_t size_bytes, size_t start, size_t block)
{
    return (uint32_t)crc32_z(0, data + start, size_bytes - start < block ? size_bytes - start : block);
}

static void write_hex(uint32_t value, char *out)
{
    for (int i = 0; i < DIGITS; i++)
        out[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    out[DIGITS] = '\0';
}

json_t *lp_seal_make(const void *data, size_t size_bytes)
{
    char sha[LP_SHA256_TEXT_BYTES];
    size_t block = block_bytes_for(size_bytes), count = (size_bytes + block - 1) / block;
    char *digits = malloc(count * DIGITS + 1);
    if (digits == NULL)
        return NULL;
    digits[0] = '\0';
    for (size_t i = 0; i < count; i++)
        write_hex(block_crc(data, size_bytes, i * block, block), digits + i * DIGITS);
    lp_sha256_text(data, size_bytes, sha);
    json_t *seal = json_pack("{s:I, s:s, s:I, s:s}", "bytes", (json_int_t)size_bytes, "sha256", sha, "block_bytes",
                             (json_int_t)block, "crc32", digits);
    free(digits);
    return seal;
}

bool lp_seal_differs(const json_t *seal, const void *data, size_t size_bytes, struct lp_seal_difference *out)
{
    const char *crcs = json_string_value(json_object_get(seal, "crc32"));
    const char *sha = json_string_value(json_object_get(seal, "sha256"));
    json_int_t was = json_integer_value(json_object_get(seal, "bytes"));
    json_int_t block = json_integer_value(json_object_get(seal, "block_bytes"));
    char now[LP_SHA256_TEXT_BYTES];
    *out = (struct lp_seal_difference){0};
    if (crcs == NULL || sha == NULL || was < 0 || block <= 0 || strlen(crcs) != (size_t)((was + block - 1) / block) * DIGITS) {
        out->is_damaged = true;
        return true;
    }
    lp_sha256_text(data, size_bytes, now);
    bool is_same = (size_t)was == size_bytes && strcmp(now, sha) == 0;
    out->added_bytes = (int64_t)size_bytes - (int64_t)was;
    size_t size = (size_t)block, start = 0;
    while (start < size_bytes && start < (size_t)was) {
        char digits[DIGITS + 1];
        size_t old = (size_t)was - start < size ? (size_t)was - start : size;
        size_t length = size_bytes - start < old ? size_bytes - start : old;
        write_hex(block_crc(data, start + length, start, size), digits);
        if (length != old || strncmp(digits, crcs + start / size * DIGITS, DIGITS) != 0)
            break;
        start += old;
    }
    if (is_same && start == size_bytes)
        return false;
    /* Its sum says that nothing changed, its parts say otherwise: they were. */
    out->is_damaged = is_same;
    out->first_byte = start;
    out->last_byte = start + size - 1 < size_bytes ? start + size - 1 : size_bytes == 0 ? 0 : size_bytes - 1;
    if (out->last_byte < start)
        out->last_byte = start;
    return true;
}
