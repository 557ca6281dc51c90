/* Names of contents: model files in reports and emitted C, files in a folder that generate wrote. */
#ifndef LP_COMPILER_BASE_SHA256_H
#define LP_COMPILER_BASE_SHA256_H

#include <stddef.h>

enum { LP_SHA256_TEXT_BYTES = 65 };

/* 64 hexadecimal digits in small letters and a zero. */
void lp_sha256_text(const void *data, size_t size_bytes, char text[LP_SHA256_TEXT_BYTES]);

#endif
