/* What is remembered of a file's bytes, so that a later look says whether and where they changed. */
#ifndef LP_CLI_CHECK_SEAL_H
#define LP_CLI_CHECK_SEAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {"bytes", "sha256", "block_bytes", "crc32": of each block, 8 hexadecimal digits each in one text}. A new reference. */
json_t *lp_seal_make(const void *data, size_t size_bytes);

struct lp_seal_difference {
    bool is_damaged;              /* the seal itself cannot be read */
    int64_t added_bytes;          /* how much longer the file is than it was; negative: shorter */
    size_t first_byte, last_byte; /* the first place that differs, both included; beyond the end when only something is missing */
};

/* False when the bytes are those that were sealed; else `out` says where they differ. */
bool lp_seal_differs(const json_t *seal, const void *data, size_t size_bytes, struct lp_seal_difference *out);

#endif
