#include "compiler/base/sha256.h"

#include <nettle/sha2.h>
#include <stdint.h>

void lp_sha256_text(const void *data, size_t size_bytes, char text[LP_SHA256_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, size_bytes, data);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[LP_SHA256_TEXT_BYTES - 1] = '\0';
}
